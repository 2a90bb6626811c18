//! Who may do what on the server: one table, from which the server's configuration is written and every credential tried.
//!
//! Allow-lists only. Nobody but the administrator may make, change, purge or delete a stream, or delete a message.
//!
//! A clinic's user lives in an account of its own that imports what the clinic may do and nothing else, because the
//! server does not judge where an answer goes: whoever may ask anything in the account of the streams can have the
//! answer sent to any subject of it. (Asking for a session that is not there, with the answer to
//! `$JS.API.STREAM.DELETE.…`, deleted the log.)

mod server;

use care::id::{ClinicId, OrgId};
use care::{Fact, Worker};

use crate::BusError;
use crate::streams::{LEASES, clinic_stream, log_stream, quarantine_stream};

pub use server::server_config;

/// Whose credential it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// `carebus org add`, `quarantine`, `patient erase`, backups: everything of this account.
    Administrator,
    /// A process that runs all workers.
    Node,
    /// A process that runs one of them.
    Worker(Worker),
    /// People at the command line who look and do not touch.
    Viewer,
    /// People at the command line who also answer: take alerts on and end them, confirm and decline, release late mail.
    Desk,
    /// A clinic: publishes what happens, reads its own schedule.
    Clinic(ClinicId),
}

/// What one credential may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// Whose it is.
    pub holder: Holder,
    /// Name of the user on the server; also the tail of the inbox prefix `_INBOX_<name>`.
    pub user: String,
    /// The account it lives in: that of the streams, or the clinic's own.
    pub account: String,
    /// Subjects it may publish to, as they are called in its account.
    pub publish: Vec<String>,
    /// Subjects it may subscribe to.
    pub subscribe: Vec<String>,
}

/// What `$JS.API` is called in a clinic's account. There `$JS.API` itself is the server's, which answers that the
/// account has no JetStream; a client library calls this the API prefix.
pub const CLINIC_API: &str = "carebus.API";

/// What people say at the [`Holder::Desk`] and no clinic does. Whoever can end an alert can lift a safety hold, because
/// carebus ends its own alerts with the same fact. That a patient was erased says who can erase, the administrator.
const NOT_FOR_CLINICS: [&str; 3] = ["alert.resolved", "notice.released", "patient.erased"];

impl Permission {
    /// The prefix of the inboxes that this credential may read: nobody else's answers.
    #[must_use]
    pub fn inbox(&self) -> String {
        format!("_INBOX_{}", self.user)
    }
}

/// The account of an organisation's streams.
#[must_use]
pub fn account(org: &OrgId) -> String {
    format!("carebus-{org}")
}

/// The table for an organisation and its clinics.
#[must_use]
pub fn table(org: &OrgId, clinics: &[ClinicId]) -> Vec<Permission> {
    let workers = Worker::ALL.map(Holder::Worker);
    let clinics = clinics.iter().cloned().map(Holder::Clinic);
    [Holder::Administrator, Holder::Node, Holder::Desk, Holder::Viewer]
        .into_iter()
        .chain(workers)
        .chain(clinics)
        .map(|holder| permission(org, holder))
        .collect()
}

fn permission(org: &OrgId, holder: Holder) -> Permission {
    let mut account = account(org);
    let (user, publish, mut subscribe) = match &holder {
        Holder::Administrator => ("administrator".to_owned(), administrator(org), Vec::new()),
        Holder::Node => ("node".to_owned(), node(org), Vec::new()),
        Holder::Viewer => ("viewer".to_owned(), reading(org), Vec::new()),
        Holder::Desk => ("desk".to_owned(), desk(org), Vec::new()),
        Holder::Worker(worker) => (worker.name().to_owned(), process(org, *worker), Vec::new()),
        Holder::Clinic(clinic) => {
            account = format!("{account}-clinic-{clinic}");
            let own = vec![format!("clinic.{org}.{clinic}.>")];
            (format!("clinic-{clinic}"), clinic_publishes(org, clinic), own)
        }
    };
    subscribe.push(format!("_INBOX_{user}.>"));
    Permission {
        holder,
        user,
        account,
        publish,
        subscribe,
    }
}

/// All of the account.
fn administrator(org: &OrgId) -> Vec<String> {
    let own = ["care", "clinic", "quarantine"].map(|root| format!("{root}.{org}.>"));
    own.into_iter()
        .chain([
            "$JS.API.>".to_owned(),
            "$JS.ACK.>".to_owned(),
            "$JS.SNAPSHOT.>".to_owned(),
            format!("$KV.{LEASES}.>"),
        ])
        .collect()
}

/// Reading the three streams and who leads.
fn reading(org: &OrgId) -> Vec<String> {
    let mut may = vec!["$JS.API.INFO".to_owned()];
    for stream in [log_stream(org), clinic_stream(org), quarantine_stream(org)] {
        may.extend(reads(&stream));
    }
    let leases = format!("KV_{LEASES}");
    may.extend([
        format!("$JS.API.STREAM.INFO.{leases}"),
        format!("$JS.API.STREAM.MSG.GET.{leases}"),
    ]);
    may
}

/// What it takes to read one stream from the start to the head and on. No direct get: its answer to "not there" is
/// empty, and empty is what the server takes for the order to delete; see the top.
fn reads(stream: &str) -> [String; 5] {
    [
        format!("$JS.API.STREAM.INFO.{stream}"),
        format!("$JS.API.STREAM.MSG.GET.{stream}"),
        format!("$JS.API.CONSUMER.CREATE.{stream}"),
        format!("$JS.API.CONSUMER.CREATE.{stream}.>"),
        format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.>"),
    ]
}

