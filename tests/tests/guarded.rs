//! From `carebus nats-config` to a day at work, each with its own key: and the server has nothing to refuse.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use bus::permissions::CLINIC_API;
use serde_json::json;
use tests::clinic::facts::{booked, calendar_of_every_day, plan};
use tests::clinic::process::carebus;
use tests::nats::NatsServer;
use tests::wire::{Who, Wire};

fn day(offset: i64) -> String {
    let now = node::Clock::real().now();
    let at = now.saturating_add(care::time::hours(24 * offset)).unwrap_or(now);
    format!("{}T17:00:00Z", &at.to_string()[..10])
}

fn command(home: &Path, line: &str) -> Command {
    let mut command = Command::new(carebus());
    let words = line.split_whitespace();
    command
        .args(words)
        .env_clear()
        .env("HOME", home)
        .current_dir(home)
        .stdin(Stdio::null());
    command
}

fn run(home: &Path, line: &str) -> Output {
    let output = command(home, line).output().unwrap();
    assert!(output.status.success(), "{line}: {output:?}");
    output
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_works_with_the_key_that_was_made_for_them() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path();
    let said = run(
        home,
        "nats-config --org acme --clinic eastside-pt --clinic west --out keys",
    );
    let said = String::from_utf8(said.stdout).unwrap();
    let keys = home.join("keys");
    for entry in fs::read_dir(&keys).unwrap() {
        let path = entry.unwrap().path();
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        let is_secret = path.extension().is_some_and(|end| end == "nk");
        assert_eq!(mode == 0o600, is_secret, "{} {mode:o}", path.display());
    }
    assert!(
        said.contains("clinic-west.nk") && said.contains("_INBOX_clinic-west") && said.contains(CLINIC_API),
        "{said}"
    );
    // A second time would lock everybody out.
    assert!(
        !command(home, "nats-config --org acme --out keys")
            .output()
            .unwrap()
            .status
            .success()
    );

    let users = fs::read_to_string(keys.join("carebus-users.conf")).unwrap();
    let seeds = users
        .split_whitespace()
        .filter(|word| word.starts_with("SU"))
        .count();
    assert_eq!(seeds, 0, "no seed in the server's file");
    let server = NatsServer::start_with(&users);
    // An invitation keeps quiet hours, and this test is run at any hour.
    let policy = "[mail]\nquiet_from = \"00:00\"\nquiet_to = \"00:00\"\n";
    fs::write(home.join("policy.toml"), policy).unwrap();
    for user in ["administrator", "node", "viewer", "desk"] {
        let config = format!(
            "org = \"acme\"\nname = \"n-1\"\npolicy = \"policy.toml\"\nstate = \"state-{user}\"\n[nats]\nurl = {:?}\nnkey = \"keys/{user}.nk\"\ninbox = \"_INBOX_{user}\"\n[mail]\ndirectory = \"mail\"\n",
            server.url()
        );
        fs::write(home.join(format!("{user}.toml")), config).unwrap();
    }
    run(home, "--config administrator.toml org add acme");
    let log = fs::File::create(home.join("log")).unwrap();
    let mut node = command(home, "--config node.toml up")
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap();

    let seed = fs::read_to_string(keys.join("clinic-eastside-pt.nk")).unwrap();
    let mut clinic = Wire::open(&server, Who::Nkey(seed.trim()), "_INBOX_clinic-eastside-pt").unwrap();
    let now = node::Clock::real().now().to_string();
    for fact in [
        calendar_of_every_day("acu-1", &now),
        plan("p-1", "acu-1", &now),
        booked("p-1", "pt-1", &day(6), &now),
    ] {
        let subject = fact.event().subject().to_string();
        let stored = clinic
            .ask(
                &subject,
                &[("Nats-Msg-Id", &fact.event().message_id())],
                fact.line(),
            )
            .unwrap();
        assert!(stored.json()["seq"].is_u64(), "{stored:?}");
    }
    // Its schedule: from the start, and then what comes.
    let feed = "clinic.acme.eastside-pt.>";
    clinic.listen(feed);
    let config = json!({"name": "eastside-pt", "ack_policy": "explicit", "filter_subject": feed, "deliver_policy": "all"});
    let create = format!("{CLINIC_API}.CONSUMER.CREATE.CLINIC_ACME.eastside-pt.{feed}");
    let made = clinic
        .ask(
            &create,
            &[],
            &json!({"stream_name": "CLINIC_ACME", "config": config}).to_string(),
        )
        .unwrap();
    assert_eq!(made.json()["name"], "eastside-pt", "{made:?}");
    let next = format!("{CLINIC_API}.CONSUMER.MSG.NEXT.CLINIC_ACME.eastside-pt");
    let first = clinic
        .ask(&next, &[], r#"{"batch":1,"expires":55000000000}"#)
        .unwrap();
    assert!(
        first.subject.starts_with("clinic.acme.eastside-pt.session."),
        "{first:?}"
    );
    assert_eq!(first.json()["modality"], "ea", "{first:?}");
    clinic.say(&first.reply, "", &[], b"+ACK");

    for _ in 0..1200 {
        if fs::read_dir(home.join("mail")).is_ok_and(|mut mails| mails.next().is_some()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(
        fs::read_dir(home.join("mail")).is_ok_and(|mut mails| mails.next().is_some()),
        "{}",
        server.log()
    );
    for line in [
        "viewer.toml chart p-1",
        "viewer.toml agenda",
        "viewer.toml quarantine list",
        "desk.toml alerts --all",
        "viewer.toml mail list",
    ] {
        run(home, &format!("--config {line}"));
    }
    assert!(
        Command::new("kill")
            .arg(node.id().to_string())
            .status()
            .unwrap()
            .success()
    );
    assert!(
        node.wait().unwrap().success(),
        "{}",
        fs::read_to_string(home.join("log")).unwrap()
    );
    assert!(clinic.flush().is_empty());
    let log = server.log();
    assert!(!log.to_lowercase().contains("violation"), "{log}");
}
