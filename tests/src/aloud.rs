//! What a test says even when it passes: a figure that was measured, or that it could not look.

use std::io::Write;
use std::time::Duration;

/// A test that was not run, and why. On stderr itself: what tests print is not shown unless they fail.
pub fn skipped(why: &str) {
    say(&format!("skipped: {why}"));
}

/// A figure of a promise.
pub fn measured(what: &str, took: Duration) {
    say(&format!("measured: {what}: {:.1} s", took.as_secs_f64()));
}

/// A line on stderr itself.
pub fn say(line: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    // Nobody to tell is no reason to fail.
    let _ = std::io::stderr().write_all(format!("{test}: {line}\n").as_bytes());
}
