//! Notes about what an EA delivered: without them, everything as it should be, and recorded whole.

use serde_json::{Value, json};

use super::Spoken;

pub(super) const NOTES: &str = "EA ea-1 completed (electro 2/100 Hz, or manual, mode other, mode not recorded; points not recorded, \
     2 Ashi sites, BL23 32 mm deep, needles not single-use, or needles not recorded)";

/// `delivered` of a completed EA.
pub(super) fn delivered(points: Option<Vec<String>>, spoken: &Spoken<'_>) -> Value {
    let points = points.unwrap_or_else(|| ["BL23", "BL25", "GB34", "ST36"].map(str::to_owned).into());
    let retention: f64 = spoken.note_number("min").unwrap_or(30.0);
    let mut delivered = json!({ "points": points, "retention_min": retention, "single_use_sterile": true });
    let stimulated = spoken
        .note(stimulation)
        .unwrap_or_else(|| json!({ "mode": "electro", "frequency_hz": 2.0 }));
    if let (Some(all), Value::Object(stimulated)) = (delivered.as_object_mut(), stimulated) {
        all.extend(stimulated);
    }
    if spoken.is_noted("needles not single-use") {
        delivered["single_use_sterile"] = false.into();
    } else if spoken.is_noted("needles not recorded") {
        delivered["single_use_sterile"] = Value::Null;
    }
    let sites = spoken.note_number::<u8>("Ashi sites");
    if let Some(sites) = sites.or_else(|| spoken.note_number("Ashi site")) {
        delivered["ashi_sites"] = (1..=sites).map(|n| format!("site {n}")).collect();
    }
    while let Some((point, depth)) = spoken.note(depth) {
        delivered["depth_mm"][point] = depth.into();
    }
    delivered
}

/// `electro 2 Hz`, `electro 2/100 Hz`, `electro` alone without a frequency, `manual`, `mode other`.
fn stimulation(note: &str) -> Option<Value> {
    match note {
        "manual" | "electro" => return Some(json!({ "mode": note })),
        "mode other" => return Some(json!({ "mode": "other" })),
        "mode not recorded" => return Some(json!({})),
        _ => {}
    }
    let hertz = note.strip_prefix("electro ")?.strip_suffix(" Hz")?;
    let number = |text: &str| text.parse::<f64>().ok();
    Some(match hertz.split_once('/') {
        Some((low, high)) => json!({
            "mode": "electro", "frequency_low_hz": number(low)?, "frequency_high_hz": number(high)?,
        }),
        None => json!({ "mode": "electro", "frequency_hz": number(hertz)? }),
    })
}

/// `BL23 32 mm deep`.
fn depth(note: &str) -> Option<(&str, f64)> {
    let (point, depth) = note.strip_suffix(" mm deep")?.split_once(' ')?;
    Some((point, depth.parse().ok()?))
}
