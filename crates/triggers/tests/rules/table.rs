//! The catalogue as data: every row complete, every id once, no claim repeated.

use std::collections::BTreeSet;

use care::fact::ours::Severity;
use care::id::RuleId;
use triggers::{ShowsAs, catalogue, rule};

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
            || matches!(info.shows_as, ShowsAs::Registry | ShowsAs::BuildTest);
        assert_eq!(info.roles.is_empty(), is_silent, "{}: roles", info.id);
        assert_eq!(rule(info.id).map(|r| r.id), Some(info.id));
    }
}

#[test]
fn every_id_is_there_once() {
    let ids: BTreeSet<&str> = catalogue().map(|info| info.id).collect();
    assert_eq!(ids.len(), catalogue().len());
    assert_eq!(ids.len(), 11 + 10 + 9 + 4 + 5 + 15 + 3);
}

#[test]
fn only_epilepsy_is_off_by_default_and_no_safety_rule_is() {
    let off: Vec<&str> = catalogue()
        .filter(|info| !info.default_on)
        .map(|info| info.id)
        .collect();
    assert_eq!(off, ["caution-epilepsy"]);
    assert!(catalogue().all(|info| info.default_on || !info.safety));
}

#[test]
fn urgent_rules_about_holds_are_safety_rules() {
    for info in catalogue().filter(|i| i.severity >= Severity::Urgent) {
        assert!(info.safety, "{}", info.id);
    }
}

#[test]
fn facts_that_speak_for_themselves_and_parts_of_the_composite_are_marked() {
    let mut marked: Vec<(&str, ShowsAs)> = catalogue()
        .filter(|i| i.shows_as != ShowsAs::Alert)
        .map(|i| (i.id, i.shows_as))
        .collect();
    marked.sort_by_key(|(id, _)| *id);
    assert_eq!(
        marked,
        [
            ("acute-30min-drop", ShowsAs::Registry),
            ("cobenefit-sleep-mood", ShowsAs::Registry),
            ("expect-session-3-sleep-stiffness", ShowsAs::Registry),
            ("no-cure-claim", ShowsAs::BuildTest),
            ("odi-due", ShowsAs::Fact("oswestry.due")),
            ("odi-early-or-extra", ShowsAs::Fact("oswestry.scored")),
            ("odi-overdue", ShowsAs::Fact("oswestry.overdue")),
            ("outcome-12-week", ShowsAs::Fact("report.outcome")),
            ("point-distal-min-one", ShowsAs::Part("fidelity-deviation")),
            ("point-total-min-four", ShowsAs::Part("fidelity-deviation")),
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
