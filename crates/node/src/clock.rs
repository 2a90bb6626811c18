//! The one clock: wall time that never runs backwards, or a virtual time that somebody else moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use care::time::Timestamp;

/// Where `now` comes from. Cheap to clone; all clones show the same time.
#[derive(Debug, Clone)]
pub struct Clock {
    /// Latest time shown, milliseconds; only ever rises.
    latest: Arc<AtomicI64>,
    is_virtual: bool,
}

impl Clock {
    /// The wall clock. Should it jump back, time stands still until it has caught up.
    #[must_use]
    pub fn real() -> Self {
        Self {
            latest: Arc::new(AtomicI64::new(i64::MIN)),
            is_virtual: false,
        }
    }

    /// A clock that stands at `start` until [`Clock::set`].
    #[must_use]
    pub fn at(start: Timestamp) -> Self {
        Self {
            latest: Arc::new(AtomicI64::new(start.as_millisecond())),
            is_virtual: true,
        }
    }

    /// Now, in whole milliseconds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let latest = if self.is_virtual {
            self.latest.load(Ordering::SeqCst)
        } else {
            #[expect(clippy::disallowed_methods, reason = "this is the one clock")]
            let wall = Timestamp::now().as_millisecond();
            self.latest.fetch_max(wall, Ordering::SeqCst).max(wall)
        };
        Timestamp::from_millisecond(latest).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Moves a virtual clock on; never back, and never a real one.
    pub fn set(&self, to: Timestamp) {
        if self.is_virtual {
            self.latest.fetch_max(to.as_millisecond(), Ordering::SeqCst);
        }
    }

    /// When a message arrived: as the server says, or as the virtual clock does.
    #[must_use]
    pub fn arrival(&self, server_time: Timestamp) -> Timestamp {
        if self.is_virtual { self.now() } else { server_time }
    }
}
