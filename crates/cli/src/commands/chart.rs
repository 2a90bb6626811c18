//! `carebus chart`: one patient's shared care plan, without names.

mod told;
mod view;

use std::process::ExitCode;

use care::About;
use care::sentence::moment;
use care::time::TimeZone;

use super::alerts;
use crate::args::Chart as Args;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::output::{Output, Value};
use crate::{fold, prepared};
pub(crate) use told::{Told, told, told_of_nobody};
use view::{Score, View, view};

pub(crate) async fn run(args: &Args, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    let folded = fold::view(&args.view, config).await?;
    let chart = folded.engine.chart(&args.patient).ok_or_else(|| {
        if folded.engine.is_erased(&About::Patient(args.patient.clone())) {
            let message = format!("patient {} was erased", args.patient);
            return Failure::new(Exit::NoInput, message).help("a new record of the person has a new id");
        }
        Failure::new(
            Exit::NoInput,
            format!("nothing is known of patient {}", args.patient),
        )
        .help("`carebus agenda` lists patients with something ahead; ids are exact")
    })?;
    let view = view(&chart, folded.policy());
    if output.json() {
        output.value(&view)?;
    } else {
        print(&view, &chart.zone(), output)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print(view: &View, zone: &TimeZone, output: &Output) -> Result<(), Failure> {
    let in_zone = view.timezone.as_deref().unwrap_or("UTC");
    let plan = view.plan.as_ref().map_or_else(
        || "no plan yet".to_owned(),
        |p| {
            let since = p
                .started_on
                .map_or_else(String::new, |day| format!(", begun {day}"));
            let holds = if p.holds.is_empty() {
                String::new()
            } else {
                format!(", EA held by {}", p.holds.join(", "))
            };
            format!("plan {} ({}{since}{holds})", p.plan_id, p.status)
        },
    );
    output.line(format!("patient {}, {plan}; times in {in_zone}", view.patient))?;
    let team: Vec<String> = view
        .team
        .iter()
        .map(|m| format!("{} {}", m.role, m.member_id))
        .collect();
    if !team.is_empty() {
        output.line(format!("team: {}", team.join(", ")))?;
    }
    section(
        "Sessions",
        &prepared::HEADER,
        view.sessions.iter().map(|r| r.cells(zone)).collect(),
        output,
    )?;
    let scores = |scores: &[Score]| {
        scores
            .iter()
            .map(|s| vec![moment(s.at, zone).into(), s.says.as_str().into()])
            .collect()
    };
    section(
        "Oswestry",
        &["filled in", "score"],
        scores(&view.oswestry),
        output,
    )?;
    section("Pain", &["felt", "score"], scores(&view.pain), output)?;
    section(
        "Alerts",
        &alerts::HEADER,
        view.alerts.iter().map(|a| a.cells(zone)).collect(),
        output,
    )?;
    section(
        "Notices",
        &["last", "to", "state", "tries", "id"],
        view.notices.iter().map(|n| n.cells(zone)).collect(),
        output,
    )?;
    if view.conflicts > 0 {
        output.note(format!(
            "{} facts say something else under an identity already seen: not counted",
            view.conflicts
        ));
    }
    Ok(())
}

fn section(title: &str, header: &[&str], rows: Vec<Vec<Value>>, output: &Output) -> Result<(), Failure> {
    if rows.is_empty() {
        return Ok(());
    }
    output.heading(title)?;
    output.table(header, rows)
}
