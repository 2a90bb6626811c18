//! What a notice is about, from the keys that the log remembers of it.

use care::Chart;
use care::chart::{SessionStatus, Step};
use care::fact::session::Modality;
use care::sentence::{modality, moment};

/// One thing a notice tells.
pub(super) struct About {
    /// A short name, e.g. `alert-urgent`, `session-moved`.
    pub(super) kind: String,
    /// In words.
    pub(super) says: String,
}

/// What a key stands for; a role in whose place somebody was told is no thing of its own.
pub(super) fn about(chart: &Chart, key: &str) -> Option<About> {
    let (id, rest) = key.split_once('/').unwrap_or((key, ""));
    let (rest, instead) = rest.split_once("for-").unwrap_or((rest, ""));
    if !instead.is_empty() {
        return None;
    }
    let rest = rest.trim_end_matches('/');
    let found = alert(chart, id, rest)
        .or_else(|| report(chart, key))
        .or_else(|| oswestry(id, rest))
        .or_else(|| session(chart, id, rest));
    Some(found.unwrap_or_else(|| About {
        kind: "other".to_owned(),
        says: key.to_owned(),
    }))
}

/// In words, what a key stands for in a chart that knows it.
pub(super) fn known(chart: &Chart, key: &str) -> Option<String> {
    let (id, rest) = key.split_once('/').unwrap_or((key, ""));
    let found = alert(chart, id, rest)?;
    Some(format!("{} of {}", found.says, chart.patient))
}

/// A report, by its id.
fn report(chart: &Chart, key: &str) -> Option<About> {
    let (_, report) = chart.reports.get(key.strip_prefix("report/")?)?;
    let kind = match report.reason.as_str() {
        _ if report.closing => "report-closing",
        reason if reason.starts_with("outcome") => "report-outcome",
        _ => "report-progress",
    };
    Some(About {
        kind: kind.to_owned(),
        says: format!("report: {}", report.reason),
    })
}

/// Everything a notice tells, in words.
pub(super) fn words(chart: &Chart, keys: &[String]) -> Vec<String> {
    keys.iter()
        .filter_map(|key| Some(about(chart, key)?.says))
        .collect()
}

fn alert(chart: &Chart, id: &str, rest: &str) -> Option<About> {
    let alert = chart.alerts.get(id)?;
    let (_, raised) = alert.raised.as_ref()?;
    let (kind, words) = match rest {
        "" => (format!("alert-{}", raised.severity.code()), String::new()),
        "resolved" => ("alert-ended".to_owned(), " ended".to_owned()),
        step => ("alert-again".to_owned(), format!(" told again ({step})")),
    };
    Some(About {
        kind,
        says: format!("alert {}{words}", raised.rule),
    })
}

fn oswestry(id: &str, rest: &str) -> Option<About> {
    let (due, step) = rest.split_once('/').filter(|_| id == "oswestry")?;
    let kind = if step == "due" {
        "oswestry-due"
    } else {
        "oswestry-overdue"
    };
    Some(About {
        kind: kind.to_owned(),
        says: format!("Oswestry of {due}, {}", step.replace('-', " ")),
    })
}

fn session(chart: &Chart, id: &str, rest: &str) -> Option<About> {
    let session = chart.sessions.get(id)?;
    let zone = chart.zone();
    let (revision, more) = rest.split_once('/').unwrap_or((rest, ""));
    let what = match more {
        "unprepared" | "withdrawn" => more,
        _ => revision
            .parse()
            .ok()
            .and_then(|revision| step(chart, id, revision))
            .unwrap_or("changed"),
    };
    let at = session
        .start()
        .map_or_else(String::new, |at| format!(" of {}", moment(at, &zone)));
    let name = modality(session.modality().unwrap_or(Modality::Ea));
    let kind = if more == "unprepared" {
        "unprepared".to_owned()
    } else {
        format!("session-{what}")
    };
    Some(About {
        kind,
        says: format!("{name}{at} {what}"),
    })
}

/// What a revision of a session did.
fn step(chart: &Chart, id: &str, revision: u64) -> Option<&'static str> {
    let session = chart.sessions.get(id)?;
    let (_, step) = session
        .history()
        .find(|(version, _)| version.revision == revision)?;
    Some(match step {
        Step::Booked(b) if b.status == care::fact::session::BookingStatus::Proposed => {
            SessionStatus::Proposed.code()
        }
        Step::Booked(_) => "booked",
        Step::Moved(_) => "moved",
        Step::Cancelled(_) => "cancelled",
        Step::Held(_) => "held",
        Step::Released(_) => "released",
        Step::Confirmed(_) => "confirmed",
        Step::Declined(_) => "declined",
        Step::Missed(_) => "missed",
        Step::Completed(_) => "completed",
    })
}
