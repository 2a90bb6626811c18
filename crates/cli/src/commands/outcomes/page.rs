//! The report for people: a table a measure, what it rests on, and its footnotes.

use care::fact::ours::Evidence;
use care::time::{TimeZone, Timestamp};
use outcomes::Report;
use outcomes::figure::{Block, Figure, Shape, Value};

use crate::exit::Failure;
use crate::output::{self, Output, Tone};

/// Characters of a line of prose.
const WIDTH: usize = 104;

pub(super) fn print(report: &Report, output: &Output) -> Result<(), Failure> {
    let from = report.from.map_or_else(|| "the beginning".to_owned(), day);
    output.line(format!(
        "Outcomes from {from} until {} (policy {})",
        day(report.until),
        report.policy
    ))?;
    output.line("Counts only: nobody is named. What a treatment did cannot be read off a report without a comparison.")?;
    for block in &report.blocks {
        print_block(block, report.min_cell, output)?;
    }
    let hidden = report
        .blocks
        .iter()
        .flat_map(|b| &b.figures)
        .any(|f| f.suppressed);
    if hidden {
        output.line("")?;
        prose(
            output,
            &format!("{}  ", hidden_mark(report.min_cell)),
            &format!(
                "a count from 1 to {}, or a figure from which such a count could be computed",
                report.min_cell.saturating_sub(1)
            ),
        )?;
    }
    Ok(())
}

fn print_block(block: &Block, min_cell: u64, output: &Output) -> Result<(), Failure> {
    output.heading(block.title)?;
    let tone = match block.evidence {
        Evidence::Contradicted => Tone::Warn,
        _ => Tone::Plain,
    };
    let label = output.painted(block.evidence.label(), tone);
    prose(output, "", &format!("Evidence: {label}. {}", block.note))?;
    let mut rows: Vec<Vec<output::Value>> = Vec::new();
    let mut shown_group = "";
    for (index, figure) in block.figures.iter().enumerate() {
        if matches!(figure.shape, Shape::Low | Shape::High | Shape::Below) {
            continue;
        }
        let group = if figure.group == shown_group {
            ""
        } else {
            &figure.group
        };
        shown_group = &figure.group;
        let rest = block.figures.get(index + 1..).unwrap_or_default();
        rows.push(vec![
            group_name(group).into(),
            figure.label.as_str().into(),
            value(figure, rest, min_cell).into(),
            n(figure, min_cell).into(),
        ]);
    }
    if rows
        .iter()
        .all(|row| row.first().is_some_and(output::Value::is_empty))
    {
        rows.iter_mut().for_each(|row| drop(row.remove(0)));
        output.table(&["figure", "value", "of"], rows)?;
    } else {
        output.table(&["group", "figure", "value", "of"], rows)?;
    }
    for footnote in &block.footnotes {
        prose(output, "- ", footnote)?;
    }
    Ok(())
}

fn group_name(group: &str) -> String {
    match group {
        "all" => String::new(),
        other => other
            .replace('_', " ")
            .replace("grade:", "")
            .replace("kind:", "")
            .replace("currency:", ""),
    }
}

fn hidden_mark(min_cell: u64) -> String {
    format!("<{min_cell}*")
}

/// A figure with the interval that follows it.
fn value(figure: &Figure, rest: &[Figure], min_cell: u64) -> String {
    if figure.suppressed {
        return hidden_mark(min_cell);
    }
    let with = |wanted: Shape| {
        let mut beside = rest
            .iter()
            .take_while(|f| matches!(f.shape, Shape::Low | Shape::High | Shape::Below));
        beside.find(|f| f.shape == wanted)?.value.as_ref()
    };
    if let Some(below) = with(Shape::Below) {
        return format!("below {}", text(below, Shape::Plain(1)));
    }
    let Some(value) = &figure.value else {
        return absent(figure).to_owned();
    };
    let text_of = |value: &Value| text(value, figure.shape);
    match (with(Shape::Low), with(Shape::High)) {
        (Some(low), Some(high)) => {
            format!("{} (95 %: {} to {})", text_of(value), text_of(low), text_of(high))
        }
        _ => text_of(value),
    }
}

/// Why there is no value although nothing is hidden.
fn absent(figure: &Figure) -> &'static str {
    match (figure.statistic, figure.n) {
        ("perspective" | "price_year", _) => "not stated",
        ("rate_per_10000", _) => "counts only",
        (_, Some(0)) => "–",
        ("km_median_sessions", _) => "not reached",
        _ => "not defined",
    }
}

fn text(value: &Value, shape: Shape) -> String {
    match (value, shape) {
        (Value::Count(count), _) => grouped(&count.to_string()),
        (Value::Word(word), _) => word.replace('_', " "),
        (Value::Number(share), Shape::Percent) => format!("{:.1} %", 100.0 * share),
        (Value::Number(number), Shape::Plain(decimals)) => grouped(&format!("{number:.decimals$}")),
        (Value::Number(number), _) => grouped(&format!("{number:.1}")),
    }
}

fn n(figure: &Figure, min_cell: u64) -> String {
    match (figure.n, figure.suppressed) {
        (Some(n), _) => grouped(&n.to_string()),
        (None, true) if figure.shape != Shape::Plain(0) => hidden_mark(min_cell),
        (None, _) => String::new(),
    }
}

/// `12345.6` as `12,345.6`.
fn grouped(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let (sign, digits) = whole.split_at(usize::from(whole.starts_with('-')));
    let mut out = sign.to_owned();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

/// The day in UTC; an end at midnight is the day before.
fn day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC)
        .strftime("%Y-%m-%d %H:%M UTC")
        .to_string()
}

/// Words in lines of a readable length, the first after a mark and the others under it.
fn prose(output: &Output, mark: &str, text: &str) -> Result<(), Failure> {
    let mut line = mark.to_owned();
    let indent = " ".repeat(mark.chars().count());
    let mut is_fresh = true;
    for word in text.split_whitespace() {
        if !is_fresh && line.chars().count() + 1 + word.chars().count() > WIDTH {
            output.line(&line)?;
            line.clone_from(&indent);
            is_fresh = true;
        }
        if !is_fresh {
            line.push(' ');
        }
        line.push_str(word);
        is_fresh = false;
    }
    output.line(&line)
}
