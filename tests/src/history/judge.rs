//! The promises, in plain arithmetic over the log, the mail server and the charts: nothing of carebus's own judgement.
//!
//! After the log went back the promises are about what it holds now: P1 and P2 of the facts that are left, P4 of a
//! rebuild from them. What people were told cannot be taken back, and a claim that is gone is derived again, so a mail
//! may go out once more for each time its claim was lost with the log, and no oftener. Facts that the world published
//! into the part that is gone are lost with it: that is the operator's backup, not a promise of carebus.

use care::chart::{Alert, Chart, TryState};
use care::fact::assessment::Body;
use care::fact::ours::Severity;
use care::id::{AlertId, EventId};
use care::{About, Fact};
use engine::{Decision, Engine, Settings};

use super::booked;
use super::eye::Eye;
use super::story::Story;
use super::world::patient;

/// What holds after every step, whatever is under way; see [`Eye`] for what may never be in the log.
///
/// # Errors
/// What does not hold.
pub fn always(story: &mut Story<'_>) -> Result<(), String> {
    if let Some(doubled) = story.log.doubled.first() {
        return Err(format!("P3: in the log twice: {doubled}"));
    }
    story.eye.follow(&story.log, story.clocks.truth)?;
    copies(story, &story.eye)?;
    for node in &story.nodes {
        story.eye.compare(node, &story.log)?;
    }
    Ok(())
}

/// P3: one copy of a mail, one more for each outcome that nobody knows if it is urgent, and one more for each time the
/// log lost its claim.
fn copies(story: &Story<'_>, eye: &Eye) -> Result<(), String> {
    for (notice, sent) in &story.mailroom.sent {
        let unknown = eye.unknown.get(notice).copied().unwrap_or(0);
        let lost = story.log.claims_lost.get(notice).copied().unwrap_or(0);
        let allowed = 1 + lost + if sent.urgent { unknown } else { 0 };
        if sent.copies > allowed {
            return Err(format!(
                "P3: notice {notice} went out {} times, with {unknown} unknown outcomes and {lost} claims lost",
                sent.copies
            ));
        }
    }
    Ok(())
}

/// P5: while a replica's clock is in doubt it does what is urgent, holds EA, and writes down what became of mail.
///
/// # Errors
/// What it does besides.
pub fn in_doubt(decision: &Decision, seen: &Engine) -> Result<(), String> {
    let chart = match &decision.about {
        About::Patient(patient) => seen.chart(patient),
        _ => None,
    };
    let is_urgent = |id: &AlertId| {
        let alert = match &decision.about {
            About::Patient(_) => chart.as_ref().and_then(|chart| chart.alerts.get(id)),
            About::Practitioner(of) => seen
                .diary()
                .practitioner(of)
                .and_then(|known| known.alerts.get(id)),
            About::Member(_) => None,
        };
        alert
            .and_then(Alert::severity)
            .is_some_and(Severity::is_immediate)
    };
    for event in &decision.events {
        let name = event.fact.name();
        let may_be = match &event.fact {
            Fact::AlertRaised(raised) => raised.severity.is_immediate(),
            Fact::AlertEscalated(told) => is_urgent(&told.alert_id),
            _ => matches!(
                name.as_str(),
                "session.held"
                    | "notice.attempted"
                    | "notice.sent"
                    | "notice.deferred"
                    | "notice.rejected"
                    | "notice.unknown"
            ),
        };
        if !may_be {
            return Err(format!(
                "P5: {name} about {} while the clock is in doubt",
                event.about
            ));
        }
    }
    match decision.mails.iter().find(|mail| !mail.urgent) {
        Some(mail) => Err(format!(
            "P5: routine mail {} while the clock is in doubt",
            mail.notice_id
        )),
        None => Ok(()),
    }
}

