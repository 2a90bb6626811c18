//! A person who is told things: what went out to them about no single patient.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::chart::{NoticeRecord, Stamp, fold_notice, keep_earliest_in};
use crate::envelope::Event;
use crate::fact::Fact;
use crate::fact::ours::LogChanged;
use crate::id::{EventId, MemberId, NoticeId};
use crate::time::Timestamp;

/// What the log says of one member.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Postbox {
    /// Their digests, by notice.
    pub notices: BTreeMap<NoticeId, NoticeRecord>,
    /// What any of them tells about, for a quick answer.
    told: BTreeSet<String>,
    /// Late mail that waited before this may go: the latest word of a person.
    pub released: Option<Timestamp>,
    /// What was found of the log, by the fact that says so: of the organisation's last resort only.
    pub log_changes: BTreeMap<EventId, (Stamp, LogChanged)>,
}

/// Everybody's.
pub type Postboxes = BTreeMap<MemberId, Postbox>;

impl Postbox {
    /// Folds a fact about the member in. Any order and any repetition gives the same.
    pub fn apply(&mut self, event: &Event) {
        if let Fact::NoticeReleased(r) = &event.fact {
            self.released = self.released.max(Some(r.before));
        }
        if let Fact::LogChanged(changed) = &event.fact {
            keep_earliest_in(&mut self.log_changes, event.id.clone(), Stamp::of(event), changed);
        }
        if let Some(notice) = event.fact.notice() {
            self.told.extend(notice.about.iter().cloned());
            fold_notice(&mut self.notices, event);
        }
    }

    /// Whether a digest tells about this, or tried to.
    #[must_use]
    pub fn is_told(&self, key: &str) -> bool {
        self.told.contains(key)
    }

    /// Whether a digest about this went out, or may have.
    #[must_use]
    pub fn has_reached(&self, key: &str) -> bool {
        let about = |n: &&NoticeRecord| n.notice.about.iter().any(|a| a == key);
        self.is_told(key)
            && self
                .notices
                .values()
                .filter(about)
                .any(NoticeRecord::may_have_arrived)
    }
}
