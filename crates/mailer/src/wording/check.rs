//! What an organisation's texts have to hold before a letter is written with them.

use care::claims::banned;

use super::samples::{Sample, look, samples};
use super::{Files, Wording};
use crate::letter::{RenderError, Rendered, render_with};

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

/// Every kind of letter is rendered; each part has to say whom it is about and what to do, and to load nothing. What a
/// template does wrong is told of the first letter that shows it.
pub(super) fn letters(wording: &Wording) -> Vec<String> {
    let Some(templates) = &wording.templates else {
        return Vec::new();
    };
    let look = look(wording);
    let mut mistakes: Vec<(String, &'static str)> = Vec::new();
    for sample in samples() {
        let found = match render_with(&sample.letter, &look, templates) {
            Ok(rendered) => in_letter(&sample, &rendered),
            Err(error) => vec![failed(error)],
        };
        for mistake in found {
            if !mistakes.iter().any(|(known, _)| *known == mistake) {
                mistakes.push((mistake, sample.name));
            }
        }
    }
    mistakes
        .into_iter()
        .map(|(mistake, name)| format!("{mistake} (in a letter about {name})"))
        .collect()
}

fn failed(error: RenderError) -> String {
    match error {
        RenderError::Template { template, kind, line } => {
            let line = line.map_or_else(String::new, |line| format!("line {line}: "));
            format!("{template}: {line}{kind}")
        }
        RenderError::Mjml => "letter.mjml: it does not give valid MJML".to_owned(),
    }
}

fn in_letter(sample: &Sample, rendered: &Rendered) -> Vec<String> {
    let text = words(rendered.text.expose());
    let html = words(&without_tags(rendered.html.expose()));
    let mut mistakes = Vec::new();
    for needed in &sample.needed {
        for (file, part) in [("letter.txt", &text), ("letter.mjml", &html)] {
            if !part.contains(&words(needed)) {
                mistakes.push(format!("{file}: it does not say \"{needed}\""));
            }
        }
    }
    mistakes
        .extend(loaded(rendered.html.expose()).map(|what| {
            format!("letter.mjml: {what}, but nothing in a letter may be loaded from elsewhere")
        }));
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
