//! A report with its charts, from the facts of a patient to what a stranger's mail program makes of it.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use care::Policy;
use care::id::OrgId;
use care::time::Timestamp;
use engine::{Settings, Simulation};
use mail_parser::{MessageParser, MimeHeaders};
use mailer::Mail;
use post::mime::compose;
use serde_json::Value;
use tests::clinic::facts::{Fact, oswestry, pain, plan};
use tests::clinic::letters::seen_by_python;
use tests::clinic::mailbox::{Mailbox, PASSWORD};

/// The mails of a patient whose Oswestry goes from 60 to 40 %, with two scores of pain after a first EA.
fn mails() -> Vec<Mail> {
    let attended = Fact::new(
        "ea-1",
        "session.completed",
        "patient/p-1",
        "2026-06-02T15:00:00Z",
        &serde_json::json!({"session_id": "ea-1", "revision": 1, "modality": "ea",
            "started_at": "2026-06-02T14:00:00Z"}),
    );
    let story = [
        plan("p-1", "acu-1", "2026-06-01T12:00:00Z"),
        oswestry("p-1", 3, "2026-06-01T13:00:00Z"),
        pain("p-1", 71, "2026-06-01T13:00:00Z"),
        attended,
        pain("p-1", 53, "2026-06-09T13:00:00Z"),
        oswestry("p-1", 2, "2026-06-15T14:00:00Z"),
    ];
    let mut simulation = Simulation::new(Settings::new(OrgId::new("acme").unwrap(), Policy::default()));
    for fact in story {
        simulation.advance_to(fact.event().time).unwrap();
        simulation.play(vec![fact.event()]).unwrap();
    }
    let later: Timestamp = "2026-06-16T18:00:00Z".parse().unwrap();
    simulation.advance_to(later).unwrap();
    simulation.outbox().to_vec()
}

fn report() -> Mail {
    let mut reports = mails()
        .into_iter()
        .filter(|mail| mail.subject.contains("Progress"));
    reports.next().expect("a report")
}

/// The values a picture stands for.
fn numbers(alt: &str) -> Vec<&str> {
    let words = alt.split([' ', ',']);
    words.filter(|word| word.parse::<f64>().is_ok()).collect()
}

#[test]
fn a_report_is_the_same_to_two_libraries_that_did_not_write_it() {
    let mail = report();
    assert_eq!(mail.images.len(), 2, "Oswestry and pain");
    let bytes = compose(&mail).unwrap();
    let seen = seen_by_python(&bytes);
    let parsed = MessageParser::default().parse(&bytes).unwrap();
    let kinds: Vec<String> = parsed
        .parts
        .iter()
        .map(|part| part.content_type().unwrap())
        .map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()))
        .collect();
    assert_eq!(seen["kinds"], serde_json::json!(kinds));
    let expected = [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "image/png",
    ];
    assert_eq!(kinds, expected);
    let text = seen["text"].as_str().unwrap();
    assert_eq!(
        text.replace("\r\n", "\n"),
        mail.text.expose().replace("\r\n", "\n")
    );
    for (image, part) in mail.images.iter().zip(&parsed.parts[4..]) {
        assert_eq!(part.content_id(), Some(image.cid.as_str()));
        assert_eq!(part.contents(), image.png);
    }
}

#[test]
fn the_text_stands_alone_with_every_number_of_every_picture() {
    let seen = seen_by_python(&compose(&report()).unwrap());
    let text = seen["text"].as_str().unwrap();
    let words: Vec<&str> = text.split_whitespace().collect();
    let alts: Vec<&str> = seen["alts"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(alts, ["Oswestry 60 %, 40 %", "Pain 71 mm, 53 mm"]);
    for number in alts.iter().flat_map(|alt| numbers(alt)) {
        assert!(words.contains(&number), "{number} is not in:\n{text}");
    }
    for colours in seen["colours"].as_array().unwrap() {
        assert!(colours.as_u64() > Some(50), "a blank picture: {colours} colours");
    }
    for bytes in seen["bytes"].as_array().unwrap() {
        assert!(bytes.as_u64() < Some(60_000), "{bytes} bytes");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_passes_a_real_mail_server_unharmed() {
    let mailbox = Mailbox::start();
    let post = mailbox.post(PASSWORD);
    let mail = report();
    assert!(matches!(post.send(&mail).await, post::Outcome::Sent { .. }));
    post.close().await;
    let taken = mailbox.taken();
    assert_eq!(taken.len(), 1);
    let seen = seen_by_python(taken[0].text.as_bytes());
    assert_eq!(seen["alts"].as_array().unwrap().len(), 2);
}
