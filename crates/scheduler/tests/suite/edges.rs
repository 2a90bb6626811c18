//! What the twelve scenarios leave out: replacement, no calendar, policy, plan's end, hand-booked sessions, alternatives.

use care::time::{TimeZone, Weekday};
use scheduler::case::{EaStatus, Hold, PlanState};
use scheduler::constraint::Constraint;
use scheduler::open_hours::OpenHours;
use scheduler::rules::Confirm;
use scheduler::step::Step;

use crate::world::*;

#[test]
fn the_ea_follows_to_another_practitioner() {
    let mut patient = one(&[("pt1", "Wed 06-10 10:00")]);
    patient
        .eas
        .push(ea("e1", "Mon 06-08 10:00", EaStatus::Booked, &["pt1"]));
    patient.practitioner = Some(acu("acu-2"));
    let mut world = World::new("Mon 06-01 09:00", office_hours(), vec![patient]);
    world.hours.insert(acu("acu-2"), office_hours());
    assert_eq!(
        notes(&world.settle()),
        ["p1 move e1 rev 2 to booked Mon 06-08 10:00 for pt1"]
    );
    assert_eq!(world.cases[0].eas[0].practitioner, Some(acu("acu-2")));
}

#[test]
fn without_a_calendar_the_target_itself_is_proposed_and_never_twice() {
    let mut b = case("p2");
    b.pts.push(pt("pt2", "Wed 06-10 10:07"));
    let mut world = World::new(
        "Mon 06-01 09:00",
        office_hours(),
        vec![one(&[("pt1", "Wed 06-10 10:07")]), b],
    );
    world.hours.clear();
    assert_eq!(
        notes(&world.settle()),
        [
            "p1 book proposed Mon 06-08 10:07 for pt1",
            "p2 unprepared pt2: no-calendar, capacity"
        ]
    );
}

#[test]
fn the_policy_may_ask_instead_of_booking() {
    let mut world = World::new(
        "Mon 06-01 09:00",
        office_hours(),
        vec![one(&[("pt1", "Wed 06-10 10:00")])],
    );
    world.rules.confirm = Confirm::Ask;
    assert_eq!(
        notes(&world.settle()),
        ["p1 book proposed Mon 06-08 10:00 for pt1"]
    );
}

#[test]
fn a_completed_plan_cancels_ours_and_reports_what_people_booked() {
    let mut patient = one(&[("pt1", "Wed 06-10 10:00")]);
    patient
        .eas
        .push(ea("e1", "Mon 06-08 10:00", EaStatus::Booked, &["pt1"]));
    patient
        .eas
        .push(ea("by-hand", "Mon 06-15 10:00", EaStatus::Booked, &[]));
    patient.plan = PlanState::Ended;
    let mut world = World::new("Mon 06-01 09:00", office_hours(), vec![patient]);
    assert_eq!(
        notes(&world.settle()),
        [
            "p1 cancel e1 plan-ended",
            r#"p1 report by-hand {"plan-inactive"}"#
        ]
    );
}

#[test]
fn what_people_booked_by_hand_is_reported_and_never_cancelled() {
    let mut patient = one(&[]);
    patient
        .eas
        .push(ea("h1", "Mon 06-08 10:00", EaStatus::Booked, &[]));
    patient
        .eas
        .push(ea("h2", "Tue 06-09 20:00", EaStatus::Booked, &[]));
    let mut world = World::new("Mon 06-01 09:00", office_hours(), vec![patient]);
    assert_eq!(
        notes(&world.settle()),
        [
            r#"p1 report h1 {"spacing"}"#,
            r#"p1 report h2 {"outside-open-hours", "spacing"}"#
        ]
    );
}

