//! Every sentence a person reads, pinned: letters beside their inputs, rewritten with `UPDATE_EXPECT=1`.

#![expect(clippy::unwrap_used, reason = "a helper that cannot go on fails its test")]

use std::path::{Path, PathBuf};

use care::phi::Phi;
use mailer::letter::{
    About, Disclosure, Letter, Notice, Rendered, SessionChange, render, render_digest, render_log_letter,
};
use proptest::prelude::*;

#[path = "letters/cases.rs"]
mod cases;
#[path = "letters/pictures.rs"]
mod pictures;
#[path = "letters/reports.rs"]
mod reports;
#[path = "letters/words.rs"]
mod words;

use words::{visible_words, words};

fn rendered(letter: &Letter) -> Rendered {
    render(letter, &cases::look()).unwrap()
}

/// Every letter and every digest, by its name.
fn everything() -> Vec<(&'static str, Rendered)> {
    let letters = cases::all()
        .into_iter()
        .map(|(name, letter)| (name, rendered(&letter)));
    let digests = cases::digests().into_iter();
    letters
        .chain(digests.map(|(name, digest)| (name, render_digest(&digest, &cases::look()).unwrap())))
        .chain(
            cases::log_letters()
                .into_iter()
                .map(|(name, letter)| (name, render_log_letter(&letter, &cases::look()).unwrap())),
        )
        .collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/letters")
}

fn check(file: &str, actual: &str) {
    let path = folder().join(file);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, actual).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == actual,
        "{file} differs; UPDATE_EXPECT=1 rewrites it. Now it is:\n{actual}"
    );
}

#[test]
fn letters_read_as_reviewed() {
    for (name, letter) in everything() {
        let Rendered {
            subject, text, html, ..
        } = letter;
        check(
            &format!("{name}.txt"),
            &format!("Subject: {subject}\n\n{}", text.expose()),
        );
        check(&format!("{name}.html"), html.expose());
    }
}

#[test]
fn every_expected_letter_has_a_case() {
    let names: Vec<_> = everything()
        .into_iter()
        .map(|(name, _)| name.to_owned())
        .collect();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "rs") {
            continue;
        }
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(names.contains(&stem), "{} is nobody's", path.display());
    }
}

#[test]
fn rendering_twice_gives_the_same_bytes() {
    for (name, letter) in cases::all() {
        assert_eq!(rendered(&letter), rendered(&letter), "{name}");
    }
}

#[test]
fn both_parts_say_the_same() {
    for (name, Rendered { text, html, .. }) in everything() {
        let (mut in_text, mut in_html) = (words(text.expose()), visible_words(html.expose()));
        // The link stands before its target in one part and after it in the other.
        in_text.sort();
        in_html.sort();
        assert_eq!(in_text, in_html, "{name}");
    }
}

#[test]
fn the_html_is_accessible_and_loads_nothing() {
    for (name, letter) in everything() {
        let html = letter.html.into_inner();
        assert!(html.contains("<html lang=\"en\""), "{name}");
        assert_eq!(html.matches("<h1").count(), 1, "{name} has one h1");
        assert!(
            html.contains("content=\"light dark\"") && html.contains("prefers-color-scheme: dark"),
            "{name}"
        );
        // A picture comes with the mail, and its numbers stand in its place where it is not shown.
        let pictures: Vec<&str> = html.split("<img ").skip(1).collect();
        for tag in &pictures {
            assert!(
                tag.contains("src=\"cid:") && tag.contains("alt=\""),
                "{name}: {tag}"
            );
        }
        assert_eq!(html.matches("src=").count(), pictures.len(), "{name}");
        for remote in ["<link", "@import", "url(", "<script", "<iframe", "background="] {
            assert!(!html.contains(remote), "{name} holds {remote}");
        }
        for table in html.split("<table").skip(1) {
            let tag = table.split_once('>').unwrap().0;
            let rows = table.split("</table>").next().unwrap();
            assert!(
                tag.contains("role=\"presentation\"") || rows.contains("<th scope="),
                "{name}: <table{tag}>"
            );
        }
        assert!(
            html.len() < 40_000,
            "{name} has {} bytes; some readers clip at 100 kB",
            html.len()
        );
    }
}

/// What a letter must not say: claims of the source text that independent sources do not carry.
const BANNED: &[&str] = &[
    "who protocol",
    "world health",
    "cure",
    "cures",
    "cured",
    "guarantee",
    "guaranteed",
    "guarantees",
    "proven",
    "proves",
    "41 %",
    "41%",
    "62 %",
    "62%",
    "level i",
    "gold standard",
    "cochrane",
    "nice guideline",
    "first-line",
    "scientifically",
    "clinically shown",
    "breakthrough",
    "risk-free",
    "no side effects",
    "heal",
    "heals",
    "relieves",
];

fn banned(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    BANNED.iter().copied().find(|claim| {
        text.match_indices(claim).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + claim.len()..].chars().next();
            !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
        })
    })
}

