//! `kill -9` of a node at any moment while facts keep coming: afterwards nothing is lost and nothing doubled.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::time::Duration;

use care::fact::ours::Notice;
use care::time::hours;
use node::Clock;
use tests::aloud;
use tests::clinic::Clinic;
use tests::clinic::course::{Stage, patient, pt};
use tests::clinic::facts::{Fact, booked, calendar_of_every_day, plan};
use tests::clinic::process::{self, NodeProcess};
use tests::clinic::whole::{Course, assert_every_letter_is_a_sent_notice};
use tests::damage::Dice;
use tests::nats::{self, NatsServer, Plan};

const NODE: &str = "n-1";

#[test]
fn this_program_is_a_node_when_a_test_starts_it_as_one() {
    process::play();
}

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name)
        .ok()
        .map_or(default, |text| text.parse().unwrap())
}

/// A node that is killed now and then, and what it ought to be doing.
struct Victim<'a> {
    clinic: &'a mut Clinic,
    node: NodeProcess,
    dice: Dice,
}

impl Victim<'_> {
    /// Publishes the facts of a stage and kills the node `pairs` times two meanwhile.
    async fn live_through(&mut self, stage: &Stage, pairs: usize) {
        self.node.at(stage.now);
        let size = stage.facts.len().div_ceil(pairs + 1);
        let mut handfuls = stage.facts.chunks(size);
        for _ in 0..pairs {
            self.die_twice(stage.now, handfuls.next().unwrap_or_default())
                .await;
        }
        for handful in handfuls {
            self.clinic.publish(handful.iter().cloned()).await;
        }
    }

    /// Once at any moment while facts come; and once in the middle of the work that came while it was down.
    async fn die_twice(&mut self, now: &str, facts: &[Fact]) {
        let (before, meanwhile) = facts.split_at(self.dice.roll(facts.len() + 1));
        for fact in before {
            self.clinic.publish([fact.clone()]).await;
            self.pause(20_000).await;
        }
        self.pause(60_000).await;
        self.node.kill9();
        self.clinic.publish(meanwhile.iter().cloned()).await;
        let end = self.clinic.record().await.end;
        self.node = NodeProcess::start(self.clinic, NODE, now);
        // A second is plenty to begin; if there is nothing to do, it dies at any moment.
        for _ in 0..500 {
            if meanwhile.is_empty() || self.clinic.record().await.end > end {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        self.pause(40_000).await;
        self.node.kill9();
        self.node = NodeProcess::start(self.clinic, NODE, now);
    }

    async fn pause(&mut self, up_to_us: usize) {
        tokio::time::sleep(Duration::from_micros(self.dice.roll(up_to_us) as u64)).await;
    }
}

/// Kills in one course. More would find the node with nothing to do: it has twenty facts a stage.
const A_COURSE: usize = 50;

/// One course on a server of its own, with `kills` kills; returns how many mails were cut off and sent again, and the
/// longest time from the last start of a stage until everything was said.
async fn survives(course: &Course, plan: Plan, kills: usize, seed: u64) -> (usize, Duration) {
    let mut lag = Duration::ZERO;
    let mut clinic = Clinic::open_on(NatsServer::start_as(plan), course.begin()).await;
    clinic.forget_message_ids();
    let node = NodeProcess::start(&clinic, NODE, course.begin());
    let dice = Dice(seed);
    let mut victim = Victim {
        clinic: &mut clinic,
        node,
        dice,
    };
    let pairs = kills / 2;
    for (n, stage) in course.stages.iter().enumerate() {
        let pairs = pairs / course.stages.len() + usize::from(n < pairs % course.stages.len());
        victim.live_through(stage, pairs).await;
        lag = lag.max(course.until_said(n, victim.clinic).await);
    }
    victim.node.stop();
    course.assert_kept(&mut clinic, &[NODE]).await;
    (clinic.record().await.notices("deferred").len(), lag)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_killed_at_any_moment_loses_nothing_and_doubles_nothing() {
    let (kills, seed) = (setting("CAREBUS_KILLS", A_COURSE), setting("CAREBUS_SEED", 1));
    let course = Course::default();
    let (mut cut_off, mut lag) = (0, Duration::ZERO);
    for round in 0..kills.div_ceil(A_COURSE) {
        let (kills, seed) = ((kills - round * A_COURSE).min(A_COURSE), seed + round);
        // To repeat the round that failed.
        println!("CAREBUS_KILLS={kills} CAREBUS_SEED={seed}");
        let (again, longest) = survives(&course, Plan::default(), kills, seed as u64).await;
        cut_off += again;
        lag = lag.max(longest);
    }
    aloud::say(&format!(
        "{kills} kills: 0 lost, 0 doubled; {cut_off} mails were cut off and sent again"
    ));
    aloud::measured("longest lag after a kill -9 of carebus", lag);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_killed_on_the_server_before_the_newest_loses_and_doubles_nothing_either() {
    let Some(program) = nats::version("2.14") else {
        return;
    };
    let plan = Plan {
        program,
        ..Plan::default()
    };
    survives(&Course::default(), plan, 12, 7).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_carebus_command_killed_on_real_time_books_and_invites_once() {
    let now = Clock::real().now();
    let day = |days: i64| now.saturating_add(hours(24 * days)).unwrap().to_string()[..10].to_owned();
    let at = now.to_string();
    let mut clinic = Clinic::open(&at).await;
    let mut node = NodeProcess::start_command(&clinic, NODE);
    clinic
        .publish((1..=4).map(|n| calendar_of_every_day(&format!("acu-{n}"), &at)))
        .await;
    for n in 0..12 {
        clinic
            .publish([plan(&patient(n), &format!("acu-{}", n % 4 + 1), &at)])
            .await;
        // 15:00 UTC is in the morning and 17:00 at noon in Toronto, in summer and in winter.
        let start = format!("{}T{}:00:00Z", day(10), 15 + n / 4);
        clinic
            .publish([booked(&patient(n), &pt(n, 0), &start, &at)])
            .await;
        if n % 3 == 2 {
            let end = clinic.record().await.end;
            clinic
                .until_logged("the node at work", |record| (record.end > end).then_some(()))
                .await;
            node.kill9();
            node = NodeProcess::start_command(&clinic, NODE);
        }
    }
    clinic
        .until_logged("twelve EA and their invitations sent", |record| {
            let invited = |n: &&Notice| {
                n.about
                    .iter()
                    .any(|about| about.contains('/') && !about.starts_with("oswestry"))
            };
            let sent = record.notices("sent").iter().filter(|n| invited(n)).count();
            (sent == 12 && record.preparations().values().all(|count| *count == 1)).then_some(())
        })
        .await;
    node.stop();
    let record = clinic.record().await;
    assert_eq!(record.preparations().len(), 12);
    record.assert_nothing_doubled();
    assert_every_letter_is_a_sent_notice(&mut clinic, &[NODE]).await;
}
