//! Sentences about the mail server.

use super::{Act, Answer, Scene, Spoken};
use crate::vignette::clinic::person;
use crate::vignette::post::Mood;

pub(super) const KNOWN: &[&str] = &[
    "mail server answers 451",
    "mail server refuses the physiatrist",
    "mail server breaks off",
    "mail server takes mail again",
];

pub(super) fn read(spoken: &Spoken<'_>, _: &Scene<'_>) -> Answer {
    let rest = spoken.body.strip_prefix("mail server ")?;
    let mood = match rest {
        "takes mail again" => Mood::Takes,
        "breaks off" => Mood::BreaksOff,
        _ => match rest.split_once(' ')? {
            ("answers", code) => match code.parse() {
                Ok(code) => Mood::Defers(code),
                Err(_) => return Some(Err(format!("`{code}`: expected a reply code"))),
            },
            ("refuses", who) => match person(who) {
                Some(person) => Mood::Refuses(person.email.to_owned()),
                None => return Some(Err(format!("`{who}` is nobody of the team"))),
            },
            _ => return None,
        },
    };
    Some(Ok(vec![Act::MailServer(mood)]))
}
