//! `mail send-test`: one letter about nobody, through the configured transport, and what the mail server answered.

use std::process::ExitCode;

use care::id::derived;
use care::phi::Phi;
use mailer::Mail;
use post::Outcome;
use serde_json::json;

use super::preview;
use crate::config::{Config, Transport};
use crate::exit::{Exit, Failure};
use crate::output::Output;

/// What stands first in it.
const SAYS: &str =
    "This is a test letter from carebus. The patient in it does not exist; nobody needs to do anything.";

pub(super) async fn run(address: &str, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    if config.transport == Transport::Memory {
        return Err(Failure::new(
            Exit::Config,
            "no mail leaves: mail.transport is \"memory\", which composes and forgets",
        )
        .help("set mail.transport = \"smtp\" and [smtp] in the configuration; `carebus config show` says what is set"));
    }
    let mail = letter(address, config)?;
    if let Err(error) = post::mime::compose(&mail) {
        let exit = match error {
            post::mime::ComposeError::Recipient => Exit::Usage,
            _ => Exit::Config,
        };
        return Err(Failure::new(exit, error.to_string()).help(
            "expected an address such as me@example.org; the sender's stands in the policy: mail.from",
        ));
    }
    let post = config.post()?;
    let outcome = post.send(&mail).await;
    post.close().await;
    told(&outcome, config, output)
}

/// A sample letter that says first what it is.
fn letter(address: &str, config: &Config) -> Result<Mail, Failure> {
    let sample = preview::one(config)?;
    let now = node::Clock::real().now();
    let id = derived(&["test-letter", address, &now.to_string()]).to_string();
    let html = sample.html.expose();
    // Within the body, whatever else a template of the organisation puts there.
    let body = html
        .find("<body")
        .and_then(|at| Some(at + html[at..].find('>')? + 1))
        .unwrap_or(0);
    let html = format!("{}<p><strong>{SAYS}</strong></p>{}", &html[..body], &html[body..]);
    Ok(Mail {
        message_id: format!("{id}@{}", config.policy().mail.domain),
        notice_id: id,
        thread_root: None,
        to_name: None,
        to: Phi::new(address.to_owned()),
        date: now,
        subject: format!("Test letter: {}", sample.subject),
        text: Phi::new(format!("{SAYS}\n\n{}", sample.text.expose())),
        html: Phi::new(html),
        invitation: None,
        urgent: false,
        attempt: 1,
        ..sample
    })
}

fn told(outcome: &Outcome, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    let by = match config.transport {
        Transport::Smtp => format!("{}:{}", config.smtp.host, config.smtp.port),
        _ => config.mail_directory.display().to_string(),
    };
    let said =
        |reply: &Option<u16>| reply.map_or_else(|| "gave no reply".to_owned(), |code| format!("said {code}"));
    let fails = |exit, words: String| Err(Failure::new(exit, format!("{by}: {words}")));
    match outcome {
        Outcome::Sent { reply } => {
            if output.json() {
                output.value(&json!({ "sent": true, "by": by, "reply": reply }))?;
            } else if config.transport == Transport::Directory {
                output.line(format!(
                    "written to {by}: mail.transport is \"directory\", no mail server was asked"
                ))?;
            } else {
                output.line(format!("{by} took it: {reply}"))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Outcome::Deferred { reply } | Outcome::Unreachable { reply } => {
            let failure = fails(Exit::TryAgain, format!("not now: the server {}", said(reply)));
            failure.map_err(|f| f.help("the same may work later; without a reply, is the server there? `carebus doctor` looks further"))
        }
        Outcome::Rejected { reply } => fails(
            Exit::BadData,
            format!("refused for good: the server {}", said(reply)),
        ),
        Outcome::Unknown => fails(
            Exit::TryAgain,
            "nobody can say: the conversation broke after the whole letter was given".to_owned(),
        ),
        Outcome::OwnFault { reply, hint } => fails(
            Exit::Config,
            format!(
                "refused for a fault of this side: the server {}; {hint}",
                said(reply)
            ),
        ),
    }
}
