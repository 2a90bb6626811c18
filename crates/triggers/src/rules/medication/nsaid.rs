//! NSAIDs day after day: systemic ones, two free days end a run.

use care::fact::assessment::{Medication, MedicationClass};
use care::fact::ours::{Evidence, Severity};
use care::role::Role;
use care::time::Timestamp;

use super::GROUP;
use super::courses::{Course, courses};
use super::runs::{Run, day, number, runs};
use crate::case::Case;
use crate::finding::{Finding, Truth};
use crate::rule::{AfterPlan, Condition, Origin, Rule, RuleInfo};

pub(crate) const LONG_RULE: Rule = Rule::new(&LONG, long).waking(wake_long);
pub(crate) const OTC_RULE: Rule = Rule::new(&OTC, over_the_counter).waking(wake_otc);

const SHARED: RuleInfo = RuleInfo {
    group: GROUP,
    condition: Condition::Standing,
    after_plan: AfterPlan::AsSafety,
    ends_as: "corrected",
    ..RuleInfo::BASE
};

pub(crate) static LONG: RuleInfo = RuleInfo {
    id: "nsaid-over-14-days",
    name: "NSAID taken continuously for more than 14 days",
    severity: Severity::Advisory,
    roles: &[Role::Pcp, Role::Physiatrist],
    effect: "Asks about risks to stomach, kidneys and heart, and about stomach protection. One free day does not \
             end a run and does not count; what is used on the skin does not count.",
    dedupe: "one on the 15th day of a run, then one after each 14 further days",
    rearm: "two days without an NSAID, then 15 days again",
    evidence: Evidence::Unverified,
    evidence_note: "No source for a step at 14 days was found; guidance asks for the lowest dose and the \
                    shortest time, and advice for buyers often says 10 days.",
    source: Origin::SourceText,
    safety: true,
    ..SHARED
};

pub(crate) static OTC: RuleInfo = RuleInfo {
    id: "nsaid-otc-10-days",
    name: "NSAID without prescription beyond 10 days",
    severity: Severity::Info,
    roles: &[Role::Pcp],
    effect: "A word to the PCP; off unless the policy names it.",
    dedupe: "one per run",
    rearm: "two days without one, then 11 days again",
    evidence: Evidence::Unverified,
    evidence_note: "Secondary pages about what labels say; no label was seen.",
    source: Origin::Addition,
    default_on: false,
    ..SHARED
};

/// Days without an NSAID that end a run.
const FREE: i64 = 2;
/// Alerts of one run that are still kept apart: four years of them.
const KEPT: i64 = 100;

/// How a rule counts.
struct Count {
    rule: &'static RuleInfo,
    /// Days that nobody is asked about.
    days: i64,
    /// Then again after as many; none: once.
    repeat: Option<i64>,
}

fn long(case: &Case<'_>) -> Vec<Finding> {
    found(case, &long_count(case), runs_of(case, is_systemic))
}

fn over_the_counter(case: &Case<'_>) -> Vec<Finding> {
    found(case, &otc_count(case), runs_of(case, is_otc))
}

fn wake_long(case: &Case<'_>) -> Option<Timestamp> {
    wake(case, &long_count(case), runs_of(case, is_systemic))
}

fn wake_otc(case: &Case<'_>) -> Option<Timestamp> {
    wake(case, &otc_count(case), runs_of(case, is_otc))
}

fn long_count(case: &Case<'_>) -> Count {
    let numbers = &case.policy.medication;
    Count {
        rule: &LONG,
        days: i64::from(numbers.nsaid_days),
        repeat: Some(i64::from(numbers.nsaid_repeat_days).max(1)),
    }
}

fn otc_count(case: &Case<'_>) -> Count {
    Count {
        rule: &OTC,
        days: i64::from(case.policy.medication.nsaid_otc_days),
        repeat: None,
    }
}

fn is_systemic(m: &Medication) -> bool {
    m.class == MedicationClass::Nsaid && m.topical != Some(true)
}

fn is_otc(m: &Medication) -> bool {
    is_systemic(m) && m.otc == Some(true)
}

fn runs_of<'a>(case: &Case<'a>, counts: fn(&Medication) -> bool) -> Vec<Run<'a>> {
    runs(
        courses(case, counts).iter().flat_map(Course::stretches).collect(),
        FREE,
    )
}

impl Count {
    /// Which alert of the run a count of days has reached, from 1; 0: none yet.
    fn reached(&self, count: i64) -> i64 {
        let over = count - self.days - 1;
        match self.repeat {
            _ if over < 0 => 0,
            Some(repeat) => over / repeat + 1,
            None => 1,
        }
    }

    /// The day on which a run reaches an alert.
    fn day(&self, run: &Run<'_>, step: i64) -> Option<i64> {
        run.nth(self.days + 1 + (step - 1) * self.repeat.unwrap_or(0))
    }
}

fn found(case: &Case<'_>, count: &Count, runs: Vec<Run<'_>>) -> Vec<Finding> {
    let today = number(case.date(case.now));
    let mut found = Vec::new();
    for run in &runs {
        let reached = count.reached(run.count(today));
        for step in (reached - KEPT).max(0) + 1..=reached {
            found.extend(finding(case, count, run, step, today));
        }
    }
    found
}

fn finding(case: &Case<'_>, count: &Count, run: &Run<'_>, step: i64, today: i64) -> Option<Finding> {
    let on = count.day(run, step)?;
    let told: Vec<_> = run.told(on).collect();
    let (begun, decisive) = (day(run.first())?, told.last()?);
    let truth = if today > run.last() + FREE {
        Truth::Over {
            outcome: "stopped",
            by: run.stretches.last().map(|s| s.told.stamp().clone()),
        }
    } else {
        Truth::Holds
    };
    let since = case.day_start(day(on)?)?;
    let mut finding = Finding::new(count.rule, format!("{begun}/{step}"), since, decisive.stamp())
        .value("days", run.count(on))
        .value("first_day", begun)
        .threshold("days", format!("> {}", count.days))
        .truth(truth);
    if count.repeat.is_some() {
        finding = finding
            .task("ask-about-stomach-kidney-and-heart-risk")
            .task("consider-stomach-protection");
    }
    Some(told.iter().fold(finding, |f, told| f.because(told.stamp())))
}

/// The next day on which a run reaches an alert, or is over.
fn wake(case: &Case<'_>, count: &Count, runs: Vec<Run<'_>>) -> Option<Timestamp> {
    let today = number(case.date(case.now));
    let next = |run: &Run<'_>| {
        let reached = count.reached(run.count(today));
        let more = (reached == 0 || count.repeat.is_some()).then_some(reached + 1);
        [
            more.and_then(|step| count.day(run, step)),
            Some(run.last() + FREE + 1),
        ]
    };
    let days = runs.iter().flat_map(next).flatten().filter(|on| *on > today);
    case.day_start(day(days.min()?)?)
}
