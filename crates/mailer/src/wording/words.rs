//! `words.toml`: every key by itself, so that every mistake is told at once.

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::clean;

const FILE: &str = "words.toml";

/// An organisation's words; what is not set is as built in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) organisation: Option<String>,
    pub(super) greeting: Option<String>,
    pub(super) footer: Vec<String>,
    pub(super) replies_reach: Option<String>,
    pub(super) emergency_phone: Option<String>,
    /// By the id of the rule.
    pub(super) advice: BTreeMap<String, String>,
}

/// Lines of a footer, beside those that every letter has.
const FOOTER_LINES: usize = 5;
/// Characters of a line.
const LINE_CHARS: usize = 200;

impl Words {
    pub(super) fn read(text: &str, is_rule: impl Fn(&str) -> bool) -> Result<Self, Vec<String>> {
        let table: Table = match text.parse() {
            Ok(table) => table,
            Err(error) => {
                let error: toml::de::Error = error;
                return Err(vec![format!("{FILE}: not TOML: {}", error.message())]);
            }
        };
        let mut words = Self::default();
        let mut mistakes = Vec::new();
        for (key, value) in &table {
            let taken = match key.as_str() {
                "organisation" => line(value, clean::NAME_MAX).map(|it| words.organisation = it),
                "greeting" => line(value, LINE_CHARS).map(|it| words.greeting = it),
                "replies_reach" => line(value, clean::NAME_MAX).map(|it| words.replies_reach = it),
                "emergency_phone" => phone(value).map(|it| words.emergency_phone = it),
                "footer" => footer(value).map(|it| words.footer = it),
                "rules" => {
                    mistakes.extend(words.take_rules(value, &is_rule));
                    Ok(())
                }
                _ => Err(
                    "unknown key, expected one of organisation, greeting, footer, replies_reach, \
                          emergency_phone, rules"
                        .to_owned(),
                ),
            };
            mistakes.extend(taken.err().map(|expected| format!("{FILE}: {key}: {expected}")));
        }
        if mistakes.is_empty() {
            Ok(words)
        } else {
            Err(mistakes)
        }
    }

    fn take_rules(&mut self, rules: &Value, is_rule: &impl Fn(&str) -> bool) -> Vec<String> {
        let Value::Table(rules) = rules else {
            return vec![format!(
                "{FILE}: rules: expected sections such as [rules.odi-worse]"
            )];
        };
        let mut mistakes = Vec::new();
        for (id, keys) in rules {
            let mut wrong = |what: String| mistakes.push(format!("{FILE}: rules.{}{what}", clean::name(id)));
            if !is_rule(id) {
                wrong(": there is no such rule, see `carebus rules`".to_owned());
            }
            let Value::Table(keys) = keys else {
                wrong(": expected advice = \"…\"".to_owned());
                continue;
            };
            for (key, value) in keys {
                match (key.as_str(), line(value, clean::NOTE_MAX)) {
                    ("advice", Ok(advice)) => self.advice.extend(advice.map(|advice| (id.clone(), advice))),
                    ("advice", Err(expected)) => wrong(format!(".advice: {expected}")),
                    (other, _) => wrong(format!(".{}: unknown key, expected advice", clean::name(other))),
                }
            }
        }
        mistakes
    }
}

/// One line of text; an empty one is not set.
fn line(value: &Value, max: usize) -> Result<Option<String>, String> {
    let expected = || format!("expected one line of at most {max} characters");
    let text = value.as_str().ok_or_else(expected)?;
    // What cleaning would change would not be shown as it was written.
    if clean::line(text, max) == text.trim() {
        Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
    } else {
        Err(expected())
    }
}

fn footer(value: &Value) -> Result<Vec<String>, String> {
    let expected = || format!("expected a list of at most {FOOTER_LINES} lines of text");
    let lines = value.as_array().filter(|lines| lines.len() <= FOOTER_LINES);
    let lines = lines.ok_or_else(expected)?;
    let read: Result<Vec<_>, String> = lines.iter().map(|it| line(it, LINE_CHARS)).collect();
    Ok(read?.into_iter().flatten().collect())
}

fn phone(value: &Value) -> Result<Option<String>, String> {
    let text = line(value, 32)?;
    let dialled = |text: &String| {
        text.chars().any(|c| c.is_ascii_digit())
            && text
                .chars()
                .all(|c| c.is_ascii_digit() || " +-()/.,#*x".contains(c))
    };
    match text {
        Some(text) if !dialled(&text) => Err("expected a telephone number".to_owned()),
        text => Ok(text),
    }
}
