//! `carebus config`: what counts, and where it came from.

use std::process::ExitCode;

use crate::args::Config as Args;
use crate::config::Config;
use crate::exit::Failure;
use crate::output::{Output, Value};

pub(crate) fn run(args: &Args, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    match args {
        Args::Check => {
            let policy = config.policy();
            config.post()?;
            if output.json() {
                output.value(&serde_json::json!({ "ok": true, "policy": policy.hash() }))?;
            } else {
                output.line(format!(
                    "configuration and policy are as they should be; policy {}",
                    policy.hash()
                ))?;
            }
        }
        Args::Show if output.json() => output.value(&config.shown)?,
        Args::Show => {
            let row = |shown: &crate::config::Shown| -> Vec<Value> {
                vec![
                    shown.key.as_str().into(),
                    shown.value.as_str().into(),
                    shown.origin.as_str().into(),
                ]
            };
            output.table(&["key", "value", "from"], config.shown.iter().map(row).collect())?;
            output.line(format!("state: {}", config.state.display()))?;
            output.line(format!("name: {}", config.name))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
