//! Whether a session differed from the agreed criteria.

use std::collections::BTreeSet;

use care::Policy;
use care::fact::session::Delivered;

/// Too few points and Ashi sites, too short a retention, or no distal point. What was not recorded is no deviation;
/// where neither points nor retention were recorded nothing can be said.
// A copy of what the rule fidelity-deviation counts; to be replaced by care::measure::fidelity once that is there.
pub(crate) fn deviates(delivered: &Delivered, policy: &Policy) -> Option<bool> {
    let rules = &policy.rules;
    let points: BTreeSet<&str> = delivered.points.iter().map(|p| p.as_str()).collect();
    let ashi: BTreeSet<&str> = delivered.ashi_sites.iter().map(|site| site.trim()).collect();
    let count = points.len() + ashi.len();
    if count == 0 && delivered.retention_min.is_none() {
        return None;
    }
    let too_few = count > 0 && count < usize::from(rules.fidelity_points_min);
    let too_short = delivered
        .retention_min
        .is_some_and(|min| min < rules.fidelity_retention_min);
    let is_distal = |p: &care::fact::value::PointCode| points.contains(p.as_str());
    let no_distal = count > 0 && !rules.fidelity_distal_points.iter().any(is_distal);
    Some(too_few || too_short || no_distal)
}
