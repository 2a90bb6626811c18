//! What a field may hold at most, so that no letter, header or calendar computation meets an absurd value.
//!
//! A bound is written at its field, `#[serde(with = "Code")]`, and the same words make its JSON Schema.

mod leaf;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use leaf::EMAIL_PATTERN;

pub(crate) use leaf::{CalendarDay, Code, Email, Instant, Int, Key, Name, Note, Number, Revision, Text};

/// Reads and writes `T` as it is, and refuses what goes beyond the bound.
pub(crate) trait Bound<T> {
    fn serialize<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error>
    where
        T: Serialize,
    {
        value.serialize(serializer)
    }

    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error>;
}

/// Reads `T` through a bound inside an option, a list or a map.
struct Through<B, T>(T, PhantomData<B>);

impl<'de, T, B: Bound<T>> Deserialize<'de> for Through<B, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        B::deserialize(deserializer).map(|value| Self(value, PhantomData))
    }
}

macro_rules! schemas {
    ($({$($generics:tt)*} $bound:ty, $schema:expr;)*) => {$(
        impl<$($generics)*> JsonSchema for $bound {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($bound).into()
            }
            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                let schema: fn(&mut SchemaGenerator) -> Schema = $schema;
                schema(generator)
            }
        }
    )*};
}

schemas! {
    {const MIN: usize, const MAX: usize} Text<MIN, MAX>, |_| match MIN {
        0 => json_schema!({ "type": "string", "maxLength": MAX }),
        _ => json_schema!({ "type": "string", "minLength": MIN, "maxLength": MAX }),
    };
    {} Email, |_| json_schema!({ "type": "string", "maxLength": 254, "pattern": EMAIL_PATTERN });
    {const MIN: i64, const MAX: i64} Int<MIN, MAX>, |_| json_schema!({ "type": "integer", "minimum": MIN, "maximum": MAX });
    {const MIN: i64, const MAX: i64} Number<MIN, MAX>, |_| json_schema!({ "type": "number", "minimum": MIN, "maximum": MAX });
    {} CalendarDay, |_| json_schema!({ "type": "string", "format": "date" });
    {} Instant, |_| json_schema!({ "type": "string", "format": "date-time" });
    {T: JsonSchema} Any<T>, |generator| generator.subschema_for::<T>();
    {T: JsonSchema} Object<T>, |generator| generator.subschema_for::<T>();
    {B: JsonSchema} Opt<B>, |generator| generator.subschema_for::<B>();
    {B: JsonSchema, const MAX: usize} List<B, MAX>, |generator| json_schema!({
        "type": "array", "maxItems": MAX, "items": generator.subschema_for::<B>()
    });
    {K: JsonSchema, B: JsonSchema, const MAX: usize} Map<K, B, MAX>, |generator| json_schema!({
        "type": "object",
        "maxProperties": MAX,
        "propertyNames": generator.subschema_for::<K>(),
        "additionalProperties": generator.subschema_for::<B>(),
    });
}

/// No bound of its own.
pub(crate) struct Any<T>(PhantomData<T>);

impl<T: DeserializeOwned> Bound<T> for Any<T> {
    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}

/// A structure that must be written as an object: serde alone would also read it from an array of its fields in order.
pub(crate) struct Object<T>(PhantomData<T>);

impl<T: DeserializeOwned> Bound<T> for Object<T> {
    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        if deserializer.is_human_readable() {
            return deserializer.deserialize_map(Fields(PhantomData));
        }
        // A checkpoint has no field names.
        T::deserialize(deserializer)
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

/// Absent, null, or within the bound; the field also says `default`.
pub(crate) struct Opt<B>(PhantomData<B>);

impl<T, B: Bound<T>> Bound<Option<T>> for Opt<B> {
    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        Ok(Option::<Through<B, T>>::deserialize(deserializer)?.map(|value| value.0))
    }
}

/// At most `MAX` entries.
pub(crate) struct List<B, const MAX: usize>(PhantomData<B>);

impl<T, B: Bound<T>, const MAX: usize> Bound<Vec<T>> for List<B, MAX> {
    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        let list = Vec::<Through<B, T>>::deserialize(deserializer)?;
        at_most::<MAX, D::Error>(list.len())?;
        Ok(list.into_iter().map(|value| value.0).collect())
    }
}

/// At most `MAX` entries with keys of the bound `K`.
pub(crate) struct Map<K, B, const MAX: usize>(PhantomData<(K, B)>);

impl<N: Ord, K: Bound<N>, T, B: Bound<T>, const MAX: usize> Bound<BTreeMap<N, T>> for Map<K, B, MAX> {
    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<N, T>, D::Error> {
        deserializer.deserialize_map(Entries::<K, N, B, T, MAX>(PhantomData))
    }
}

struct Entries<K, N, B, T, const MAX: usize>(PhantomData<(K, N, B, T)>);

impl<'de, N: Ord, K: Bound<N>, T, B: Bound<T>, const MAX: usize> Visitor<'de> for Entries<K, N, B, T, MAX> {
    type Value = BTreeMap<N, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some((key, value)) = map.next_entry::<Through<K, N>, Through<B, T>>()? {
            entries.insert(key.0, value.0);
            at_most::<MAX, A::Error>(entries.len())?;
        }
        Ok(entries)
    }
}

fn at_most<const MAX: usize, E: de::Error>(entries: usize) -> Result<(), E> {
    if entries <= MAX {
        Ok(())
    } else {
        Err(E::custom(format_args!("expected at most {MAX} entries")))
    }
}
