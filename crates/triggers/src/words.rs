//! Values as text: wire codes and exact tenths.

use std::fmt::Write as _;

use serde::Serialize;

/// The wire code of a unit variant, e.g. `bladder_change`.
pub(crate) fn code<T: Serialize>(value: T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(code)) => code,
        _ => String::new(),
    }
}

/// Tenths with their sign: 57 is `5.7`, -200 is `-20.0`.
pub(crate) fn tenths(x10: i64) -> String {
    let sign = if x10 < 0 { "-" } else { "" };
    format!("{sign}{}.{}", x10.abs() / 10, x10.abs() % 10)
}

/// Joined with commas, the form in which lists stand in the values of an alert.
pub(crate) fn listed<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let mut text = String::new();
    for item in items {
        let comma = if text.is_empty() { "" } else { ", " };
        let _ = write!(text, "{comma}{}", item.as_ref());
    }
    text
}

/// The items of a list that [`listed`] wrote.
pub(crate) fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(", ").filter(|item| !item.is_empty())
}
