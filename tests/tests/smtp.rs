//! Mail through the whole node to a real SMTP server over STARTTLS with a login: taken, put off, refused, locked out.

use std::collections::BTreeSet;

use care::fact::ours::{Lane, Notice};
use care::time::minutes;
use tests::clinic::facts::{booked, calendar, plan, red_flag};
use tests::clinic::mailbox::{Mailbox, PASSWORD, Taken};
use tests::clinic::record::Record;
use tests::clinic::{Clinic, Running};

const NODE: &str = "n-1";
const NOW: &str = "2026-06-01T14:00:00Z";
const LATER: &str = "2026-06-01T14:30:00Z";
const TEAM: [&str; 5] = [
    "m-1@pcp.example",
    "m-2@physiatry.example",
    "m-3@acupuncture.example",
    "m-4@therapy.example",
    "m-5@care.example",
];
/// What everybody of the team is told, and what a physician and the acupuncturist are.
const FOR_ALL: &str = "bladder_change";
const FOR_PHYSICIANS: &str = "history_of_cancer";

/// A patient with a plan and a red flag.
async fn report(
    clinic: &mut Clinic,
    node: &str,
    item: &str,
    mailbox: &Mailbox,
    password: &str,
) -> (Running, String) {
    let node = clinic.start_with(node, mailbox.post(password)).await;
    clinic
        .publish([
            calendar("acu-1", NOW),
            plan("p-1", "acu-1", NOW),
            red_flag("p-1", item, NOW),
        ])
        .await;
    let alert = clinic
        .until_logged("an alert", |record| {
            let chart = record.chart("p-1");
            let raised = chart
                .alerts
                .iter()
                .find(|(_, alert)| alert.severity().is_some_and(|s| s.is_immediate()))?;
            Some(raised.0.to_string())
        })
        .await;
    (node, alert)
}

fn about<'a>(record: &'a Record, verb: &'a str, about: &'a str) -> Vec<&'a Notice> {
    record
        .notices(verb)
        .into_iter()
        .filter(|notice| notice.about.iter().any(|a| a == about))
        .collect()
}

fn members(notices: &[&Notice]) -> BTreeSet<String> {
    notices
        .iter()
        .map(|notice| notice.member_id.to_string())
        .collect()
}

