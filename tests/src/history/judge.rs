//! The invariants, in plain arithmetic over the log, the mail server and the charts: nothing of carebus's own judgement.

use std::collections::{BTreeMap, BTreeSet};

use care::chart::{Chart, TryState};
use care::fact::ours::Severity;
use care::{Event, Fact};
use engine::{Engine, Settings};

use super::booked;
use super::story::Story;
use super::world::patient;

/// What holds after every step, whatever is under way.
///
/// # Errors
/// What does not hold.
pub fn always(story: &Story<'_>) -> Result<(), String> {
    if let Some(doubled) = story.log.doubled.first() {
        return Err(format!("in the log twice: {doubled}"));
    }
    copies(story)?;
    told_once(story.log.events())
}

/// P3: one copy of a mail, and one more for each outcome that nobody knows, urgent only.
fn copies(story: &Story<'_>) -> Result<(), String> {
    let mut unknown: BTreeMap<&str, u32> = BTreeMap::new();
    for event in story.log.events() {
        if let Fact::NoticeUnknown(notice) = &event.fact {
            *unknown.entry(notice.notice_id.as_str()).or_default() += 1;
        }
    }
    for (notice, sent) in &story.mailroom.sent {
        let more = if sent.urgent {
            unknown.get(notice.as_str()).copied().unwrap_or(0)
        } else {
            0
        };
        if sent.copies > 1 + more {
            return Err(format!(
                "notice {notice} went out {} times, with {more} unknown outcomes",
                sent.copies
            ));
        }
    }
    Ok(())
}

/// P3: nobody is told one thing under two notices.
fn told_once(events: &[Event]) -> Result<(), String> {
    let mut by: BTreeMap<(String, &str, &str), &str> = BTreeMap::new();
    for event in events {
        let Fact::NoticeAttempted(notice) = &event.fact else {
            continue;
        };
        for about in &notice.about {
            let key = (event.about.to_string(), notice.member_id.as_str(), about.as_str());
            let first = by.entry(key).or_insert(notice.notice_id.as_str());
            if *first != notice.notice_id.as_str() {
                return Err(format!(
                    "{} is told {about} under {first} and {}",
                    notice.member_id, notice.notice_id
                ));
            }
        }
    }
    Ok(())
}

/// What holds once every replica has read all and has nothing more to do.
///
/// # Errors
/// What does not hold.
pub fn at_rest(story: &Story<'_>, settings: &Settings) -> Result<(), String> {
    let hashes: BTreeSet<u64> = story.nodes.iter().map(|n| n.engine().state_hash()).collect();
    let mut rebuilt = Engine::new(settings.clone());
    for (event, position) in story.log.events().iter().zip(1..) {
        rebuilt.apply(event, position);
    }
    // P4: replicas and a rebuild from nothing have one state, and a rebuild says nothing.
    if hashes.len() != 1 || !hashes.contains(&rebuilt.state_hash()) {
        return Err(format!(
            "replicas differ: {hashes:?}, rebuilt {}",
            rebuilt.state_hash()
        ));
    }
    let decisions = rebuilt.poll(story.now);
    let says: Vec<String> = decisions
        .iter()
        .flat_map(|d| &d.events)
        .map(|e| {
            let chart = match &e.about {
                care::About::Patient(id) => rebuilt.chart(id),
                _ => None,
            };
            let says = care::sentence::sentence(e, chart.as_deref(), &care::time::TimeZone::UTC);
            format!("{} about {}: {says}", e.fact.name(), e.about)
        })
        .collect();
    if !says.is_empty() {
        return Err(format!("a rebuild says {}", says.join(", ")));
    }
    // P2: at most one effective EA per PT, nobody booked against the rules.
    let wrong = booked::against_the_rules(story.world(), &rebuilt, story.now);
    if let Some(first) = wrong.first() {
        return Err(first.clone());
    }
    for number in 0..story.world().patients {
        let Some(chart) = rebuilt.chart(&patient(number)) else {
            continue;
        };
        reached(&chart)?;
        settled(&chart)?;
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
            return Err(format!("nobody was reached about {rule} ({id})"));
        }
    }
    Ok(())
}

/// Nothing hangs: no claim without an end, no mail that waits.
fn settled(chart: &Chart) -> Result<(), String> {
    for (id, notice) in &chart.notices {
        let last = notice.last().map(|(_, t)| t.state);
        if matches!(last, Some(TryState::Attempted | TryState::Deferred)) {
            return Err(format!("notice {id} is still {last:?}"));
        }
    }
    Ok(())
}
