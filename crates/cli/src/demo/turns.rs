//! The turns the stories take: a red flag, an implant, a life that changes, work again.

use care::Event;
use care::time::Timestamp;
use serde_json::{Value, json};

use super::facts::{assessment, day, local, patient};
use super::routine::booking;
use crate::exit::Failure;

/// All of them.
pub(super) fn turns() -> Result<Vec<Event>, Failure> {
    Ok([red_flag()?, implant()?, marias_life()?].concat())
}

/// p-2: bladder and saddle, seen at the PT clinic; PT pauses until a physician has cleared it.
fn red_flag() -> Result<Vec<Event>, Failure> {
    let at = local(day(4, 1), 9, 12);
    let items = json!({
        "items": ["bladder_change", "saddle_sensory_change"],
        "onset_at": local(day(4, 0), 21, 0),
        "worsening": "yes",
    });
    let flag = assessment("flag-1", at, "physical_therapist", "m-pt", items);
    let cleared_at = local(day(5, 2), 15, 0);
    let outcome = json!({ "outcome": "cleared_for_treatment" });
    let review = assessment("review-1", cleared_at, "physiatrist", "m-phys", outcome);
    let clinic = "eastside-pt";
    Ok(vec![
        patient("p-2", "assessment.red_flag", "flag-1", at, clinic, flag)?,
        cancelled("p-2", "pt-05", local(day(4, 1), 10, 0))?,
        cancelled("p-2", "pt-06", local(day(4, 1), 10, 0))?,
        patient(
            "p-2",
            "assessment.red_flag_review",
            "review-1",
            cleared_at,
            "rehab",
            review,
        )?,
    ])
}

/// p-3: nobody knew of the stimulator when EA was booked; weeks later the plan ends over it.
fn implant() -> Result<Vec<Event>, Failure> {
    let at = local(day(2, 3), 16, 40);
    let found = json!({
        "item": "implanted_device",
        "value": "yes",
        "device_kind": "spinal_cord_stimulator",
        "device_id": "dev-1",
    });
    let device = assessment("device-1", at, "pcp", "m-pcp", found);
    let ended_at = local(day(9, 0), 9, 0);
    let ended = json!({ "plan_id": "cp-p-3", "revision": 2, "reason": "contraindication" });
    Ok(vec![
        patient(
            "p-3",
            "assessment.screening",
            "device-1",
            at,
            "familycare",
            device,
        )?,
        patient("p-3", "plan.revoked", "plan-2", ended_at, "carehub", ended)?,
    ])
}

/// p-maria: one PT moved and one cancelled, whom EA follows; back at work, and in the garden.
fn marias_life() -> Result<Vec<Event>, Failure> {
    let maria = |name: &str, key: &str, at: Timestamp, who: &str, data: Value| {
        patient("p-maria", name, key, at, who, data)
    };
    let seen = |key: &str, at: Timestamp, more: Value| assessment(key, at, "physiatrist", "m-phys", more);
    let (opened, closed) = (local(day(6, 1), 12, 0), local(day(12, 1), 12, 0));
    let open = seen("rtw-1", opened, json!({ "state": "open", "on": day(6, 1) }));
    let close = seen("rtw-2", closed, json!({ "state": "closed", "on": day(12, 1) }));
    let tested = local(day(12, 2), 12, 0);
    let can = json!({ "work_status": "full", "goal": "gardening", "goal_met": true, "lifting_kg": 12.0 });
    let moved_at = local(day(5, 4), 11, 0);
    let moved = booking("pt-13", 2, day(6, 3), 10);
    let ended = json!({ "plan_id": "cp-p-maria", "revision": 2, "reason": "recovered" });
    Ok(vec![
        maria("session.moved", "pt-13.2", moved_at, "eastside-pt", moved)?,
        cancelled("p-maria", "pt-18", local(day(7, 2), 9, 0))?,
        maria("assessment.return_to_work", "rtw-1", opened, "rehab", open)?,
        maria("assessment.return_to_work", "rtw-2", closed, "rehab", close)?,
        maria(
            "assessment.function",
            "function-1",
            tested,
            "rehab",
            seen("function-1", tested, can),
        )?,
        maria(
            "plan.completed",
            "plan-2",
            local(day(13, 0), 12, 0),
            "carehub",
            ended,
        )?,
    ])
}

fn cancelled(id: &str, session: &str, at: Timestamp) -> Result<Event, Failure> {
    let by = json!({ "role": "physical_therapist", "member_id": "m-pt" });
    let data = json!({ "session_id": session, "revision": 2, "reason": "patient cannot come", "by": by });
    patient(
        id,
        "session.cancelled",
        &format!("{session}.2"),
        at,
        "eastside-pt",
        data,
    )
}
