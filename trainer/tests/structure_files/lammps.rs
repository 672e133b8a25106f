//! Dumps and data files of LAMMPS: boxes, columns, styles, elements.

use mtprs::structure_files::{Format, ReadSettings};
use mtprs_core::Error;

use crate::{Outcome, assert_refused, outcome, parse, replaced};

const DUMP: &str = "ITEM: UNITS\nmetal\nITEM: TIME\n0.5\nITEM: TIMESTEP\n500\nITEM: NUMBER OF ATOMS\n2\n\
                    ITEM: BOX BOUNDS xy xz yz pp pp ff\n-1.5 5.5 -1.5\n1 8 0.5\n-1 5 2\n\
                    ITEM: ATOMS id type xs ys zs fx fy fz c_pe element vx vy vz\n\
                    4 1 0.5 0 0 1 2 3 -1.5 Mg 1 0 0\n2 2 0 0.5 0.25 4 5 6 -2.5 O 0 1 0\n";

#[test]
fn dumps_are_read_with_tilted_boxes_and_custom_columns_in_the_order_of_ids() {
    let twice = format!("{DUMP}{}", replaced(DUMP, "\n500\n", "\n600\n"));
    let structures = parse(twice, Format::LAMMPS_DUMP).unwrap();
    assert_eq!(structures.len(), 2);
    assert_eq!(structures[1].configuration.feature("step"), Some("600"));
    let structure = &structures[0];
    let configuration = &structure.configuration;
    assert_eq!(configuration.feature("time"), Some("0.5"));
    assert_eq!(configuration.ids, [2, 4]);
    assert_eq!((structure.element(0), structure.element(1)), (Some("O"), Some("Mg")));
    // xlo + min(0, xy, xz, xy + xz) = -1.5, xhi + max(…) = 5.5: a box from 0 to 5
    let lattice = structure.lattice();
    assert_eq!(lattice.vectors, [[5.0, 0.0, 0.0], [-1.5, 5.0, 0.0], [0.5, 2.0, 6.0]]);
    assert_eq!((lattice.origin, lattice.periodic), ([0.0, 1.0, -1.0], [true, true, false]));
    assert_eq!(configuration.positions, [[-0.75 + 0.125, 1.0 + 2.5 + 0.5, -1.0 + 1.5], [2.5, 1.0, -1.0]]);
    assert_eq!(configuration.forces.as_ref().unwrap()[1], [1.0, 2.0, 3.0]);
    assert_eq!(structure.velocities.as_ref().unwrap()[1], [1.0, 0.0, 0.0]);
    assert_eq!(
        (structure.columns[0].name.as_str(), structure.columns[0].words[0].as_str()),
        ("c_pe", "-2.5")
    );
}

#[test]
fn dumps_with_types_only_general_boxes_and_unwrapped_positions_are_read() {
    let text = "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n1\nITEM: BOX BOUNDS abc origin pp fm ss\n4 0 1 -1\n0 5 1 -2\n1 1 6 -3\n\
                ITEM: ATOMS type xu yu zu ix\n3 9 8 7 2\n";
    let structure = parse(text, Format::LAMMPS_DUMP).unwrap().remove(0);
    assert_eq!(structure.configuration.species, [2]);
    assert_eq!(structure.elements, None);
    assert_eq!(structure.configuration.positions, [[9.0, 8.0, 7.0]]);
    let lattice = structure.lattice();
    assert_eq!(lattice.vectors, [[4.0, 0.0, 1.0], [0.0, 5.0, 1.0], [1.0, 1.0, 6.0]]);
    assert_eq!((lattice.origin, lattice.periodic), ([-1.0, -2.0, -3.0], [true, false, false]));
}

#[test]
fn a_dump_that_was_cut_off_gives_the_frames_before() {
    let second = replaced(DUMP, "\n500\n", "\n600\n");
    for cut in 1..second.len() {
        let text = format!("{DUMP}{}", &second[..cut]);
        let Outcome { structures, left_out, error, .. } =
            outcome(text, Format::LAMMPS_DUMP, &ReadSettings::default());
        assert_eq!((structures.len(), error.is_some()), (1, false), "cut at {cut}");
        assert!(left_out.len() == 1 && left_out[0].step == 2, "cut at {cut}");
        assert!(left_out[0].reason.starts_with("it is incomplete: "), "cut at {cut}: {}", left_out[0].reason);
    }
}

