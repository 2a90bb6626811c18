//! How long placing takes: 10 000 PT sessions of 40 practitioners.
fn main() {}
