//! Random small worlds: a few patients, one acupuncturist, three weeks, and people who change their minds.

use care::Event;
use care::id::PatientId;
use care::time::{Timestamp, hours, minutes};
use proptest::prelude::*;
use serde_json::{Value, json};
use tests::clinic::facts::{self, Fact};

/// Monday 1 June 2026, 08:00 in Toronto.
pub(crate) const BEGIN: &str = "2026-06-01T12:00:00Z";

/// What somebody does.
#[derive(Debug, Clone)]
pub(crate) enum Deed {
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
    /// The last fact arrives again.
    Again,
}

/// One thing that happens: to whom, how long after the one before, and how late it is told.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) patient: u8,
    pub(crate) after_min: i64,
    pub(crate) late_hours: i64,
    pub(crate) deed: Deed,
}

/// A world.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) patients: u8,
    pub(crate) capacity: u16,
    pub(crate) buffer_min: u16,
    pub(crate) ask: bool,
    pub(crate) told: Vec<Told>,
}

pub(crate) fn worlds() -> impl Strategy<Value = World> {
    let told = (
        0u8..3,
        0i64..(30 * 60),
        prop_oneof![4 => Just(0i64), 1 => 1i64..72],
        deeds(),
    );
    let told = told.prop_map(|(patient, after_min, late_hours, deed)| Told {
        patient,
        after_min,
        late_hours,
        deed,
    });
    (
        1u8..=3,
        1u16..=2,
        prop::sample::select(vec![0u16, 10]),
        any::<bool>(),
        prop::collection::vec(told, 1..28),
    )
        .prop_map(|(patients, capacity, buffer_min, ask, told)| World {
            patients,
            capacity,
            buffer_min,
            ask,
            told,
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
        1 => Just(Deed::Again),
    ]
}

pub(crate) fn begin() -> Timestamp {
    BEGIN.parse().expect("an instant")
}

pub(crate) fn patient(number: u8) -> PatientId {
    PatientId::new(format!("p-{number}")).expect("an id")
}

/// Calendar and plans: what is there before anything happens.
pub(crate) fn setting(world: &World) -> Vec<Event> {
    let mut events = vec![calendar(world, None, 1, begin())];
    events.extend((0..world.patients).map(|n| facts::plan(&format!("p-{n}"), "acu-1", BEGIN).event()));
    events
}

pub(crate) fn calendar(world: &World, closed: Option<u8>, revision: u64, at: Timestamp) -> Event {
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
pub(crate) fn moment(day: u8, half_hour: u8) -> Timestamp {
    begin() + hours(24 * i64::from(day)) + minutes(30 * i64::from(half_hour))
}
