//! Change between two Oswestry results: the published check values and what may be compared.

use care::measure::odi::{Change, NotComparable, Percent, Score, Scored, compare};

fn scored(sum: u16, answered: u16, version: &str) -> Scored {
    Scored {
        score: Score::new(sum, answered).unwrap(),
        version: version.to_owned(),
    }
}

fn change(from: (u16, u16), to: (u16, u16)) -> Change {
    compare(&scored(from.0, from.1, "2.1a"), &scored(to.0, to.1, "2.1a")).unwrap()
}

fn verdict(change: Change) -> (bool, bool) {
    (change.improved_10_points(), change.improved_30_percent())
}

#[test]
fn ten_points_without_thirty_percent() {
    let fall = change((20, 10), (15, 10));
    assert_eq!(
        (verdict(fall), fall.points_x10(), fall.relative_x10()),
        ((true, false), 100, Some(250))
    );
}

#[test]
fn thirty_percent_without_ten_points() {
    let fall = change((8, 10), (5, 10));
    assert_eq!(
        (verdict(fall), fall.points_x10(), fall.relative_x10()),
        ((false, true), 60, Some(375))
    );
}

#[test]
fn neither_ten_points_nor_thirty_percent() {
    let eight = change((20, 10), (16, 10));
    assert_eq!(
        (verdict(eight), eight.points_x10(), eight.relative_x10()),
        ((false, false), 80, Some(200))
    );
    let nearly = change((16, 9), (12, 9));
    assert_eq!(
        (verdict(nearly), nearly.points_x10(), nearly.relative_x10()),
        ((false, false), 89, Some(250))
    );
    assert!(!nearly.improved());
}

#[test]
fn ten_points_from_a_high_baseline() {
    let fall = change((30, 10), (25, 10));
    assert_eq!(
        (verdict(fall), fall.points_x10(), fall.relative_x10()),
        ((true, false), 100, Some(167))
    );
    assert!(fall.improved());
}

#[test]
fn a_baseline_of_zero_has_no_percent() {
    let rise = change((0, 10), (3, 10));
    assert_eq!(
        (verdict(rise), rise.points_x10(), rise.relative_x10()),
        ((false, false), -60, None)
    );
    assert!(!rise.worse_10_points());
    assert_eq!(
        verdict(change((0, 10), (0, 10))),
        (false, false),
        "0 ≥ 0 is no improvement of 30 %"
    );
}

#[test]
fn worse_by_ten_points_is_the_mirror_image() {
    assert!(change((15, 10), (20, 10)).worse_10_points());
    assert!(!change((15, 10), (19, 10)).worse_10_points());
    assert!(!change((20, 10), (15, 10)).worse_10_points());
}

#[test]
fn blanks_and_percents_are_compared_exactly() {
    // 20 of 10 is 40 %, 30 % exactly needs 30.0; 16 of 9 shows 35.6 and is 35.555….
    let given = |value: f64| Scored {
        score: Percent::try_from(value).unwrap().into(),
        version: "2.1a".to_owned(),
    };
    let from_items = scored(20, 10, "2.1a");
    assert!(compare(&from_items, &given(30.0)).unwrap().improved_10_points());
    assert!(!compare(&from_items, &given(30.1)).unwrap().improved_10_points());
    assert!(compare(&from_items, &given(28.0)).unwrap().improved_30_percent());
    assert!(!compare(&from_items, &given(28.1)).unwrap().improved_30_percent());
    let nine = scored(16, 9, "2.1a");
    assert!(compare(&nine, &given(25.5)).unwrap().improved_10_points());
    assert!(
        !compare(&nine, &given(25.6)).unwrap().improved_10_points(),
        "35.555… − 25.6 is below 10"
    );
}

#[test]
fn versions_of_the_instrument_are_never_compared() {
    let error = compare(&scored(20, 10, "2.1a"), &scored(15, 10, "modified")).unwrap_err();
    assert_eq!(
        error,
        NotComparable::Versions {
            baseline: "2.1a".to_owned(),
            now: "modified".to_owned()
        }
    );
}
