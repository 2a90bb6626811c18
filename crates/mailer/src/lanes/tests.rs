//! Room in the lanes, turn by turn.

use care::id::PatientId;
use care::phi::Phi;

use super::*;
use crate::breaker::Sign;

const BOUNDS: Bounds = Bounds {
    routine: 4,
    urgent: 3,
    per_domain: 2,
};

fn at(minute: i64) -> Timestamp {
    Timestamp::constant(1_780_000_000, 0) + minutes(minute)
}

fn patient(n: u32) -> About {
    About::Patient(PatientId::new(format!("p-{n}")).unwrap())
}

fn mail(urgent: bool, domain: &str) -> Mail {
    Mail {
        notice_id: String::new(),
        message_id: String::new(),
        thread_root: None,
        to_name: None,
        to: Phi::new(format!("m-1@{domain}.example")),
        from_name: String::new(),
        from: String::new(),
        reply_to: None,
        date: at(0),
        subject: String::new(),
        text: Phi::default(),
        html: Phi::default(),
        images: Vec::new(),
        invitation: None,
        urgent,
        attempt: 1,
    }
}

fn key() -> (NoticeId, u32) {
    (NoticeId::new("n-1").unwrap(), 1)
}

fn domain(name: &str) -> Domain {
    Domain::of(&Phi::new(format!("m-1@{name}.example")))
}

/// What a mail waits for: `None`, `"lane"` or `"domain"`.
fn waits(lanes: &Lanes, urgent: bool, to: &str, beside: &[Mail], minute: i64) -> Option<&'static str> {
    let turn = lanes.turn(urgent, &domain(to), beside, at(minute))?;
    assert_eq!(turn.urgent, urgent);
    Some(if turn.domain.is_some() { "domain" } else { "lane" })
}

/// Lanes with routine mail of patients 1, 2, … to these domains on its way.
fn with(domains: &[&str]) -> Lanes {
    let mut lanes = Lanes::new(BOUNDS);
    for (n, to) in (1..).zip(domains) {
        lanes.leave(&patient(n), key(), &mail(false, to));
    }
    lanes
}

#[test]
fn a_full_lane_waits_and_the_other_does_not() {
    let lanes = with(&["a", "b", "c", "d"]);
    assert_eq!(waits(&lanes, false, "e", &[], 0), Some("lane"));
    assert_eq!(waits(&lanes, true, "a", &[], 0), None);
    assert_eq!(lanes.open(), (4, 0));
}

#[test]
fn one_domain_never_fills_a_lane() {
    let lanes = with(&["slow", "slow"]);
    assert_eq!(waits(&lanes, false, "slow", &[], 0), Some("domain"));
    assert_eq!(waits(&lanes, false, "well", &[], 0), None);
    assert_eq!(waits(&lanes, true, "slow", &[], 0), None);
}

#[test]
fn what_is_claimed_in_the_same_round_takes_room_too() {
    let lanes = with(&["a"]);
    let beside = [mail(false, "b"), mail(false, "b"), mail(true, "c")];
    assert_eq!(waits(&lanes, false, "b", &beside, 0), Some("domain"));
    assert_eq!(waits(&lanes, false, "c", &beside, 0), None);
    let beside = [mail(false, "b"), mail(false, "c"), mail(false, "d")];
    assert_eq!(waits(&lanes, false, "e", &beside, 0), Some("lane"));
}

#[test]
fn what_has_ended_makes_room_once() {
    let mut lanes = with(&["a", "a", "b", "b"]);
    lanes.leave(&patient(1), key(), &mail(false, "a"));
    assert_eq!(lanes.open(), (4, 0), "the same claim again is the same claim");
    lanes.retain(&patient(1), |_| true);
    assert_eq!(lanes.open(), (4, 0));
    lanes.retain(&patient(1), |_| false);
    lanes.retain(&patient(1), |_| false);
    lanes.retain(&patient(9), |_| false);
    assert_eq!(lanes.open(), (3, 0));
    assert_eq!(waits(&lanes, false, "a", &[], 0), None);
    assert_eq!(waits(&lanes, false, "b", &[], 0), Some("domain"));
}

#[test]
fn a_sick_domain_is_left_alone_then_probed_by_one_mail_and_urgent_mail_tries_anyway() {
    let mut lanes = Lanes::new(BOUNDS);
    (0..3).for_each(|_| lanes.breakers_mut().note(&domain("sick"), Sign::Sick, at(0)));
    assert_eq!(waits(&lanes, false, "sick", &[], 0), Some("domain"));
    assert_eq!(waits(&lanes, false, "well", &[], 0), None);
    assert_eq!(waits(&lanes, true, "sick", &[], 0), None);
    let turn = lanes.turn(false, &domain("sick"), &[], at(0)).unwrap();
    assert_eq!(lanes.opens_at(&turn), Some(at(1)));
    assert_eq!(waits(&lanes, false, "sick", &[], 1), None);
    lanes.leave(&patient(1), key(), &mail(false, "sick"));
    assert_eq!(
        waits(&lanes, false, "sick", &[], 1),
        Some("domain"),
        "one probe, not two"
    );
    assert_eq!(lanes.opens_at(&turn), None, "the probe's end opens it, not time");
    lanes.breakers_mut().note(&domain("sick"), Sign::Well, at(1));
    assert_eq!(waits(&lanes, false, "sick", &[], 1), None);
}

#[test]
fn a_pause_holds_routine_mail_only_and_its_end_makes_due_what_it_put_off() {
    let mut lanes = Lanes::new(BOUNDS);
    assert!(!lanes.pause(Some(at(10)), at(10)));
    assert_eq!(waits(&lanes, false, "a", &[], 10), Some("lane"));
    assert_eq!(waits(&lanes, true, "a", &[], 10), None);
    assert!(!lanes.was_out(at(10)), "it is not over");
    assert!(lanes.pause(None, at(20)));
    assert_eq!(waits(&lanes, false, "a", &[], 20), None);
    assert_eq!(
        [9, 10, 20, 21].map(|minute| lanes.was_out(at(minute))),
        [false, true, false, false]
    );
}

#[test]
fn a_server_that_comes_and_goes_makes_nothing_due() {
    let mut lanes = Lanes::new(BOUNDS);
    lanes.pause(Some(at(10)), at(10));
    assert!(!lanes.pause(None, at(10)));
    assert!(!lanes.was_out(at(10)));
}

#[test]
fn without_bounds_nothing_waits() {
    let mut lanes = Lanes::default();
    (0..500).for_each(|n| lanes.leave(&patient(n), key(), &mail(false, "a")));
    assert_eq!(waits(&lanes, false, "a", &[], 0), None);
}
