//! No text that people read promises what nobody can, or repeats a figure nobody could verify.

use care::claims::banned;

use crate::repository::{all_files, read, root};

/// What is written for people: pages, letters, settings and generated documents.
const WRITTEN: [&str; 10] = [
    "md", "txt", "mjml", "html", "svg", "toml", "yml", "yaml", "json", "css",
];

#[test]
fn nothing_that_is_shipped_promises_too_much() {
    let written = all_files(&WRITTEN);
    let shipped = written.iter().filter(|file| {
        // A vignette tells of a patient, and a patient may have any score.
        let is_test = file
            .strip_prefix(root())
            .unwrap()
            .iter()
            .any(|part| part == "tests");
        !is_test
    });
    let mut read_some = 0;
    for file in shipped {
        assert_eq!(banned(&read(file)), None, "{}", file.display());
        read_some += 1;
    }
    assert!(read_some > 10, "the pages were not found");
}

#[test]
fn no_text_of_the_catalogue_promises_too_much() {
    for rule in triggers::catalogue() {
        for text in [
            rule.name,
            rule.effect,
            rule.dedupe,
            rule.rearm,
            rule.evidence_note,
        ] {
            assert_eq!(banned(text), None, "{}: {text}", rule.id);
        }
    }
}

#[test]
fn letters_and_pages_are_among_what_is_read() {
    let written = all_files(&WRITTEN);
    for place in [
        "README.md",
        "CHANGELOG.md",
        "deploy/policy.toml",
        "crates/mailer/templates/letter.mjml",
        "crates/mailer/templates/letter.txt",
    ] {
        assert!(written.contains(&root().join(place)), "{place}");
    }
}
