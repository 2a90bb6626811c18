//! Reads an invitation with calcard, and computes its times from nothing but the file.

use calcard::Entry;
use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarParameterName,
    ICalendarProperty, ICalendarValue,
};
use care::time::{DateTime, SignedDuration, TimeZone, Timestamp};

/// The parsed object, and its one event.
pub(crate) fn read(ics: &str) -> (ICalendar, ICalendarComponent) {
    let mut parser = calcard::Parser::new(ics);
    let calendar = match parser.entry() {
        Entry::ICalendar(calendar) => calendar,
        other => panic!(
            "not a calendar but {other:?}:
{ics}"
        ),
    };
    assert!(
        matches!(parser.entry(), Entry::Eof),
        "something follows the calendar:\n{ics}"
    );
    let mut events = calendar
        .components
        .iter()
        .filter(|it| it.component_type == ICalendarComponentType::VEvent);
    let event = events.next().unwrap().clone();
    assert!(events.next().is_none());
    (calendar, event)
}

pub(crate) fn entry<'a>(
    component: &'a ICalendarComponent,
    property: &ICalendarProperty,
) -> &'a ICalendarEntry {
    let mut all = component.entries.iter().filter(|entry| entry.name == *property);
    let found = all.next().unwrap_or_else(|| panic!("{property:?} is missing"));
    assert!(all.next().is_none(), "{property:?} stands twice");
    found
}

pub(crate) fn text<'a>(component: &'a ICalendarComponent, property: &ICalendarProperty) -> &'a str {
    entry(component, property).values[0].as_text().unwrap()
}

pub(crate) fn parameter<'a>(entry: &'a ICalendarEntry, name: &ICalendarParameterName) -> Option<&'a str> {
    entry.parameter(name).and_then(|value| value.as_text())
}

pub(crate) fn clock(entry: &ICalendarEntry) -> DateTime {
    let ICalendarValue::PartialDateTime(it) = &entry.values[0] else {
        panic!("{entry:?} is no time")
    };
    let PartialDateTime {
        year,
        month,
        day,
        hour,
        minute,
        second,
        ..
    } = **it;
    let small = |n: Option<u8>| i8::try_from(n.unwrap()).unwrap();
    DateTime::new(
        i16::try_from(year.unwrap()).unwrap(),
        small(month),
        small(day),
        small(hour),
        small(minute),
        small(second),
        0,
    )
    .unwrap()
}

pub(crate) fn offset_s(entry: &ICalendarEntry) -> i64 {
    let ICalendarValue::PartialDateTime(it) = &entry.values[0] else {
        panic!("{entry:?} is no offset")
    };
    let seconds = i64::from(it.tz_hour.unwrap()) * 3600 + i64::from(it.tz_minute.unwrap()) * 60;
    if it.tz_minus { -seconds } else { seconds }
}

/// The instant a reader computes who knows nothing but the file: by its `VTIMEZONE`, as RFC 5545 3.6.5 says.
pub(crate) fn instant(calendar: &ICalendar, time: &ICalendarEntry) -> Timestamp {
    let local = clock(time);
    let utc = |seconds: i64| TimeZone::UTC.to_timestamp(local).unwrap() - SignedDuration::from_secs(seconds);
    let Some(id) = parameter(time, &ICalendarParameterName::Tzid) else {
        return utc(0);
    };
    let zone = calendar.timezones().next().unwrap();
    assert_eq!(text(zone, &ICalendarProperty::Tzid), id);
    let observance = zone
        .component_ids
        .iter()
        .filter_map(|id| calendar.component_by_id(*id))
        .filter(|it| clock(entry(it, &ICalendarProperty::Dtstart)) <= local)
        .max_by_key(|it| clock(entry(it, &ICalendarProperty::Dtstart)))
        .expect("an observance that holds the event");
    utc(offset_s(entry(observance, &ICalendarProperty::Tzoffsetto)))
}