/// What holds once every replica has read all and has nothing more to do.
///
/// # Errors
/// What does not hold.
pub fn at_rest(story: &Story<'_>, settings: &Settings) -> Result<(), String> {
    let now = story.clocks.truth;
    let mut rebuilt = Engine::new(settings.clone());
    rebuilt.begin_backlog();
    for (position, message) in story.log.after(0) {
        match (&message.event, &message.about) {
            (Some(event), _) => rebuilt.apply(event, position),
            (None, Some(about)) => rebuilt.pass_over(about, position),
            (None, None) => rebuilt.skip_to(position),
        }
    }
    rebuilt.end_backlog();
    // P4: replicas and a rebuild from nothing have one state, and a rebuild says nothing.
    for node in &story.nodes {
        if node.engine().state_hash() != rebuilt.state_hash() {
            return Err("P4: a replica and a rebuild differ".to_owned());
        }
    }
    says_nothing(&mut rebuilt, story)?;
    // P2: at most one effective EA per PT, nobody booked against the rules.
    if let Some(first) = booked::against_the_rules(story.world(), &rebuilt, now).first() {
        return Err(format!("P2: {first}"));
    }
    for number in 0..story.world().patients {
        let Some(chart) = rebuilt.chart(&patient(number)) else {
            continue;
        };
        raised(&chart)?;
        reached(&chart)?;
        settled(&chart)?;
    }
    Ok(())
}

fn says_nothing(rebuilt: &mut Engine, story: &Story<'_>) -> Result<(), String> {
    let decisions = rebuilt.poll(story.clocks.truth);
    let says: Vec<String> = decisions
        .iter()
        .flat_map(|d| &d.events)
        .map(|e| {
            let chart = match &e.about {
                About::Patient(id) => rebuilt.chart(id),
                _ => None,
            };
            let says = care::sentence::sentence(e, chart.as_deref(), &care::time::TimeZone::UTC);
            format!("{} about {}: {says}", e.fact.name(), e.about)
        })
        .collect();
    if says.is_empty() {
        return Ok(());
    }
    Err(format!("P4: a rebuild says {}", says.join(", ")))
}

/// P1: every red flag in the log led to an alert that names it, or that was open already, or a physician had cleared
/// it before anybody of carebus was there.
fn raised(chart: &Chart) -> Result<(), String> {
    let reviews = || {
        chart
            .assessments
            .values()
            .filter(|t| matches!(t.assessment.body, Body::RedFlagReview(_)))
    };
    for taken in chart.assessments.values() {
        let at = taken.assessment.head.performed_at;
        if reviews().any(|review| review.assessment.head.performed_at >= at) {
            continue;
        }
        let is_retracted = chart
            .retractions
            .contains_key(&taken.assessment.head.assessment_id);
        if is_retracted || !matches!(taken.assessment.body, Body::RedFlag(_)) {
            continue;
        }
        let names = |because: &[EventId]| because.contains(&taken.stamp.id);
        let of_it = |alert: &Alert| {
            let raised = alert.raised.as_ref();
            raised.is_some_and(|(_, r)| {
                r.severity.is_immediate() && (names(&r.because) || r.rule.as_str().contains("red-flag"))
            })
        };
        if !chart.alerts.values().any(of_it) && chart.plan().is_some() {
            return Err(format!("P1: {} led to no alert", taken.stamp.id));
        }
    }
    Ok(())
}

/// P1: every urgent alert reached somebody, was answered, or was told again to more people.
fn reached(chart: &Chart) -> Result<(), String> {
    for (id, alert) in &chart.alerts {
        let is_immediate = alert.severity().is_some_and(Severity::is_immediate);
        if !is_immediate || !alert.is_open() || alert.acknowledged.is_some() {
            continue;
        }
        let about = |a: &String| a == id.as_str() || a.starts_with(&format!("{id}/"));
        // An unknown outcome is a mail whose last byte may have arrived; its bound is one more copy.
        let out = |s: TryState| matches!(s, TryState::Sent | TryState::Unknown);
        let sent = chart
            .notices
            .values()
            .any(|n| n.notice.about.iter().any(about) && n.tries.values().any(|t| out(t.state)));
        if !sent {
            let rule = alert
                .raised
                .as_ref()
                .map_or("?", |(_, raised)| raised.rule.as_str());
            return Err(format!("P1: nobody was reached about {rule} ({id})"));
        }
    }
    Ok(())
}

/// P8: nothing hangs: no claim without an end, no mail that waits.
fn settled(chart: &Chart) -> Result<(), String> {
    for (id, notice) in &chart.notices {
        let last = notice.last().map(|(_, t)| t.state);
        if matches!(last, Some(TryState::Attempted | TryState::Deferred)) {
            return Err(format!("P8: notice {id} is still {last:?}"));
        }
    }
    Ok(())
}
