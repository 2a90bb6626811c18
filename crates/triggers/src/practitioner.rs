//! The worker about practitioners: one alert for all their patients, on the practitioner's own subject.

use care::diary::Practitioner;
use care::id::PractitionerId;
use care::time::{TimeZone, Timestamp};
use care::{Policy, Reaction};

use crate::practice::{Practice, UpcomingEa};
use crate::resolve::Gone;
use crate::rules::practitioner::RULES;
use crate::{escalate, identity, raise};

/// What ought to be said about a practitioner's alerts at `now`, and when to look again. `upcoming`: EA ahead with
/// them, by start; `zone`: of their calendar.
///
/// Asked again on a practitioner who holds the answer, it answers nothing.
#[must_use]
pub fn react_to_practitioner(
    id: &PractitionerId,
    known: &Practitioner,
    upcoming: &[UpcomingEa<'_>],
    zone: TimeZone,
    policy: &Policy,
    now: Timestamp,
) -> Reaction {
    let practice = Practice::new(id, known, upcoming, zone, policy, now);
    let subject = &practice.subject;
    let on = || RULES.iter().filter(|rule| rule.info.is_on(policy));
    let mut findings: Vec<_> = on().flat_map(|rule| (rule.find)(&practice)).collect();
    let gone = Gone::without_ground(subject, &findings, practice.newest_credential());
    let mut reaction = Reaction::default();
    let mut told_again = Vec::new();
    let mut wakes: Vec<Timestamp> = on().filter_map(|rule| (rule.wake?)(&practice)).collect();
    for finding in findings.iter_mut().filter(|f| !f.is_over()) {
        let slot = identity::slot(subject, finding, &gone);
        let wanted = raise::is_wanted(subject, finding, &slot);
        if wanted {
            let hash = policy.hash();
            reaction.facts.push(raise::draft(subject, finding, &slot, &hash));
        }
        // A reminder counts from the day people were told, not from the day it became true.
        if let (Some(every), Some(alert)) = (finding.again_every, slot.alert) {
            let raised = alert.raised.as_ref().map(|(stamp, _)| stamp.time);
            finding.overdue_from = raised.and_then(|at| at.saturating_add(every).ok());
            wakes.extend(escalate::next_reminder(subject, finding, alert));
        }
        told_again.extend(escalate::by_finding(subject, finding, &slot, wanted));
    }
    let unanswered = escalate::by_silence(subject, &told_again, &gone);
    reaction.facts.extend(told_again);
    reaction.facts.extend(unanswered);
    reaction.facts.extend(gone.drafts(subject));
    wakes.extend(escalate::wake(subject));
    wakes
        .into_iter()
        .filter(|at| *at > now)
        .for_each(|at| reaction.look_again_at(at));
    reaction
}
