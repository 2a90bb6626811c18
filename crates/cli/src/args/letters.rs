//! What `mail` and `policy` can be told.

use std::path::PathBuf;

use care::id::{MemberId, NoticeId, PatientId};
use care::role::By;
use care::time::Timestamp;
use clap::{Args, Subcommand, ValueHint};

use super::options::View;
use super::values;

/// `mail`.
#[derive(Debug, Subcommand)]
pub(crate) enum Mail {
    /// Every notice: to whom, about what, how it ended; never an address
    #[command(
        after_help = "Examples:\n  carebus mail list --org acme\n  carebus mail list --state deferred --json"
    )]
    List(MailList),
    /// What a letter said, composed again from the log as it stood when it was claimed
    #[command(
        after_help = "Examples:\n  carebus mail show 819d9abb…\n  carebus mail show 819d9abb… --html > letter.html"
    )]
    Show(MailShow),
    /// A sample of every kind of letter with the configured look, as .txt, .html and .eml
    #[command(
        after_help = "Examples:\n  carebus mail preview\n  carebus mail preview --kind session --out letters"
    )]
    Preview(MailPreview),
    /// Late mail that waits for a person: for whom, and letting it go
    #[command(
        after_help = "Examples:\n  carebus mail release --org acme\n  carebus mail release --all --by care_coordinator:m-5\n\n\
        After an outage or an import of history more routine mail may be due than people can read. The first of it\n\
        goes; the rest waits here. Urgent mail never waits."
    )]
    Release(MailRelease),
    /// Send one test letter through the configured transport
    #[command(
        name = "send-test",
        after_help = "Example:\n  carebus mail send-test me@example.org"
    )]
    SendTest {
        /// Where to
        address: String,
    },
}

/// `mail list`.
#[derive(Debug, Args)]
pub(crate) struct MailList {
    /// Only these: sent, going-out, deferred, unknown, rejected, abandoned
    #[arg(long, value_name = "STATE", value_parser = ["sent", "going-out", "deferred", "unknown", "rejected", "abandoned"])]
    pub(crate) state: Option<String>,
    /// Only this patient's
    #[arg(long)]
    pub(crate) patient: Option<PatientId>,
    #[command(flatten)]
    pub(crate) view: View,
}

/// `mail show`.
#[derive(Debug, Args)]
pub(crate) struct MailShow {
    /// The notice
    pub(crate) notice: NoticeId,
    /// The HTML part
    #[arg(long, conflicts_with = "eml")]
    pub(crate) html: bool,
    /// Write the whole mail here
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) eml: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) view: View,
}

/// `mail preview`.
#[derive(Debug, Args)]
pub(crate) struct MailPreview {
    /// Only kinds that begin so: alert, session, oswestry, unprepared
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// Folder for the letters
    #[arg(long, value_name = "DIR", default_value = "mail-preview", value_hint = ValueHint::DirPath)]
    pub(crate) out: PathBuf,
}

/// `mail release`.
#[derive(Debug, Args)]
pub(crate) struct MailRelease {
    /// Let go what waits for this member; may be given several times
    #[arg(long, value_name = "MEMBER", requires = "by", conflicts_with = "all")]
    pub(crate) member: Vec<MemberId>,
    /// Let everything go
    #[arg(long, requires = "by")]
    pub(crate) all: bool,
    /// Who decides it: a role of the team, and the member where known, e.g. care_coordinator:m-5
    #[arg(long, value_name = "ROLE[:MEMBER]", value_parser = values::by)]
    pub(crate) by: Option<By>,
}

/// `policy`.
#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Play the recorded facts under the present policy and under another, and show what differs
    #[command(
        after_help = "Examples:\n  carebus policy try new.toml --since 2026-06-01 --org acme\n  carebus policy try new.toml --since 2026-06-01 --file facts.jsonl --details --json\n\n\
        What people and clinics told is played twice on a virtual clock, from the first fact on. Nothing is published."
    )]
    Try(Try),
}

/// `policy try`.
#[derive(Debug, Args)]
pub(crate) struct Try {
    /// The other policy
    #[arg(value_name = "NEW", value_hint = ValueHint::FilePath)]
    pub(crate) new: PathBuf,
    /// Show what differs from here on: RFC 3339, or a date, whose beginning in UTC is meant
    #[arg(long, value_name = "TIME", value_parser = values::beginning)]
    pub(crate) since: Timestamp,
    /// When the clock stops: RFC 3339, or a date, whose end in UTC is meant [default: now; of a file its last fact]
    #[arg(long, value_name = "TIME", value_parser = values::instant)]
    pub(crate) until: Option<Timestamp>,
    /// List what differs patient by patient
    #[arg(long)]
    pub(crate) details: bool,
    #[command(flatten)]
    pub(crate) view: View,
}
