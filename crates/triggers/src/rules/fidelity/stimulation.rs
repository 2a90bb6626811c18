//! How the needles were stimulated, and how fast.

use care::fact::ours::Evidence;
use care::fact::session::StimulationMode;

use super::{Done, SHARED, done};
use crate::case::Case;
use crate::finding::Finding;
use crate::rule::{Rule, RuleInfo};
use crate::words::listed;

pub(crate) const MODE_RULE: Rule = Rule::new(&MODE, modes);
pub(crate) const FREQUENCY_RULE: Rule = Rule::new(&FREQUENCY, frequencies);

pub(crate) static MODE: RuleInfo = RuleInfo {
    id: "stim-mode-valid",
    name: "Stimulation neither manual nor electrical",
    effect: "Flags the session: laser, press needles and the like, or nothing recorded. It counts as \
             attended, not as one that followed the criteria.",
    evidence: Evidence::Unverified,
    evidence_note: "No guideline text that says so was found.",
    ..SHARED
};

pub(crate) static FREQUENCY: RuleInfo = RuleInfo {
    id: "ea-frequency-range",
    name: "EA frequency outside 2 to 10 Hz",
    effect: "Flags the session; of two alternating frequencies each is looked at. A frequency that was not \
             recorded is said to be missing.",
    evidence: Evidence::Unverified,
    evidence_note: "A 2019 trial protocol finds no guidance on the settings for back pain; 100 Hz and 2/100 \
                    Hz are used in trials.",
    ..SHARED
};

fn modes(case: &Case<'_>) -> Vec<Finding> {
    let finding = |session: &Done<'_>| match session.delivered().and_then(|d| d.mode) {
        Some(StimulationMode::Electro | StimulationMode::Manual) => None,
        Some(StimulationMode::Other) => Some(
            session
                .finding(&MODE)
                .value("mode", "other")
                .threshold("mode", "electro or manual"),
        ),
        None => Some(session.unrecorded(&MODE, "mode")),
    };
    done(case).iter().filter_map(finding).collect()
}

fn frequencies(case: &Case<'_>) -> Vec<Finding> {
    done(case)
        .iter()
        .filter_map(|session| of_session(case, session))
        .collect()
}

fn of_session(case: &Case<'_>, session: &Done<'_>) -> Option<Finding> {
    let delivered = session
        .delivered()
        .filter(|d| d.mode == Some(StimulationMode::Electro))?;
    let (least, most) = (
        case.policy.fidelity.frequency_min_hz,
        case.policy.fidelity.frequency_max_hz,
    );
    let (low, high) = (delivered.frequency_low_hz, delivered.frequency_high_hz);
    let used: Vec<f64> = [delivered.frequency_hz, low, high]
        .into_iter()
        .flatten()
        .collect();
    let range = format!("{least} to {most}");
    if used.iter().any(|hz| !(least..=most).contains(hz)) {
        let finding = session
            .finding(&FREQUENCY)
            .value("frequency_hz", listed(used.iter().map(f64::to_string)));
        return Some(finding.threshold("frequency_hz", range));
    }
    // Of two alternating frequencies one alone says nothing about the other.
    let is_whole = delivered.frequency_hz.is_some() || (low.is_some() && high.is_some());
    (!is_whole).then(|| {
        session
            .unrecorded(&FREQUENCY, "frequency_hz")
            .threshold("frequency_hz", range)
    })
}
