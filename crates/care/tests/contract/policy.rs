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
            "[structure]\nslip_over_mm = 10\n",
            "[structure]\nslip_over_mm = 12.1\n",
        ),
        (
            "[structure]\nslip_growth_mm = 2\n",
            "[structure]\nslip_growth_mm = 4\n",
        ),
        (
            "[structure]\nemergency_mrc_grade = 4\n",
            "[structure]\nemergency_mrc_grade = 2\n",
        ),
        (
            "[medication]\nnsaid_days = 10\n",
            "[medication]\nnsaid_days = 15\n",
        ),
        (
            "[medication]\nnsaid_repeat_days = 7\n",
            "[medication]\nnsaid_repeat_days = 15\n",
        ),
        (
            "[medication]\nnsaid_harm_days = 14\n",
            "[medication]\nnsaid_harm_days = 6\n",
        ),
        (
            "[medication]\nopioid_supply_days = 3\n",
            "[medication]\nopioid_supply_days = 8\n",
        ),
        (
            "[medication]\nopioid_repeat_days = 14\n",
            "[medication]\nopioid_repeat_days = 29\n",
        ),
        (
            "[medication]\nopioid_free_days = 3\n",
            "[medication]\nopioid_free_days = 8\n",
        ),
        (
            "[medication]\nopioid_long_days = 14\n",
            "[medication]\nopioid_long_days = 22\n",
        ),
        (
            "[medication]\nopioid_chronic_weeks = 6\n",
            "[medication]\nopioid_chronic_weeks = 13\n",
        ),
        (
            "[adverse_events]\nsignal_low_per_10000 = 200\n",
            "[adverse_events]\nsignal_low_per_10000 = 99\n",
        ),
        (
            "[adverse_events]\nsignal_high_per_10000 = 1500\n",
            "[adverse_events]\nsignal_high_per_10000 = 2001\n",
        ),
        (
            "[adverse_events]\nsignal_min_treatments = 100\n",
            "[adverse_events]\nsignal_min_treatments = 301\n",
        ),
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
        "[access]\npt_wait_days = 0\n",
        "[access]\npayer_visits = 21\n",
        "[rules]\nfidelity_retention_min = nan\n",
        "[rules]\nfidelity_retention_min = inf\n",
        "[structure]\nslip_over_mm = nan\n",
        "[structure]\nslip_growth_mm = 0\n",
        "[structure]\nemergency_mrc_grade = 5\n",
        "[fidelity]\nfrequency_min_hz = 11\n",
        "[fidelity]\nfrequency_max_hz = inf\n",
        "[fidelity]\nretention_criterion_min = -1\n",
        "[fidelity]\ndepth_bl23_mm = 0\n",
        "[fidelity]\ndepth_gb34_mm = nan\n",
        "[fidelity]\nsymptom_check_hours = 0\n",
        "[fidelity]\nbmi_thin_below = 201\n",
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
fn a_rule_that_cannot_be_switched_on_is_refused_with_those_that_can() {
    let text = "[rules]\nenabled = [\"known-rule\", \"knwon-rule\", \"red-flag-fracture\"]\n";
    let told = Policy::parse_for(text, &["known-rule", "other-rule"])
        .expect_err("two mistakes")
        .0;
    assert_eq!(told.len(), 2, "{told:#?}");
    for (told, id) in told.iter().zip(["knwon-rule", "red-flag-fracture"]) {
        assert!(told.starts_with("rules.enabled: ") && told.contains(id), "{told}");
        assert!(told.ends_with("known-rule, other-rule"), "{told}");
    }
    let right = "[rules]\nenabled = [\"known-rule\"]\n";
    assert!(Policy::parse_for(right, &["known-rule"]).is_ok());
}

#[test]
fn there_is_no_way_to_switch_a_rule_off() {
    for text in [
        "[rules]\ndisabled = [\"red-flag-fracture\"]\n",
        "[rules]\nred-flag-fracture = false\n",
        "[alerts]\noff = true\n",
    ] {
        assert!(mistakes(text)[0].contains("unknown key"), "{text}");
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
