//! `carebus explain`: why something exists, from the log alone, and the same each time it is asked.

mod alert;
mod inputs;
mod measured;
mod people;
mod reasons;
mod session;
mod story;
mod timing;

use std::process::ExitCode;

use care::id::PatientId;
use care::sentence::moment;
use care::time::TimeZone;
use serde::Serialize;

use crate::args::Explain;
use crate::config::{Config, read_policy};
use crate::exit::{Exit, Failure};
use crate::fold::{self, Folded};
use crate::output::Output;
use reasons::Reasons;
use story::{Step, Story};

/// What an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Alert,
    Session,
    Notice,
    Fact,
}

/// The whole answer.
#[derive(Debug, Serialize)]
struct Explanation {
    kind: Kind,
    id: String,
    patient: Option<PatientId>,
    #[serde(flatten)]
    reasons: Reasons,
    /// The facts it rests on.
    because: Vec<Step>,
    /// What led to it, what it is, and what came of it, in log order.
    chain: Vec<Step>,
}

pub(crate) async fn run(args: &Explain, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    let other = args.policy.as_deref().map(read_policy).transpose()?;
    let other = other.map(|policy| config.with_policy(policy));
    let folded = fold::view(&args.view, other.as_ref().unwrap_or(config)).await?;
    let (kind, patient) = find(&folded, args)?;
    let story = Story::new(&folded, patient.as_ref());
    let (reasons, about) = reasons::of(&folded, kind, &args.id, patient.as_ref(), &story);
    let explanation = Explanation {
        kind,
        id: args.id.clone(),
        because: story.steps(&about.because),
        chain: story.chain(&about.itself),
        patient,
        reasons,
    };
    if output.json() {
        output.value(&explanation)?;
    } else {
        print(&explanation, &story.zone, output)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What the id names, and whose it is. Session ids are unique within a patient only.
fn find(folded: &Folded, args: &Explain) -> Result<(Kind, Option<PatientId>), Failure> {
    let id = args.id.as_str();
    let mut found: Vec<(Kind, Option<PatientId>)> = Vec::new();
    for chart in folded.engine.charts() {
        let patient = || Some(chart.patient.clone());
        if chart.alerts.contains_key(id) {
            found.push((Kind::Alert, patient()));
        }
        if chart.sessions.contains_key(id) {
            found.push((Kind::Session, patient()));
        }
        if chart.notices.contains_key(id) {
            found.push((Kind::Notice, patient()));
        }
    }
    let mut practitioners = folded.engine.diary().practitioners();
    if practitioners.any(|(_, known)| known.alerts.contains_key(id)) {
        found.push((Kind::Alert, None));
    }
    for event in folded.events.iter().filter(|e| e.id.as_str() == id) {
        let patient = match &event.about {
            care::About::Patient(id) => Some(id.clone()),
            care::About::Practitioner(_) | care::About::Member(_) => None,
        };
        found.push((Kind::Fact, patient));
    }
    found.dedup();
    found.retain(|(_, patient)| args.patient.is_none() || *patient == args.patient);
    match found.as_slice() {
        [] => Err(Failure::new(Exit::NoInput, format!("nothing in the log is called {id}"))
            .help("give the id of an alert (carebus alerts), a session or a notice (carebus chart), or a fact (carebus export)")),
        [(kind, patient), rest @ ..] if rest.iter().all(|(_, other)| other == patient) => Ok((*kind, patient.clone())),
        several => {
            let patients: Vec<&str> = several.iter().filter_map(|(_, p)| p.as_ref().map(|p| p.as_str())).collect();
            Err(Failure::new(Exit::Usage, format!("{id} exists for several patients: {}", patients.join(", ")))
                .help(format!("say whose: carebus explain {id} --patient {}", patients.first().unwrap_or(&""))))
        }
    }
}

fn print(explanation: &Explanation, zone: &TimeZone, output: &Output) -> Result<(), Failure> {
    for line in &explanation.reasons.says {
        output.line(line)?;
    }
    for (name, value) in explanation.reasons.pairs() {
        output.line(format!("  {name:<12} {value}"))?;
    }
    let reasons = &explanation.reasons;
    for line in &reasons.unsure {
        output.line(format!("  note         {line}"))?;
    }
    if reasons.inputs.is_empty() {
        steps("Because", &explanation.because, zone, output)?;
    } else {
        let of = |is_because: bool| -> Vec<String> {
            let inputs = reasons
                .inputs
                .iter()
                .filter(|input| input.is_because == is_because);
            inputs.map(inputs::line).collect()
        };
        lines("Because", &of(true), output)?;
        lines("What else decides", &of(false), output)?;
    }
    lines("It would not have been raised", &reasons.nearest, output)?;
    lines("Why then", &reasons.why_then, output)?;
    lines("Told", &reasons.notices, output)?;
    steps("Chain", &explanation.chain, zone, output)
}

fn lines(title: &str, lines: &[String], output: &Output) -> Result<(), Failure> {
    if lines.is_empty() {
        return Ok(());
    }
    output.heading(title)?;
    lines.iter().try_for_each(|line| output.line(format!("  {line}")))
}

fn steps(title: &str, steps: &[Step], zone: &TimeZone, output: &Output) -> Result<(), Failure> {
    if steps.is_empty() {
        return Ok(());
    }
    output.heading(title)?;
    for step in steps {
        let mark = if step.is_itself { "→" } else { " " };
        output.line(format!(
            "{mark} {}  {}  [{}]",
            moment(step.at, zone),
            step.says,
            step.id
        ))?;
    }
    Ok(())
}
