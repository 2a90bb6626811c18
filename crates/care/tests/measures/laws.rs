//! Laws of the measures for any input, not only for the published ones.

use care::measure::odi::{Band, Item, Items, MaxMissing, Score, Scored, compare};
use care::measure::pain::{Context, Pain, Scale, reduction};
use proptest::prelude::*;

fn score() -> impl Strategy<Value = Score> {
    prop_oneof![1..=10_u16, Just(200_u16)]
        .prop_flat_map(|answered| (0..=5 * answered, Just(answered)))
        .prop_map(|(sum, answered)| Score::new(sum, answered).unwrap())
}

fn items() -> impl Strategy<Value = Items> {
    prop::array::uniform10(prop::option::of(0..=5_u8))
        .prop_map(|raw| Items::new(raw.map(|item| item.map(|value| Item::try_from(value).unwrap()))))
}

/// `20 × sum / answered` against a whole percent, as integers.
fn at_most(score: Score, percent: u32) -> bool {
    20 * u32::from(score.sum()) <= percent * u32::from(score.answered())
}

fn same_version(score: Score) -> Scored {
    Scored {
        score,
        version: "2.1a".to_owned(),
    }
}

proptest! {
    #[test]
    fn bands_are_the_rational_comparison(score in score()) {
        let band = match score {
            score if at_most(score, 20) => Band::Minimal,
            score if at_most(score, 40) => Band::Moderate,
            score if at_most(score, 60) => Band::Severe,
            score if at_most(score, 80) => Band::Crippled,
            _ => Band::BedBound,
        };
        prop_assert_eq!(score.band(), band);
    }

    #[test]
    fn a_shown_percent_is_the_nearest_tenth_and_halves_go_up(score in score()) {
        // shown − 0.5 ≤ 200 × sum / answered < shown + 0.5, doubled to stay whole.
        let exact = 400 * i64::from(score.sum());
        let (shown, answered) = (i64::from(score.percent_x10()), i64::from(score.answered()));
        prop_assert!((2 * shown - 1) * answered <= exact && exact < (2 * shown + 1) * answered);
    }

    #[test]
    fn one_more_point_never_lowers_percent_or_band(score in score()) {
        if let Ok(higher) = Score::new(score.sum() + 1, score.answered()) {
            prop_assert!(higher.percent_x10() > score.percent_x10());
            prop_assert!(higher.band() >= score.band());
        }
    }

    #[test]
    fn prorating_equals_filling_blanks_with_the_mean(items in items()) {
        if let Some(score) = items.score() {
            // mean × 10 / 50 = sum / (5 × answered): cross-multiplied.
            let (sum, answered) = (u32::from(score.sum()), u32::from(items.answered()));
            prop_assert_eq!(u32::from(score.answered()), answered);
            prop_assert_eq!(sum + sum * u32::from(items.missing()) / answered, sum * 10 / answered);
        } else {
            prop_assert_eq!(items.missing(), 10);
        }
        prop_assert!(!items.validity(MaxMissing::default()).is_valid() || items.missing() <= 1);
    }

    #[test]
    fn items_survive_both_wire_forms(items in items()) {
        let json = serde_json::to_string(&items).unwrap();
        prop_assert_eq!(serde_json::from_str::<Items>(&json).unwrap(), items);
        let bytes = postcard::to_allocvec(&items).unwrap();
        prop_assert_eq!(postcard::from_bytes::<Items>(&bytes).unwrap(), items);
    }

    #[test]
    fn no_two_scores_are_both_better_and_worse(a in score(), b in score()) {
        let there = compare(&same_version(a), &same_version(b)).unwrap();
        let back = compare(&same_version(b), &same_version(a)).unwrap();
        prop_assert!(!(there.improved() && there.worse_10_points()));
        prop_assert_eq!(there.improved_10_points(), back.worse_10_points());
        prop_assert_eq!(there.points_x10(), -back.points_x10());
    }

    #[test]
    fn a_lower_score_never_undoes_an_improvement(a in score(), b in score()) {
        let now = compare(&same_version(a), &same_version(b)).unwrap();
        if let Some(Ok(lower)) = b.sum().checked_sub(1).map(|sum| Score::new(sum, b.answered())) {
            let then = compare(&same_version(a), &same_version(lower)).unwrap();
            prop_assert!(then.improved_10_points() || !now.improved_10_points());
            prop_assert!(then.improved_30_percent() || !now.improved_30_percent());
            prop_assert!(now.worse_10_points() || !then.worse_10_points());
        }
    }

    #[test]
    fn responders_are_nested_and_monotonous(from in 1..=100_i64, to in 0..=100_i64) {
        let at = |value| Pain::new(Scale::Vas, value, Context::Now).unwrap();
        let r = reduction(&at(from), &at(to)).unwrap().unwrap();
        prop_assert!(r.at_least_30() || !r.at_least_50());
        prop_assert!(!(r.no_change() && r.at_least_30()));
        // As percentages: no 0.1 % step hides a boundary on scales this coarse.
        prop_assert_eq!(r.at_least_30(), 100 * (from - to) >= 30 * from);
        prop_assert_eq!(r.no_change(), 100 * (from - to) < 10 * from);
        if to > 0 {
            let better = reduction(&at(from), &at(to - 1)).unwrap().unwrap();
            prop_assert!(better.percent_x10() > r.percent_x10());
            prop_assert!(better.session_three() >= r.session_three());
        }
    }
}
