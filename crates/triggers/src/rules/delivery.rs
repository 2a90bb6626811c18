//! Silence is watched: a notice that ought to be out and is not, is itself an alert.

use std::collections::{BTreeMap, BTreeSet};

use care::chart::{Alert, NoticeRecord, Stamp, Try, TryState};
use care::fact::ours::{Action, AlertRaised, Evidence, Severity};
use care::role::Role;
use care::time::{Timestamp, minutes};

use crate::case::Case;
use crate::finding::{Finding, Truth};
use crate::rule::{Condition, Origin, Rule, RuleInfo};
use crate::silence;
use crate::words::listed;

pub(crate) const NOT_OUT_RULE: Rule = Rule::new(&NOT_OUT, not_out).waking(wake);

pub(crate) static NOT_OUT: RuleInfo = RuleInfo {
    id: "notice-not-out",
    name: "A notice did not go out",
    group: "operations",
    severity: Severity::Emergency,
    roles: &[Role::CareCoordinator],
    effect: "Tells the on-call address beside the coordinator: an emergency while no mail about an urgent or \
             emergency alert is out, advisory for any other mail that was given up or refused and that nobody \
             got in its place.",
    dedupe: "one per alert, one per matter of lost mail; never about a mail of this rule",
    rearm: "the next alert or matter whose mail does not go out",
    evidence: Evidence::Assumption,
    evidence_note: "No source: a running system has to notice its own silence.",
    source: Origin::Assumption,
    condition: Condition::Standing,
    safety: true,
    ends_as: OUT,
    ..RuleInfo::BASE
};

const OUT: &str = "went-out";

fn not_out(case: &Case<'_>) -> Vec<Finding> {
    let untold = case.chart.alerts.values().filter_map(|alert| untold(case, alert));
    // One word about one matter, however many people did not get it.
    let mut failed: BTreeMap<&str, Vec<Failure<'_>>> = BTreeMap::new();
    for failure in failures(case) {
        failed.entry(matter(failure.about[0])).or_default().push(failure);
    }
    let failed = failed
        .iter()
        .filter_map(|(matter, failures)| lost(case, matter, failures));
    untold.chain(failed).collect()
}

fn due(case: &Case<'_>, since: Timestamp) -> Timestamp {
    let limit = minutes(i64::from(case.policy.alerts.untold_after_min));
    since.saturating_add(limit).unwrap_or(Timestamp::MAX)
}

/// An urgent or emergency alert of which nobody has got a mail.
fn untold(case: &Case<'_>, alert: &Alert) -> Option<Finding> {
    let (stamp, raised, at) = watched(case, alert)?;
    let truth = if is_answered(alert) || is_out(case, raised) {
        Truth::Over {
            outcome: OUT,
            by: None,
        }
    } else if at <= case.now {
        Truth::Holds
    } else {
        return None;
    };
    let key = format!("untold/{}", raised.alert_id);
    Some(
        Finding::new(&NOT_OUT, key, at, stamp)
            .value("rule", &raised.rule)
            .value("raised_at", stamp.time)
            .threshold("minutes_without_mail", case.policy.alerts.untold_after_min)
            .task("tell-them-by-telephone")
            .task(Action::TELL_ON_CALL)
            .truth(truth),
    )
}

/// An alert that has to be told at once, and by when; an alarm is not watched itself, or it would breed.
fn watched<'a>(case: &Case<'_>, alert: &'a Alert) -> Option<(&'a Stamp, &'a AlertRaised, Timestamp)> {
    let (stamp, raised) = alert.raised.as_ref()?;
    let severity = alert.severity().filter(|s| s.is_immediate())?;
    let at = due(case, silence::since(alert, severity)?);
    (raised.rule.as_str() != NOT_OUT.id).then_some((stamp, raised, at))
}

fn is_answered(alert: &Alert) -> bool {
    alert.acknowledged.is_some() || alert.resolved.is_some()
}

/// Whether a mail about an alert is out, or may be.
fn is_out(case: &Case<'_>, raised: &AlertRaised) -> bool {
    let id = raised.alert_id.as_str();
    let about = |n: &NoticeRecord| n.notice.about.iter().any(|a| matter(a) == id);
    case.chart
        .notices
        .values()
        .any(|n| about(n) && n.tries.values().any(may_be_out))
}

fn may_be_out(one: &Try) -> bool {
    matches!(one.state, TryState::Sent | TryState::Unknown)
}

/// What a line of a notice's list is about: an alert, a session, the Oswestry.
fn matter(about: &str) -> &str {
    about.split('/').next().unwrap_or(about)
}

/// A mail that was refused or given up.
struct Failure<'a> {
    record: &'a NoticeRecord,
    last: &'a Try,
    at: Timestamp,
    /// What it should have told, without alarms of this rule.
    about: Vec<&'a str>,
}

