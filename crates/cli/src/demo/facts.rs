//! Facts of the demo, written as the wire has them and read back through the one reader.

use care::Event;
use care::time::{Date, DateTime, Span, TimeZone, Timestamp};
use serde_json::{Value, json};

use crate::exit::{Exit, Failure};

/// The organisation of the demo.
pub(crate) const ORG: &str = "demo";
/// Where everybody lives.
pub(crate) const ZONE: &str = "America/Toronto";
/// First Monday.
pub(crate) const FIRST_DAY: Date = Date::constant(2026, 6, 1);

/// A local time as an instant.
pub(crate) fn local(day: Date, hour: i8, minute: i8) -> Timestamp {
    let there = care::fact::value::ZoneName::new(ZONE).map_or(TimeZone::UTC, |zone| zone.zone());
    let local: DateTime = day.at(hour, minute, 0, 0);
    local
        .to_zoned(there)
        .map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp())
}

/// A day of the course: week from 0, weekday from 0 for Monday.
pub(crate) fn day(week: i64, weekday: i64) -> Date {
    let days = Span::new().try_days(7 * week + weekday).unwrap_or_default();
    FIRST_DAY.checked_add(days).unwrap_or(FIRST_DAY)
}

/// An event about a patient, by `who`.
///
/// # Errors
/// A defect of the scenario, with the field.
pub(crate) fn patient(
    id: &str,
    name: &str,
    key: &str,
    at: Timestamp,
    who: &str,
    data: Value,
) -> Result<Event, Failure> {
    event(
        &format!("patient/{id}"),
        name,
        &format!("{id}.{key}"),
        at,
        who,
        data,
    )
}

/// An event about a practitioner.
///
/// # Errors
/// A defect of the scenario, with the field.
pub(crate) fn practitioner(
    id: &str,
    name: &str,
    key: &str,
    at: Timestamp,
    data: Value,
) -> Result<Event, Failure> {
    event(
        &format!("practitioner/{id}"),
        name,
        &format!("{id}.{key}"),
        at,
        "acupuncture",
        data,
    )
}

fn event(about: &str, name: &str, id: &str, at: Timestamp, who: &str, data: Value) -> Result<Event, Failure> {
    let line = json!({
        "specversion": "1.0",
        "id": id,
        "source": format!("urn:carebus:{ORG}:{who}"),
        "type": care::envelope::type_name(name),
        "subject": format!("{ORG}/{about}"),
        "time": at,
        "datacontenttype": "application/json",
        "data": data,
    });
    Event::decode_line(&line.to_string())
        .map_err(|fault| Failure::new(Exit::Bug, format!("the demo's fact {id}: {fault}")))
}

/// The head of an assessment with more fields beside it.
pub(crate) fn assessment(id: &str, at: Timestamp, role: &str, member: &str, more: Value) -> Value {
    let mut data =
        json!({ "assessment_id": id, "performed_at": at, "by": { "role": role, "member_id": member } });
    if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
        data.extend(more);
    }
    data
}

/// Ten sections that add up to `points`, 0 to 50.
pub(crate) fn sections(points: u8) -> Vec<u8> {
    (0..10)
        .map(|section| points / 10 + u8::from(section < points % 10))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_add_up() {
        for points in 0..=50 {
            let sections = sections(points);
            assert_eq!(sections.iter().sum::<u8>(), points);
            assert!(sections.iter().all(|s| *s <= 5));
        }
    }

    #[test]
    fn days_are_counted_from_the_first_monday() {
        assert_eq!(day(0, 0).to_string(), "2026-06-01");
        assert_eq!(day(13, 0).to_string(), "2026-08-31");
        assert_eq!(local(day(0, 0), 10, 0).to_string(), "2026-06-01T14:00:00Z");
    }
}
