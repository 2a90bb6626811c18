//! Implanted devices: electricity is held, each device on its own.

use care::fact::value::Zone;
use serde_json::json;

use crate::story::{ACU, NOTHING, PATIENT, Story};

const T1: &str = "2026-06-02T10:00";
const T2: &str = "2026-06-03T10:00";
const T3: &str = "2026-06-04T10:00";

#[test]
fn a_device_holds_electricity_in_its_zones_and_grows_with_them() {
    let pump =
        |zones: &[&str]| json!({"device_kind": "intrathecal_pump", "device_id": "d-1", "zones": zones});
    let mut story = Story::new();
    story.screening(T1, PATIENT, "implanted_device", "yes", pump(&["foot"]));
    assert_eq!(story.poll(T1), NOTHING, "no planned point is there");
    story.screening(T2, PATIENT, "implanted_device", "yes", pump(&["lumbar"]));
    assert_eq!(story.poll(T2), ["contra-implanted-device-near-target urgent"]);
    assert_eq!(story.chart.holds()[0].zones, [Zone::Lumbar, Zone::Foot]);
    assert!(story.chart.holds()[0].electro_only);
    story.screening(T3, PATIENT, "implanted_device", "yes", pump(&["popliteal"]));
    assert_eq!(
        story.poll(T3),
        [
            "contra-implanted-device-near-target urgent",
            "contra-implanted-device-near-target ends: corrected"
        ]
    );
    assert_eq!(
        story.chart.holds()[0].zones,
        [Zone::Lumbar, Zone::Popliteal, Zone::Foot]
    );
}

#[test]
fn a_spinal_cord_stimulator_and_a_device_of_unknown_kind_hold_every_zone() {
    for kind in [
        json!({"device_kind": "spinal_cord_stimulator", "zones": ["foot"]}),
        json!({"zones": ["foot"]}),
    ] {
        let mut story = Story::new();
        story.screening(T1, PATIENT, "implanted_device", "yes", kind);
        assert_eq!(story.poll(T1), ["contra-implanted-device-near-target urgent"]);
        assert_eq!(story.chart.holds()[0].zones, []);
    }
}

#[test]
fn a_pacemaker_holds_electricity_whatever_the_zone_and_another_device_is_another_alert() {
    let mut story = Story::new();
    let device = |id: &str, kind: &str| json!({"device_kind": kind, "device_id": id, "zones": ["other"]});
    story.screening(T1, PATIENT, "implanted_device", "yes", device("d-1", "pacemaker"));
    assert_eq!(story.poll(T1), ["contra-cardiac-device-electro urgent"]);
    story.screening(T2, PATIENT, "implanted_device", "yes", device("d-2", "icd"));
    assert_eq!(story.poll(T2), ["contra-cardiac-device-electro urgent"]);
    story.screening(T3, ACU, "implanted_device", "no", json!({"device_id": "d-1"}));
    assert_eq!(story.poll(T3), ["contra-cardiac-device-electro ends: cleared"]);
    assert_eq!(
        story.chart.holds().len(),
        1,
        "the other one stays, so nothing is called cleared"
    );
    story.screening("2026-06-05T10:00", ACU, "implanted_device", "no", json!({}));
    assert_eq!(
        story.poll("2026-06-05T10:00"),
        [
            "contra-cleared info",
            "contra-cardiac-device-electro ends: cleared"
        ]
    );
}
