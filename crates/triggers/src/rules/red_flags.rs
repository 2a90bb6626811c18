//! Red flags: what a patient reports that needs a physician before it needs a needle.
//!
//! Reports are read in stretches between physicians' reviews, whatever those said: a report after a review is a new
//! incident. A hold ends only by a review that clears for treatment; `referred` and `admitted` leave it standing.

pub(crate) mod cauda_equina;
pub(crate) mod fracture;
pub(crate) mod infection;
pub(crate) mod malignancy;
pub(crate) mod review;
pub(crate) mod unspecific;

use std::collections::BTreeSet;

use care::chart::Stamp;
use care::fact::assessment::{Body, RedFlag, RedFlagItem, RedFlagReview, ReviewOutcome};
use care::fact::ours::Severity;
use care::time::{SignedDuration, Timestamp};

use crate::case::{Case, Told};
use crate::finding::{Finding, Truth};
use crate::rule::RuleInfo;
use crate::words::code;

pub(crate) const GROUP: &str = "red flags";

/// One report that was not taken back.
#[derive(Clone, Copy)]
pub(crate) struct Report<'a> {
    pub(crate) told: Told<'a>,
    pub(crate) flag: &'a RedFlag,
}

/// Reports between two reviews.
pub(crate) struct Stretch<'a> {
    /// Number of reviews before it, plus one.
    pub(crate) number: usize,
    /// At least one, by time.
    pub(crate) reports: Vec<Report<'a>>,
    /// The first review after it that cleared for treatment.
    pub(crate) cleared: Option<Told<'a>>,
}

/// What a rule makes of a stretch.
pub(crate) struct Incident<'a> {
    pub(crate) severity: Severity,
    /// Items that count, in the order of the questionnaire.
    pub(crate) items: BTreeSet<RedFlagItem>,
    /// Reports that name one of them.
    pub(crate) reports: Vec<Report<'a>>,
}

/// Every stretch with a report that was not taken back, oldest first. A review clears what was reported before it;
/// at the same instant, the report counts as later.
pub(crate) fn stretches<'a>(case: &Case<'a>) -> Vec<Stretch<'a>> {
    let reviews: Vec<Told<'a>> = case
        .told
        .iter()
        .filter(|t| review(t).is_some())
        .copied()
        .collect();
    let mut stretches: Vec<Stretch<'a>> = Vec::new();
    for report in reports(case) {
        let number = 1 + reviews.iter().filter(|r| r.at() <= report.told.at()).count();
        match stretches.last_mut() {
            Some(stretch) if stretch.number == number => stretch.reports.push(report),
            _ => stretches.push(Stretch {
                number,
                reports: vec![report],
                cleared: None,
            }),
        }
    }
    for stretch in &mut stretches {
        let last = stretch.reports.last().map(|r| r.told.at());
        let clears = |r: &&Told<'a>| r.live && clears(r);
        stretch.cleared = reviews
            .iter()
            .filter(clears)
            .find(|r| last.is_none_or(|last| r.at() > last))
            .copied();
    }
    stretches
}

/// Reports that were not taken back, by time.
pub(crate) fn reports<'a>(case: &Case<'a>) -> Vec<Report<'a>> {
    let report = |told: &Told<'a>| match told.body() {
        Body::RedFlag(flag) => Some(Report { told: *told, flag }),
        _ => None,
    };
    case.live().filter_map(report).collect()
}

/// A physician's review; the wire takes one from nobody else.
pub(crate) fn review<'a>(told: &Told<'a>) -> Option<&'a RedFlagReview> {
    match told.body() {
        Body::RedFlagReview(review) if told.by().role.is_physician() => Some(review),
        _ => None,
    }
}

/// A review that clears for treatment: the only word that ends a hold for which a physician is needed.
pub(crate) fn clears(told: &Told<'_>) -> bool {
    outcome(told) == Some(ReviewOutcome::ClearedForTreatment)
}

fn outcome(told: &Told<'_>) -> Option<ReviewOutcome> {
    review(told).map(|r| r.outcome)
}

impl<'a> Stretch<'a> {
    /// Every item of `names` that is reported, with the reports that name one.
    pub(crate) fn naming(&self, names: &[RedFlagItem], severity: Severity) -> Incident<'a> {
        let named = |r: &&Report<'a>| r.flag.items.iter().any(|item| names.contains(item));
        let reports: Vec<Report<'a>> = self.reports.iter().filter(named).copied().collect();
        let items = reports
            .iter()
            .flat_map(|r| &r.flag.items)
            .filter(|item| names.contains(item))
            .copied()
            .collect();
        Incident {
            severity,
            items,
            reports,
        }
    }

    /// How a finding of this stretch stands: over once cleared, else what the caller says.
    pub(crate) fn truth(&self, otherwise: Truth) -> Truth {
        match &self.cleared {
            Some(review) => Truth::Over {
                outcome: "cleared",
                by: Some(review.stamp().clone()),
            },
            None => otherwise,
        }
    }
}

impl<'a> Incident<'a> {
    /// The finding of this incident; none without a report.
    pub(crate) fn finding(&self, rule: &'static RuleInfo, key: String) -> Option<Finding> {
        let first = self.reports.first()?;
        let finding = Finding::new(rule, key, first.told.at(), first.told.stamp()).severity(self.severity);
        let stamps = self.reports.iter().map(|r| r.told.stamp());
        let mut finding = stamps
            .fold(finding, Finding::because)
            .value("reported_by", code(first.told.by().role));
        finding.items = self.items.iter().map(code).collect();
        Some(finding)
    }

    pub(crate) fn has(&self, item: RedFlagItem) -> bool {
        self.items.contains(&item)
    }
}

impl Report<'_> {
    /// Older than `days` when reported, and said not to get worse: both have to be known.
    pub(crate) fn is_old_and_stable(&self, days: u16) -> bool {
        let limit = SignedDuration::from_hours(24 * i64::from(days));
        let old = |onset: Timestamp| self.told.at().duration_since(onset) > limit;
        self.flag.onset_at.is_some_and(old) && self.flag.worsening == care::fact::value::Tri::No
    }
}

/// Every finding that holds something back, except of the rules that only ask.
pub(crate) fn incidents(case: &Case<'_>) -> Vec<Finding> {
    let rooms = [
        cauda_equina::incident,
        malignancy::suspected,
        infection::suspected,
        fracture::suspected,
    ];
    rooms.into_iter().flat_map(|find| find(case)).collect()
}

/// Whether a red flag stands that no physician has cleared.
pub(crate) fn is_open(case: &Case<'_>) -> bool {
    incidents(case).iter().any(|f| f.truth == Truth::Holds)
}

/// The stamp of a report.
pub(crate) fn stamp<'a>(report: &Report<'a>) -> &'a Stamp {
    report.told.stamp()
}
