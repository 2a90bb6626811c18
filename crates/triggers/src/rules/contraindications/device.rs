//! Implanted electronic devices: electricity is held, needling by hand is not.

use std::collections::BTreeMap;

use care::fact::assessment::{DeviceKind, Screening, ScreeningItem, ScreeningValue};
use care::fact::ours::{Action, Evidence, Severity};
use care::fact::value::Zone;
use care::role::Role;

use super::{GROUP, Held, Hold, answer, findings, verdict};
use crate::case::{Case, Told};
use crate::episode::{Episode, Verdict, episodes};
use crate::rule::{Condition, Origin, Rule, RuleInfo};
use crate::words::code;

pub(crate) const IMPLANT_RULE: Rule = Rule::new(&IMPLANT, |case| findings(implants(case)));
pub(crate) const CARDIAC_RULE: Rule = Rule::new(&CARDIAC, |case| findings(cardiac_devices(case)));

pub(crate) static IMPLANT: RuleInfo = RuleInfo {
    id: "contra-implanted-device-near-target",
    name: "Implanted electronic device near a target zone",
    group: GROUP,
    severity: Severity::Urgent,
    roles: &[
        Role::Acupuncturist,
        Role::Physiatrist,
        Role::Pcp,
        Role::CareCoordinator,
    ],
    effect: "Holds EA that uses the device's zones; all EA for a spinal cord stimulator, a device of \
             unknown kind or an unknown place.",
    dedupe: "one per device and its zones",
    rearm: "another device; a clinician's no, then another yes; other zones",
    evidence: Evidence::Supported,
    evidence_note: "A 2005 clinical overview excludes EA in the region of an implanted electrical device; \
                    no distance is published, so overlap of zones is an assumption.",
    source: Origin::SourceText,
    condition: Condition::Standing,
    safety: true,
    ..RuleInfo::BASE
};

pub(crate) static CARDIAC: RuleInfo = RuleInfo {
    id: "contra-cardiac-device-electro",
    name: "Pacemaker or implantable defibrillator",
    group: GROUP,
    severity: Severity::Urgent,
    roles: &[
        Role::Acupuncturist,
        Role::Pcp,
        Role::Physiatrist,
        Role::CareCoordinator,
    ],
    effect: "Holds every EA, whatever the zone; needling by hand is not held.",
    dedupe: "one per device",
    rearm: "another device; a clinician's no, then another yes",
    evidence: Evidence::Supported,
    evidence_note: "Supported with dissent: manuals of devices exclude EA, one author thinks pairs on a \
                    limb are probably safe, one reported event is interference with a pacemaker. No \
                    trial.",
    source: Origin::Addition,
    condition: Condition::Standing,
    safety: true,
    ..RuleInfo::BASE
};

pub(crate) fn implants(case: &Case<'_>) -> Vec<Held> {
    device_by_device(case, &IMPLANT, |kind| !is_cardiac(kind), zones_of_implant)
}

pub(crate) fn cardiac_devices(case: &Case<'_>) -> Vec<Held> {
    device_by_device(case, &CARDIAC, is_cardiac, |_| Vec::new())
}

/// A device whose kind nobody named is not taken for a harmless one: it is an implant, and held everywhere.
const fn is_cardiac(kind: Option<DeviceKind>) -> bool {
    matches!(
        kind,
        Some(DeviceKind::Pacemaker | DeviceKind::Icd | DeviceKind::Crt)
    )
}

fn device_by_device(
    case: &Case<'_>,
    rule: &'static RuleInfo,
    is_kind: fn(Option<DeviceKind>) -> bool,
    zones: fn(&Episode<'_>) -> Vec<Zone>,
) -> Vec<Held> {
    let item = ScreeningItem::ImplantedDevice;
    let reported = case
        .told
        .iter()
        .filter_map(|t| answer(t, item))
        .filter(|s| s.value == ScreeningValue::Yes);
    let devices: BTreeMap<String, Option<DeviceKind>> = reported
        .filter(|s| is_kind(s.device_kind))
        .map(|s| (name(s), s.device_kind))
        .collect();
    let mut held = Vec::new();
    for (device, kind) in devices {
        let read = |told: &Told<'_>| {
            let Some(s) = answer(told, item).filter(|s| is_about(s, &device, kind)) else {
                return Verdict::Nothing;
            };
            verdict(told, s.value, ScreeningValue::Yes, &[ScreeningValue::No])
        };
        held.extend(episodes(case, read).iter().map(|episode| {
            let zones = zones(episode);
            // A hold is as wide as its alert says, so other zones make another alert.
            let place = zones.iter().map(|z| z.code()).collect::<Vec<_>>().join("+");
            let name = if place.is_empty() {
                device.clone()
            } else {
                format!("{device}/{place}")
            };
            let mut held = Hold {
                rule,
                name,
                action: Action::HOLD_ELECTRO,
                zones,
            }
            .held(case, episode);
            let kind = kind.map_or_else(|| "unknown".to_owned(), code);
            held.finding = held.finding.value("device_kind", kind);
            held
        }));
    }
    held
}

/// The device's own id, or its kind where it has none.
fn name(screening: &Screening) -> String {
    let kind = || screening.device_kind.map_or_else(|| "unknown".to_owned(), code);
    screening.device_id.clone().unwrap_or_else(kind)
}

/// A yes is about the device it names; a no that names no device is about every device of the kind it names, or all.
fn is_about(screening: &Screening, device: &str, kind: Option<DeviceKind>) -> bool {
    if screening.value == ScreeningValue::Yes {
        return name(screening) == device;
    }
    match (&screening.device_id, screening.device_kind) {
        (Some(id), _) => id == device,
        (None, Some(named)) => kind == Some(named),
        (None, None) => true,
    }
}

/// Zones of an implant over an episode; empty (all) where one report names none, or the kind is a spinal cord
/// stimulator or unknown.
fn zones_of_implant(episode: &Episode<'_>) -> Vec<Zone> {
    let reports: Vec<&Screening> = episode
        .yes
        .iter()
        .filter_map(|t| answer(t, ScreeningItem::ImplantedDevice))
        .collect();
    let everywhere = |s: &&Screening| {
        s.zones.is_empty() || matches!(s.device_kind, None | Some(DeviceKind::SpinalCordStimulator))
    };
    if reports.iter().any(everywhere) {
        return Vec::new();
    }
    let mut zones: Vec<Zone> = reports
        .into_iter()
        .flat_map(|s| s.zones.iter().copied())
        .collect();
    zones.sort_unstable();
    zones.dedup();
    zones
}
