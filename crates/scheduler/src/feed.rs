//! What the clinics' feeds should hold about a patient: EA that prepare their PT, PT without EA, and holds advised.

use std::collections::BTreeSet;

use care::Chart;
use care::chart::{Session, SessionStatus};
use care::fact::ours::Action;
use care::fact::session::Modality;
use care::feed::{FeedEntry, Posting};
use care::id::{ClinicId, SessionId};

/// Every entry, as it should stand now.
#[must_use]
pub fn postings(chart: &Chart) -> Vec<Posting> {
    let mut all = Vec::new();
    for (id, session) in &chart.sessions {
        match session.modality() {
            Some(Modality::Ea) => all.extend(ea(chart, id, session)),
            Some(Modality::Pt) => all.extend(pt(chart, id, session)),
            _ => {}
        }
    }
    all
}

/// An EA concerns every clinic whose PT it prepares, or once did: they must hear that it no longer does.
fn ea(chart: &Chart, id: &SessionId, session: &Session) -> Vec<Posting> {
    let ever = session
        .history()
        .filter_map(|(_, step)| step.booking())
        .flat_map(|b| b.prepares.iter().flatten());
    let clinics: BTreeSet<&ClinicId> = ever
        .filter_map(|pt| chart.sessions.get(pt))
        .filter_map(Session::clinic)
        .collect();
    let posting = |clinic: &ClinicId| {
        let mut entry = entry(chart, id, session)?;
        entry.prepares = session.prepares().to_vec();
        entry.lead_hours = session.booking().and_then(|b| b.lead_hours);
        Some(Posting {
            clinic: clinic.clone(),
            entry,
        })
    };
    clinics.into_iter().filter_map(posting).collect()
}

/// A PT is told of only if carebus had something to say about it: that nothing prepares it, or that holding it is advised.
fn pt(chart: &Chart, id: &SessionId, session: &Session) -> Option<Posting> {
    let newest = chart
        .unprepared
        .range((id.clone(), 0)..=(id.clone(), u64::MAX))
        .next_back()
        .map(|(_, said)| &said.value);
    let advised = hold_advised(chart, session);
    if newest.is_none() && advised.is_none() {
        return None;
    }
    let mut entry = entry(chart, id, session)?;
    entry.hold_advised = advised.unwrap_or(false);
    let prepared = chart
        .sessions
        .values()
        .any(|s| s.prepares().contains(id) && counts(s));
    if let Some(said) = newest.filter(|said| said.revision == session.revision() && !prepared)
        && session.status().is_expected()
    {
        "unprepared".clone_into(&mut entry.status);
        entry.reasons.clone_from(&said.reasons);
    }
    Some(Posting {
        clinic: session.clinic()?.clone(),
        entry,
    })
}

fn counts(session: &Session) -> bool {
    session.status().is_expected() || session.status() == SessionStatus::Completed
}

/// Whether holding the PT is advised now; none if it never was.
fn hold_advised(chart: &Chart, session: &Session) -> Option<bool> {
    let start = session.start()?;
    let advises = |a: &&care::chart::Alert| {
        a.raised.as_ref().is_some_and(|(stamp, raised)| {
            stamp.time < start
                && raised
                    .actions
                    .iter()
                    .any(|action| action.what == Action::ADVISE_PT_HOLD)
        })
    };
    let mut alerts = chart.alerts.values().filter(advises).peekable();
    alerts.peek()?;
    Some(alerts.any(|a| a.is_true()))
}

fn entry(chart: &Chart, id: &SessionId, session: &Session) -> Option<FeedEntry> {
    Some(FeedEntry {
        patient: chart.patient.clone(),
        session_id: id.clone(),
        revision: session.revision(),
        modality: session.modality()?,
        status: session.status().code().to_owned(),
        start: session.start()?,
        end: session.end()?,
        prepares: Vec::new(),
        lead_hours: None,
        reasons: Vec::new(),
        hold_advised: false,
    })
}
