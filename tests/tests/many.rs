//! Hundreds of patients at once: decisions travel in atomic batches, and each is still taken once, whoever else acts.
//!
//! Two things keep a decision from being taken twice: the server's memory for message ids, which lasts two minutes, and
//! what the first fact of each decision expects. Here both are at work; that the second is there and refuses by itself
//! is tested in `node::appending` and `bus/batches`.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeSet;
use std::time::Duration;

use bus::BusError;
use bus::append::{Append, Tally, import};
use care::{Policy, Worker};
use engine::Settings;
use node::{Node, Options};
use post::{DirectoryCarrier, Post};
use tests::clinic::facts::{Fact, booked, calendar, pain, plan};
use tests::clinic::{Clinic, acme};
use tokio_util::sync::CancellationToken;

const MORNING: &str = "2026-06-01T14:00:00Z";
const PATIENTS: usize = 200;
/// So many have one acupuncturist, so that everybody finds a slot.
const PER_PRACTITIONER: usize = 20;

/// A node without letters, of which two hundred take their time.
async fn node(clinic: &Clinic, name: &str) -> Node {
    let mut settings = Settings::new(acme(), Policy::default());
    settings.workers = BTreeSet::from([Worker::Scheduler, Worker::Oswestry, Worker::Triggers]);
    let options = Options {
        settings,
        state: clinic.state(name),
        post: Post::Directory(DirectoryCarrier::new(clinic.mail(name))),
        clock: clinic.clock.clone(),
        name: name.to_owned(),
    };
    Node::open(clinic.conn.clone(), options).await.unwrap()
}

/// Calendars, and for everybody a plan and a PT session next week.
fn everybody() -> Vec<Fact> {
    let practitioner = |patient: usize| format!("acu-{}", patient / PER_PRACTITIONER);
    let calendars = (0..PATIENTS)
        .step_by(PER_PRACTITIONER)
        .map(|n| calendar(&practitioner(n), MORNING));
    let plans = (0..PATIENTS).map(|n| plan(&format!("p-{n}"), &practitioner(n), MORNING));
    let sessions = (0..PATIENTS).map(|n| {
        // Wednesday to Friday, so that 48 hours before is a day of work: a slot of one's own for everybody.
        let (day, hour) = (10 + n % 3, 13 + n / 3 % 7);
        booked(
            &format!("p-{n}"),
            &format!("pt-{n}"),
            &format!("2026-06-{day:02}T{hour}:00:00Z"),
            MORNING,
        )
    });
    calendars.chain(plans).chain(sessions).collect()
}

fn messages(facts: Vec<Fact>) -> Vec<Append> {
    facts
        .iter()
        .map(|fact| Append::fact(&fact.event(), None))
        .collect()
}

/// Everybody's PT is prepared by one EA, and nothing was said twice.
async fn assert_once_each(clinic: &mut Clinic) {
    let record = clinic.record().await;
    record.assert_nothing_doubled();
    let preparations = record.preparations();
    let not_once: Vec<_> = preparations.iter().filter(|(_, count)| **count != 1).collect();
    assert!(not_once.is_empty(), "{not_once:?}");
    assert_eq!(preparations.len(), PATIENTS);
}

/// How many EA bookings came into the log in a batch.
async fn booked_in_batches(clinic: &Clinic) -> usize {
    let mut count = 0;
    let org = acme();
    let read = bus::export::export::<BusError>(&clinic.conn, &org, 1, None, |received| {
        let is_booking = received.subject.ends_with(".session.booked");
        let is_ours = String::from_utf8_lossy(&received.payload).contains("urn:carebus:acme:scheduler");
        count += usize::from(is_booking && is_ours && received.header("Nats-Batch-Id").is_some());
        Ok(())
    });
    read.await.unwrap();
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_that_decide_the_same_at_once_book_every_ea_once() {
    let mut clinic = Clinic::open(MORNING).await;
    let mut tally = Tally::default();
    assert!(
        import(&clinic.conn, messages(everybody()), &mut tally)
            .await
            .unwrap()
    );
    let (mut one, mut other) = (node(&clinic, "n-1").await, node(&clinic, "n-2").await);
    // Neither asks for a lease here: both act, on the same charts, at the same time.
    let now = clinic.clock.now();
    let (first, second) = tokio::join!(one.settle_at(now), other.settle_at(now));
    first.unwrap();
    second.unwrap();
    assert_once_each(&mut clinic).await;
    let batched = booked_in_batches(&clinic).await;
    assert!(batched > PATIENTS / 2, "only {batched} bookings came in batches");
    // Both know what became of it.
    one.settle_at(now).await.unwrap();
    other.settle_at(now).await.unwrap();
    assert_eq!(one.engine().state_hash(), other.engine().state_hash());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_is_answered_once_each_though_facts_keep_coming_and_the_server_is_killed() {
    let mut clinic = Clinic::open(MORNING).await;
    let node = node(&clinic, "n-1").await;
    let stop = CancellationToken::new();
    let mut running = tokio::task::JoinSet::new();
    let until = stop.clone();
    running.spawn(async move { Box::pin(node.run(until)).await });

    until_imported(&clinic, everybody()).await;
    // Newer facts about those whose decisions are on their way; and the server goes down in the middle of it.
    for n in 0..40 {
        let about = format!("p-{}", n * 7 % PATIENTS);
        until_imported(&clinic, vec![pain(&about, 40, MORNING)]).await;
        if n == 10 {
            clinic.server.restart();
        }
    }
    let all_prepared = |record: &tests::clinic::record::Record| {
        let all = record.preparations();
        (all.len() == PATIENTS && all.values().all(|count| *count >= 1)).then_some(())
    };
    clinic.until_logged("an EA for everybody", all_prepared).await;
    stop.cancel();
    running.join_next().await.unwrap().unwrap().unwrap();
    assert_once_each(&mut clinic).await;
}

/// Imports, and again if the server was away meanwhile: what is there already counts once.
async fn until_imported(clinic: &Clinic, facts: Vec<Fact>) {
    for _ in 0..600 {
        if matches!(
            import(&clinic.conn, messages(facts.clone()), &mut Tally::default()).await,
            Ok(true)
        ) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the server does not come back\n{}", clinic.said());
}