fn failures<'c>(case: &'c Case<'_>) -> impl Iterator<Item = Failure<'c>> {
    case.chart.notices.values().filter_map(|record| {
        let (_, last) = record.last().filter(|(_, last)| last.is_failure())?;
        let is_alarm = |about: &str| {
            let alert = case.chart.alerts.get(matter(about));
            alert
                .and_then(|a| a.raised.as_ref())
                .is_some_and(|(_, r)| r.rule.as_str() == NOT_OUT.id)
        };
        let all = record.notice.about.iter().map(String::as_str);
        let about: Vec<&str> = all.filter(|about| !is_alarm(about)).collect();
        let at = due(case, last.stamp.time);
        (!about.is_empty()).then_some(Failure {
            record,
            last,
            at,
            about,
        })
    })
}

/// Mails about a matter that were refused or given up.
fn lost(case: &Case<'_>, matter: &str, failures: &[Failure<'_>]) -> Option<Finding> {
    let is_open = |f: &&Failure<'_>| f.about.iter().any(|about| !f.is_settled(case, about));
    let open: Vec<&Failure<'_>> = failures.iter().filter(is_open).collect();
    let all: Vec<&Failure<'_>> = if open.is_empty() {
        failures.iter().collect()
    } else {
        open.clone()
    };
    let first = all.iter().min_by_key(|f| &f.last.stamp)?;
    let truth = if open.is_empty() {
        Truth::Over {
            outcome: OUT,
            by: None,
        }
    } else if first.at <= case.now {
        Truth::Holds
    } else {
        return None;
    };
    let names = |of: &dyn Fn(&&Failure<'_>) -> Vec<String>| {
        let all: BTreeSet<String> = all.iter().flat_map(of).collect();
        listed(all.into_iter().take(20))
    };
    let about = |f: &&Failure<'_>| {
        f.about
            .iter()
            .map(|a| name(case, self::matter(a)).to_owned())
            .collect()
    };
    let finding = Finding::new(&NOT_OUT, format!("lost/{matter}"), first.at, &first.last.stamp)
        .severity(Severity::Advisory)
        .value("about", names(&about))
        .value("members", names(&|f| vec![f.record.notice.member_id.to_string()]))
        .value("problem", names(&|f| vec![f.problem().to_owned()]))
        .value(
            "reply",
            names(&|f| f.last.reply.iter().map(u16::to_string).collect()),
        )
        .task("tell-them-by-telephone")
        .task(Action::TELL_ON_CALL)
        .truth(truth);
    Some(all.iter().map(|f| &f.last.stamp).fold(finding, Finding::because))
}

impl Failure<'_> {
    fn problem(&self) -> &'static str {
        if self.last.state == TryState::Rejected {
            "refused"
        } else {
            "given up"
        }
    }

    /// Nobody has to be told any more, or the same person or somebody in their place was.
    fn is_settled(&self, case: &Case<'_>, about: &str) -> bool {
        let matter = matter(about);
        if case.chart.alerts.get(matter).is_some_and(is_answered) {
            return true;
        }
        let session = case.chart.sessions.get(matter).and_then(|s| s.start());
        if session.is_some_and(|start| start <= case.now) {
            return true;
        }
        let notice = &self.record.notice;
        let role = case
            .plan()
            .and_then(|p| p.team.iter().find(|m| m.member_id == notice.member_id));
        let instead = role.map(|member| format!("{about}/for-{}", member.role));
        let told_them = |n: &NoticeRecord| {
            n.notice.member_id == notice.member_id && n.notice.about.iter().any(|a| self::matter(a) == matter)
        };
        let told_instead = |n: &NoticeRecord| {
            n.notice.member_id != notice.member_id
                && n.notice
                    .about
                    .iter()
                    .any(|a| Some(a) == instead.as_ref() || (a == about && a.contains("/for-")))
        };
        let later = |one: &Try| may_be_out(one) && one.stamp.time >= self.last.stamp.time;
        let others = case
            .chart
            .notices
            .values()
            .filter(|n| n.tries.values().any(later));
        { others }.any(|n| told_them(n) || told_instead(n))
    }
}

/// A matter as people know it: the rule of an alert, else its id.
fn name<'c>(case: &'c Case<'_>, matter: &'c str) -> &'c str {
    let alert = case.chart.alerts.get(matter).and_then(|a| a.raised.as_ref());
    alert.map_or(matter, |(_, raised)| raised.rule.as_str())
}

fn wake(case: &Case<'_>) -> Option<Timestamp> {
    let waiting = case.chart.alerts.values().filter(|a| a.is_waiting());
    let untold = waiting
        .filter_map(|alert| watched(case, alert))
        .filter(|(_, raised, _)| !is_out(case, raised))
        .map(|(_, _, at)| at);
    let failed = failures(case).flat_map(|failure| {
        // With its session a lost mail ceases to matter.
        let sessions = failure.about.into_iter().map(matter);
        let starts = sessions.filter_map(|id| case.chart.sessions.get(id)?.start());
        std::iter::once(failure.at).chain(starts.collect::<Vec<_>>())
    });
    untold.chain(failed).filter(|at| *at > case.now).min()
}
