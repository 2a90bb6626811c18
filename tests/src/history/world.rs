//! Random small worlds: a few patients, one acupuncturist, three weeks, and people who change their minds.

use care::Event;
use care::id::PatientId;
use care::time::{Timestamp, hours, minutes};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::clinic::facts::{self, Fact};

/// Monday 1 June 2026, 08:00 in Toronto.
pub const BEGIN: &str = "2026-06-01T12:00:00Z";

/// What somebody does.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each variant says what its fields are")]
pub enum Deed {
    /// A PT is booked, or moved if it is known.
    Pt { pt: u8, day: u8, half_hour: u8 },
    /// A PT is cancelled, or takes place.
    PtEnds { pt: u8, takes_place: bool },
    /// People decide about the nth EA.
    Ea { nth: u8, verb: &'static str },
    /// People book an EA by hand.
    ByHand { ea: u8, day: u8, half_hour: u8 },
    /// The acupuncturist closes two days.
    Closes { day: u8 },
    /// The plan is held, resumed or completed.
    Plan { verb: &'static str },
    /// Pregnancy is asked for.
    Screened { value: &'static str, by: &'static str },
    /// A red flag, or its review.
    RedFlag { reviewed: bool },
    /// An Oswestry.
    Oswestry { each: u8 },
    /// A pain score.
    Pain { value: u8 },
    /// Somebody takes the nth open alert on, or ends it.
    Answers { nth: u8, ends: bool },
    /// A needling session that nobody booked took place.
    WalkIn { retention_min: u8 },
    /// An examination of the leg.
    Exam { grade: u8 },
    /// The acupuncturist's licence is published.
    Licence { through_day: u8 },
    /// The last fact arrives again.
    Again,
    /// The last fact arrives again under another event id.
    Twin,
    /// The last fact's identity arrives with another payload.
    Forked,
}

/// One thing that happens: to whom, how long after the one before, and how late it is told.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Told {
    pub patient: u8,
    pub after_min: i64,
    pub late_hours: i64,
    pub deed: Deed,
}

/// A world.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the names say it")]
pub struct World {
    pub patients: u8,
    pub capacity: u16,
    pub buffer_min: u16,
    pub ask: bool,
    pub told: Vec<Told>,
}

/// Worlds of one to three patients and up to 27 deeds.
pub fn worlds() -> impl Strategy<Value = World> {
    (
        1u8..=3,
        1u16..=2,
        prop::sample::select(vec![0u16, 10]),
        any::<bool>(),
        prop::collection::vec(told(), 1..28),
    )
        .prop_map(|(patients, capacity, buffer_min, ask, told)| World {
            patients,
            capacity,
            buffer_min,
            ask,
            told,
        })
}

/// One deed.
pub fn told() -> impl Strategy<Value = Told> {
    (
        0u8..3,
        0i64..(30 * 60),
        prop_oneof![4 => Just(0i64), 1 => 1i64..72],
        deeds(),
    )
        .prop_map(|(patient, after_min, late_hours, deed)| Told {
            patient,
            after_min,
            late_hours,
            deed,
        })
}

fn deeds() -> impl Strategy<Value = Deed> {
    let ea = ["confirmed", "declined", "completed", "missed", "cancelled"];
    let values = [
        ("yes", "patient"),
        ("no", "patient"),
        ("no", "acupuncturist"),
        ("unknown", "acupuncturist"),
    ];
    prop_oneof![
        8 => (0u8..5, 0u8..24, 0u8..20).prop_map(|(pt, day, half_hour)| Deed::Pt { pt, day, half_hour }),
        2 => (0u8..5, any::<bool>()).prop_map(|(pt, takes_place)| Deed::PtEnds { pt, takes_place }),
        5 => (0u8..6, prop::sample::select(ea.to_vec())).prop_map(|(nth, verb)| Deed::Ea { nth, verb }),
        1 => (0u8..3, 0u8..24, 0u8..20).prop_map(|(ea, day, half_hour)| Deed::ByHand { ea, day, half_hour }),
        2 => (0u8..24).prop_map(|day| Deed::Closes { day }),
        2 => prop::sample::select(vec!["held", "resumed", "resumed", "completed"]).prop_map(|verb| Deed::Plan { verb }),
        2 => prop::sample::select(values.to_vec()).prop_map(|(value, by)| Deed::Screened { value, by }),
        1 => any::<bool>().prop_map(|reviewed| Deed::RedFlag { reviewed }),
        2 => (0u8..=5).prop_map(|each| Deed::Oswestry { each }),
        2 => (0u8..=100).prop_map(|value| Deed::Pain { value }),
        3 => (0u8..4, prop::bool::weighted(0.3)).prop_map(|(nth, ends)| Deed::Answers { nth, ends }),
        2 => (5u8..30).prop_map(|retention_min| Deed::WalkIn { retention_min }),
        1 => (0u8..=5).prop_map(|grade| Deed::Exam { grade }),
        1 => (0u8..24).prop_map(|through_day| Deed::Licence { through_day }),
        1 => Just(Deed::Again),
        1 => Just(Deed::Twin),
        1 => Just(Deed::Forked),
    ]
}

/// The first moment.
#[must_use]
pub fn begin() -> Timestamp {
    BEGIN.parse().unwrap_or_default()
}

/// The id of a patient by number.
///
/// # Panics
/// Never: the number makes an id.
#[must_use]
pub fn patient(number: u8) -> PatientId {
    #[expect(clippy::expect_used, reason = "letters and digits")]
    PatientId::new(format!("p-{number}")).expect("an id")
}

/// Calendar and plans: what is there before anything happens.
#[must_use]
pub fn setting(world: &World) -> Vec<Event> {
    let mut events = vec![calendar(world, None, 1, begin())];
    events.extend((0..world.patients).map(|n| facts::plan(&format!("p-{n}"), "acu-1", BEGIN).event()));
    events
}

/// The acupuncturist's calendar, with two days closed if one is named.
#[must_use]
pub fn calendar(world: &World, closed: Option<u8>, revision: u64, at: Timestamp) -> Event {
    let open = |day: &str| json!({ "day": day, "from": "08:00", "to": "12:00" });
    let weekly: Vec<Value> = ["mon", "tue", "wed", "thu", "fri"].map(open).into();
    let closures: Vec<Value> = closed
        .map(|day| json!({ "from": moment(day, 0).to_string(), "to": (moment(day, 0) + hours(48)).to_string() }))
        .into_iter()
        .collect();
    let data = json!({
        "revision": revision, "timezone": "America/Toronto", "weekly": weekly, "closures": closures,
        "capacity": world.capacity, "buffer_min": world.buffer_min,
    });
    Fact::new(
        &format!("calendar-{revision}"),
        "calendar.published",
        "practitioner/acu-1",
        &at.to_string(),
        &data,
    )
    .event()
}

/// The moment of a day and half hour after the beginning.
#[must_use]
pub fn moment(day: u8, half_hour: u8) -> Timestamp {
    begin() + hours(24 * i64::from(day)) + minutes(30 * i64::from(half_hour))
}
