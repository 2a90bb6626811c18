//! Why an alert exists: its rule, what was found, what it was held against, who was told.

use std::collections::BTreeMap;

use care::Chart;
use care::chart::Alert;
use care::fact::Fact;
use care::fact::ours::AlertRaised;
use care::sentence::moment;

use super::reasons::{About, Reasons, notices};
use super::story::Story;

/// An alert, by the fact that raised it.
pub(super) fn of_alert(chart: &Chart, id: &str, alert: &Alert, story: &Story<'_>) -> (Reasons, About) {
    let mut reasons = Reasons {
        notices: notices(chart, id, story),
        ..Reasons::default()
    };
    let itself = story.ids(|event| match &event.fact {
        Fact::AlertRaised(a) => a.alert_id.as_str() == id,
        Fact::AlertEscalated(a) => a.alert_id.as_str() == id,
        Fact::AlertAcknowledged(a) => a.alert_id.as_str() == id,
        Fact::AlertResolved(a) => a.alert_id.as_str() == id,
        _ => false,
    });
    let Some((stamp, raised)) = &alert.raised else {
        reasons.says.push(format!(
            "alert {id} of patient {}: the fact that raised it has not arrived",
            chart.patient
        ));
        return (
            reasons,
            About {
                because: Vec::new(),
                itself,
            },
        );
    };
    let state = match (&alert.resolved, &alert.acknowledged) {
        (Some((stamp, r)), _) => format!("ended {}: {}", moment(stamp.time, &story.zone), r.outcome),
        (None, Some((stamp, _))) => format!("acknowledged {}", moment(stamp.time, &story.zone)),
        (None, None) => "waits for an answer".to_owned(),
    };
    let severity = alert.severity().unwrap_or(raised.severity).code();
    reasons.says.push(format!(
        "{} ({severity}) of patient {}, raised {}, {state}",
        raised.rule,
        chart.patient,
        moment(stamp.time, &story.zone)
    ));
    reasons.rule = rule(raised, story);
    reasons.values.clone_from(&raised.values);
    reasons.threshold.clone_from(&raised.threshold);
    (
        reasons,
        About {
            because: raised.because.clone(),
            itself,
        },
    )
}

/// The rule as it was applied, and what it asks for.
fn rule(raised: &AlertRaised, story: &Story<'_>) -> BTreeMap<&'static str, String> {
    let listed = triggers::rule(raised.rule.as_str());
    let version = listed.map_or_else(
        || "not in this version".to_owned(),
        |info| format!("version {}", info.version),
    );
    let note = listed.map_or_else(String::new, |info| format!(": {}", info.evidence_note));
    let roles: Vec<&str> = raised.roles.iter().map(|r| r.code()).collect();
    let actions: Vec<&str> = raised.actions.iter().map(|a| a.what.as_str()).collect();
    let until = raised
        .actionable_until
        .map_or_else(|| "no end".to_owned(), |at| moment(at, &story.zone));
    BTreeMap::from([
        (
            "rule",
            format!("{}, {version}, policy {}", raised.rule, raised.policy),
        ),
        ("evidence", format!("{}{note}", raised.evidence.label())),
        ("tells", roles.join(", ")),
        (
            "actions",
            if actions.is_empty() {
                "none".to_owned()
            } else {
                actions.join(", ")
            },
        ),
        ("useful until", until),
    ])
}
