//! From the file to the policy: every mistake is told at once, each with its key and what was expected.

use super::{DEFAULT_TOML, LeadMode, Policy};

/// Whether something holds, and what is said when it does not: the key, and what was expected.
pub(super) type Check = (bool, &'static str);

pub(super) const fn within(holds: bool, says: &'static str) -> Check {
    (holds, says)
}

/// Everything that is wrong with a policy file, at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the policy has {} mistake(s): {}", .0.len(), .0.join("; "))]
pub struct BadPolicy(pub Vec<String>);

impl Policy {
    /// Reads a policy file; what it leaves out comes from the default.
    ///
    /// # Errors
    /// [`BadPolicy`] lists every mistake, each with its key and what was expected.
    pub fn parse(text: &str) -> Result<Self, BadPolicy> {
        Self::read(text, None)
    }

    /// The same where the catalogue is known: `rules.enabled` names none but the rules that are off without it.
    ///
    /// # Errors
    /// [`BadPolicy`] lists every mistake, each with its key and what was expected.
    pub fn parse_for(text: &str, off_by_default: &[&str]) -> Result<Self, BadPolicy> {
        Self::read(text, Some(off_by_default))
    }

    fn read(text: &str, off_by_default: Option<&[&str]>) -> Result<Self, BadPolicy> {
        let one = |e: String| BadPolicy(vec![e]);
        let default: toml::Table = DEFAULT_TOML
            .parse()
            .map_err(|e: toml::de::Error| one(e.to_string()))?;
        let given: toml::Table = text.parse().map_err(|e: toml::de::Error| one(e.to_string()))?;
        let mut mistakes = Vec::new();
        let mut merged = default.clone();
        for (section, value) in &given {
            match (merged.get_mut(section), value) {
                (Some(toml::Value::Table(target)), toml::Value::Table(keys)) => {
                    mistakes.extend(merge_section(section, target, keys, &default));
                }
                (Some(_), _) => mistakes.push(format!("{section}: expected a section [{section}]")),
                (None, _) => mistakes.push(format!(
                    "{section}: unknown section, expected one of {}",
                    names(&default)
                )),
            }
        }
        let policy: Self = merged
            .try_into()
            .map_err(|e: toml::de::Error| one(e.message().to_owned()))?;
        // Where a key could not be read its default stands in, and says nothing about what was meant.
        let told: Vec<String> = mistakes
            .iter()
            .filter_map(|m| Some(m.split_once(':')?.0.to_owned()))
            .collect();
        let is_told = |mistake: &String| told.iter().any(|key| mistake.starts_with(&format!("{key}:")));
        mistakes.extend(policy.mistakes().into_iter().filter(|mistake| !is_told(mistake)));
        mistakes.extend(off_by_default.map_or_else(Vec::new, |known| policy.unknown_rules(known)));
        if mistakes.is_empty() {
            Ok(policy)
        } else {
            Err(BadPolicy(mistakes))
        }
    }

    /// Rules that nobody can switch on, because there are none or they are always on.
    fn unknown_rules(&self, known: &[&str]) -> Vec<String> {
        let unknown = self
            .rules
            .enabled
            .iter()
            .filter(|id| !known.contains(&id.as_str()));
        unknown
            .map(|id| {
                let known = known.join(", ");
                format!("rules.enabled: `{id}` is no rule that is off by default, expected any of {known}")
            })
            .collect()
    }

    /// What single keys cannot say.
    fn mistakes(&self) -> Vec<String> {
        let s = &self.scheduling;
        let checks = [
            (
                s.acceptable_min_hours <= s.lead_hours && s.lead_hours <= s.acceptable_max_hours,
                "scheduling.lead_hours: expected between acceptable_min_hours and acceptable_max_hours",
            ),
            (
                s.acceptable_max_hours <= 24 * 28,
                "scheduling.acceptable_max_hours: expected at most 672",
            ),
            (
                s.lead_mode == LeadMode::Elapsed || s.lead_hours.is_multiple_of(24),
                "scheduling.lead_hours: expected whole days for lead_mode wall_clock",
            ),
            (
                (5..=480).contains(&s.duration_min),
                "scheduling.duration_min: expected 5 to 480 minutes",
            ),
            (s.weekly_cap >= 1, "scheduling.weekly_cap: expected at least 1"),
            (
                (1..=366).contains(&s.horizon_days),
                "scheduling.horizon_days: expected 1 to 366 days",
            ),
            (
                (2..=366).contains(&self.oswestry.every_days),
                "oswestry.every_days: expected 2 to 366 days",
            ),
            (
                self.oswestry.overdue_days < self.oswestry.late_days
                    && self.oswestry.late_days <= self.oswestry.every_days / 2,
                "oswestry.overdue_days, late_days: expected overdue_days < late_days <= every_days / 2",
            ),
            // Safety: a clinic may call more things an emergency, never fewer.
            (
                self.rules.cauda_equina_new_days >= 14,
                "rules.cauda_equina_new_days: expected at least 14 (safety rule)",
            ),
            (
                self.rules.screening_lead_hours >= 24,
                "rules.screening_lead_hours: expected at least 24 (safety rule)",
            ),
            (
                (1..=15).contains(&self.alerts.emergency_again_min),
                "alerts.emergency_again_min: expected 1 to 15 minutes (safety rule)",
            ),
            (
                (8..=100).contains(&self.alerts.emergency_again_times),
                "alerts.emergency_again_times: expected 8 to 100 (safety rule)",
            ),
            (
                (1..=4).contains(&self.alerts.urgent_again_hours),
                "alerts.urgent_again_hours: expected 1 to 4 clinic hours (safety rule)",
            ),
            (
                (1..=15).contains(&self.alerts.untold_after_min),
                "alerts.untold_after_min: expected 1 to 15 minutes (safety rule)",
            ),
            (
                !self.alerts.clinic_days.is_empty(),
                "alerts.clinic_days: expected at least one day (safety rule)",
            ),
            (
                self.alerts.clinic_from.minutes() + 4 * 60 <= self.alerts.clinic_to.minutes(),
                "alerts.clinic_to: expected at least 4 hours after clinic_from (safety rule)",
            ),
            (
                (0.0..=1440.0).contains(&self.rules.fidelity_retention_min),
                "rules.fidelity_retention_min: expected 0 to 1440 minutes",
            ),
            (
                self.practitioners.physician_hours >= 120,
                "practitioners.physician_hours: expected at least 120 (safety rule)",
            ),
            (
                (1..=120).contains(&self.practitioners.education_months),
                "practitioners.education_months: expected 1 to 120 months",
            ),
            (
                self.practitioners.licence_reminder_days >= 1,
                "practitioners.licence_reminder_days: expected at least 1 day",
            ),
            (self.mail.from.contains('@'), "mail.from: expected an address"),
            (
                !self.mail.domain.is_empty(),
                "mail.domain: expected a domain name",
            ),
            (
                self.mail.on_call.is_empty() || self.mail.on_call.contains('@'),
                "mail.on_call: expected an address or nothing",
            ),
            (
                self.mail.digest_at.minutes() < 24 * 60,
                "mail.digest_at: expected a time before 24:00",
            ),
            (
                (1..=10_080).contains(&self.mail.late_after_min),
                "mail.late_after_min: expected 1 to 10080 minutes",
            ),
            (
                self.mail.spacing_min <= 1440,
                "mail.spacing_min: expected at most 1440 minutes",
            ),
            (
                self.mail.burst_floor >= 1,
                "mail.burst_floor: expected at least 1",
            ),
        ];
        let sections = [self.structure.checks().as_slice(), &self.fidelity.checks()].concat();
        checks
            .into_iter()
            .chain(self.reports.checks())
            .chain(sections)
            .chain(self.access.checks())
            .chain(self.medication.checks())
            .chain(self.adverse_events.checks())
            .chain(self.course.checks())
            .chain(self.response.checks())
            .filter(|(holds, _)| !holds)
            .map(|(_, says)| says.to_owned())
            .collect()
    }
}

/// Takes the given keys over, each tried alone on the default, so that one mistake does not hide the next.
fn merge_section(
    section: &str,
    target: &mut toml::Table,
    keys: &toml::Table,
    default: &toml::Table,
) -> Vec<String> {
    let mut mistakes = Vec::new();
    for (key, value) in keys {
        if !target.contains_key(key) {
            mistakes.push(format!(
                "{section}.{key}: unknown key, expected one of {}",
                names(target)
            ));
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
    whole
        .try_into::<Policy>()
        .map(|_| ())
        .map_err(|e| e.message().to_owned())
}
