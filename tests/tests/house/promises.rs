//! The table of promises in docs/promises.md cannot rot: every test it names exists, every row names one or says why not.

use std::collections::BTreeSet;

use crate::repository::{all_files, read, root};

/// The cells of every row of the page's tables, without heads and rules.
fn rows(page: &str) -> Vec<Vec<&str>> {
    let cells = |line| -> Vec<&str> { str::split(line, '|').map(str::trim).collect() };
    let lines: Vec<&str> = page.lines().filter(|line| line.starts_with('|')).collect();
    let is_rule = |line: &str| line.starts_with("|---");
    let heads = lines.windows(2).filter(|two| is_rule(two[1])).map(|two| two[0]);
    let heads: BTreeSet<&str> = heads.collect();
    let rows = lines
        .iter()
        .filter(|line| !is_rule(line) && !heads.contains(**line));
    rows.map(|line| {
        let cells = cells(line);
        cells[1..cells.len() - 1].to_vec()
    })
    .collect()
}

/// Names of tests in a cell: code with underscores and in small letters.
fn tests_in(cell: &str) -> impl Iterator<Item = &str> {
    let code = cell.split('`').skip(1).step_by(2);
    let is_name = |name: &&str| {
        let small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        name.contains('_') && name.bytes().all(small)
    };
    code.filter(is_name)
}

/// Functions of the sources that are marked as tests, those in the braces of `proptest!` included.
fn tests_of_the_sources() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in all_files(&["rs"]) {
        let text = read(&file);
        let mut is_marked = false;
        for line in text.lines().map(str::trim_start) {
            if let Some((_, rest)) = line.split_once("fn ")
                && (line.starts_with("fn ") || line.starts_with("async fn "))
            {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
                if is_marked {
                    found.insert(rest[..end.unwrap_or(rest.len())].to_owned());
                }
                is_marked = false;
            } else if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                is_marked = true;
            } else if line.starts_with("#[ignore") {
                is_marked = false;
            }
        }
    }
    found
}

#[test]
fn every_promise_and_every_fault_has_a_test_that_exists() {
    let page = read(&root().join("docs/promises.md"));
    let rows = rows(&page);
    let tests = tests_of_the_sources();
    let mut wrong = Vec::new();
    for row in &rows {
        let mut named = 0;
        let shown = row.last().unwrap_or(&"");
        for name in tests_in(shown) {
            named += 1;
            if !tests.contains(name) {
                wrong.push(format!("{}: there is no test `{name}`", row[0]));
            }
        }
        if named == 0 && !shown.starts_with("not here: ") {
            wrong.push(format!("{}: no test, and no reason", row[0]));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    for promise in 1..=8 {
        let name = format!("P{promise}");
        assert!(rows.iter().any(|row| row[0] == name), "{name} has no row");
    }
    assert!(rows.len() > 25, "the tables were not found: {} rows", rows.len());
}
