//! The policy: every number a decision uses, with one commented TOML file as documentation, default and example.

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fact::value::{ClockTime, PointCode};
use crate::measure::odi::MaxMissing;

/// The file that is documentation, default and example at once.
pub const DEFAULT_TOML: &str = include_str!("../../../deploy/policy.toml");

/// Every number carebus decides by; units are in the names, meanings and evidence in [`DEFAULT_TOML`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the sections are documented in the file")]
pub struct Policy {
    pub scheduling: Scheduling,
    pub oswestry: Oswestry,
    pub alerts: Alerts,
    pub rules: Rules,
    pub mail: Mail,
}

/// How the 48 hours are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeadMode {
    /// Exact hours.
    Elapsed,
    /// The same local time on an earlier calendar day.
    WallClock,
}

/// Whether an EA in a published calendar stands at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confirm {
    /// It stands.
    Book,
    /// It waits for `session.confirmed`.
    Ask,
}

/// `[scheduling]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in the file")]
pub struct Scheduling {
    pub lead_hours: u16,
    pub lead_mode: LeadMode,
    pub on_target_hours: u16,
    pub acceptable_min_hours: u16,
    pub acceptable_max_hours: u16,
    pub spacing_hours: u16,
    pub weekly_cap: u16,
    pub course_sessions: u16,
    pub course_grace_sessions: u16,
    pub notice_hours: u16,
    pub freeze_hours: u16,
    pub horizon_days: u16,
    pub duration_min: u16,
    pub confirm: Confirm,
}

/// `[oswestry]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in the file")]
pub struct Oswestry {
    pub every_days: u16,
    pub max_missing: MaxMissing,
    pub overdue_days: u16,
    pub late_days: u16,
    pub remind_at: ClockTime,
}

/// `[alerts]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in the file")]
pub struct Alerts {
    pub advisory_actionable_days: u16,
    pub info_actionable_days: u16,
}

/// `[rules]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in the file")]
pub struct Rules {
    pub cauda_equina_new_days: u16,
    pub screening_lead_hours: u16,
    pub no_change_below_percent: u16,
    pub no_change_window_days: u16,
    pub fidelity_points_min: u16,
    pub fidelity_retention_min: f64,
    pub fidelity_distal_points: Vec<PointCode>,
    pub course_review_days: u16,
    pub diary_reports_min: u16,
    pub enabled: Vec<String>,
}

/// What a missing consent means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Given.
    Assumed,
    /// Not given.
    Required,
}

/// How much a mail says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Disclosure {
    /// That something waits, and where.
    LinkOnly,
    /// The recipient's own reference or the bus id, rule and values.
    Pseudonymous,
    /// Names too, to allowed domains over TLS only.
    Identified,
}

/// `[mail]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in the file")]
pub struct Mail {
    pub consent: Consent,
    pub disclosure: Disclosure,
    pub allowed_domains: Vec<String>,
    pub from: String,
    pub from_name: String,
    pub reply_to: String,
    pub domain: String,
    pub on_call: String,
    pub quiet_from: ClockTime,
    pub quiet_to: ClockTime,
}

/// Everything that is wrong with a policy file, at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the policy has {} mistake(s): {}", .0.len(), .0.join("; "))]
pub struct BadPolicy(pub Vec<String>);

impl Default for Policy {
    fn default() -> Self {
        static DEFAULT: LazyLock<Policy> = LazyLock::new(|| {
            #[expect(clippy::expect_used, reason = "the file is compiled in, and a test reads it")]
            Policy::parse("").expect("the default policy is valid")
        });
        DEFAULT.clone()
    }
}

impl Policy {
    /// Reads a policy file; what it leaves out comes from the default.
    ///
    /// # Errors
    /// [`BadPolicy`] lists every mistake, each with its key and what was expected.
    pub fn parse(text: &str) -> Result<Self, BadPolicy> {
        let one = |e: String| BadPolicy(vec![e]);
        let default: toml::Table = DEFAULT_TOML.parse().map_err(|e: toml::de::Error| one(e.to_string()))?;
        let given: toml::Table = text.parse().map_err(|e: toml::de::Error| one(e.to_string()))?;
        let mut mistakes = Vec::new();
        let mut merged = default.clone();
        for (section, value) in &given {
            match (merged.get_mut(section), value) {
                (Some(toml::Value::Table(target)), toml::Value::Table(keys)) => {
                    mistakes.extend(merge_section(section, target, keys, &default));
                }
                (Some(_), _) => mistakes.push(format!("{section}: expected a section [{section}]")),
                (None, _) => mistakes.push(format!("{section}: unknown section, expected one of {}", names(&default))),
            }
        }
        let policy: Self = merged.try_into().map_err(|e: toml::de::Error| one(e.message().to_owned()))?;
        // Where a key could not be read its default stands in, and says nothing about what was meant.
        let told: Vec<String> = mistakes.iter().filter_map(|m| Some(m.split_once(':')?.0.to_owned())).collect();
        let is_told = |mistake: &String| told.iter().any(|key| mistake.starts_with(&format!("{key}:")));
        mistakes.extend(policy.mistakes().into_iter().filter(|mistake| !is_told(mistake)));
        if mistakes.is_empty() { Ok(policy) } else { Err(BadPolicy(mistakes)) }
    }

