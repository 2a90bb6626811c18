//! Resolving: an alert whose truth is gone is taken back by carebus, with the outcome that says why.

use std::collections::BTreeMap;

use care::chart::{Alert, Stamp};
use care::fact::Fact;
use care::fact::ours::{Action, AlertRaised, AlertResolved};
use care::id::{AlertId, EventId};
use care::role::By;
use care::{Draft, Worker};

use crate::case::Case;
use crate::finding::{Finding, Truth};
use crate::identity::base;
use crate::rule::{Condition, RuleInfo, Scope, ShowsAs};
use crate::rules::rule;
use crate::subject::Subject;

/// The alerts whose truth is gone.
pub(crate) struct Gone(BTreeMap<AlertId, End>);

/// How a truth ended.
struct End {
    outcome: &'static str,
    by: Option<Stamp>,
}

impl Gone {
    /// Judges every alert of the chart whose truth was not taken back yet.
    pub(crate) fn judge(case: &Case<'_>, findings: &[Finding]) -> Self {
        let mut by_truth: BTreeMap<(&str, &str), &Finding> = BTreeMap::new();
        for finding in findings {
            by_truth.insert((finding.rule.identity(), &finding.key), finding);
        }
        let retracted: BTreeMap<&EventId, &Stamp> = case
            .chart
            .retractions
            .iter()
            .filter_map(|(id, (stamp, _))| Some((&case.chart.assessments.get(id)?.stamp.id, stamp)))
            .collect();
        let mut gone = BTreeMap::new();
        for (id, alert) in case.chart.alerts.iter().filter(|(_, a)| a.is_true()) {
            let Some((_, raised)) = &alert.raised else {
                continue;
            };
            // A rule of a later version, or of another worker: not ours to judge.
            let Some(info) = rule(raised.rule.as_str()).filter(|r| !matches!(r.shows_as, ShowsAs::Part(_)))
            else {
                continue;
            };
            let finding = by_truth.get(&(info.identity(), base(&raised.key))).copied();
            let taken_back: Vec<&Stamp> = raised
                .because
                .iter()
                .filter_map(|event| retracted.get(event).copied())
                .collect();
            let judged = Judged {
                case,
                info,
                raised,
                finding,
                findings,
                taken_back,
            };
            gone.extend(judged.end().map(|end| (id.clone(), end)));
        }
        Self(gone)
    }

    /// The same where no plan and no assessment is behind an alert: it ends with its finding. `by`: the fact that is
    /// taken to have ended it where the finding names none.
    pub(crate) fn without_ground(subject: &Subject<'_>, findings: &[Finding], by: Option<&Stamp>) -> Self {
        let mut gone = BTreeMap::new();
        for (id, alert) in subject.alerts.iter().filter(|(_, a)| a.is_true()) {
            let raised = alert.raised.as_ref().map(|(_, raised)| raised);
            let Some((raised, info)) = raised.and_then(|r| Some((r, rule(r.rule.as_str())?))) else {
                continue;
            };
            let is_its = |f: &&Finding| f.rule.id == info.id && f.key == base(&raised.key);
            let end = match findings.iter().find(is_its).map(|f| &f.truth) {
                _ if !info.is_on(subject.policy) => Some(("rule-off", None)),
                Some(Truth::Over { outcome, by }) => Some((*outcome, by.clone())),
                Some(_) => None,
                None => Some((info.ends_as, by.cloned())),
            };
            gone.extend(end.map(|(outcome, by)| (id.clone(), End { outcome, by })));
        }
        Self(gone)
    }

    pub(crate) fn contains(&self, id: &AlertId) -> bool {
        self.0.contains_key(id)
    }

    /// Whether a finding is about an alert that is being taken back: then there is nothing to say of it.
    pub(crate) fn is_ground_of(&self, subject: &Subject<'_>, finding: &Finding) -> bool {
        let raised = self
            .0
            .keys()
            .filter_map(|id| subject.alerts.get(id)?.raised.as_ref());
        { raised }.any(|(stamp, _)| finding.because.contains(&stamp.id))
    }

    /// `alert.resolved` for each, by id.
    pub(crate) fn drafts(&self, subject: &Subject<'_>) -> Vec<Draft> {
        let chain = |alert: &Alert| alert.raised.as_ref().map(|(stamp, _)| stamp.chain().clone());
        let cause = |alert: &Alert| alert.raised.as_ref().map(|(stamp, _)| stamp.id.clone());
        let draft = |(id, end): (&AlertId, &End)| {
            let alert = subject.alerts.get(id)?;
            let resolved = AlertResolved {
                alert_id: id.clone(),
                by: By::carebus(),
                outcome: end.outcome.to_owned(),
                note: None,
            };
            Some(Draft {
                worker: Worker::Triggers,
                about: subject.about.clone(),
                key: id.to_string(),
                causation: end.by.as_ref().map(|s| s.id.clone()).or_else(|| cause(alert)),
                correlation: chain(alert),
                fact: Fact::AlertResolved(resolved),
            })
        };
        self.0.iter().filter_map(draft).collect()
    }
}

/// One alert with everything its end may depend on.
struct Judged<'a> {
    case: &'a Case<'a>,
    info: &'static RuleInfo,
    raised: &'a AlertRaised,
    finding: Option<&'a Finding>,
    findings: &'a [Finding],
    /// Retractions of facts it rests on.
    taken_back: Vec<&'a Stamp>,
}

impl Judged<'_> {
    fn end(&self) -> Option<End> {
        let end = |outcome, by: Option<&Stamp>| {
            Some(End {
                outcome,
                by: by.cloned(),
            })
        };
        if !self.info.is_on(self.case.policy) {
            return end("rule-off", None);
        }
        let standing = self.info.condition == Condition::Standing;
        if self.info.scope == Scope::Plan {
            let of_this_plan = self.raised.key.split('/').next() == Some(self.case.plan_key());
            if !of_this_plan {
                // What happened under an earlier plan stays on record; what stood under it ends with it.
                return if standing { end("plan-ended", None) } else { None };
            }
            if standing && let Some(ended) = self.case.ended() {
                return end("plan-ended", Some(ended));
            }
        }
        let retraction = self.taken_back.last().copied();
        let all_taken_back = retraction.is_some() && self.taken_back.len() == self.raised.because.len();
        match self.finding.map(|f| &f.truth) {
            Some(Truth::Over { outcome, by }) => end(outcome, by.as_ref()),
            // An event rests on each of its facts; its numbers are wrong when one of them is gone.
            Some(_) if !standing && retraction.is_some() => end("retracted", retraction),
            Some(Truth::Lasts) if all_taken_back => end("retracted", retraction),
            Some(_) => None,
            None if retraction.is_some() => end("retracted", retraction),
            None if self.is_hold() && !self.is_carried_on() => None,
            None => end(self.info.ends_as, None),
        }
    }

    fn is_hold(&self) -> bool {
        self.info.safety
            && self
                .raised
                .actions
                .iter()
                .any(|a| a.is_hold() || a.what == Action::ADVISE_PT_HOLD)
    }

    /// A hold ends only by what its rule names. If its finding has merely taken another key (a wider zone, another
    /// number), the alert of that key carries it on; otherwise it stays.
    fn is_carried_on(&self) -> bool {
        let same = |f: &&Finding| f.rule.identity() == self.info.identity();
        let shared = |f: &Finding| f.because.iter().any(|event| self.raised.because.contains(event));
        self.findings.iter().filter(same).any(shared)
    }
}
