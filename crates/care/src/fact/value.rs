//! Small checked values that several facts share.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::time::TimeZone;

/// Three values everywhere: unknown is never no.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tri {
    /// Asked and confirmed.
    Yes,
    /// Asked and denied.
    No,
    /// Not asked, or not known.
    #[default]
    Unknown,
}

/// An IANA time zone that exists in the one tz database of the bus.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ZoneName(String);

impl ZoneName {
    /// # Errors
    /// Says what was expected when the zone is not in the tz database.
    pub fn new(name: &str) -> Result<Self, String> {
        let known = !name.is_empty() && name.len() <= 64 && jiff::tz::db().get(name).is_ok();
        if known {
            Ok(Self(name.to_owned()))
        } else {
            Err("expected an IANA time zone such as America/Toronto".to_owned())
        }
    }

    /// UTC.
    #[must_use]
    pub fn utc() -> Self {
        Self("UTC".to_owned())
    }

    /// The zone's rules.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        jiff::tz::db().get(&self.0).unwrap_or(TimeZone::UTC)
    }

    /// The IANA name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ZoneName {
    type Error = String;
    fn try_from(name: String) -> Result<Self, String> {
        Self::new(&name)
    }
}

impl From<ZoneName> for String {
    fn from(zone: ZoneName) -> Self {
        zone.0
    }
}

impl fmt::Debug for ZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for ZoneName {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ZoneName".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "IANA time zone", "maxLength": 64 })
    }
}

/// A local time of day, minutes after midnight, 0..=1440 (`"24:00"` ends a day).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClockTime(u16);

impl ClockTime {
    /// From minutes after midnight; `None` past 24:00.
    #[must_use]
    pub const fn from_minutes(minutes: u16) -> Option<Self> {
        if minutes <= 1440 {
            Some(Self(minutes))
        } else {
            None
        }
    }

    /// Minutes after midnight.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl TryFrom<String> for ClockTime {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        const EXPECTED: &str = "expected a local time HH:MM from 00:00 to 24:00";
        let bytes = text.as_bytes();
        let [h1, h2, b':', m1, m2] = *bytes else {
            return Err(EXPECTED);
        };
        if ![h1, h2, m1, m2].iter().all(u8::is_ascii_digit) {
            return Err(EXPECTED);
        }
        let digit = |b: u8| u16::from(b - b'0');
        let (hour, minute) = (digit(h1) * 10 + digit(h2), digit(m1) * 10 + digit(m2));
        if minute > 59 {
            return Err(EXPECTED);
        }
        Self::from_minutes(hour * 60 + minute).ok_or(EXPECTED)
    }
}

impl From<ClockTime> for String {
    fn from(time: ClockTime) -> Self {
        time.to_string()
    }
}

impl fmt::Display for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl fmt::Debug for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl JsonSchema for ClockTime {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ClockTime".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$" })
    }
}

/// A WHO point code such as `BL23`, upper case; left and right of one code are one point.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PointCode(String);

impl PointCode {
    /// # Errors
    /// Says what was expected when the text is not letters followed by a number.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str =
            "expected a WHO point code such as BL23 (2 to 5 letters, then 1 to 2 digits) or EX-B2";
        let code = text.to_ascii_uppercase();
        // Extra points carry their region: EX-B2, EX-HN1.
        let (least, rest) = code
            .strip_prefix("EX-")
            .map_or((2, code.as_str()), |rest| (1, rest));
        let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let digits = rest.len() - letters;
        let shape = (least..=5).contains(&letters)
            && (1..=2).contains(&digits)
            && rest.bytes().skip(letters).all(|b| b.is_ascii_digit());
        if shape { Ok(Self(code)) } else { Err(EXPECTED) }
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The body zone the point lies in, where it is one of those the catalogue knows.
    #[must_use]
    pub fn zone(&self) -> Option<Zone> {
        match self.0.as_str() {
            "BL23" | "BL25" => Some(Zone::Lumbar),
            "BL40" => Some(Zone::Popliteal),
            "GB34" | "ST36" => Some(Zone::LowerLeg),
            "KI3" | "LR3" => Some(Zone::Foot),
            _ => None,
        }
    }
}

impl TryFrom<String> for PointCode {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

impl From<PointCode> for String {
    fn from(point: PointCode) -> Self {
        point.0
    }
}

impl fmt::Debug for PointCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for PointCode {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PointCode".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^([A-Za-z]{2,5}|[Ee][Xx]-[A-Za-z]{1,5})[0-9]{1,2}$" })
    }
}

/// A body zone; screening findings and points meet here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Zone {
    /// BL23, BL25 and lumbar Ashi sites.
    Lumbar,
    /// BL40.
    Popliteal,
    /// GB34, ST36.
    LowerLeg,
    /// KI3, LR3.
    Foot,
    /// Anywhere else.
    Other,
}

impl Zone {
    /// The wire code, e.g. `lower_leg`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Lumbar => "lumbar",
            Self::Popliteal => "popliteal",
            Self::LowerLeg => "lower_leg",
            Self::Foot => "foot",
            Self::Other => "other",
        }
    }
}
