//! The `carebus` command.
fn main() {}
