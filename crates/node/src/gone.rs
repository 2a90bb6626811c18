//! How many messages of a log may be gone, and when that is a hole.

use serde::{Deserialize, Serialize};

/// How many sequences may be without a message.
///
/// What this finds: that more messages are gone than erasures say. What it does not: which; and one that was taken while
/// an erasure that announced as many had not finished.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Gone {
    /// So many.
    allowed: u64,
    /// Whatever was gone when reading began from the start is taken for granted: it was found, or nobody can know.
    known: bool,
}

impl Gone {
    /// An erasure announces that it takes so many.
    pub(crate) fn announce(&mut self, removed: u64) {
        self.allowed = self.allowed.saturating_add(removed);
    }

    /// Whether there is a hole that nothing explains.
    pub(crate) fn judge(&mut self, gone: u64) -> bool {
        if !self.known {
            self.known = true;
            self.allowed = self.allowed.max(gone);
        }
        gone > self.allowed
    }
}

#[cfg(test)]
mod tests {
    use super::Gone;

    #[test]
    fn a_hole_is_what_no_erasure_announced() {
        let mut gone = Gone::default();
        assert!(!gone.judge(7), "what was gone at the beginning nobody can know");
        assert!(!gone.judge(7));
        gone.announce(3);
        assert!(!gone.judge(8) && !gone.judge(10));
        assert!(gone.judge(11));
    }

    #[test]
    fn an_erasure_under_way_when_reading_begins_is_counted_once() {
        let mut gone = Gone::default();
        gone.announce(5);
        assert!(!gone.judge(2), "two of the five are gone");
        assert!(!gone.judge(5));
        assert!(gone.judge(6));
    }
}
