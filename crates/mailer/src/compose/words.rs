//! Codes and values as people write them.

use care::time::{TimeZone, Timestamp};

/// A value of an alert as its reader reads it: instants on the reader's clock, codes as words.
pub(super) fn readable(value: &str, zone: &TimeZone) -> String {
    if let Ok(at) = value.parse::<Timestamp>() {
        return at
            .to_zoned(zone.clone())
            .strftime("%a %d %B %Y, %H:%M %Z")
            .to_string();
    }
    value
        .split(", ")
        .map(|part| {
            if is_code(part) {
                words(part)
            } else {
                part.to_owned()
            }
        })
        .collect::<Vec<_>>()
        .join(", ")
}

/// `saddle_sensory_change`: lower-case letters in groups.
fn is_code(text: &str) -> bool {
    text.contains('_') && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

/// `no-change-below_percent` as people write it.
pub(super) fn words(code: &str) -> String {
    code.replace(['-', '_'], " ")
}

pub(super) fn sentence(code: &str) -> String {
    let text = words(code);
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|c| c.to_uppercase().to_string())
        .unwrap_or_default();
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}
