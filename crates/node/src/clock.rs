//! The one clock: wall time that never runs backwards and is not believed blindly, or a virtual time that somebody
//! else moves.

mod watch;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use care::time::Timestamp;
// Tokio's Instant is monotonic and tells only durations.
use tokio::time::Instant;

pub use watch::{Doubt, Reading, Watch, Why};

/// Where `now` comes from. Cheap to clone; all clones show the same time.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    Real {
        watch: Arc<Mutex<Watch>>,
        began: Instant,
    },
    /// Latest time set, milliseconds; only ever rises.
    Virtual(Arc<AtomicI64>),
}

impl Clock {
    /// The wall clock, for as long as it can be believed; see [`Watch`].
    #[must_use]
    pub fn real() -> Self {
        Self(Source::Real {
            watch: Arc::default(),
            began: Instant::now(),
        })
    }

    /// A clock that stands at `start` until [`Clock::set`].
    #[must_use]
    pub fn at(start: Timestamp) -> Self {
        Self(Source::Virtual(Arc::new(AtomicI64::new(start.as_millisecond()))))
    }

    /// Now, in whole milliseconds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let now = match &self.0 {
            Source::Real { watch, began } => locked(watch).show(reading(*began)),
            Source::Virtual(latest) => latest.load(Ordering::SeqCst),
        };
        Timestamp::from_millisecond(now).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Moves a virtual clock on; never back, and never a real one.
    pub fn set(&self, to: Timestamp) {
        if let Source::Virtual(latest) = &self.0 {
            latest.fetch_max(to.as_millisecond(), Ordering::SeqCst);
        }
    }

    /// The server has just said what time it is. A virtual clock does not listen.
    pub fn hear(&self, server_time: Timestamp) {
        if let Source::Real { watch, began } = &self.0 {
            locked(watch).hear(server_time.as_millisecond(), reading(*began));
        }
    }

    /// Whether the wall clock is in doubt: then [`Clock::now`] goes on from what was last believed.
    #[must_use]
    pub fn doubt(&self) -> Option<Doubt> {
        match &self.0 {
            Source::Real { watch, .. } => locked(watch).doubt(),
            Source::Virtual(_) => None,
        }
    }

    /// When a message arrived: as the server says, or as the virtual clock does.
    #[must_use]
    pub fn arrival(&self, server_time: Timestamp) -> Timestamp {
        match &self.0 {
            Source::Real { .. } => server_time,
            Source::Virtual(_) => self.now(),
        }
    }
}

/// Nobody panics with it locked; if somebody did, the time is still right.
fn locked(watch: &Mutex<Watch>) -> MutexGuard<'_, Watch> {
    watch.lock().unwrap_or_else(PoisonError::into_inner)
}

fn reading(began: Instant) -> Reading {
    #[expect(clippy::disallowed_methods, reason = "this is the one clock")]
    let wall = Timestamp::now().as_millisecond();
    Reading {
        wall,
        run: i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX),
    }
}
