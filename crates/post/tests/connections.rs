//! Connections: used again, replaced when they died, and one kept for urgent mail.

#[path = "parts/sample.rs"]
mod sample;
#[path = "parts/server.rs"]
mod server;

use std::time::Duration;

use mailer::Mail;
use post::{Outcome, Post, Tls};
use sample::mail;
use server::{Options, STARTTLS, Server, carrier};
use tokio::time::Instant;

const SENT: Outcome = Outcome::Sent { reply: 250 };

fn faulty(fault: &str) -> Server {
    Server::start(&Options {
        fault: Some(fault),
        ..STARTTLS
    })
}

#[tokio::test]
async fn a_connection_is_used_again_and_no_mail_waits_for_a_delayed_ack() {
    let server = Server::start(&STARTTLS);
    let post = server.post(Tls::StartTls);
    assert_eq!(post.send(&mail("n-0")).await, SENT);
    let mut took = Vec::new();
    for n in 1..=30 {
        let start = Instant::now();
        assert_eq!(post.send(&mail(&format!("n-{n}"))).await, SENT);
        took.push(start.elapsed());
    }
    took.sort();
    // With Nagle's algorithm each one waits 44 ms; the median does not mind a busy machine.
    assert!(took[15] < Duration::from_millis(35), "{took:?}");
    let facts = server.facts();
    assert_eq!(facts.len(), 31);
    assert!(
        facts.iter().all(|fact| *fact == facts[0]),
        "one connection, so one peer: {facts:?}"
    );
}

#[tokio::test]
async fn a_connection_the_server_hung_up_is_replaced_at_once() {
    let server = faulty("hang-up");
    let post = server.post(Tls::StartTls);
    for n in 1..=3 {
        assert_eq!(post.send(&mail(&format!("n-{n}"))).await, SENT);
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    assert_eq!(server.facts().len(), 3);
}

#[tokio::test]
async fn urgent_mail_does_not_wait_behind_routine_mail() {
    let server = faulty("dot:silent");
    let mut settings = server.settings(Tls::StartTls);
    settings.final_dot_timeout = Duration::from_secs(600);
    let post = carrier(settings);
    let routine: Vec<Mail> = (1..=6).map(|n| mail(&format!("n-{n}"))).collect();
    let mut urgent = mail("urgent");
    urgent.urgent = true;
    let routine = futures(&post, &routine);
    let arrived = async {
        while server.facts().len() < 3 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let _ = tokio::time::timeout(Duration::from_millis(500), post.send(&urgent)).await;
    };
    tokio::select! {
        () = routine => panic!("a silent server does not answer"),
        () = arrived => {}
    }
    assert_eq!(
        server.facts().len(),
        4,
        "three routine mails, and the urgent one beside them"
    );
    let last = String::from_utf8(server.message(4)).unwrap();
    assert!(last.contains("<urgent@clinic.example>"));
}

/// Sends all at once; the six are written out because that needs no further crate.
async fn futures(post: &Post, mails: &[Mail]) {
    let [a, b, c, d, e, f] = mails else {
        panic!("six mails")
    };
    let _ = tokio::join!(
        post.send(a),
        post.send(b),
        post.send(c),
        post.send(d),
        post.send(e),
        post.send(f)
    );
}
