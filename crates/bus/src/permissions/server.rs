//! The table as a nats-server reads it: one account for the streams, one for each clinic, and what passes between them.

use super::{CLINIC_API, Holder, Permission};

/// The part of a server's configuration that says who its users are. `identity` answers with the lines that name one,
/// e.g. `nkey: U…`.
#[must_use]
pub fn server_config(table: &[Permission], identity: impl Fn(&Permission) -> String) -> String {
    let is_clinic = |row: &&Permission| matches!(row.holder, Holder::Clinic(_));
    let users = |rows: &[&Permission]| {
        let all: String = rows.iter().map(|row| user(row, &identity(row))).collect();
        format!("    users: [\n{all}    ]\n")
    };
    let (clinics, own): (Vec<&Permission>, Vec<&Permission>) = table.iter().partition(is_clinic);
    let Some(account) = own.first().map(|row| row.account.as_str()) else {
        return String::new();
    };
    let exports: String = clinics.iter().flat_map(|clinic| exports(clinic)).collect();
    let mut text = format!(
        "accounts {{\n  \"{account}\" {{\n    jetstream: enabled\n{}    exports: [\n{exports}    ]\n  }}\n",
        users(&own)
    );
    for clinic in clinics {
        let imports: String = imports(account, clinic).collect();
        text.push_str(&format!(
            "  \"{}\" {{\n{}    imports: [\n{imports}    ]\n  }}\n",
            clinic.account,
            users(&[clinic])
        ));
    }
    text + "}\n"
}

/// What a clinic's account may use of the account with the streams.
fn exports(clinic: &Permission) -> Vec<String> {
    let to = &clinic.account;
    let service = |local: &String| {
        let subject = exported(local);
        // The schedule comes in many messages, every other answer is one.
        let many = if subject.contains(".MSG.NEXT.") {
            ", response_type: stream"
        } else {
            ""
        };
        format!("      {{ service: \"{subject}\"{many}, accounts: [\"{to}\"] }}\n")
    };
    let feeds = feeds(clinic).map(|feed| format!("      {{ stream: \"{feed}\", accounts: [\"{to}\"] }}\n"));
    clinic.publish.iter().map(service).chain(feeds).collect()
}

fn imports(account: &str, clinic: &Permission) -> impl Iterator<Item = String> {
    let service = move |local: &String| {
        let subject = exported(local);
        let to = if subject == *local {
            String::new()
        } else {
            format!(", to: \"{local}\"")
        };
        format!("      {{ service: {{ account: \"{account}\", subject: \"{subject}\" }}{to} }}\n")
    };
    let stream = move |feed: &String| {
        format!("      {{ stream: {{ account: \"{account}\", subject: \"{feed}\" }} }}\n")
    };
    clinic
        .publish
        .iter()
        .map(service)
        .chain(feeds(clinic).map(stream))
}

/// What a subject of a clinic's account is called in the account of the streams.
fn exported(local: &str) -> String {
    match local.strip_prefix(CLINIC_API) {
        Some(question) => format!("$JS.API{question}"),
        None => local.to_owned(),
    }
}

/// What a clinic listens to, its inbox apart: that stays in its account.
fn feeds(clinic: &Permission) -> impl Iterator<Item = &String> {
    clinic
        .subscribe
        .iter()
        .filter(|subject| !subject.starts_with("_INBOX"))
}

fn user(row: &Permission, identity: &str) -> String {
    let list = |subjects: &[String]| {
        let quoted: Vec<String> = subjects
            .iter()
            .map(|s| format!("            \"{s}\"\n"))
            .collect();
        format!("{{ allow: [\n{}          ] }}", quoted.concat())
    };
    format!(
        "      # {}\n      {{\n        {identity}\n        permissions: {{\n          publish: {}\n          subscribe: {}\n        }}\n      }}\n",
        row.user,
        list(&row.publish),
        list(&row.subscribe),
    )
}
