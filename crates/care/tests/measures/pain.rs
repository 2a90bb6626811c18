//! The pain scales: every published vector, and what may be compared.

use Expectation::{Above, AsExpected, Below};
use Scale::{Nrs, Vas};
use care::measure::pain::{
    Change, Context, Expectation, NotComparable, Pain, Reduction, Scale, compare, reduction,
};

fn pain(scale: Scale, value: i64) -> Pain {
    Pain::new(scale, value, Context::Now).unwrap()
}

fn change(scale: Scale, from: i64, to: i64) -> Change {
    compare(&pain(scale, from), &pain(scale, to)).unwrap()
}

fn reduced(scale: Scale, from: i64, to: i64) -> Reduction {
    reduction(&pain(scale, from), &pain(scale, to)).unwrap().unwrap()
}

#[test]
fn every_vector_holds() {
    // Baseline, now, tenths of a percent, ≥ 30, ≥ 50, after session 3, no change.
    let vectors = [
        (Vas, 70, 49, 300, true, false, Above, false),
        (Vas, 70, 50, 286, false, false, Above, false),
        (Vas, 100, 70, 300, true, false, Above, false),
        (Vas, 60, 51, 150, false, false, AsExpected, false),
        (Vas, 60, 45, 250, false, false, AsExpected, false),
        (Vas, 60, 44, 267, false, false, Above, false),
        (Vas, 60, 52, 133, false, false, Below, false),
        (Vas, 50, 25, 500, true, true, Above, false),
        (Vas, 51, 26, 490, true, false, Above, false),
        (Vas, 1, 0, 1000, true, true, Above, false),
        (Nrs, 7, 5, 286, false, false, Above, false),
        (Nrs, 7, 4, 429, true, false, Above, false),
        (Nrs, 8, 4, 500, true, true, Above, false),
        (Nrs, 3, 2, 333, true, false, Above, false),
        (Nrs, 10, 9, 100, false, false, Below, false),
        (Nrs, 9, 9, 0, false, false, Below, true),
        (Nrs, 5, 6, -200, false, false, Below, true),
    ];
    for (scale, from, to, tenths, thirty, fifty, session_three, no_change) in vectors {
        let r = reduced(scale, from, to);
        let seen = (
            r.percent_x10(),
            r.at_least_30(),
            r.at_least_50(),
            r.session_three(),
            r.no_change(),
        );
        assert_eq!(
            seen,
            (tenths, thirty, fifty, session_three, no_change),
            "{scale:?} {from} to {to}"
        );
    }
}

#[test]
fn a_baseline_of_zero_is_not_evaluable() {
    for now in [0, 3] {
        assert_eq!(reduction(&pain(Nrs, 0), &pain(Nrs, now)), Ok(None));
    }
    assert!(!change(Nrs, 0, 0).clearly_worse());
    assert!(change(Nrs, 0, 3).clearly_worse(), "0 to 3 is worse all the same");
    assert!(!change(Nrs, 0, 2).clearly_worse());
    assert!(change(Vas, 0, 30).clearly_worse());
    assert!(!change(Vas, 0, 29).clearly_worse());
}

#[test]
fn clearly_worse_is_twenty_millimetres_or_two_points() {
    assert!(change(Vas, 40, 60).clearly_worse());
    assert!(!change(Vas, 40, 59).clearly_worse());
    assert!(change(Nrs, 4, 6).clearly_worse());
    assert!(!change(Nrs, 4, 5).clearly_worse());
    assert!(!change(Vas, 60, 40).clearly_worse());
}

#[test]
fn a_low_baseline_is_footnoted() {
    assert!(change(Vas, 1, 0).low_baseline());
    assert!(change(Vas, 29, 10).low_baseline());
    assert!(!change(Vas, 30, 10).low_baseline());
    assert!(change(Nrs, 2, 1).low_baseline());
    assert!(!change(Nrs, 3, 2).low_baseline());
}

#[test]
fn one_point_of_three_is_thirty_percent_and_less_than_matters() {
    let fall = change(Nrs, 3, 2);
    assert!(fall.reduction().unwrap().at_least_30());
    assert_eq!(fall.points(), 1);
    assert!(!fall.reaches_minimal_important_change());
}

#[test]
fn the_minimal_important_change_is_fifteen_millimetres_or_two_points() {
    assert!(change(Vas, 60, 45).reaches_minimal_important_change());
    assert!(!change(Vas, 60, 46).reaches_minimal_important_change());
    assert!(change(Nrs, 6, 4).reaches_minimal_important_change());
    assert!(!change(Nrs, 6, 5).reaches_minimal_important_change());
}

#[test]
fn scales_and_contexts_are_never_mixed() {
    let scales = compare(&pain(Vas, 70), &pain(Nrs, 5)).unwrap_err();
    assert_eq!(
        scales,
        NotComparable::Scales {
            baseline: Vas,
            now: Nrs
        }
    );
    let worst = Pain::new(Vas, 40_i64, Context::Worst24h).unwrap();
    let contexts = compare(&pain(Vas, 70), &worst).unwrap_err();
    assert_eq!(
        contexts,
        NotComparable::Contexts {
            baseline: Context::Now,
            now: Context::Worst24h
        }
    );
    assert!(!Context::Post30min.counts_for_response());
    assert!(Context::default().counts_for_response());
}

#[test]
fn a_value_outside_its_scale_is_refused() {
    assert!(Pain::new(Vas, 100_i64, Context::Now).is_ok());
    assert!(Pain::new(Vas, 101_i64, Context::Now).is_err());
    assert!(Pain::new(Nrs, 10_i64, Context::Now).is_ok());
    assert!(Pain::new(Nrs, 11_i64, Context::Now).is_err());
    assert!(Pain::new(Vas, -1_i64, Context::Now).is_err());
    for value in ["11", "-1", "300", "5.0", "\"5\"", "true", "null"] {
        let json = format!(r#"{{"scale":"nrs","value":{value}}}"#);
        assert!(serde_json::from_str::<Pain>(&json).is_err(), "{json}");
    }
    let error = serde_json::from_str::<Pain>(r#"{"scale":"nrs","value":300}"#)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("expected an integer 0..10 on scale nrs"),
        "{error}"
    );
}

#[test]
fn the_wire_names_are_those_of_the_contract() {
    let read: Pain = serde_json::from_str(r#"{"scale":"vas","value":70}"#).unwrap();
    assert_eq!(read, pain(Vas, 70), "the context is now unless said");
    for (context, name) in [
        (Context::Now, "now"),
        (Context::Avg7d, "avg7d"),
        (Context::Worst24h, "worst24h"),
        (Context::PreSession, "pre_session"),
        (Context::Post30min, "post_30min"),
    ] {
        let score = Pain::new(Vas, 70_i64, context).unwrap();
        assert_eq!(serde_json::to_value(score).unwrap()["context"], name);
        let bytes = postcard::to_allocvec(&score).unwrap();
        assert_eq!(postcard::from_bytes::<Pain>(&bytes).unwrap(), score);
    }
}
