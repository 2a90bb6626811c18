//! Charts of Oswestry and pain over time: an SVG that we write, and the PNG that mail programs show.
//!
//! The same chart always gives the same bytes: the font is built in, and no other is looked for.

mod raster;
mod svg;

use care::time::Date;

/// A chart of one measure over time. It shows what the table beside it says, and nothing else.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// What the axis ends at, above zero.
    pub top: f64,
    /// From tick to tick.
    pub step: f64,
    /// Unit of the ticks (`%`, ` mm`); empty for points.
    pub unit: &'static str,
    /// Bands with their names, from zero up: each ends where the next begins.
    pub bands: &'static [(f64, &'static str)],
    /// The values by day, oldest first.
    pub points: Vec<(Date, f64)>,
    /// The dashed line of a meaningful change, and what it is.
    pub goal: Option<(f64, String)>,
}

/// Width of a chart as mail shows it, in pixels of the page; the PNG has twice as many.
pub const WIDTH: u16 = 600;
/// Height.
pub const HEIGHT: u16 = 240;

impl Chart {
    /// The chart as SVG; none without a point to show.
    #[must_use]
    pub fn svg(&self) -> Option<String> {
        svg::draw(self)
    }

    /// The chart as PNG, twice as large as it is shown; none without a point to show.
    #[must_use]
    pub fn png(&self) -> Option<Vec<u8>> {
        raster::png(&self.svg()?)
    }
}

/// Where an axis ends that has to show `highest` with its number above it: a whole number of steps, two at least, and
/// never above `limit`.
#[must_use]
pub fn top(highest: f64, step: f64, limit: f64) -> f64 {
    let room = step / 4.0;
    let steps = ((highest + room) / step).ceil().max(2.0);
    (steps * step).min(limit)
}
