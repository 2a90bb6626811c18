//! The twelve scenarios of the placing rule, at the level of cases and steps.

use crate::world::*;
use care::time::{TimeZone, Weekday, Zoned, hours};
use scheduler::case::{EaStatus, Hold, PlanState};
use scheduler::open_hours::OpenHours;
use scheduler::rules::LeadMode;
use scheduler::step::{Fit, Step};

#[test]
fn s01_only_monday_is_left_and_the_earliest_slot_after_notice_is_taken() {
    let mut world = World::new(
        "Mon 06-01 04:00",
        office_hours(),
        vec![one(&[("pt1", "Tue 06-02 10:00")])],
    );
    assert_eq!(notes(&world.settle()), ["p1 book booked Mon 06-01 08:00 for pt1"]);
    let closed = closed(&WORKDAYS, &[("Mon 06-01 00:00", "Tue 06-02 00:00")]);
    let mut world = World::new(
        "Mon 06-01 04:00",
        closed,
        vec![one(&[("pt1", "Tue 06-02 10:00")])],
    );
    assert_eq!(notes(&world.settle()), ["p1 unprepared pt1: closure"]);
}

#[test]
fn s02_pt_moves_after_its_ea_was_done() {
    let done = ea("e1", "Mon 06-01 10:00", EaStatus::Completed, &["pt1"]);
    let mut far = one(&[("pt1", "Fri 06-05 10:00")]);
    far.eas.push(done.clone());
    far.attended = 1;
    let mut world = World::new("Tue 06-02 09:00", office_hours(), vec![far]);
    assert_eq!(notes(&world.settle()), ["p1 book booked Wed 06-03 10:00 for pt1"]);
    let mut near = one(&[("pt1", "Tue 06-02 12:00")]);
    near.eas.push(done);
    let mut world = World::new("Mon 06-01 12:00", office_hours(), vec![near]);
    assert!(world.settle().is_empty(), "26 h: the link survives, off target");
}

#[test]
fn s03_one_ea_prepares_two_pt_sessions_on_two_days() {
    let both = [("pt1", "Wed 06-10 10:00"), ("pt2", "Thu 06-11 10:00")];
    let mut world = World::new("Mon 06-01 09:00", office_hours(), vec![one(&both)]);
    assert_eq!(
        notes(&world.settle()),
        ["p1 book booked Mon 06-08 10:00 for pt1+pt2"]
    );
    let closed = closed(&WORKDAYS, &[("Mon 06-08 00:00", "Tue 06-09 00:00")]);
    let mut world = World::new("Mon 06-01 09:00", closed, vec![one(&both)]);
    assert_eq!(
        notes(&world.settle()),
        ["p1 book booked Tue 06-09 10:00 for pt1+pt2"]
    );
}

#[test]
fn s03_the_second_pt_booked_later_is_linked_and_people_are_told() {
    let mut world = World::new(
        "Mon 06-01 09:00",
        office_hours(),
        vec![one(&[("pt1", "Wed 06-10 10:00")])],
    );
    world.settle();
    world.cases[0].pts.push(pt("pt2", "Thu 06-11 10:00"));
    let notes = notes(&world.settle());
    assert_eq!(notes.len(), 1);
    assert!(
        notes[0].ends_with("rev 2 to booked Mon 06-08 10:00 for pt1+pt2"),
        "{notes:?}"
    );
}

#[test]
fn s04_held_and_resumed_without_filling_the_past_in() {
    let mut held = one(&[
        ("pt1", "Wed 06-03 10:00"),
        ("pt2", "Wed 06-10 10:00"),
        ("pt3", "Wed 06-17 10:00"),
    ]);
    held.eas
        .push(ea("e1", "Mon 06-08 10:00", EaStatus::Booked, &["pt2"]));
    held.plan = PlanState::Held;
    let mut world = World::new("Tue 06-02 09:00", office_hours(), vec![held]);
    assert_eq!(notes(&world.settle()), ["p1 hold e1 plan-inactive"]);
    // Resumed on Thursday: pt1 is over, e1 is still possible, pt3 has nothing yet.
    world.now = at("Thu 06-04 09:00");
    world.cases[0].plan = PlanState::Active;
    world.cases[0].pts.iter_mut().for_each(|pt| pt.ask = true);
    assert_eq!(
        notes(&world.settle()),
        ["p1 release e1", "p1 book proposed Mon 06-15 10:00 for pt3"]
    );
}

