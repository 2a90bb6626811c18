//! What each command can be told.

use std::path::PathBuf;

use care::Worker;
use care::id::{AlertId, ClinicId, OrgId, PatientId, SessionId};
use care::role::By;
use care::time::Timestamp;
use clap::{Args, Subcommand, ValueEnum, ValueHint};

use super::values;

/// `up`.
#[derive(Debug, Args)]
pub(crate) struct Up {
    /// Only these workers act here: scheduler, oswestry, triggers, mailer
    #[arg(long, value_delimiter = ',', value_name = "WORKERS", value_parser = values::worker)]
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

/// `nats-config`.
#[derive(Debug, Args)]
pub(crate) struct NatsConfig {
    /// A clinic of the organisation; may be given several times
    #[arg(long = "clinic", value_name = "CLINIC")]
    pub(crate) clinics: Vec<ClinicId>,
    /// Folder for the keys and the configuration
    #[arg(long, value_name = "DIR", default_value = "nats-config", value_hint = ValueHint::DirPath)]
    pub(crate) out: PathBuf,
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
    #[arg(long, value_name = "TIME", value_parser = values::instant)]
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
    #[arg(long, value_name = "TIME", value_parser = values::instant)]
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

/// How a report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// One document
    Json,
    /// One line a figure
    Csv,
}

/// Whose costs the recorded ones are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Perspective {
    /// The payer's
    Payer,
    /// The patient's
    Patient,
    /// The clinic's
    Clinic,
}

/// When a response counts for its cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ResponseAt {
    /// When the course ends
    EndOfCourse,
    /// Six weeks after the first session
    SixWeeks,
    /// Six months after the first session
    SixMonths,
}

/// `outcomes`.
#[derive(Debug, Args)]
pub(crate) struct Outcomes {
    /// Episodes and sessions that began at this time or later: RFC 3339, or a date, whose beginning in UTC is meant
    #[arg(long, value_name = "TIME", value_parser = values::beginning)]
    pub(crate) from: Option<Timestamp>,
    /// As of this time: RFC 3339, or a date, whose end in UTC is meant [default: now]
    #[arg(long, value_name = "TIME", value_parser = values::instant)]
    pub(crate) until: Option<Timestamp>,
    /// How it is printed [default: table; with --json: json]
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,
    /// Counts from 1 to one less than this are hidden; 1 hides nothing
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) min_cell: u64,
    /// Whose costs the recorded ones are
    #[arg(long, value_enum)]
    pub(crate) perspective: Option<Perspective>,
    /// The year of their prices
    #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(i16).range(1900..=2199))]
    pub(crate) price_year: Option<i16>,
    /// When a response counts for its cost
    #[arg(long, value_enum, default_value_t = ResponseAt::EndOfCourse)]
    pub(crate) response_at: ResponseAt,
    #[command(flatten)]
    pub(crate) view: View,
}

/// `ack`.
#[derive(Debug, Args)]
pub(crate) struct Ack {
    /// The alert
    pub(crate) alert: AlertId,
    /// Who takes it on: a role of the team, and the member where known, e.g. physiatrist:m-2
    #[arg(long, value_name = "ROLE[:MEMBER]", value_parser = values::by)]
    pub(crate) by: By,
    /// A note; it stays in the record
    #[arg(long)]
    pub(crate) note: Option<String>,
}

/// `confirm` and `decline`.
#[derive(Debug, Args)]
pub(crate) struct Answer {
    /// The session
    pub(crate) session: SessionId,
    /// Who answers: a role of the team, and the member where known, e.g. acupuncturist:m-3
    #[arg(long, value_name = "ROLE[:MEMBER]", value_parser = values::by)]
    pub(crate) by: By,
    /// Why, in a few words without personal data
    #[arg(long)]
    pub(crate) reason: Option<String>,
}

/// `explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// Id of an alert, a session, a notice or a fact
    pub(crate) id: String,
    /// Whose, where several patients have such an id
    #[arg(long)]
    pub(crate) patient: Option<PatientId>,
    /// The policy that decided, if it is not the present one
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) policy: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) view: View,
}

/// `rules`.
#[derive(Debug, Args)]
pub(crate) struct Rules {
    /// One rule, whole
    #[arg(value_name = "RULE", conflicts_with = "group")]
    pub(crate) id: Option<String>,
    /// Only the rules of this group
    #[arg(long, value_name = "GROUP")]
    pub(crate) group: Option<String>,
    /// The reference page, in Markdown
    #[arg(long, conflicts_with_all = ["id", "group"])]
    pub(crate) markdown: bool,
    /// Those by which carebus watches its own work, instead of the clinical ones
    #[arg(long, conflicts_with_all = ["id", "group", "markdown"])]
    pub(crate) operations: bool,
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

/// `status`.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Nodes that have said nothing for an hour too
    #[arg(long)]
    pub(crate) all: bool,
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
