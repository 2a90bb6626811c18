//! What no text of ours may promise: held by a test of everything that is shipped, and by the loader of templates.

use care::fact::ours::{Evidence, Severity};

use super::GROUP;
use crate::rule::{Origin, Rule, RuleInfo, ShowsAs};

pub(crate) const RULE: Rule = Rule::listed(&CLAIMS);

pub(crate) static CLAIMS: RuleInfo = RuleInfo {
    id: "no-cure-claim",
    name: "Text that promises too much, or repeats an unverified figure",
    group: GROUP,
    severity: Severity::Info,
    effect: "A test fails when a template, a page or a text of this catalogue promises recovery, names the World \
             Health Organization as a sponsor, or gives a figure nobody could verify without saying so.",
    dedupe: "not at run time",
    rearm: "never: not at run time",
    evidence: Evidence::Policy,
    evidence_note: "The licence of the texts of the World Health Organization forbids to suggest that it endorses \
                    a product; the figures have no source that was found.",
    source: Origin::SourceText,
    shows_as: ShowsAs::BuildTest,
    ..RuleInfo::BASE
};