#[test]
fn s04_a_held_ea_that_is_no_longer_possible_is_placed_anew_as_a_proposal() {
    let mut held = one(&[("pt1", "Wed 06-10 10:00")]);
    held.eas.push(ea(
        "e1",
        "Mon 06-08 10:00",
        EaStatus::Held { by_us: true },
        &["pt1"],
    ));
    held.pts[0].ask = true;
    let hours = closed(&WORKDAYS, &[("Mon 06-08 09:00", "Mon 06-08 11:00")]);
    let mut world = World::new("Thu 06-04 09:00", hours, vec![held]);
    assert_eq!(
        notes(&world.settle()),
        [
            "p1 cancel e1 no-longer-possible",
            "p1 book proposed Mon 06-08 11:00 for pt1"
        ]
    );
}

#[test]
fn s05_clock_changes_elapsed_and_on_the_wall() {
    let zone = TimeZone::get("America/New_York").unwrap();
    let every_day = [0, 1, 2, 3, 4, 5, 6].map(|d| (Weekday::from_monday_zero_offset(d).unwrap(), 0, 1440));
    let local = |text: &str| text.parse::<Zoned>().unwrap().timestamp();
    let spring = "2026-03-09T10:00[America/New_York]";
    let autumn = "2026-11-02T10:00[America/New_York]";
    for (pt_start, mode, expected) in [
        (spring, LeadMode::Elapsed, "2026-03-07T09:00[America/New_York]"),
        (spring, LeadMode::WallClock, "2026-03-07T10:00[America/New_York]"),
        (autumn, LeadMode::Elapsed, "2026-10-31T11:00[America/New_York]"),
        (autumn, LeadMode::WallClock, "2026-10-31T10:00[America/New_York]"),
    ] {
        let mut patient = case("p1");
        patient.zone = zone.clone();
        patient.pts.push(pt_at("pt1", local(pt_start)));
        let mut world = World::new(
            "01-01 00:00",
            OpenHours::new(zone.clone(), every_day, vec![], 15),
            vec![patient],
        );
        world.now = local(pt_start) - hours(24 * 7);
        world.rules.lead_mode = mode;
        let decisions = world.settle();
        let [Step::Book(placed)] = &decisions[0].steps[..] else {
            panic!("{decisions:?}")
        };
        assert_eq!((placed.start, placed.fit), (local(expected), Fit::OnTarget));
    }
}

#[test]
fn s06_a_closed_weekend_takes_friday_as_late_as_possible() {
    let hours = week(&WORKDAYS, 8, 19);
    let patient = one(&[("pt1", "Mon 06-15 10:00")]);
    let mut world = World::new("Mon 06-08 09:00", hours, vec![patient.clone()]);
    // 18:15 + 45 min ends at 19:00: later than 18:00 and therefore nearer.
    assert_eq!(notes(&world.settle()), ["p1 book booked Fri 06-12 18:15 for pt1"]);
    let hours = closed(&WORKDAYS, &[("Thu 06-11 00:00", "Mon 06-15 00:00")]);
    let mut world = World::new("Mon 06-08 09:00", hours, vec![patient]);
    assert_eq!(notes(&world.settle()), ["p1 unprepared pt1: closure"]);
}

#[test]
fn s07_a_contraindication_holds_the_ea_at_once_and_the_pt_loses_its_link() {
    let mut patient = one(&[("pt1", "Wed 06-03 10:00")]);
    patient
        .eas
        .push(ea("e1", "Mon 06-01 10:00", EaStatus::Booked, &["pt1"]));
    patient.holds.push(Hold::Electro);
    let mut world = World::new("Mon 06-01 09:55", office_hours(), vec![patient]);
    assert_eq!(
        notes(&world.settle()),
        ["p1 hold e1 hold", "p1 unprepared pt1: hold"]
    );
    // Released: it comes back as a proposal if it still satisfies everything.
    world.cases[0].holds.clear();
    world.cases[0].pts[0] = pt("pt1", "Wed 06-03 10:00");
    world.now = at("Mon 06-01 07:00");
    assert_eq!(notes(&world.settle()), ["p1 release e1"]);
}

#[test]
fn s07_a_hold_of_other_zones_touches_nothing() {
    let mut patient = one(&[("pt1", "Wed 06-10 10:00")]);
    patient.holds.push(Hold::Zones(scheduler::case::Zones(4)));
    let mut world = World::new("Mon 06-01 09:00", office_hours(), vec![patient]);
    assert_eq!(notes(&world.settle()), ["p1 book booked Mon 06-08 10:00 for pt1"]);
}

