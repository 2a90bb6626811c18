//! Why a session stands where it does: what it prepares and was aimed at, or what stands in the way of an EA.

use care::Chart;
use care::chart::{Session, SessionStatus};
use care::fact::session::Unprepared;
use care::id::{EventId, SessionId};
use care::sentence::{hours_between, modality, moment};

use super::reasons::{About, Reasons, notices};
use super::story::Story;

/// A session, by its revisions.
pub(super) fn of_session(chart: &Chart, id: &str, session: &Session, story: &Story<'_>) -> (Reasons, About) {
    let kind = session.modality().map_or("session", modality);
    let when = session
        .start()
        .map_or_else(|| "at an unknown time".to_owned(), |at| moment(at, &story.zone));
    let mut reasons = Reasons {
        notices: notices(chart, id, story),
        ..Reasons::default()
    };
    let by = if session.is_ours() {
        ", placed by carebus"
    } else {
        ""
    };
    reasons.says.push(format!(
        "{kind} {id} of patient {}: {when}, {}{by}",
        chart.patient,
        session.status().code()
    ));
    let mut because: Vec<EventId> = Vec::new();
    for pt in session.prepares() {
        let other = chart.sessions.get(pt);
        let gap = session
            .start()
            .zip(other.and_then(Session::start))
            .map_or_else(String::new, |(ea, pt)| {
                format!(", {} later", hours_between(ea, pt))
            });
        reasons.says.push(format!("it prepares PT {pt}{gap}"));
        because.extend(other.and_then(Session::booked_by).map(|stamp| stamp.id.clone()));
    }
    if let Some((booking, placement)) = session.booking().and_then(|b| Some((b, b.placement.as_ref()?))) {
        let lead = booking
            .lead_hours
            .map_or_else(String::new, |h| format!("{h} h before PT, "));
        reasons.rule.insert(
            "aimed at",
            format!("{lead}{}", moment(placement.target, &story.zone)),
        );
        reasons.rule.insert(
            "deviation",
            format!("{} min ({})", placement.deviation_min, placement.rule),
        );
    }
    let preparing: Vec<(&SessionId, &Session)> = chart
        .sessions
        .iter()
        .filter(|(_, s)| s.prepares().iter().any(|pt| pt.as_str() == id))
        .collect();
    let is_prepared = preparing
        .iter()
        .any(|(_, s)| s.status().occupies() || s.status() == SessionStatus::Completed);
    let mut told = chart
        .unprepared
        .iter()
        .filter(|((pt, _), _)| pt.as_str() == id && !is_prepared);
    if let Some((_, told)) = told.next_back() {
        unprepared(&mut reasons, &told.value, story);
    }
    for (ea, s) in preparing {
        let start = s
            .start()
            .map_or_else(String::new, |at| format!(" {}", moment(at, &story.zone)));
        reasons
            .says
            .push(format!("EA {ea}{start} prepares it, {}", s.status().code()));
    }
    let itself = session
        .history()
        .map(|(version, _)| version.stamp.id.clone())
        .collect();
    (reasons, About { because, itself })
}

fn unprepared(reasons: &mut Reasons, told: &Unprepared, story: &Story<'_>) {
    for reason in &told.reasons {
        reasons.says.push(format!(
            "no EA can prepare it because of {}: {}",
            reason.constraint, reason.detail
        ));
    }
    for instead in &told.alternatives {
        let at = moment(instead.start, &story.zone);
        reasons.says.push(format!(
            "instead: {} {at}, {} h between, {}",
            modality(instead.modality),
            instead.gap_hours,
            instead.because
        ));
    }
}
