//! Sterile needles, used once.

use care::fact::ours::{Evidence, Severity};
use care::role::Role;

use super::{Done, SHARED, done};
use crate::case::Case;
use crate::finding::Finding;
use crate::rule::{Rule, RuleInfo};

pub(crate) const RULE: Rule = Rule::new(&SINGLE_USE, not_single_use);

pub(crate) static SINGLE_USE: RuleInfo = RuleInfo {
    id: "needle-single-use",
    name: "Sterile single-use needles not used, or not recorded",
    severity: Severity::Urgent,
    roles: &[Role::Acupuncturist, Role::CareCoordinator],
    effect: "Asks for an infection-control incident record. Where nothing is recorded, info to the \
             acupuncturist only.",
    evidence: Evidence::Supported,
    evidence_note: "A 1991 report of the World Health Organization: disposable needles where feasible, \
                    sterilisation essential.",
    ..SHARED
};

fn not_single_use(case: &Case<'_>) -> Vec<Finding> {
    let finding = |session: &Done<'_>| match session.delivered().and_then(|d| d.single_use_sterile) {
        Some(true) => None,
        Some(false) => Some(
            session
                .finding(&SINGLE_USE)
                .value("single_use_sterile", "no")
                .task("infection-control-incident-record"),
        ),
        None => {
            let missing = session
                .unrecorded(&SINGLE_USE, "single_use_sterile")
                .severity(Severity::Info);
            Some(Finding {
                roles: vec![Role::Acupuncturist],
                ..missing
            })
        }
    };
    done(case).iter().filter_map(finding).collect()
}
