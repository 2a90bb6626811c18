//! Hands what libFuzzer comes up with to the property `mail`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tests::fuzz::mails::mail(data));
