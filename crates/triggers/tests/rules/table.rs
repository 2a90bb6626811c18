//! The catalogue as data: every row complete, every id once, no claim repeated.

use std::collections::BTreeSet;

use care::Policy;
use care::fact::ours::Severity;
use care::id::RuleId;
use care::policy::DEFAULT_TOML;
use triggers::{ShowsAs, catalogue, off_by_default, rule};

#[test]
fn every_row_says_what_a_reader_needs() {
    for info in catalogue() {
        assert!(RuleId::new(info.id).is_ok(), "{}", info.id);
        for text in [
            info.name,
            info.group,
            info.effect,
            info.dedupe,
            info.rearm,
            info.evidence_note,
        ] {
            assert!(!text.is_empty(), "{}: an empty text", info.id);
            assert!(!text.contains("  "), "{}: {text}", info.id);
        }
        let is_silent = info.id == "odi-early-or-extra"
            || info.shows_as == ShowsAs::BuildTest
            || info.shows_as == ShowsAs::Registry && info.severity == Severity::Info;
        assert_eq!(info.roles.is_empty(), is_silent, "{}: roles", info.id);
        assert_eq!(rule(info.id).map(|r| r.id), Some(info.id));
    }
}

#[test]
fn every_id_is_there_once() {
    let ids: BTreeSet<&str> = catalogue().map(|info| info.id).collect();
    assert_eq!(ids.len(), catalogue().len());
    assert_eq!(ids.len(), 100);
}

#[test]
fn three_rules_are_off_by_default_and_the_policy_file_names_them() {
    let off = ["caution-epilepsy", "payer-cap-cms", "nsaid-otc-10-days"];
    assert_eq!(off_by_default(), off);
    let known = format!(
        "# Rules that are off unless named here. Known: {}.",
        off.join(", ")
    );
    assert!(DEFAULT_TOML.contains(&known), "{known}");
}

#[test]
fn no_policy_switches_a_safety_rule_off() {
    let mut policies = vec![Policy::default()];
    for text in [
        "enabled = []",
        "enabled = [\"caution-epilepsy\"]",
        "enabled = [\"\"]",
    ] {
        policies.push(Policy::parse(&format!("[rules]\n{text}\n")).expect("a policy"));
    }
    for info in catalogue().filter(|info| info.safety) {
        assert!(info.default_on, "{}", info.id);
        for policy in &policies {
            assert!(info.is_on(policy), "{}", info.id);
        }
    }
}

/// Urgent, but it is about what was done and holds nothing.
const AFTER_THE_FACT: [&str; 1] = ["needle-single-use"];

#[test]
fn urgent_rules_about_holds_are_safety_rules() {
    let urgent = catalogue().filter(|i| i.severity >= Severity::Urgent);
    for info in urgent.filter(|i| !AFTER_THE_FACT.contains(&i.id)) {
        assert!(info.safety, "{}", info.id);
    }
}

#[test]
fn facts_that_speak_for_themselves_and_parts_of_the_composite_are_marked() {
    let mut marked: Vec<(&str, ShowsAs)> = catalogue()
        .filter(|i| !matches!(i.shows_as, ShowsAs::Alert | ShowsAs::Registry))
        .map(|i| (i.id, i.shows_as))
        .collect();
    marked.sort_by_key(|(id, _)| *id);
    assert_eq!(
        marked,
        [
            ("discharge-closes", ShowsAs::Fact("report.outcome")),
            ("ea-before-pt-48h", ShowsAs::Fact("session.booked")),
            ("ea-closed-day", ShowsAs::Fact("session.booked")),
            ("ea-pt-gap-out-of-window", ShowsAs::Fact("session.moved")),
            ("hold-suspends-scheduling", ShowsAs::Fact("session.held")),
            ("landmark-bl23", ShowsAs::BuildTest),
            ("no-cure-claim", ShowsAs::BuildTest),
            ("odi-due", ShowsAs::Fact("oswestry.due")),
            ("odi-early-or-extra", ShowsAs::Fact("oswestry.scored")),
            ("odi-overdue", ShowsAs::Fact("oswestry.overdue")),
            ("outcome-12-week", ShowsAs::Fact("report.outcome")),
            ("point-distal-min-one", ShowsAs::Part("fidelity-deviation")),
            ("point-total-min-four", ShowsAs::Part("fidelity-deviation")),
            ("pt-lead-too-short", ShowsAs::Fact("session.unprepared")),
            ("pt-moved-after-ea", ShowsAs::Fact("session.booked")),
            ("red-flag-unacknowledged", ShowsAs::Fact("alert.escalated")),
            ("retention-under-15", ShowsAs::Part("fidelity-deviation")),
        ]
    );
}

#[test]
fn the_table_can_be_printed_and_repeats_no_claim() {
    let rows: Vec<_> = catalogue().collect();
    let json = serde_json::to_string(&rows).expect("rows");
    assert!(json.contains(r#""id":"contra-active-infection-site""#));
    assert!(json.contains(r#""source":"source text""#));
    for row in rows {
        let json = serde_json::to_string_pretty(row).expect("a row");
        assert_eq!(care::claims::banned(&json), None, "{}", row.id);
    }
}
