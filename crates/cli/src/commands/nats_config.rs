//! `carebus nats-config`: a server configuration with least-privilege users, and the seed of each in a file.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::ExitCode;

use bus::permissions::{CLINIC_API, Holder, Permission, new_key, server_config, table};
use care::id::OrgId;

use crate::args::NatsConfig;
use crate::exit::{Exit, Failure};
use crate::output::Output;

/// What nats-server includes.
const USERS: &str = "carebus-users.conf";

pub(crate) fn run(args: &NatsConfig, orgs: &[OrgId], output: &Output) -> Result<ExitCode, Failure> {
    let [org] = orgs else {
        return Err(
            Failure::new(Exit::Usage, "the users are those of one organisation".to_owned())
                .help("name it: carebus nats-config --org acme --clinic eastside-pt --out keys"),
        );
    };
    let rows = table(org, &args.clinics);
    fs::create_dir_all(&args.out).map_err(|e| Failure::file(&args.out, &e))?;
    let mut public = Vec::new();
    for row in &rows {
        let (key, seed) = new_key()?;
        write_secret(&args.out.join(format!("{}.nk", row.user)), &seed)?;
        public.push(key);
    }
    let identity = |row: &Permission| {
        let at = rows.iter().position(|r| r.user == row.user);
        let key = at.and_then(|at| public.get(at)).map_or("", String::as_str);
        format!("nkey: {key}")
    };
    let path = args.out.join(USERS);
    let text = format!("{HEAD}{}", server_config(&rows, identity));
    fs::write(&path, text).map_err(|e| Failure::file(&path, &e))?;
    if output.json() {
        let users: Vec<&str> = rows.iter().map(|r| r.user.as_str()).collect();
        output.value(&serde_json::json!({ "org": org, "users": users, "config": path }))?;
        return Ok(ExitCode::SUCCESS);
    }
    for row in &rows {
        let clinic = matches!(row.holder, Holder::Clinic(_));
        let api = if clinic {
            format!(", JetStream API prefix {CLINIC_API}")
        } else {
            String::new()
        };
        output.line(format!(
            "{}.nk  (nats.inbox = \"{}\"{api})",
            row.user,
            row.inbox()
        ))?;
    }
    output.note(format!(
        "{}: include it in nats-server.conf, and give each process its .nk file (nats.nkey) and inbox",
        path.display()
    ));
    Ok(ExitCode::SUCCESS)
}

const HEAD: &str = "\
# Written by `carebus nats-config`: one account for the streams, one for each clinic, allow-lists only.
# It goes into nats-server.conf, which needs beside it (docs/security.md):
#
#   listen: \"0.0.0.0:4222\"
#   jetstream {
#     store_dir: \"/var/lib/nats\"
#     # An acknowledged fact is on the disk; without it a power cut loses two minutes of them.
#     sync_interval: always
#   }
#   # Unless it listens on loopback only. carebus trusts the authority of nats.tls_root, or the system's.
#   tls {
#     cert_file: \"/etc/nats/cert.pem\"
#     key_file: \"/etc/nats/key.pem\"
#   }
#   include carebus-users.conf
#
# Give nobody else of the first account a `>` to subscribe to: see docs/security.md, \"What a stolen key can do\".
";

/// A file that only its owner reads; one that is there is never written over, because somebody uses its key.
fn write_secret(path: &Path, secret: &str) -> Result<(), Failure> {
    let opened = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    let mut file = opened.map_err(|e| {
        Failure::file(path, &e).help("choose a new or empty folder with --out: keys in use are not replaced")
    })?;
    writeln!(file, "{secret}").map_err(|e| Failure::file(path, &e))
}
