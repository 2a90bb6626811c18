//! `rules`: the table, one rule whole, a group, and the page.

use crate::support::Desk;

#[test]
fn one_rule_is_shown_whole_and_a_group_alone() {
    let desk = Desk::new();
    let one = desk.run("rules no-change-by-session-four").succeeds().out;
    for words in [
        "version 2",
        "Evidence",
        "Source",
        "rules.no_change_below_percent",
        "Anew",
    ] {
        assert!(one.contains(words), "no {words:?} in {one}");
    }
    let row = desk.run("rules ea-missed --json").succeeds().json();
    assert_eq!(row["id"], "ea-missed");
    let group = desk.run("rules --group scheduling --json").succeeds().json();
    let group = group.as_array().unwrap();
    assert!(group.iter().any(|r| r["id"] == "ea-missed") && group.iter().all(|r| r["group"] == "scheduling"));
}

#[test]
fn a_rule_that_is_not_there_names_its_neighbours() {
    let desk = Desk::new();
    desk.run("rules ea-mised")
        .fails(66, &["there is no rule ea-mised", "ea-missed"]);
    desk.run("rules --group x").fails(66, &["scheduling"]);
    desk.run("rules ea-missed --group scheduling")
        .fails(2, &["cannot be used with"]);
}

#[test]
fn the_page_is_the_one_that_is_committed() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md");
    let printed = Desk::new().run("rules --markdown").succeeds().out;
    assert_eq!(printed, std::fs::read_to_string(page).unwrap());
}
