//! The process is gone between the final dot and the outcome: urgent mail goes once more and says so, routine mail not.

use std::collections::BTreeMap;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use care::Policy;
use care::fact::ours::{Lane, Notice};
use care::phi::Phi;
use engine::Settings;
use node::{Clock, Node, Options};
use post::{Post, SmtpCarrier, SmtpSettings, Tls};
use serde_json::{Value, json};
use tests::clinic::facts::{booked, calendar, plan, red_flag};
use tests::clinic::mailbox::{Mailbox, PASSWORD};
use tests::clinic::{Clinic, acme, connect, instant};
use tokio_util::sync::CancellationToken;

const NODE: &str = "n-1";
const NOW: &str = "2026-06-01T14:00:00Z";
/// Five of the team hear of the red flag.
const URGENT: usize = 5;

/// Where the role stands: JSON.
const ROLE: &str = "CAREBUS_TEST_SMTP_ROLE";
const PLAYER: &str = "this_program_is_a_node_when_a_test_starts_it_as_one";

/// A node in a process of its own, whose mail goes to a server; killed when dropped.
struct Process(Child);

impl Process {
    fn start(clinic: &Clinic, mailbox: &Mailbox) -> Self {
        let settings = mailbox.settings(PASSWORD);
        let role = json!({
            "url": clinic.server.url(), "state": clinic.state(NODE), "port": settings.port, "user": settings.user,
            "ca_file": settings.ca_file,
        });
        let child = Command::new(format!("/proc/{}/exe", std::process::id()))
            .args([PLAYER, "--exact", "--nocapture", "--test-threads=1"])
            .env(ROLE, role.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn();
        Self(child.expect("a process"))
    }

    fn kill9(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill9();
    }
}

/// A node until standard input ends, also because the test died.
#[test]
fn this_program_is_a_node_when_a_test_starts_it_as_one() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let role: Value = serde_json::from_str(&role).unwrap();
    let text = |name: &str| role[name].as_str().unwrap().to_owned();
    let port = u16::try_from(role["port"].as_u64().unwrap()).unwrap();
    let mut settings = SmtpSettings::new("localhost", port, Tls::StartTls);
    settings.ca_file = Some(text("ca_file").into());
    settings.user = Some(text("user"));
    settings.password = Some(Phi::new(PASSWORD.to_owned()));
    let options = Options {
        settings: Settings::new(acme(), Policy::default()),
        state: text("state").into(),
        post: Post::Smtp(Box::new(SmtpCarrier::new(settings).unwrap())),
        clock: Clock::at(instant(NOW)),
        name: NODE.to_owned(),
    };
    let stop = CancellationToken::new();
    let at_the_end = stop.clone();
    std::thread::spawn(move || {
        std::io::stdin().read_to_end(&mut Vec::new()).ok();
        at_the_end.cancel();
    });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let node = Node::open(connect(&text("url")).await, options).await.unwrap();
        Box::pin(node.run(stop)).await.unwrap();
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_after_the_final_dot_costs_one_more_copy_of_urgent_mail_and_none_of_routine_mail() {
    // It takes each mail and says nothing: at the kill, every conversation is past its final dot.
    let mailbox = Mailbox::start_with(Some("dot:silent"), &[]);
    let mut clinic = Clinic::open(NOW).await;
    let mut node = Process::start(&clinic, &mailbox);
    clinic
        .publish([
            calendar("acu-1", NOW),
            plan("p-1", "acu-1", NOW),
            red_flag("p-1", "bladder_change", NOW),
            plan("p-2", "acu-1", NOW),
            booked("p-2", "pt-2", "2026-06-10T14:00:00Z", NOW),
        ])
        .await;
    // Three lives, each ended once the server holds what this one had to send.
    for copies in [URGENT + 3, 2 * URGENT + 3, 2 * URGENT + 3] {
        until(&mailbox, copies).await;
        node.kill9();
        node = Process::start(&clinic, &mailbox);
    }
    // Two unknown tries of each urgent mail, one of each routine mail: nothing is left to do.
    clinic
        .until_logged("every outcome unknown", |record| {
            (record.notices("unknown").len() == 2 * URGENT + 3).then_some(())
        })
        .await;
    node.kill9();
    let record = clinic.record().await;
    record.assert_nothing_doubled();
    assert!(record.notices("sent").is_empty());
    let notices: BTreeMap<&str, &Notice> = record
        .notices("attempted")
        .into_iter()
        .map(|notice| (notice.message_id.as_str(), notice))
        .collect();
    assert_eq!(notices.len(), URGENT + 3);
    let taken = mailbox.taken();
    for (id, notice) in notices {
        let marked: Vec<bool> = taken
            .iter()
            .filter(|mail| mail.text.contains(id))
            .map(|mail| mail.text.contains("Possible repeat"))
            .collect();
        let expected: &[bool] = match notice.lane {
            Some(Lane::Urgent) => &[false, true],
            _ => &[false],
        };
        assert_eq!(marked, expected, "{notice:?}");
    }
}

/// Waits until a server has taken so many mails.
async fn until(mailbox: &Mailbox, count: usize) {
    for _ in 0..1200 {
        if mailbox.taken().len() >= count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} of {count} mails reach the server", mailbox.taken().len());
}
