//! Many messages that rest on nothing, in their order, as fast as the server can sync them.

use futures_util::{StreamExt, stream};

use super::{Append, Appended, BatchAppended, LARGEST_BATCH, SMALLEST_BATCH, append, append_batch};
use crate::{BusError, Connection};

/// Single appends under way at once, where a batch is not taken; the client sends them in order.
const AT_ONCE: usize = 64;

/// How far an import got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Stored now.
    pub stored: usize,
    /// Known to the server already, by their message ids.
    pub known: usize,
}

impl Tally {
    /// Messages that are in the stream.
    #[must_use]
    pub const fn done(&self) -> usize {
        self.stored + self.known
    }
}

/// Appends `messages` in batches, and singly where the server declines one: because it knows one of the messages, for
/// example. False when it did not answer: then some of those after `tally.done()` may be in the stream, and importing
/// the same again does no harm.
///
/// # Errors
/// As [`append`]; `tally` says how far it got.
pub async fn import(
    conn: &Connection,
    messages: impl IntoIterator<Item = Append>,
    tally: &mut Tally,
) -> Result<bool, BusError> {
    let mut messages = messages.into_iter();
    loop {
        let batch: Vec<Append> = messages.by_ref().take(LARGEST_BATCH).collect();
        if batch.is_empty() {
            return Ok(true);
        }
        let outcome = if batch.len() < SMALLEST_BATCH {
            BatchAppended::Declined
        } else {
            append_batch(conn, batch.clone()).await?
        };
        match outcome {
            BatchAppended::Stored { .. } => tally.stored += batch.len(),
            BatchAppended::Declined if singly(conn, batch, tally).await? => {}
            BatchAppended::Declined | BatchAppended::Ambiguous => return Ok(false),
        }
    }
}

async fn singly(conn: &Connection, messages: Vec<Append>, tally: &mut Tally) -> Result<bool, BusError> {
    let mut answers = stream::iter(messages)
        .map(|message| append(conn, message))
        .buffered(AT_ONCE);
    while let Some(answer) = answers.next().await {
        match answer? {
            Appended::Stored { duplicate: false, .. } => tally.stored += 1,
            Appended::Stored { duplicate: true, .. } => tally.known += 1,
            Appended::Conflict | Appended::Ambiguous => return Ok(false),
        }
    }
    Ok(true)
}
