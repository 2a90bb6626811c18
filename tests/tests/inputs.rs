//! What `explain` calls an input is one, and nothing else is: over every alert of every vignette.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeMap;
use std::path::Path;

use care::envelope::Event;
use care::fact::Fact;
use care::id::PatientId;
use care::{About, Worker, contract};
use serde_json::Value;
use tests::vignette::{Played, played};
use triggers::why::{Input, Question, is_measured};

const ROOMS: [&str; 5] = ["scheduling", "oswestry", "alerts", "mail", "rules"];

/// Other values tried in each fact that is not an input, for each alert.
const TRIES: usize = 4;

fn vignettes() -> Vec<Played> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vignettes");
    ROOMS
        .iter()
        .flat_map(|room| played(&folder.join(room)).unwrap())
        .collect()
}

/// Every alert of a log with its question.
fn questions(vignette: &Played) -> Vec<(String, Question<'_>)> {
    let alert = |event: &'_ Event| match (&event.about, &event.fact) {
        (About::Patient(_), Fact::AlertRaised(raised)) => Some(raised.alert_id.to_string()),
        _ => None,
    };
    let of = |event| {
        let id = alert(event)?;
        let question = Question::of(&vignette.log, patient(event)?, &id, &vignette.policy)?;
        Some((format!("{}: {}", vignette.name, rule(event)), question))
    };
    vignette.log.iter().filter_map(of).collect()
}

fn patient(event: &Event) -> Option<&PatientId> {
    match &event.about {
        About::Patient(id) => Some(id),
        _ => None,
    }
}

fn rule(event: &Event) -> String {
    match &event.fact {
        Fact::AlertRaised(raised) => format!("{} {}", raised.rule, raised.key),
        _ => String::new(),
    }
}

fn named(event: &Event) -> String {
    format!("{} {}", event.id, event.fact.name())
}

#[test]
fn every_alert_of_the_vignettes_is_judged_again_as_it_was() {
    let mut count = 0;
    for vignette in vignettes() {
        for (name, question) in questions(&vignette) {
            assert!(question.verdict().holds(), "{name}");
            count += 1;
        }
    }
    assert!(count > 50, "{count}");
}

#[test]
fn a_listed_input_decides_and_nothing_else_does() {
    let schemas = contract::schemas();
    let mut chance = Chance(0x5eed);
    let (mut changed, mut tried) = (0, 0);
    for vignette in vignettes() {
        for (name, question) in questions(&vignette) {
            let inputs = question.inputs();
            changed += each_listed_input_decides(&name, &question, &inputs);
            let listed = |event: &Event| inputs.iter().any(|input| input.event.id == event.id);
            for event in question.facts().iter().filter(|e| !listed(e) && !is_ours(e)) {
                let kind = format!("carebus.{}.v1", event.fact.name());
                for _ in 0..TRIES {
                    let Some(other) = otherwise(event, &schemas[&kind], &mut chance) else {
                        continue;
                    };
                    let facts = replaced(&question, &other);
                    let verdict = question.verdict_on(facts, question.now());
                    let data = other.fact.data();
                    assert_eq!(verdict, question.verdict(), "{name}: {} as {data}", named(event));
                    tried += 1;
                }
            }
        }
    }
    assert!(changed > 200 && tried > 800, "{changed} changes, {tried} tries");
}

/// Without it, or with each value that is named, the verdict is another one; how many were tried.
fn each_listed_input_decides(name: &str, question: &Question<'_>, inputs: &[Input<'_>]) -> usize {
    let base = question.verdict();
    let mut tried = 0;
    for input in inputs {
        let others = || {
            question
                .facts()
                .iter()
                .copied()
                .filter(|e| e.id != input.event.id)
        };
        if let Some(dropped) = &input.dropped {
            assert_ne!(*dropped, base);
            assert_eq!(
                question.verdict_on(others(), question.now()),
                *dropped,
                "{name}: {}",
                named(input.event)
            );
            tried += 1;
        }
        for change in &input.changes {
            let other = with(input.event, &change.data).unwrap();
            let verdict = question.verdict_on(replaced(question, &other), question.now());
            assert_ne!(verdict, base, "{name}: {} {}", named(input.event), change.field);
            assert_eq!(verdict, change.verdict);
            tried += 1;
        }
    }
    // What several facts say each for itself, or several revisions of one session, no single one decides.
    let because: Vec<&Event> = inputs.iter().filter(|i| i.is_because).map(|i| i.event).collect();
    let session = |event: &Event| event.fact.data().get("session_id").cloned();
    let says_the_same = |event: &Event| {
        because
            .iter()
            .any(|b| b.id == event.id || (session(b).is_some() && session(b) == session(event)))
    };
    let rest = question
        .facts()
        .iter()
        .copied()
        .filter(|event| !says_the_same(event));
    assert_ne!(
        question.verdict_on(rest, question.now()),
        base,
        "{name}: without all it rests on"
    );
    tried
}

