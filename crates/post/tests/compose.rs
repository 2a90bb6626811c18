//! What a mail looks like on the wire.

#[path = "parts/invitation.rs"]
mod invitation;
#[path = "parts/sample.rs"]
mod sample;

use care::phi::Phi;
use invitation::invitation;
use mail_parser::{Message, MessageParser, MimeHeaders, PartType};
use mailer::{Inline, Mail, Method};
use post::mime::compose;
use sample::mail;

fn parse(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).expect("a message")
}

fn raw<'a>(message: &'a Message<'_>, name: &'a str) -> Option<&'a str> {
    message.header_raw(name).map(str::trim)
}

fn content_type(part: &impl MimeHeaders<'static>) -> String {
    let kind = part.content_type().expect("a content type");
    format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default())
}

#[test]
fn the_head_of_a_routine_mail() {
    let bytes = compose(&mail("n-1")).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, _body) = text.split_once("\r\n\r\n").unwrap();
    let (fixed, content_type) = head.rsplit_once("Content-Type: ").unwrap();
    assert_eq!(
        fixed.replace("\r\n", "\n"),
        "From: carebus <carebus@clinic.example>\n\
         To: \"Dr. Ada Okafor\" <ada.okafor@clinic.example>\n\
         Date: Mon, 01 Jun 2026 08:00:00 +0000\n\
         Subject: Something waits in carebus\n\
         Reply-To: desk@clinic.example\n\
         Message-ID: <n-1@clinic.example>\n\
         Auto-Submitted: auto-generated\n\
         X-Auto-Response-Suppress: All\n\
         In-Reply-To: <patient-7@clinic.example>\n\
         References: <patient-7@clinic.example>\n\
         MIME-Version: 1.0\n"
    );
    assert!(
        content_type.starts_with("multipart/alternative;"),
        "{content_type}"
    );
}

#[test]
fn the_same_mail_is_the_same_bytes_and_another_mail_has_other_boundaries() {
    let mut first = mail("n-1");
    first.invitation = Some(invitation(Method::Request));
    assert_eq!(compose(&first).unwrap(), compose(&first.clone()).unwrap());
    let boundary = |mail: &Mail| {
        let bytes = compose(mail).unwrap();
        parse(&bytes)
            .content_type()
            .unwrap()
            .attribute("boundary")
            .unwrap()
            .to_owned()
    };
    let mut second = first.clone();
    second.message_id = "n-2@clinic.example".into();
    assert_ne!(boundary(&first), boundary(&second));
}

#[test]
fn text_and_html_arrive_as_they_were_written() {
    let bytes = compose(&mail("n-1")).unwrap();
    let message = parse(&bytes);
    assert_eq!(
        message.body_text(0).unwrap(),
        "One thing to do.\r\n.\r\nA line after a lone dot.\r\n"
    );
    assert_eq!(message.body_html(0).unwrap(), "<p>One thing to do – today.</p>");
    assert_eq!(message.attachment_count(), 0);
}

#[test]
fn an_invitation_travels_as_an_alternative_and_as_a_file() {
    for (method, word) in [(Method::Request, "REQUEST"), (Method::Cancel, "CANCEL")] {
        let mut invited = mail("n-1");
        invited.invitation = Some(invitation(method));
        let bytes = compose(&invited).unwrap();
        let message = parse(&bytes).into_owned();
        let kinds: Vec<String> = message.parts.iter().map(content_type).collect();
        let expected = [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "text/calendar",
            "application/ics",
        ];
        assert_eq!(kinds, expected);
        let PartType::Multipart(children) = &message.parts[1].body else {
            panic!("no alternative")
        };
        assert_eq!(children, &[2, 3, 4]);
        let calendar = message.parts[4].content_type().unwrap();
        assert_eq!(calendar.attribute("method"), Some(word));
        assert_eq!(calendar.attribute("charset"), Some("utf-8"));
        assert_eq!(message.parts[5].attachment_name(), Some("invite.ics"));
        let ics = invitation(method).ics;
        assert_eq!(message.parts[4].text_contents(), Some(ics.as_str()));
        assert_eq!(message.parts[5].contents(), ics.as_bytes());
    }
}

