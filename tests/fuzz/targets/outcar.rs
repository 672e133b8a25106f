//! Any bytes as an OUTCAR.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mtprs::structure_files::Format;

#[allow(dead_code)] // each target takes what it needs
#[path = "shared/structures.rs"]
mod structures;

fuzz_target!(|text: &[u8]| structures::check(text, Format::OUTCAR));
