//! What is written about security is what the program does: the page of rights, and the advisories that are let pass.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use bus::permissions::{Holder, table};
use care::id::{ClinicId, OrgId};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Credentials across, subjects down; the order is that of the table.
fn rights() -> String {
    let clinic = ClinicId::new("eastside-pt").unwrap();
    let rows = table(&OrgId::new("acme").unwrap(), &[clinic]);
    let mut text = "| subject |".to_owned();
    for row in &rows {
        let name = if matches!(row.holder, Holder::Clinic(_)) {
            "clinic"
        } else {
            &row.user
        };
        write!(text, " {name} |").unwrap();
    }
    write!(text, "\n|---|{}\n", ":-:|".repeat(rows.len())).unwrap();
    let mut seen = BTreeSet::new();
    let said = rows.iter().flat_map(|row| row.publish.iter().map(|s| (false, s)));
    let heard = rows
        .iter()
        .flat_map(|row| row.subscribe.iter().map(|s| (true, s)));
    for (is_heard, subject) in said.chain(heard) {
        if !seen.insert((is_heard, subject)) {
            continue;
        }
        let verb = if is_heard { "hear " } else { "" };
        write!(text, "| {verb}`{subject}` |").unwrap();
        for row in &rows {
            let list = if is_heard { &row.subscribe } else { &row.publish };
            text += if list.contains(subject) { " ● |" } else { "  |" };
        }
        text.push('\n');
    }
    text
}

#[test]
fn the_page_says_who_may_do_what() {
    const BEGIN: &str = "<!-- the table, held by tests/tests/security.rs -->\n";
    const END: &str = "<!-- end of the table -->";
    let file = root().join("docs/security.md");
    let page = std::fs::read_to_string(&file).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (told, after) = rest.split_once(END).unwrap();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&file, format!("{before}{BEGIN}{}{END}{after}", rights())).unwrap();
        return;
    }
    assert_eq!(told, rights(), "UPDATE_EXPECT=1 writes it anew");
}

#[test]
fn an_advisory_is_let_pass_with_a_reason_and_a_date() {
    let text = std::fs::read_to_string(root().join("deny.toml")).unwrap();
    let deny: toml::Table = text.parse().unwrap();
    for ignored in deny["advisories"]["ignore"].as_array().unwrap() {
        let (id, reason) = (
            ignored["id"].as_str().unwrap(),
            ignored["reason"].as_str().unwrap(),
        );
        let date = reason
            .rsplit_once('(')
            .and_then(|(_, date)| date.strip_suffix(')'));
        let is_date = date.is_some_and(|date| date.parse::<care::time::Date>().is_ok());
        assert!(id.starts_with("RUSTSEC-") && is_date, "{id}: {reason}");
    }
}
