//! What must hold for any bytes: the properties, one function each, for the seeded smoke run of CI and for cargo-fuzz.
//!
//! Each function takes bytes and panics when something does not hold. `tests/tests/fuzz.rs` feeds them what
//! [`mutate`] makes of real messages; the crate in `fuzz/` lets libFuzzer look further.

pub mod facts;
pub mod files;
pub mod mails;
pub mod mutate;

/// A property.
pub type Body = fn(&[u8]);

/// Every property by name, and how many inputs of it the smoke run tries: by what one costs.
pub const BODIES: [(&str, Body, usize); 10] = [
    ("envelope", facts::envelope, 9000),
    ("line", facts::line, 9000),
    ("fold", facts::fold, 600),
    ("course", facts::course, 60),
    ("headers", files::headers, 3000),
    ("policy", files::policy, 400),
    ("wording", files::wording, 24),
    ("address", mails::address, 2000),
    ("calendar", mails::calendar, 1200),
    ("mail", mails::mail, 900),
];

/// A word that stands for a person: mutations plant it, and no refusal may repeat it.
pub const CANARY: &str = "Zebulonia";

/// What keeps the texts of one input apart.
pub const SEPARATOR: char = '\u{1f}';

/// The bytes as texts.
fn texts(data: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(data)
        .split(SEPARATOR)
        .map(str::to_owned)
        .collect()
}