    /// Sixteen hex digits that name this policy: in every alert, so that a decision can be traced to its numbers.
    #[must_use]
    pub fn hash(&self) -> String {
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        format!("{:016x}", xxhash_rust::xxh3::xxh3_64(&bytes))
    }

    /// What single keys cannot say.
    fn mistakes(&self) -> Vec<String> {
        let s = &self.scheduling;
        let checks = [
            (
                s.acceptable_min_hours <= s.lead_hours && s.lead_hours <= s.acceptable_max_hours,
                "scheduling.lead_hours: expected between acceptable_min_hours and acceptable_max_hours",
            ),
            (s.acceptable_max_hours <= 24 * 28, "scheduling.acceptable_max_hours: expected at most 672"),
            (
                s.lead_mode == LeadMode::Elapsed || s.lead_hours.is_multiple_of(24),
                "scheduling.lead_hours: expected whole days for lead_mode wall_clock",
            ),
            ((5..=480).contains(&s.duration_min), "scheduling.duration_min: expected 5 to 480 minutes"),
            (s.weekly_cap >= 1, "scheduling.weekly_cap: expected at least 1"),
            ((1..=366).contains(&s.horizon_days), "scheduling.horizon_days: expected 1 to 366 days"),
            ((2..=366).contains(&self.oswestry.every_days), "oswestry.every_days: expected 2 to 366 days"),
            (
                self.oswestry.overdue_days < self.oswestry.late_days
                    && self.oswestry.late_days <= self.oswestry.every_days / 2,
                "oswestry.overdue_days, late_days: expected overdue_days < late_days <= every_days / 2",
            ),
            // Safety: a clinic may call more things an emergency, never fewer.
            (self.rules.cauda_equina_new_days >= 14, "rules.cauda_equina_new_days: expected at least 14 (safety rule)"),
            (self.rules.screening_lead_hours >= 24, "rules.screening_lead_hours: expected at least 24 (safety rule)"),
            (
                (0.0..=1440.0).contains(&self.rules.fidelity_retention_min), "rules.fidelity_retention_min: expected 0 to 1440 minutes",
            ),
            (self.mail.from.contains('@'), "mail.from: expected an address"),
            (!self.mail.domain.is_empty(), "mail.domain: expected a domain name"),
            (
                self.mail.on_call.is_empty() || self.mail.on_call.contains('@'),
                "mail.on_call: expected an address or nothing",
            ),
        ];
        checks.into_iter().filter(|(holds, _)| !holds).map(|(_, says)| says.to_owned()).collect()
    }
}

/// Takes the given keys over, each tried alone on the default, so that one mistake does not hide the next.
fn merge_section(section: &str, target: &mut toml::Table, keys: &toml::Table, default: &toml::Table) -> Vec<String> {
    let mut mistakes = Vec::new();
    for (key, value) in keys {
        if !target.contains_key(key) {
            mistakes.push(format!("{section}.{key}: unknown key, expected one of {}", names(target)));
            continue;
        }
        let before = target.insert(key.clone(), value.clone());
        if let Err(e) = typed_section(section, target, default) {
            mistakes.push(format!("{section}.{key}: {e}"));
            target.extend(before.map(|b| (key.clone(), b)));
        }
    }
    mistakes
}

fn names(table: &toml::Table) -> String {
    table.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// Whether one section still reads as its type when the rest is the default.
fn typed_section(section: &str, keys: &toml::Table, default: &toml::Table) -> Result<(), String> {
    let mut whole = default.clone();
    whole.insert(section.to_owned(), toml::Value::Table(keys.clone()));
    whole.try_into::<Policy>().map(|_| ()).map_err(|e| e.message().to_owned())
}
