//! The layers of the configuration laid over each other, key by key, with where each value came from.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

use serde::Serialize;
use toml::{Table, Value};

use super::values::{flat, kind, masked, read_as, section_of, without_path};
use super::{DEFAULT_TOML, places};
use crate::args::Global;
use crate::exit::{Exit, Failure, Mistake};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Origin {
    Default,
    File(PathBuf),
    Environment(String),
    Flag(&'static str),
}

/// One key with its value and its origin, for `config show`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Shown {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) origin: String,
}

/// All layers, and the mistakes found so far.
pub(crate) struct Layers {
    values: BTreeMap<String, (Value, Origin)>,
    mistakes: Vec<Mistake>,
    warnings: Vec<String>,
}

impl Layers {
    /// Reads defaults, file, environment and command line.
    pub(crate) fn read(global: &Global) -> Result<Self, Failure> {
        let default: Table = DEFAULT_TOML.parse().map_err(|e: toml::de::Error| {
            Failure::new(Exit::Bug, format!("the built-in configuration: {e}"))
        })?;
        let values = flat(&default)
            .into_iter()
            .map(|(key, value)| (key, (value, Origin::Default)))
            .collect();
        let mut layers = Self {
            values,
            mistakes: Vec::new(),
            warnings: Vec::new(),
        };
        if let Some((path, text)) = file(global)? {
            layers.add_file(&path, &text)?;
        }
        layers.add_environment();
        if let Some(url) = &global.nats {
            layers.put("nats.url", Value::String(url.clone()), Origin::Flag("--nats"));
        }
        Ok(layers)
    }

    fn add_file(&mut self, path: &Path, text: &str) -> Result<(), Failure> {
        let table: Table = text.parse().map_err(|e: toml::de::Error| {
            // The library's long form quotes the line, which may hold what should not be in a log.
            Failure::new(
                Exit::Config,
                format!("{}: not TOML: {}", path.display(), e.message()),
            )
            .help("deploy/carebus.toml is an example of the whole file")
        })?;
        for (key, value) in flat(&table) {
            self.put(&key, value, Origin::File(path.to_owned()));
        }
        Ok(())
    }

