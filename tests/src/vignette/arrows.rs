//! Arrows: what carebus did after a line, read, written and compared.

use super::page::Step;

/// How it is written that nothing followed.
pub(super) const SILENCE: &str = "(silence)";

/// Where arrows stand, so that they line up below the sentences.
const INDENT: &str = "                 ";
/// Lines are not longer than this; what is longer goes on below.
const WIDTH: usize = 112;

/// The text of an arrow.
pub(super) fn read(line: &str) -> Option<&str> {
    let text = line.trim_start();
    text.strip_prefix("->")
        .filter(|_| text.len() < line.len())
        .map(str::trim)
}

/// Arrows as lines of a file; below a setting silence goes without saying.
pub(super) fn lines(got: &[String], say_silence: bool) -> Vec<String> {
    if got.is_empty() && say_silence {
        return vec![format!("{INDENT}-> {SILENCE}")];
    }
    got.iter().flat_map(|arrow| wrapped(arrow)).collect()
}

fn wrapped(arrow: &str) -> Vec<String> {
    let mut lines = vec![format!("{INDENT}->")];
    for word in arrow.split(' ') {
        let last = lines
            .last_mut()
            .filter(|line| line.chars().count() + 1 + word.chars().count() <= WIDTH);
        match last {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(format!("{INDENT}     {word}")),
        }
    }
    lines
}

/// What differs below a step, with its line in front; none if it is as written.
pub(super) fn difference(step: &Step, got: Option<&[String]>) -> Option<String> {
    let expected = step.expected.as_deref();
    let as_written = match (expected, got) {
        (Some(expected), Some(got)) => expected == got,
        (None, Some(got)) => got.is_empty() && !step.is_dated(),
        (None, None) => true,
        (Some(_), None) => false,
    };
    if as_written {
        return None;
    }
    let what = step
        .sentences
        .last()
        .map_or("", |sentence| sentence.text.as_str());
    let mut lines = vec![format!("{}: {}  {what}", step.number, step.when)];
    let side = |sign: char, arrows: Option<&[String]>, none: &str| match arrows {
        None => vec![format!("  {sign} {none}")],
        Some([]) => vec![format!("  {sign} -> {SILENCE}")],
        Some(arrows) => arrows
            .iter()
            .map(|arrow| format!("  {sign} -> {arrow}"))
            .collect(),
    };
    lines.extend(side(
        '-',
        expected,
        "no arrow, and it does not arrive together with the next line",
    ));
    lines.extend(side(
        '+',
        got,
        "nothing can follow: carebus is down, or this arrives together with the next line",
    ));
    Some(lines.join("\n"))
}
