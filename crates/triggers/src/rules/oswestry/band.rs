//! Oswestry enters one of the two highest bands.

use care::fact::ours::{Evidence, Severity};
use care::measure::odi::Band;
use care::role::Role;

use super::{GROUP, accepted, is_after_end, shown};
use crate::case::Case;
use crate::finding::Finding;
use crate::rule::{Condition, Origin, Rule, RuleInfo, Scope};

pub(crate) const RULE: Rule = Rule::new(&HIGH, high);

pub(crate) static HIGH: RuleInfo = RuleInfo {
    id: "odi-high-band",
    name: "Oswestry first enters the top two bands",
    group: GROUP,
    severity: Severity::Advisory,
    roles: &[Role::Physiatrist, Role::Pcp],
    effect: "Shows the band in neutral words: very severe above 60 %, extreme above 80 %.",
    dedupe: "one per upward crossing",
    rearm: "a result of 60 % or less, then another above",
    evidence: Evidence::Supported,
    evidence_note: "The bands are published; the published names of the two worst should not reach a \
                    patient.",
    source: Origin::Addition,
    condition: Condition::Event,
    scope: Scope::Plan,
    ..RuleInfo::BASE
};

fn high(case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut crossings = 0_usize;
    let mut was_high = false;
    for (reading, scored) in accepted(case).into_iter().filter(|(r, _)| !is_after_end(case, r)) {
        let band = scored.score.band();
        let is_high = band >= Band::Crippled;
        if is_high && !was_high {
            crossings += 1;
            let key = format!("{}/crossing/{crossings}", case.plan_key());
            let finding = Finding::new(&HIGH, key, reading.at, &reading.stamp)
                .value("oswestry_now", shown(scored))
                .value("band", band.words())
                .threshold("oswestry", "> 60 %");
            found.push(finding);
        }
        was_high = is_high;
    }
    found
}
