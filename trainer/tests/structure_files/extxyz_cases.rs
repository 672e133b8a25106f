//! The cases of `cases/10-extxyz`: keys, aliases and units of extended XYZ, with their right values.

use std::fs;
use std::path::Path;

use mtprs::structure_files::{Format, LabelKeys, ReadSettings, Structure};
use mtprs_core::geometry::Virial;

use crate::{assert_close, outcome, strict};

fn read_with(name: &str, settings: &ReadSettings) -> Result<(Structure, Vec<String>), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/structure_files/cases/10-extxyz");
    let text = fs::read(folder.join(name)).unwrap();
    let outcome = outcome(text, Format::EXTXYZ, settings);
    let notes = outcome.notes.clone();
    let structures = outcome.whole()?;
    assert_eq!(structures.len(), 1);
    Ok((structures.into_iter().next().unwrap(), notes))
}

/// The one frame of a case about which there is nothing to say.
fn read(name: &str) -> Structure {
    let (structure, notes) = read_with(name, &strict()).unwrap();
    assert_eq!(notes, [""; 0], "{name}");
    structure
}

fn assert_crystal(structure: &Structure) {
    let vectors = [[4.0, 0.0, 0.0], [0.0, 4.2, 0.0], [0.0, 0.3, 5.0]];
    assert_eq!(structure.configuration.cell.vectors(), vectors);
    let elements: Vec<_> = (0..2).map(|atom| structure.element(atom).unwrap()).collect();
    assert_eq!(elements, ["Mg", "O"]);
}

fn assert_forces(structure: &Structure, factor: f64) {
    let forces = structure.configuration.forces.as_ref().unwrap();
    for (atom, sign) in [(0, factor), (1, -factor)] {
        for (force, expected) in forces[atom].iter().zip([0.1, 0.2, 0.3]) {
            assert!((force - sign * expected).abs() < 1e-12, "{force}");
        }
    }
}

/// The tensor of the cases: V = 84 Å³.
fn sheared(factor: f64) -> Virial {
    let [xx, yy, zz, yz, xz, xy] =
        [0.01, 0.02, 0.03, 0.004, 0.005, 0.006].map(|stress| -84.0 * factor * stress);
    Virial { xx, yy, zz, yz, xz, xy }
}

#[test]
fn a_lattice_is_one_in_any_case_and_makes_a_crystal() {
    for name in ["02_lattice_lower_nopbc.xyz", "19_pbc_single.xyz", "35_cell_key.xyz"] {
        let structure = read(name);
        assert_crystal(&structure);
        assert_forces(&structure, 1.0);
        assert_eq!(structure.configuration.energy, Some(-10.5));
    }
    let virial = read("02_lattice_lower_nopbc.xyz").configuration.virial;
    assert_close(virial, Virial { xx: 1.0, yy: 2.0, zz: 3.0, ..Virial::default() });
}

#[test]
fn aliases_of_labels_are_read() {
    for name in ["04_Energy_upper.xyz", "12_energies_key_total.xyz", "36_virials.xyz"] {
        let structure = read(name);
        assert_crystal(&structure);
        assert_forces(&structure, 1.0);
        assert_eq!(structure.configuration.energy, Some(-10.5), "{name}");
        assert_eq!(structure.configuration.features, []);
    }
    let virial = read("36_virials.xyz").configuration.virial;
    assert_close(virial, Virial { xx: 1.0, yy: 2.0, zz: 3.0, ..Virial::default() });
}

#[test]
fn declared_units_are_converted() {
    let structure = read("11_energy_unit.xyz");
    let energy = structure.configuration.energy.unwrap();
    assert!((energy + 13.605_693_122_994).abs() < 1e-12, "{energy}");
    assert_forces(&structure, 51.422_067_476_325_9);
    assert_eq!(
        structure.configuration.feature("input_units"),
        Some("energy-unit=hartree force-unit=hartree/bohr")
    );
    let virial = read("33_stress_gpa_unit.xyz").configuration.virial;
    // 1 GPa in a cell of 84 Å³; -84 eV if the unit were passed over
    let pressure = -84.0 / 160.217_663_4;
    assert_close(virial, Virial { xx: pressure, yy: pressure, zz: pressure, ..Virial::default() });
}