fn is_ours(event: &Event) -> bool {
    Worker::ALL
        .iter()
        .any(|worker| worker.source(&event.org) == event.source)
}

fn with(event: &Event, data: &Value) -> Option<Event> {
    let fact = Fact::parse(&event.fact.name(), &data.to_string())?.ok()?;
    Some(Event {
        fact,
        ..event.clone()
    })
}

/// The facts with one of them saying something else.
fn replaced<'a>(question: &'a Question<'_>, other: &'a Event) -> impl Iterator<Item = &'a Event> {
    let pick = move |event: &'a Event| if event.id == other.id { other } else { event };
    question.facts().iter().copied().map(pick)
}

/// Numbers that look drawn, the same on every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n.max(1) as u64) as usize
    }
}

/// The fact with one measured value that is another one, as its schema allows.
fn otherwise(event: &Event, schema: &Value, chance: &mut Chance) -> Option<Event> {
    let data = event.fact.data();
    let mut places = BTreeMap::new();
    find(schema, &schema["properties"]["data"], &data, "", &mut places);
    if places.is_empty() {
        return None;
    }
    let (pointer, of) = places.iter().nth(chance.below(places.len()))?;
    let mut other = data.clone();
    let place = other.pointer_mut(pointer)?;
    if of.is_null() {
        let (list, index) = pointer.rsplit_once('/')?;
        other
            .pointer_mut(list)?
            .as_array_mut()?
            .remove(index.parse().ok()?);
    } else if let Some(words) = of["words"].as_array() {
        *place = words[chance.below(words.len())].clone();
    } else {
        let (min, max) = (of["minimum"].as_f64()?, of["maximum"].as_f64()?);
        let drawn = min + (max - min) * chance.below(1001) as f64 / 1000.0;
        *place = if of["type"] == "number" {
            Value::from(drawn)
        } else {
            Value::from(drawn.round() as i64)
        };
    }
    (other != data).then(|| with(event, &other)).flatten()
}

/// Every measured value with what its schema says of it; null for an item that may be missing.
fn find(root: &Value, schema: &Value, value: &Value, pointer: &str, found: &mut BTreeMap<String, Value>) {
    let named = schema["$ref"].as_str().map(|path| path.trim_start_matches('#'));
    let schema = named.map_or(schema, |path| root.pointer(path).unwrap());
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter().filter(|(name, _)| is_measured(name)) {
                let of = if schema["properties"][name].is_object() {
                    &schema["properties"][name]
                } else {
                    &schema["additionalProperties"]
                };
                find(root, of, value, &format!("{pointer}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let pointer = format!("{pointer}/{index}");
                if schema["minItems"].is_null() {
                    found.insert(pointer.clone(), Value::Null);
                }
                if !item.is_string() {
                    find(root, &schema["items"], item, &pointer, found);
                }
            }
        }
        Value::Bool(_) => {
            drop(found.insert(pointer.to_owned(), serde_json::json!({ "words": [true, false] })))
        }
        Value::Number(_) if schema["minimum"].is_number() => {
            drop(found.insert(pointer.to_owned(), schema.clone()))
        }
        Value::String(_) => {
            let variants = schema["oneOf"].as_array().cloned().unwrap_or_default();
            let mut words: Vec<Value> = variants.iter().filter_map(|v| v.get("const").cloned()).collect();
            words.extend(
                variants
                    .iter()
                    .chain([schema])
                    .flat_map(|v| v["enum"].as_array().cloned().unwrap_or_default()),
            );
            if !words.is_empty() {
                found.insert(pointer.to_owned(), serde_json::json!({ "words": words }));
            }
        }
        _ => {}
    }
}
