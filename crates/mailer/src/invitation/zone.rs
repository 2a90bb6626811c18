//! Times of an event with the zone they are meant in, and that zone's definition for readers without our tz database.

use care::time::{SignedDuration, TimeZone, Timestamp};
use icalendar::Property;

use super::lines;

/// How an event writes its times: in UTC, or local with a `TZID` that is defined beside it.
pub(super) struct Zone<'a> {
    local: Option<Local<'a>>,
}

struct Local<'a> {
    id: &'a str,
    zone: &'a TimeZone,
    observances: Vec<Observance>,
}

/// One stretch of constant offset, from the moment the clocks were set.
struct Observance {
    kind: &'static str,
    /// Local start by the clock before the change, as RFC 5545 3.6.5 wants it.
    start: String,
    from_s: i32,
    to_s: i32,
    name: String,
}

impl<'a> Zone<'a> {
    /// The zone as an event from `start` to `end` needs it.
    ///
    /// UTC, zones without a name, and times in the second pass of an hour that autumn repeats (a local
    /// time there means the first pass, RFC 5545 3.3.5) are written in UTC.
    pub(super) fn around(zone: &'a TimeZone, start: Timestamp, end: Timestamp) -> Self {
        let mut changes = zone.preceding(start).chain(zone.following(start));
        let is_utc = changes.next().is_none() && zone.to_offset(start).seconds() == 0;
        let comes_back = |at| {
            zone.to_timestamp(zone.to_datetime(at))
                .is_ok_and(|back| back == at)
        };
        let fits = !is_utc && comes_back(start) && comes_back(end);
        let local = zone.iana_name().filter(|_| fits).map(|id| Local {
            id,
            zone,
            observances: observances(zone, start, end),
        });
        Self { local }
    }

    /// `DTSTART` or `DTEND`.
    pub(super) fn time(&self, key: &str, at: Timestamp) -> Property {
        match &self.local {
            None => Property::new(key, utc(at)),
            Some(local) => {
                let clock = local.zone.to_datetime(at).strftime("%Y%m%dT%H%M%S").to_string();
                Property::new(key, clock).add_parameter("TZID", local.id).done()
            }
        }
    }

    /// The `VTIMEZONE`, or nothing for UTC.
    pub(super) fn definition(&self) -> String {
        let Some(local) = &self.local else {
            return String::new();
        };
        let inner: String = local.observances.iter().map(Observance::text).collect();
        lines::component("VTIMEZONE", &[Property::new("TZID", local.id)], &inner)
    }
}

/// UTC date-time, `20260601T140000Z`.
pub(super) fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// The stretch that holds `start`, all that begin before `end`, and the next two,
/// so that a calendar which shows the days around the event has both kinds.
fn observances(zone: &TimeZone, start: Timestamp, end: Timestamp) -> Vec<Observance> {
    let second = SignedDuration::from_secs(1);
    let current = start
        .checked_add(second)
        .ok()
        .and_then(|after| zone.preceding(after).next());
    let mut later = 0;
    let next = zone.following(start).take_while(|change| {
        later += i32::from(change.timestamp() >= end);
        later <= 2
    });
    let mut found: Vec<_> = current
        .into_iter()
        .chain(next)
        .map(|change| {
            let at = change.timestamp();
            let before = zone.to_offset(at.checked_sub(second).unwrap_or(at));
            Observance {
                kind: if change.dst().is_dst() {
                    "DAYLIGHT"
                } else {
                    "STANDARD"
                },
                start: before.to_datetime(at).strftime("%Y%m%dT%H%M%S").to_string(),
                from_s: before.seconds(),
                to_s: change.offset().seconds(),
                name: change.abbreviation().to_string(),
            }
        })
        .collect();
    if zone.preceding(start).next().is_none() {
        found.insert(0, always(zone, start));
    }
    found
}

/// A zone that never changed before `start` still needs an observance that holds it.
fn always(zone: &TimeZone, start: Timestamp) -> Observance {
    let info = zone.to_offset_info(start);
    let offset_s = info.offset().seconds();
    let name = info.abbreviation().to_string();
    Observance {
        kind: "STANDARD",
        start: "19700101T000000".into(),
        from_s: offset_s,
        to_s: offset_s,
        name,
    }
}

impl Observance {
    fn text(&self) -> String {
        let lines = [
            Property::new("DTSTART", self.start.as_str()),
            Property::new("TZOFFSETFROM", offset(self.from_s)),
            Property::new("TZOFFSETTO", offset(self.to_s)),
            Property::new("TZNAME", self.name.as_str()),
        ];
        lines::component(self.kind, &lines, "")
    }
}

/// `+HHMM`, or `+HHMMSS` for the local mean times of old.
fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let rest = seconds.unsigned_abs();
    let (h, m, s) = (rest / 3600, rest / 60 % 60, rest % 60);
    if s == 0 {
        format!("{sign}{h:02}{m:02}")
    } else {
        format!("{sign}{h:02}{m:02}{s:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_written_as_rfc_5545_wants_them() {
        assert_eq!(offset(-4 * 3600), "-0400");
        assert_eq!(offset(5 * 3600 + 1800), "+0530");
        assert_eq!(offset(0), "+0000");
        assert_eq!(offset(-(5 * 3600 + 17 * 60 + 32)), "-051732");
    }
}
