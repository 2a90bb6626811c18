//! The catalogue: every rule of this version, one row each, in the order people read them.

mod contraindications;
mod course;
mod fidelity;
pub(crate) mod oswestry;
mod red_flags;
pub(crate) mod response;
mod schedule;

use crate::rule::{Rule, RuleInfo};
use contraindications::{bookings, cautions, device, general, screening, site};
use oswestry::{band, change, clock, missing, submission};
use red_flags::{cauda_equina, fracture, infection, malignancy, review, unspecific};

/// Every rule with its function.
pub(crate) static RULES: &[Rule] = &[
    site::INFECTION_RULE,
    general::COAGULOPATHY_RULE,
    device::IMPLANT_RULE,
    device::CARDIAC_RULE,
    general::PREGNANCY_RULE,
    site::MALIGNANCY_RULE,
    cautions::ANTICOAGULANT_RULE,
    cautions::EPILEPSY_RULE,
    screening::RULE,
    bookings::AFTER_BOOKING_RULE,
    bookings::CLEARED_RULE,
    cauda_equina::BOWEL_BLADDER_RULE,
    cauda_equina::OTHER_RULE,
    cauda_equina::NEURO_RULE,
    malignancy::RULE,
    infection::RULE,
    fracture::RULE,
    unspecific::INFLAMMATORY_RULE,
    unspecific::SINGLE_RULE,
    review::UNACKNOWLEDGED_RULE,
    review::RESOLVED_RULE,
    fidelity::DISTAL_RULE,
    fidelity::TOTAL_RULE,
    fidelity::RETENTION_RULE,
    fidelity::DEVIATION_RULE,
    course::REASSESSMENT_RULE,
    course::TEAM_RULE,
    response::NO_CHANGE_RULE,
    clock::DUE_RULE,
    clock::OVERDUE_RULE,
    clock::EARLY_RULE,
    submission::INVALID_RULE,
    change::IMPROVED_RULE,
    change::WORSE_RULE,
    band::RULE,
    submission::DUPLICATE_RULE,
    missing::RULE,
    schedule::SPACING_RULE,
    schedule::WEEKLY_RULE,
    schedule::MISSED_RULE,
];

/// Every rule, as data a reader can print.
pub fn catalogue() -> impl ExactSizeIterator<Item = &'static RuleInfo> + Clone {
    RULES.iter().map(|rule| rule.info)
}

/// The rule of an id.
#[must_use]
pub fn rule(id: &str) -> Option<&'static RuleInfo> {
    catalogue().find(|info| info.id == id)
}
