//! Hands what libFuzzer comes up with to the property `policy`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tests::fuzz::files::policy(data));