#[test]
fn an_expired_licence_holds_its_days_and_earlier_days_are_used() {
    let mut patient = one(&[("pt1", "Tue 06-09 10:00")]);
    patient
        .eas
        .push(ea("e1", "Mon 06-08 09:00", EaStatus::Booked, &["pt1"]));
    let world = World::new(
        "Mon 06-01 09:00",
        week(
            &Weekday::Monday.cycle_forward().take(7).collect::<Vec<_>>(),
            8,
            18,
        ),
        vec![patient],
    );
    let mut diary = world.diary();
    let licence = scheduler::diary::Licence::Through("2026-06-07".parse().unwrap());
    diary.practitioners.get_mut(&acu("acu-1")).unwrap().licence = licence;
    let decided = scheduler::decide(&world.cases, &diary, &world.rules, world.now);
    assert_eq!(
        notes(&decided),
        ["p1 hold e1 credentials", "p1 book booked Sun 06-07 10:00 for pt1"]
    );
}

#[test]
fn an_ea_number_nine_waits_for_the_review() {
    let mut patient = one(&[("pt1", "Wed 06-10 10:00")]);
    patient.attended = 8;
    let mut world = World::new("Mon 06-01 09:00", office_hours(), vec![patient]);
    assert_eq!(notes(&world.settle()), ["p1 unprepared pt1: course"]);
    world.cases[0].attended = 7;
    assert_eq!(notes(&world.settle()), ["p1 book booked Mon 06-08 10:00 for pt1"]);
}

#[test]
fn a_told_session_moves_only_when_that_serves_one_pt_more() {
    // One place on Monday and one on Tuesday: the first PT can use both, the second only Monday.
    let hours = OpenHours::new(
        TimeZone::UTC,
        [(Weekday::Monday, 600, 645), (Weekday::Tuesday, 480, 525)],
        vec![],
        15,
    );
    let mut b = case("p2");
    b.pts.push(pt("pt2", "Tue 06-09 12:00"));
    let mut world = World::new("Mon 06-01 09:00", hours, vec![one(&[("pt1", "Wed 06-10 10:00")])]);
    world.settle();
    world.cases.push(b);
    let decided = world.settle();
    let noted = notes(&decided);
    assert_eq!(noted.len(), 2);
    assert!(
        noted[0].starts_with("p1 move") && noted[0].ends_with("booked Tue 06-09 08:00 for pt1"),
        "{noted:?}"
    );
    assert_eq!(noted[1], "p2 book booked Mon 06-08 10:00 for pt2");
}

#[test]
fn alternatives_name_what_they_break_and_why_they_rank() {
    let hours = closed(&WORKDAYS, &[("Thu 06-11 00:00", "Mon 06-15 00:00")]);
    let mut world = World::new("Mon 06-08 09:00", hours, vec![one(&[("pt1", "Mon 06-15 10:00")])]);
    let decisions = world.settle();
    let [Step::Unprepared(unprepared)] = &decisions[0].steps[..] else {
        panic!("{decisions:?}")
    };
    assert!(unprepared.obstacles.each_alone);
    let told: Vec<String> = unprepared
        .alternatives
        .iter()
        .map(|a| format!("{:?} {} {:?} {}", a.kind, a.start, a.breaks, a.because))
        .collect();
    assert_eq!(
        told,
        [
            r#"EaSlot 2026-06-15T08:00:00Z {"gap"} breaks gap, 46.0 h off the target"#,
            r#"EaSlot 2026-06-10T17:15:00Z {"gap"} breaks gap, 64.8 h off the target"#,
            "PtTime 2026-06-17T10:00:00Z {} the PT session 48.0 h from its time, an EA 48.0 h before it breaks nothing",
        ]
    );
}

#[test]
fn reasons_that_only_together_stand_in_the_way_are_said_to_be_so() {
    let mut patient = one(&[("pt1", "Wed 06-10 10:00")]);
    patient.holds.push(Hold::All);
    patient.attended = 8;
    let world = World::new("Mon 06-01 09:00", office_hours(), vec![patient]);
    let decisions = world.decide();
    let [Step::Unprepared(unprepared)] = &decisions[0].steps[..] else {
        panic!("{decisions:?}")
    };
    let list: Vec<_> = unprepared.obstacles.list.iter().map(|o| o.constraint).collect();
    assert!(!unprepared.obstacles.each_alone);
    assert_eq!(list, [Constraint::Hold, Constraint::Course]);
}
