//! What a mail looks like on the wire, and that no input bends it.

#[path = "parts/invitation.rs"]
mod invitation;
#[path = "parts/sample.rs"]
mod sample;

use care::phi::Phi;
use care::time::Timestamp;
use invitation::invitation;
use mail_parser::{Message, MessageParser, MimeHeaders, PartType};
use mailer::{Mail, Method};
use post::mime::{ComposeError, compose};
use sample::mail;

/// Everything a mail of ours may say in its head.
const HEADERS: [&str; 14] = [
    "From",
    "To",
    "Date",
    "Subject",
    "Reply-To",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Importance",
    "X-Priority",
    "MIME-Version",
    "Content-Type",
];

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
fn an_address_that_is_none_is_an_error_that_does_not_show_it() {
    for bad in [
        "",
        "@",
        "ada",
        "ada@",
        "ada@b c.org",
        "a@b.org\r\nBcc: x@y.org",
        "a@b.org\0",
        "a@b.org,c@d.org",
        "<a@b.org>",
        "dr@pr\u{430}xis.org",
        &format!("{}@b.org", "a".repeat(300)),
    ] {
        let mut to = mail("n-1");
        to.to = Phi::new(bad.to_owned());
        assert_eq!(compose(&to), Err(ComposeError::Recipient), "{bad:?}");
        assert!(bad.is_empty() || !ComposeError::Recipient.to_string().contains(bad) || bad == "@");
        let mut from = mail("n-1");
        from.from = bad.to_owned();
        assert_eq!(compose(&from), Err(ComposeError::Sender), "{bad:?}");
        let mut reply_to = mail("n-1");
        reply_to.reply_to = Some(bad.to_owned());
        assert_eq!(compose(&reply_to), Err(ComposeError::ReplyTo), "{bad:?}");
    }
    let mut nameless = mail("n-1");
    nameless.message_id = "\r\n<>".into();
    assert_eq!(compose(&nameless), Err(ComposeError::MessageId));
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

#[test]
fn no_input_bends_the_message() {
    let nasty = [
        "",
        " ",
        "\r\nBcc: eve@evil.example",
        "\nBcc: eve@evil.example\n\nbody",
        "\rBcc: x\r",
        "a\0b",
        "\0",
        "\u{85}\u{2028}\u{2029}Bcc: x",
        "\u{202e}moc.live@eve",
        "=?utf-8?q?=0D=0ABcc:_x?=",
        "\"",
        "\\",
        "\"\\\r\n",
        "\r\n.\r\nMAIL FROM:<eve@evil.example>",
        "\n.\n",
        "<",
        ">",
        ",",
        ";",
        "()",
        "\u{1f468}\u{200d}\u{2695}\u{fe0f}",
        "\t\t",
        "\u{7f}\u{1b}[31m",
        "\u{feff}",
        "--carebus-mixed-0--",
    ];
    let long = [
        "a".repeat(5000),
        "é".repeat(5000),
        "a ".repeat(5000),
        "\u{1f468}".repeat(3000),
        "\r\n".repeat(900),
    ];
    for text in nasty.iter().copied().chain(long.iter().map(String::as_str)) {
        for text in [text.to_owned(), format!("Ada{text}Okafor")] {
            let mut bent = mail("n-1");
            bent.notice_id = text.clone();
            bent.message_id = format!("n-1{text}");
            bent.thread_root = Some(text.clone());
            bent.to_name = Some(Phi::new(text.clone()));
            bent.from_name = text.clone();
            bent.subject = text.clone();
            bent.text = Phi::new(text.clone());
            bent.html = Phi::new(text.clone());
            bent.invitation = Some(mailer::Attachment {
                method: Method::Request,
                ics: text.clone(),
            });
            check_shape(
                &compose(&bent).unwrap_or_else(|error| panic!("{text:?}: {error}")),
                &text,
            );
        }
    }
}

#[test]
fn an_impossible_date_is_not_a_panic() {
    for date in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
        let mut odd = mail("n-1");
        odd.date = date;
        compose(&odd).unwrap();
    }
}

/// ASCII, CRLF only, lines of at most 998 bytes, our headers once each and no others, the six parts we wrote.
fn check_shape(bytes: &[u8], input: &str) {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(
        text.bytes()
            .all(|b| matches!(b, b'\t' | b'\r' | b'\n' | b' '..=b'~')),
        "{input:?}"
    );
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "{input:?}");
    assert!(text.split("\r\n").all(|line| line.len() <= 998), "{input:?}");
    let (head, _body) = text.split_once("\r\n\r\n").unwrap();
    let mut seen = Vec::new();
    for line in head.split("\r\n").filter(|line| !line.starts_with([' ', '\t'])) {
        let name = line
            .split_once(':')
            .unwrap_or_else(|| panic!("{line:?} from {input:?}"))
            .0;
        assert!(
            HEADERS.contains(&name) && !seen.contains(&name),
            "{name} from {input:?}"
        );
        seen.push(name);
    }
    let message = parse(bytes);
    assert_eq!(message.parts.len(), 6, "{input:?}");
    let to = message.to().unwrap();
    assert_eq!(to.iter().count(), 1, "{input:?}");
    assert_eq!(
        to.first().unwrap().address(),
        Some("ada.okafor@clinic.example"),
        "{input:?}"
    );
    assert!(
        to.first().unwrap().name().unwrap_or_default().chars().count() <= 64,
        "{input:?}"
    );
    assert_eq!(
        message.from().unwrap().first().unwrap().address(),
        Some("carebus@clinic.example"),
        "{input:?}"
    );
}
