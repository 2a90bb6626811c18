//! How long a month of imported PT sessions takes: 10 000 of them, 40 practitioners, one core.
//! `normal` has places for everybody with little to spare, `scarce` has places for half of them.

use care::id::{PatientId, PractitionerId, SessionId};
use care::time::{SignedDuration, TimeZone, Timestamp, Weekday, minutes};
use divan::Bencher;
use scheduler::case::{Case, Needling, PlanState, Pt, Zones};
use scheduler::diary::{Diary, Practitioner};
use scheduler::open_hours::OpenHours;
use scheduler::step::Step;
use scheduler::{Rules, decide};

const PRACTITIONERS: u64 = 40;
const PATIENTS: u64 = 32;
const PT_EACH: u64 = 8;

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 5)]
fn normal(bencher: Bencher<'_, '_>) {
    run(bencher, "normal", 6, 8..18);
}

#[divan::bench(sample_count = 5)]
fn scarce(bencher: Bencher<'_, '_>) {
    run(bencher, "scarce", 5, 9..14);
}

fn run(bencher: Bencher<'_, '_>, name: &str, days: i8, hours: std::ops::Range<u16>) {
    let (cases, diary, now) = world(days, hours);
    let decisions = decide(&cases, &diary, &Rules::default(), now);
    let steps = || decisions.iter().flat_map(|d| &d.steps);
    let booked: Vec<(usize, SignedDuration)> = steps()
        .filter_map(|s| match s {
            Step::Book(placed) => Some((placed.prepares.len(), placed.deviation.abs())),
            _ => None,
        })
        .collect();
    let served: usize = booked.iter().map(|b| b.0).sum();
    let off =
        booked.iter().map(|b| b.1.as_mins()).sum::<i64>() / i64::try_from(booked.len().max(1)).unwrap_or(1);
    let unserved = steps().filter(|s| matches!(s, Step::Unprepared(_))).count();
    let pts: usize = cases.iter().map(|c| c.pts.len()).sum();
    eprintln!(
        "{name}: {pts} PT, {served} served, {unserved} not by {} EA, {off} min off the target on average",
        booked.len()
    );
    bencher.bench_local(|| decide(&cases, &diary, &Rules::default(), now));
}

/// Each patient has PT twice a week for four weeks, at hours of the day that repeat from patient to patient.
fn world(days: i8, hours: std::ops::Range<u16>) -> (Vec<Case>, Diary, Timestamp) {
    let now: Timestamp = "2026-05-29T12:00:00Z".parse().unwrap_or_default();
    let monday: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap_or_default();
    let (mut cases, mut diary, mut seed) = (Vec::new(), Diary::default(), 7_u64);
    for p in 0..PRACTITIONERS {
        let Ok(id) = PractitionerId::new(format!("acu-{p}")) else {
            continue;
        };
        let open = (0..days).filter_map(|d| Weekday::from_monday_zero_offset(d).ok());
        let open = open.map(|day| (day, hours.start * 60, hours.end * 60));
        let hours = OpenHours::new(TimeZone::UTC, open, vec![], 15);
        diary
            .practitioners
            .insert(id.clone(), Practitioner::with_hours(hours));
        cases.extend((0..PATIENTS).filter_map(|n| patient(&id, &format!("p-{p}-{n}"), monday, &mut seed)));
    }
    (cases, diary, now)
}

fn patient(practitioner: &PractitionerId, name: &str, monday: Timestamp, seed: &mut u64) -> Option<Case> {
    let mut below = |n: u64| {
        *seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (*seed >> 33) % n
    };
    let (first, apart) = (below(3), 2 + below(2));
    let quarter = 4 * 8 + below(4 * 10);
    let pts = (0..PT_EACH).filter_map(|n| {
        let day = first + (n % 2) * apart + 7 * (n / 2);
        let start = monday + minutes(i64::try_from(day * 1440 + quarter * 15).ok()?);
        let id = SessionId::new(format!("pt-{n}")).ok()?;
        Some(Pt {
            id,
            revision: 1,
            start,
            end: start + minutes(60),
            practitioner: None,
            booked: true,
            ask: false,
        })
    });
    Some(Case {
        patient: PatientId::new(name).ok()?,
        zone: TimeZone::UTC,
        plan: PlanState::Active,
        practitioner: Some(practitioner.clone()),
        lead_hours: None,
        length: minutes(45),
        needling: Needling {
            zones: Zones(1),
            electro: true,
        },
        holds: vec![],
        attended: 0,
        stopped: false,
        pts: pts.collect(),
        eas: vec![],
        elsewhere: vec![],
    })
}
