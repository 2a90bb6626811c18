//! The catalogue: every rule of this version, one row each, in the order people read them.

mod adverse;
mod contraindications;
mod course;
mod delivery;
mod fidelity;
mod medication;
pub(crate) mod oswestry;
pub(crate) mod practitioner;
mod red_flags;
mod registry;
pub(crate) mod response;
mod schedule;
mod structure;

use crate::rule::{Rule, RuleInfo};
use contraindications::{bookings, cautions, device, general, screening, site};
use fidelity::{depth, deviation, kidney, needle, pattern, points, retention, stimulation};
use medication::{harm, nsaid, opioid};
use oswestry::{band, change, clock, missing, submission};
use red_flags::{cauda_equina, fracture, infection, malignancy, review, unspecific};
use response::{exercise, function, recurrence, responder, session_four, session_three, unraised, worsening};
use schedule::{discharge, facts, frozen, payer, return_to_work, waiting};
use structure::{compression, disc, slip};

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
    slip::RULE,
    compression::RULE,
    disc::RULE,
    points::BLADDER_RULE,
    deviation::DISTAL_RULE,
    deviation::TOTAL_RULE,
    stimulation::MODE_RULE,
    stimulation::FREQUENCY_RULE,
    retention::RULE,
    deviation::RETENTION_RULE,
    deviation::DEVIATION_RULE,
    needle::RULE,
    pattern::UNRECORDED_RULE,
    pattern::COLD_DAMP_RULE,
    pattern::LIVER_QI_RULE,
    depth::BL23_RULE,
    depth::GB34_RULE,
    kidney::THIN_RULE,
    kidney::LANDMARK_RULE,
    course::minimum::RULE,
    course::pace::RULE,
    course::REASSESSMENT_RULE,
    practitioner::QUALIFIED_ROW,
    practitioner::licence::CURRENT_ROW,
    practitioner::education::RECORDED_ROW,
    course::TEAM_RULE,
    course::claims::RULE,
    session_three::RULE,
    unraised::SLEEP_RULE,
    function::SESSION_SIX_RULE,
    function::SESSION_TWELVE_RULE,
    session_four::NO_CHANGE_RULE,
    session_four::UNMEASURED_RULE,
    responder::THIRTY_RULE,
    responder::FIFTY_RULE,
    worsening::RULE,
    unraised::ACUTE_RULE,
    exercise::SENSITISATION_RULE,
    exercise::REHAB_RULE,
    unraised::OUTCOME_RULE,
    recurrence::RULE,
    unraised::SLEEP_MOOD_RULE,
    clock::DUE_RULE,
    clock::OVERDUE_RULE,
    clock::EARLY_RULE,
    submission::INVALID_RULE,
    change::IMPROVED_RULE,
    change::WORSE_RULE,
    band::RULE,
    submission::DUPLICATE_RULE,
    missing::RULE,
    facts::BEFORE_RULE,
    frozen::RULE,
    facts::LEAD_RULE,
    facts::MOVED_RULE,
    schedule::SPACING_RULE,
    schedule::WEEKLY_RULE,
    facts::CLOSED_RULE,
    facts::HOLD_RULE,
    discharge::RULE,
    schedule::MISSED_RULE,
    payer::RULE,
    waiting::RULE,
    return_to_work::RULE,
    nsaid::LONG_RULE,
    nsaid::OTC_RULE,
    opioid::SUPPLY_RULE,
    opioid::LONG_RULE,
    opioid::CHRONIC_RULE,
    harm::RULE,
    adverse::MINOR_RULE,
    adverse::SERIOUS_RULE,
    adverse::RATE_RULE,
    registry::SESSIONS_RULE,
    registry::RECURRENCE_RULE,
    registry::EVENTS_RULE,
    registry::COST_RULE,
    registry::RESPONDERS_RULE,
    registry::FIDELITY_RULE,
];

/// Rules about carebus at its own work; no clinical finding, so not of the catalogue.
static OPERATIONS: &[Rule] = &[delivery::NOT_OUT_RULE];

/// Every rule that is asked.
pub(crate) fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().chain(OPERATIONS)
}

/// Every clinical rule, as data a reader can print.
pub fn catalogue() -> impl ExactSizeIterator<Item = &'static RuleInfo> + Clone {
    RULES.iter().map(|rule| rule.info)
}

/// Ids of the rules that are off unless a policy names them in `rules.enabled`.
#[must_use]
pub fn off_by_default() -> Vec<&'static str> {
    let off = catalogue().filter(|info| !info.default_on);
    off.map(|info| info.id).collect()
}

/// The rules by which carebus watches its own work.
pub fn operations() -> impl ExactSizeIterator<Item = &'static RuleInfo> + Clone {
    OPERATIONS.iter().map(|rule| rule.info)
}

/// The rule of an id, clinical or not.
#[must_use]
pub fn rule(id: &str) -> Option<&'static RuleInfo> {
    catalogue().chain(operations()).find(|info| info.id == id)
}
