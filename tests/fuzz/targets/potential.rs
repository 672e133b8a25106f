//! Any bytes are a potential that survives a round trip, or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mtprs_core::format::{parse_potential, parse_potential_prefix, potential_to_string};

fuzz_target!(|text: &[u8]| {
    match parse_potential_prefix(text, "input") {
        Ok((potential, end)) => {
            assert!(end <= text.len());
            let written = potential_to_string(&potential).expect("what was read can be written");
            let again = parse_potential(written.as_bytes(), "again").expect("what was written can be read");
            assert_eq!(again, potential);
        }
        Err(error) => assert!(error.place().is_some() && !error.to_string().is_empty()),
    }
});
