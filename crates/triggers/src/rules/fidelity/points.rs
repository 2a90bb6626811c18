//! Points of the bladder meridian.

use care::fact::ours::Evidence;
use care::fact::value::PointCode;
use care::measure::fidelity::{are_points_recorded, points};

use super::{Done, SHARED, done};
use crate::case::Case;
use crate::finding::Finding;
use crate::rule::{Rule, RuleInfo};
use crate::words::listed;

pub(crate) const BLADDER_RULE: Rule = Rule::new(&BLADDER, too_few);

pub(crate) static BLADDER: RuleInfo = RuleInfo {
    id: "point-bl-min-two",
    name: "At least two bladder-meridian points",
    effect: "Flags the session; left and right of a code are one. With bladder_points_strict only the \
             points that the policy lists count.",
    evidence: Evidence::Unverified,
    evidence_note: "No guideline that names these points was found; needling itself is conditionally \
                    offered, with low certainty.",
    ..SHARED
};

fn too_few(case: &Case<'_>) -> Vec<Finding> {
    done(case)
        .iter()
        .filter_map(|session| finding(case, session))
        .collect()
}

fn finding(case: &Case<'_>, session: &Done<'_>) -> Option<Finding> {
    let policy = &case.policy.fidelity;
    let delivered = session.delivered().filter(|d| are_points_recorded(d))?;
    let counts = |point: &&PointCode| {
        if policy.bladder_points_strict {
            policy.bladder_points.contains(point)
        } else {
            is_bladder(point)
        }
    };
    let bladder: Vec<&str> = points(delivered)
        .into_iter()
        .filter(counts)
        .map(PointCode::as_str)
        .collect();
    if bladder.len() >= usize::from(policy.bladder_points_min) {
        return None;
    }
    let mut finding = session
        .finding(&BLADDER)
        .value("bladder_points", bladder.len())
        .threshold("bladder_points_at_least", policy.bladder_points_min);
    if !bladder.is_empty() {
        finding = finding.value("points", listed(bladder));
    }
    if policy.bladder_points_strict {
        let listed = listed(policy.bladder_points.iter().map(PointCode::as_str));
        finding = finding.threshold("bladder_points_that_count", listed);
    }
    Some(finding)
}

/// `BL` and a number; `BLX1` would be no point of the meridian.
fn is_bladder(point: &PointCode) -> bool {
    let number = point.as_str().strip_prefix("BL");
    number.is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()))
}
