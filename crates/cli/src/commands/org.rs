//! `carebus org add`: the places of an organisation.

use std::process::ExitCode;

use bus::streams::{add_org, clinic_stream, head, log_stream, quarantine_stream};

use crate::args::Org;
use crate::config::Config;
use crate::exit::Failure;
use crate::link;
use crate::output::Output;

pub(crate) async fn run(args: &Org, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    let Org::Add { name, replicas } = args;
    let conn = link::connect(config).await?;
    add_org(&conn, name, if replicas == "3" { 3 } else { 1 }).await?;
    let head = head(&conn, name).await?;
    if output.json() {
        let value = serde_json::json!({
            "org": name,
            "streams": [log_stream(name), clinic_stream(name), quarantine_stream(name)],
            "facts": head.last_sequence,
        });
        output.value(&value)?;
    } else {
        let (log, clinic, refused) = (log_stream(name), clinic_stream(name), quarantine_stream(name));
        output.line(format!(
            "organisation {name}: {log}, {clinic} and {refused} are there and as they should be"
        ))?;
        if head.last_sequence == 0 {
            output.note(format!(
                "next: carebus up --org {name}, and carebus publish facts.jsonl"
            ));
        }
    }
    conn.drain().await;
    Ok(ExitCode::SUCCESS)
}
