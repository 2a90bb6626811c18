//! Servers that will not do: too old, with a setting changed, with a stream missing, not syncing; refused with exit 78.

use std::process::{Command, Stdio};
use std::time::Duration;

use tests::clinic::process::{carebus, command_of};
use tests::clinic::{Clinic, acme};
use tests::nats::{self, NatsServer, Plan};

use crate::FIRST;

const NOW: &str = "2026-06-01T14:00:00Z";
const CONFIG: i32 = 78;

/// How a command ends, and what it says on both ways; a service that is not refused would run for ever.
fn ended(command: &mut Command) -> (Option<i32>, String) {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.unwrap();
    for _ in 0..3000 {
        if child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    // Still there after a minute: then it was not refused, and has no code.
    child.kill().ok();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

#[track_caller]
fn assert_refused(command: &mut Command, says: &[&str]) {
    let (code, said) = ended(command);
    assert_eq!(code, Some(CONFIG), "{command:?}: {said}");
    for words in says {
        assert!(said.contains(words), "{command:?}: no {words:?} in {said}");
    }
}

#[test]
fn a_server_too_old_for_the_conditional_append_is_refused_by_every_command() {
    let Some(program) = nats::version("2.9") else {
        return;
    };
    let server = NatsServer::start_as(Plan {
        program,
        // It does not know the setting at all.
        sync: None,
        ..Plan::default()
    });
    let home = tempfile::tempdir().unwrap();
    for words in [
        &["org", "add", "acme"][..],
        &["--org", "acme", "up"],
        &["--org", "acme", "doctor"],
        &["--org", "acme", "agenda"],
    ] {
        let mut command = Command::new(carebus());
        command
            .current_dir(home.path())
            .env_clear()
            .env("HOME", home.path())
            .args(["--nats", &server.url()])
            .args(words);
        assert_refused(
            &mut command,
            &["nats-server 2.9.10 is too old: carebus needs 2.12.0 or newer"],
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_was_changed_or_is_missing_is_refused_and_named() {
    let clinic = Clinic::open(NOW).await;
    let command = |word: &str| {
        let mut command = command_of(&clinic, FIRST, "");
        command.arg(word);
        command
    };
    // Full would mean "forget the oldest".
    let config = |discard: &str| {
        format!(
            r#"{{"name":"CARE_ACME","subjects":["care.acme.>"],"retention":"limits","storage":"file",
            "discard":"{discard}","max_msg_size":65536,"max_consumers":-1,"num_replicas":1,"duplicate_window":120000000000,
            "allow_direct":true,"allow_atomic":true}}"#
        )
    };
    let answer = clinic
        .server
        .ask("$JS.API.STREAM.UPDATE.CARE_ACME", &config("old"));
    assert!(!answer.contains("error"), "{answer}");
    for word in ["up", "doctor"] {
        let says = ["stream CARE_ACME: discard is Old on the server, carebus needs New"];
        assert_refused(&mut command(word), &says);
    }
    let answer = clinic
        .server
        .ask("$JS.API.STREAM.UPDATE.CARE_ACME", &config("new"));
    assert!(!answer.contains("error"), "{answer}");

    for stream in ["KV_carebus_leases", "QUARANTINE_ACME", "CLINIC_ACME", "CARE_ACME"] {
        bus::streams::add_org(&clinic.conn, &acme(), 1).await.unwrap();
        let answer = clinic.server.ask(&format!("$JS.API.STREAM.DELETE.{stream}"), "");
        assert!(answer.contains(r#""success":true"#), "{answer}");
        for word in ["up", "doctor"] {
            let says = [
                "organisation acme has no streams on this server",
                "restored from a backup",
            ];
            assert_refused(&mut command(word), &says);
        }
    }
}

#[test]
fn in_production_a_server_that_a_power_cut_would_make_forget_is_refused() {
    let forgetful = NatsServer::start_as(Plan {
        sync: None,
        ..Plan::default()
    });
    let home = tempfile::tempdir().unwrap();
    let up = |server: &NatsServer, monitor: &str| {
        let config = home.path().join("carebus.toml");
        let text = format!(
            "org = \"acme\"\nproduction = true\nstate = \"state\"\n[nats]\nurl = {:?}\nmonitor = {monitor:?}\n\
             [mail]\ntransport = \"smtp\"\n[smtp]\nhost = \"127.0.0.1\"\nport = 1\ntls = \"none\"\n",
            server.url()
        );
        std::fs::write(&config, text).unwrap();
        let mut command = Command::new(carebus());
        command
            .env_clear()
            .env("HOME", home.path())
            .arg("--config")
            .arg(config)
            .arg("up");
        command
    };
    assert_refused(
        &mut up(&forgetful, &forgetful.monitor_url()),
        &["sync_interval of the server: ", "sync_interval: always"],
    );
    // Where nobody can look, that is said, and it goes on: here to the next thing that is wrong.
    let says = [
        "sync_interval was not checked",
        "organisation acme has no streams",
    ];
    assert_refused(&mut up(&forgetful, ""), &says);
    assert_refused(&mut up(&forgetful, "http://127.0.0.1:1"), &says);
    let faithful = NatsServer::start();
    let (code, said) = ended(&mut up(&faithful, &faithful.monitor_url()));
    assert_eq!(code, Some(CONFIG), "{said}");
    assert!(
        !said.contains("sync_interval") && said.contains("organisation acme has no streams"),
        "{said}"
    );
}
