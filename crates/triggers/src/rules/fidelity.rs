//! Fidelity: what was delivered, held against what the source text asks for.
//!
//! Every rule looks at EA that took place, one finding per session. What was not recorded is no shortfall; where the
//! record itself is asked for, it is said to be missing, under a key of its own, so that what is recorded later can
//! still speak.

pub(crate) mod deviation;

use care::chart::{Session, SessionStatus, Stamp};
use care::fact::ours::Severity;
use care::fact::session::Delivered;
use care::id::SessionId;
use care::role::Role;
use care::time::Timestamp;

use crate::case::Case;
use crate::finding::Finding;
use crate::rule::{Condition, Origin, RuleInfo};

pub(crate) const GROUP: &str = "session fidelity";

/// What most rows of this room share.
const SHARED: RuleInfo = RuleInfo {
    group: GROUP,
    severity: Severity::Info,
    roles: &[Role::Acupuncturist],
    dedupe: "one per session",
    rearm: "the next session",
    source: Origin::SourceText,
    condition: Condition::Event,
    ..RuleInfo::BASE
};

/// An EA that took place.
#[derive(Clone, Copy)]
struct Done<'a> {
    id: &'a SessionId,
    session: &'a Session,
    stamp: &'a Stamp,
    end: Timestamp,
}

/// EA that took place, by start.
fn done<'a>(case: &Case<'a>) -> Vec<Done<'a>> {
    let done = |(id, session): (&'a SessionId, &'a Session)| {
        let (version, _) = session.newest()?;
        (session.status() == SessionStatus::Completed).then_some(Done {
            id,
            session,
            stamp: &version.stamp,
            end: session.end()?,
        })
    };
    case.ea().into_iter().filter_map(done).collect()
}

impl<'a> Done<'a> {
    fn delivered(&self) -> Option<&'a Delivered> {
        self.session.delivered()
    }

    /// The finding of a rule about this session.
    fn finding(&self, rule: &'static RuleInfo) -> Finding {
        Finding::new(rule, self.id.to_string(), self.end, self.stamp).value("session", self.id)
    }
}
