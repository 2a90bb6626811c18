//! Single values of the configuration: flattened, read from text, compared by kind, shown without secrets.

use toml::{Table, Value};

/// `{nats: {url: x}}` as `nats.url → x`.
pub(super) fn flat(table: &Table) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (key, value) in table {
        match value {
            Value::Table(section) => {
                found.extend(
                    flat(section)
                        .into_iter()
                        .map(|(inner, value)| (format!("{key}.{inner}"), value)),
                );
            }
            other => found.push((key.clone(), other.clone())),
        }
    }
    found
}

pub(super) fn section_of(key: &str) -> &str {
    key.rsplit_once('.').map_or("", |(section, _)| section)
}

/// A text of the environment as what the key wants.
pub(super) fn read_as(like: &Value, text: &str) -> Option<Value> {
    match like {
        Value::Boolean(_) => text.parse().ok().map(Value::Boolean),
        Value::Integer(_) => text.parse().ok().map(Value::Integer),
        _ => Some(Value::String(text.to_owned())),
    }
}

pub(super) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text in quotes",
        Value::Integer(_) => "a whole number",
        Value::Boolean(_) => "true or false",
        _ => "a single value",
    }
}

/// `nats://user:secret@host` as `nats://***@host`.
pub(super) fn masked(url: &str) -> String {
    let one = |url: &str| match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 <= at => format!("{}***{}", &url[..scheme + 3], &url[at..]),
        (None, Some(at)) => format!("***{}", &url[at..]),
        _ => url.to_owned(),
    };
    url.split(',').map(one).collect::<Vec<_>>().join(",")
}

/// `https://host/secret` as `https://host/***`: whoever knows the path can beat in our place.
pub(super) fn without_path(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return masked(url);
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let shown = masked(&format!("{scheme}://{host}"));
    if host.len() == rest.len() {
        shown
    } else {
        format!("{shown}/***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_heartbeat_is_not_shown() {
        assert_eq!(
            without_path("https://hc.example/ping/s3cret"),
            "https://hc.example/***"
        );
        assert_eq!(
            without_path("https://u:p@hc.example?k=1"),
            "https://***@hc.example/***"
        );
        assert_eq!(without_path("http://hc.example"), "http://hc.example");
        assert_eq!(without_path(""), "");
    }

    #[test]
    fn an_address_is_shown_without_its_secret() {
        assert_eq!(masked("nats://u:p@h:1,nats://k"), "nats://***@h:1,nats://k");
        assert_eq!(masked("u@h"), "***@h");
    }
}
