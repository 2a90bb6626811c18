//! sled panics on damaged files and waits for threads that have died: here a panic becomes an
//! error, and waiting has an end.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::LedgerError;

thread_local! {
    /// Is this thread inside [`caught`], where a panic is expected and handled?
    static GUARDED: Cell<bool> = const { Cell::new(false) };
    /// Where the last guarded panic of this thread came from.
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// How many of sled's background threads have died in this process.
static FALLEN: AtomicUsize = AtomicUsize::new(0);

/// How many of sled's background threads have died so far; more than before means trouble.
pub(crate) fn fallen() -> usize {
    FALLEN.load(Ordering::Relaxed)
}

/// Runs `f`; a panic in it is [`LedgerError::Damaged`], and says nothing on stderr.
pub(crate) fn caught<T>(f: impl FnOnce() -> Result<T, LedgerError>) -> Result<T, LedgerError> {
    listen();
    let outer = GUARDED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(f));
    GUARDED.set(outer);
    result.unwrap_or_else(|_| Err(LedgerError::damaged(format!("panic at {}", PLACE.take()))))
}

/// Runs `f` as [`caught`] does, on a thread of its own, and gives up waiting after `limit`.
///
/// What hung is left behind: there is no way to end a thread, and its locks stay held.
pub(crate) fn limited<T: Send + 'static>(
    what: &str,
    limit: Duration,
    f: impl FnOnce() -> Result<T, LedgerError> + Send + 'static,
) -> Result<T, LedgerError> {
    // Room for one: a thread that comes back late must not wait for us in turn.
    let (done, result) = mpsc::sync_channel(1);
    thread::Builder::new()
        .name("ledger".to_owned())
        .spawn(move || done.send(caught(f)))
        .map_err(LedgerError::io("given a thread"))?;
    match result.recv_timeout(limit) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => Err(LedgerError::Stuck {
            what: format!("{what} (over {} s)", limit.as_secs()),
        }),
        Err(RecvTimeoutError::Disconnected) => Err(LedgerError::damaged("its thread was lost")),
    }
}

/// Hooks into the panic messages, once per process, and passes on all that are not sled's.
///
/// A hook and not only `catch_unwind`, because the default one prints before unwinding starts: an
/// operator would read a crash where there is a handled error, with bytes of a chart in the message
/// at worst. Hence only the place is kept. It is also how a death of sled's own threads is noticed.
/// A program that wants a hook of its own sets it before it opens a ledger, or calls the one before.
fn listen() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if GUARDED.try_with(Cell::get).unwrap_or(false) {
                PLACE.with(|kept| *kept.borrow_mut() = place(info));
            } else if is_sleds_thread() {
                FALLEN.fetch_add(1, Ordering::Relaxed);
                tracing::error!(panic.place = place(info), "a thread of sled's died");
            } else {
                before(info);
            }
        }));
    });
}

/// File and line of a panic, without the path of whoever built this.
fn place(info: &PanicHookInfo<'_>) -> String {
    let Some(at) = info.location() else {
        return "an unknown place".to_owned();
    };
    let file = at.file();
    let short = file.rfind("sled-").map_or(file, |start| &file[start..]);
    format!("{short}:{}", at.line())
}

/// The names sled 0.34 gives its threads.
fn is_sleds_thread() -> bool {
    thread::current()
        .name()
        .is_some_and(|name| name == "log flusher" || name.starts_with("sled-io-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_that_names_the_place_and_not_the_message() {
        let error = caught::<()>(|| panic!("Jane Doe")).unwrap_err();
        let LedgerError::Damaged { why } = error else {
            panic!("{error}")
        };
        assert!(why.starts_with("panic at ") && why.contains("guard.rs:"), "{why}");
        assert!(!why.contains("Jane"), "{why}");
    }

    #[test]
    fn waiting_has_an_end() {
        let (keep, wait) = mpsc::channel::<()>();
        let stuck = limited("waiting", Duration::from_millis(20), move || {
            Ok(wait.recv().is_ok())
        });
        assert!(matches!(stuck, Err(LedgerError::Stuck { .. })), "{stuck:?}");
        drop(keep);
        assert!(matches!(
            limited("working", Duration::from_secs(9), || Ok(5)),
            Ok(5)
        ));
    }

    #[test]
    fn the_death_of_a_thread_of_sleds_is_noticed() {
        listen();
        let before = fallen();
        let thread = thread::Builder::new()
            .name("log flusher".to_owned())
            .spawn(|| panic!("gone"));
        assert!(thread.unwrap().join().is_err());
        assert_eq!(fallen(), before + 1);
    }
}
