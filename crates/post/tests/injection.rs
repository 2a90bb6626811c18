//! No input bends a mail: header, address, body and date.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[path = "parts/sample.rs"]
mod sample;

use care::phi::Phi;
use care::time::Timestamp;
use mail_parser::MessageParser;
use mailer::{Attachment, Method};
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
            bent.invitation = Some(Attachment {
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
    let message = MessageParser::default().parse(bytes).unwrap();
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