/// Reading, saying almost anything, setting aside what cannot be read, the feeds and all leases.
fn node(org: &OrgId) -> Vec<String> {
    let mut may = reading(org);
    may.extend(facts_of_a_node(org));
    may.push(format!("quarantine.{org}.>"));
    may.push(format!("clinic.{org}.>"));
    may.push(format!("$KV.{LEASES}.{org}.*"));
    // A process that may be any worker may say what each would.
    may.push(format!("$KV.{LEASES}.{org}.status.*.*"));
    may
}

/// Everything but that a patient was erased: only who can erase may say so.
fn facts_of_a_node(org: &OrgId) -> Vec<String> {
    let about = |what: &str| format!("care.{org}.{what}");
    let patient = [
        "plan",
        "session",
        "assessment",
        "oswestry",
        "alert",
        "report",
        "notice",
    ];
    let patient = patient.map(|noun| about(&format!("patient.*.{noun}.*")));
    let others = [about("practitioner.>"), about("member.>")];
    patient.into_iter().chain(others).collect()
}

/// Reading, saying what this worker says, setting aside what cannot be read, its lease and status, and the scheduler the
/// feeds.
fn process(org: &OrgId, worker: Worker) -> Vec<String> {
    let mut may = reading(org);
    for name in worker.facts() {
        may.extend(subjects(org, name));
    }
    may.push(format!("quarantine.{org}.>"));
    if worker == Worker::Scheduler {
        may.push(format!("clinic.{org}.>"));
    }
    may.push(format!("$KV.{LEASES}.{org}.{}", worker.name()));
    may.push(format!("$KV.{LEASES}.{org}.status.{}.*", worker.name()));
    may
}

fn desk(org: &OrgId) -> Vec<String> {
    let mut may = reading(org);
    for name in [
        "alert.acknowledged",
        "alert.resolved",
        "session.confirmed",
        "session.declined",
        "notice.released",
    ] {
        may.extend(subjects(org, name));
    }
    may
}

/// Where a fact of this name may be said.
fn subjects(org: &OrgId, name: &str) -> Vec<String> {
    let kinds = Fact::kinds(name).iter();
    kinds
        .map(|kind| format!("care.{org}.{}.*.{name}", kind.code()))
        .collect()
}

/// What happens in the world, and the clinic's own schedule through one consumer of its own name.
fn clinic_publishes(org: &OrgId, clinic: &ClinicId) -> Vec<String> {
    let feed = clinic_stream(org);
    // Of plans and assessments whatever they are called: what is misspelt belongs in quarantine, where somebody sees it.
    let mut may = vec![
        format!("care.{org}.patient.*.plan.*"),
        format!("care.{org}.patient.*.assessment.*"),
    ];
    for name in Fact::names().iter().filter(|name| is_for_clinics(name)) {
        may.extend(subjects(org, name));
    }
    may.extend([
        format!("{CLINIC_API}.DIRECT.GET.{feed}.clinic.{org}.{clinic}.>"),
        format!("{CLINIC_API}.CONSUMER.CREATE.{feed}.{clinic}.clinic.{org}.{clinic}.>"),
        format!("{CLINIC_API}.CONSUMER.MSG.NEXT.{feed}.{clinic}"),
        format!("$JS.ACK.{feed}.{clinic}.>"),
    ]);
    may
}

fn is_for_clinics(name: &str) -> bool {
    let any = name.starts_with("plan.") || name.starts_with("assessment.");
    let shared = name.starts_with("session.") && name != "session.unprepared";
    let ours = Worker::ALL.iter().any(|worker| worker.says(name)) || NOT_FOR_CLINICS.contains(&name);
    !any && (shared || !ours)
}

/// A fresh pair of keys for a user: the public one for the server's configuration, and the seed, which is the secret.
///
/// # Errors
/// `Other` when the machine has no randomness.
pub fn new_key() -> Result<(String, String), BusError> {
    let pair = nkeys::KeyPair::new_user();
    let seed = pair
        .seed()
        .map_err(|error| BusError::other("a new nkey", error))?;
    Ok((pair.public_key(), seed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Permission> {
        let org = OrgId::new("acme").unwrap();
        let clinics = ["eastside-pt", "west"].map(|c| ClinicId::new(c).unwrap());
        table(&org, &clinics)
    }

    #[test]
    fn only_the_administrator_may_change_streams() {
        const CHANGES: [&str; 6] = ["CREATE", "UPDATE", "DELETE", "PURGE", "RESTORE", "SNAPSHOT"];
        for row in rows().iter().filter(|r| r.holder != Holder::Administrator) {
            for subject in &row.publish {
                assert!(
                    subject != ">" && subject != "$JS.API.>",
                    "{}: {subject}",
                    row.user
                );
                let is_change = CHANGES
                    .iter()
                    .any(|verb| subject.contains(&format!("STREAM.{verb}")));
                assert!(
                    !is_change && !subject.contains("MSG.DELETE"),
                    "{}: {subject}",
                    row.user
                );
            }
        }
    }

    #[test]
    fn every_user_has_an_inbox_of_its_own() {
        let rows = rows();
        for row in &rows {
            let own = format!("{}.>", row.inbox());
            assert!(row.subscribe.contains(&own), "{}", row.user);
            let readers = rows.iter().filter(|r| r.subscribe.contains(&own)).count();
            assert_eq!(readers, 1, "{own}");
        }
    }

    #[test]
    fn a_clinic_reads_no_facts_and_no_other_clinic() {
        for row in rows().iter().filter(|r| matches!(r.holder, Holder::Clinic(_))) {
            assert!(!row.subscribe.iter().any(|s| s.starts_with("care.") || s == ">"));
            assert!(!row.publish.iter().any(|s| s.contains("CARE_ACME")));
            let shared = rows().iter().filter(|r| r.account == row.account).count();
            assert_eq!(shared, 1, "an account of its own");
        }
    }
}