    /// `CAREBUS_SMTP__HOST` and, for keys without a section, `CAREBUS_ORG`; `NATS_URL` below its longer name.
    fn add_environment(&mut self) {
        if let Ok(url) = env::var("NATS_URL") {
            self.put(
                "nats.url",
                Value::String(url),
                Origin::Environment("NATS_URL".to_owned()),
            );
        }
        if let Ok(url) = env::var("OTEL_EXPORTER_OTLP_ENDPOINT") {
            self.add_collector(url);
        }
        let mut names: Vec<(String, String)> = env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _)| name.starts_with("CAREBUS_"))
            .collect();
        names.sort();
        for (name, text) in names {
            let key = name
                .trim_start_matches("CAREBUS_")
                .to_ascii_lowercase()
                .replace("__", ".");
            let Some((known, _)) = self.values.get(&key) else {
                // Other programs have variables of that kind too; one with a section is meant for us.
                if name.contains("__") {
                    self.mistakes
                        .push(Mistake::new(format!("environment {name}: there is no key {key}")));
                }
                continue;
            };
            match read_as(known, &text) {
                Some(value) => self.put(&key, value, Origin::Environment(name)),
                None => self.mistakes.push(Mistake::new(format!(
                    "environment {name}: expected {}",
                    kind(known)
                ))),
            }
        }
    }

    /// Platforms set it for every program at once: that a build without OTLP cannot follow is no reason not to start.
    fn add_collector(&mut self, url: String) {
        if cfg!(feature = "otel") {
            let origin = Origin::Environment("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned());
            self.put("log.otlp", Value::String(url), origin);
        } else if !url.is_empty() {
            self.warnings.push(
                "environment OTEL_EXPORTER_OTLP_ENDPOINT: not followed, this carebus was built without the feature otel"
                    .to_owned(),
            );
        }
    }

    fn put(&mut self, key: &str, value: Value, origin: Origin) {
        let place = match &origin {
            Origin::File(path) => format!("{}: ", path.display()),
            _ => String::new(),
        };
        match self.values.get(key) {
            None => {
                let known: Vec<&str> = self.neighbours(key);
                self.mistakes.push(Mistake::new(format!(
                    "{place}{key}: unknown key, expected one of {}",
                    known.join(", ")
                )));
            }
            Some((known, _)) if kind(known) != kind(&value) => {
                self.mistakes
                    .push(Mistake::new(format!("{place}{key}: expected {}", kind(known))));
            }
            Some(_) => {
                self.values.insert(key.to_owned(), (value, origin));
            }
        }
    }

    /// Keys of the same section, or all sections when there is none such.
    fn neighbours(&self, key: &str) -> Vec<&str> {
        let section = key.rsplit_once('.').map_or("", |(section, _)| section);
        let same: Vec<&str> = self
            .values
            .keys()
            .map(String::as_str)
            .filter(|k| section_of(k) == section)
            .collect();
        if same.is_empty() {
            self.values.keys().map(String::as_str).collect()
        } else {
            same
        }
    }

    /// Notes a mistake in a value, with where the value came from.
    pub(crate) fn mistake(&mut self, key: &str, expected: &str) {
        let told = self.placed(key, expected);
        self.mistakes.push(Mistake::new(told));
    }

    /// Notes what works and should not be left so.
    pub(crate) fn warn(&mut self, key: &str, what: &str) {
        let told = self.placed(key, what);
        self.warnings.push(told);
    }

    fn placed(&self, key: &str, what: &str) -> String {
        let place = match self.values.get(key).map(|(_, origin)| origin) {
            Some(Origin::File(path)) => format!("{}: ", path.display()),
            Some(Origin::Environment(name)) => format!("environment {name}: "),
            Some(Origin::Flag(flag)) => format!("{flag}: "),
            Some(Origin::Default) | None => String::new(),
        };
        format!("{place}{key}: {what}")
    }

    /// Every warning, once.
    pub(crate) fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    /// Every mistake found.
    pub(crate) fn into_mistakes(self) -> Vec<Mistake> {
        self.mistakes
    }

    /// A text; none when it is empty.
    pub(crate) fn text(&self, key: &str) -> Option<String> {
        let (value, _) = self.values.get(key)?;
        value.as_str().map(str::to_owned).filter(|text| !text.is_empty())
    }

    /// A path; relative ones of a file count from its folder.
    pub(crate) fn path(&self, key: &str) -> Option<PathBuf> {
        let path = PathBuf::from(self.text(key)?);
        match self.values.get(key) {
            Some((_, Origin::File(file))) => Some(file.parent().unwrap_or(Path::new("")).join(path)),
            _ => Some(path),
        }
    }

    /// A path that must exist.
    pub(crate) fn existing(&mut self, key: &str) -> Option<PathBuf> {
        let path = self.path(key)?;
        if !path.is_file() {
            self.mistake(key, &format!("there is no file {}", path.display()));
        }
        Some(path)
    }

    /// Whether a switch is on.
    pub(crate) fn flag(&self, key: &str) -> bool {
        self.values
            .get(key)
            .and_then(|(value, _)| value.as_bool())
            .unwrap_or(false)
    }

    /// A whole number.
    pub(crate) fn number(&self, key: &str) -> Option<i64> {
        self.values.get(key)?.0.as_integer()
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(&mut self, key: &str, known: &[(&str, T)]) -> Option<T> {
        let text = self.text(key).unwrap_or_default();
        let found = known
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<String> = known.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            self.mistake(key, &format!("expected one of {}", words.join(", ")));
        }
        found
    }

    /// Every key as it stands. Secrets are in files and never here; an address loses what looks like one.
    pub(crate) fn shown(&self) -> Vec<Shown> {
        let shown = |(key, (value, origin)): (&String, &(Value, Origin))| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let value = match key.as_str() {
                "nats.url" | "log.otlp" => masked(&text),
                "heartbeat.url" => without_path(&text),
                _ => text,
            };
            Shown {
                key: key.clone(),
                value,
                origin: origin.to_string(),
            }
        };
        self.values.iter().map(shown).collect()
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

/// The file with its text: the one named, or the first usual one that exists.
fn file(global: &Global) -> Result<Option<(PathBuf, String)>, Failure> {
    let read = |path: PathBuf| match std::fs::read_to_string(&path) {
        Ok(text) => Ok((path, text)),
        Err(error) => {
            Err(Failure::file(&path, &error).help("name another file with --config, or leave it out"))
        }
    };
    let usual = || places::usual_files().into_iter().find(|path| path.is_file());
    global.config.clone().or_else(usual).map(read).transpose()
}