/// Content types in the order of the message, as a reader that walks the tree meets them.
fn kinds(message: &Message<'static>) -> Vec<String> {
    message.parts.iter().map(content_type).collect()
}

fn picture(cid: &str) -> Inline {
    Inline {
        cid: cid.to_owned(),
        alt: Phi::new("Oswestry 42 %, 30 %".to_owned()),
        png: b"\x89PNG\r\n\x1a\n.\r\nnot a whole picture, but every byte counts: \0\xff".to_vec(),
    }
}

#[test]
fn pictures_travel_beside_the_html_that_shows_them() {
    let mut shown = mail("n-1");
    shown.html = Phi::new("<p><img src=\"cid:a@carebus\"><img src=\"cid:b@carebus\"></p>".to_owned());
    shown.images = vec![picture("a@carebus"), picture("b@carebus")];
    let bytes = compose(&shown).unwrap();
    assert_eq!(
        bytes,
        compose(&shown.clone()).unwrap(),
        "the same mail is the same bytes"
    );
    let message = parse(&bytes).into_owned();
    let expected = [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "image/png",
    ];
    assert_eq!(kinds(&message), expected);
    let related = message.parts[2].content_type().unwrap();
    assert_eq!(related.attribute("type"), Some("text/html"));
    for (part, cid) in message.parts[4..].iter().zip(["a@carebus", "b@carebus"]) {
        assert_eq!(part.content_id(), Some(cid));
        assert_eq!(part.content_disposition().unwrap().ctype(), "inline");
        assert_eq!(part.contents(), picture(cid).png);
    }
    assert_eq!(message.body_html(0).unwrap(), shown.html.expose().as_str());
}

#[test]
fn pictures_and_an_invitation_go_together() {
    let mut both = mail("n-1");
    both.images = vec![picture("a@carebus")];
    both.invitation = Some(invitation(Method::Request));
    let bytes = compose(&both).unwrap();
    let message = parse(&bytes).into_owned();
    let expected = [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "text/calendar",
        "application/ics",
    ];
    assert_eq!(kinds(&message), expected);
    let PartType::Multipart(children) = &message.parts[1].body else {
        panic!("no alternative")
    };
    assert_eq!(children.len(), 3, "text, HTML with its picture, calendar");
}

#[test]
fn a_hostile_content_id_stays_in_its_header() {
    let mut hostile = mail("n-1");
    hostile.images = vec![picture("a@carebus>\r\nBcc: all@evil.example")];
    if let Ok(bytes) = compose(&hostile) {
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.lines().any(|line| line.starts_with("Bcc:")), "{text}");
    }
    hostile.images = vec![picture("\r\n")];
    assert!(compose(&hostile).is_err());
}

#[test]
fn only_urgent_mail_is_of_high_importance() {
    let mut urgent = mail("n-1");
    let bytes = compose(&urgent).unwrap();
    assert_eq!(
        (
            raw(&parse(&bytes), "Importance"),
            raw(&parse(&bytes), "X-Priority")
        ),
        (None, None)
    );
    urgent.urgent = true;
    let bytes = compose(&urgent).unwrap();
    assert_eq!(raw(&parse(&bytes), "Importance"), Some("high"));
    assert_eq!(raw(&parse(&bytes), "X-Priority"), Some("1"));
}

#[test]
fn names_of_every_script_arrive_whole() {
    for name in [
        "Zoë Größe",
        "ד״ר כהן",
        "김민준",
        "O'Brien, \"Pat\" (PT)",
        "a@b.org <c@d.org>",
        "Ада Окафор",
        "e\u{301}",
    ] {
        let mut named = mail("n-1");
        named.to_name = Some(Phi::new(name.to_owned()));
        named.subject = name.to_owned();
        let bytes = compose(&named).unwrap();
        let message = parse(&bytes);
        let to = message.to().unwrap().first().unwrap();
        assert_eq!(
            (to.name(), to.address()),
            (Some(name), Some("ada.okafor@clinic.example"))
        );
        assert_eq!(message.subject(), Some(name));
    }
}
