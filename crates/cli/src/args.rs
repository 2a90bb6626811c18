//! The command line: plain nouns and verbs, each with an example.

use std::path::PathBuf;

use care::Worker;
use care::id::{AlertId, MemberId, OrgId, PatientId};
use care::role::{Actor, By, Role};
use care::time::{Date, TimeZone, Timestamp};
use clap::{Args, Parser, Subcommand, ValueHint};

/// carebus books electroacupuncture 48 hours before each PT session, keeps the Oswestry clock, and tells the care team.
///
/// It reads and writes facts in NATS JetStream, which is the record. It is not a medical device.
#[derive(Debug, Parser)]
#[command(
    name = "carebus",
    version,
    arg_required_else_help = true,
    after_help = "Examples:\n  \
        carebus demo                                    a clinic in a terminal, no setup\n  \
        carebus org add acme                            make the places of an organisation\n  \
        carebus publish facts.jsonl                     check a file, then send it\n  \
        carebus up --org acme                           run every worker\n  \
        carebus simulate facts.jsonl --until 2026-09-01 what would happen, without NATS\n\n\
        Exit codes: 0 done, 1 other, 2 usage, 65 bad data, 66 input missing, 69 server unreachable, 70 a defect,\n\
        74 disk, 75 try again, 77 not permitted, 78 configuration, 130 and 143 stopped by a signal."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Configuration file [default: the user's, then the system's, if there is one]
    #[arg(long, short, global = true, value_name = "FILE", env = "CAREBUS_CONFIG", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
    /// NATS server [env: NATS_URL] [default: nats://127.0.0.1:4222]
    #[arg(long, global = true, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) nats: Option<String>,
    /// Organisation; `up` takes several [env: CAREBUS_ORG]
    #[arg(long, global = true, value_name = "ORG")]
    pub(crate) org: Vec<OrgId>,
    /// Print data as JSON, and errors as {code,message,help,mistakes}
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say more on stderr; twice for everything
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the workers of one or more organisations until stopped
    #[command(
        after_help = "Examples:\n  carebus up --org acme\n  carebus up --org acme --only scheduler,oswestry\n\n\
        SIGINT and SIGTERM finish what is under way, save, and exit with 0; a second one exits at once."
    )]
    Up(Up),
    /// Make the places of an organisation on the server
    #[command(subcommand)]
    Org(Org),
    /// Check a file of facts, then send it
    #[command(
        after_help = "Examples:\n  carebus publish facts.jsonl\n  carebus export --org acme | carebus --nats nats://other:4222 publish -\n\n\
        One event per line, as the contract says. Nothing is sent unless every line is right.\n\
        Sending a file twice does no harm: a fact is known by its source and id."
    )]
    Publish(Publish),
    /// Play a file of facts on a virtual clock, without NATS
    #[command(
        after_help = "Examples:\n  carebus simulate facts.jsonl --until 2026-09-01\n  carebus simulate facts.jsonl --until 2026-09-01T12:00:00Z --out out\n\n\
        Prints every fact carebus writes, in log order: sentences on a terminal, JSON lines elsewhere and with --json.\n\
        The same input gives the same bytes. With --out: facts.jsonl and mail/NNNN-<notice>.eml."
    )]
    Simulate(Simulate),
    /// One patient: plan, sessions, Oswestry, pain, alerts, notices
    #[command(
        after_help = "Examples:\n  carebus chart p-7f3a --org acme\n  carebus chart p-7f3a --file facts.jsonl --json"
    )]
    Chart(Chart),
    /// What is due, over all patients
    #[command(after_help = "Examples:\n  carebus agenda --org acme\n  carebus agenda --days 30 --json")]
    Agenda(Agenda),
    /// Alerts that wait for somebody
    #[command(after_help = "Examples:\n  carebus alerts --org acme\n  carebus alerts --all --json")]
    Alerts(Alerts),
    /// Take an alert on: its notices and escalations stop
    #[command(
        after_help = "Example:\n  carebus ack 5d2c… --by physiatrist:m-2 --note 'seen, patient called'"
    )]
    Ack(Ack),
    /// Why an alert, a session, a notice or a fact exists
    #[command(
        after_help = "Example:\n  carebus explain 5d2c…\n\nFrom the log alone: asked again it says the same."
    )]
    Explain(Explain),
    /// The rules that raise alerts, each with its evidence
    Rules,
    /// Messages that were refused
    #[command(subcommand)]
    Quarantine(Quarantine),
    /// Every fact of the log as JSON lines
    #[command(after_help = "Example:\n  carebus export --org acme --out backup.jsonl")]
    Export(Export),
    /// The configuration
    #[command(subcommand)]
    Config(Config),
    /// Look for what is wrong, and say what to do
    #[command(after_help = "Example:\n  carebus doctor --org acme --monitor http://127.0.0.1:8222")]
    Doctor(Doctor),
    /// A clinic in a terminal: twelve weeks of six patients through a real server
    #[command(after_help = "Examples:\n  carebus demo\n  carebus demo --keep --out demo-out")]
    Demo(Demo),
    /// Completions for a shell
    #[command(
        after_help = "Example:\n  carebus completions bash > ~/.local/share/bash-completion/completions/carebus"
    )]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// `up`.
#[derive(Debug, Args)]
pub(crate) struct Up {
    /// Only these workers act here: scheduler, oswestry, triggers, mailer
    #[arg(long, value_delimiter = ',', value_name = "WORKERS", value_parser = worker)]
    pub(crate) only: Vec<Worker>,
}

/// `org`.
#[derive(Debug, Subcommand)]
pub(crate) enum Org {
    /// Make the streams of an organisation, or check them where they exist
    #[command(after_help = "Example:\n  carebus org add acme")]
    Add {
        /// The organisation: small letters, digits and -, at most 32
        name: OrgId,
        /// Copies of each stream: 3 in a cluster
        #[arg(long, default_value = "1", value_parser = ["1", "3"])]
        replicas: String,
    },
}

