//! Alerts and notices as the log shows them, whomever they are about.

use std::collections::BTreeMap;

use super::stamp::{keep_earliest, keep_earliest_in};
use super::{Alert, NoticeRecord, Stamp, TryState};
use crate::envelope::Event;
use crate::fact::Fact;
use crate::id::{AlertId, NoticeId};

/// Folds a fact in if it is one about an alert.
pub(crate) fn fold_alert(alerts: &mut BTreeMap<AlertId, Alert>, event: &Event) {
    let stamp = Stamp::of(event);
    match &event.fact {
        Fact::AlertRaised(a) => {
            keep_earliest(
                &mut alerts.entry(a.alert_id.clone()).or_default().raised,
                stamp,
                a,
            );
        }
        Fact::AlertAcknowledged(a) => alerts
            .entry(a.alert_id.clone())
            .or_default()
            .acknowledge(stamp, a),
        Fact::AlertResolved(a) => alerts.entry(a.alert_id.clone()).or_default().resolve(stamp, a),
        Fact::AlertEscalated(a) => {
            let alert = alerts.entry(a.alert_id.clone()).or_default();
            keep_earliest_in(&mut alert.escalated, a.step, stamp, a);
        }
        _ => {}
    }
}

/// Folds a fact in if it is one about a notice.
pub(crate) fn fold_notice(notices: &mut BTreeMap<NoticeId, NoticeRecord>, event: &Event) {
    let (fact, state) = match &event.fact {
        Fact::NoticeAttempted(n) => (n, TryState::Attempted),
        Fact::NoticeSent(n) => (n, TryState::Sent),
        Fact::NoticeDeferred(n) => (n, TryState::Deferred),
        Fact::NoticeRejected(n) => (n, TryState::Rejected),
        Fact::NoticeUnknown(n) => (n, TryState::Unknown),
        Fact::NoticeAbandoned(n) => (n, TryState::Abandoned),
        _ => return,
    };
    let stamp = Stamp::of(event);
    notices
        .entry(fact.notice_id.clone())
        .or_insert_with(|| NoticeRecord::new(&stamp, fact))
        .record(state, stamp, fact);
}
