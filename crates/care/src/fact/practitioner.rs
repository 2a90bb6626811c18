//! Practitioners: their calendars and credentials.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FieldError;
use super::bound::{Bound, CalendarDay, Instant, Int, Key, List, Name, Object, Opt, Revision};
use super::value::{ClockTime, ZoneName};
use crate::time::{Date, Timestamp, Weekday};

/// A day of the week, `mon` to `sun`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    /// As the time library names it.
    #[must_use]
    pub const fn weekday(self) -> Weekday {
        match self {
            Self::Mon => Weekday::Monday,
            Self::Tue => Weekday::Tuesday,
            Self::Wed => Weekday::Wednesday,
            Self::Thu => Weekday::Thursday,
            Self::Fri => Weekday::Friday,
            Self::Sat => Weekday::Saturday,
            Self::Sun => Weekday::Sunday,
        }
    }
}

/// Open hours on one weekday, local; a day may have several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenRange {
    /// Weekday.
    pub day: Day,
    /// Opens.
    pub from: ClockTime,
    /// Closes, after it opens.
    pub to: ClockTime,
}

/// A stretch of time when nothing is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Closure {
    /// Begins.
    #[serde(with = "Instant")]
    pub from: Timestamp,
    /// Ends.
    #[serde(with = "Instant")]
    pub to: Timestamp,
    /// Why, a code.
    #[serde(default, with = "Opt::<Name>")]
    pub reason: Option<String>,
}

/// `calendar.published`: a whole snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Calendar {
    /// The owner's counter.
    #[serde(default, with = "Opt::<Revision>")]
    pub revision: Option<u64>,
    /// Zone of the open hours.
    pub timezone: ZoneName,
    /// Open hours.
    #[serde(with = "List::<Object<OpenRange>, 100>")]
    pub weekly: Vec<OpenRange>,
    /// Exceptions.
    #[serde(default, with = "List::<Object<Closure>, 1000>")]
    pub closures: Vec<Closure>,
    /// Sessions at one time, 1..=20.
    #[serde(default = "one", with = "Int::<1, 20>")]
    pub capacity: u16,
    /// Grid of starts, minutes from local midnight, 1..=240.
    #[serde(default = "fifteen", with = "Int::<1, 240>")]
    pub step_min: u16,
    /// Free time around a session, minutes, 0..=240.
    #[serde(default, with = "Int::<0, 240>")]
    pub buffer_min: u16,
}

const fn one() -> u16 {
    1
}

const fn fifteen() -> u16 {
    15
}

impl Calendar {
    pub(super) fn check(&self) -> Result<(), FieldError> {
        let refuse = |field, expected| Err(FieldError::new(field, expected));
        if self.weekly.iter().any(|r| r.to <= r.from) {
            return refuse("data.weekly", "expected `to` after `from` on the same day");
        }
        if self.closures.iter().any(|c| c.to <= c.from) {
            return refuse("data.closures", "expected `to` after `from`");
        }
        Ok(())
    }
}

/// `credentials.published`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Credentials {
    /// The owner's counter.
    #[serde(default, with = "Opt::<Revision>")]
    pub revision: Option<u64>,
    /// Kind, a code such as `licence`.
    #[serde(with = "Key")]
    pub kind: String,
    /// Number of the licence.
    #[serde(default, with = "Opt::<Name>")]
    pub licence_no: Option<crate::phi::Phi<String>>,
    /// Who gave it.
    #[serde(default, with = "Opt::<Name>")]
    pub board: Option<String>,
    /// Where it holds.
    #[serde(default, with = "Opt::<Name>")]
    pub jurisdiction: Option<String>,
    /// When somebody checked it.
    #[serde(default, with = "Opt::<Instant>")]
    pub verified_at: Option<Timestamp>,
    /// Last day it holds.
    #[serde(default, with = "Opt::<CalendarDay>")]
    pub expires_on: Option<Date>,
    /// Hours of training.
    #[serde(default, with = "Opt::<Int<0, 1_000_000>>")]
    pub training_hours: Option<u32>,
    /// Continuing education.
    #[serde(default, with = "List::<Object<Education>, 1000>")]
    pub continuing_education: Vec<Education>,
}

/// One piece of continuing education.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Education {
    /// About what, a code.
    #[serde(with = "Name")]
    pub topic: String,
    /// The day.
    #[serde(with = "CalendarDay")]
    pub on: Date,
}
