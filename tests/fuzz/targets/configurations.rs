//! Any bytes are configurations that survive a round trip, up to an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mtprs_core::format::{CfgReader, write_configuration};

fuzz_target!(|text: &[u8]| {
    for result in CfgReader::new(text, "input") {
        match result {
            Ok(configuration) => {
                let mut written = Vec::new();
                write_configuration(&configuration, &mut written).expect("what was read can be written");
                let again = CfgReader::new(&written[..], "again").next();
                let again =
                    again.expect("a configuration was written").expect("what was written can be read");
                assert_eq!(again, configuration);
            }
            Err(error) => assert!(error.place().is_some() && !error.to_string().is_empty()),
        }
    }
});