#[test]
fn labels_under_other_names_are_named_with_their_options() {
    let (structure, notes) = read_with("05_REF.xyz", &strict()).unwrap();
    assert_eq!((structure.configuration.energy, &structure.configuration.forces), (None, &None));
    let expected = [
        "REF_energy looks like the energy and is not read\n  hint: --energy-key REF_energy reads it",
        "REF_forces looks like the forces and is not read\n  hint: --forces-key REF_forces reads it",
        "REF_stress looks like the stress and is not read\n  hint: --stress-key REF_stress reads it",
    ];
    assert_eq!(notes, expected);
    let keys = LabelKeys {
        energy: Some("REF_energy".into()),
        forces: Some("REF_forces".into()),
        stress: Some("REF_stress".into()),
        virial: None,
    };
    let (structure, notes) = read_with("05_REF.xyz", &ReadSettings { keys, ..strict() }).unwrap();
    assert_eq!(notes, [""; 0]);
    assert_eq!(structure.configuration.energy, Some(-10.5));
    assert_forces(&structure, 1.0);
    let virial = Virial { xx: -0.84, yy: -1.68, zz: -2.52, ..Virial::default() };
    assert_close(structure.configuration.virial, virial);
}

/// Where a key is chosen, other columns that look like forces get no hint.
#[test]
fn labels_that_are_chosen_are_not_told_of_others() {
    let text =
        "1\nProperties=species:S:1:pos:R:3:dft_forces:R:3:REF_forces:R:3 energy=-1\nMg 0 0 0 1 2 3 4 5 6\n";
    let forces = |name: &str| LabelKeys { forces: Some(name.into()), ..LabelKeys::default() };
    for (name, expected) in [("dft_forces", [1.0, 2.0, 3.0]), ("REF_forces", [4.0, 5.0, 6.0])] {
        let settings = ReadSettings { keys: forces(name), ..strict() };
        let (structures, notes) = outcome(text, Format::EXTXYZ, &settings).kept();
        assert_eq!(structures[0].configuration.forces.as_deref(), Some(&[expected][..]));
        assert_eq!(notes, [""; 0]);
    }
    let (structures, notes) = outcome(text, Format::EXTXYZ, &strict()).kept();
    assert_eq!((&structures[0].configuration.forces, notes.len()), (&None, 2));
}

#[test]
fn six_components_are_read_in_the_order_of_ase_and_told() {
    let (structure, notes) = read_with("13_stress6.xyz", &strict()).unwrap();
    assert_close(structure.configuration.virial, sheared(1.0));
    assert_eq!(notes, ["stress has six numbers: read as xx yy zz yz xz xy"]);
    assert_close(read("15_stress_nested.xyz").configuration.virial, sheared(1.0));
}

#[test]
fn numbers_and_isotopes_are_elements() {
    let (structure, notes) = read_with("26_numeric_species.xyz", &strict()).unwrap();
    assert_crystal(&structure);
    assert_eq!(notes, ["the species are numbers: read as atomic numbers"]);
    let (structure, notes) = read_with("49_D_deuterium.xyz", &strict()).unwrap();
    assert_eq!((structure.element(0), structure.element(1)), (Some("H"), Some("O")));
    assert_eq!(notes, ["D read as H: a potential knows no isotopes"]);
}

#[test]
fn what_contradicts_itself_or_has_another_shape_is_refused() {
    let cases = [
        (
            "07_force_and_forces.xyz",
            "in:2: two columns of forces contradict each other\n  hint: take one: --forces-key forces",
        ),
        (
            "31_virial_and_stress_disagree.xyz",
            "in:2: virial and stress contradict each other\n  hint: take one: --virial-key virial or --stress-key stress",
        ),
        ("41_forces_two_cols.xyz", "in:2: expected forces:R:3 in Properties, got 2 of type R"),
    ];
    for (name, expected) in cases {
        assert_eq!(read_with(name, &strict()).unwrap_err(), expected);
    }
    let keys = LabelKeys { stress: Some("stress".into()), ..LabelKeys::default() };
    let (structure, _) =
        read_with("31_virial_and_stress_disagree.xyz", &ReadSettings { keys, ..strict() }).unwrap();
    assert_close(
        structure.configuration.virial,
        Virial { xx: -0.84, yy: -1.68, zz: -2.52, ..Virial::default() },
    );
    let keys = LabelKeys { forces: Some("forces".into()), ..LabelKeys::default() };
    let (structure, _) = read_with("07_force_and_forces.xyz", &ReadSettings { keys, ..strict() }).unwrap();
    assert_forces(&structure, 1.0);
}
