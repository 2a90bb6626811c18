//! Random worlds and what happens in them, seeded.

use care::time::{TimeZone, Timestamp, Weekday, hours, minutes};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use scheduler::case::{Case, EaStatus, Hold, PlanState, Zones};
use scheduler::open_hours::OpenHours;

use crate::law::Plain;
use crate::world::{World, acu, at, case, ea, pt_at};

/// Seeded, so that a failure is the same everywhere.
pub(crate) fn runner(cases: u32) -> TestRunner {
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]))
}

pub(crate) fn now() -> Timestamp {
    at("Mon 06-01 04:00")
}

pub(crate) fn day(n: u8) -> Weekday {
    Weekday::from_monday_zero_offset(i8::try_from(n % 7).unwrap()).unwrap()
}

prop_compose! {
    pub(crate) fn plain()(
        ranges in prop::collection::vec((0_u8..7, 0_i64..16, 1_i64..9), 2..9),
        closures in prop::collection::vec((0_i64..240, 1_i64..30), 0..3),
        step_min in prop::sample::select(vec![15_i64, 30, 60]),
        capacity in 1_usize..3,
        buffer_min in prop::sample::select(vec![0_i64, 0, 10]),
    ) -> Plain {
        let open = ranges.into_iter().map(|(d, from, long)| (day(d), from * 60, (from + long).min(24) * 60)).collect();
        let closures = closures
            .into_iter()
            .map(|(from, long)| (now() + hours(from), now() + hours(from + long)))
            .collect();
        Plain { open, closures, step_min, capacity, buffer_min }
    }
}

pub(crate) fn open_hours(plain: &Plain) -> OpenHours {
    let minute = |m: i64| u16::try_from(m).unwrap();
    let ranges = plain
        .open
        .iter()
        .map(|(day, from, to)| (*day, minute(*from), minute(*to)));
    let mut hours = OpenHours::new(
        TimeZone::UTC,
        ranges,
        plain.closures.clone(),
        minute(plain.step_min),
    );
    hours.capacity = u16::try_from(plain.capacity).unwrap();
    hours.buffer_min = minute(plain.buffer_min);
    hours
}

prop_compose! {
    /// A patient with PT sessions of the next weeks and a past.
    pub(crate) fn patient(name: usize)(
        pts in prop::collection::vec((1_i64..320, 0_i64..4), 1..6),
        done in prop::option::of(1_i64..60),
        attended in 0_u32..8,
        hold in prop::sample::select(vec![None, None, None, None, Some(Hold::Zones(Zones(1))), Some(Hold::Zones(Zones(2)))]),
        elsewhere in prop::option::of(1_i64..300),
    ) -> Case {
        let mut patient = case(&format!("p{name}"));
        for (number, (hour, quarter)) in pts.into_iter().enumerate() {
            patient.pts.push(pt_at(&format!("pt{number}"), now() + hours(hour) + minutes(15 * quarter)));
        }
        if let Some(ago) = done {
            let mut past = ea("done", "06-01 00:00", EaStatus::Completed, &["pt0"]);
            (past.start, past.end) = (now() - hours(ago), now() - hours(ago) + minutes(45));
            patient.eas.push(past);
        }
        patient.attended = attended;
        patient.holds.extend(hold);
        patient.elsewhere.extend(elsewhere.map(|h| (now() + hours(h), now() + hours(h + 3))));
        patient
    }
}

pub(crate) fn patients(most: usize) -> impl Strategy<Value = Vec<Case>> {
    prop::collection::vec(any::<prop::sample::Index>(), 1..most + 1).prop_flat_map(|names| {
        names
            .iter()
            .enumerate()
            .map(|(number, _)| patient(number))
            .collect::<Vec<_>>()
    })
}

/// Something that happens to a patient after the first round.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    PtMoves(usize, i64),
    PtGoes,
    Declines,
    Hold(Hold),
    Paused,
    Resumed,
    Closes(i64),
    Later(i64),
}

pub(crate) fn event() -> impl Strategy<Value = (usize, Event)> {
    let what = prop_oneof![
        3 => (0_usize..6, -80_i64..80).prop_map(|(pt, by)| Event::PtMoves(pt, by)),
        1 => Just(Event::PtGoes),
        1 => Just(Event::Declines),
        1 => prop::sample::select(vec![Hold::All, Hold::Electro, Hold::Zones(Zones(2))]).prop_map(Event::Hold),
        1 => Just(Event::Paused),
        2 => Just(Event::Resumed),
        1 => (0_i64..300).prop_map(Event::Closes),
        2 => (1_i64..40).prop_map(Event::Later),
    ];
    (0_usize..8, what)
}

pub(crate) fn happen(world: &mut World, plain: &mut Plain, who: usize, event: &Event) {
    let who = who % world.cases.len();
    let now = world.now;
    let case = &mut world.cases[who];
    match event {
        Event::PtMoves(pt, by) => {
            let number = pt % case.pts.len().max(1);
            if let Some(pt) = case.pts.get_mut(number) {
                let start = (pt.start + hours(*by)).max(now + hours(1));
                (pt.start, pt.end, pt.revision) = (start, start + minutes(60), pt.revision + 1);
            }
        }
        Event::PtGoes => drop(case.pts.pop()),
        Event::Declines => {
            if let Some(ea) = case.eas.iter_mut().find(|ea| ea.is_active() && ea.start > now) {
                (ea.status, ea.revision) = (EaStatus::Declined, ea.revision + 1);
            }
        }
        Event::Hold(hold) => case.holds.push(*hold),
        Event::Paused => case.plan = PlanState::Held,
        Event::Resumed => {
            case.plan = PlanState::Active;
            case.holds.clear();
            case.pts.iter_mut().for_each(|pt| pt.ask = true);
        }
        Event::Closes(from) => {
            plain.closures.push((now + hours(*from), now + hours(from + 20)));
            world.hours.insert(acu("acu-1"), open_hours(plain));
        }
        Event::Later(by) => {
            world.now += hours(*by);
            for case in &mut world.cases {
                for ea in case
                    .eas
                    .iter_mut()
                    .filter(|ea| ea.is_active() && ea.end <= world.now)
                {
                    ea.status = EaStatus::Completed;
                    case.attended += 1;
                }
                case.pts.retain(|pt| pt.start > world.now);
            }
        }
    }
}

prop_compose! {
    /// Few open hours and many PT sessions close together: a world where places are scarce.
    pub(crate) fn scarce()(
        days in prop::collection::vec(0_u8..7, 2..5),
        from in 8_i64..12,
        long_min in prop::sample::select(vec![45_i64, 90, 120, 150, 180]),
        step_min in prop::sample::select(vec![15_i64, 30, 45]),
        capacity in prop::sample::select(vec![1_usize, 1, 1, 2]),
        pts in prop::collection::vec((0_usize..4, 26_i64..140, 0_i64..4), 3..8),
    ) -> (Plain, Vec<Vec<Timestamp>>) {
        let open = days.into_iter().map(|d| (day(d), from * 60, from * 60 + long_min)).collect();
        let plain = Plain { open, closures: vec![], step_min, capacity, buffer_min: 0 };
        let mut patients = vec![Vec::new(); 4];
        for (who, hour, quarter) in pts {
            patients[who].push(now() + hours(hour) + minutes(15 * quarter));
        }
        patients.iter_mut().for_each(|p| {
            p.sort();
            p.dedup();
        });
        (plain, patients)
    }
}
