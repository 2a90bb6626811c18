//! Every way a mail server can fail, through the whole node: what the log says, how many copies arrive, who else gets
//! their mail, that nothing goes in clear, and that it heals by itself.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod row;
mod sinks;
mod table;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use row::{Row, World};

/// Rows at a time: they mostly wait.
const AT_ONCE: usize = 6;

/// Carries out all rows of a table, or those that CAREBUS_SMTP_ROW names, and names those that failed.
fn all(rows: &[Row]) {
    let world = World::open();
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let only = std::env::var("CAREBUS_SMTP_ROW").unwrap_or_default();
    let work = || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        loop {
            let n = next.fetch_add(1, Ordering::SeqCst);
            let Some(row) = rows.get(n) else { break };
            if !row.name.contains(&only) {
                continue;
            }
            let carried_out = || runtime.block_on(row.carry_out(n, &world));
            if catch_unwind(AssertUnwindSafe(carried_out)).is_err() {
                failed.lock().unwrap().push(row.name);
            }
        }
    };
    std::thread::scope(|scope| {
        (0..AT_ONCE).for_each(|_| drop(scope.spawn(work)));
    });
    let failed = failed.into_inner().unwrap();
    assert!(
        failed.is_empty(),
        "{} of {} rows: {failed:?}",
        failed.len(),
        rows.len()
    );
}

#[test]
fn a_server_that_takes_no_mail_pauses_the_queue_and_blames_nobody() {
    all(&table::NOBODYS);
}

#[test]
fn what_goes_wrong_with_one_recipient_is_that_recipients_alone() {
    all(&table::RECIPIENTS);
}
