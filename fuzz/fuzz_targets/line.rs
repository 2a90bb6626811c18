//! Hands what libFuzzer comes up with to the property `line`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tests::fuzz::facts::line(data));
