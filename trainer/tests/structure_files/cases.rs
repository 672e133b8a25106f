//! The files of `cases/`: what each of them holds, what is left out of it, and what is said.

use std::path::Path;

use mtprs::endpoint::Input;
use mtprs::structure_files::{LeftOut, ReadSettings, StructureReader};

use crate::{KILOBAR, Outcome};

fn read_with(file: &str, settings: &ReadSettings) -> Outcome {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/structure_files/cases").join(file);
    Outcome::of(StructureReader::open(&Input::File(path), None, settings).unwrap())
}

fn read(file: &str) -> Outcome {
    read_with(file, &ReadSettings::default())
}

fn left_out(step: u64, line: usize, reason: &str) -> LeftOut {
    LeftOut { step, line, reason: reason.to_owned() }
}

#[test]
fn counts_of_types_must_be_those_of_all_atoms() {
    let wrapped = read("more-than-ten-types/OUTCAR_wrapped");
    assert_eq!(wrapped.elements(), ["Mg Mg V O O O Ti Cr Mn Fe Co Ni Cu Zn Zn Zr"]);
    assert_eq!(wrapped.energies(), [-98.765_432_1]);
    let cut = read("more-than-ten-types/OUTCAR");
    assert_eq!(cut.structures.len(), 0);
    let [LeftOut { step: 1, line: 81, reason }] = &cut.left_out[..] else { panic!("{:?}", cut.left_out) };
    assert!(
        reason.starts_with("ions per type has 10 counts with 13 atoms in all, but NIONS is 16 of 12 POTCARs")
    );
}

#[test]
fn columns_that_touch_are_told_apart() {
    for (file, a, b, c) in [
        ("slab-100A/OUTCAR", [3.3, 0.0, 0.0], [-1.65, 2.857_884, 0.0], [0.0, 0.0, 100.6]),
        ("slab-100A/OUTCAR_minus", [10.1, 0.0, 0.0], [-112.5, 104.2, 0.0], [0.0, -3.3, 110.5]),
        ("slab-100A/OUTCAR_molecule", [123.456_789_012, 0.0, 0.0], [0.0, 104.2, 0.0], [0.0, 0.0, 110.5]),
    ] {
        let outcome = read(file);
        assert!(outcome.is_whole(), "{file}");
        assert_eq!(outcome.structures[0].configuration.cell.vectors(), [a, b, c], "{file}");
        assert_eq!((outcome.elements(), outcome.energies()), (vec!["Mo S S".to_owned()], vec![-21.5]));
    }
    let glued = read("outcar-variants/OUTCAR_glued_stress_pos");
    let configuration = &glued.structures[0].configuration;
    let kilobar = KILOBAR / configuration.cell.volume().unwrap();
    let virial = configuration.virial.unwrap();
    for (component, expected) in
        [(virial.xx, 123_456.678_9), (virial.yy, 123_456.789_01), (virial.zz, -1234.5)]
    {
        assert!((component * kilobar - expected).abs() < 1e-6, "{component}");
    }
    let trajectory = read("xdatcar/XDATCAR_glued");
    let [x, y, z] = trajectory.structures[0].configuration.positions[1];
    for (got, expected) in [(x, -0.632_652_86 * 4.1), (y, -0.112_277_53 * 4.2), (z, -0.154_027_85 * 8.6)] {
        assert!((got - expected).abs() < 1e-12, "{got}");
    }
    let lengths = read("xdatcar/XDATCAR_npt").structures;
    let lengths = lengths.iter().map(|structure| structure.configuration.cell.vectors()[0][0]);
    assert_eq!(lengths.collect::<Vec<_>>(), [4.1, 4.3, 4.5]);
}

#[test]
fn potentials_name_the_elements_of_runs_without_titles() {
    let outcome = read("nwrite0-no-titel/OUTCAR");
    assert!(outcome.is_whole());
    assert_eq!((outcome.elements(), outcome.energies()), (vec!["O Mg Mg".to_owned()], vec![-12.25]));
}

