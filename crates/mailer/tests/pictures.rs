//! Charts: the drawing is pinned, and the PNG is one that a mail program can show.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeSet;
use std::path::Path;

use care::time::{Date, ToSpan};
use mailer::picture::{Chart, HEIGHT, WIDTH, top};
use proptest::prelude::*;
use resvg::tiny_skia::Pixmap;

const BANDS: &[(f64, &str)] = &[(20.0, "minimal"), (40.0, "moderate"), (60.0, "severe")];

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn chart() -> Chart {
    Chart {
        top: 60.0,
        step: 20.0,
        unit: " %",
        bands: BANDS,
        points: vec![
            (day("2026-06-01"), 42.0),
            (day("2026-06-15"), 36.0),
            (day("2026-06-29"), 35.6),
            (day("2026-07-13"), 30.0),
        ],
        goal: Some((32.0, "10 points better: 32 %".to_owned())),
    }
}

fn check(file: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/pictures")
        .join(file);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == actual, "{file} differs; UPDATE_EXPECT=1 rewrites it");
}

fn decoded(png: &[u8]) -> Pixmap {
    assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n");
    let size = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert_eq!(
        (size(16), size(20)),
        (2 * u32::from(WIDTH), 2 * u32::from(HEIGHT))
    );
    Pixmap::decode_png(png).unwrap()
}

fn colours(picture: &Pixmap) -> usize {
    let colours: BTreeSet<[u8; 4]> = picture
        .pixels()
        .iter()
        .map(|p| [p.red(), p.green(), p.blue(), p.alpha()])
        .collect();
    colours.len()
}

#[test]
fn the_drawing_is_as_reviewed() {
    check("oswestry.svg", &chart().svg().unwrap());
    let single = Chart {
        points: vec![(day("2026-06-01"), 7.0)],
        top: 10.0,
        step: 2.0,
        unit: "",
        bands: &[],
        goal: None,
    };
    check("single.svg", &single.svg().unwrap());
}

#[test]
fn the_picture_is_small_opaque_and_not_blank() {
    let png = chart().png().unwrap();
    assert!(png.len() < 60_000, "{} bytes", png.len());
    let picture = decoded(&png);
    assert!(colours(&picture) > 50, "{} colours", colours(&picture));
    assert!(
        picture.pixels().iter().all(|p| p.alpha() == 255),
        "its own white panel"
    );
}

#[test]
fn letters_are_drawn_with_the_built_in_font() {
    let silent = Chart {
        goal: Some((32.0, String::new())),
        ..chart()
    };
    let dark = |chart: &Chart| {
        let picture = decoded(&chart.png().unwrap());
        picture
            .pixels()
            .iter()
            .filter(|p| p.red() < 200 && p.blue() < 100)
            .count()
    };
    assert!(
        dark(&chart()) > dark(&silent) + 300,
        "the words of the dashed line"
    );
}

#[test]
fn the_same_chart_is_the_same_bytes() {
    assert_eq!(chart().png(), chart().png());
}

#[test]
fn without_a_point_there_is_no_picture() {
    let empty = Chart {
        points: Vec::new(),
        ..chart()
    };
    assert_eq!((empty.svg(), empty.png()), (None, None));
}

#[test]
fn an_axis_ends_on_a_step_above_the_highest_value() {
    for (highest, expected) in [
        (0.0, 40.0),
        (35.0, 40.0),
        // Its number stands above a point: at the very top it would stand in the legend.
        (40.0, 60.0),
        (40.1, 60.0),
        (97.0, 100.0),
        (100.0, 100.0),
    ] {
        assert_eq!(top(highest, 20.0, 100.0), expected, "{highest}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_measured_is_drawn_inside_its_panel(
        points in prop::collection::vec((0_i32..4000, 0_u16..=1000), 1..80),
    ) {
        let mut points: Vec<(Date, f64)> = points
            .into_iter()
            .map(|(day_number, tenths)| (day("2026-01-01").checked_add(i64::from(day_number).days()).unwrap(), f64::from(tenths) / 10.0))
            .collect();
        points.sort_by_key(|(on, _)| *on);
        let highest = points.iter().map(|(_, v)| *v).fold(0.0, f64::max);
        let chart = Chart { top: top(highest, 20.0, 100.0), points, ..chart() };
        let svg = chart.svg().unwrap();
        for place in svg.split("<circle cx=\"").skip(1) {
            let x: f64 = place.split('"').next().unwrap().parse().unwrap();
            let y: f64 = place.split("cy=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
            prop_assert!((0.0..f64::from(WIDTH)).contains(&x) && (0.0..f64::from(HEIGHT)).contains(&y));
        }
        prop_assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }
}
