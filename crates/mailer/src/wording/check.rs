//! What an organisation's texts have to hold before a letter is written with them.

use care::claims::banned;

use super::samples::{look, samples};
use super::{Files, Wording};
use crate::letter::render_with;

/// Claims that no text of carebus makes, by file.
pub(super) fn claims(files: &Files) -> Vec<String> {
    let texts = [&files.text, &files.mjml, &files.words];
    let named = super::FILES
        .iter()
        .zip(texts)
        .filter_map(|(name, text)| Some((name, text.as_ref()?)));
    named
        .filter_map(|(name, text)| Some(format!("{name}: {}", banned(text)?)))
        .collect()
}

/// Every kind of letter is rendered; each part has to say whom it is about and what to do, and to load nothing.
pub(super) fn letters(wording: &Wording) -> Vec<String> {
    let Some(templates) = &wording.templates else {
        return Vec::new();
    };
    let look = look(wording);
    let mut mistakes = Vec::new();
    for sample in samples() {
        let rendered = match render_with(&sample.letter, &look, templates) {
            Ok(rendered) => rendered,
            Err(error) => {
                mistakes.push(format!("{error} (in a letter about {})", sample.name));
                continue;
            }
        };
        let text = words(rendered.text.expose());
        let html = words(&without_tags(rendered.html.expose()));
        for needed in sample.needed {
            for (file, part) in [("letter.txt", &text), ("letter.mjml", &html)] {
                if !part.contains(&words(needed)) {
                    mistakes.push(format!(
                        "{file}: a letter about {} does not say \"{needed}\"",
                        sample.name
                    ));
                }
            }
        }
        if let Some(loaded) = loaded(rendered.html.expose()) {
            mistakes.push(format!(
                "letter.mjml: {loaded}, but nothing in a letter may be loaded from elsewhere"
            ));
        }
    }
    // What one template does wrong, it does in every letter.
    mistakes.dedup();
    mistakes
}

/// Words with one space between them.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn without_tags(html: &str) -> String {
    let body = html.split_once("<body").map_or(html, |(_, body)| body);
    let pieces = body.split('<').filter_map(|piece| piece.split_once('>'));
    pieces.map(|(_, text)| text).collect::<Vec<_>>().join(" ")
}

/// What an HTML part would load; pictures that travel with the mail are its own.
fn loaded(html: &str) -> Option<&'static str> {
    let html = html.to_ascii_lowercase();
    let foreign = html.split("src=\"").skip(1).any(|src| !src.starts_with("cid:"));
    let others = [
        ("<script", "it runs a script"),
        ("<iframe", "it holds a frame"),
        ("<link", "it links a style sheet"),
        ("@import", "it imports a style sheet"),
        ("url(", "a style loads something"),
        ("background=\"http", "a background is loaded"),
    ];
    let other = others.iter().find(|(sign, _)| html.contains(sign));
    other
        .map(|(_, what)| *what)
        .or_else(|| foreign.then_some("a picture is loaded"))
}
