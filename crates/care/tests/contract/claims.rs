//! What no text may say, and what it may.

use care::claims::banned;

#[test]
fn promises_and_sponsors_are_found_whatever_their_form() {
    for text in [
        "Six visits cure your back.",
        "Relief is GUARANTEED",
        "a money-back guarantee",
        "curative needling",
        "WHO-approved points",
        "the WHO protocol",
        "Approved by the\nWHO",
        "We promise a cure (unverified).",
    ] {
        assert!(banned(text).is_some(), "{text}");
    }
}

#[test]
fn figures_nobody_could_verify_are_found_unless_their_paragraph_says_so() {
    for text in [
        "41 % fewer",
        "62%",
        "(38\u{a0}%)",
        "31 percent",
        "1.3 per 10,000 sessions",
        "bruises: 1.3 per\n10,000",
        "about 38 per cent",
        "Reduced: 38 %; then more",
    ] {
        assert!(banned(text).is_some(), "{text}");
        assert_eq!(banned(&format!("{text} (unverified)")), None, "{text}");
        assert!(banned(&format!("{text}\n\nunverified")).is_some(), "{text}");
    }
}

#[test]
fn a_label_in_one_row_of_a_table_says_nothing_of_the_next() {
    assert!(banned("| 62 % | nothing |\n| 38 % | unverified |").is_some());
    assert_eq!(banned("| 62 % | contradicted |\n| 38 % | unverified |"), None);
}

#[test]
fn what_only_looks_alike_is_fine() {
    for text in [
        "a secure line, procured and obscured",
        "the clinician who approved it, or who endorsed it",
        "141 %, 0.41 %, 3,41 %, 410 %, 41.5 %, 41 mm, 62 patients",
        "td { width:38%; } <td width=\"62%\">",
        "11.3 per 10,000 and 1.3 per 100",
        "the rule no-cure-claim",
        "",
    ] {
        assert_eq!(banned(text), None, "{text}");
    }
}
