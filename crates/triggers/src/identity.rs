//! Which alert a finding is: ids derived from whom it is about, rule and key, and the rounds of a truth that came back.

use care::about::About;
use care::chart::Alert;
use care::fact::ours::AlertRaised;
use care::id::{AlertId, derived};

use crate::finding::Finding;
use crate::resolve::Gone;
use crate::subject::Subject;
use crate::words;

/// The alert of a finding: its id, its key, and what the chart holds of it.
pub(crate) struct Slot<'a> {
    pub(crate) id: AlertId,
    pub(crate) key: String,
    pub(crate) alert: Option<&'a Alert>,
}

/// The id of the alert of a rule (or of the incident that rules share) and a key.
///
/// # Panics
/// Never: a UUID is an id.
pub(crate) fn alert_id(about: &About, identity: &str, key: &str) -> AlertId {
    // A slash is in no id, so a practitioner never shares an alert with a patient of the same id.
    let whom = match about {
        About::Patient(id) => id.to_string(),
        other => other.to_string(),
    };
    let id = derived(&["alert", &whom, identity, key]);
    #[expect(clippy::expect_used, reason = "a UUID is 36 characters of 0-9 a-f -")]
    AlertId::new(id.to_string()).expect("a UUID is an id")
}

/// The alert that a finding is about now: the first round whose truth was never taken back.
///
/// An alert that was resolved because its truth was gone does not come back to life. If the same truth holds once
/// more (a result retracted and sent again, a role filled and emptied), it is the next round, under `key~1`.
pub(crate) fn slot<'a>(subject: &Subject<'a>, finding: &Finding, gone: &Gone) -> Slot<'a> {
    let mut round = 0_u32;
    loop {
        let key = if round == 0 {
            finding.key.clone()
        } else {
            format!("{}~{round}", finding.key)
        };
        let id = alert_id(&subject.about, finding.rule.identity(), &key);
        let alert = subject.alerts.get(&id);
        let spent =
            alert.is_some_and(|a| a.truth_gone.is_some() || is_closed_to(a, finding)) || gone.contains(&id);
        if !spent {
            return Slot { id, key, alert };
        }
        round += 1;
    }
}

/// The key without its round.
pub(crate) fn base(key: &str) -> &str {
    match key.rsplit_once('~') {
        Some((base, round)) if round.parse::<u32>().is_ok() => base,
        _ => key,
    }
}

/// Items of an incident that its alert has not told.
pub(crate) fn untold<'f>(alert: &Alert, finding: &'f Finding) -> Vec<&'f str> {
    let raised = alert.raised.iter().map(|(_, r): &(_, AlertRaised)| &r.values);
    let escalated = alert.escalated.values().map(|(_, e)| &e.values);
    let told: Vec<&str> = raised
        .chain(escalated)
        .filter_map(|values| values.get("items"))
        .flat_map(|text| words::items(text))
        .collect();
    finding
        .items
        .iter()
        .map(String::as_str)
        .filter(|item| !told.contains(item))
        .collect()
}

/// A person ended the talk about an incident, and it has something new to say: that takes another alert, because
/// nobody listens to a closed one.
fn is_closed_to(alert: &Alert, finding: &Finding) -> bool {
    alert.raised.is_some() && alert.resolved.is_some() && !untold(alert, finding).is_empty()
}
