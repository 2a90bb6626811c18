//! The turns the stories take: a red flag, an implant, a life that changes, work again.

use care::Event;
use care::time::{Date, Timestamp};
use serde_json::json;

use super::facts::{assessment, day, local, patient};
use super::routine::booking;
use crate::exit::Failure;

/// The turns the stories take.
pub(super) fn turns() -> Result<Vec<Event>, Failure> {
    let flag_at = local(day(4, 1), 9, 12);
    let review_at = local(day(5, 2), 15, 0);
    let device_at = local(day(2, 3), 16, 40);
    let flag = json!({ "items": ["bladder_change", "saddle_sensory_change"], "onset_at": local(day(4, 0), 21, 0), "worsening": "yes" });
    let device = json!({ "item": "implanted_device", "value": "yes", "device_kind": "spinal_cord_stimulator", "device_id": "dev-1" });
    let work = |state: &str, on: Date| json!({ "state": state, "on": on });
    let (open_at, closed_at) = (local(day(6, 1), 12, 0), local(day(12, 1), 12, 0));
    let function =
        json!({ "work_status": "full", "goal": "gardening", "goal_met": true, "lifting_kg": 12.0 });
    let function_at = local(day(12, 2), 12, 0);
    Ok(vec![
        patient(
            "p-2",
            "assessment.red_flag",
            "flag-1",
            flag_at,
            "eastside-pt",
            assessment("flag-1", flag_at, "physical_therapist", "m-pt", flag),
        )?,
        cancelled("p-2", "pt-05", local(day(4, 1), 10, 0))?,
        cancelled("p-2", "pt-06", local(day(4, 1), 10, 0))?,
        patient(
            "p-2",
            "assessment.red_flag_review",
            "review-1",
            review_at,
            "rehab",
            assessment(
                "review-1",
                review_at,
                "physiatrist",
                "m-phys",
                json!({ "outcome": "cleared_for_treatment" }),
            ),
        )?,
        patient(
            "p-3",
            "assessment.screening",
            "device-1",
            device_at,
            "familycare",
            assessment("device-1", device_at, "pcp", "m-pcp", device),
        )?,
        patient(
            "p-3",
            "plan.revoked",
            "plan-2",
            local(day(9, 0), 9, 0),
            "carehub",
            json!({ "plan_id": "cp-p-3", "revision": 2, "reason": "contraindication" }),
        )?,
        // PT follows the patient's life; EA follows PT.
        patient(
            "p-maria",
            "session.moved",
            "pt-13.2",
            local(day(5, 4), 11, 0),
            "eastside-pt",
            booking("pt-13", 2, day(6, 3), 10),
        )?,
        cancelled("p-maria", "pt-18", local(day(7, 2), 9, 0))?,
        patient(
            "p-maria",
            "assessment.return_to_work",
            "rtw-1",
            open_at,
            "rehab",
            assessment("rtw-1", open_at, "physiatrist", "m-phys", work("open", day(6, 1))),
        )?,
        patient(
            "p-maria",
            "assessment.return_to_work",
            "rtw-2",
            closed_at,
            "rehab",
            assessment(
                "rtw-2",
                closed_at,
                "physiatrist",
                "m-phys",
                work("closed", day(12, 1)),
            ),
        )?,
        patient(
            "p-maria",
            "assessment.function",
            "function-1",
            function_at,
            "rehab",
            assessment("function-1", function_at, "physiatrist", "m-phys", function),
        )?,
        patient(
            "p-maria",
            "plan.completed",
            "plan-2",
            local(day(13, 0), 12, 0),
            "carehub",
            json!({ "plan_id": "cp-p-maria", "revision": 2, "reason": "recovered" }),
        )?,
    ])
}

fn cancelled(id: &str, session: &str, at: Timestamp) -> Result<Event, Failure> {
    let data = json!({ "session_id": session, "revision": 2, "reason": "patient cannot come", "by": { "role": "physical_therapist", "member_id": "m-pt" } });
    patient(
        id,
        "session.cancelled",
        &format!("{session}.2"),
        at,
        "eastside-pt",
        data,
    )
}
