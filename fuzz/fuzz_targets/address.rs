//! Hands what libFuzzer comes up with to the property `address`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tests::fuzz::mails::address(data));
