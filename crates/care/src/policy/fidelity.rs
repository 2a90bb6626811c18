//! Numbers of the rules about what a session delivers; those of the composite stand in `[rules]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fact::value::PointCode;

/// `[fidelity]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in the file")]
pub struct Fidelity {
    pub bladder_points_min: u16,
    pub bladder_points_strict: bool,
    pub bladder_points: Vec<PointCode>,
    pub frequency_min_hz: f64,
    pub frequency_max_hz: f64,
    pub retention_criterion_min: f64,
    pub depth_bl23_mm: f64,
    pub depth_gb34_mm: f64,
    pub symptom_check_hours: u16,
    pub bmi_thin_below: f64,
}

impl Fidelity {
    pub(super) fn checks(&self) -> [(bool, &'static str); 6] {
        let depth = |mm: f64| mm > 0.0 && mm <= 1000.0;
        [
            (
                0.0 <= self.frequency_min_hz
                    && self.frequency_min_hz <= self.frequency_max_hz
                    && self.frequency_max_hz <= 10_000.0,
                "fidelity.frequency_min_hz, frequency_max_hz: expected 0 <= min <= max <= 10000 Hz",
            ),
            (
                (0.0..=1440.0).contains(&self.retention_criterion_min),
                "fidelity.retention_criterion_min: expected 0 to 1440 minutes",
            ),
            (
                depth(self.depth_bl23_mm),
                "fidelity.depth_bl23_mm: expected more than 0 and at most 1000 mm",
            ),
            (
                depth(self.depth_gb34_mm),
                "fidelity.depth_gb34_mm: expected more than 0 and at most 1000 mm",
            ),
            (
                (1..=672).contains(&self.symptom_check_hours),
                "fidelity.symptom_check_hours: expected 1 to 672 hours",
            ),
            (
                (0.0..=200.0).contains(&self.bmi_thin_below),
                "fidelity.bmi_thin_below: expected 0 to 200",
            ),
        ]
    }
}
