//! Ten OUTCARs of HfO2 give the values that other programs took from them into `.cfg` and extended XYZ.

use std::fs;

use mtprs::endpoint::Input;
use mtprs::structure_files::{Format, ReadSettings, SpeciesOrder, Structure, StructureReader};
use mtprs_tests::shared;
use mtprs_tests::structure_frames::assert_vectors;

fn structures(input: &str, format: Option<Format>) -> Vec<Structure> {
    let input = Input::File(shared().join("data/vasp").join(input));
    let order = SpeciesOrder::new(&["Hf", "O"].map(str::to_owned), None, "the test");
    let reader = StructureReader::open(&input, format, &ReadSettings::default()).unwrap();
    let ordered = |structure: mtprs_core::Result<Structure>| {
        let mut structure = structure.unwrap();
        order.apply(&mut structure).unwrap();
        structure
    };
    reader.map(ordered).collect()
}

#[test]
fn ten_outcars_give_the_values_of_the_cfg_and_extended_xyz_files() {
    let names: Vec<String> = structures("HfO2.cfg", None)
        .iter()
        .map(|structure| structure.configuration.feature("src").unwrap().to_owned())
        .collect();
    assert_eq!(names.len(), 10);
    for file in ["HfO2.cfg", "HfO2.extxyz"] {
        let expected = structures(file, None);
        assert_eq!(expected.len(), names.len());
        for (expected, name) in expected.iter().zip(&names) {
            let folder = ["label_1", "label_2"]
                .into_iter()
                .find(|folder| fs::exists(shared().join("data/vasp").join(folder).join(name)).unwrap());
            let outcar = structures(&format!("{}/{name}", folder.unwrap()), None);
            let [outcar] = &outcar[..] else { panic!("{name} has {} steps", outcar.len()) };
            assert_same(outcar, expected, &format!("{name} {file}"));
        }
    }
}

fn assert_same(outcar: &Structure, expected: &Structure, what: &str) {
    assert_eq!(outcar.elements, expected.elements);
    let (got, expected) = (&outcar.configuration, &expected.configuration);
    assert_eq!(got.species, expected.species, "{what}");
    assert_eq!(got.energy, expected.energy, "{what}");
    assert_eq!(got.cell, expected.cell, "{what}");
    assert_vectors(&got.positions, &expected.positions, 0.0);
    assert_vectors(got.forces.as_ref().unwrap(), expected.forces.as_ref().unwrap(), 0.0);
    let (virial, expected) = (got.virial.unwrap().to_cfg_order(), expected.virial.unwrap().to_cfg_order());
    for (got, expected) in virial.into_iter().zip(expected) {
        // eight decimals, and 1 eV/Å³ = 1602.1766208 kB of an older edition of the constants: 8e-9
        assert!((got - expected).abs() <= 5.1e-9 + 1e-8 * expected.abs(), "{what}: {got} {expected}");
    }
}

#[test]
fn formats_of_the_reference_files_are_recognized() {
    let format = |name: &str| {
        let input = Input::File(shared().join("data/vasp").join(name));
        StructureReader::open(&input, None, &ReadSettings::default()).unwrap().format()
    };
    assert_eq!(format("HfO2.cfg"), Format::CFG);
    assert_eq!(format("HfO2.extxyz"), Format::EXTXYZ);
    assert_eq!(format("label_1/OUTCAR_5"), Format::OUTCAR);
}
