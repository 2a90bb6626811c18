//! Who may do what on the server: one table, from which the server's configuration is written and every credential tried.
//!
//! Allow-lists only. Nobody but the administrator may make, change, purge or delete a stream, or delete a message.

use care::id::{ClinicId, OrgId};

use crate::BusError;
use crate::streams::{LEASES, clinic_stream, log_stream, quarantine_stream};

/// Whose credential it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// `carebus org add`, `quarantine`, `patient erase`, backups: everything of this account.
    Administrator,
    /// A process that runs all workers.
    Node,
    /// A process that runs one of them: `scheduler`, `oswestry`, `triggers` or `mailer`.
    Worker(&'static str),
    /// People at the command line who look and do not touch.
    Viewer,
    /// A clinic: publishes what happens, reads its own schedule.
    Clinic(ClinicId),
}

/// The workers that may have a credential of their own.
pub const WORKERS: [&str; 4] = ["scheduler", "oswestry", "triggers", "mailer"];

/// What one credential may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// Whose it is.
    pub holder: Holder,
    /// Name of the user on the server; also the tail of the inbox prefix `_INBOX_<name>`.
    pub user: String,
    /// Subjects it may publish to.
    pub publish: Vec<String>,
    /// Subjects it may subscribe to.
    pub subscribe: Vec<String>,
}

impl Permission {
    /// The prefix of the inboxes that this credential may read: nobody else's answers.
    #[must_use]
    pub fn inbox(&self) -> String {
        format!("_INBOX_{}", self.user)
    }
}

/// The table for an organisation and its clinics.
#[must_use]
pub fn table(org: &OrgId, clinics: &[ClinicId]) -> Vec<Permission> {
    let workers = WORKERS.map(Holder::Worker);
    let clinics = clinics.iter().cloned().map(Holder::Clinic);
    [Holder::Administrator, Holder::Node, Holder::Viewer]
        .into_iter()
        .chain(workers)
        .chain(clinics)
        .map(|holder| permission(org, holder))
        .collect()
}

fn permission(org: &OrgId, holder: Holder) -> Permission {
    let (user, publish, mut subscribe) = match &holder {
        Holder::Administrator => ("administrator".to_owned(), administrator(org), Vec::new()),
        Holder::Node => {
            let facts = facts_of_a_node(org);
            let facts: Vec<&str> = facts.iter().map(String::as_str).collect();
            ("node".to_owned(), node(org, "*", &facts), Vec::new())
        }
        Holder::Viewer => ("viewer".to_owned(), reading(org), Vec::new()),
        Holder::Worker(worker) => {
            let facts = facts_of(org, worker);
            let facts: Vec<&str> = facts.iter().map(String::as_str).collect();
            ((*worker).to_owned(), node(org, worker, &facts), Vec::new())
        }
        Holder::Clinic(clinic) => (
            format!("clinic-{clinic}"),
            clinic_publishes(org, clinic),
            vec![format!("clinic.{org}.{clinic}.>")],
        ),
    };
    subscribe.push(format!("_INBOX_{user}.>"));
    Permission {
        holder,
        user,
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
    may.extend(reads(&format!("KV_{LEASES}")));
    may
}

/// What it takes to read one stream from the start to the head and on.
fn reads(stream: &str) -> [String; 7] {
    [
        format!("$JS.API.STREAM.INFO.{stream}"),
        format!("$JS.API.STREAM.MSG.GET.{stream}"),
        format!("$JS.API.DIRECT.GET.{stream}"),
        format!("$JS.API.DIRECT.GET.{stream}.>"),
        format!("$JS.API.CONSUMER.CREATE.{stream}"),
        format!("$JS.API.CONSUMER.CREATE.{stream}.>"),
        format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.>"),
    ]
}

/// Reading, saying `facts`, setting aside what cannot be read, and the leases and status of `worker`.
fn node(org: &OrgId, worker: &str, facts: &[&str]) -> Vec<String> {
    let mut may = reading(org);
    may.extend(facts.iter().map(|f| (*f).to_owned()));
    may.push(format!("quarantine.{org}.>"));
    if matches!(worker, "*" | "scheduler") {
        may.push(format!("clinic.{org}.>"));
    }
    may.push(format!("$KV.{LEASES}.{org}.{worker}"));
    // What it says of itself, in lines of its own role; a process that may be any worker may say what each would.
    may.push(format!("$KV.{LEASES}.{org}.status.{worker}.*"));
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

/// What one worker says.
fn facts_of(org: &OrgId, worker: &str) -> Vec<String> {
    let about = |what: &str| format!("care.{org}.{what}");
    match worker {
        "scheduler" => vec![about("patient.*.session.*")],
        "oswestry" => vec![about("patient.*.oswestry.*")],
        "triggers" => vec![
            about("patient.*.alert.*"),
            about("patient.*.report.*"),
            about("practitioner.*.alert.*"),
        ],
        _ => vec![about("*.*.notice.*"), about("member.*.log.changed")],
    }
}

/// What happens in the world, and the clinic's own schedule through one consumer of its own name.
fn clinic_publishes(org: &OrgId, clinic: &ClinicId) -> Vec<String> {
    let feed = clinic_stream(org);
    let about = |what: &str| format!("care.{org}.{what}");
    vec![
        about("patient.*.plan.*"),
        about("patient.*.session.*"),
        about("patient.*.assessment.*"),
        about("patient.*.alert.acknowledged"),
        about("patient.*.alert.resolved"),
        about("practitioner.*.calendar.published"),
        about("practitioner.*.credentials.published"),
        about("practitioner.*.alert.acknowledged"),
        about("practitioner.*.alert.resolved"),
        format!("$JS.API.DIRECT.GET.{feed}.clinic.{org}.{clinic}.>"),
        format!("$JS.API.CONSUMER.CREATE.{feed}.{clinic}.clinic.{org}.{clinic}.>"),
        format!("$JS.API.CONSUMER.MSG.NEXT.{feed}.{clinic}"),
        format!("$JS.ACK.{feed}.{clinic}.>"),
    ]
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

/// The part of a server's configuration that says who its users are. `identity` answers with the lines that name one,
/// e.g. `nkey: U…`.
#[must_use]
pub fn server_config(table: &[Permission], identity: impl Fn(&Permission) -> String) -> String {
    let users: String = table.iter().map(|row| user(row, &identity(row))).collect();
    format!("authorization {{\n  users: [\n{users}  ]\n}}\n")
}

fn user(row: &Permission, identity: &str) -> String {
    let list = |subjects: &[String]| {
        let quoted: Vec<String> = subjects.iter().map(|s| format!("          \"{s}\"\n")).collect();
        format!("{{ allow: [\n{}        ] }}", quoted.concat())
    };
    format!(
        "    # {}\n    {{\n      {identity}\n      permissions: {{\n        publish: {}\n        subscribe: {}\n      }}\n    }}\n",
        row.user,
        list(&row.publish),
        list(&row.subscribe),
    )
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
        }
    }
}
