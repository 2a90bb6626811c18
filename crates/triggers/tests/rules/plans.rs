//! What a plan's end and a new plan do to alerts.

use serde_json::json;

use crate::story::{ACU, NOTHING, Story, plan, with};

#[test]
fn what_stood_under_a_plan_ends_with_it_and_what_happened_stays() {
    let mut story = Story::new();
    for i in 0..6 {
        let delivered = if i == 0 {
            with(json!({"retention_min": 5}))
        } else {
            json!(null)
        };
        story.attend(
            &format!("s{i}"),
            &format!("2026-06-{:02}T14:00", i + 2),
            delivered,
        );
    }
    assert_eq!(
        story.poll("2026-06-07T15:00"),
        [
            "fidelity-deviation advisory",
            "course-pace info",
            "course-reassessment-due advisory"
        ]
    );
    story.tell(
        "plan.completed",
        "2026-06-08T10:00",
        json!({"plan_id": "cp-1", "revision": 2, "reason": "recovered"}),
    );
    assert_eq!(
        story.poll("2026-06-08T10:00"),
        ["course-reassessment-due ends: plan-ended"]
    );
}

#[test]
fn a_new_plan_is_a_new_episode_and_leaves_what_happened_on_record() {
    let mut story = Story::new();
    story.oswestry("2026-06-01T15:00", 25);
    story.oswestry("2026-06-15T15:00", 40);
    assert_eq!(
        story.poll("2026-06-15T15:00"),
        ["odi-worse advisory", "odi-high-band advisory"]
    );
    story.tell(
        "plan.completed",
        "2026-07-01T10:00",
        json!({"plan_id": "cp-1", "revision": 2, "reason": "moved"}),
    );
    let next =
        json!({"plan_id": "cp-2", "started_on": "2026-08-03", "oswestry": {"baseline_on": "2026-08-03"}});
    story.tell("plan.activated", "2026-08-03T10:00", plan(next));
    assert_eq!(story.poll("2026-08-03T10:00"), NOTHING);
    story.oswestry("2026-08-03T15:00", 35);
    assert_eq!(
        story.poll("2026-08-03T15:00"),
        ["odi-high-band advisory"],
        "held against nothing of the earlier plan"
    );
}

#[test]
fn a_hold_outlives_its_plan() {
    let mut story = Story::new();
    story.screening("2026-06-02T10:00", ACU, "pregnancy", "yes", json!({}));
    story.poll("2026-06-02T10:00");
    story.tell(
        "plan.revoked",
        "2026-06-03T10:00",
        json!({"plan_id": "cp-1", "revision": 2, "reason": "contraindication"}),
    );
    let next = json!({"plan_id": "cp-2", "started_on": "2026-07-01"});
    story.tell("plan.activated", "2026-07-01T10:00", plan(next));
    assert_eq!(story.poll("2026-07-01T10:00"), NOTHING);
    assert_eq!(story.chart.holds().len(), 1);
}
