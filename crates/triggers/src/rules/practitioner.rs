//! Practitioners: who may needle, whose licence holds, and what they have learnt lately. One alert for all patients.

pub(crate) mod education;
pub(crate) mod licence;

use care::fact::ours::{Evidence, Severity};
use care::role::Role;
use care::time::Timestamp;

use crate::finding::Finding;
use crate::practice::Practice;
use crate::rule::{Condition, Origin, Rule, RuleInfo};

/// A rule with its function, as [`Rule`] is for patients.
pub(crate) struct PractitionerRule {
    pub(crate) info: &'static RuleInfo,
    pub(crate) find: fn(&Practice<'_>) -> Vec<Finding>,
    pub(crate) wake: Option<fn(&Practice<'_>) -> Option<Timestamp>>,
}

/// Every rule about practitioners.
pub(crate) static RULES: [PractitionerRule; 3] = [
    PractitionerRule {
        info: &QUALIFIED,
        find: qualified,
        wake: None,
    },
    PractitionerRule {
        info: &licence::CURRENT,
        find: licence::current,
        wake: None,
    },
    PractitionerRule {
        info: &education::RECORDED,
        find: education::recorded,
        wake: Some(education::wake),
    },
];

pub(crate) const QUALIFIED_ROW: Rule = Rule::listed(&QUALIFIED);

const GROUP: &str = "course and people";

static QUALIFIED: RuleInfo = RuleInfo {
    id: "practitioner-qualified",
    name: "Practitioner not qualified to needle",
    group: GROUP,
    severity: Severity::Urgent,
    roles: &[Role::CareCoordinator, Role::Physiatrist],
    effect: "carebus places no EA with them. A licensed acupuncturist qualifies, and a physician with the hours asked \
             for where the credential holds. Somebody about whom nothing is published is judged only if the policy \
             says that they must publish.",
    dedupe: "one per practitioner and jurisdiction, for all patients",
    rearm: "credentials that changed and still do not qualify, or no longer do",
    evidence: Evidence::Contradicted,
    evidence_note: "How many hours are asked of a physician differs between authorities and countries, so the \
                    number is set for each jurisdiction.",
    source: Origin::SourceText,
    condition: Condition::Standing,
    safety: true,
    ends_as: "credentials-changed",
    ..RuleInfo::BASE
};

/// Keys have room for so many characters of a text that others wrote.
const KEY_PART_MAX: usize = 60;

fn qualified(practice: &Practice<'_>) -> Vec<Finding> {
    let Some(stamp) = practice.judged_by() else {
        return Vec::new();
    };
    let Some(standing) = &practice.standing else {
        let missing = Finding::new(&QUALIFIED, "-/nothing-published".to_owned(), stamp.time, stamp);
        return vec![missing.value("published", "nothing").task("publish-credentials")];
    };
    if standing.is_qualified {
        return Vec::new();
    }
    let credential = &standing.newest.value;
    let jurisdiction = credential.jurisdiction.as_deref().unwrap_or("-");
    let hours = credential
        .training_hours
        .map_or_else(|| "-".to_owned(), |h| h.to_string());
    let part = |text: &str| text.chars().take(KEY_PART_MAX).collect::<String>();
    let key = format!("{}/{}/{hours}", part(jurisdiction), part(&credential.kind));
    let mut finding = Finding::new(&QUALIFIED, key, stamp.time, stamp)
        .value("kind", &credential.kind)
        .value("training_hours", hours)
        .task("check-credentials");
    if credential.jurisdiction.is_some() {
        finding = finding.value("jurisdiction", jurisdiction);
    }
    if credential.kind == "physician" {
        finding = finding.threshold("training_hours", standing.physician_hours);
    }
    vec![finding]
}
