//! A file of facts: every line read before anything is done with the first.

use std::io::Read;
use std::path::Path;

use care::Event;

use crate::exit::{Exit, Failure, Mistake};

/// The events of a file, in its order; `-` is standard input. Empty lines are passed over.
///
/// # Errors
/// `66` when there is no such file; `65` with every line that is no fact.
pub(crate) fn read(path: &Path) -> Result<Vec<Event>, Failure> {
    let bytes = bytes(path)?;
    let mut events = Vec::new();
    let mut mistakes = Vec::new();
    // Without a byte order mark, which some editors put first.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        let mistake = |reason, detail: String| Mistake {
            line: Some(number),
            reason: Some(reason),
            detail,
        };
        match std::str::from_utf8(line).map(str::trim) {
            Err(_) => mistakes.push(mistake("not-json", "expected UTF-8".to_owned())),
            Ok("") => {}
            Ok(text) => match Event::decode_line(text) {
                Ok(event) => events.push(event),
                Err(fault) => mistakes.push(mistake(fault.reason.code(), fault.detail)),
            },
        }
    }
    if mistakes.is_empty() {
        return Ok(events);
    }
    let (wrong, all) = (mistakes.len(), events.len() + mistakes.len());
    Err(Failure::new(
        Exit::BadData,
        format!("{}: {wrong} of {all} lines are no facts", path.display()),
    )
    .mistakes(mistakes)
    .help("each line is one CloudEvents 1.0 event in JSON; nothing was done with the others"))
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|e| Failure::file(Path::new("standard input"), &e))?;
        return Ok(bytes);
    }
    std::fs::read(path).map_err(|error| {
        let help = "name a file of JSON lines, or - for standard input";
        Failure::file(path, &error).help(help)
    })
}