/// `publish`.
#[derive(Debug, Args)]
pub(crate) struct Publish {
    /// JSON lines; - is standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Check the lines and the organisations, send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `simulate`.
#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// JSON lines; - is standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// When the clock stops: RFC 3339, or a date, whose end in UTC is meant
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(crate) until: Timestamp,
    /// Policy file [default: the built-in policy]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) policy: Option<PathBuf>,
    /// Folder for facts.jsonl and the mails
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) out: Option<PathBuf>,
    /// Print the facts of the input too
    #[arg(long)]
    pub(crate) all: bool,
}

/// Which facts a view folds, and as of when.
#[derive(Debug, Args)]
pub(crate) struct View {
    /// Fold this file of facts instead of the log
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,
}

/// `chart`.
#[derive(Debug, Args)]
pub(crate) struct Chart {
    /// The patient
    pub(crate) patient: PatientId,
    #[command(flatten)]
    pub(crate) view: View,
}

/// `agenda`.
#[derive(Debug, Args)]
pub(crate) struct Agenda {
    /// How far to look
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=366))]
    pub(crate) days: u16,
    /// As of this time: RFC 3339, or a date, whose end in UTC is meant [default: now]
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(crate) at: Option<Timestamp>,
    #[command(flatten)]
    pub(crate) view: View,
}

/// `alerts`.
#[derive(Debug, Args)]
pub(crate) struct Alerts {
    /// Ended ones too
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) view: View,
}

/// `ack`.
#[derive(Debug, Args)]
pub(crate) struct Ack {
    /// The alert
    pub(crate) alert: AlertId,
    /// Who takes it on: a role of the team, and the member where known, e.g. physiatrist:m-2
    #[arg(long, value_name = "ROLE[:MEMBER]", value_parser = by)]
    pub(crate) by: By,
    /// A note; it stays in the record
    #[arg(long)]
    pub(crate) note: Option<String>,
}

/// `explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// Id of an alert, a session, a notice or a fact
    pub(crate) id: String,
    /// Whose, where several patients have such an id
    #[arg(long)]
    pub(crate) patient: Option<PatientId>,
    #[command(flatten)]
    pub(crate) view: View,
}

/// `quarantine`.
#[derive(Debug, Subcommand)]
pub(crate) enum Quarantine {
    /// Every message that waits here
    List,
    /// One of them, whole
    Show {
        /// Its number in the list
        number: u64,
    },
    /// Put one into the log again, because carebus can read it by now
    Retry {
        /// Its number in the list
        number: u64,
    },
    /// Remove its content for good
    Drop {
        /// Its number in the list
        number: u64,
    },
}

/// `export`.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// First sequence of the log
    #[arg(long, default_value_t = 1, value_name = "SEQ")]
    pub(crate) from: u64,
    /// Write here [default: standard output]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) out: Option<PathBuf>,
    /// Name on stderr every message that is no fact
    #[arg(long)]
    pub(crate) all: bool,
}

/// `config`.
#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Say everything that is wrong with configuration and policy
    Check,
    /// Every key, its value, and where that came from
    Show,
}

/// `doctor`.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Monitoring address of the server, e.g. http://127.0.0.1:8222
    #[arg(long, value_name = "URL")]
    pub(crate) monitor: Option<String>,
}

/// `demo`.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Leave the server running afterwards
    #[arg(long)]
    pub(crate) keep: bool,
    /// Folder for the mails, the facts and the server's files
    #[arg(long, value_name = "DIR", default_value = "demo-out", value_hint = ValueHint::DirPath)]
    pub(crate) out: PathBuf,
    /// The nats-server program [default: .tools/nats-server, then the PATH]
    #[arg(long, value_name = "PATH", env = "CAREBUS_NATS_SERVER", value_hint = ValueHint::FilePath)]
    pub(crate) nats_server: Option<PathBuf>,
}

fn worker(text: &str) -> Result<Worker, String> {
    let names = || Worker::ALL.map(Worker::name).join(", ");
    Worker::ALL
        .into_iter()
        .find(|w| w.name() == text)
        .ok_or_else(|| format!("expected one of {}", names()))
}

fn by(text: &str) -> Result<By, String> {
    let (role, member) = text
        .split_once(':')
        .map_or((text, None), |(role, member)| (role, Some(member)));
    let actors = [
        (Role::Pcp, Actor::Pcp),
        (Role::Physiatrist, Actor::Physiatrist),
        (Role::Acupuncturist, Actor::Acupuncturist),
        (Role::PhysicalTherapist, Actor::PhysicalTherapist),
        (Role::CareCoordinator, Actor::CareCoordinator),
    ];
    let known = || Role::ALL.map(Role::code).join(", ");
    let (_, role) = actors
        .into_iter()
        .find(|(known, _)| known.code() == role)
        .ok_or_else(|| format!("expected ROLE or ROLE:MEMBER, the role one of {}", known()))?;
    let member_id = member
        .map(MemberId::new)
        .transpose()
        .map_err(|e| format!("member: {e}"))?;
    Ok(By { role, member_id })
}

/// RFC 3339, or a date: then the end of that day in UTC.
fn instant(text: &str) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let date = if text.len() == 10 {
        text.parse::<Date>().ok()
    } else {
        None
    };
    date.and_then(|d| d.tomorrow().ok())
        .and_then(|d| d.to_zoned(TimeZone::UTC).ok())
        .map(|z| z.timestamp())
        .ok_or_else(|| {
            "expected RFC 3339 such as 2026-09-01T12:00:00Z, or a date such as 2026-09-01".to_owned()
        })
}
