//! The policy file: every mistake at once, unknown keys are errors, safety numbers only get stricter.

use care::Policy;
use care::policy::DEFAULT_TOML;

fn mistakes(text: &str) -> Vec<String> {
    Policy::parse(text).expect_err(text).0
}

#[test]
fn the_file_is_the_default() {
    let default = Policy::default();
    assert_eq!(Policy::parse(DEFAULT_TOML).unwrap(), default);
    assert_eq!(Policy::parse("").unwrap(), default);
    assert_eq!(
        (default.scheduling.lead_hours, default.oswestry.every_days),
        (48, 14)
    );
}

#[test]
fn what_a_file_leaves_out_comes_from_the_default() {
    let policy = Policy::parse("[scheduling]\nweekly_cap = 2\n").unwrap();
    assert_eq!(policy.scheduling.weekly_cap, 2);
    assert_eq!(policy.mail, Policy::default().mail);
}

#[test]
fn every_mistake_is_told_at_once() {
    let told = mistakes(
        "color = \"red\"\nmail = 3\n\
         [scheduling]\nlead_hours = \"two days\"\nlead_hour = 48\nduration_min = 1\n\
         [oswestry]\nmax_missing = 3\nevery_days = 0\n[sheduling]\nlead_hours = 48\n",
    );
    let expected = [
        "color: unknown section, expected one of ",
        "mail: expected a section [mail]",
        "scheduling.lead_hours: ",
        "scheduling.lead_hour: unknown key, expected one of ",
        "scheduling.duration_min: expected 5 to 480 minutes",
        "oswestry.max_missing: expected 0, 1 or 2 blank sections",
        "oswestry.every_days: expected 2 to 366 days",
        "sheduling: unknown section, expected one of ",
    ];
    for expected in expected {
        assert!(
            told.iter().any(|t| t.starts_with(expected)),
            "{expected} is not in {told:#?}"
        );
    }
    let for_lead_hours = told
        .iter()
        .filter(|t| t.starts_with("scheduling.lead_hours:"))
        .count();
    assert_eq!(for_lead_hours, 1, "its default is not judged beside it");
}

#[test]
fn safety_numbers_only_get_stricter() {
    for (stricter, laxer) in [
        (
            "[rules]\ncauda_equina_new_days = 30\n",
            "[rules]\ncauda_equina_new_days = 13\n",
        ),
        (
            "[rules]\nscreening_lead_hours = 48\n",
            "[rules]\nscreening_lead_hours = 23\n",
        ),
        ("[oswestry]\nmax_missing = 0\n", "[oswestry]\nmax_missing = 3\n"),
        (
            "[alerts]\nemergency_again_min = 5\n",
            "[alerts]\nemergency_again_min = 16\n",
        ),
        (
            "[alerts]\nemergency_again_times = 9\n",
            "[alerts]\nemergency_again_times = 7\n",
        ),
        (
            "[alerts]\nurgent_again_hours = 1\n",
            "[alerts]\nurgent_again_hours = 5\n",
        ),
        (
            "[alerts]\nuntold_after_min = 10\n",
            "[alerts]\nuntold_after_min = 20\n",
        ),
        (
            "[alerts]\nclinic_to = \"12:00\"\n",
            "[alerts]\nclinic_to = \"11:59\"\n",
        ),
        (
            "[alerts]\nclinic_days = [\"sun\"]\n",
            "[alerts]\nclinic_days = []\n",
        ),
    ] {
        assert!(Policy::parse(stricter).is_ok(), "{stricter}");
        assert_eq!(mistakes(laxer).len(), 1, "{laxer}");
    }
}

#[test]
fn numbers_that_contradict_each_other_are_refused() {
    for text in [
        "[scheduling]\nlead_hours = 12\n",
        "[scheduling]\nacceptable_max_hours = 700\n",
        "[scheduling]\nlead_mode = \"wall_clock\"\nlead_hours = 36\n",
        "[scheduling]\nweekly_cap = 0\n",
        "[oswestry]\nlate_days = 3\n",
        "[oswestry]\nevery_days = 10\n",
        "[rules]\nfidelity_retention_min = nan\n",
        "[rules]\nfidelity_retention_min = inf\n",
        "[alerts]\nemergency_again_min = 0\n",
        "[alerts]\nurgent_again_hours = 0\n",
        "[alerts]\nuntold_after_min = 0\n",
        "[alerts]\nemergency_again_times = 101\n",
        "[mail]\nfrom = \"nobody\"\n",
        "[mail]\non_call = \"nobody\"\n",
    ] {
        assert_eq!(mistakes(text).len(), 1, "{text}");
    }
}

#[test]
fn a_file_that_is_not_toml_says_where() {
    assert!(mistakes("[scheduling\n")[0].contains("line 1"));
}

#[test]
fn the_hash_names_the_numbers_and_not_the_file() {
    let other = Policy::parse("# a comment\n[scheduling]\nlead_hours = 48\n").unwrap();
    assert_eq!(other.hash(), Policy::default().hash());
    assert_ne!(
        Policy::parse("[scheduling]\nlead_hours = 47\n").unwrap().hash(),
        other.hash()
    );
    assert_eq!(other.hash().len(), 16);
}

/// Names and addresses: no decision rests on them, so there is no evidence to label.
const UNLABELLED: [&str; 7] = [
    "enabled",
    "allowed_domains",
    "from",
    "from_name",
    "reply_to",
    "domain",
    "on_call",
];
const LABELS: [&str; 6] = [
    "supported",
    "partly",
    "unverified",
    "contradicted",
    "policy",
    "assumption",
];

#[test]
fn every_key_stands_under_a_comment_that_says_what_it_means_and_on_what_evidence() {
    let (mut comment, mut keys) = (String::new(), 0);
    let mut last_was_comment = false;
    for line in DEFAULT_TOML.lines() {
        if line.is_empty() || line.starts_with('[') {
            (comment, last_was_comment) = (String::new(), false);
        } else if let Some(text) = line.strip_prefix('#') {
            // A comment speaks for the keys right below it, until the next comment.
            comment = if last_was_comment {
                comment + text
            } else {
                text.to_owned()
            };
            last_was_comment = true;
        } else {
            let key = line.split(' ').next().unwrap();
            let label = comment.rsplit("  ").next().unwrap_or_default();
            let labelled = LABELS.iter().any(|l| label.trim_start().starts_with(l));
            assert!(comment.len() > 20, "{key} has no comment");
            assert!(
                labelled || UNLABELLED.contains(&key),
                "{key} has no evidence label: {comment}"
            );
            (keys, last_was_comment) = (keys + 1, false);
        }
    }
    let sections: toml::Table = DEFAULT_TOML.parse().unwrap();
    let written: usize = sections.values().map(|s| s.as_table().unwrap().len()).sum();
    assert_eq!(keys, written);
}
