//! The measured values of a fact, and which others the contract would allow in their place.

use std::collections::BTreeMap;

use care::contract;
use care::envelope::Event;
use serde_json::Value;

/// Fields that say which thing, whose, when or under which question, not what was found.
const NOT_MEASURED: [&str; 18] = [
    "by",
    "item",
    "kind",
    "class",
    "scale",
    "context",
    "unit",
    "modality",
    "placement",
    "prepares",
    "revision",
    "role",
    "days",
    "max",
    "every_days",
    "lead_hours",
    "duration_min",
    "instrument_version",
];

/// Whether a field holds something that was found or planned, rather than which thing, whose or when.
#[must_use]
pub fn is_measured(field: &str) -> bool {
    !NOT_MEASURED.contains(&field) && !field.ends_with("_id")
}

/// What a fact says was found, field by field as JSON pointers; words that nobody could have chosen from are left out.
#[must_use]
pub fn measured(event: &Event) -> Vec<(String, Value)> {
    let Some(schema) = contract::schema(&event.fact.name()) else {
        return Vec::new();
    };
    let leaves = leaves(event, &schema).into_iter();
    leaves.map(|leaf| (leaf.pointer, leaf.was)).collect()
}

/// One value that could have been another.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    /// JSON pointer within the data.
    pub(super) pointer: String,
    pub(super) was: Value,
    pub(super) kind: Kind,
}

/// What may stand in its place.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// Numbers on a grid.
    Number { min: f64, max: f64, step: f64 },
    /// The sum of a questionnaire's sections, of so many points.
    Sum { points: i64 },
    /// One of these.
    Choice(Vec<Value>),
    /// An item of a list, which can only be missing.
    Item,
}

/// Every measured value of a fact.
pub(super) fn leaves(event: &Event, schema: &Value) -> Vec<Leaf> {
    let data = event.fact.data();
    let mut leaves = Vec::new();
    if let Some(points) = answered(&data) {
        leaves.push(Leaf {
            pointer: "/items".to_owned(),
            was: data["items"].clone(),
            kind: Kind::Sum { points: 5 * points },
        });
    }
    let walk = Walk { root: schema };
    if let Some(of_data) = schema.pointer("/properties/data") {
        walk.collect(of_data, &data, String::new(), &mut leaves);
    }
    leaves
}

/// Answered sections of a questionnaire given section by section.
fn answered(data: &Value) -> Option<i64> {
    data.get("instrument_version")?;
    let items = data.get("items")?.as_array()?;
    i64::try_from(items.iter().filter(|item| item.is_u64()).count()).ok()
}

/// The schemas of the facts at hand, by name: made once, because making one takes longer than asking it.
pub(super) fn schemas(events: &[&Event]) -> BTreeMap<String, Value> {
    let mut schemas = BTreeMap::new();
    for event in events {
        let name = event.fact.name();
        if let Some(schema) = (!schemas.contains_key(&name))
            .then(|| contract::schema(&name))
            .flatten()
        {
            schemas.insert(name, schema);
        }
    }
    schemas
}

struct Walk<'a> {
    root: &'a Value,
}

impl Walk<'_> {
    fn collect(&self, schema: &Value, value: &Value, pointer: String, leaves: &mut Vec<Leaf>) {
        let schema = self.resolved(schema);
        match value {
            Value::Object(fields) => {
                for (name, value) in fields.iter().filter(|(name, _)| is_measured(name)) {
                    let of_field = schema
                        .pointer("/properties")
                        .and_then(|known| known.get(name))
                        .or_else(|| schema.get("additionalProperties"));
                    if let Some(of_field) = of_field {
                        self.collect(of_field, value, format!("{pointer}/{name}"), leaves);
                    }
                }
            }
            Value::Array(items) => {
                for (place, item) in items.iter().enumerate() {
                    let pointer = format!("{pointer}/{place}");
                    // A list of a fixed length holds one answer per place: none of them can be missing.
                    if schema.get("minItems").is_none() {
                        leaves.push(leaf(&pointer, item, Kind::Item));
                    }
                    let is_plain = item.is_string();
                    if let Some(of_item) = schema.get("items").filter(|_| !is_plain) {
                        self.collect(of_item, item, pointer, leaves);
                    }
                }
            }
            Value::Bool(is) => leaves.push(leaf(&pointer, value, Kind::Choice(vec![Value::Bool(!is)]))),
            Value::Number(_) => leaves.extend(number(schema).map(|kind| leaf(&pointer, value, kind))),
            Value::String(_) => {
                let mut others = choices(schema);
                others.retain(|other| other != value);
                if !others.is_empty() {
                    leaves.push(leaf(&pointer, value, Kind::Choice(others)));
                }
            }
            Value::Null => {}
        }
    }

    fn resolved<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let named = schema.get("$ref").and_then(Value::as_str);
        let found = named.and_then(|path| self.root.pointer(path.strip_prefix('#')?));
        found.unwrap_or(schema)
    }
}

fn leaf(pointer: &str, was: &Value, kind: Kind) -> Leaf {
    Leaf {
        pointer: pointer.to_owned(),
        was: was.clone(),
        kind,
    }
}

/// Whole numbers by one, others by a tenth.
fn number(schema: &Value) -> Option<Kind> {
    let (min, max) = (schema.get("minimum")?.as_f64()?, schema.get("maximum")?.as_f64()?);
    let kinds = schema.get("type")?;
    let is = |name: &str| kinds == name || kinds.as_array().is_some_and(|all| all.iter().any(|k| k == name));
    let step = if is("integer") { 1.0 } else { 0.1 };
    Some(Kind::Number { min, max, step })
}

/// The words of a closed list, however the schema lists them.
fn choices(schema: &Value) -> Vec<Value> {
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        return words.clone();
    }
    let variants = schema.get("oneOf").and_then(Value::as_array);
    variants
        .into_iter()
        .flatten()
        .flat_map(|variant| match variant.get("const") {
            Some(word) => vec![word.clone()],
            None => choices(variant),
        })
        .collect()
}

impl Leaf {
    /// The data with another value in this place.
    pub(super) fn with(&self, data: &Value, to: &Value) -> Value {
        let mut data = data.clone();
        if let Some(place) = data.pointer_mut(&self.pointer) {
            *place = match (&self.kind, to.as_i64()) {
                (Kind::Sum { .. }, Some(sum)) => summing(&self.was, sum),
                _ => to.clone(),
            };
        }
        data
    }

    /// The data without this item.
    pub(super) fn without(&self, data: &Value) -> Value {
        let mut data = data.clone();
        if let Some((list, place)) = self.pointer.rsplit_once('/')
            && let Ok(place) = place.parse::<usize>()
            && let Some(Value::Array(items)) = data.pointer_mut(list)
            && place < items.len()
        {
            items.remove(place);
        }
        data
    }

    /// The value as a number: of a questionnaire the sum.
    pub(super) fn number(&self) -> Option<f64> {
        match &self.was {
            Value::Array(items) => Some(items.iter().filter_map(Value::as_f64).sum()),
            other => other.as_f64(),
        }
    }
}

/// Sections that sum up to so many points: the answers as they were, moved from the first on.
fn summing(items: &Value, sum: i64) -> Value {
    let mut items = items.as_array().cloned().unwrap_or_default();
    let mut left = sum - items.iter().filter_map(Value::as_i64).sum::<i64>();
    for item in &mut items {
        if let Some(points) = item.as_i64() {
            let moved = (points + left).clamp(0, 5);
            left -= moved - points;
            *item = Value::from(moved);
        }
    }
    Value::Array(items)
}
