//! The drawing itself: white panel, bands, axis, the dashed line, the line with its points and their values.

use std::fmt::Write as _;

use care::time::Date;

use super::{Chart, HEIGHT, WIDTH};

/// Room around the plot: for values at the left, names of bands at the right, days below, the dashed line's name above.
const LEFT: f64 = 62.0;
const RIGHT: f64 = 112.0;
const RIGHT_WITHOUT_BANDS: f64 = 32.0;
const ABOVE: f64 = 38.0;
const BELOW: f64 = 34.0;
/// Labels of neighbours nearer than this would run into each other.
const DAY_ROOM: f64 = 106.0;
const VALUE_ROOM: f64 = 44.0;

const INK: &str = "#1a2430";
const MUTED: &str = "#2f3a48";
const LINE: &str = "#1d5a96";
const GOAL: &str = "#9c3a00";
/// Two light grounds, in turn, so that a band can be told from its neighbour without its colour meaning anything.
const GROUNDS: [&str; 2] = ["#ffffff", "#eef2f6"];

pub(super) fn draw(chart: &Chart) -> Option<String> {
    let plot = Plot::new(chart)?;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" \
         height=\"{HEIGHT}\" font-size=\"17\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n"
    );
    plot.bands(&mut svg);
    plot.axis(&mut svg);
    plot.goal(&mut svg);
    plot.line(&mut svg);
    plot.days(&mut svg);
    svg.push_str("</svg>\n");
    Some(svg)
}

/// A chart with its places.
struct Plot<'a> {
    chart: &'a Chart,
    first: Date,
    days: f64,
}

impl<'a> Plot<'a> {
    fn new(chart: &'a Chart) -> Option<Self> {
        let ((first, _), (last, _)) = (chart.points.first()?, chart.points.last()?);
        let usable = chart.top > 0.0 && chart.step > 0.0 && chart.top / chart.step <= 20.0;
        let finite = chart.points.iter().all(|(_, value)| value.is_finite());
        (usable && finite).then(|| Self {
            chart,
            first: *first,
            days: days_between(*first, *last).max(0.0),
        })
    }

    fn right(&self) -> f64 {
        let margin = if self.chart.bands.is_empty() {
            RIGHT_WITHOUT_BANDS
        } else {
            RIGHT
        };
        f64::from(WIDTH) - margin
    }

    fn floor() -> f64 {
        f64::from(HEIGHT) - BELOW
    }

    /// Points keep away from both ends of the axis, and a single one stands in the middle.
    fn x(&self, on: Date) -> f64 {
        let (from, to) = (LEFT + 36.0, self.right() - 24.0);
        if self.days == 0.0 {
            return f64::midpoint(from, to);
        }
        from + (to - from) * (days_between(self.first, on) / self.days).clamp(0.0, 1.0)
    }

    fn y(&self, value: f64) -> f64 {
        Self::floor() - (Self::floor() - ABOVE) * (value / self.chart.top).clamp(0.0, 1.0)
    }

    fn bands(&self, svg: &mut String) {
        let (width, mut from) = (self.right() - LEFT, 0.0);
        for (index, (to, name)) in self.chart.bands.iter().enumerate() {
            let to = to.min(self.chart.top);
            if to <= from {
                break;
            }
            let (top, bottom) = (self.y(to), self.y(from));
            let ground = GROUNDS[index % 2];
            let _ = writeln!(
                svg,
                "<rect x=\"{LEFT}\" y=\"{top:.1}\" width=\"{width}\" height=\"{:.1}\" fill=\"{ground}\"/>",
                bottom - top
            );
            text(
                svg,
                (self.right() + 8.0, f64::midpoint(top, bottom) + 5.0),
                "start",
                MUTED,
                name,
            );
            from = to;
        }
    }

    fn axis(&self, svg: &mut String) {
        let mut value = 0.0;
        while value <= self.chart.top {
            let y = self.y(value);
            self.rule(svg, y, "#c3ccd6", "");
            let label = format!("{}{}", number(value), self.chart.unit);
            text(svg, (LEFT - 8.0, y + 5.0), "end", MUTED, &label);
            value += self.chart.step;
        }
    }

    /// Named above the plot, where nothing can lie under its name.
    fn goal(&self, svg: &mut String) {
        let Some((value, name)) = &self.chart.goal else {
            return;
        };
        let dashes = " stroke-width=\"1.5\" stroke-dasharray=\"6 4\"";
        self.rule(svg, self.y(*value), GOAL, dashes);
        let (x, y) = (LEFT, 15.0);
        let _ = writeln!(
            svg,
            "<line x1=\"{x}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\" stroke=\"{GOAL}\"{dashes}/>",
            x + 26.0
        );
        text(svg, (x + 34.0, y + 5.0), "start", GOAL, name);
    }

    fn line(&self, svg: &mut String) {
        let places: Vec<(f64, f64)> = self
            .chart
            .points
            .iter()
            .map(|(on, v)| (self.x(*on), self.y(*v)))
            .collect();
        let path: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{LINE}\" stroke-width=\"2.5\"/>",
            path.join(" ")
        );
        for (x, y) in &places {
            let _ = writeln!(
                svg,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{LINE}\"/>"
            );
        }
        for index in spread(&places, VALUE_ROOM) {
            let ((x, y), (_, value)) = (places[index], self.chart.points[index]);
            text(svg, (x, y - 10.0), "middle", INK, &number(value));
        }
    }

    fn rule(&self, svg: &mut String, y: f64, colour: &str, more: &str) {
        let right = self.right();
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\" stroke=\"{colour}\"{more}/>"
        );
    }

    fn days(&self, svg: &mut String) {
        let places: Vec<(f64, f64)> = self
            .chart
            .points
            .iter()
            .map(|(on, _)| (self.x(*on), 0.0))
            .collect();
        for index in spread(&places, DAY_ROOM) {
            let on = self.chart.points[index].0;
            let label = on.strftime("%-d %b %Y").to_string();
            text(
                svg,
                (places[index].0, f64::from(HEIGHT) - 9.0),
                "middle",
                MUTED,
                &label,
            );
        }
    }
}

fn days_between(from: Date, to: Date) -> f64 {
    from.until(to).map_or(0.0, |span| f64::from(span.get_days()))
}

/// The first place, the last, and between them as many as have `room` to both sides.
fn spread(places: &[(f64, f64)], room: f64) -> Vec<usize> {
    let Some(end) = places.last().map(|(x, _)| *x) else {
        return Vec::new();
    };
    let mut kept: Vec<usize> = Vec::new();
    for (index, (x, _)) in places.iter().enumerate() {
        let is_last = index + 1 == places.len();
        let after = kept.last().is_none_or(|before| x - places[*before].0 >= room);
        if is_last || (after && end - x >= room) {
            kept.push(index);
        }
    }
    kept
}

/// `42`, `35.6`.
fn number(value: f64) -> String {
    let tenths = (value * 10.0).round() / 10.0;
    format!("{tenths}")
}

/// With a white edge, so that it can be read on any line.
fn text(svg: &mut String, (x, y): (f64, f64), anchor: &str, colour: &str, words: &str) {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{colour}\" stroke=\"#ffffff\" \
         stroke-width=\"4\" stroke-opacity=\"0.8\" paint-order=\"stroke\">{words}</text>"
    );
}
