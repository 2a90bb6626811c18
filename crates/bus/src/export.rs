//! The whole log, or a part of it, message by message, up to where it ended when we began.

use care::id::OrgId;

use crate::message::{Which, get};
use crate::streams::log_stream;
use crate::{BusError, Connection, Reader, Received};

/// Gives every message from `from` up to `to` (or the end) to `each`, in order; returns how many.
///
/// # Errors
/// What the bus or `each` says; nothing is read past the first error.
pub async fn export<E: From<BusError>>(
    conn: &Connection,
    org: &OrgId,
    from: u64,
    to: Option<u64>,
    mut each: impl FnMut(Received) -> Result<(), E>,
) -> Result<u64, E> {
    let reader = Reader::open(conn, org, from).await?;
    until(reader, to, |received| each(received).map(|()| true)).await
}

/// The newest message of the log on a subject.
///
/// # Errors
/// `MissingOrg`, `Unreachable`.
pub async fn newest(conn: &Connection, org: &OrgId, subject: &str) -> Result<Option<Received>, BusError> {
    crate::streams::head(conn, org).await?;
    get(conn, &log_stream(org), &Which::LastOn(subject)).await
}

/// Reads up to `to`, or the end as it is now, or until `each` has had enough; returns how many.
pub(crate) async fn until<E: From<BusError>>(
    mut reader: Reader,
    to: Option<u64>,
    mut each: impl FnMut(Received) -> Result<bool, E>,
) -> Result<u64, E> {
    let end = reader.head().await?.last_sequence.min(to.unwrap_or(u64::MAX));
    let mut count = 0;
    // The last sequences may be erased: the end is reached as well when nothing follows.
    while let Some(batch) = reader.backlog(512).await? {
        for received in batch {
            let last = received.sequence;
            if last > end {
                return Ok(count);
            }
            count += 1;
            if !each(received)? || last == end {
                return Ok(count);
            }
        }
    }
    Ok(count)
}