/// Mails whose `Message-ID` is that of these notices, each exactly once.
fn taken_of(mailbox: &Mailbox, notices: &[&Notice]) -> Vec<Taken> {
    let taken = mailbox.taken();
    let of = |notice: &&Notice| {
        let id = format!("Message-ID: <{}>", notice.message_id);
        let found: Vec<&Taken> = taken.iter().filter(|mail| mail.text.contains(&id)).collect();
        assert_eq!(
            found.len(),
            1,
            "{} reached the server so often",
            notice.message_id
        );
        found[0].clone()
    };
    notices.iter().map(of).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_red_flag_reaches_everybody_of_the_team_over_starttls_with_a_login() {
    let mailbox = Mailbox::start();
    let mut clinic = Clinic::open(NOW).await;
    let (node, alert) = report(&mut clinic, NODE, FOR_ALL, &mailbox, PASSWORD).await;
    clinic
        .until_logged("five mails sent", |record| {
            (about(record, "sent", &alert).len() == TEAM.len()).then_some(())
        })
        .await;
    node.stop().await;

    let record = clinic.record().await;
    let sent = about(record, "sent", &alert);
    assert!(
        sent.iter()
            .all(|notice| notice.reply == Some(250) && notice.attempt == 1)
    );
    let mails = taken_of(&mailbox, &sent);
    let to: BTreeSet<&str> = mails
        .iter()
        .flat_map(|mail| &mail.to)
        .map(String::as_str)
        .collect();
    assert_eq!(to, TEAM.into());
    for mail in &mails {
        assert!(mail.tls && mail.login, "never in clear, never anonymous");
        assert_eq!(mail.to.len(), 1, "one message per recipient");
        assert!(mail.text.contains("Importance: high"), "{}", mail.text);
        assert!(
            mail.text.contains("Auto-Submitted: auto-generated"),
            "{}",
            mail.text
        );
    }
    record.assert_nothing_doubled();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_holds_mail_back_and_loses_none_of_it() {
    let mailbox = Mailbox::start();
    let mut clinic = Clinic::open(NOW).await;
    let (node, alert) = report(&mut clinic, NODE, FOR_ALL, &mailbox, "guess").await;
    // Routine mail too: an invitation.
    clinic
        .publish([
            plan("p-2", "acu-1", NOW),
            booked("p-2", "pt-2", "2026-06-10T14:00:00Z", NOW),
        ])
        .await;
    clinic
        .until_logged("every claim of the alert, and an EA", |record| {
            let claims = about(record, "attempted", &alert).len();
            let booked = record.named("session.booked").count() == 2;
            (claims == TEAM.len() && booked).then_some(())
        })
        .await;
    // Urgent mail that failed for a fault of ours is put off when the operator stops the node to mend it, and not
    // before; routine mail is, and no more of it is claimed.
    node.stop().await;
    assert_eq!(mailbox.taken(), []);
    let record = clinic.record().await;
    for verb in ["sent", "rejected", "unknown", "abandoned"] {
        assert_eq!(
            record.notices(verb),
            Vec::<&Notice>::new(),
            "the recipients are not to blame"
        );
    }
    let claimed = record.notices("attempted").len();
    assert_eq!(record.notices("deferred").len(), claimed);

    clinic.at(LATER);
    let node = clinic.start_with(NODE, mailbox.post(PASSWORD)).await;
    // The invitation as well, whether or not it was claimed before the queue was known to be held up.
    let invitation = clinic
        .until_logged("every mail sent", |record| {
            let sent = record.notices("sent");
            let of_a_session = |key: &&String| key.contains('/') && !key.starts_with("oswestry");
            // Urgent mail tells alerts, again and again: their steps have a stroke too.
            let mut routine = sent.iter().filter(|n| n.lane != Some(Lane::Urgent));
            let invitation = routine.find_map(|n| n.about.iter().find(of_a_session))?;
            (about(record, "sent", &alert).len() == TEAM.len()).then(|| invitation.clone())
        })
        .await;
    node.stop().await;
    let record = clinic.record().await;
    let sent = record.notices("sent");
    for mail in taken_of(&mailbox, &sent) {
        assert!(
            !mail.text.contains("Possible repeat"),
            "nobody has seen it before"
        );
    }
    assert_eq!(members(&about(record, "sent", &alert)).len(), TEAM.len());
    assert_eq!(
        members(&about(record, "sent", &invitation)),
        ["m-3".to_owned()].into()
    );
    record.assert_nothing_doubled();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_that_a_server_puts_off_with_451_is_tried_again_when_its_time_has_come() {
    let busy = Mailbox::start_with(Some("rcpt:451"), &[]);
    let mut clinic = Clinic::open(NOW).await;
    let (node, alert) = report(&mut clinic, NODE, FOR_ALL, &busy, PASSWORD).await;
    clinic
        .until_logged("five mails put off", |record| {
            let deferred = about(record, "deferred", &alert);
            (deferred.len() == TEAM.len()).then_some(())
        })
        .await;
    node.stop().await;
    let now = clinic.clock.now();
    for notice in about(clinic.record().await, "deferred", &alert) {
        assert_eq!((notice.reply, notice.attempt), (Some(451), 1));
        let wait = notice.next_attempt_at.unwrap().duration_since(now);
        assert!(
            wait >= minutes(1) && wait < minutes(2),
            "after a minute and a little: {wait}"
        );
    }

    // The same server later, as far as the node can tell.
    let mailbox = Mailbox::start();
    let node = clinic.start_with(NODE, mailbox.post(PASSWORD)).await;
    clinic.at(LATER);
    clinic
        .until_logged("five mails sent", |record| {
            (about(record, "sent", &alert).len() == TEAM.len()).then_some(())
        })
        .await;
    node.stop().await;
    let record = clinic.record().await;
    let sent = about(record, "sent", &alert);
    assert!(sent.iter().all(|notice| notice.attempt == 2));
    taken_of(&mailbox, &sent);
    record.assert_nothing_doubled();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recipient_whom_the_server_refuses_is_not_tried_again_and_the_coordinator_is_told_in_their_place() {
    let mailbox = Mailbox::start_with(None, &[TEAM[0]]);
    let mut clinic = Clinic::open(NOW).await;
    let (node, alert) = report(&mut clinic, NODE, FOR_PHYSICIANS, &mailbox, PASSWORD).await;
    clinic
        .until_logged("a refusal, and mail to the coordinator", |record| {
            let refused = members(&about(record, "rejected", &alert)).contains("m-1");
            let told = members(&about(record, "sent", &alert)).contains("m-5");
            (refused && told).then_some(())
        })
        .await;
    node.stop().await;
    let record = clinic.record().await;
    let refused = about(record, "rejected", &alert);
    assert_eq!(refused.len(), 1);
    assert_eq!(
        (refused[0].member_id.as_str(), refused[0].reply),
        ("m-1", Some(550))
    );
    let attempts = about(record, "attempted", &alert)
        .into_iter()
        .filter(|n| n.member_id.as_str() == "m-1")
        .count();
    assert_eq!(attempts, 1, "refused is refused");
    let to_coordinator: Vec<&Notice> = about(record, "sent", &alert)
        .into_iter()
        .filter(|n| n.member_id.as_str() == "m-5")
        .collect();
    let mail = taken_of(&mailbox, &to_coordinator).remove(0);
    assert_eq!(mail.to, [TEAM[4]]);
    assert!(
        mail.text.contains("Undeliverable role: primary care"),
        "{}",
        mail.text
    );
}
