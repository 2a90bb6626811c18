//! Numbers of the structural rules: safety, so they only get stricter.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[structure]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in the file")]
pub struct Structure {
    pub slip_over_mm: f64,
    pub slip_growth_mm: f64,
    pub emergency_mrc_grade: u8,
}

impl Structure {
    pub(super) fn checks(&self) -> [(bool, &'static str); 3] {
        [
            (
                (0.0..=12.0).contains(&self.slip_over_mm),
                "structure.slip_over_mm: expected 0 to 12 mm (safety rule)",
            ),
            (
                self.slip_growth_mm > 0.0 && self.slip_growth_mm <= 3.0,
                "structure.slip_growth_mm: expected more than 0 and at most 3 mm (safety rule)",
            ),
            (
                (3..=4).contains(&self.emergency_mrc_grade),
                "structure.emergency_mrc_grade: expected 3 or 4 (safety rule)",
            ),
        ]
    }
}
