//! `mail preview`: one letter of every kind, written by the same workers under the configured policy.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use care::fact::Fact;
use care::id::OrgId;
use care::time::Timestamp;
use engine::{Settings, Simulation};
use mailer::{Delivery, Mail};
use serde::Serialize;

use super::about::about;
use super::sample;
use crate::args::MailPreview;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::output::Output;

/// The file that says a folder is ours to write over.
const INDEX: &str = "index.txt";

/// One letter of a kind.
#[derive(Debug, Serialize)]
struct Sample {
    kind: String,
    subject: String,
    #[serde(skip)]
    mail: Mail,
}

pub(super) fn run(args: &MailPreview, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    check_folder(&args.out)?;
    let all = samples(config)?;
    let kinds: Vec<String> = all.iter().map(|sample| sample.kind.clone()).collect();
    let asked = args.kind.as_deref().unwrap_or_default();
    let chosen: Vec<Sample> = all
        .into_iter()
        .filter(|sample| sample.kind.starts_with(asked))
        .collect();
    if chosen.is_empty() {
        return Err(
            Failure::new(Exit::Usage, format!("no kind of letter begins with {asked}"))
                .help(format!("the kinds: {}", kinds.join(", "))),
        );
    }
    write_all(&args.out, &chosen)?;
    if output.json() {
        output.value(&chosen)?;
    } else {
        let rows = chosen
            .iter()
            .map(|s| vec![s.kind.as_str().into(), s.subject.as_str().into()]);
        output.table(&["kind", "subject"], rows.collect())?;
    }
    output.note(format!(
        "{}: {} letters, each as .txt, .html and .eml",
        args.out.display(),
        chosen.len()
    ));
    Ok(ExitCode::SUCCESS)
}

/// A letter to look at, for a transport to be tried with.
pub(super) fn one(config: &Config) -> Result<Mail, Failure> {
    let samples = samples(config)?;
    let plain = samples
        .into_iter()
        .find(|sample| sample.mail.invitation.is_none());
    plain
        .map(|sample| sample.mail)
        .ok_or_else(|| Failure::new(Exit::Config, "under this policy no letter is written at all"))
}

/// The first letter of each kind, by kind.
fn samples(config: &Config) -> Result<Vec<Sample>, Failure> {
    let org = OrgId::new(sample::ORG).map_err(|e| Failure::new(Exit::Bug, e.to_string()))?;
    let mut settings = Settings::new(org, config.policy().clone());
    settings.wording = std::sync::Arc::clone(&config.wording);
    let mut simulation = Simulation::new(settings);
    simulation.deliver_with(|_| Delivery::Sent { reply: Some(250) });
    simulation.play(sample::facts()?)?;
    let end: Timestamp = sample::END
        .parse()
        .map_err(|_e| Failure::new(Exit::Bug, "the end of the samples"))?;
    simulation.advance_to(end)?;
    simulation.settle()?;
    let mut kinds: BTreeMap<String, &Mail> = BTreeMap::new();
    for mail in simulation.outbox() {
        kinds.entry(kind(&simulation, mail)).or_insert(mail);
    }
    let sample = |(kind, mail): (String, &Mail)| Sample {
        kind,
        subject: mail.subject.clone(),
        mail: mail.clone(),
    };
    Ok(kinds.into_iter().map(sample).collect())
}

/// What a letter tells first; of what this does not know, the fact that it names.
fn kind(simulation: &Simulation, mail: &Mail) -> String {
    let attempted = simulation.log().iter().find_map(|event| match &event.fact {
        Fact::NoticeAttempted(n) if n.notice_id.as_str() == mail.notice_id => Some((event, n)),
        _ => None,
    });
    let Some((event, notice)) = attempted else {
        return "other".to_owned();
    };
    match &event.about {
        care::About::Member(_) => return "digest".to_owned(),
        care::About::Practitioner(_) => return "practitioner".to_owned(),
        care::About::Patient(_) => {}
    }
    let chart = match &event.about {
        care::About::Patient(id) => simulation.engine().chart(id),
        _ => None,
    };
    let found = chart.and_then(|chart| notice.about.iter().find_map(|key| about(&chart, key)));
    match found {
        Some(about) if about.kind != "other" => about.kind,
        _ => {
            let named = |id: &str| simulation.log().iter().find(|event| event.id.as_str() == id);
            let fact = notice.about.iter().find_map(|key| named(key));
            fact.map_or_else(|| "other".to_owned(), |event| event.fact.name().replace('.', "-"))
        }
    }
}

/// What somebody else put into a folder is not touched.
fn check_folder(out: &Path) -> Result<(), Failure> {
    let is_empty = fs::read_dir(out).map_or(true, |mut entries| entries.next().is_none());
    if is_empty || out.join(INDEX).is_file() {
        return Ok(());
    }
    Err(
        Failure::new(Exit::Usage, format!("{} holds other files", out.display()))
            .help("name a new or empty folder, or one an earlier preview wrote"),
    )
}

/// Writes three files for each.
fn write_all(out: &Path, samples: &[Sample]) -> Result<(), Failure> {
    fs::create_dir_all(out).map_err(|e| Failure::file(out, &e))?;
    let write = |name: String, bytes: &[u8]| {
        let path = out.join(name);
        fs::write(&path, bytes).map_err(|e| Failure::file(&path, &e))
    };
    let mut index = String::new();
    for Sample { kind, subject, mail } in samples {
        let eml = post::mime::compose(mail)
            .map_err(|error| Failure::new(Exit::Config, format!("the letter {kind}: {error}")))?;
        write(format!("{kind}.txt"), mail.text.expose().as_bytes())?;
        write(format!("{kind}.html"), mail.html.expose().as_bytes())?;
        write(format!("{kind}.eml"), &eml)?;
        index += &format!("{kind}: {subject}\n");
    }
    write(INDEX.to_owned(), index.as_bytes())
}
