//! The forms an Oswestry result may take on the wire and in the checkpoint.

use care::measure::odi::{Band, Given, GivenError, Item, Items, MaxMissing, Percent, Raw, Score, Validity};

fn items(json: &str) -> Items {
    serde_json::from_str(json).unwrap()
}

fn percent(value: f64) -> Percent {
    Percent::try_from(value).unwrap()
}

#[test]
fn items_survive_json_and_postcard_unchanged() {
    let given = items("[0,1,2,3,4,5,null,0,null,5]");
    assert_eq!(
        serde_json::to_string(&given).unwrap(),
        "[0,1,2,3,4,5,null,0,null,5]"
    );
    let bytes = postcard::to_allocvec(&given).unwrap();
    assert_eq!(
        bytes.len(),
        18,
        "an option byte each and eight answers, no length"
    );
    assert_eq!(postcard::from_bytes::<Items>(&bytes).unwrap(), given);
    assert_eq!(given.blanks().collect::<Vec<_>>(), ["s7", "s9"]);
}

#[test]
fn an_item_says_what_it_wants() {
    assert_eq!(
        Item::try_from(6).unwrap_err().to_string(),
        "expected an integer 0..5"
    );
    let error = serde_json::from_str::<Item>("6").unwrap_err().to_string();
    assert!(error.contains("expected an integer 0..5"), "{error}");
    assert_eq!(postcard::from_bytes::<Item>(&[5]).unwrap().get(), 5);
    assert!(postcard::from_bytes::<Item>(&[6]).is_err());
}

#[test]
fn broken_checkpoints_do_not_become_scores() {
    assert!(postcard::from_bytes::<Score>(&[51, 10]).is_err());
    assert!(postcard::from_bytes::<Score>(&[0, 0]).is_err());
    assert!(postcard::from_bytes::<Raw>(&[46, 45]).is_err());
}

#[test]
fn a_percent_with_one_decimal_is_an_exact_ratio() {
    let score = Score::from(percent(35.5));
    assert_eq!(
        (score.sum(), score.answered(), score.sections()),
        (355, 200, None)
    );
    assert_eq!(score.percent_x10(), 355);
    for tenths in 0..=1000_u16 {
        let read: Percent = serde_json::from_str(&format!("{}.{}", tenths / 10, tenths % 10)).unwrap();
        assert_eq!((read.x10(), Score::from(read).percent()), (tenths, read));
        let text = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<Percent>(&text).unwrap(), read, "{text}");
        assert_eq!(
            postcard::from_bytes::<Percent>(&postcard::to_allocvec(&read).unwrap()).unwrap(),
            read
        );
    }
    assert_eq!(serde_json::from_str::<Percent>("36").unwrap().to_string(), "36.0");
}

#[test]
fn what_is_no_percent_with_one_decimal_is_refused() {
    for text in [
        "35.55", "-0.1", "100.1", "1e3", "\"35.5\"", "true", "null", "-1", "101",
    ] {
        assert!(serde_json::from_str::<Percent>(text).is_err(), "{text}");
    }
    assert!(Percent::try_from(f64::NAN).is_err());
    assert!(Percent::try_from(f64::INFINITY).is_err());
}

#[test]
fn bands_of_a_percent_include_their_upper_end() {
    let band = |value| Score::from(percent(value)).band();
    assert_eq!(
        (band(0.0), band(20.0), band(20.1)),
        (Band::Minimal, Band::Minimal, Band::Moderate)
    );
    assert_eq!((band(40.0), band(40.1)), (Band::Moderate, Band::Severe));
    assert_eq!((band(60.0), band(60.1)), (Band::Severe, Band::Crippled));
    assert_eq!(
        (band(80.0), band(80.1), band(100.0)),
        (Band::Crippled, Band::BedBound, Band::BedBound)
    );
    assert_eq!(
        (Band::Crippled.words(), Band::BedBound.words()),
        ("very severe", "extreme")
    );
    assert_eq!(
        serde_json::to_value(Band::BedBound).unwrap(),
        Band::BedBound.code()
    );
}

