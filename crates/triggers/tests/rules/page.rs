//! The reference page: what is committed is what the catalogue says.

use std::path::Path;

use triggers::{catalogue, markdown};

#[test]
fn the_committed_page_of_the_rules_is_that_of_the_catalogue() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md");
    let page = markdown();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &page).expect("docs/rules.md");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == page,
        "docs/rules.md is not what the catalogue says; UPDATE_EXPECT=1 rewrites it"
    );
}

#[test]
fn the_page_says_first_what_carebus_does_not_do_and_lists_every_rule_once() {
    let page = markdown();
    let top = page.split("\n## ").next().unwrap_or_default();
    assert!(top.contains("does not diagnose"), "{top}");
    for info in catalogue() {
        let named = format!("\n`{}`, version {}\n", info.id, info.version);
        assert_eq!(page.matches(&named).count(), 1, "{}", info.id);
    }
}
