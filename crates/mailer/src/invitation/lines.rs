//! Content lines: the library escapes and folds them, this file frames components and guards what the library does not.

use std::fmt::Write;

use icalendar::Property;

use crate::clean;

/// Longest content line in octets, line end not counted (RFC 5545 3.1).
const LINE_OCTETS: usize = 75;

/// A component from its own lines and the text of the components inside it.
///
/// Framed here and not by the library: it would add a `DTSTAMP` from the clock and a random `UID` to
/// every component that has none, `VTIMEZONE` included, where both are forbidden.
pub(super) fn component(kind: &str, lines: &[Property], inner: &str) -> String {
    let mut out = format!("BEGIN:{kind}\r\n");
    for line in lines {
        // Formatting into a String cannot fail; an empty line would be the answer, not a panic.
        let text: String = line.clone().try_into().unwrap_or_default();
        push_folded(&mut out, &text);
    }
    out.push_str(inner);
    let _ = write!(out, "END:{kind}\r\n");
    out
}

/// The library's last continuation line may have 76 octets; what is too long gets one more fold.
fn push_folded(out: &mut String, text: &str) {
    for line in text.split_inclusive("\r\n") {
        let octets = line.trim_end_matches("\r\n").len();
        if octets <= LINE_OCTETS {
            out.push_str(line);
            continue;
        }
        let (head, tail) = line.split_at(line.floor_char_boundary(LINE_OCTETS));
        out.push_str(head);
        out.push_str("\r\n ");
        out.push_str(tail);
    }
}

/// A name as a parameter value. There is no escape for `"` there; `^` starts one for readers of RFC 6868,
/// and `\` one for readers (calcard among them) that treat parameters like text: so none of the three.
pub(super) fn common_name(name: &str) -> String {
    clean::name(&name.replace('"', "'").replace(['^', '\\'], " "))
}

/// `mailto:` URI of an address (RFC 6068), or `None` if it is not one.
pub(super) fn mailto(address: &str) -> Option<String> {
    let (local, domain) = address.rsplit_once('@')?;
    // 254 octets is the longest path SMTP carries (RFC 5321 4.5.3.1.3 less the brackets).
    let plausible = !local.is_empty()
        && !domain.is_empty()
        && address.len() <= 254
        && clean::line(address, 254) == address
        && !address.contains([' ', '"', '<', '>', '(', ')', ',', ';', ':', '\\', '[', ']'])
        && !local.contains('@');
    if !plausible {
        return None;
    }
    let mut uri = String::from("mailto:");
    for byte in address.bytes() {
        if byte.is_ascii_alphanumeric() || b"@-._~+!$'*".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    Some(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_uris_and_nothing_else_does() {
        assert_eq!(
            mailto("lee@pcp.example").as_deref(),
            Some("mailto:lee@pcp.example")
        );
        assert_eq!(
            mailto("a+b?c=d&e@x.example").as_deref(),
            Some("mailto:a+b%3Fc%3Dd%26e@x.example")
        );
        assert_eq!(
            mailto("jörg@x.example").as_deref(),
            Some("mailto:j%C3%B6rg@x.example")
        );
        for bad in [
            "",
            "lee",
            "@x",
            "lee@",
            "a b@x",
            "a@b@c",
            "a@x\r\nATTENDEE:b",
            "\"q\"@x",
            "a@x,b@x",
            "a\0@x",
        ] {
            assert_eq!(mailto(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn no_line_is_longer_than_75_octets_and_unfolding_gives_the_text_back() {
        for length in 0..400 {
            for unit in ["x", "é", "老", "a b ", "🦴"] {
                let text: String = unit.repeat(length).chars().take(length).collect();
                let text = text.trim();
                let out = component("X", &[Property::new("SUMMARY", text)], "");
                assert!(
                    out.split("\r\n").all(|line| line.len() <= LINE_OCTETS),
                    "{length} {unit}: {out}"
                );
                assert_eq!(
                    out.replace("\r\n ", ""),
                    format!("BEGIN:X\r\nSUMMARY:{text}\r\nEND:X\r\n")
                );
            }
        }
    }
}
