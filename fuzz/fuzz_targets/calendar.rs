//! Hands what libFuzzer comes up with to the property `calendar`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tests::fuzz::mails::calendar(data));
