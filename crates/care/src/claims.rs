//! What no text may say: promises of recovery, a sponsor we do not have, figures nobody could verify.

/// Wording that no label makes right, in whole words. `*` stands for any ending; `WHO` is meant in capitals, because
/// people who approved something are another matter.
const PROMISES: [(&str, &str); 11] = [
    ("cure", CURE),
    ("cures", CURE),
    ("cured", CURE),
    ("curing", CURE),
    ("curative", CURE),
    ("guarantee*", "gives a guarantee"),
    ("WHO approved", SPONSOR),
    ("WHO endorsed", SPONSOR),
    (concat!("WHO ", "protocol*"), SPONSOR),
    ("approved by the WHO", SPONSOR),
    ("endorsed by the WHO", SPONSOR),
];
const CURE: &str = "promises a cure";
const SPONSOR: &str = "names the WHO as a sponsor";

/// Figures of the source text that no independent source confirms, in percent.
const PERCENTAGES: [&str; 4] = ["31", "38", "41", "62"];

/// The ways in which the rate of bruises is written.
const RATES: [&str; 5] = [
    "1.3 per 10,000",
    "1.3 per 10 000",
    "1.3 per 10000",
    "1.3 in 10,000",
    "1.3/10,000",
];

/// A figure may stand where its own paragraph says what it is worth.
const LABELS: [&str; 2] = ["unverified", "contradicted"];

/// This rule's own name in the catalogue.
const OWN_NAME: &str = "no-cure-claim";

/// What is wrong with a text that people will read; none if nothing is.
///
/// Promises are never right. An unverified figure is, if its paragraph (up to the next empty line) calls it so.
#[must_use]
pub fn banned(text: &str) -> Option<&'static str> {
    let text = text.replace(['\u{a0}', '\u{202f}'], " ");
    let text = text.replace("\r\n", "\n").replace(OWN_NAME, " ");
    // A row of a table speaks for itself.
    let text = text.replace("\n|", "\n\n|");
    text.split("\n\n").find_map(in_paragraph)
}

fn in_paragraph(text: &str) -> Option<&'static str> {
    let words: Vec<&str> = text
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let promise = PROMISES.iter().find(|(phrase, _)| says(&words, phrase));
    if let Some((_, what)) = promise {
        return Some(what);
    }
    let text = text.to_lowercase();
    let is_labelled = LABELS.iter().any(|label| text.contains(label));
    let has_figure = || {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        PERCENTAGES.iter().any(|figure| gives_percent(&line, figure))
            || RATES
                .iter()
                .any(|rate| stands_alone(&line, rate).next().is_some())
    };
    (!is_labelled && has_figure()).then_some("gives a figure that nobody could verify")
}

fn says(words: &[&str], phrase: &str) -> bool {
    let phrase: Vec<&str> = phrase.split(' ').collect();
    let is = |(word, wanted): (&&str, &&str)| match wanted.strip_suffix('*') {
        Some(stem) => word.to_lowercase().starts_with(stem),
        None if *wanted == "WHO" => word == wanted,
        None => word.to_lowercase() == *wanted,
    };
    words
        .windows(phrase.len())
        .any(|window| window.iter().zip(&phrase).all(is))
}

/// `41 %`, `41%`, `41 percent`, but not `141 %`, `0.41 %` or the `width:41%;` of a style sheet.
fn gives_percent(text: &str, figure: &str) -> bool {
    stands_alone(text, figure).any(|(before, after)| {
        let rest = after.trim_start_matches(' ');
        let is_percent = ["%", "percent", "per cent"]
            .iter()
            .any(|sign| rest.starts_with(sign));
        let is_style = after
            .strip_prefix('%')
            .is_some_and(|after| after.starts_with([';', '}', '"', '\'']))
            && before.trim_end().ends_with([':', '"', '\'', '=']);
        is_percent && !is_style
    })
}

/// What stands before and after each place of a number that is not part of a longer one.
fn stands_alone<'t>(text: &'t str, number: &'t str) -> impl Iterator<Item = (&'t str, &'t str)> {
    text.match_indices(number).filter_map(move |(at, _)| {
        let (before, after) = (&text[..at], &text[at + number.len()..]);
        let is_longer = before.ends_with(|c: char| c.is_ascii_digit() || c == '.' || c == ',')
            || after.starts_with(|c: char| c.is_ascii_digit());
        (!is_longer).then_some((before, after))
    })
}
