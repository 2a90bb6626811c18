//! The command line: plain nouns and verbs, each with an example.

mod benchmark;
mod letters;
mod options;
mod record;
mod values;

use std::path::PathBuf;

use care::id::OrgId;
use clap::{Args, Parser, Subcommand, ValueHint};

pub(crate) use benchmark::{Bench, Measurement};
pub(crate) use letters::{Mail, MailList, MailPreview, MailRelease, MailShow, Policy, Try};
pub(crate) use options::{
    Ack, Agenda, Alerts, Answer, Chart, Config, Demo, Doctor, Explain, Export, Format, NatsConfig, Org,
    Outcomes, Perspective, Publish, Quarantine, ResponseAt, Rules, Simulate, Status, Up, View,
};

pub(crate) use record::{Backup, BackupVerify, Erase, Patient, Restore};

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
        Exit codes: 0 done, 1 other, 2 usage, 65 bad data, 66 input missing, 69 server unreachable,\n\
        70 a defect, 74 disk, 75 try again, 77 not permitted, 78 configuration,\n\
        130 and 143 stopped by a signal."
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
    /// What became of the episodes: the registry report, counts only
    #[command(
        after_help = "Examples:\n  carebus outcomes --org acme --from 2026-01-01 --until 2026-06-30\n  \
        carebus outcomes --file facts.jsonl --format csv > outcomes.csv\n  \
        carebus outcomes --org acme --perspective payer --price-year 2026\n\n\
        Nothing of one person is in it: small counts, and what they could be computed from, are hidden."
    )]
    Outcomes(Outcomes),
    /// Take an alert on: its notices and escalations stop
    #[command(
        after_help = "Example:\n  carebus ack 5d2c… --by physiatrist:m-2 --note 'seen, patient called'"
    )]
    Ack(Ack),
    /// Accept a proposed session: it is booked
    #[command(after_help = "Example:\n  carebus confirm 3f9a… --by acupuncturist:m-3")]
    Confirm(Answer),
    /// Refuse a session: carebus looks for another slot
    #[command(
        after_help = "Example:\n  carebus decline 3f9a… --by acupuncturist:m-3 --reason 'room is taken'"
    )]
    Decline(Answer),
    /// Why an alert, a session, a notice or a fact exists
    #[command(
        after_help = "Example:\n  carebus explain 5d2c…\n\nFrom the log alone: asked again it says the same."
    )]
    Explain(Explain),
    /// The rules that raise alerts, each with its evidence
    #[command(
        after_help = "Examples:\n  carebus rules\n  carebus rules no-change-by-session-four\n  carebus rules --group 'red flags' --json\n  carebus rules --markdown > docs/rules.md"
    )]
    Rules(Rules),
    /// Letters: which went out, what they said, how they look
    #[command(subcommand)]
    Mail(Mail),
    /// What another policy would have changed
    #[command(subcommand)]
    Policy(Policy),
    /// Users and permissions for nats-server: one key per process and clinic, each with the least it needs
    #[command(
        after_help = "Example:\n  carebus nats-config --org acme --clinic eastside-pt --clinic west --out keys"
    )]
    NatsConfig(NatsConfig),
    /// Messages that were refused
    #[command(subcommand)]
    Quarantine(Quarantine),
    /// Every fact of the log as JSON lines
    #[command(after_help = "Example:\n  carebus export --org acme --out facts.jsonl")]
    Export(Export),
    /// Log and quarantine of an organisation in a folder, whole, with every position
    #[command(
        after_help = "Examples:\n  carebus backup --org acme --out /backup/acme-2026-06-01\n  \
        carebus backup verify /backup/acme-2026-06-01\n\n\
        Everything goes on meanwhile. How often, and how to restore: docs/backup.md."
    )]
    Backup(Backup),
    /// Give a backup back to a server that has no log of the organisation
    #[command(after_help = "Example:\n  carebus restore /backup/acme-2026-06-01")]
    Restore(Restore),
    /// The right to be forgotten
    #[command(subcommand)]
    Patient(Patient),
    /// The configuration
    #[command(subcommand)]
    Config(Config),
    /// Who leads what, how far each node has read, when it last saved
    #[command(after_help = "Examples:\n  carebus status --org acme\n  carebus status --all --json")]
    Status(Status),
    /// Look for what is wrong, and say what to do
    #[command(after_help = "Example:\n  carebus doctor --org acme --monitor http://127.0.0.1:8222")]
    Doctor(Doctor),
    /// A clinic in a terminal: twelve weeks of six patients through a real server
    #[command(after_help = "Examples:\n  carebus demo\n  carebus demo --keep --out demo-out")]
    Demo(Demo),
    /// How fast and how large it is on this machine, through a real server of its own
    #[command(
        after_help = "Examples:\n  carebus bench --quick\n  carebus bench --only catch-up,restart --out bench.json\n\n\
        Figures as JSON on stdout, a table on stderr. Nothing is judged. The letters of --only are those of the README."
    )]
    Bench(Bench),
    /// Completions for a shell
    #[command(
        after_help = "Example:\n  carebus completions bash > ~/.local/share/bash-completion/completions/carebus"
    )]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}
