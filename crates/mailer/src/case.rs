//! One patient as the mailer looks at them: who ought to be told what, and who was.

use care::chart::Alert;
use care::fact::ours::Severity;
use care::id::RuleId;
use care::time::{Timestamp, minutes};
use care::{Chart, Policy};

use crate::age;
use crate::desk::Desk;
use crate::hours::next_open;
use crate::occasion::{Matter, Occasion};
use crate::recipient::{Recipient, recipients};

/// Chart, policy, desk and time.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) chart: &'a Chart,
    pub(crate) policy: &'a Policy,
    pub(crate) desk: &'a Desk<'a>,
    pub(crate) now: Timestamp,
}

/// An occasion and somebody who ought to be told of it.
pub(crate) type Wanted<'o, 'a> = (Recipient, &'o Occasion<'a>);

impl<'a> Case<'a> {
    /// Everybody who ought to be told of an occasion, with it.
    pub(crate) fn wanted<'o>(&self, occasions: &'o [Occasion<'a>]) -> Vec<Wanted<'o, 'a>> {
        let with = |o: &'o Occasion<'a>| recipients(self, o).into_iter().map(move |r| (r, o));
        occasions.iter().flat_map(with).collect()
    }

    /// Whether the log shows that they were told, or that it was tried.
    pub(crate) fn is_told(&self, to: &Recipient, occasion: &Occasion<'_>) -> bool {
        let digests = self.desk.postboxes.get(&to.member);
        told_as(to, occasion)
            .iter()
            .all(|key| self.was_written(to, |k| k == key) || digests.is_some_and(|p| p.is_told(key)))
    }

    /// Whether they were written to when an alert was told again, which says that it was raised too.
    pub(crate) fn heard_later(&self, to: &Recipient, alert: &str) -> bool {
        let step = |key: &str| Some(key.strip_prefix(alert)?.strip_prefix('/')?.parse::<u16>().is_ok());
        self.was_written(to, |key| step(key) == Some(true))
    }

    fn was_written(&self, to: &Recipient, is_it: impl Fn(&str) -> bool) -> bool {
        let notices = self.chart.notices.values();
        let mut theirs = notices.filter(|n| n.notice.member_id == to.member);
        theirs.any(|n| n.notice.about.iter().any(|key| is_it(key)))
    }

    /// When an occasion should have gone to somebody.
    pub(crate) fn due(&self, to: &Recipient, occasion: &Occasion<'_>) -> Timestamp {
        next_open(age::since(self.chart, self.policy, occasion), &to.zone, to.quiet)
    }

    /// Whether it could have gone out long ago.
    pub(crate) fn is_late(&self, due: Timestamp) -> bool {
        let after = minutes(i64::from(self.policy.mail.late_after_min));
        due.saturating_add(after).is_ok_and(|end| end < self.now)
    }

    /// Whether an advisory alert is kept for the weekly digest: an emergency silenced its letter, or it is late and
    /// there is a newer one of the same rule.
    pub(crate) fn waits_for_the_digest(&self, (to, o): &Wanted<'_, 'a>, wanted: &[Wanted<'_, 'a>]) -> bool {
        let Matter::Raised(raised) = &o.matter else {
            return false;
        };
        let due = self.due(to, o);
        let is_newer = |(other, newer): &&Wanted<'_, 'a>| {
            other.member == to.member
                && rule_of(newer) == Some(&raised.rule)
                && (newer.stamp, &newer.key) > (o.stamp, &o.key)
        };
        let silenced = self
            .chart
            .alerts
            .values()
            .any(|alert| was_emergency_at(alert, due));
        silenced
            || self.is_late(due)
                && wanted
                    .iter()
                    .filter(is_newer)
                    .any(|(other, newer)| self.is_late(self.due(other, newer)))
    }
}

fn rule_of<'a>(occasion: &Occasion<'a>) -> Option<&'a RuleId> {
    match &occasion.matter {
        Matter::Raised(raised) | Matter::Escalated(_, raised, _) => Some(&raised.rule),
        _ => None,
    }
}

/// Whether an alert was an open emergency at an instant.
pub(crate) fn was_emergency_at(alert: &Alert, at: Timestamp) -> bool {
    let began = alert.raised.as_ref().is_some_and(|(stamp, _)| stamp.time <= at);
    let ended = alert.resolved.as_ref().is_some_and(|(stamp, _)| stamp.time <= at);
    alert.severity() == Some(Severity::Emergency) && began && !ended
}

/// What the log remembers of a telling: the occasion, and each role in whose place the person is told. So somebody who
/// knows the thing still hears of a role that turns out to be unreachable.
pub(crate) fn told_as(to: &Recipient, occasion: &Occasion<'_>) -> Vec<String> {
    let instead = to
        .instead_of
        .iter()
        .map(|role| format!("{}/for-{role}", occasion.key));
    std::iter::once(occasion.key.clone()).chain(instead).collect()
}
