//! What a mail looks like on the wire.

#[path = "parts/invitation.rs"]
mod invitation;
#[path = "parts/sample.rs"]
mod sample;

use care::phi::Phi;
use invitation::invitation;
use mail_parser::{Message, MessageParser, MimeHeaders, PartType};
use mailer::{Mail, Method};
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
