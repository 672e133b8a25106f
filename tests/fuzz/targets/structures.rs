//! Any bytes are structures in one format or another, up to an error; what is read can be written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mtprs::structure_files::{Format, ReadSettings, Structure, StructureReader, write_structure};

const FORMATS: [Format; 8] = [
    Format::Cfg,
    Format::Poscar,
    Format::Outcar,
    Format::VaspRun,
    Format::Xdatcar,
    Format::ExtendedXyz,
    Format::LammpsData,
    Format::LammpsDump,
];

fuzz_target!(|text: &[u8]| {
    let settings = ReadSettings { keep_unconverged: true, ..ReadSettings::default() };
    for format in FORMATS {
        let mut reader = StructureReader::from_text(text, "input", format, &settings);
        for result in reader.by_ref() {
            match result {
                Ok(structure) => write_in_all(&structure),
                Err(error) => assert!(error.to_string().starts_with("input"), "{error}"),
            }
        }
        let _ = reader.remarks();
    }
});

fn write_in_all(structure: &Structure) {
    for format in FORMATS {
        let mut written = Vec::new();
        if write_structure(structure, format, true, &mut written).is_err() {
            continue;
        }
        if matches!(format, Format::Cfg | Format::ExtendedXyz) {
            let settings = ReadSettings::default();
            let again = StructureReader::from_text(&written, "again", format, &settings).next();
            let again = again.expect("a structure was written").expect("what was written can be read");
            assert_eq!(again.configuration.positions, structure.configuration.positions);
        }
    }
}
