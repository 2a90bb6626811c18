//! Where else something could be: what passed the server, what lies in it, names of files, heads of letters, calendars.

use mail_parser::{MessageParser, MimeHeaders as _};
use tests::wire::Wire;

use crate::desk::{Desk, names};

/// Everything that is not a command's output: one line for each new place.
pub(crate) fn look(desk: &mut Desk, ear: &mut Wire, wire: &mut Wire, mail: &[Vec<u8>]) {
    let heard = ear.take();
    assert!(heard.len() > 50, "{} messages passed", heard.len());
    let passed: String = heard
        .iter()
        .map(|m| format!("{} {}\n{}\n", m.subject, m.reply, m.head))
        .collect();
    desk.keep("subjects and headers that passed", passed);
    for stream in ["CARE_ACME", "CLINIC_ACME", "QUARANTINE_ACME", "KV_carebus_leases"] {
        let stored = wire.stream(stream);
        assert!(!stored.is_empty(), "{stream}");
        let heads: String = stored
            .iter()
            .map(|m| format!("{}\n{}\n", m.subject, m.head))
            .collect();
        desk.keep(format!("subjects and headers of {stream}"), heads);
        if !matches!(stream, "CARE_ACME" | "QUARANTINE_ACME") {
            desk.keep(
                format!("bodies of {stream}"),
                stored.into_iter().flat_map(|m| m.body).collect::<Vec<u8>>(),
            );
        }
    }
    desk.keep("the server's log", desk.server.log());
    desk.keep("file names", names(&desk.home.clone()));
    let mut invitations = 0;
    for (n, bytes) in mail.iter().enumerate() {
        let message = MessageParser::default().parse(bytes).unwrap();
        // The To line names who is told, as it must.
        let others = message
            .headers()
            .iter()
            .filter(|h| !["To", "to"].contains(&h.name.as_str()));
        let heads: String = others
            .map(|h| {
                format!(
                    "{}: {}\n",
                    h.name.as_str(),
                    &String::from_utf8_lossy(&bytes[h.offset_start as usize..h.offset_end as usize])
                )
            })
            .collect();
        desk.keep(format!("headers of letter {n}"), heads);
        for part in &message.parts {
            if part
                .content_type()
                .is_some_and(|kind| kind.subtype() == Some("calendar"))
            {
                invitations += 1;
                let unfolded = part.text_contents().unwrap_or_default().replace("\r\n ", "");
                let of = |line: &&str| {
                    ["SUMMARY", "LOCATION", "DESCRIPTION", "UID", "X-"]
                        .iter()
                        .any(|name| line.starts_with(name))
                };
                let lines: Vec<&str> = unfolded.lines().filter(of).collect();
                let lower = lines.join("\n").to_lowercase();
                for word in ["back", "pain", "oswestry", "red flag", "lumbar", "bladder"] {
                    assert!(!lower.contains(word), "{word} in {lower}");
                }
                desk.keep(format!("calendar lines of letter {n}"), lines.join("\n"));
            }
        }
    }
    assert!(invitations > 0, "some letters invite");
    // The page of metrics, once there is one: desk.keep("metrics", get(...));
}
