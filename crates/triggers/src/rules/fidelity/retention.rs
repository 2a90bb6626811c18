//! How long the needles stayed in, above what is a deviation.

use care::fact::ours::Evidence;

use super::{Done, SHARED, done};
use crate::case::Case;
use crate::finding::Finding;
use crate::rule::{Rule, RuleInfo};

pub(crate) const RULE: Rule = Rule::new(&SHORT, short);

pub(crate) static SHORT: RuleInfo = RuleInfo {
    id: "retention-under-20",
    name: "Needle retention under 20 minutes",
    effect: "Flags the session as below the criterion; shorter still is a part of the deviation instead.",
    evidence: Evidence::Partly,
    evidence_note: "Trials use 20 to 30 minutes; nothing was found for a cut at 20.",
    ..SHARED
};

fn short(case: &Case<'_>) -> Vec<Finding> {
    let (deviates, criterion) = (
        case.policy.rules.fidelity_retention_min,
        case.policy.fidelity.retention_criterion_min,
    );
    let finding = |session: &Done<'_>| {
        let retention = session.delivered()?.retention_min?;
        (retention >= deviates && retention < criterion).then(|| {
            session
                .finding(&SHORT)
                .value("retention_min", retention)
                .threshold("retention_min_at_least", criterion)
        })
    };
    done(case).iter().filter_map(finding).collect()
}
