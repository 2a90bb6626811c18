//! Laws: the order of facts does not matter, asking twice answers nothing, and no hold is lost on the way.

use std::collections::BTreeSet;

use care::chart::Chart;
use care::fact::Fact;
use care::id::{OrgId, PatientId};
use care::time::{Timestamp, hours};
use care::{Event, Policy};
use proptest::prelude::*;

use crate::worlds::{begin, end, log};

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn facts_in_any_order_give_the_same_answer(
        (log, shuffled) in log().prop_flat_map(|log| (Just(log.clone()), Just(log).prop_shuffle())),
    ) {
        let policy = Policy::default();
        prop_assert_eq!(
            triggers::react(&chart(&log), &policy, end()),
            triggers::react(&chart(&shuffled), &policy, end())
        );
    }

    #[test]
    fn asking_twice_answers_nothing(log in log(), days in 0_i64..60) {
        let policy = Policy::default();
        let now = begin().checked_add(hours(24 * days)).expect("a time");
        let mut chart = chart(&log);
        poll(&mut chart, &policy, now);
        prop_assert_eq!(triggers::react(&chart, &policy, now).facts, []);
    }

    /// Until it wanted to look again, there was nothing to see.
    #[test]
    fn time_alone_changes_nothing_before_the_next_look(log in log(), hour in 0_i64..24 * 45, later in 1_i64..24 * 60) {
        let policy = Policy::default();
        let now = begin().checked_add(hours(hour)).expect("a time");
        let known: Vec<Event> = log.into_iter().filter(|event| event.time <= now).collect();
        let mut chart = chart(&known);
        poll(&mut chart, &policy, now);
        let next = triggers::react(&chart, &policy, now).look_again;
        prop_assert!(next.is_none_or(|next| next > now));
        let then = now.checked_add(hours(later)).expect("a time");
        let then = next.map_or(then, |next| then.min(next.checked_sub(hours(1)).expect("a time"))).max(now);
        prop_assert_eq!(triggers::react(&chart, &policy, then).facts, [], "{} {}", now, then);
    }

    /// However facts trickle in and whenever carebus looks, it holds at least what a carebus that slept would hold.
    /// It may hold more: what was held on the facts of that hour stays held until a clinician ends it.
    #[test]
    fn no_hold_is_lost_on_the_way(
        (log, shuffled) in log().prop_flat_map(|log| (Just(log.clone()), Just(log).prop_shuffle())),
    ) {
        let policy = Policy::default();
        let mut slept = chart(&log);
        poll(&mut slept, &policy, end());
        let mut awake = chart(&[]);
        for event in &shuffled {
            awake.apply(event);
            poll(&mut awake, &policy, end());
        }
        let (slept, awake) = (held(&slept), held(&awake));
        let lines: Vec<String> = shuffled.iter().map(Event::encode).collect();
        prop_assert!(slept.is_subset(&awake), "{slept:?} {awake:?} {lines:#?}");
    }

    #[test]
    fn an_alert_is_raised_once_and_resolved_by_us_once(log in log().prop_shuffle()) {
        let policy = Policy::default();
        let mut chart = chart(&[]);
        let mut said = BTreeSet::new();
        for event in &log {
            chart.apply(event);
            for fact in poll(&mut chart, &policy, end()) {
                let line = match &fact {
                    Fact::AlertRaised(a) => format!("raised {}", a.alert_id),
                    Fact::AlertResolved(a) => format!("resolved {}", a.alert_id),
                    Fact::AlertEscalated(a) => format!("escalated {} {}", a.alert_id, a.step),
                    Fact::ReportProgress(r) | Fact::ReportOutcome(r) => format!("report {}", r.report_id),
                    other => panic!("not ours: {}", other.name()),
                };
                prop_assert!(said.insert(line.clone()), "twice: {line}");
            }
        }
    }
}

fn chart(log: &[Event]) -> Chart {
    let mut chart = Chart::new(PatientId::new("p-1").expect("an id"));
    log.iter().for_each(|event| {
        chart.apply(event);
    });
    chart
}

/// Polls, folds the answer, and says what it was.
fn poll(chart: &mut Chart, policy: &Policy, now: Timestamp) -> Vec<Fact> {
    let org = OrgId::new("acme").expect("an org");
    let answer = triggers::react(chart, policy, now).facts;
    for draft in &answer {
        chart.apply(&draft.clone().at(&org, now));
    }
    answer.into_iter().map(|draft| draft.fact).collect()
}

/// What is held, whichever alert says so.
fn held(chart: &Chart) -> BTreeSet<String> {
    chart
        .holds()
        .iter()
        .map(|h| format!("{:?} {}", h.zones, h.electro_only))
        .collect()
}
