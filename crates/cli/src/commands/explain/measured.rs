//! What facts measured, in words with units: `pain 66 mm`, `Oswestry 42 %`, `retention 12 min`.

use care::Event;
use care::fact::Fact;
use care::fact::assessment::Body;
use care::sentence::moment;
use care::time::{TimeZone, Timestamp};
use serde_json::Value;
use triggers::why::{Beyond, Change, measured};

/// Units as field names end, and as people write them.
const UNITS: [(&str, &str); 9] = [
    ("_min", "min"),
    ("_mm", "mm"),
    ("_hz", "Hz"),
    ("_kg", "kg"),
    ("_weeks", "weeks"),
    ("_hours", "h"),
    ("_days", "days"),
    ("_m", "m"),
    ("percent", "%"),
];

/// What a fact is, and of when: `pain of Fri 06-12 18:00`.
pub(super) fn subject(event: &Event, zone: &TimeZone) -> String {
    let at = moment(done_at(event), zone);
    match &event.fact {
        Fact::Assessment(a) => match &a.body {
            Body::Pain(_) => format!("pain of {at}"),
            Body::Oswestry(_) => format!("Oswestry of {at}"),
            other => format!(
                "{}{} of {at}",
                other.verb().replace('_', " "),
                which(&event.fact.data())
            ),
        },
        fact => {
            let name = fact.name().replace(['.', '_'], " ");
            match id_of(&fact.data()) {
                Some(id) => format!("{name} {id} of {at}"),
                None => format!("{name} of {at}"),
            }
        }
    }
}

/// What was asked or looked at, where a kind of assessment has several: ` (pregnancy)`.
fn which(data: &Value) -> String {
    let named = ["item", "class", "kind"]
        .into_iter()
        .find_map(|name| data.get(name)?.as_str());
    named.map_or_else(String::new, |name| format!(" ({})", name.replace('_', " ")))
}

/// When that which a fact tells of was done.
pub(super) fn done_at(event: &Event) -> Timestamp {
    match &event.fact {
        Fact::Assessment(a) => a.head.performed_at,
        Fact::SessionCompleted(c) => c.started_at,
        _ => event.time,
    }
}

fn id_of(data: &Value) -> Option<String> {
    let id = ["session_id", "plan_id"]
        .into_iter()
        .find_map(|name| data.get(name)?.as_str());
    // Ids carebus derives are long and say nothing.
    id.filter(|id| id.len() < 30).map(str::to_owned)
}

/// The values of a fact, each with its unit; of a care plan none, because it is all team.
pub(super) fn values(event: &Event) -> Vec<String> {
    if matches!(event.fact, Fact::PlanActivated(_) | Fact::PlanRevised(_)) {
        return Vec::new();
    }
    let mut said: Vec<String> = Vec::new();
    let mut lists: Vec<(String, Vec<String>)> = Vec::new();
    let all = measured(event);
    let is_whole = all.iter().any(|(field, was)| field == "/items" && was.is_array());
    for (field, was) in all {
        if was.is_array() {
            let answered = answers(&was);
            said.push(format!(
                "{} ({} of 10 sections)",
                percent(sum(&was), 5 * answered),
                answered
            ));
        } else if let Some((list, _)) = item_of(&field).filter(|_| !is_whole) {
            let Value::String(item) = was else { continue };
            match lists.iter_mut().find(|(known, _)| known == list) {
                Some((_, items)) => items.push(item),
                None => lists.push((list.to_owned(), vec![item])),
            }
        } else if item_of(&field).is_none() {
            said.push(named(event, &field, &shown(event, &field, &was)));
        }
    }
    said.extend(
        lists
            .into_iter()
            .map(|(list, items)| named(event, &list, &items.join(", "))),
    );
    said
}

