//! Codes, times and labels as a reader understands them.

use care::time::{Date, SignedDuration, TimeZone, Timestamp};

use super::notice::{Evidence, Severity};
use crate::clean;

/// `Mon 1 June 2026, 10:00 EDT (UTC-04:00)`; the footer names the zone.
pub(super) fn moment(at: Timestamp, zone: &TimeZone) -> String {
    let clock = at.to_zoned(zone.clone()).strftime("%a %-d %B %Y, %H:%M");
    format!("{clock} {}", offset(at, zone))
}

/// `Mon 1 June 2026, 10:00 to 10:45 EDT (UTC-04:00)`; both days if it ends on another one.
pub(super) fn stretch(start: Timestamp, end: Timestamp, zone: &TimeZone) -> String {
    let (from, to) = (start.to_zoned(zone.clone()), end.to_zoned(zone.clone()));
    // Over a change of clocks one offset would be wrong for one of the two.
    if from.date() != to.date() || from.offset() != to.offset() {
        return format!("{} to {}", moment(start, zone), moment(end, zone));
    }
    let clock = from.strftime("%a %-d %B %Y, %H:%M");
    format!("{clock} to {} {}", to.strftime("%H:%M"), offset(start, zone))
}

/// `EDT (UTC-04:00)`, `UTC+05:45` where the zone has no letters of its own, `UTC`.
fn offset(at: Timestamp, zone: &TimeZone) -> String {
    let info = zone.to_offset_info(at);
    let minutes = info.offset().seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    let offset = format!("UTC{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
    match info.abbreviation() {
        "UTC" => "UTC".to_owned(),
        numeric if numeric.starts_with(['+', '-']) => offset,
        letters => format!("{letters} ({offset})"),
    }
}

/// What the footer says about the times above it.
pub(super) fn zone_sentence(zone: &TimeZone) -> String {
    format!(
        "Times are those of the zone {}.",
        clean::name(zone.iana_name().unwrap_or("they show"))
    )
}

/// `Mon 1 June 2026`.
pub(super) fn day(date: Date) -> String {
    date.strftime("%a %-d %B %Y").to_string()
}

/// A distance, `48 h` or `26 h 30 min`: exact to the minute, so that 72 h 1 min never reads as 72 h.
pub(super) fn hours(gap: SignedDuration) -> String {
    let sign = if gap.is_negative() { "-" } else { "" };
    let minutes = gap.as_mins().unsigned_abs();
    match (minutes / 60, minutes % 60) {
        (h, 0) => format!("{sign}{h} h"),
        (h, m) => format!("{sign}{h} h {m} min"),
    }
}

/// A role code as words: `care_coordinator` is "care coordinator", `pcp` "primary care (PCP)".
pub(super) fn role(code: &str) -> String {
    match code {
        "pcp" => "primary care (PCP)".to_owned(),
        _ => clean::name(code).replace('_', " "),
    }
}

/// Several roles in one line.
pub(super) fn roles(codes: &[String]) -> String {
    codes.iter().map(|code| role(code)).collect::<Vec<_>>().join(", ")
}

/// A severity as the badge and the subject say it.
pub(super) const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "FYI",
        Severity::Advisory => "Advisory",
        Severity::Urgent => "Urgent",
        Severity::Emergency => "Emergency",
    }
}

/// How soon a severity wants somebody, in a sentence.
pub(super) const fn how_soon(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "No action is asked of you.",
        Severity::Advisory => "Please look at it within the next days.",
        Severity::Urgent => "Please act within clinic hours today.",
        Severity::Emergency => {
            "Act now and by telephone: mail is not an emergency channel. \
             If the patient may be in danger, call the emergency services."
        }
    }
}

/// What an evidence label means.
pub(super) const fn evidence(label: Evidence) -> &'static str {
    match label {
        Evidence::Supported => "supported: independent sources agree with this rule",
        Evidence::Partly => "partly: independent sources agree with a part of this rule",
        Evidence::Unverified => "unverified: no independent source for this rule was found",
        Evidence::Contradicted => "contradicted: independent sources disagree with this rule",
        Evidence::Policy => "policy: decided by an organisation, not taken from a study",
        Evidence::Assumption => "assumption: a working choice without a source",
    }
}

#[cfg(test)]
mod tests {
    use care::time::{hours as h, minutes};

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_says_its_offset() {
        let toronto = TimeZone::get("America/Toronto").unwrap();
        let june = at("2026-06-01T14:00:00Z");
        assert_eq!(moment(june, &toronto), "Mon 1 June 2026, 10:00 EDT (UTC-04:00)");
        assert_eq!(moment(june, &TimeZone::UTC), "Mon 1 June 2026, 14:00 UTC");
        let kathmandu = TimeZone::get("Asia/Kathmandu").unwrap();
        assert_eq!(moment(june, &kathmandu), "Mon 1 June 2026, 19:45 UTC+05:45");
        assert_eq!(
            stretch(june, june + minutes(45), &toronto),
            "Mon 1 June 2026, 10:00 to 10:45 EDT (UTC-04:00)"
        );
    }

    #[test]
    fn a_session_over_the_change_of_clocks_shows_both_offsets() {
        let toronto = TimeZone::get("America/Toronto").unwrap();
        let start = at("2026-11-01T01:30:00-04:00");
        assert_eq!(
            stretch(start, start + h(1), &toronto),
            "Sun 1 November 2026, 01:30 EDT (UTC-04:00) \
             to Sun 1 November 2026, 01:30 EST (UTC-05:00)"
        );
    }

    #[test]
    fn gaps_are_exact_to_the_minute() {
        assert_eq!(hours(h(48)), "48 h");
        assert_eq!(hours(h(26) + minutes(30)), "26 h 30 min");
        assert_eq!(hours(h(72) + minutes(1)), "72 h 1 min");
        assert_eq!(hours(minutes(-90)), "-1 h 30 min");
    }
}
