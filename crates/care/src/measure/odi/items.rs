//! The ten sections as they were ticked: integers 0 to 5, or blank.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, DeserializeSeed, IgnoredAny, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{MaxMissing, Score, Validity};

/// Sections of the index, `s1` to `s10`.
pub const SECTIONS: usize = 10;

const NAMES: [&str; SECTIONS] = ["s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10"];

/// The answer to one section: an integer 0 (least disability) to 5 (most).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "u8")]
pub struct Item(u8);

/// A number that no section can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an integer 0..5")]
pub struct NotAnItem(pub u8);

impl Item {
    /// The highest answer.
    pub const MAX: u8 = 5;

    /// The integer, 0..=5.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Item {
    type Error = NotAnItem;

    fn try_from(value: u8) -> Result<Self, NotAnItem> {
        if value <= Self::MAX {
            Ok(Self(value))
        } else {
            Err(NotAnItem(value))
        }
    }
}

impl From<Item> for u8 {
    fn from(item: Item) -> Self {
        item.0
    }
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_u8(ItemVisitor(None))
    }
}

impl JsonSchema for Item {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "OswestryItem".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 0, "maximum": Self::MAX })
    }
}

/// Reads one answer; it knows its section, so that the error can name it. Floats, strings and
/// booleans have no `visit_` here and are refused by serde: 2.0, "3" and true are not answers.
struct ItemVisitor(Option<&'static str>);

impl Visitor<'_> for ItemVisitor {
    type Value = Item;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer 0..5")?;
        self.0
            .map_or(Ok(()), |section| write!(f, " or null in section {section}"))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Item, E> {
        u8::try_from(value)
            .ok()
            .and_then(|small| Item::try_from(small).ok())
            .ok_or_else(|| E::invalid_value(Unexpected::Unsigned(value), &self))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Item, E> {
        match u64::try_from(value) {
            Ok(positive) => self.visit_u64(positive),
            Err(_) => Err(E::invalid_value(Unexpected::Signed(value), &self)),
        }
    }
}

/// All ten sections in order, blanks included; on the wire an array of exactly ten integers or nulls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Items([Option<Item>; SECTIONS]);

impl Items {
    /// Ten sections that were read elsewhere, `s1` first.
    #[must_use]
    pub const fn new(sections: [Option<Item>; SECTIONS]) -> Self {
        Self(sections)
    }

    /// The answers in order, `None` for a blank.
    #[must_use]
    pub const fn sections(&self) -> &[Option<Item>; SECTIONS] {
        &self.0
    }

    /// Sections that hold an answer, 0..=10.
    #[must_use]
    pub fn answered(&self) -> u8 {
        self.0.iter().flatten().map(|_| 1).sum()
    }

    /// Blank sections, 0..=10.
    #[must_use]
    pub fn missing(&self) -> u8 {
        self.0.iter().filter(|item| item.is_none()).map(|_| 1).sum()
    }

    /// Names of the blank sections, to ask for them the same day.
    pub fn blanks(&self) -> impl Iterator<Item = &'static str> {
        self.0
            .iter()
            .zip(NAMES)
            .filter(|(item, _)| item.is_none())
            .map(|(_, name)| name)
    }

    /// The score of what was answered, however many blanks there are; `None` when all ten are blank.
    /// Whether it may be used is [`Items::validity`].
    #[must_use]
    pub fn score(&self) -> Option<Score> {
        let sum = self.0.iter().flatten().map(|item| u16::from(item.get())).sum();
        Score::new(sum, u16::from(self.answered())).ok()
    }

    /// Whether few enough sections are blank for the score to be used.
    #[must_use]
    pub fn validity(&self, limit: MaxMissing) -> Validity {
        match self.missing() {
            missing if missing <= limit.get() => Validity::Valid,
            missing if usize::from(missing) < SECTIONS => Validity::TooManyMissing,
            _ => Validity::NoAnswers,
        }
    }
}

impl Serialize for Items {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Items {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A tuple, not a sequence: what the array of `serialize` writes has no length in postcard.
        deserializer.deserialize_tuple(SECTIONS, ItemsVisitor)
    }
}

impl JsonSchema for Items {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "OswestryItems".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "array",
            "minItems": SECTIONS,
            "maxItems": SECTIONS,
            "items": { "type": ["integer", "null"], "minimum": 0, "maximum": Item::MAX }
        })
    }
}

struct ItemsVisitor;

impl<'de> Visitor<'de> for ItemsVisitor {
    type Value = Items;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of exactly ten sections s1..s10, each an integer 0..5 or null")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Items, A::Error> {
        let mut sections = [None; SECTIONS];
        for (at, (slot, name)) in sections.iter_mut().zip(NAMES).enumerate() {
            *slot = seq
                .next_element_seed(Section(name))?
                .ok_or_else(|| de::Error::invalid_length(at, &self))?;
        }
        let mut extra = 0;
        while seq.next_element::<IgnoredAny>()?.is_some() {
            extra += 1;
        }
        if extra > 0 {
            return Err(de::Error::invalid_length(SECTIONS + extra, &self));
        }
        Ok(Items(sections))
    }
}

/// One element of the array, with its name for the error.
struct Section(&'static str);

impl<'de> DeserializeSeed<'de> for Section {
    type Value = Option<Item>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Section {
    type Value = Option<Item>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an integer 0..5 or null in section {}", self.0)
    }

    fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_u8(ItemVisitor(Some(self.0))).map(Some)
    }
}
