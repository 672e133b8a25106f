//! Any bytes as a file of every format: what the reader of one takes, that of another must at least refuse.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mtprs::structure_files::Format;

#[path = "shared/structures.rs"]
mod structures;

fuzz_target!(|text: &[u8]| {
    for format in Format::all() {
        structures::check(text, format);
    }
});
