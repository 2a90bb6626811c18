//! The SMTP carrier against a real server, and every way it can end.

#[path = "parts/invitation.rs"]
mod invitation;
#[path = "parts/sample.rs"]
mod sample;
#[path = "parts/server.rs"]
mod server;

use care::phi::Phi;
use invitation::invitation;
use mailer::Method;
use post::{Outcome, SmtpSettings, Tls};
use sample::mail;
use server::{Options, STARTTLS, Server, carrier};

const SENT: Outcome = Outcome::Sent { reply: 250 };

fn faulty(fault: &str) -> Server {
    Server::start(&Options {
        fault: Some(fault),
        ..STARTTLS
    })
}

fn own_fault(outcome: &Outcome) -> (Option<u16>, &str) {
    match outcome {
        Outcome::OwnFault { reply, hint } => (*reply, hint),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn mail_goes_over_starttls_with_a_login_and_arrives_byte_for_byte() {
    let server = Server::start(&STARTTLS);
    let post = server.post(Tls::StartTls);
    assert!(!post.resend_is_harmless());
    let mut invited = mail("n-1");
    invited.invitation = Some(invitation(Method::Request));
    assert_eq!(post.send(&invited).await, SENT);
    let facts = server.facts();
    assert_eq!(facts.len(), 1);
    for fact in [
        r#""from": "carebus@clinic.example""#,
        r#""to": ["ada.okafor@clinic.example"]"#,
        r#""tls": true"#,
        r#""login": true"#,
    ] {
        assert!(facts[0].contains(fact), "{fact} in {}", facts[0]);
    }
    assert_eq!(server.message(1), post::mime::compose(&invited).unwrap());
    post.close().await;
}

#[tokio::test]
async fn mail_goes_over_tls_from_the_first_byte() {
    let server = Server::start(&Options {
        implicit: true,
        ..STARTTLS
    });
    let post = server.post(Tls::Implicit);
    assert_eq!(post.send(&mail("n-1")).await, SENT);
    assert!(server.facts()[0].contains(r#""login": true"#));
    assert_eq!(post.send(&mail("n-2")).await, SENT);
}

#[tokio::test]
async fn mail_to_this_machine_may_go_in_clear() {
    let server = Server::start(&Options {
        certificate: None,
        login: false,
        ..STARTTLS
    });
    assert_eq!(server.post(Tls::None).send(&mail("n-1")).await, SENT);
}

#[tokio::test]
async fn replies_and_cuts_end_as_the_table_says() {
    let deferred = |reply| Outcome::Deferred { reply };
    let rejected = |reply| Outcome::Rejected { reply: Some(reply) };
    for (fault, outcome) in [
        ("rcpt:451", deferred(Some(451))),
        ("dot:451", deferred(Some(451))),
        ("rcpt:550", rejected(550)),
        ("dot:554", rejected(554)),
        ("greeting:silent", Outcome::Unreachable { reply: None }),
        ("data:cut", deferred(None)),
        ("dot:cut", Outcome::Unknown),
        ("dot:silent", Outcome::Unknown),
    ] {
        let server = faulty(fault);
        let post = server.post(Tls::StartTls);
        assert_eq!(post.send(&mail("n-1")).await, outcome, "{fault}");
        // A refused mail must not spoil the connection for the next one.
        if !fault.ends_with("silent") {
            assert_eq!(post.send(&mail("n-2")).await, outcome, "{fault}, again");
        }
    }
}

#[tokio::test]
async fn a_cut_while_the_message_is_still_leaving_is_deferred() {
    let server = faulty("body:cut");
    let mut long = mail("n-1");
    // More than the socket buffers of both ends hold, so that the final dot cannot have left.
    long.text = Phi::new("A line of the report.\n".repeat(1_000_000));
    assert_eq!(
        server.post(Tls::StartTls).send(&long).await,
        Outcome::Deferred { reply: None }
    );
}

#[tokio::test]
async fn no_server_is_nothing_that_one_recipient_is_to_blame_for() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let post = carrier(SmtpSettings::new("127.0.0.1", port, Tls::None));
    let nobody = Outcome::Unreachable { reply: None };
    assert_eq!(post.send(&mail("n-1")).await, nobody);
    assert_eq!(post.knock("carebus@clinic.example").await, Err(nobody));
}

#[tokio::test]
async fn what_is_our_own_fault_says_where_to_look() {
    let server = Server::start(&STARTTLS);
    let mut wrong = server.settings(Tls::StartTls);
    wrong.password = Some(Phi::new("wrong".into()));
    let outcome = carrier(wrong).send(&mail("n-1")).await;
    assert_eq!(
        own_fault(&outcome),
        (
            Some(535),
            "the mail server refused the login; see user and password"
        )
    );

    let mut anonymous = server.settings(Tls::StartTls);
    (anonymous.user, anonymous.password) = (None, None);
    let outcome = carrier(anonymous).send(&mail("n-1")).await;
    assert_eq!(own_fault(&outcome).0, Some(530));

    for (fault, reply) in [("greeting:554", 554), ("mail:550", 550)] {
        let outcome = faulty(fault).post(Tls::StartTls).send(&mail("n-1")).await;
        assert_eq!(own_fault(&outcome).0, Some(reply), "{fault}");
    }
}

#[tokio::test]
async fn a_certificate_that_does_not_fit_is_our_own_fault_and_nothing_is_sent() {
    for (implicit, tls) in [(false, Tls::StartTls), (true, Tls::Implicit)] {
        let server = Server::start(&Options { implicit, ..STARTTLS });
        let stranger = Server::start(&STARTTLS);
        let mut settings = server.settings(tls);
        settings.ca_file = Some(stranger.ca_file());
        let outcome = carrier(settings).send(&mail("n-1")).await;
        assert!(
            own_fault(&outcome).1.contains("certificate"),
            "{tls:?}: {outcome:?}"
        );

        let other = Server::start(&Options {
            implicit,
            certificate: Some("other.example"),
            ..STARTTLS
        });
        let outcome = other.post(tls).send(&mail("n-1")).await;
        assert!(
            own_fault(&outcome).1.contains("another host name"),
            "{tls:?}: {outcome:?}"
        );
        assert!(server.facts().is_empty() && other.facts().is_empty());
    }
}

#[tokio::test]
async fn a_server_without_tls_is_our_own_fault_and_nothing_is_sent() {
    let server = Server::start(&Options {
        certificate: None,
        login: false,
        ..STARTTLS
    });
    let trusted = Server::start(&STARTTLS);
    for tls in [Tls::StartTls, Tls::Implicit] {
        let mut settings = server.settings(tls);
        settings.ca_file = Some(trusted.ca_file());
        let outcome = carrier(settings).send(&mail("n-1")).await;
        assert!(own_fault(&outcome).1.contains("TLS"), "{tls:?}: {outcome:?}");
    }
    assert!(server.facts().is_empty());
}
