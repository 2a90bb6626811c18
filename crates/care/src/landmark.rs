//! Landmarks: where a point lies, for the one point whose place the catalogue states.
//!
//! A cun is individual to the patient and is never converted to millimetres.

use std::fmt;

use crate::fact::value::PointCode;

/// The place of a point on the back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Landmark {
    /// Code of the point.
    pub point: &'static str,
    /// At the height of the lower border of this vertebra's spinous process.
    pub vertebra: &'static str,
    /// To either side of the midline, tenths of a cun.
    pub lateral_cun_x10: u16,
}

/// Every landmark that is shipped.
pub const LANDMARKS: [Landmark; 1] = [Landmark {
    point: "BL23",
    vertebra: "L2",
    lateral_cun_x10: 15,
}];

impl Landmark {
    /// The landmark of a point.
    #[must_use]
    pub fn of(point: &PointCode) -> Option<Self> {
        LANDMARKS.into_iter().find(|l| l.point == point.as_str())
    }
}

impl fmt::Display for Landmark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, tenth) = (self.lateral_cun_x10 / 10, self.lateral_cun_x10 % 10);
        write!(
            f,
            "{whole}.{tenth} cun lateral to the lower border of the {} spinous process",
            self.vertebra
        )
    }
}
