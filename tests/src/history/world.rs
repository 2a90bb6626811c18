//! Random small worlds: a few patients, one or two acupuncturists and PT clinics, three weeks of some season, and
//! people who change their minds.

use care::Event;
use care::id::PatientId;
use care::time::{Timestamp, hours, minutes};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::clinic::facts::{self, Fact};

/// Monday 1 June 2026, 08:00 in Toronto.
pub const BEGIN: &str = "2026-06-01T12:00:00Z";

/// Mondays, 08:00 in Toronto: a plain one; before clocks go forward, there and then in Europe; before they go back;
/// before a 29 February.
const SEASONS: [&str; 4] = [
    BEGIN,
    "2026-03-02T13:00:00Z",
    "2026-10-26T12:00:00Z",
    "2028-02-21T13:00:00Z",
];

/// Where clinics move to: an hour's change, and half an hour's.
const ZONES: [&str; 3] = ["America/Toronto", "Europe/Berlin", "Australia/Lord_Howe"];

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
    /// An acupuncturist closes two days, and the calendar may be of another zone from then on.
    Closes { day: u8, whose: u8, zone: u8 },
    /// The plan gets another zone or another acupuncturist.
    Revised { zone: u8, practitioner: u8 },
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
    /// Acupuncturists: 1 or 2.
    pub practitioners: u8,
    /// Which of the four beginnings.
    pub season: u8,
    pub capacity: u16,
    pub buffer_min: u16,
    pub ask: bool,
    pub told: Vec<Told>,
}

/// Worlds of one to three patients and up to 27 deeds.
pub fn worlds() -> impl Strategy<Value = World> {
    (clinic(), prop::collection::vec(told(), 1..28)).prop_map(|(world, told)| World { told, ..world })
}

/// Worlds in which nothing happens.
pub fn clinic() -> impl Strategy<Value = World> {
    let people = (1u8..=3, prop_oneof![2 => Just(1u8), 1 => Just(2)], 0u8..4);
    let calendar = (1u16..=2, prop::sample::select(vec![0u16, 10]), any::<bool>());
    (people, calendar).prop_map(
        |((patients, practitioners, season), (capacity, buffer_min, ask))| World {
            patients,
            practitioners,
            season,
            capacity,
            buffer_min,
            ask,
            told: Vec::new(),
        },
    )
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
        2 => (0u8..24, 0u8..2, zone()).prop_map(|(day, whose, zone)| Deed::Closes { day, whose, zone }),
        1 => (zone(), 0u8..2).prop_map(|(zone, practitioner)| Deed::Revised { zone, practitioner }),
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

fn zone() -> impl Strategy<Value = u8> {
    prop_oneof![3 => Just(0u8), 1 => 1u8..3]
}

/// The first moment of the plain season.
#[must_use]
pub fn begin() -> Timestamp {
    BEGIN.parse().unwrap_or_default()
}

impl World {
    /// The first moment.
    #[must_use]
    pub fn begin(&self) -> Timestamp {
        let season = usize::from(self.season) % SEASONS.len();
        SEASONS
            .get(season)
            .and_then(|text| text.parse().ok())
            .unwrap_or_default()
    }

    /// The moment of a day and half hour after the beginning.
    #[must_use]
    pub fn moment(&self, day: u8, half_hour: u8) -> Timestamp {
        self.begin() + hours(24 * i64::from(day)) + minutes(30 * i64::from(half_hour))
    }
}

/// Where a patient has PT.
#[must_use]
pub const fn pt_clinic(patient: u8) -> &'static str {
    if patient.is_multiple_of(2) {
        facts::CLINIC
    } else {
        "westside-pt"
    }
}

/// The id of an acupuncturist by number.
#[must_use]
pub fn practitioner(world: &World, number: u8) -> String {
    format!("acu-{}", number % world.practitioners + 1)
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

/// Calendars and plans: what is there before anything happens.
#[must_use]
pub fn setting(world: &World) -> Vec<Event> {
    let at = world.begin();
    let calendars = (0..world.practitioners).map(|n| calendar(world, n, None, 0, 1, at));
    let plans = (0..world.patients).map(|n| plan(world, n, 0, n, 1, at));
    calendars.chain(plans).collect()
}

/// A patient's plan: begun as revision 1, revised later.
#[must_use]
pub fn plan(world: &World, patient: u8, zone: u8, acupuncturist: u8, revision: u64, at: Timestamp) -> Event {
    let day = &world.begin().to_string()[..10];
    let acupuncturist = practitioner(world, acupuncturist);
    // Everybody has a member of their own, who works by their calendar.
    let told = if acupuncturist == "acu-1" { "m-3" } else { "m-6" };
    let team = json!([
        {"role": "pcp", "member_id": "m-1", "email": "m-1@pcp.example"},
        {"role": "physiatrist", "member_id": "m-2", "email": "m-2@physiatry.example"},
        {"role": "acupuncturist", "member_id": told, "email": format!("{told}@acupuncture.example"),
         "practitioner": acupuncturist},
        {"role": "physical_therapist", "member_id": "m-4", "email": "m-4@therapy.example", "clinic": pt_clinic(patient)},
        {"role": "care_coordinator", "member_id": "m-5", "email": "m-5@care.example"},
    ]);
    let data = json!({
        "plan_id": format!("cp-p-{patient}"), "revision": revision, "timezone": ZONES[usize::from(zone) % ZONES.len()],
        "started_on": day, "patient": {}, "team": team,
        "ea": {"duration_min": 45, "points": ["BL23", "BL25", "GB34", "ST36"]}, "oswestry": {"baseline_on": day},
    });
    let kind = if revision == 1 {
        "plan.activated"
    } else {
        "plan.revised"
    };
    let (id, about) = (
        format!("plan-p-{patient}-{revision}"),
        format!("patient/p-{patient}"),
    );
    Fact::new(&id, kind, &about, &at.to_string(), &data).event()
}

/// An acupuncturist's calendar, with two days closed if one is named.
#[must_use]
pub fn calendar(
    world: &World,
    whose: u8,
    closed: Option<u8>,
    zone: u8,
    revision: u64,
    at: Timestamp,
) -> Event {
    let open = |day: &str| json!({ "day": day, "from": "08:00", "to": "12:00" });
    let weekly: Vec<Value> = ["mon", "tue", "wed", "thu", "fri"].map(open).into();
    let closure = |day| {
        let from = world.moment(day, 0);
        json!({ "from": from.to_string(), "to": (from + hours(48)).to_string() })
    };
    let closures: Vec<Value> = closed.map(closure).into_iter().collect();
    let data = json!({
        "revision": revision, "timezone": ZONES[usize::from(zone) % ZONES.len()], "weekly": weekly,
        "closures": closures, "capacity": world.capacity, "buffer_min": world.buffer_min,
    });
    let whose = practitioner(world, whose);
    let (id, about) = (
        format!("calendar-{whose}-{revision}"),
        format!("practitioner/{whose}"),
    );
    Fact::new(&id, "calendar.published", &about, &at.to_string(), &data).event()
}
