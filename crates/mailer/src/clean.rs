//! Text from outside made safe for one line of a mail: no control characters, no direction tricks, bounded length.

/// Longest display name, in characters. Longer ones are cut with an ellipsis.
pub const NAME_MAX: usize = 64;

/// Longest line of a letter, in characters: long enough for any sentence we write around a cleaned value.
pub const LINE_MAX: usize = 600;

/// Longest note or description from outside, in characters.
pub const NOTE_MAX: usize = 400;

/// One line of at most `max` characters.
///
/// Control characters, line and paragraph separators and runs of white space become one space;
/// bidirectional controls and invisible characters are dropped, because they let a text look like
/// another; what is too long ends in `…`. Cleaning a cleaned text changes nothing.
#[must_use]
pub fn line(text: &str, max: usize) -> String {
    let mut kept = String::new();
    let mut count = 0;
    let mut gap = false;
    for c in text.chars().filter(|c| !is_invisible(*c)) {
        if c.is_whitespace() || c.is_control() {
            gap = count > 0;
            continue;
        }
        let needed = if gap { 2 } else { 1 };
        if count + needed > max {
            return cut(&kept, max);
        }
        if gap {
            kept.push(' ');
        }
        kept.push(c);
        count += needed;
        gap = false;
    }
    kept
}

/// A display name: one line of at most [`NAME_MAX`] characters.
#[must_use]
pub fn name(text: &str) -> String {
    line(text, NAME_MAX)
}

/// A note or description: one line of at most [`NOTE_MAX`] characters.
#[must_use]
pub fn note(text: &str) -> String {
    line(text, NOTE_MAX)
}

fn cut(kept: &str, max: usize) -> String {
    let mut out: String = kept.chars().take(max.saturating_sub(1)).collect();
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}

/// Characters without a shape of their own that reorder, hide or split what is around them.
/// Joiners (U+200C, U+200D) stay: Persian, Indic scripts and emoji need them.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}' // soft hyphen
        | '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' // bidi
        | '\u{180E}' | '\u{200B}' | '\u{2060}'..='\u{2064}' | '\u{206A}'..='\u{206F}' | '\u{FEFF}' // zero width
        | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}' // annotations, tags
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_header_cannot_be_injected() {
        assert_eq!(
            name("Dr Lee\r\nBcc: all@evil.example"),
            "Dr Lee Bcc: all@evil.example"
        );
        assert_eq!(name("a\0b\u{85}c\u{2028}d\te"), "a b c d e");
    }

    #[test]
    fn direction_tricks_are_dropped_and_right_to_left_letters_stay() {
        assert_eq!(name("\u{202E}fdp.exe\u{2066}"), "fdp.exe");
        assert_eq!(name("ד״ר לוי"), "ד״ר לוי");
        assert_eq!(name("zero\u{200B}width\u{FEFF}"), "zerowidth");
    }

    #[test]
    fn long_names_end_in_an_ellipsis_at_64_characters() {
        let cut = name(&"é".repeat(10_000));
        assert_eq!(cut.chars().count(), NAME_MAX);
        assert!(cut.ends_with('…'));
        assert_eq!(name(&"x".repeat(64)), "x".repeat(64));
        assert_eq!(
            name(&format!("{} y", "x".repeat(63))),
            format!("{}…", "x".repeat(63))
        );
    }

    proptest! {
        #[test]
        fn any_text_becomes_one_bounded_line_and_stays_it(text in "\\PC*|(?s).{0,200}", max in 1usize..100) {
            let once = line(&text, max);
            prop_assert!(once.chars().count() <= max);
            prop_assert!(!once.chars().any(|c| c.is_control() || is_invisible(c)));
            prop_assert!(!once.contains("  ") && once.trim() == once);
            prop_assert_eq!(line(&once, max), once);
        }
    }
}
