//! Plans that are held, resumed, completed or revoked.

use super::{Story, TEN, mark};
use oswestry::State;

#[test]
fn scenario_8_what_a_discharged_patient_sends_is_scored_and_unscheduled() {
    let mut story = Story::with_baseline()
        .fact("2026-06-14 12:00", "plan.completed", &mark(2, "recovered"))
        .odi("2026-06-17 10:00", "a-1", TEN);
    assert_eq!(
        story.until("2026-12-01 00:00"),
        ["06-17 10:00 scored a-1 10/10 20.0 %, unscheduled"]
    );
}

#[test]
fn what_was_done_before_the_plan_ended_and_arrives_after_it_still_answers() {
    let mut story = Story::with_baseline()
        .fact("2026-06-14 12:00", "plan.revoked", &mark(2, "moved"))
        .late_odi("2026-06-17 10:00", "2026-06-14 11:00", "a-1", TEN);
    assert_eq!(
        story.until("2026-12-01 00:00"),
        ["06-17 10:00 scored a-1 10/10 20.0 %, answers 06-15"]
    );
}

#[test]
fn what_was_done_at_the_instant_the_plan_ended_is_unscheduled() {
    let mut story = Story::with_baseline()
        .fact("2026-06-14 12:00", "plan.revoked", &mark(2, "moved"))
        .odi("2026-06-14 12:00", "a-1", TEN);
    assert_eq!(
        story.until("2026-12-01 00:00"),
        ["06-14 12:00 scored a-1 10/10 20.0 %, unscheduled"]
    );
}

#[test]
fn a_revoked_plan_has_no_reminders() {
    let mut story =
        Story::with_baseline().fact("2026-06-14 12:00", "plan.revoked", &mark(2, "patient_choice"));
    assert_eq!(story.until("2026-12-01 00:00"), [""; 0]);
}

#[test]
fn a_plan_held_for_another_reason_than_admission_keeps_its_reminders() {
    let mut story =
        Story::with_baseline().fact("2026-06-14 12:00", "plan.held", &mark(2, "contraindication"));
    assert_eq!(story.until("2026-06-15 12:00"), ["06-15 08:00 due 06-15 (1)"]);
}

#[test]
fn an_admission_pauses_reminders_until_the_plan_is_resumed() {
    let mut story = Story::with_baseline()
        .fact("2026-06-14 12:00", "plan.held", &mark(2, "admission"))
        .fact("2026-06-20 12:00", "plan.resumed", &mark(3, "other"));
    assert_eq!(
        story.until("2026-06-23 12:00"),
        [
            "06-20 12:00 overdue 06-15 (1) step 1",
            "06-22 00:00 overdue 06-15 (1) step 2",
            "06-23 00:00 missed 06-15 (1)",
        ]
    );
}

#[test]
fn an_admission_with_a_last_day_pauses_reminders_until_that_day_has_ended() {
    let held = r#"{"plan_id":"cp-1","revision":2,"reason":"admission","until":"2026-06-16"}"#;
    let mut story = Story::with_baseline().fact("2026-06-14 12:00", "plan.held", held);
    assert_eq!(story.until("2026-06-17 12:00"), ["06-17 00:00 due 06-15 (1)"]);
}

#[test]
fn a_due_whose_window_closed_during_an_admission_is_no_miss_after_it() {
    let mut story = Story::with_baseline()
        .fact("2026-06-14 12:00", "plan.held", &mark(2, "admission"))
        .fact("2026-06-26 12:00", "plan.resumed", &mark(3, "other"));
    assert_eq!(story.until("2026-06-29 12:00"), ["06-29 08:00 due 06-29 (2)"]);
    let clock = oswestry::clock(&story.chart, &story.policy).unwrap();
    assert_eq!(clock.state(1, story.now), Some(State::Waived));
}

#[test]
fn a_miss_on_record_stays_one_when_the_plan_is_held_and_resumed() {
    let mut story = Story::with_baseline()
        .fact("2026-06-24 12:00", "plan.held", &mark(2, "admission"))
        .fact("2026-06-26 12:00", "plan.resumed", &mark(3, "other"));
    story.until("2026-06-28 12:00");
    let clock = oswestry::clock(&story.chart, &story.policy).unwrap();
    assert_eq!(clock.state(1, story.now), Some(State::Missed));
}

#[test]
fn an_answer_during_an_admission_counts() {
    let mut story = Story::with_baseline()
        .fact("2026-06-14 12:00", "plan.held", &mark(2, "admission"))
        .odi("2026-06-15 10:00", "a-1", TEN);
    assert_eq!(
        story.until("2026-06-26 12:00"),
        ["06-15 10:00 scored a-1 10/10 20.0 %, answers 06-15"]
    );
}
