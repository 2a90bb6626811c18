//! Each thing that can be wrong, and what it means.

use care::time::{SignedDuration, Timestamp};
use health::{STALLED, State, UNTOLD, is_alive, judge, misses_a_beat};
use tokio::time::Instant;

use super::*;

/// The present, and a node that is well then. Far from the beginning of the machine's clock, so that there is a past.
fn present() -> (Instant, Vitals) {
    let now = Instant::now() + Duration::from_secs(3600);
    let mut vitals = well("acme");
    (vitals.turned, vitals.saved.current_at) = (now, Some(now));
    (now, vitals)
}

/// The checks that are not as they should be.
fn wrong(vitals: &Vitals, now: Instant) -> Vec<(&'static str, State)> {
    let checks = judge(vitals, now);
    let wrong = checks.iter().filter(|check| check.state != State::Ok);
    wrong.map(|check| (check.name, check.state)).collect()
}

#[test]
fn a_node_that_is_well_passes_everything() {
    let (now, vitals) = present();
    assert_eq!(wrong(&vitals, now), []);
    assert!(is_alive(&vitals, now));
    assert_eq!(misses_a_beat(&vitals, now), None);
}

#[test]
fn everything_that_can_be_wrong_is_told_by_its_name() {
    type Harm = fn(&mut Vitals, Instant);
    let cases: [(Harm, &str, State); 12] = [
        (|v, _| v.counts.notices[1] = 1, "mail", State::Degraded),
        (|v, _| v.phase = Phase::Opening, "loop", State::Failed),
        (|v, _| v.phase = Phase::CatchingUp, "loop", State::Failed),
        (|v, _| v.phase = Phase::Stopping, "loop", State::Failed),
        (|v, now| v.turned = now - STALLED, "loop", State::Failed),
        (|v, _| v.connected = false, "nats", State::Failed),
        (
            |v, now| v.behind_since = Some(now - Duration::from_secs(10)),
            "log",
            State::Failed,
        ),
        (|v, _| v.saved.works = false, "checkpoint", State::Degraded),
        (
            |v, now| v.saved.current_at = Some(now - Duration::from_secs(60)),
            "checkpoint",
            State::Degraded,
        ),
        (
            |v, _| v.clock_doubt = Some("an hour apart".to_owned()),
            "clock",
            State::Failed,
        ),
        (|v, _| v.mail_paused = true, "mail", State::Degraded),
        (|v, _| v.domains_paused = 2, "mail", State::Degraded),
    ];
    for (harm, name, state) in cases {
        let (now, mut vitals) = present();
        harm(&mut vitals, now);
        assert!(
            wrong(&vitals, now).contains(&(name, state)),
            "{name}: {:?}",
            judge(&vitals, now)
        );
        let silent = misses_a_beat(&vitals, now);
        assert_eq!(silent.is_some(), state == State::Failed, "{name}: {silent:?}");
    }
}

#[test]
fn a_moment_of_lag_is_no_reason_and_a_first_reading_is() {
    let (now, mut vitals) = present();
    vitals.behind_since = Some(now - Duration::from_secs(9));
    assert_eq!(wrong(&vitals, now), []);
    vitals.phase = Phase::CatchingUp;
    assert_eq!(
        wrong(&vitals, now),
        [("loop", State::Failed), ("log", State::Failed)]
    );
}

#[test]
fn only_a_loop_that_should_turn_and_does_not_is_dead() {
    for (phase, lives) in [
        (Phase::Opening, true),
        (Phase::CatchingUp, false),
        (Phase::Working, false),
        (Phase::Stopping, true),
    ] {
        let (now, mut vitals) = present();
        (vitals.phase, vitals.turned) = (phase, now - STALLED);
        assert_eq!(is_alive(&vitals, now), lives, "{phase:?}");
        vitals.turned += Duration::from_secs(1);
        assert!(is_alive(&vitals, now), "{phase:?}");
    }
    let (now, mut away) = present();
    away.connected = false;
    assert!(is_alive(&away, now), "NATS is outside");
}

#[test]
fn an_emergency_that_reached_nobody_stops_the_heart_and_nothing_else() {
    let (now, mut vitals) = present();
    let before = |by: SignedDuration| -> Option<Timestamp> { vitals.now.checked_sub(by).ok() };
    let (fresh, old) = (before(UNTOLD - SignedDuration::from_secs(1)), before(UNTOLD));
    vitals.counts.untold_emergency_since = fresh;
    assert_eq!(misses_a_beat(&vitals, now), None);
    vitals.counts.untold_emergency_since = old;
    let why = misses_a_beat(&vitals, now).unwrap();
    assert_eq!(why, "mail: an emergency has reached nobody for 120 s");
    assert_eq!(wrong(&vitals, now), []);
}
