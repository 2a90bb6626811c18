//! Intervals and medians at their edges, against values of published tables and by hand.

use outcomes::statistics::{Watched, mean, median, poisson_interval, relative_difference, survival_median};

fn near(a: f64, b: f64) {
    assert!((a - b).abs() < 5e-4 * b.abs().max(1.0), "{a} is not {b}");
}

#[test]
fn the_exact_interval_of_a_count_is_garwoods() {
    for (count, low, high) in [
        (0, 0.0, 3.6889),
        (1, 0.0253, 5.5716),
        (5, 1.6235, 11.6683),
        (10, 4.7954, 18.3904),
        (100, 81.3640, 121.6273),
    ] {
        let (l, h) = poisson_interval(count).unwrap();
        near(l, low);
        near(h, high);
    }
    let (low, high) = poisson_interval(2_000_000).unwrap();
    assert!(low < 2e6 && high > 2e6 && high - low < 6000.0, "{low} {high}");
}

#[test]
fn a_median_of_two_is_their_mean_and_of_none_is_none() {
    assert_eq!(median(&[]), None);
    assert_eq!(median(&[4.0, 1.0]), Some(2.5));
    assert_eq!(median(&[9.0, 1.0, 4.0]), Some(4.0));
    assert_eq!(mean(&[]), None);
}

fn watched(events: &[usize], censored: &[usize]) -> Vec<Watched> {
    let of = |happened: bool| {
        move |sessions: &usize| Watched {
            sessions: *sessions,
            happened,
        }
    };
    events
        .iter()
        .map(of(true))
        .chain(censored.iter().map(of(false)))
        .collect()
}

#[test]
fn at_a_tie_an_event_comes_before_who_is_no_longer_watched() {
    // At 2: four at risk, two events: one half is left, which is the median. Were the one censored at 2 gone before,
    // it would be a third.
    assert_eq!(survival_median(&watched(&[2, 2, 5], &[2])), Some(2));
    // At 2: five at risk, two events, 3/5 left. At 4: two at risk, one event, 3/10.
    assert_eq!(survival_median(&watched(&[2, 2, 4], &[2, 6])), Some(4));
}

#[test]
fn a_median_that_is_never_reached_is_none() {
    assert_eq!(survival_median(&[]), None);
    assert_eq!(survival_median(&watched(&[], &[3, 4])), None);
    assert_eq!(survival_median(&watched(&[1], &[2, 2, 2])), None);
}

#[test]
fn one_half_in_thirds_and_sixths_is_one_half() {
    // 5/6 · 4/5 · 3/4 = 1/2, which floating point does not quite say.
    assert_eq!(survival_median(&watched(&[1, 2, 3, 7, 8, 9], &[])), Some(3));
}

#[test]
fn a_relative_difference_is_defined_only_where_the_second_group_has_responders() {
    assert_eq!(relative_difference((1, 2), (0, 5)), None);
    assert_eq!(relative_difference((0, 0), (1, 5)), None);
    assert_eq!(relative_difference((1, 5), (0, 0)), None);
    let none = relative_difference((0, 10), (5, 10)).unwrap();
    assert_eq!((none.value, none.interval), (-1.0, None));
    // 15/100 against 30/100: ratio 0.5, √(1/15 − 1/100 + 1/30 − 1/100) = 0.2828.
    let half = relative_difference((15, 100), (30, 100)).unwrap();
    near(half.value, -0.5);
    let (low, high) = half.interval.unwrap();
    near(low, -0.7128);
    near(high, -0.1296);
    // Everybody responded in both: nothing is left to vary.
    assert_eq!(
        relative_difference((5, 5), (7, 7)).unwrap().interval,
        Some((0.0, 0.0))
    );
}
