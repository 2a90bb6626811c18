//! Mail that is put off again and again, through the whole node on a virtual clock: the schedule, its end, and what is
//! not true any more when its turn comes.

use std::collections::BTreeSet;

use care::fact::ours::{Lane, Notice, WhyAbandoned};
use care::time::{Timestamp, minutes};
use tests::clinic::Clinic;
use tests::clinic::facts::{calendar, oswestry, plan, red_flag};
use tests::clinic::mailbox::{Identity, Mailbox, PASSWORD};
use tests::clinic::tap::Tap;

use post::{Post, SmtpCarrier};

const NODE: &str = "n-1";
const NOW: &str = "2026-06-01T14:00:00Z";
/// Minutes from each try to the next, and up to a tenth more.
const SCHEDULE: [i64; 7] = [1, 5, 30, 120, 300, 600, 600];

fn of<'a>(all: Vec<&'a Notice>, member: &str, attempt: u32) -> Option<&'a Notice> {
    let mut all = all.into_iter();
    all.find(|n| n.member_id.as_str() == member && n.attempt == attempt && n.lane == Some(Lane::Urgent))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn urgent_mail_is_tried_eight_times_over_28_hours_and_then_given_up_and_others_hear_of_it() {
    let busy = Mailbox::start_as(
        Some(&Identity::of("localhost")),
        &["--fault", "rcpt:451", "--only", "pcp.example,physiatry.example"],
        &[],
    );
    let mut clinic = Clinic::open(NOW).await;
    let node = clinic.start_with(NODE, busy.post(PASSWORD)).await;
    clinic
        .publish([
            calendar("acu-1", NOW),
            plan("p-1", "acu-1", NOW),
            red_flag("p-1", "history_of_cancer", NOW),
        ])
        .await;
    for (attempt, wait) in (1..).zip(SCHEDULE) {
        let (now, next) = clinic
            .until_logged(&format!("try {attempt} put off"), |record| {
                let times = ["m-1", "m-2"].map(|member| of(record.notices("deferred"), member, attempt));
                let times: Option<Vec<Timestamp>> = times.iter().map(|n| (*n)?.next_attempt_at).collect();
                Some((record.facts.last()?.1.time, times?))
            })
            .await;
        let waits: BTreeSet<i64> = next.iter().map(|at| at.duration_since(now).as_secs()).collect();
        let (least, most) = (wait * 60, wait * 66);
        assert!(
            waits.iter().all(|s| (least..=most).contains(s)),
            "{attempt}: {waits:?}"
        );
        assert_eq!(waits.len(), 2, "what failed together does not come back together");
        clinic.at(&next.iter().max().unwrap().to_string());
    }
    let reason = clinic
        .until_logged("given up", |record| {
            of(record.notices("abandoned"), "m-1", 8).map(|n| n.reason)
        })
        .await;
    assert_eq!(reason, Some(WhyAbandoned::GivenUp));
    // The coordinator, whose server takes mail, hears that it did not arrive.
    clinic
        .until_logged("the coordinator told", |record| {
            let told = record
                .notices("sent")
                .into_iter()
                .any(|n| n.member_id.as_str() == "m-5");
            told.then_some(())
        })
        .await;
    node.stop().await;
    let record = clinic.record().await;
    record.assert_nothing_doubled();
    assert!(of(record.notices("attempted"), "m-1", 9).is_none());
    let to_the_pcp = busy
        .taken()
        .into_iter()
        .any(|mail| mail.to == ["m-1@pcp.example"]);
    assert!(!to_the_pcp);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn routine_mail_that_was_put_off_and_is_not_true_any_more_is_not_sent() {
    let identity = Identity::of("localhost");
    let busy = Mailbox::start_as(Some(&identity), &["--fault", "rcpt:451"], &[]);
    let healthy = Mailbox::start_as(Some(&identity), &[], &[]);
    let mut tap = Tap::to(busy.port()).await;
    let mut settings = busy.settings(PASSWORD);
    settings.port = tap.port();
    let mut clinic = Clinic::open(NOW).await;
    let post = Post::Smtp(Box::new(SmtpCarrier::new(settings).unwrap()));
    let node = clinic.start_with(NODE, post).await;
    clinic
        .publish([plan("p-1", "acu-1", NOW), plan("p-2", "acu-1", NOW)])
        .await;
    clinic
        .until_logged("two letters about each Oswestry put off", |record| {
            let deferred = record.notices("deferred");
            (deferred.len() >= 3).then_some(())
        })
        .await;
    tap.lead_to(healthy.port()).await;
    drop(busy);
    let minute = |n: i64| clinic.clock.now().saturating_add(minutes(n)).unwrap().to_string();
    let (answered, due) = (minute(0), minute(10));
    clinic.publish([oswestry("p-1", 2, &answered)]).await;
    clinic.at(&due);
    clinic
        .until_logged("what is true sent, what is not let go", |record| {
            let gone: Vec<&Notice> = record.notices("abandoned");
            let let_go = gone
                .iter()
                .filter(|n| n.reason == Some(WhyAbandoned::NoLongerTrue))
                .count();
            (let_go == 2 && record.notices("sent").len() >= 2).then_some(())
        })
        .await;
    node.stop().await;
    let record = clinic.record().await;
    for notice in record.notices("abandoned") {
        let id = &notice.message_id;
        assert!(
            healthy.taken().iter().all(|mail| !mail.text.contains(id)),
            "{notice:?}"
        );
    }
}
