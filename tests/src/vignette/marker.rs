//! Markers: comment lines that say what the line below shows of a rule, and whether its arrows really show it.

use triggers::ShowsAs;

use super::page::{Page, Step};
use super::sentence::is_somebody;

/// What a line shows of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    /// It is true.
    Fires,
    /// It is just not true.
    Boundary,
    /// The same truth is told once.
    Once,
    /// It is true anew.
    Again,
    /// Facts came late or in the wrong order, and the right thing happens.
    Late,
}

const ASPECTS: [(&str, Aspect); 5] = [
    ("fires", Aspect::Fires),
    ("boundary", Aspect::Boundary),
    ("once", Aspect::Once),
    ("again", Aspect::Again),
    ("late", Aspect::Late),
];

/// `# <rule>: <aspect>` above a line.
#[derive(Debug, Clone)]
pub struct Marker {
    /// File and line.
    pub place: String,
    /// Id of a rule.
    pub rule: String,
    /// What the line shows of it.
    pub aspect: Aspect,
    /// The arrows below the line, or below the last that arrives with it.
    pub arrows: Vec<String>,
}

/// The markers of a page.
///
/// # Errors
/// A comment that reads like a marker and is none, or stands above no line.
pub(super) fn read(name: &str, page: &Page) -> Result<Vec<Marker>, String> {
    let mut markers = Vec::new();
    for (at, line) in page.lines().iter().enumerate().skip(1) {
        let Some((rule, word)) = line.strip_prefix("# ").and_then(|text| text.split_once(": ")) else {
            continue;
        };
        let place = format!("{name}:{}", at + 1);
        let is_id = rule
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !is_id {
            continue;
        }
        let aspect = ASPECTS.iter().find(|(known, _)| *known == word.trim());
        let (_, aspect) = aspect.ok_or_else(|| {
            let known: Vec<&str> = ASPECTS.iter().map(|(known, _)| *known).collect();
            format!("{place}: `{word}`: expected one of {}", known.join(", "))
        })?;
        let arrows =
            arrows(page, at).ok_or_else(|| format!("{place}: this stands above no line with arrows"))?;
        markers.push(Marker {
            place,
            rule: rule.to_owned(),
            aspect: *aspect,
            arrows,
        });
    }
    Ok(markers)
}

/// The arrows of the line below a comment; comments may stand between.
fn arrows(page: &Page, comment: usize) -> Option<Vec<String>> {
    let below = (comment + 1..page.lines().len()).find(|at| !page.lines()[*at].starts_with('#'))?;
    let is_there = |step: &Step| step.sentences.iter().any(|sentence| sentence.number == below + 1);
    let first = page.steps.iter().position(is_there)?;
    let step = page.steps[first..].iter().find(|step| step.expected.is_some())?;
    step.expected.clone()
}

/// How a fact of ours begins or what it contains, as arrows write it.
const FACTS: [(&str, &str); 13] = [
    ("alert.escalated", " escalated ("),
    ("oswestry.due", " due ("),
    ("oswestry.overdue", " overdue, step "),
    ("oswestry.missed", " missed ("),
    ("oswestry.scored", " scored "),
    ("report.outcome", "outcome report"),
    ("report.progress", "progress report"),
    ("session.booked", " booked "),
    ("session.moved", " moved to "),
    ("session.held", " held: "),
    ("session.released", " released: "),
    ("session.cancelled", " cancelled: "),
    ("session.unprepared", " unprepared: "),
];

impl Marker {
    /// What the arrows say that the marker does not; none if they agree.
    #[must_use]
    pub fn mistake(&self) -> Option<String> {
        let Some(rule) = triggers::rule(&self.rule) else {
            return Some(format!("{}: there is no rule {}", self.place, self.rule));
        };
        let says = |arrow: &String| {
            let arrow = bare(arrow);
            let raised = |id: &str| arrow.starts_with(&format!("alert {id} ("));
            match rule.shows_as {
                ShowsAs::Fact(name) => raised(rule.id) || is_said(arrow, name),
                ShowsAs::Part(whole) => raised(whole) && arrow.contains(rule.id),
                _ => raised(rule.id),
            }
        };
        let shown = self.arrows.iter().any(says);
        let expected = match self.aspect {
            Aspect::Fires | Aspect::Again => true,
            Aspect::Boundary | Aspect::Once => false,
            Aspect::Late => return None,
        };
        (shown != expected).then(|| {
            let what = if expected { "say nothing of" } else { "speak of" };
            format!("{}: the arrows {what} {}", self.place, self.rule)
        })
    }
}

/// Whether an arrow says a fact; of one that has no words here, whether it says any fact but an alert.
fn is_said(arrow: &str, fact: &str) -> bool {
    let known = FACTS.iter().find(|(name, _)| *name == fact);
    known.map_or_else(
        || !arrow.starts_with("alert "),
        |(_, words)| arrow.contains(words),
    )
}

/// An arrow without its time and its patient.
fn bare(arrow: &str) -> &str {
    let arrow = match arrow.split_once("  ") {
        Some((when, rest)) if when.len() <= 20 => rest,
        _ => arrow,
    };
    match arrow.split_once(": ") {
        Some((whom, rest)) if is_somebody(whom) => rest,
        _ => arrow,
    }
}
