//! Bounds of single values: text, addresses, numbers, days and instants.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};

use super::Bound;
use crate::phi::Phi;
use crate::time::{Date, EARLIEST, LATEST, Timestamp};

/// Text of `MIN..=MAX` characters, without control characters; up from [`Note`]'s length, lines and tabs are welcome.
pub(crate) struct Text<const MIN: usize, const MAX: usize>;
/// A required code or opaque key.
pub(crate) type Key = Text<1, 64>;
/// An optional code.
pub(crate) type Code = Text<0, 64>;
/// A name, or a few words.
pub(crate) type Name = Text<0, 200>;
/// A sentence or several.
pub(crate) type Note = Text<0, 2000>;

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    /// Counted in characters, as JSON Schema counts them.
    fn check<E: de::Error>(text: &str) -> Result<(), E> {
        let lines = MAX >= 2000;
        let odd = |c: char| c.is_control() && !(lines && matches!(c, '\n' | '\r' | '\t'));
        if (MIN..=MAX).contains(&text.chars().count()) && !text.chars().any(odd) {
            return Ok(());
        }
        Err(E::custom(format_args!(
            "expected {MIN} to {MAX} characters of text without control characters"
        )))
    }
}

impl<const MIN: usize, const MAX: usize> Bound<String> for Text<MIN, MAX> {
    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::check(&text).map(|()| text)
    }
}

impl<const MIN: usize, const MAX: usize> Bound<Phi<String>> for Text<MIN, MAX> {
    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Phi<String>, D::Error> {
        <Self as Bound<String>>::deserialize(deserializer).map(Phi::new)
    }
}

/// A mail address, as far as a mistake can be told without sending: it ends up in headers.
pub(crate) struct Email;

pub(super) const EMAIL_PATTERN: &str = r"^[^@\s]+@[^@\s]+$";

impl Bound<Phi<String>> for Email {
    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Phi<String>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let odd = |c: char| c.is_control() || c.is_whitespace();
        let halves = text
            .split_once('@')
            .filter(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'));
        if halves.is_some() && text.chars().count() <= 254 && !text.chars().any(odd) {
            return Ok(Phi::new(text));
        }
        Err(de::Error::custom(
            "expected one mail address of at most 254 characters, such as lee@pcp.example",
        ))
    }
}

/// A whole number.
pub(crate) struct Int<const MIN: i64, const MAX: i64>;
/// A counter of an entity's owner: up to the largest integer that every JSON reader keeps, with room for the next.
pub(crate) type Revision = Int<0, 9_007_199_254_740_990>;

macro_rules! ints {
    ($($int:ty)*) => {$(
        impl<const MIN: i64, const MAX: i64> Bound<$int> for Int<MIN, MAX> {
            fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<$int, D::Error> {
                let value = <$int>::deserialize(deserializer).ok();
                let fits = |v: &$int| i64::try_from(*v).is_ok_and(|v| (MIN..=MAX).contains(&v));
                value.filter(fits).ok_or_else(|| de::Error::custom(format_args!("expected an integer {MIN} to {MAX}")))
            }
        }
    )*};
}
ints!(u8 u16 u32 u64 i16 i64);

/// A number.
pub(crate) struct Number<const MIN: i64, const MAX: i64>;

impl<const MIN: i64, const MAX: i64> Bound<f64> for Number<MIN, MAX> {
    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        let value = f64::deserialize(deserializer).ok();
        let fits = |v: &f64| (MIN as f64..=MAX as f64).contains(v);
        value
            .filter(fits)
            .ok_or_else(|| de::Error::custom(format_args!("expected a number {MIN} to {MAX}")))
    }
}

/// A date of the years in which every computation on it stays inside the calendar.
pub(crate) struct CalendarDay;

impl Bound<Date> for CalendarDay {
    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        let parse = |text: &str| {
            text.parse()
                .ok()
                .filter(|d: &Date| text.len() == 10 && (1900..2200).contains(&d.year()))
        };
        deserializer.deserialize_str(Parsed(parse, "a date YYYY-MM-DD from 1900 to 2199"))
    }
}

/// An instant of the same years.
pub(crate) struct Instant;

impl Bound<Timestamp> for Instant {
    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let parse = |text: &str| text.parse().ok().filter(|t| (EARLIEST..LATEST).contains(t));
        deserializer.deserialize_str(Parsed(parse, "RFC 3339 with an offset, from 1900 to 2199"))
    }
}

/// Reads text with a parser whose own message is not shown: it would repeat the value.
struct Parsed<F>(F, &'static str);

impl<T, F: Fn(&str) -> Option<T>> Visitor<'_> for Parsed<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.1)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.0)(text).ok_or_else(|| E::custom(format_args!("expected {}", self.1)))
    }
}
