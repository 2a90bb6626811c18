//! Whether somebody may needle: what their credentials say, held against the policy.

use std::collections::BTreeMap;

use crate::chart::Latest;
use crate::fact::practitioner::Credentials;
use crate::policy::Practitioners;
use crate::time::Date;

/// Kinds of credential that say who may needle; others (such as a record of courses) say nothing about it.
const KINDS: [&str; 4] = ["licence", "lac", PHYSICIAN, OTHER];
const PHYSICIAN: &str = "physician";
const OTHER: &str = "other";

/// What is published about a practitioner's right to needle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing<'a> {
    /// What decides: a credential that qualifies before one that does not, then verified, then the later end.
    pub newest: &'a Latest<Credentials>,
    /// Whether it qualifies: a licence in acupuncture, or a physician with the hours that are asked for.
    pub is_qualified: bool,
    /// Hours asked of a physician where the credential holds.
    pub physician_hours: u32,
}

impl Standing<'_> {
    /// Whether somebody checked it.
    #[must_use]
    pub const fn is_verified(&self) -> bool {
        self.newest.value.verified_at.is_some()
    }

    /// Last day it holds; none: no end.
    #[must_use]
    pub const fn through(&self) -> Option<Date> {
        self.newest.value.expires_on
    }
}

/// Reads the credentials of a practitioner; none if nothing about the right to needle is published.
#[must_use]
pub fn standing<'a>(
    credentials: &'a BTreeMap<String, Latest<Credentials>>,
    policy: &Practitioners,
) -> Option<Standing<'a>> {
    credentials
        .values()
        .filter(|c| KINDS.contains(&c.value.kind.as_str()))
        .map(|newest| {
            let physician_hours = hours_asked(&newest.value, policy);
            Standing {
                newest,
                is_qualified: is_qualified(&newest.value, physician_hours),
                physician_hours,
            }
        })
        .max_by_key(|s| {
            // A missing end is the latest one.
            let end = s.through().unwrap_or(Date::MAX);
            (s.is_qualified, s.is_verified(), end, &s.newest.version)
        })
}

fn hours_asked(credential: &Credentials, policy: &Practitioners) -> u32 {
    let own = credential
        .jurisdiction
        .as_ref()
        .and_then(|place| policy.physician_hours_in.get(place));
    own.copied().unwrap_or(policy.physician_hours)
}

fn is_qualified(credential: &Credentials, physician_hours: u32) -> bool {
    match credential.kind.as_str() {
        OTHER => false,
        PHYSICIAN => credential.training_hours.is_some_and(|h| h >= physician_hours),
        _ => true,
    }
}