/// `at 63 mm or less (it was 66 mm)`, `with worsening no (it was unknown)`, `without items bladder_change`.
pub(super) fn instead(event: &Event, change: &Change) -> String {
    let field = field_words(event, &change.field);
    let Some(to) = &change.to else {
        let item = change
            .was
            .as_str()
            .map_or_else(|| "this entry".to_owned(), str::to_owned);
        return format!(
            "without {item}{}",
            if field.is_empty() {
                String::new()
            } else {
                format!(" in {field}")
            }
        );
    };
    let (to, was) = match (change.out_of, to.as_i64(), change.was.as_i64()) {
        (Some(points), Some(to), Some(was)) => (percent(to, points), percent(was, points)),
        _ => (
            shown(event, &change.field, to),
            shown(event, &change.field, &change.was),
        ),
    };
    let beyond = match change.beyond {
        Beyond::Only => "",
        Beyond::OrLess => " or less",
        Beyond::OrMore => " or more",
    };
    let at = if to.starts_with(|c: char| c.is_ascii_digit()) {
        "at"
    } else {
        "if it said"
    };
    if field.is_empty() || change.out_of.is_some() {
        format!("{at} {to}{beyond} (it was {was})")
    } else {
        format!("{field} {at} {to}{beyond} (it was {was})")
    }
}

fn named(event: &Event, field: &str, value: &str) -> String {
    let field = field_words(event, field);
    if field.is_empty() {
        value.to_owned()
    } else {
        format!("{field} {value}")
    }
}

/// `/items/3`: the list and the place.
fn item_of(field: &str) -> Option<(&str, usize)> {
    let (list, place) = field.rsplit_once('/')?;
    Some((list, place.parse().ok()?))
}

/// `/delivered/retention_min` is `retention`; the one value of an assessment needs no name.
fn field_words(event: &Event, field: &str) -> String {
    let is_assessment = matches!(event.fact, Fact::Assessment(_));
    let place = item_of(field);
    let (field, place) = place.map_or((field, None), |(list, place)| (list, Some(place)));
    let name = field.rsplit('/').next().unwrap_or(field);
    if is_assessment && name == "value" {
        return String::new();
    }
    if let (Fact::Assessment(a), Some(place)) = (&event.fact, place)
        && matches!(a.body, Body::Oswestry(_))
    {
        return format!("section {}", place + 1);
    }
    let plain = UNITS
        .iter()
        .filter(|(end, _)| end.starts_with('_'))
        .find_map(|(end, _)| name.strip_suffix(end));
    plain.unwrap_or(name).replace('_', " ")
}

/// A value with its unit.
fn shown(event: &Event, field: &str, value: &Value) -> String {
    let text = match value {
        Value::String(text) => return text.clone(),
        Value::Bool(is) => return if *is { "yes" } else { "no" }.to_owned(),
        // A tenth that is none is not written.
        number => number.to_string().trim_end_matches(".0").to_owned(),
    };
    let name = field.rsplit('/').next().unwrap_or(field);
    if let Fact::Assessment(a) = &event.fact {
        match &a.body {
            Body::Pain(p) if name == "value" => {
                let unit = if p.scale().code() == "vas" { "mm" } else { "of 10" };
                return format!("{text} {unit}");
            }
            Body::Exam(_) | Body::RedFlag(_) if name == "mrc_grade" => return format!("{text} of 5"),
            _ => {}
        }
    }
    let unit = UNITS.iter().find(|(end, _)| name.ends_with(end));
    unit.map_or_else(|| text.clone(), |(_, unit)| format!("{text} {unit}"))
}

fn answers(items: &Value) -> i64 {
    let count = items
        .as_array()
        .map_or(0, |all| all.iter().filter(|item| item.is_u64()).count());
    i64::try_from(count).unwrap_or(0)
}

fn sum(items: &Value) -> i64 {
    items
        .as_array()
        .map_or(0, |all| all.iter().filter_map(Value::as_i64).sum())
}

/// A share of points as percent, a decimal only where it is needed.
fn percent(sum: i64, points: i64) -> String {
    let tenths = if points > 0 {
        (sum * 1000 + points / 2) / points
    } else {
        0
    };
    if tenths % 10 == 0 {
        format!("{} %", tenths / 10)
    } else {
        format!("{}.{} %", tenths / 10, tenths % 10)
    }
}
