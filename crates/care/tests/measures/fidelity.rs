//! What a session falls short of, and where BL23 lies.

use care::Policy;
use care::fact::session::Delivered;
use care::fact::value::PointCode;
use care::landmark::Landmark;
use care::measure::fidelity::{Shortfall, shortfalls};

fn point(code: &str) -> PointCode {
    PointCode::new(code).expect("a point")
}

fn session(points: &[&str], sites: &[&str], retention_min: Option<f64>) -> Vec<Shortfall> {
    let delivered = Delivered {
        points: points.iter().map(|code| point(code)).collect(),
        ashi_sites: sites.iter().map(|&site| site.to_owned()).collect(),
        retention_min,
        ..Delivered::default()
    };
    shortfalls(&delivered, &Policy::default())
}

#[test]
fn a_session_falls_short_of_each_criterion_by_itself() {
    use Shortfall::{NoDistalPoint, TooFewPoints, TooShort};
    assert_eq!(session(&["BL23", "BL25", "GB34", "ST36"], &[], Some(15.0)), []);
    assert_eq!(session(&["BL23", "GB34", "ST36"], &[], None), [TooFewPoints]);
    assert_eq!(session(&["BL23", "GB34", "ST36"], &["L4 left"], None), []);
    assert_eq!(
        session(&["BL23", "BL25", "BL40", "LR3"], &[], None),
        [NoDistalPoint]
    );
    assert_eq!(
        session(&["BL23", "BL25", "BL40", "KI3"], &[], Some(14.9)),
        [TooShort]
    );
    assert_eq!(
        session(&["BL23"], &[], Some(5.0)),
        [NoDistalPoint, TooFewPoints, TooShort]
    );
}

#[test]
fn what_was_not_recorded_is_no_shortfall() {
    assert_eq!(session(&[], &[], None), []);
}

/// The rule `landmark-bl23`: this test is the rule.
#[test]
fn bl23_lies_one_and_a_half_cun_beside_the_second_lumbar_vertebra() {
    let bl23 = Landmark::of(&point("BL23")).expect("its landmark is shipped");
    assert_eq!((bl23.vertebra, bl23.lateral_cun_x10), ("L2", 15));
    assert_eq!(
        bl23.to_string(),
        "1.5 cun lateral to the lower border of the L2 spinous process"
    );
    assert_eq!(Landmark::of(&point("BL25")), None);
}
