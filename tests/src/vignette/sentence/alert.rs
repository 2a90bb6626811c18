//! Sentences about alerts: somebody takes one on, or ends it.

use care::chart::Alert;
use serde_json::json;

use super::{Act, Answer, Scene, Spoken};
use crate::vignette::clinic::by;

pub(super) const KNOWN: &[&str] = &[
    "alert no-change-by-session-four acknowledged by the acupuncturist",
    "alert no-change-by-session-four resolved by the acupuncturist (plan adjusted)",
];

pub(super) fn read(spoken: &Spoken<'_>, scene: &Scene<'_>) -> Answer {
    let (rule, rest) = spoken.body.strip_prefix("alert ")?.split_once(' ')?;
    if let Some(who) = rest.strip_prefix("acknowledged by ") {
        return Some(decided("alert.acknowledged", rule, who, None, scene));
    }
    let who = rest.strip_prefix("resolved by ")?;
    let outcome = spoken.note(Some).unwrap_or("done");
    Some(decided("alert.resolved", rule, who, Some(outcome), scene))
}

fn decided(
    name: &'static str,
    rule: &str,
    who: &str,
    outcome: Option<&str>,
    scene: &Scene<'_>,
) -> Result<Vec<Act>, String> {
    let alerts = scene.chart().map(|chart| &chart.alerts).into_iter().flatten();
    let of_rule = |alert: &Alert| {
        alert
            .raised
            .as_ref()
            .is_some_and(|(_, raised)| raised.rule.as_str() == rule)
    };
    let newest = alerts
        .filter(|(_, alert)| of_rule(alert))
        .max_by_key(|(_, alert)| {
            (
                alert.is_open(),
                alert.raised.as_ref().map(|(stamp, _)| stamp.clone()),
            )
        });
    let (id, _) = newest.ok_or_else(|| format!("no alert {rule} was raised"))?;
    let mut data = json!({ "alert_id": id.as_str(), "by": by(who)? });
    if let Some(outcome) = outcome {
        data["outcome"] = outcome.replace(' ', "-").into();
    }
    Ok(vec![scene.publish(name, "people", data)])
}