#[test]
fn energies_may_stand_before_the_table() {
    let outcome = read("vasp46-order/OUTCAR_static");
    assert!(outcome.is_whole());
    assert_eq!((outcome.elements(), outcome.energies()), (vec!["Mg O O".to_owned()], vec![-12.25]));
    assert_eq!(outcome.structures[0].configuration.forces.as_ref().unwrap()[2], [-0.1, -0.2, 0.0]);
    assert!(outcome.structures[0].configuration.virial.is_some());
}

#[test]
fn runs_in_one_file_have_headers_of_their_own() {
    let all = read("concatenated/OUTCAR_all");
    assert!(all.is_whole());
    assert_eq!(all.elements(), ["Mg O O", "O O Mg", "Al O O"]);
    assert_eq!(all.energies(), [-12.25, -13.25, -14.25]);
    for (file, line) in [("OUTCAR_killed2", 21), ("OUTCAR_killed_then_restarted", 21)] {
        let killed = read(&format!("concatenated/{file}"));
        assert_eq!(killed.elements(), ["Mg O O"], "{file}");
        assert_eq!(killed.structures[0].configuration.forces.as_ref().unwrap()[1], [0.0, 0.2, 0.0]);
        let reason = "it is incomplete: the run ended within this step";
        assert_eq!(killed.left_out, [left_out(1, line, reason)], "{file}");
        assert_eq!(killed.structures[0].configuration.feature("ionic_step"), Some("2"), "{file}");
    }
}

#[test]
fn a_loop_that_nelm_ended_has_not_converged_whatever_vasp_says() {
    let outcome = read("nelm-vasp5/OUTCAR");
    assert_eq!(outcome.energies(), [-13.25]);
    let [LeftOut { step: 1, line: 21, reason }] = &outcome.left_out[..] else {
        panic!("{:?}", outcome.left_out)
    };
    assert!(reason.starts_with("the electrons did not converge"), "{reason}");
    let settings = ReadSettings { keep_unconverged: true, ..ReadSettings::default() };
    let kept = read_with("nelm-vasp5/OUTCAR", &settings);
    assert_eq!(kept.energies(), [-12.25, -13.25]);
    assert_eq!(kept.structures[0].configuration.feature("converged"), Some("no"));
    let settings = ReadSettings { strict: true, ..ReadSettings::default() };
    let strict = read_with("nelm-vasp5/OUTCAR", &settings);
    assert_eq!(strict.error.unwrap().message(), "step 1 would be left out: the electrons did not converge");
}

#[test]
fn limits_of_other_loops_and_tolerances_below_the_last_digit_leave_nothing_out() {
    for file in ["control_ediff1e-6.xml", "control_nelm_in_incar.xml", "ediff1e-8.xml", "ediff1e-9.xml"] {
        let outcome = read(&format!("vasprun-nelm-ediff/{file}"));
        assert!(outcome.is_whole(), "{file} {:?}", outcome.left_out);
        assert_eq!(outcome.energies(), [-16.341_256_79, -16.351_256_79], "{file}");
        assert_eq!(outcome.elements(), ["Mg O O", "Mg O O"]);
    }
}

#[test]
fn one_bad_step_is_left_out_alone() {
    let first_loop = read("vasprun-stars/first_scf_stars.xml");
    assert!(first_loop.is_whole());
    assert_eq!(first_loop.energies(), [-16.341_256_79, -16.351_256_79]);
    let exploded = read("vasprun-stars/one_md_step_exploded.xml");
    assert_eq!(exploded.energies(), [-16.341_256_79]);
    let reason = "expected a finite number for forces, got ****************";
    assert_eq!(exploded.left_out, [left_out(2, 179, reason)]);
    let stars = read("outcar-variants/OUTCAR_stars_last");
    assert_eq!(stars.energies(), [-12.25, -12.35]);
    let reason = "expected a number for positions and forces, got **************";
    assert_eq!(stars.left_out, [left_out(3, 112, reason)]);
    let not_numbers = read("outcar-variants/OUTCAR_nan");
    assert_eq!(not_numbers.structures.len(), 0);
    let reason = "expected a finite number for positions and forces, got NaN";
    assert_eq!(not_numbers.left_out, [left_out(1, 45, reason), left_out(2, 79, reason)]);
}