#[test]
fn points_of_a_maximum_count_the_sections_behind_it() {
    let given = Given::from_fields(None, None, None, Some(16), Some(45)).unwrap();
    let score = given.score().unwrap();
    assert_eq!((score.sum(), score.answered(), score.percent_x10()), (16, 9, 356));
    assert_eq!(
        (given.missing(), given.validity(MaxMissing::default())),
        (Some(1), Validity::Valid)
    );
    let two_blank = Given::from_fields(None, None, None, Some(16), Some(40)).unwrap();
    assert_eq!(two_blank.missing(), Some(2));
    assert_eq!(
        two_blank.validity(MaxMissing::default()),
        Validity::TooManyMissing
    );
    assert_eq!(
        two_blank.validity(MaxMissing::try_from(2).unwrap()),
        Validity::Valid
    );
}

#[test]
fn a_bare_number_and_a_mixture_are_refused() {
    let ten = Some(items("[1,1,1,1,1,1,1,1,1,1]"));
    let part = Some(percent(32.0));
    assert_eq!(
        Given::from_fields(None, None, None, None, None),
        Err(GivenError::NotOneForm)
    );
    assert_eq!(
        Given::from_fields(ten, part, Some("%"), None, None),
        Err(GivenError::NotOneForm)
    );
    assert_eq!(
        Given::from_fields(ten, None, None, Some(10), None),
        Err(GivenError::NotOneForm)
    );
    assert_eq!(
        Given::from_fields(None, part, None, None, None),
        Err(GivenError::Unit)
    );
    assert_eq!(
        Given::from_fields(None, part, Some("points"), None, None),
        Err(GivenError::Unit)
    );
    assert_eq!(
        Given::from_fields(None, None, None, Some(16), None),
        Err(GivenError::Bare)
    );
    assert_eq!(
        Given::from_fields(None, None, None, None, Some(50)),
        Err(GivenError::Bare)
    );
    assert_eq!(
        Given::from_fields(None, None, None, Some(16), Some(48)),
        Err(GivenError::Max(48))
    );
    assert_eq!(
        Given::from_fields(None, None, None, Some(0), Some(0)),
        Err(GivenError::Max(0))
    );
    assert_eq!(
        Given::from_fields(None, None, None, Some(55), Some(55)),
        Err(GivenError::Max(55))
    );
    assert_eq!(
        Given::from_fields(None, None, None, Some(46), Some(45)),
        Err(GivenError::Raw { raw: 46, max: 45 })
    );
    assert!(
        Given::from_fields(None, part, Some("%"), None, None)
            .unwrap()
            .validity(MaxMissing::default())
            .is_valid()
    );
}

#[test]
fn every_form_survives_the_checkpoint() {
    let forms = [
        Given::Items(items("[1,2,3,null,5,0,1,2,3,4]")),
        Given::Percent(percent(35.5)),
        Given::Raw(Raw::new(16, 45).unwrap()),
    ];
    for form in forms {
        let bytes = postcard::to_allocvec(&form).unwrap();
        assert_eq!(postcard::from_bytes::<Given>(&bytes).unwrap(), form);
    }
}

#[test]
fn the_schema_of_items_is_ten_integers_or_nulls() {
    let schema = serde_json::to_value(schemars::schema_for!(Items)).unwrap();
    assert_eq!(
        (&schema["minItems"], &schema["maxItems"]),
        (&10.into(), &10.into())
    );
    assert_eq!(schema["items"]["type"], serde_json::json!(["integer", "null"]));
    assert_eq!(
        (&schema["items"]["minimum"], &schema["items"]["maximum"]),
        (&0.into(), &5.into())
    );
}

#[test]
fn a_limit_on_blanks_is_at_most_two() {
    assert_eq!(MaxMissing::default().get(), 1);
    assert_eq!(serde_json::from_str::<MaxMissing>("2").unwrap().get(), 2);
    assert!(serde_json::from_str::<MaxMissing>("3").is_err());
}
