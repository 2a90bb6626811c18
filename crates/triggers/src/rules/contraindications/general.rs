//! Contraindications of the whole body: uncontrolled coagulopathy and pregnancy.

use care::fact::assessment::{ScreeningItem, ScreeningValue};
use care::fact::ours::{Action, Evidence, Severity};
use care::role::Role;

use super::{GROUP, Held, Hold, findings, held_by};
use crate::case::Case;
use crate::rule::{Condition, Origin, Rule, RuleInfo};

pub(crate) const COAGULOPATHY_RULE: Rule = Rule::new(&COAGULOPATHY, |case| findings(coagulopathies(case)));
pub(crate) const PREGNANCY_RULE: Rule = Rule::new(&PREGNANCY, |case| findings(pregnancies(case)));

pub(crate) static COAGULOPATHY: RuleInfo = RuleInfo {
    id: "contra-uncontrolled-coagulopathy",
    name: "Uncontrolled coagulopathy",
    group: GROUP,
    severity: Severity::Urgent,
    roles: &[
        Role::Acupuncturist,
        Role::Pcp,
        Role::Physiatrist,
        Role::CareCoordinator,
    ],
    effect: "Holds every EA.",
    dedupe: "one while uncontrolled",
    rearm: "a clinician's none or controlled, then uncontrolled again",
    evidence: Evidence::Supported,
    evidence_note: "Severe bleeding disorders are excluded by the overviews seen; no laboratory threshold \
                    was found, so it is a clinician's coded judgement. Anticoagulants alone are another \
                    rule.",
    source: Origin::SourceText,
    condition: Condition::Standing,
    safety: true,
    ..RuleInfo::BASE
};

pub(crate) static PREGNANCY: RuleInfo = RuleInfo {
    id: "contra-pregnancy",
    name: "Pregnancy",
    group: GROUP,
    severity: Severity::Urgent,
    roles: &[
        Role::Acupuncturist,
        Role::Pcp,
        Role::Physiatrist,
        Role::CareCoordinator,
    ],
    effect: "Holds every EA; sources disagree, so a clinician decides.",
    dedupe: "one per pregnancy",
    rearm: "a clinician's no, then another yes",
    evidence: Evidence::Partly,
    evidence_note: "Conflicting: a 1999 safety guideline asks for great caution at lumbosacral points; a \
                    2015 review found no objective evidence of harm there.",
    source: Origin::Addition,
    condition: Condition::Standing,
    safety: true,
    ..RuleInfo::BASE
};

pub(crate) fn coagulopathies(case: &Case<'_>) -> Vec<Held> {
    use ScreeningValue as V;
    held_by(
        case,
        ScreeningItem::Coagulopathy,
        V::Uncontrolled,
        &[V::None, V::Controlled],
        || everywhere(&COAGULOPATHY, "uncontrolled"),
    )
}

pub(crate) fn pregnancies(case: &Case<'_>) -> Vec<Held> {
    use ScreeningValue as V;
    held_by(case, ScreeningItem::Pregnancy, V::Yes, &[V::No], || {
        everywhere(&PREGNANCY, "pregnancy")
    })
}

fn everywhere(rule: &'static RuleInfo, name: &str) -> Hold {
    Hold {
        rule,
        name: name.to_owned(),
        action: Action::HOLD_EA,
        zones: Vec::new(),
    }
}