#[test]
fn s08_what_is_already_there_is_not_decided_again() {
    let mut world = World::new(
        "Mon 06-01 09:00",
        office_hours(),
        vec![one(&[("pt1", "Wed 06-10 10:00")])],
    );
    assert_eq!(world.settle().len(), 1);
    assert!(world.decide().is_empty());
    world.cases[0].pts[0] = pt("pt1", "Thu 06-11 10:00");
    world.cases[0].pts[0].revision = 2;
    assert!(world.settle().is_empty(), "72 h is still acceptable");
    world.cases[0].pts[0] = pt("pt1", "Fri 06-12 10:00");
    let notes = notes(&world.settle());
    assert!(
        notes[0].starts_with("p1 move") && notes[0].ends_with("rev 2 to booked Wed 06-10 10:00 for pt1"),
        "{notes:?}"
    );
}

#[test]
fn s09_two_patients_and_one_free_slot() {
    let hours = OpenHours::new(
        TimeZone::UTC,
        [(Weekday::Monday, 600, 645), (Weekday::Tuesday, 480, 525)],
        vec![],
        15,
    );
    let (mut a, mut b) = (case("a"), case("b"));
    a.pts.push(pt("pt1", "Wed 06-10 10:00"));
    b.pts.push(pt("pt1", "Wed 06-10 10:00"));
    let mut world = World::new("Mon 06-01 09:00", hours, vec![b, a]);
    let mut notes = notes(&world.settle());
    notes.sort();
    assert_eq!(
        notes,
        [
            "a book booked Mon 06-08 10:00 for pt1",
            "b book booked Tue 06-09 08:00 for pt1"
        ]
    );
}

#[test]
fn s09_a_double_booking_made_by_two_leaders_is_repaired_by_the_later_one() {
    let (mut a, mut b) = (one(&[("pt1", "Wed 06-10 10:00")]), case("p2"));
    a.eas
        .push(ea("e1", "Mon 06-08 10:00", EaStatus::Booked, &["pt1"]));
    b.pts.push(pt("pt2", "Wed 06-10 10:00"));
    b.eas
        .push(ea("e2", "Mon 06-08 10:15", EaStatus::Booked, &["pt2"]));
    b.eas[0].order = 2;
    let mut world = World::new("Mon 06-01 09:00", office_hours(), vec![a, b]);
    assert_eq!(
        notes(&world.settle()),
        ["p2 move e2 rev 2 to booked Mon 06-08 10:45 for pt2"]
    );
}

#[test]
fn s10_a_declined_slot_is_not_offered_again() {
    let mut patient = one(&[("pt1", "Wed 06-10 10:00")]);
    patient
        .eas
        .push(ea("e1", "Mon 06-08 10:00", EaStatus::Declined, &["pt1"]));
    let mut world = World::new("Mon 06-01 09:00", office_hours(), vec![patient]);
    assert_eq!(notes(&world.settle()), ["p1 book booked Mon 06-08 10:45 for pt1"]);
}

#[test]
fn s11_pt_cancelled_before_and_after_its_ea() {
    let mut patient = one(&[]);
    patient
        .eas
        .push(ea("e1", "Mon 06-01 10:00", EaStatus::Completed, &["pt1"]));
    patient
        .eas
        .push(ea("e2", "Mon 06-08 10:00", EaStatus::Booked, &["pt2"]));
    let mut world = World::new("Tue 06-02 09:00", office_hours(), vec![patient]);
    assert_eq!(notes(&world.settle()), ["p1 cancel e2 pt-cancelled"]);
}

#[test]
fn s12_a_day_is_closed_and_what_can_move_moves() {
    let mut a = one(&[("pt1", "Wed 06-10 10:00")]);
    a.eas
        .push(ea("e1", "Mon 06-08 10:00", EaStatus::Booked, &["pt1"]));
    let mut b = case("p2");
    b.pts.push(pt("pt2", "Tue 06-09 10:00"));
    b.eas
        .push(ea("e2", "Mon 06-08 09:00", EaStatus::Booked, &["pt2"]));
    let hours = closed(
        &WORKDAYS,
        &[
            ("Mon 06-08 00:00", "Tue 06-09 00:00"),
            ("Fri 06-05 00:00", "Sat 06-06 00:00"),
        ],
    );
    let mut world = World::new("Fri 06-05 12:00", hours.clone(), vec![a.clone(), b.clone()]);
    assert_eq!(
        notes(&world.settle()),
        [
            "p1 move e1 rev 2 to booked Tue 06-09 08:00 for pt1",
            "p2 cancel e2 no-longer-possible",
            "p2 unprepared pt2: outside-open-hours, closure"
        ]
    );
    // On Sunday noon both start within 24 h: reported, not moved.
    let mut world = World::new("Sun 06-07 12:00", hours, vec![a, b]);
    assert_eq!(
        notes(&world.settle()),
        [
            r#"p1 report e1 {"closure"}"#,
            "p1 unprepared pt1: closure, freeze",
            r#"p2 report e2 {"closure"}"#,
            "p2 unprepared pt2: closure, freeze"
        ]
    );
}
