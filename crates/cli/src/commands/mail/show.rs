//! `mail show`: a letter composed again from the log as it stood when it was claimed.

use std::process::ExitCode;

use care::chart::NoticeRecord;
use care::fact::Fact;
use care::id::NoticeId;
use care::time::Timestamp;
use care::{About, Chart, Event};
use mailer::Mail;
use serde::Serialize;

use super::about::{known, words};
use crate::args::MailShow;
use crate::commands::chart::{Told, told, told_of_nobody};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::fold::{self, Folded};
use crate::output::Output;

/// How the letter stands to what would be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Today {
    /// The same words.
    Same,
    /// Other words.
    Different,
    /// Nothing of it would be told any more.
    Nothing,
}

/// One letter.
#[derive(Debug, Serialize)]
struct Shown {
    #[serde(flatten)]
    told: Told,
    tells: Vec<String>,
    claimed_at: Timestamp,
    subject: String,
    text: String,
    html: String,
    has_invitation: bool,
    today: Today,
}

pub(super) async fn run(args: &MailShow, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    let folded = fold::view(&args.view, config).await?;
    let charts = folded.engine.charts();
    let found = charts
        .iter()
        .find_map(|chart| Some((chart, chart.notices.get(&args.notice)?)));
    let Some((chart, record)) = found else {
        return about_no_patient(args, &folded, config, output);
    };
    let (before, attempt, at) = claim(&folded.events, chart, &args.notice).ok_or_else(|| {
        let message = format!("the claim of notice {} is not in this log", args.notice);
        Failure::new(Exit::NoInput, message).help("a log from its beginning holds it: carebus export")
    })?;
    let mail = folded
        .engine
        .reprint(&before, &record.notice, attempt, at)
        .ok_or_else(|| unwritten(&args.notice))?;
    let last = folded.events.iter().map(|event| event.time).max().unwrap_or(at);
    let today = today(&mail, folded.engine.reprint(chart, &record.notice, attempt, last));
    let shown = shown(chart, record, &mail, at, today);
    show(args, &shown, &mail, output)
}

/// A digest, or a letter about a practitioner: the state is folded up to its claim, and what would be written then is
/// the letter.
fn about_no_patient(
    args: &MailShow,
    folded: &Folded,
    config: &Config,
    output: &Output,
) -> Result<ExitCode, Failure> {
    let mut others = folded.engine.other_notices();
    let (about, record) = others
        .find(|(_, record)| record.notice.notice_id == args.notice)
        .ok_or_else(|| {
            Failure::new(
                Exit::NoInput,
                format!("no notice in the log is called {}", args.notice),
            )
            .help("`carebus mail list` shows the ids")
        })?;
    let claims =
        |event: &Event| matches!(&event.fact, Fact::NoticeAttempted(n) if n.notice_id == args.notice);
    let place = folded
        .events
        .iter()
        .rposition(claims)
        .unwrap_or(folded.events.len());
    let at = folded
        .events
        .get(place)
        .map_or(Timestamp::MAX, |event| event.time);
    let before = folded.before(place, config);
    let mail = before
        .letter(&about, &args.notice, at)
        .ok_or_else(|| unwritten(&args.notice))?;
    let charts = folded.engine.charts();
    let known = |key: &String| charts.iter().find_map(|chart| known(chart, key));
    let shown = Shown {
        told: told_of_nobody(&args.notice, record),
        tells: record.notice.about.iter().filter_map(known).collect(),
        claimed_at: at,
        subject: mail.subject.clone(),
        text: mail.text.expose().clone(),
        html: mail.html.expose().clone(),
        has_invitation: false,
        // It is written once; the next one is another letter.
        today: Today::Nothing,
    };
    show(args, &shown, &mail, output)
}

fn unwritten(notice: &NoticeId) -> Failure {
    let message = format!(
        "under the present policy notice {notice} would not have been written, so its words cannot be shown"
    );
    Failure::new(Exit::BadData, message).help(
        "give the policy of then: in the configuration, policy = \"…\"; carebus explain says what it told",
    )
}

fn show(args: &MailShow, shown: &Shown, mail: &Mail, output: &Output) -> Result<ExitCode, Failure> {
    if let Some(path) = &args.eml {
        let bytes = post::mime::compose(mail).map_err(|e| Failure::new(Exit::BadData, e.to_string()))?;
        std::fs::write(path, bytes).map_err(|e| Failure::file(path, &e))?;
        output.note(format!("{}: the whole mail, with its address", path.display()));
        return Ok(ExitCode::SUCCESS);
    }
    if output.json() {
        output.value(shown)?;
    } else if args.html {
        output.line(&shown.html)?;
    } else {
        print(shown, output)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn shown(chart: &Chart, record: &NoticeRecord, mail: &Mail, claimed_at: Timestamp, today: Today) -> Shown {
    Shown {
        told: told(chart, &record.notice.notice_id, record),
        tells: words(chart, &record.notice.about),
        claimed_at,
        subject: mail.subject.clone(),
        text: mail.text.expose().clone(),
        html: mail.html.expose().clone(),
        has_invitation: mail.invitation.is_some(),
        today,
    }
}

fn print(shown: &Shown, output: &Output) -> Result<(), Failure> {
    let role = shown
        .told
        .role
        .map_or_else(String::new, |role| format!("{role} "));
    output.line(format!("To:      {role}{}", shown.told.member_id))?;
    output.line(format!("Claimed: {} ({})", shown.claimed_at, shown.told.state))?;
    output.line(format!("About:   {}", shown.tells.join(", ")))?;
    if shown.has_invitation {
        output.line("With:    an invitation for the calendar")?;
    }
    output.line(format!("Subject: {}\n", shown.subject))?;
    output.line(shown.text.trim_end())?;
    output.note(match shown.today {
        Today::Same => "sent now it would say the same",
        Today::Different => {
            "sent now it would say something else: the chart, or the policy, has changed since"
        }
        Today::Nothing => "now it would not be sent: nothing of it is still to be told",
    });
    Ok(())
}

fn today(then: &Mail, now: Option<Mail>) -> Today {
    match now {
        None => Today::Nothing,
        Some(now) if now.subject == then.subject && now.text == then.text && now.html == then.html => {
            Today::Same
        }
        Some(_) => Today::Different,
    }
}

/// The chart as it stood before the newest try of a notice was claimed, that try, and when that was. Claims that were
/// decided together are seen together.
fn claim(log: &[Event], chart: &Chart, notice: &NoticeId) -> Option<(Chart, u32, Timestamp)> {
    let about = About::Patient(chart.patient.clone());
    let theirs: Vec<&Event> = log.iter().filter(|event| event.about == about).collect();
    let attempt = |event: &Event| match &event.fact {
        Fact::NoticeAttempted(n) if n.notice_id == *notice => Some(n.attempt),
        _ => None,
    };
    let place = theirs.iter().rposition(|event| attempt(event).is_some())?;
    let (number, at) = (attempt(theirs[place])?, theirs[place].time);
    let together = theirs[..place]
        .iter()
        .rev()
        .take_while(|event| matches!(event.fact, Fact::NoticeAttempted(_)) && event.time == at)
        .count();
    let mut before = Chart::new(chart.patient.clone());
    for event in &theirs[..place - together] {
        before.apply(event);
    }
    Some((before, number, at))
}
