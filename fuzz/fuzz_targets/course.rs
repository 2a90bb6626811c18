//! Hands what libFuzzer comes up with to the property `course`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tests::fuzz::facts::course(data));
