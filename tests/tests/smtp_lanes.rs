//! Lanes against real servers that hang: urgent mail goes first, few claims are open, one domain delays no other.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::time::Duration;

use care::fact::ours::{Lane, Notice};
use post::{Post, SmtpCarrier};
use serde_json::{Value, json};
use tests::clinic::facts::{Fact, red_flag};
use tests::clinic::mailbox::{Identity, Mailbox, PASSWORD};
use tests::clinic::record::Record;
use tests::clinic::tap::Tap;
use tests::clinic::{Clinic, Running};

const NODE: &str = "n-1";
const NOW: &str = "2026-06-01T14:00:00Z";
/// Open claims of routine mail, and to one domain: what a crash may leave behind.
const OPEN: usize = 16;
const OPEN_PER_DOMAIN: usize = 4;

/// A patient whose whole team has its mail at one domain; two of them hear that the Oswestry is due.
fn plan(patient: &str, domain: &str) -> Fact {
    let roles = [
        "pcp",
        "physiatrist",
        "acupuncturist",
        "physical_therapist",
        "care_coordinator",
    ];
    let team: Vec<Value> = roles
        .iter()
        .map(|role| {
            let id = format!("{patient}-{role}").replace('_', "-");
            json!({"role": role, "member_id": id, "email": format!("{id}@{domain}")})
        })
        .collect();
    let data = json!({
        "plan_id": format!("cp-{patient}"), "revision": 1, "timezone": "America/Toronto", "started_on": &NOW[..10],
        "patient": {}, "team": team, "oswestry": {"baseline_on": &NOW[..10]},
    });
    let about = format!("patient/{patient}");
    Fact::new(&format!("plan-{patient}"), "plan.activated", &about, NOW, &data)
}

/// A clinic with a node, and a server with a fault behind a tap.
struct Scene {
    clinic: Clinic,
    identity: Identity,
    server: Mailbox,
    tap: Tap,
    node: Running,
}

impl Scene {
    async fn open(fault: &str, only: &str) -> Self {
        let identity = Identity::of("localhost");
        let server = Mailbox::start_as(Some(&identity), &["--fault", fault, "--only", only], &[]);
        let tap = Tap::to(server.port()).await;
        let mut settings = server.settings(PASSWORD);
        settings.port = tap.port();
        settings.slow_after = Duration::from_millis(200);
        let clinic = Clinic::open(NOW).await;
        let post = Post::Smtp(Box::new(SmtpCarrier::new(settings).unwrap()));
        let node = clinic.start_with(NODE, post).await;
        Self {
            clinic,
            identity,
            server,
            tap,
            node,
        }
    }
}

fn of_lane<'a>(record: &'a Record, verb: &str, urgent: bool) -> Vec<&'a Notice> {
    let all = record.notices(verb).into_iter();
    all.filter(|n| (n.lane == Some(Lane::Urgent)) == urgent).collect()
}

