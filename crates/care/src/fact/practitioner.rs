//! Practitioners: their calendars and credentials.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FieldError;
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
    pub from: Timestamp,
    /// Ends.
    pub to: Timestamp,
    /// Why, a code.
    pub reason: Option<String>,
}

/// `calendar.published`: a whole snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Calendar {
    /// The owner's counter.
    pub revision: Option<u64>,
    /// Zone of the open hours.
    pub timezone: ZoneName,
    /// Open hours.
    pub weekly: Vec<OpenRange>,
    /// Exceptions.
    #[serde(default)]
    pub closures: Vec<Closure>,
    /// Sessions at one time, 1..=20.
    #[serde(default = "one")]
    pub capacity: u16,
    /// Grid of starts, minutes from local midnight, 1..=240.
    #[serde(default = "fifteen")]
    pub step_min: u16,
    /// Free time around a session, minutes, 0..=240.
    #[serde(default)]
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
        if self.weekly.len() > 100 || self.closures.len() > 1000 {
            return refuse("data.weekly", "expected at most 100 weekly ranges and 1000 closures");
        }
        if self.weekly.iter().any(|r| r.to <= r.from) {
            return refuse("data.weekly", "expected `to` after `from` on the same day");
        }
        if self.closures.iter().any(|c| c.to <= c.from) {
            return refuse("data.closures", "expected `to` after `from`");
        }
        if !(1..=20).contains(&self.capacity) {
            return refuse("data.capacity", "expected 1 to 20");
        }
        if !(1..=240).contains(&self.step_min) {
            return refuse("data.step_min", "expected 1 to 240 minutes");
        }
        if self.buffer_min > 240 {
            return refuse("data.buffer_min", "expected 0 to 240 minutes");
        }
        Ok(())
    }
}

/// `credentials.published`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Credentials {
    /// The owner's counter.
    pub revision: Option<u64>,
    /// Kind, a code such as `licence`.
    pub kind: String,
    /// Number of the licence.
    pub licence_no: Option<crate::phi::Phi<String>>,
    /// Who gave it.
    pub board: Option<String>,
    /// Where it holds.
    pub jurisdiction: Option<String>,
    /// When somebody checked it.
    pub verified_at: Option<Timestamp>,
    /// Last day it holds.
    pub expires_on: Option<Date>,
    /// Hours of training.
    pub training_hours: Option<u32>,
    /// Continuing education.
    #[serde(default)]
    pub continuing_education: Vec<Education>,
}

/// One piece of continuing education.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Education {
    /// About what, a code.
    pub topic: String,
    /// The day.
    pub on: Date,
}
