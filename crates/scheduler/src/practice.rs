//! From the organisation's diary to the practitioners that a round of decisions has to do with.

use care::diary::standing;
use care::fact::practitioner::Calendar;
use care::id::PractitionerId;
use care::policy::Practitioners;
use care::time::{Timestamp, hours};
use care::{Diary as Book, Policy};

use crate::case::Case;
use crate::diary::{Diary, Licence, Practitioner};
use crate::occupancy::{Busy, Holder};
use crate::open_hours::OpenHours;
use crate::rules::Rules;

/// The practitioners these cases have to do with, and everybody's sessions with them in the time that matters.
pub(crate) fn diary(book: &Book, cases: &[Case], policy: &Policy, rules: &Rules, now: Timestamp) -> Diary {
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
            diary.practitioners.insert(
                id.clone(),
                practitioner(book, id, &policy.practitioners, from, to),
            );
        }
    }
    diary
}

fn practitioner(
    book: &Book,
    id: &PractitionerId,
    policy: &Practitioners,
    from: Timestamp,
    to: Timestamp,
) -> Practitioner {
    let known = book.practitioner(id);
    let calendar = known
        .and_then(|p| p.calendar.as_ref())
        .map(|latest| open_hours(&latest.value));
    let mut practitioner = calendar.map_or_else(Practitioner::default, Practitioner::with_hours);
    practitioner.licence = licence(known, policy);
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

/// Qualification and licence in one: what is published has to qualify and to be verified.
fn licence(known: Option<&care::diary::Practitioner>, policy: &Practitioners) -> Licence {
    match known.and_then(|p| standing(&p.credentials, policy)) {
        None if policy.must_publish => Licence::Refused,
        None => Licence::Unknown,
        Some(s) if !s.is_qualified || !s.is_verified() => Licence::Refused,
        Some(s) => s.through().map_or(Licence::Unknown, Licence::Through),
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