/// The most claims of a lane that were open anywhere in the log, of notices that are chosen.
fn most_open(record: &Record, urgent: bool, chosen: impl Fn(&Notice) -> bool) -> usize {
    let (mut open, mut most) = (0usize, 0);
    for (_, event) in &record.facts {
        let Some(notice) = event.fact.notice() else {
            continue;
        };
        if (notice.lane == Some(Lane::Urgent)) != urgent || !chosen(notice) {
            continue;
        }
        match event.fact.name().as_str() {
            "notice.attempted" => open += 1,
            _ => open -= 1,
        }
        most = most.max(open);
    }
    most
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn urgent_mail_goes_while_every_routine_conversation_hangs_and_a_backlog_waits() {
    let slow: Vec<String> = (0..8).map(|n| format!("slow{n}.example")).collect();
    let mut scene = Scene::open("dot:silent", &slow.join(",")).await;
    let patients = (0..40).map(|n| plan(&format!("p-{n}"), &slow[n % slow.len()]));
    scene.clinic.publish(patients).await;
    scene
        .clinic
        .until_logged("as many claims as may be open", |record| {
            (of_lane(record, "attempted", false).len() >= OPEN).then_some(())
        })
        .await;
    scene
        .clinic
        .publish([
            plan("u-1", "well.example"),
            red_flag("u-1", "bladder_change", NOW),
        ])
        .await;
    scene
        .clinic
        .until_logged("five urgent mails sent", |record| {
            (of_lane(record, "sent", true).len() == 5).then_some(())
        })
        .await;
    let record = scene.clinic.record().await;
    assert_eq!(
        of_lane(record, "attempted", false).len(),
        OPEN,
        "80 mails wait, unclaimed"
    );
    assert_eq!(most_open(record, false, |_| true), OPEN);
    assert!(of_lane(record, "sent", false).is_empty());
    // As if the process died: what the server holds is never more than what was claimed.
    scene.node.abort().await;
    assert!(scene.server.taken().len() <= OPEN + 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_silent_domain_holds_its_own_claims_and_nobody_elses() {
    let mut scene = Scene::open("dot:silent", "slow.example").await;
    // By their names the slow ones would all come first.
    let slow = (0..12).map(|n| plan(&format!("a-{n}"), "slow.example"));
    let well = (0..12).map(|n| plan(&format!("b-{n}"), "well.example"));
    scene.clinic.publish(slow.chain(well)).await;
    scene
        .clinic
        .until_logged("everything that can be sent", |record| {
            (of_lane(record, "sent", false).len() == 24).then_some(())
        })
        .await;
    let record = scene.clinic.record().await;
    let is_slow = |n: &Notice| n.member_id.as_str().starts_with("a-");
    assert_eq!(most_open(record, false, is_slow), OPEN_PER_DOMAIN);
    assert!(most_open(record, false, |_| true) <= OPEN);
    assert!(!record.notices("sent").into_iter().any(is_slow));
    scene.node.abort().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sick_domain_is_left_alone_probed_by_one_mail_and_served_when_it_is_well() {
    let mut scene = Scene::open("rcpt:451", "sick.example").await;
    let sick = (0..12).map(|n| plan(&format!("a-{n}"), "sick.example"));
    let well = (0..12).map(|n| plan(&format!("b-{n}"), "well.example"));
    scene.clinic.publish(sick.chain(well)).await;
    let tried = |record: &Record| {
        let all = of_lane(record, "deferred", false);
        all.into_iter()
            .filter(|n| n.member_id.as_str().starts_with("a-"))
            .count()
    };
    scene
        .clinic
        .until_logged("the well ones sent, and the domain given up", |record| {
            (of_lane(record, "sent", false).len() == 24 && tried(record) >= 3).then_some(())
        })
        .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let before = tried(scene.clinic.record().await);
    assert!(
        (3..=3 + OPEN_PER_DOMAIN).contains(&before),
        "{before} of 24 mails were tried"
    );
    // Two minutes later one mail finds out that it is as before, and only one.
    scene.clinic.at("2026-06-01T14:02:00Z");
    scene
        .clinic
        .until_logged("a probe", |record| (tried(record) > before).then_some(()))
        .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(tried(scene.clinic.record().await), before + 1);
    // Urgent mail tries anyway.
    scene
        .clinic
        .publish([
            plan("a-99", "sick.example"),
            red_flag("a-99", "bladder_change", "2026-06-01T14:02:00Z"),
        ])
        .await;
    scene
        .clinic
        .until_logged("urgent tries", |record| {
            (of_lane(record, "attempted", true).len() == 5).then_some(())
        })
        .await;
    let healthy = Mailbox::start_as(Some(&scene.identity), &[], &[]);
    scene.tap.lead_to(healthy.port()).await;
    drop(scene.server);
    // The first that gets through opens the way for all.
    scene.clinic.at("2026-06-01T14:40:00Z");
    scene
        .clinic
        .until_logged("everything sent", |record| {
            let sent = of_lane(record, "sent", false).len();
            (sent == 48 && of_lane(record, "sent", true).len() >= 5).then_some(())
        })
        .await;
    scene.node.stop().await;
    scene.clinic.record().await.assert_nothing_doubled();
}
