//! Makes text harmless before lettre sees it: header, address and body injection end here.

/// Longest display name, in characters.
pub(crate) const NAME_CHARS: usize = 64;
/// Longest subject, in characters. One word cannot be folded, and a line may hold 998 bytes: 200 × 4 stays below.
pub(crate) const SUBJECT_CHARS: usize = 200;
/// Longest message id, in characters (bytes: it is ASCII).
const ID_CHARS: usize = 200;

/// One line of header text: control, line-separating and direction-overriding characters become a space, runs of
/// space become one, at most `limit` characters are left.
///
/// Right-to-left letters stay; only the invisible marks that reorder what a reader sees go. `=?` is split, because a
/// mail program would decode what follows and bring back what was taken out.
pub(crate) fn line(text: &str, limit: usize) -> String {
    let visible: String = text.chars().map(|c| if is_hidden(c) { ' ' } else { c }).collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    let cut: String = words.join(" ").replace("=?", "= ?").chars().take(limit).collect();
    cut.trim_end().to_owned()
}

/// A message id without its angle brackets: printable ASCII without spaces and brackets; `None` if nothing is left.
pub(crate) fn message_id(text: &str) -> Option<String> {
    let id: String = text
        .chars()
        .filter(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>'))
        .take(ID_CHARS)
        .collect();
    (!id.is_empty()).then_some(id)
}

/// A body: every line end is CRLF, no control character but tab is left.
///
/// A bare CR or LF lets two mail servers disagree about where a message ends (SMTP smuggling).
pub(crate) fn body(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 32);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                out.push_str("\r\n");
            }
            '\n' => out.push_str("\r\n"),
            '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Whether an address is one we hand to a mail server: ASCII, at most 254 bytes, no space, quote or bracket.
///
/// Non-ASCII addresses are refused, not carried: few relays know SMTPUTF8, and a look-alike letter in a domain would
/// send a patient's data to a stranger. A domain with an umlaut is written in its `xn--` form.
pub(crate) fn is_plain_address(text: &str) -> bool {
    text.len() <= 254
        && text
            .bytes()
            .all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'"' | b'\\' | b','))
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_letters_of_every_script_and_loses_what_cannot_be_seen() {
        assert_eq!(
            line("Dr. O\u{308}zg\u{fc}r\r\nBcc: x@y\0", 64),
            "Dr. O\u{308}zg\u{fc}r Bcc: x@y"
        );
        assert_eq!(line("\u{202e}gnp.exe\u{2066}", 64), "gnp.exe");
        assert_eq!(line("ד״ר כהן", 64), "ד״ר כהן");
        assert_eq!(line("\u{2028}\u{85}\u{7f}", 64), "");
        assert_eq!(line("=?utf-8?q?=0D=0A?=", 64), "= ?utf-8?q?=0D=0A?=");
        assert_eq!(line(&"é".repeat(500), 64).chars().count(), 64);
    }

    #[test]
    fn a_body_has_crlf_line_ends_only() {
        assert_eq!(
            body("a\nb\rc\r\nd\n\r\0e\tf\u{1b}"),
            "a\r\nb\r\nc\r\nd\r\n\r\ne\tf"
        );
    }

    #[test]
    fn a_message_id_cannot_close_its_brackets() {
        assert_eq!(message_id("n1>\r\n<x@evil").as_deref(), Some("n1x@evil"));
        assert_eq!(message_id("\r\n<> é"), None);
    }

    #[test]
    fn only_plain_addresses_pass() {
        for good in ["a@b.org", "o'brien+pt@xn--praxis-mller-llb.de"] {
            assert!(is_plain_address(good), "{good}");
        }
        for bad in [
            "a@b.org\r\nRCPT TO:<x@y>",
            "\"a b\"@c.org",
            "a\0@b.org",
            "dr@pr\u{430}xis.org",
            "a@b>,c@d",
        ] {
            assert!(!is_plain_address(bad), "{bad:?}");
        }
    }
}