#[test]
fn bad_dumps_are_refused_with_their_place() {
    let more = |text: String| format!("{text}ITEM: TIMESTEP\n1\n");
    let cases = [
        (replaced(DUMP, "metal", "real"), "in:2: expected units metal, got real\n  hint: "),
        (
            replaced(DUMP, "ITEM: BOX BOUNDS xy xz yz", "ITEM: BOX BOUNDS xy"),
            "in:9: expected BOX BOUNDS, BOX BOUNDS xy xz yz or",
        ),
        (replaced(DUMP, "xs ys zs", "xs ys zz"), "in:13: the dump lacks positions: expected columns x y z"),
        (replaced(&replaced(DUMP, " type ", " kind "), "element", "name"), "in:13: the dump lacks species"),
        (
            replaced(DUMP, "ITEM: NUMBER OF ATOMS\n2\n", ""),
            "in:11: expected ITEM: NUMBER OF ATOMS before ITEM: ATOMS",
        ),
    ];
    assert_refused(Format::LAMMPS_DUMP, cases.map(|(text, expected)| (more(text), expected)));
}

#[test]
fn a_bad_frame_is_left_out_alone() {
    let cases = [
        ("4 1 0.5", "2 1 0.5", "13 atom id 2 is given twice"),
        ("4 1 0.5", "4 0 0.5", "14 expected an atom type from 1, got 0"),
        (" O 0", " , 0", "15 expected the name of an element without a comma, got ,"),
        ("4 1 0.5 0", "4 1 0.5", "14 expected 13 columns of an atom, got 12"),
        ("4 1 0.5 0", "4 1 nan 0", "14 expected a finite number for a position, got nan"),
        ("\n2 2 0 0.5 0.25 4 5 6 -2.5 O 0 1 0", "", "15 expected an integer for an atom id, got ITEM:"),
    ];
    for (from, to, expected) in cases {
        let second = replaced(DUMP, "\n500\n", "\n600\n");
        let text = format!("{}{second}{}", replaced(DUMP, from, to), replaced(&second, from, to));
        let Outcome { structures, left_out, error, .. } =
            outcome(text, Format::LAMMPS_DUMP, &ReadSettings::default());
        assert_eq!((structures.len(), error.is_some()), (1, false), "{expected}");
        assert_eq!(structures[0].configuration.feature("step"), Some("600"));
        assert_eq!(left_out.iter().map(|frame| frame.step).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(format!("{} {}", left_out[0].line, left_out[0].reason), expected);
    }
}

#[test]
fn the_column_of_elements_names_types_unless_it_is_what_lammps_writes_without_names() {
    let dump = |elements: [&str; 2]| {
        let [first, second] = elements;
        format!(
            "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n2\nITEM: BOX BOUNDS pp pp pp\n0 4\n0 4\n0 4\n\
             ITEM: ATOMS id type element x y z\n1 2 {first} 0 0 0\n2 1 {second} 1 1 1\n"
        )
    };
    let read = |text: &str, given: Option<&[&str]>| {
        let given = given.map(|names| names.iter().map(|&name| name.to_owned()).collect());
        let settings = ReadSettings { input_species: given, ..ReadSettings::default() };
        let Outcome { structures, error, notes, .. } = outcome(text, Format::LAMMPS_DUMP, &settings);
        let names = |error: Option<Error>| match error {
            Some(error) => Err(error.message().to_owned()),
            None => Ok([0, 1].map(|atom| structures[0].element(atom).map(str::to_owned))),
        };
        (names(error), notes)
    };
    let some = |names: [&str; 2]| Ok(names.map(|name| Some(name.to_owned())));
    assert_eq!(read(&dump(["O", "Mg"]), None), (some(["O", "Mg"]), vec![]));
    assert_eq!(read(&dump(["O", "Mg"]), Some(&["Mg", "O"])).0, some(["O", "Mg"]));
    let (names, _) = read(&dump(["O", "Mg"]), Some(&["O", "Mg"]));
    assert_eq!(
        names.unwrap_err(),
        "type 1 of the file is Mg by the column element, but O by --input-species"
    );
    let (names, notes) = read(&dump(["C", "C"]), None);
    assert_eq!((names, notes.len()), (Ok([None, None]), 1));
    assert_eq!(read(&dump(["C", "C"]), Some(&["Mg", "O"])).0, some(["O", "Mg"]));
    assert_eq!(read(&dump(["C", "C"]), Some(&["C", "C"])).0, some(["C", "C"]));
}

const DATA: &str = "LAMMPS data file via write_data, version 22 Jul 2025, timestep = 0, units = metal\n\n3 atoms\n2 atom types\n\n\
                    -1 3 xlo xhi\n0 5.0 ylo yhi\n0 6 zlo zhi\n0.5 -0.25 1 xy xz yz\n\nMasses\n\n1 24.305 # Mg\n2 15.9994 # O\n\n\
                    Pair Coeffs # mtp/rs\n\n1 a\n2 b\n\nAtoms # charge\n\n2 2 -1.5 1 2 3 0 0 1\n1 1 2 0 0 0 0 0 0\n3 2 0.5 4 4 4 -1 0 0 # last\n\n\
                    Velocities\n\n1 1 0 0\n2 0 2 0\n3 0 0 3\n";

#[test]
fn data_files_are_read_with_elements_velocities_and_charges() {
    let structure = parse(DATA, Format::LAMMPS_DATA).unwrap().remove(0);
    let configuration = &structure.configuration;
    assert_eq!(
        (configuration.ids.as_slice(), configuration.species.as_slice()),
        (&[1, 2, 3][..], &[0, 1, 1][..])
    );
    assert_eq!(structure.elements.as_deref().unwrap(), ["Mg", "O"]);
    let lattice = structure.lattice();
    assert_eq!(lattice.vectors, [[4.0, 0.0, 0.0], [0.5, 5.0, 0.0], [-0.25, 1.0, 6.0]]);
    assert_eq!((lattice.origin, lattice.periodic), ([-1.0, 0.0, 0.0], [true; 3]));
    assert_eq!(structure.velocities.as_ref().unwrap()[2], [0.0, 0.0, 3.0]);
    assert_eq!(
        (structure.columns[0].name.as_str(), structure.columns[0].words.as_slice()),
        ("q", &["2", "-1.5", "0.5"].map(String::from)[..])
    );
}

#[test]
fn elements_of_data_files_follow_from_masses_or_labels_or_stay_unknown() {
    let elements = |text: &str| {
        let (mut structures, notes) = outcome(text, Format::LAMMPS_DATA, &ReadSettings::default()).kept();
        (structures.remove(0).elements.unwrap_or_default(), notes)
    };
    let (names, notes) = elements(&replaced(&replaced(DATA, " # Mg", ""), " # O", ""));
    assert_eq!(names, ["Mg", "O"]);
    assert_eq!(notes, ["elements by mass: type 1 is Mg (24.305 u), type 2 is O (15.9994 u)"]);
    let (names, notes) = elements(&replaced(DATA, "24.305 # Mg", "1000"));
    assert_eq!((names.len(), notes.len()), (0, 0));
    let labels = "Atom Type Labels\n\n1 O\n2 Mg\n\nMasses\n\nO 1\nMg 2\n\nPair";
    let (start, end) = (DATA.find("Masses").unwrap(), DATA.find("Pair").unwrap() + 4);
    let text = format!("{}{labels}{}", &DATA[..start], &DATA[end..]);
    let text = replaced(&text, "2 2 -1.5", "2 Mg -1.5");
    assert_eq!(elements(&text).0, ["O", "Mg"]);
}

#[test]
fn bad_data_files_are_refused_with_their_place() {
    let cases = [
        (replaced(DATA, "units = metal", "units = lj"), "in:1:77: expected units metal, got lj"),
        (
            replaced(DATA, " # charge", ""),
            "in:23: the heading Atoms names no atom style, and rows have 9 words\n  hint: write Atoms # charge",
        ),
        (
            replaced(DATA, " # charge", " # body"),
            "in:23: atom style body is not read, expected one of atomic, charge",
        ),
        (replaced(DATA, "3 atoms", "4 atoms"), "in:27:1: expected an integer for an atom id, got Velocities"),
        (
            replaced(DATA, "3 atoms", "2 atoms"),
            "in:25: the section Atoms # charge has more rows than announced",
        ),
        (
            replaced(DATA, "2 atom types", "1 atom types"),
            "in:14: the section Masses has more rows than announced",
        ),
        (
            replaced(DATA, "0 6 zlo zhi", ""),
            "in:11: expected xlo xhi, ylo yhi and zlo zhi before the first section",
        ),
        (replaced(DATA, "1 24.305", "0 24.305"), "in:13:1: expected an atom type from 1, got 0"),
    ];
    assert_refused(Format::LAMMPS_DATA, cases);
}
