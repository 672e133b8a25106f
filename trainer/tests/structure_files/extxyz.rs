//! Extended XYZ: signs of stresses and virials, names of labels, what is handed on.

use mtprs::structure_files::{Format, LabelKeys, ReadSettings};
use mtprs_core::geometry::Virial;

use crate::{assert_close, assert_refused, outcome, parse};

#[test]
fn extended_xyz_follows_the_signs_of_ase_and_quippy() {
    let lattice = r#"Lattice="4 0 0 0 5 0 0 0 6""#;
    let frame = |comment: &str| format!("1\n{lattice} {comment}\nMg 0.5 0.25 0.125\n");
    let virial = |comment: &str| parse(frame(comment), Format::EXTXYZ).unwrap()[0].configuration.virial;
    let stress = r#"stress="0.1 0.2 0.3 0.2 0.4 0.5 0.3 0.5 0.6""#;
    let expected = Virial { xx: -12.0, yy: -48.0, zz: -72.0, yz: -60.0, xz: -36.0, xy: -24.0 };
    assert_close(virial(stress), expected);
    assert_close(virial(r#"stress="0.1 0.4 0.6 0.5 0.3 0.2""#), expected);
    let quippy = r#"virial="1 2 3 2 4 5 3 5 6""#;
    let expected = Virial { xx: 1.0, yy: 4.0, zz: 6.0, yz: 5.0, xz: 3.0, xy: 2.0 };
    assert_close(virial(quippy), expected);
    // the same twice, as our own files have it
    let both = r#"stress="-0.5 0 0 0 -0.5 0 0 0 -0.25" virial="60 0 0 0 60 0 0 0 30""#;
    assert_close(virial(both), Virial { xx: 60.0, yy: 60.0, zz: 30.0, ..Virial::default() });
    let skew = frame(r#"virial="1 2 3 9 4 5 3 5 6""#);
    assert_refused(Format::EXTXYZ, [(skew, "in:2: expected a symmetric virial")]);
}

#[test]
fn extended_xyz_keeps_what_it_does_not_know_and_finds_labels_by_name() {
    let text = "2\nLattice=\"4 0 0 0 4 0 0 0 9\" pbc=\"T T F\" Properties=id:I:1:Z:I:1:pos:R:3:dft_forces:R:3:mag:R:2 \
                energy=-2 free_energy=-2.5 E_dft=-3 note='two words' done\n7 12 0 0 0 1 2 3 .5 .25\n5 8 1 1 1 4 5 6 .5 1e0\n";
    let keys =
        LabelKeys { energy: Some("E_dft".into()), forces: Some("dft_forces".into()), ..LabelKeys::default() };
    let settings = ReadSettings { keys, ..ReadSettings::default() };
    let read = |settings: &ReadSettings| outcome(text, Format::EXTXYZ, settings).kept().0.remove(0);
    let structure = read(&settings);
    let configuration = &structure.configuration;
    assert_eq!(configuration.cell.vectors().len(), 2);
    assert_eq!(structure.lattice().vectors[2], [0.0, 0.0, 9.0]);
    assert_eq!(configuration.ids, [7, 5]);
    assert_eq!(structure.elements.as_deref().unwrap(), ["Mg", "O"]);
    assert_eq!(configuration.energy, Some(-3.0));
    assert_eq!(configuration.forces.as_ref().unwrap()[1], [4.0, 5.0, 6.0]);
    assert_eq!(
        (configuration.feature("note"), configuration.feature("done")),
        (Some("two words"), Some("T"))
    );
    assert_eq!(structure.columns[0].words, [".5", ".25", ".5", "1e0"]);
    let structure = read(&ReadSettings::default());
    assert_eq!(structure.configuration.energy, Some(-2.5));
    assert_eq!(structure.configuration.feature("energy_zero_smearing"), Some("-2.0"));
    assert_eq!(structure.columns[0].name, "dft_forces");
}

#[test]
fn bad_extended_xyz_is_refused_with_its_place() {
    let cases = [
        ("x\n\nMg 0 0 0\n", "in:1:1: expected an integer for the number of atoms, got x"),
        ("2\n\nMg 0 0 0\n", "in:3: expected 2 rows of atoms, got 1 and the end of the file"),
        ("2\n", "in:1: expected a comment line, got the end of the file"),
        ("3\n\nMg 0 0 0\n1\n\nMg 0 0 0\n", "in:4: expected 3 rows of atoms, got 1 and the next frame"),
        ("1\n\nMg 0 0 0\nO 1 1 1\n", "in:4: expected 1 rows of atoms and the next frame, got more rows"),
        ("0\n\n", "in:2: expected atoms in a frame, got none"),
        ("1\n\nMg 0 zero 0\n", "in:3:6: expected a number for a position, got zero"),
        ("1\n\nMg 0 0 0 7\n", "in:3:10: expected 4 words in a row, got more"),
        ("1\nLattice=\"1 2\"\nMg 0 0 0\n", "in:2: expected 9 numbers for Lattice, got 2"),
        ("1\nLattice=\"1 2\nMg 0 0 0\n", "in:2: expected \" at the end of a quoted value"),
        ("1\npbc=\"T T T\"\nMg 0 0 0\n", "in:2: expected a Lattice for what pbc calls periodic"),
        ("1\nProperties=species:S:1\nMg\n", "in:2: Properties lacks the positions pos:R:3"),
        ("1\nstress=\"1 2 3 4 5 6\"\nMg 0 0 0\n", "in:2: expected a Lattice with a volume for the stress"),
        (
            "1\nProperties=Z:I:1:pos:R:3 a=1\n200 0 0 0\n",
            "in:2: expected an atomic number from 1 to 118, got 200",
        ),
    ];
    assert_refused(Format::EXTXYZ, cases);
}
