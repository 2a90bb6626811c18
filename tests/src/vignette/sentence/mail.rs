//! Sentences about the mail server.

use serde_json::json;

use super::{Act, Answer, Published, Scene, Spoken};
use crate::vignette::clinic::{by, person};
use crate::vignette::post::Mood;

pub(super) const KNOWN: &[&str] = &[
    "mail server answers 451",
    "mail server refuses the physiatrist",
    "mail server breaks off",
    "mail server takes mail again",
    "late mail to the acupuncturist released by the care coordinator",
];

pub(super) fn read(spoken: &Spoken<'_>, scene: &Scene<'_>) -> Answer {
    if let Some(rest) = spoken.body.strip_prefix("late mail to ") {
        let (whose, who) = rest.split_once(" released by ")?;
        return Some(released(whose, who, scene));
    }
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

fn released(whose: &str, who: &str, scene: &Scene<'_>) -> Result<Vec<Act>, String> {
    let member = person(whose).ok_or_else(|| format!("`{whose}` is nobody of the team"))?;
    Ok(vec![Act::Publish(Published {
        name: "notice.released",
        about: format!("member/{}", member.id),
        source: "people".to_owned(),
        data: json!({ "before": scene.at.to_string(), "by": by(who)? }),
    })])
}
