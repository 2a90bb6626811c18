//! `[medication]`: how long a medicine is taken before somebody is asked to look.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::file::{Check, within};

/// `[medication]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in the file")]
pub struct Medicines {
    pub nsaid_days: u16,
    pub nsaid_repeat_days: u16,
    pub nsaid_otc_days: u16,
    pub nsaid_harm_days: u16,
    pub opioid_supply_days: u16,
    pub opioid_repeat_days: u16,
    pub opioid_free_days: u16,
    pub opioid_long_days: u16,
    pub opioid_chronic_weeks: u16,
}

impl Medicines {
    /// Safety: a clinic may ask sooner and more often, never later.
    pub(super) fn checks(&self) -> Vec<Check> {
        vec![
            within(
                (1..=14).contains(&self.nsaid_days),
                "medication.nsaid_days: expected 1 to 14 (safety rule)",
            ),
            within(
                (1..=14).contains(&self.nsaid_repeat_days),
                "medication.nsaid_repeat_days: expected 1 to 14 (safety rule)",
            ),
            within(
                (1..=366).contains(&self.nsaid_otc_days),
                "medication.nsaid_otc_days: expected 1 to 366 days",
            ),
            within(
                (7..=366).contains(&self.nsaid_harm_days),
                "medication.nsaid_harm_days: expected 7 to 366 (safety rule)",
            ),
            within(
                (1..=7).contains(&self.opioid_supply_days),
                "medication.opioid_supply_days: expected 1 to 7 (safety rule)",
            ),
            within(
                (1..=28).contains(&self.opioid_repeat_days),
                "medication.opioid_repeat_days: expected 1 to 28 (safety rule)",
            ),
            within(
                (2..=7).contains(&self.opioid_free_days),
                "medication.opioid_free_days: expected 2 to 7 (safety rule)",
            ),
            within(
                (1..=21).contains(&self.opioid_long_days),
                "medication.opioid_long_days: expected 1 to 21 (safety rule)",
            ),
            within(
                self.opioid_chronic_weeks <= 12,
                "medication.opioid_chronic_weeks: expected at most 12 (safety rule)",
            ),
        ]
    }
}
