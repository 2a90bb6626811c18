//! Laws of the worker for any history: order, repetition and the instants of asking.

use super::{Story, TEN, TWENTY, event, mark, odi, patient, plan, toronto};
use care::id::OrgId;
use care::time::{Timestamp, hours};
use care::{Chart, Event, Policy};
use proptest::prelude::*;

/// Events of a patient in some 90 days, in order of the story.
fn history() -> impl Strategy<Value = Vec<Event>> {
    let at = |hour: i64| toronto("2026-06-01 07:00").checked_add(hours(hour)).unwrap();
    let one = prop_oneof![
        4 => (0..12_u32, prop::sample::select(vec![TEN, TWENTY, "2,2,2,2,2,2,2,null,1,null"]))
            .prop_map(|(id, items)| ("assessment.oswestry", id, items)),
        1 => (0..12_u32).prop_map(|id| ("assessment.retracted", id, "")),
        1 => Just(("plan.held", 0, "admission")),
        1 => Just(("plan.held", 0, "contraindication")),
        1 => Just(("plan.resumed", 0, "other")),
        1 => Just(("plan.revised", 0, "2026-06-01")),
        1 => Just(("plan.revised", 0, "2026-06-08")),
        1 => Just(("plan.completed", 0, "recovered")),
    ];
    prop::collection::vec((one, 1..300_i64), 0..14).prop_map(move |steps| {
        let mut hour = 0;
        let mut events = vec![event(
            "e",
            at(0),
            "plan.activated",
            &plan(1, "America/Toronto", "2026-06-01"),
        )];
        for (n, ((name, id, what), later)) in (2..).zip(steps) {
            hour += later;
            let data = match name {
                "assessment.oswestry" => odi(&format!("a-{id}"), at(hour), what),
                "assessment.retracted" => format!(r#"{{"assessment_id":"a-{id}","reason":"x"}}"#),
                "plan.revised" => plan(n, "America/Toronto", what),
                _ => mark(n, what),
            };
            events.push(event(&format!("e-{n}"), at(hour), name, &data));
        }
        events
    })
}

fn chart_of<'a>(events: impl IntoIterator<Item = &'a Event>) -> Chart {
    let mut chart = Chart::new(patient());
    for event in events {
        chart.apply(event);
    }
    chart
}

fn later(hour: i64) -> Timestamp {
    toronto("2026-06-01 07:00").checked_add(hours(hour)).unwrap()
}

proptest! {
    #[test]
    fn what_ought_to_be_said_depends_on_facts_and_clock_only(
        (events, shuffled) in history().prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
        hour in 0..3000_i64,
    ) {
        let policy = Policy::default();
        let (chart, other) = (chart_of(&events), chart_of(shuffled.iter().chain(&events)));
        prop_assert_eq!(oswestry::react(&chart, &policy, later(hour)), oswestry::react(&other, &policy, later(hour)));
    }

    #[test]
    fn a_chart_that_holds_what_was_said_gets_nothing_more(events in history(), hour in 0..3000_i64) {
        let policy = Policy::default();
        let mut chart = chart_of(&events);
        let org = OrgId::new("acme").unwrap();
        for draft in oswestry::react(&chart, &policy, later(hour)).facts {
            prop_assert_eq!(chart.apply(&draft.at(&org, later(hour))), care::chart::Applied::New);
        }
        prop_assert_eq!(oswestry::react(&chart, &policy, later(hour)).facts, []);
    }

    #[test]
    fn nothing_is_said_twice_however_facts_and_questions_interleave(
        events in history(),
        mut questions in prop::collection::vec(0..3000_i64, 1..20),
    ) {
        questions.sort_unstable();
        let mut story = Story::before_any_plan();
        let mut rest = events.iter().peekable();
        let mut said = Vec::new();
        for question in questions.into_iter().map(later) {
            while let Some(event) = rest.next_if(|event| event.time <= question) {
                story.chart.apply(event);
            }
            let lines = story.ask(question).0;
            // Without the time of saying: that is what must not repeat.
            said.extend(lines.into_iter().map(|line| line[12..].to_owned()));
        }
        let mut once = said.clone();
        once.sort();
        once.dedup();
        prop_assert_eq!(once.len(), said.len(), "{:?}", said);
    }

    #[test]
    fn between_what_it_asked_for_and_new_facts_it_has_nothing_to_say(events in history(), hour in 0..3000_i64) {
        let (mut story, end) = (Story::before_any_plan(), later(hour));
        story.chart = chart_of(&events);
        story.now = later(-1);
        let mut next = story.ask(story.now).1;
        while let Some(at) = next.filter(|at| *at <= end) {
            next = story.ask(at).1;
        }
        prop_assert_eq!(story.ask(end).0, Vec::<String>::new());
    }
}
