//! What holds for the readers of all structure files: structures of finite numbers that can be written and read again, or
//! errors with a place, and an end.

use mtprs::structure_files::{Format, ReadSettings, Structure, StructureReader, write_structure};

/// Reads a text as a file of a format, as strictly as can be and as leniently.
pub(crate) fn check(text: &[u8], format: Format) {
    for keep_unconverged in [false, true] {
        let settings =
            ReadSettings { keep_unconverged, strict: !keep_unconverged, ..ReadSettings::default() };
        let mut reader = StructureReader::from_text(text, "input", format, &settings);
        let mut count = 0;
        for result in reader.by_ref() {
            match result {
                Ok(structure) => {
                    check_numbers(&structure);
                    if keep_unconverged {
                        write_in_all(&structure);
                    }
                }
                Err(error) => assert!(error.to_string().starts_with("input"), "{error}"),
            }
            count += 1;
            assert!(count <= text.len() + 1, "a file of {} bytes has no end", text.len());
        }
        for sentence in reader.remarks().sentences("input") {
            assert!(sentence.starts_with("input"), "{sentence}");
        }
    }
}

/// Every number is finite, and there are as many as there are atoms.
fn check_numbers(structure: &Structure) {
    let configuration = &structure.configuration;
    let atoms = configuration.len();
    assert_eq!([configuration.species.len(), configuration.ids.len()], [atoms; 2]);
    let finite = |numbers: &[[f64; 3]]| numbers.as_flattened().iter().all(|number| number.is_finite());
    assert!(finite(&configuration.positions) && finite(configuration.cell.vectors()));
    if let Some(forces) = &configuration.forces {
        assert!(forces.len() == atoms && finite(forces));
    }
    assert!(configuration.energy.is_none_or(f64::is_finite));
    let virial = configuration.virial.map(|virial| virial.to_cfg_order());
    assert!(virial.iter().flatten().all(|component| component.is_finite()));
}

fn write_in_all(structure: &Structure) {
    for format in Format::all() {
        let mut written = Vec::new();
        if write_structure(structure, format, true, &mut written).is_err() {
            continue;
        }
        if [Format::CFG, Format::EXTXYZ].contains(&format) {
            let settings = ReadSettings::default();
            let again = StructureReader::from_text(&written, "again", format, &settings).next();
            let again = again.expect("a structure was written").expect("what was written can be read");
            let (again, before) = (again.configuration, &structure.configuration);
            assert_eq!(again.positions, before.positions);
            assert_eq!(again.forces, before.forces);
            assert_eq!(again.energy, before.energy);
        }
    }
}