#[test]
fn a_pressure_alone_is_no_virial() {
    let outcome = read("isif1/OUTCAR");
    assert_eq!((outcome.energies(), outcome.left_out.len()), (vec![-12.25], 0));
    assert_eq!(outcome.structures[0].configuration.virial, None);
    assert!(outcome.notes[0].starts_with("ISIF = 1: VASP computes only the pressure"), "{:?}", outcome.notes);
}

#[test]
fn structures_are_read_past_suffixes_comments_and_line_ends() {
    let cases = [
        ("POSCAR_O_h", "O Mg Mg"),
        ("POSCAR_many_species_wrapped", "O Mg V"),
        ("POSCAR_names_comment", "O Mg Mg"),
        ("POSCAR_scale_comment", "O Mg Mg"),
        ("POSCAR_vasp4_symbols_in_rows", "O Mg Mg"),
    ];
    for (file, elements) in cases {
        let outcome = read(&format!("poscar/{file}"));
        assert!(outcome.is_whole(), "{file}");
        assert_eq!(outcome.elements(), [elements], "{file}");
        let configuration = &outcome.structures[0].configuration;
        assert_eq!(configuration.cell.vectors()[2], [0.0, 0.3, 5.0]);
        assert_eq!(configuration.positions[2], [1.0, 1.05 + 0.075, 1.25]);
    }
    let outcome = read("poscar/POSCAR_lattice_velocities");
    assert_eq!(outcome.notes, ["the velocities of the lattice are left out"]);
    assert_eq!(outcome.structures[0].velocities.as_ref().unwrap()[0], [1.0, 2.0, 3.0]);
}

#[test]
fn symbols_that_vasp_misprints_are_known_by_what_stands_beside_them() {
    let outcome = read("vasprun-r-for-Zr/vasprun_r_for_Zr.xml");
    assert_eq!(outcome.elements(), ["O Zr Zr"]);
    assert_eq!(outcome.notes, ["the symbol of type 2 is r: taken for Zr by what VASP 5.4 writes for it"]);
}

#[test]
fn masses_and_comments_name_types_and_must_agree() {
    let refused = read("lammps-masses/comment_Ca_mass_C.data");
    assert_eq!(
        refused.error.unwrap().message(),
        "type 1 is Ca by the comment Ca, but C by its mass 12.011 u"
    );
    assert_eq!(read("lammps-masses/masses_out_of_order.data").elements(), ["C O"]);
    let given = |names: &[&str]| ReadSettings {
        input_species: Some(names.iter().map(|&name| name.to_owned()).collect()),
        ..ReadSettings::default()
    };
    let decided = read_with("lammps-masses/comment_Ca_mass_C.data", &given(&["C", "O"]));
    assert_eq!(decided.elements(), ["C O"]);
    for file in ["two_types_same_element.data", "two_labels_same_element.data"] {
        let file = format!("two-types-one-element/{file}");
        assert_eq!(read(&file).elements(), ["O O"]);
        assert_eq!(read(&file).notes.last().unwrap(), "types 1, 2 are O and become one species");
        assert_eq!(read_with(&file, &given(&["O", "O"])).elements(), ["O O"]);
        let message = read_with(&file, &given(&["Mg", "O"])).error.unwrap().message().to_owned();
        assert!(message.starts_with("type 1 of the file is O by "), "{message}");
        assert!(message.ends_with(", but Mg by --input-species"), "{message}");
    }
}
