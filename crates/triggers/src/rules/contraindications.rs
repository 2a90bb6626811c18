//! Contraindications: what holds needling, what asks for care, and what ends a hold.
//!
//! A hold ends only by `no`, `none` or `controlled` from a clinician who gave a member id: never by `unknown`, never by
//! the patient, and never because the planned points changed. Anybody may report one.

pub(crate) mod bookings;
pub(crate) mod cautions;
pub(crate) mod device;
pub(crate) mod general;
pub(crate) mod screening;
pub(crate) mod site;

use std::collections::BTreeSet;

use care::fact::assessment::{Body, Screening, ScreeningItem, ScreeningValue};
use care::fact::ours::Action;
use care::fact::value::{PointCode, Zone};

use crate::case::{Case, Told};
use crate::episode::{Episode, Verdict, episodes};
use crate::finding::{Finding, Truth};
use crate::rule::RuleInfo;
use crate::words::{code, listed};

pub(crate) const GROUP: &str = "contraindications";

/// A hold with the episode it comes from.
pub(crate) struct Held {
    pub(crate) finding: Finding,
    pub(crate) number: usize,
}

/// Every hold of the patient, past ones too, whichever rule it comes from.
pub(crate) fn holds(case: &Case<'_>) -> Vec<Held> {
    [
        site::infections(case),
        general::coagulopathies(case),
        device::implants(case),
        device::cardiac_devices(case),
        general::pregnancies(case),
        site::malignancies(case),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn findings(held: Vec<Held>) -> Vec<Finding> {
    held.into_iter().map(|h| h.finding).collect()
}

/// The screening answer in an assessment, if it is about `item`.
fn answer<'a>(told: &Told<'a>, item: ScreeningItem) -> Option<&'a Screening> {
    match told.body() {
        Body::Screening(s) if s.item == item => Some(s),
        _ => None,
    }
}

/// Reads screening answers: `yes` by anybody, an end by a named clinician only.
fn verdict(told: &Told<'_>, value: ScreeningValue, yes: ScreeningValue, ends: &[ScreeningValue]) -> Verdict {
    if value == yes {
        Verdict::Yes
    } else if ends.contains(&value) && told.by().is_named_clinician() {
        Verdict::Clear
    } else {
        Verdict::Nothing
    }
}

/// What a hold is about and what it does.
struct Hold {
    rule: &'static RuleInfo,
    /// What begins the key: zone, device, condition.
    name: String,
    action: &'static str,
    /// Empty: all.
    zones: Vec<Zone>,
}

impl Hold {
    fn held(self, case: &Case<'_>, episode: &Episode<'_>) -> Held {
        let touched = touches(&self.zones, planned_zones(case).as_ref());
        let truth = episode.truth("cleared", if touched { Truth::Holds } else { Truth::Lasts });
        let first = episode.first();
        let key = format!("{}/{}", self.name, episode.number);
        let zones = if self.zones.is_empty() {
            "all".to_owned()
        } else {
            listed(self.zones.iter().map(|z| z.code()))
        };
        let finding = Finding::new(self.rule, key, first.at(), first.stamp())
            .because(episode.last().stamp())
            .value("zones", zones)
            .value("reported_by", code(first.by().role))
            .action(Action {
                what: self.action.to_owned(),
                zones: self.zones,
            })
            .truth(truth);
        Held {
            finding,
            number: episode.number,
        }
    }
}

/// Holds of one screening item that is not divided by place or device.
fn held_by<'a>(
    case: &Case<'a>,
    item: ScreeningItem,
    yes: ScreeningValue,
    ends: &[ScreeningValue],
    hold: impl Fn() -> Hold,
) -> Vec<Held> {
    let read =
        |told: &Told<'a>| answer(told, item).map_or(Verdict::Nothing, |s| verdict(told, s.value, yes, ends));
    episodes(case, read)
        .iter()
        .map(|episode| hold().held(case, episode))
        .collect()
}

/// Zones of everything planned: the plan's points and those of EA ahead; none where any of it is unknown, because
/// unknown points overlap every zone.
fn planned_zones(case: &Case<'_>) -> Option<BTreeSet<Zone>> {
    let mut zones = BTreeSet::new();
    let plan = case.plan().filter(|_| case.ended().is_none());
    let bookings = case.future_ea();
    if plan.is_none() && bookings.is_empty() {
        return None;
    }
    if let Some(plan) = plan {
        zones.extend(zones_of(&plan.ea.points)?);
    }
    for (_, session) in bookings {
        zones.extend(zones_of(
            session.booking()?.points.as_deref().unwrap_or_default(),
        )?);
    }
    Some(zones)
}

/// Zones of points; none where no point is named.
fn zones_of(points: &[PointCode]) -> Option<BTreeSet<Zone>> {
    let zones: BTreeSet<Zone> = points.iter().map(|p| p.zone().unwrap_or(Zone::Other)).collect();
    (!zones.is_empty()).then_some(zones)
}

/// Whether a hold's zones (empty: all) meet what is planned (none: unknown).
fn touches(zones: &[Zone], planned: Option<&BTreeSet<Zone>>) -> bool {
    zones.is_empty() || planned.is_none_or(|planned| zones.iter().any(|z| planned.contains(z)))
}
