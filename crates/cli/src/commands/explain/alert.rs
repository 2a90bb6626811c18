//! Why an alert exists: its rule, what was found, what it was held against, who was told.

use std::collections::BTreeMap;

use care::chart::{Alert, NoticeRecord};
use care::diary::Practitioner;
use care::fact::Fact;
use care::fact::ours::AlertRaised;
use care::id::{EventId, PractitionerId};
use care::sentence::moment;
use care::{Chart, Policy};

use triggers::why::Question;

use super::inputs::{deciders, nearest};
use super::people::Telling;
use super::reasons::{About, Reasons};
use super::story::Story;
use super::timing::why_then;
use crate::fold::Folded;

/// An alert, by the fact that raised it.
pub(super) fn of_alert(
    folded: &Folded,
    chart: &Chart,
    id: &str,
    alert: &Alert,
    story: &Story<'_>,
) -> (Reasons, About) {
    let mut reasons = Reasons::default();
    let itself = of_itself(id, story);
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
    let state = state(alert, story);
    let severity = alert.severity().unwrap_or(raised.severity).code();
    reasons.says.push(format!(
        "{} ({severity}) of patient {}, raised {}, {state}",
        raised.rule,
        chart.patient,
        moment(stamp.time, &story.zone)
    ));
    if !raised.title.is_empty() {
        reasons.says.push(format!("  {}", raised.title));
    }
    reasons.rule = rule(raised, folded.policy(), story);
    reasons.values.clone_from(&raised.values);
    reasons.threshold.clone_from(&raised.threshold);
    let telling = Telling {
        chart,
        policy: folded.policy(),
        log: &folded.events,
        story,
        raised_at: stamp.time,
        raised,
    };
    reasons.notices = telling.lines();
    judged(&mut reasons, folded, chart, raised, story);
    let because = raised.because.clone();
    (reasons, About { because, itself })
}

/// An alert about a practitioner: what was found, against what, and who was written to.
pub(super) fn of_practitioner_alert(
    folded: &Folded,
    practitioner: &PractitionerId,
    known: &Practitioner,
    alert: &Alert,
    story: &Story<'_>,
) -> (Reasons, About) {
    let mut reasons = Reasons::default();
    let Some((stamp, raised)) = &alert.raised else {
        return (reasons, About::default());
    };
    let id = raised.alert_id.as_str();
    let state = state(alert, story);
    let severity = alert.severity().unwrap_or(raised.severity).code();
    let at = moment(stamp.time, &story.zone);
    let rule_id = &raised.rule;
    reasons.says = vec![
        format!("{rule_id} ({severity}) of practitioner {practitioner}, raised {at}, {state}"),
        format!("  {}", raised.title),
    ];
    reasons.rule = rule(raised, folded.policy(), story);
    reasons.values.clone_from(&raised.values);
    reasons.threshold.clone_from(&raised.threshold);
    let tells = |n: &&NoticeRecord| n.notice.about.iter().any(|key| key.split('/').next() == Some(id));
    let line = |n: &NoticeRecord| {
        let state = n.last().map_or_else(String::new, |(_, last)| {
            format!("{:?}", last.state).to_lowercase()
        });
        format!("mail to {} {state}", n.notice.member_id)
    };
    reasons.notices = known.notices.values().filter(tells).map(line).collect();
    let itself = of_itself(id, story);
    let because = raised.because.clone();
    (reasons, About { because, itself })
}

/// The facts that are an alert's own.
fn of_itself(id: &str, story: &Story<'_>) -> Vec<EventId> {
    story.ids(|event| match &event.fact {
        Fact::AlertRaised(a) => a.alert_id.as_str() == id,
        Fact::AlertEscalated(a) => a.alert_id.as_str() == id,
        Fact::AlertAcknowledged(a) => a.alert_id.as_str() == id,
        Fact::AlertResolved(a) => a.alert_id.as_str() == id,
        _ => false,
    })
}

/// Where it stands.
fn state(alert: &Alert, story: &Story<'_>) -> String {
    match (&alert.resolved, &alert.acknowledged) {
        (Some((stamp, r)), _) => format!("ended {}: {}", moment(stamp.time, &story.zone), r.outcome),
        (None, Some((stamp, _))) => format!("acknowledged {}", moment(stamp.time, &story.zone)),
        (None, None) => "waits for an answer".to_owned(),
    }
}

/// What the judgement says when it is asked again.
fn judged(reasons: &mut Reasons, folded: &Folded, chart: &Chart, raised: &AlertRaised, story: &Story<'_>) {
    let id = raised.alert_id.as_str();
    let Some(question) = Question::of(&folded.events, &chart.patient, id, folded.policy()) else {
        reasons.unsure.push(
            "this version of carebus has no such rule: what decided cannot be worked out again".to_owned(),
        );
        return;
    };
    if folded.policy().hash() != raised.policy {
        reasons.unsure.push(format!(
            "the policy given is {}, the one that decided {}: what follows is worked out with the one given; \
             --policy FILE names another",
            folded.policy().hash(),
            raised.policy
        ));
    }
    if !question.verdict().holds() {
        reasons.unsure.push(
            "with this version and policy it would not be raised: what decided then cannot be worked out"
                .to_owned(),
        );
        return;
    }
    reasons.why_then = why_then(&question, &folded.events, &story.zone);
    reasons.inputs = deciders(&question, &story.zone);
    reasons.nearest = nearest(&reasons.inputs);
}

/// Where the numbers come from that the rule is held against.
fn source_of_threshold(rule: &str, policy: &Policy) -> String {
    let policy = serde_json::to_value(policy).unwrap_or_default();
    let keys = triggers::policy_keys(rule).iter();
    let values: Vec<String> = keys
        .filter_map(|key| {
            let value = policy.pointer(&format!("/{}", key.replace('.', "/")))?;
            Some(format!("{key} = {value}"))
        })
        .collect();
    if values.is_empty() {
        "the rule itself; no number of the policy".to_owned()
    } else {
        format!("policy: {}", values.join(", "))
    }
}

/// The rule as it was applied, and what it asks for.
fn rule(raised: &AlertRaised, policy: &Policy, story: &Story<'_>) -> BTreeMap<&'static str, String> {
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
        ("limits from", source_of_threshold(raised.rule.as_str(), policy)),
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
