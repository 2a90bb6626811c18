//! From the organisation's diary to the practitioners that a round of decisions has to do with.

use care::Diary as Book;
use care::fact::practitioner::{Calendar, Credentials};
use care::id::PractitionerId;
use care::time::{Date, Timestamp, hours};

use crate::case::Case;
use crate::diary::{Diary, Licence, Practitioner};
use crate::occupancy::{Busy, Holder};
use crate::open_hours::OpenHours;
use crate::rules::Rules;

/// Kinds of credential that say who may needle (rules practitioner-licence-current and practitioner-qualified).
const LICENCES: [&str; 4] = ["licence", "lac", PHYSICIAN, OTHER];
const PHYSICIAN: &str = "physician";
const OTHER: &str = "other";
/// Hours of accredited training that a physician needs, the catalogue's value.
const PHYSICIAN_HOURS: u32 = 120;

/// The practitioners these cases have to do with, and everybody's sessions with them in the time that matters.
pub(crate) fn diary(book: &Book, cases: &[Case], rules: &Rules, now: Timestamp) -> Diary {
    let margin = hours(14 * 24);
    let from = now.saturating_sub(margin).unwrap_or(Timestamp::MIN);
    let to = now
        .saturating_add(rules.horizon)
        .and_then(|t| t.saturating_add(margin))
        .unwrap_or(Timestamp::MAX);
    let planned = cases.iter().filter_map(|c| c.practitioner.as_ref());
    let booked = cases
        .iter()
        .flat_map(|c| c.eas.iter().filter_map(|e| e.practitioner.as_ref()));
    let pts = cases
        .iter()
        .flat_map(|c| c.pts.iter().filter_map(|p| p.practitioner.as_ref()));
    let mut diary = Diary::default();
    for id in planned.chain(booked).chain(pts) {
        if !diary.practitioners.contains_key(id) {
            diary
                .practitioners
                .insert(id.clone(), practitioner(book, id, from, to));
        }
    }
    diary
}

fn practitioner(book: &Book, id: &PractitionerId, from: Timestamp, to: Timestamp) -> Practitioner {
    let known = book.practitioner(id);
    let calendar = known
        .and_then(|p| p.calendar.as_ref())
        .map(|latest| open_hours(&latest.value));
    let mut practitioner = calendar.map_or_else(Practitioner::default, Practitioner::with_hours);
    practitioner.licence = known.map_or(Licence::Unknown, licence);
    for busy in book.busy(id, from, to) {
        let holder = Holder::Told {
            patient: busy.patient,
            session: busy.session,
            order: busy.order,
        };
        practitioner.occupancy.add(Busy {
            start: busy.start,
            end: busy.end,
            holder,
        });
    }
    practitioner
}

/// Qualification and licence in one: what is published has to be verified, and physicians need their hours.
fn licence(known: &care::diary::Practitioner) -> Licence {
    let published: Vec<&Credentials> = known
        .credentials
        .values()
        .map(|c| &c.value)
        .filter(|c| LICENCES.contains(&c.kind.as_str()))
        .collect();
    let trained =
        |c: &Credentials| c.kind != PHYSICIAN || c.training_hours.is_some_and(|h| h >= PHYSICIAN_HOURS);
    let good: Vec<&Credentials> = published
        .iter()
        .copied()
        .filter(|c| c.kind != OTHER && c.verified_at.is_some() && trained(c))
        .collect();
    match (
        published.is_empty(),
        good.iter().map(|c| c.expires_on).collect::<Option<Vec<Date>>>(),
    ) {
        (true, _) => Licence::Unknown,
        (false, Some(days)) => days.into_iter().max().map_or(Licence::Refused, Licence::Through),
        // One of them has no end.
        (false, None) => Licence::Unknown,
    }
}

fn open_hours(calendar: &Calendar) -> OpenHours {
    let ranges = calendar
        .weekly
        .iter()
        .map(|r| (r.day.weekday(), r.from.minutes(), r.to.minutes()));
    let closures = calendar.closures.iter().map(|c| (c.from, c.to)).collect();
    let mut hours = OpenHours::new(calendar.timezone.zone(), ranges, closures, calendar.step_min);
    hours.capacity = calendar.capacity;
    hours.buffer_min = calendar.buffer_min;
    hours
}
