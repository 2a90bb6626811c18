//! JSON Schema of an event: the CloudEvents attributes around the payload of its type.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::envelope::type_name;
use crate::fact::Fact;

/// A schema that stands alone, JSON Schema 2020-12.
pub(super) fn alone(name: &str) -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = event(name, &mut generator);
    let definitions = generator.take_definitions(true);
    if let Some(root) = schema.as_object_mut() {
        root.insert(
            "$schema".to_owned(),
            json!("https://json-schema.org/draft/2020-12/schema"),
        );
        root.insert(
            "$id".to_owned(),
            json!(format!("urn:carebus:schema:{}", type_name(name))),
        );
        if !definitions.is_empty() {
            root.insert("$defs".to_owned(), Value::Object(definitions));
        }
    }
    tidy(&mut schema);
    schema
}

/// The envelope of one type of fact; named types are left to the generator.
pub(super) fn event(name: &str, generator: &mut SchemaGenerator) -> Value {
    let data = Fact::schema(name, generator).map(schemars::Schema::to_value);
    let kinds: Vec<&str> = Fact::kinds(name).iter().map(|k| k.code()).collect();
    let visible = |what: &str| json!({ "type": "string", "pattern": "^[!-~]{1,200}$", "description": what });
    json!({
        "title": type_name(name),
        "description": Fact::summary(name),
        "type": "object",
        "required": ["specversion", "id", "source", "type", "time", "data"],
        "properties": {
            "specversion": { "const": "1.0" },
            "id": visible("With `source`, the identity of the fact."),
            "source": visible("Who published it, e.g. `urn:carebus:acme:eastside-pt`."),
            "type": { "const": type_name(name) },
            "subject": {
                "type": "string",
                "pattern": format!("^[a-z0-9-]{{1,32}}/({})/[A-Za-z0-9_-]{{1,64}}$", kinds.join("|")),
                "description": "Whom it is about; required in files, and over NATS what the NATS subject says.",
            },
            "time": { "type": "string", "format": "date-time", "description": "When it happened, with an offset; 1900 to 2199." },
            "datacontenttype": { "const": "application/json" },
            "causationid": visible("The fact that led to this one."),
            "correlationid": visible("The first fact of the chain."),
            "data": data,
        },
    })
}

/// One object schema with the properties of both.
pub(crate) fn merged(head: Value, mut body: Value) -> Value {
    let (Some(b), Value::Object(h)) = (body.as_object_mut(), head) else {
        return body;
    };
    for key in ["properties", "required"] {
        match (b.get_mut(key), h.get(key)) {
            (Some(Value::Object(ours)), Some(Value::Object(theirs))) => ours.extend(theirs.clone()),
            (Some(Value::Array(ours)), Some(Value::Array(theirs))) => {
                ours.splice(0..0, theirs.iter().cloned());
            }
            (None, Some(theirs)) => {
                b.insert(key.to_owned(), theirs.clone());
            }
            _ => {}
        }
    }
    body
}

/// Says of an optional field only that it may be absent, and leaves out formats that are names of our number types.
pub(super) fn tidy(schema: &mut Value) {
    let Value::Object(map) = schema else {
        if let Value::Array(items) = schema {
            items.iter_mut().for_each(tidy);
        }
        return;
    };
    let ours = |format: &Value| {
        format
            .as_str()
            .is_some_and(|f| f.starts_with("uint") || f.starts_with("int") || f == "double")
    };
    if map.get("format").is_some_and(ours) {
        map.remove("format");
    }
    if map.get("default").is_some_and(Value::is_null) {
        map.remove("default");
    }
    if let Some(Value::Object(properties)) = map.get_mut("properties") {
        properties.values_mut().for_each(not_null);
    }
    map.values_mut().for_each(tidy);
}

/// `null` and absent are one; the contract shows only the latter.
fn not_null(property: &mut Value) {
    let Value::Object(map) = property else { return };
    if let Some(Value::Array(types)) = map.get_mut("type") {
        types.retain(|t| t != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            map.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = map.get_mut("enum") {
        values.retain(|v| !v.is_null());
    }
    let null = json!({ "type": "null" });
    if let Some(Value::Array(choices)) = map.get_mut("anyOf") {
        choices.retain(|choice| *choice != null);
        if let [Value::Object(only)] = choices.as_slice() {
            let only: Map<String, Value> = only.clone();
            map.remove("anyOf");
            map.extend(only);
        }
    }
}
