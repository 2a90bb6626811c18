//! What time the server has, and what a doubt about ours means: routine work is held, urgent work is not.

use care::time::Timestamp;

use crate::clock::Why;
use crate::{Node, NodeError};

impl Node {
    /// Asks the server for its time. Silence says nothing about a clock; whether the server is there, others find out.
    pub(crate) async fn compare_clocks(&mut self) -> Result<(), NodeError> {
        match bus::streams::server_time(&self.conn, &self.engine.settings().org).await {
            Ok(there) => there.into_iter().for_each(|there| self.clock.hear(there)),
            Err(error) if error.is_passing() => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Now, and whether that is in doubt told to the engine; said once when it begins and once when it ends.
    pub(crate) fn now(&mut self) -> Timestamp {
        let now = self.clock.now();
        let doubt = self.clock.doubt();
        let known = self.engine.clock_in_doubt_since();
        if known != doubt.map(|doubt| doubt.since) {
            self.engine.doubt_clock(doubt.map(|doubt| doubt.since));
            match doubt {
                Some(doubt) => tracing::error!(
                    clock.since = %doubt.since,
                    why = reason(doubt.why),
                    "clock.in_doubt: routine work is held, urgent work is not; set the clock right"
                ),
                None => tracing::info!("clock.believed: wall clock and server agree again"),
            }
        }
        now
    }
}

pub(crate) const fn reason(why: Why) -> &'static str {
    match why {
        Why::Jumped => "the wall clock jumped or stood still, or the machine slept",
        Why::DisagreesWithServer => "more than five minutes apart from the server's clock",
    }
}