#[test]
fn nothing_we_send_makes_a_banned_claim() {
    assert_eq!(banned("Follows the WHO protocol."), Some("who protocol"));
    assert_eq!(banned("an obscure word, securely stored"), None);
    for (name, letter) in everything() {
        let Rendered {
            subject, text, html, ..
        } = letter;
        for part in [&subject, text.expose(), html.expose()] {
            assert_eq!(banned(part), None, "{name}");
        }
    }
    let src = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["templates", "src", "src/letter", "src/invitation"] {
        for entry in std::fs::read_dir(src.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                assert_eq!(
                    banned(&std::fs::read_to_string(&path).unwrap()),
                    None,
                    "{}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn each_level_of_disclosure_keeps_back_what_it_must() {
    for (name, mut letter) in cases::all() {
        if matches!(letter.about, About::Practitioner { .. }) {
            continue;
        }
        for (level, hidden) in [
            (
                Disclosure::LinkOnly,
                vec![
                    "Jane Example",
                    "E-4711",
                    "Red flag",
                    "Foot drop",
                    "52",
                    "Seen today",
                    "Harbour",
                ],
            ),
            (Disclosure::Pseudonymous, vec!["Jane Example", "Seen today"]),
            (Disclosure::Identified, vec![]),
        ] {
            letter.disclosure = level;
            let Rendered {
                subject, text, html, ..
            } = rendered(&letter);
            for secret in &hidden {
                // Colours and sizes of the HTML hold numbers; its words are those of the text.
                let html = visible_words(html.expose()).join(" ");
                assert!(
                    !text.expose().contains(secret) && !html.contains(secret),
                    "{name} shows {secret} at {level:?}"
                );
            }
            for secret in ["Jane Example", "E-4711", "Harbour", "2026"] {
                assert!(!subject.contains(secret), "{name}: {subject}");
            }
        }
    }
}

#[test]
fn a_digest_keeps_back_what_its_level_says() {
    for (name, mut digest) in cases::digests() {
        for (level, hidden) in [
            (
                Disclosure::LinkOnly,
                vec!["Jane Example", "E-4711", "Oswestry", "missed", "52"],
            ),
            (Disclosure::Pseudonymous, vec!["Jane Example"]),
            (Disclosure::Identified, vec![]),
        ] {
            digest.disclosure = level;
            let Rendered {
                subject, text, html, ..
            } = render_digest(&digest, &cases::look()).unwrap();
            for secret in hidden {
                let html = visible_words(html.expose()).join(" ");
                let shown =
                    text.expose().contains(secret) || html.contains(secret) || subject.contains(secret);
                assert!(!shown, "{name} shows {secret} at {level:?}");
            }
        }
    }
}

#[test]
fn hostile_texts_stay_text() {
    let hostile = "<img src=x onerror=alert(1)>\r\nBcc: all@evil.example\0 {{ 7*7 }} </mj-text>\u{202E}";
    let mut letter = cases::letter(cases::session(SessionChange::Held {
        because: hostile.repeat(200),
    }));
    letter.disclosure = Disclosure::Identified;
    letter.about = About::Patient {
        id: hostile.into(),
        their_ref: Some(Phi::new(hostile.into())),
        name: Some(Phi::new("\u{202E}".repeat(100_000))),
    };
    letter.reader.role = hostile.into();
    letter.undeliverable_roles = vec![hostile.into()];
    let mut alert = cases::alert();
    alert.alert.title = hostile.into();
    alert.first = hostile.into();
    letter.more = vec![Notice::Alert(alert)];
    let Rendered {
        subject, text, html, ..
    } = rendered(&letter);
    assert!(
        !subject.contains(['\r', '\n', '\0', '\u{202E}']) && subject.chars().count() < 200,
        "{subject}"
    );
    assert!(!html.expose().contains("<img") && html.expose().contains("&lt;img"));
    assert!(!html.expose().contains("49") || html.expose().contains("{{ 7*7 }}"));
    for part in [text.expose(), html.expose()] {
        assert!(!part.contains(['\r', '\0', '\u{202E}']));
        assert!(!part.lines().any(|line| line.trim_start().starts_with("Bcc:")));
        assert!(part.len() < 60_000);
    }
}

#[test]
fn a_letter_does_not_show_persons_in_debug_output() {
    let shown = format!("{:?}", cases::all());
    for secret in ["Jane Example", "E-4711", "Seen today", "Mei Example"] {
        assert!(!shown.contains(secret), "{secret}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_renders_and_both_parts_still_say_the_same(text in "(?s).{0,80}|[<>&;{}%\"'/!\\[\\] a-]{0,40}") {
        let mut alert = cases::alert();
        alert.alert.title = text.clone();
        alert.first = text.clone();
        alert.holds = vec![text.clone(), text.clone()];
        alert.happened[0].label = text.clone();
        alert.happened[0].value = text.clone();
        let mut letter = cases::letter(Notice::Alert(alert));
        letter.reader.role = text;
        let Rendered { text, html, .. } = rendered(&letter);
        let (mut in_text, mut in_html) = (words(text.expose()), visible_words(html.expose()));
        in_text.sort();
        in_html.sort();
        prop_assert_eq!(in_text, in_html);
    }
}

#[test]
fn no_letter_makes_a_claim_that_must_not_be_made() {
    for (name, Rendered { subject, text, .. }) in everything() {
        let said = format!("{subject}\n{}", text.expose());
        assert_eq!(care::claims::banned(&said), None, "{name}");
    }
}
