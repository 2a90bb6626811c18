//! A vertebra that has slipped far.

use std::collections::BTreeMap;

use care::fact::assessment::Imaging;
use care::fact::ours::{Action, Evidence, Severity};

use super::{SHARED, clears, exam, goes_on, imaging, place, truth};
use crate::case::{Case, Told};
use crate::finding::{Finding, Truth};
use crate::rule::{Rule, RuleInfo};
use crate::rules::red_flags::cauda_equina;

pub(crate) const RULE: Rule = Rule::new(&SLIP, slips);

pub(crate) static SLIP: RuleInfo = RuleInfo {
    id: "structural-slip-over-12mm",
    name: "Severe spondylolisthesis",
    severity: Severity::Advisory,
    effect: "Holds every EA until a physician clears it or the physiatrist lets the course go on. Urgent \
             if an examination shows strength below 5 or a neurological or cauda equina incident is open. \
             What needling alone is expected to do does not apply.",
    dedupe: "one per spinal level",
    rearm: "a slip larger by 3 mm or more, or another level",
    evidence: Evidence::Unverified,
    evidence_note: "No source uses 12 mm: slips are graded by percent of the endplate, so the grade is \
                    shown beside it; a device trial called more than 3 mm of movement unstable.",
    ..SHARED
};

/// A slip past the limit.
#[derive(Clone, Copy)]
struct Slip<'a> {
    told: Told<'a>,
    imaging: &'a Imaging,
    mm: f64,
}

/// Signs that make a slip urgent, with the facts that show them.
struct Signs {
    items: Vec<String>,
    because: Vec<care::id::EventId>,
}

fn slips(case: &Case<'_>) -> Vec<Finding> {
    let levels = by_level(case);
    if levels.is_empty() {
        return Vec::new();
    }
    let signs = signs(case);
    let mut found = Vec::new();
    for (level, slips) in levels {
        for (index, slip) in news(&slips, case.policy.structure.slip_growth_mm)
            .iter()
            .enumerate()
        {
            found.push(finding(case, &level, index + 1, slip, &signs));
        }
    }
    found
}

fn by_level<'a>(case: &Case<'a>) -> BTreeMap<String, Vec<Slip<'a>>> {
    let mut levels: BTreeMap<String, Vec<Slip<'a>>> = BTreeMap::new();
    for told in case.live() {
        let Some(imaging) = imaging(told) else { continue };
        let Some(mm) = imaging
            .slip_mm
            .filter(|mm| *mm > case.policy.structure.slip_over_mm)
        else {
            continue;
        };
        let level = imaging.level.as_deref().map(place).filter(|l| !l.is_empty());
        let slip = Slip {
            told: *told,
            imaging,
            mm,
        };
        levels
            .entry(level.unwrap_or_else(|| "unknown".to_owned()))
            .or_default()
            .push(slip);
    }
    levels
}

/// The first slip of a level, and each that has grown enough since the last of these.
fn news<'a>(slips: &[Slip<'a>], growth: f64) -> Vec<Slip<'a>> {
    let mut news: Vec<Slip<'a>> = Vec::new();
    for slip in slips {
        let is_news = news
            .last()
            .is_none_or(|last| micrometres(slip.mm) - micrometres(last.mm) >= micrometres(growth));
        news.extend(is_news.then_some(*slip));
    }
    news
}

/// Exact, so that 15.1 is 3 more than 12.1.
#[expect(clippy::cast_possible_truncation, reason = "a slip is at most 200 mm")]
fn micrometres(mm: f64) -> i64 {
    (mm * 1000.0).round() as i64
}

fn finding(case: &Case<'_>, level: &str, number: usize, slip: &Slip<'_>, signs: &Signs) -> Finding {
    let at = slip.told.at();
    let grade = slip.imaging.meyerding_grade;
    let severity = if signs.items.is_empty() {
        Severity::Advisory
    } else {
        Severity::Urgent
    };
    let mut finding = Finding::new(&SLIP, format!("{level}/{number}"), at, slip.told.stamp())
        .severity(severity)
        .value("slip_mm", slip.mm)
        .value("level", level)
        .value(
            "meyerding_grade",
            grade.map_or("not recorded".to_owned(), |g| g.to_string()),
        )
        .value("episode", "structural dominance")
        .threshold("slip_mm", format!("> {}", case.policy.structure.slip_over_mm))
        .action(Action::task(Action::HOLD_EA))
        .task("physiatrist-review")
        .truth(truth(case, at, |told| clears(told) || goes_on(told)));
    finding.because.extend(signs.because.iter().cloned());
    finding.items.clone_from(&signs.items);
    finding
}

/// Strength below 5 that no later examination of that myotome found to be 5, and incidents that no physician closed.
fn signs(case: &Case<'_>) -> Signs {
    let mut newest: BTreeMap<String, Told<'_>> = BTreeMap::new();
    for told in case.live() {
        newest.extend(exam(told).map(|exam| (place(&exam.myotome), *told)));
    }
    let weak = newest
        .values()
        .filter(|told| exam(told).is_some_and(|exam| exam.mrc_grade < 5));
    let weak: Vec<_> = weak.map(|told| told.stamp().id.clone()).collect();
    let open = cauda_equina::incident(case)
        .into_iter()
        .filter(|f| f.truth == Truth::Holds);
    let open: Vec<_> = open.flat_map(|f| f.because).collect();
    let items = [
        (!weak.is_empty(), "strength_below_5"),
        (!open.is_empty(), "open_neurological_incident"),
    ];
    Signs {
        items: items
            .into_iter()
            .filter(|(shown, _)| *shown)
            .map(|(_, item)| item.to_owned())
            .collect(),
        because: [weak, open].concat(),
    }
}
