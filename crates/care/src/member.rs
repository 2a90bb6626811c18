//! A person who is told things: what went out to them about no single patient.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::chart::{NoticeRecord, fold_notice};
use crate::envelope::Event;
use crate::id::{MemberId, NoticeId};

/// What the log says of one member.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Postbox {
    /// Their digests, by notice.
    pub notices: BTreeMap<NoticeId, NoticeRecord>,
}

/// Everybody's.
pub type Postboxes = BTreeMap<MemberId, Postbox>;

impl Postbox {
    /// Folds a fact about the member in. Any order and any repetition gives the same.
    pub fn apply(&mut self, event: &Event) {
        fold_notice(&mut self.notices, event);
    }
}
