//! Files of LAMMPS and VASP that were read as something else than they hold: rows of other atom styles, elements that
//! contradict masses, numbers that were cut, boxes inside out.

use mtprs::structure_files::{Format, ReadSettings, Structure};

use crate::{assert_refused, elements_of, outcome, replaced};

/// The first structure of a text or its error, and the notes.
fn read(text: &str, format: Format, settings: &ReadSettings) -> (Result<Structure, String>, Vec<String>) {
    let outcome = outcome(text, format, settings);
    let notes = outcome.notes.clone();
    (outcome.whole().map(|mut structures| structures.remove(0)), notes)
}

fn given(names: &[&str]) -> ReadSettings {
    let names = names.iter().map(|&name| name.to_owned()).collect();
    ReadSettings { input_species: Some(names), ..ReadSettings::default() }
}

/// The elements of the atoms, or the error.
fn elements(text: &str, format: Format, settings: &ReadSettings) -> Result<String, String> {
    read(text, format, settings).0.map(|structure| elements_of(&structure))
}

fn data(masses: [&str; 2], heading: &str, rows: [&str; 2]) -> String {
    let ([one, two], [first, second]) = (masses, rows);
    format!(
        "LAMMPS data\n\n2 atoms\n2 atom types\n\n0 10 xlo xhi\n0 10 ylo yhi\n0 10 zlo zhi\n\nMasses\n\n\
         1 {one}\n2 {two}\n\n{heading}\n\n{first}\n{second}\n"
    )
}

fn atoms(heading: &str, rows: [&str; 2]) -> String {
    data(["15.9994 # O", "24.305 # Mg"], heading, rows)
}

#[test]
fn rows_have_the_words_of_their_atom_style() {
    // The words are those of the table in LAMMPS's manual of read_data, `Atoms section`; flags nx ny nz may follow.
    let flags = " 0 -1 2";
    for (style, row) in [
        ("atomic", "1 7 8 9"),
        ("charge", "1 -1.0 7 8 9"),
        ("bond", "1 1 7 8 9"),
        ("angle", "1 1 7 8 9"),
        ("molecular", "1 1 7 8 9"),
        ("full", "1 1 -1.0 7 8 9"),
        ("sphere", "1 0.5 2.0 7 8 9"),
        ("dipole", "1 -1.0 7 8 9 0.5 0.25 0"),
    ] {
        let heading = format!("Atoms # {style}");
        for row in [row.to_owned(), format!("{row}{flags}")] {
            let text = atoms(&heading, [&format!("1 {row}"), &format!("2 {row}")]);
            let structure = read(&text, Format::LAMMPS_DATA, &ReadSettings::default()).0.unwrap();
            assert_eq!(structure.configuration.positions, [[7.0, 8.0, 9.0]; 2], "{style} {row}");
        }
        for row in [format!("{row} 0"), format!("{row} 0 0"), format!("{row}{flags} 0")] {
            let text = atoms(&heading, [&format!("1 {row}"), &format!("2 {row}")]);
            let message = read(&text, Format::LAMMPS_DATA, &ReadSettings::default()).0.unwrap_err();
            assert!(message.contains(&format!("words of atom style {style}")), "{style} {row}: {message}");
        }
    }
}

#[test]
fn a_row_of_another_atom_style_is_refused() {
    // ASE 3.29 refuses the first two as well: "Style \"atomic\" not supported or invalid. Number of fields: 6".
    let charge = ["1 1 -1.0 1 1 1", "2 2 2.0 2 2 2"];
    let full = ["1 1 1 -1.0 1 1 1", "2 1 2 2.0 2 2 2"];
    let hint = "\n  hint: name the style of the rows, as in Atoms # charge, or by --atom-style where the heading \
                names none; rows of";
    let atomic = ReadSettings { atom_style: Some("atomic".to_owned()), ..ReadSettings::default() };
    let none = ReadSettings::default();
    for (heading, rows, settings, expected) in [
        (
            "Atoms # atomic",
            charge,
            &none,
            format!(
                "in:17: expected 5 words of atom style atomic, or 8 with image flags, got 6{hint} 6 words belong to \
                 charge, bond, angle, molecular"
            ),
        ),
        (
            "Atoms # charge",
            full,
            &none,
            format!(
                "in:17: expected 6 words of atom style charge, or 9 with image flags, got 7{hint} 7 words"
            ),
        ),
        (
            "Atoms #",
            full,
            &atomic,
            format!("in:17: expected 5 words of atom style atomic, or 8 with image flags, got 7{hint}"),
        ),
        // A row in the middle, and one whose words behind z are no flags.
        (
            "Atoms # atomic",
            ["1 1 1 1 1", charge[1]],
            &none,
            "in:18: expected 5 words of atom style atomic, or 8 with image flags, got 6".to_owned(),
        ),
        (
            "Atoms # atomic",
            ["1 1 1 1 1 0.5 0 1", "2 2 2 2 2"],
            &none,
            "in:17:11: expected integers for the image flags behind 5 words of atom style atomic, got 0.5"
                .to_owned(),
        ),
        (
            "Atoms # atomic",
            ["1 1 1 1", "2 2 2 2 2"],
            &none,
            format!(
                "in:17: expected 5 words of atom style atomic, or 8 with image flags, got 4{hint} 4 words belong to \
                 no style that is read"
            ),
        ),
    ] {
        let message = read(&atoms(heading, rows), Format::LAMMPS_DATA, settings).0.unwrap_err();
        assert!(message.starts_with(&expected), "{message}");
    }
}

#[test]
fn atoms_of_data_files_have_ids_of_their_own() {
    let text = atoms("Atoms # atomic", ["3 1 1 1 1", "3 2 2 2 2"]);
    let message = read(&text, Format::LAMMPS_DATA, &ReadSettings::default()).0.unwrap_err();
    assert_eq!(message, "in:18:1: atom id 3 is given twice, first in line 17");
}

#[test]
fn bounds_of_a_box_are_in_order() {
    let text = atoms("Atoms # atomic", ["1 1 1 1 1", "2 2 2 2 2"]);
    for (from, to, expected) in [
        ("0 10 xlo", "10 0 xlo", "in:6: expected xlo below xhi, got 10 and 0"),
        ("0 10 zlo", "-1.5 -1.5 zlo", "in:8: expected zlo below zhi, got -1.5 and -1.5"),
    ] {
        let message = read(&replaced(&text, from, to), Format::LAMMPS_DATA, &ReadSettings::default()).0;
        assert_eq!(message.unwrap_err(), expected);
    }
    let dump = dump("id type element x y z", ["1 1 O 1 1 1", "2 2 Mg 2 2 2"]);
    // A tilt of 12 takes the 10 Å between the bounds of the cuboid, and 2 Å more.
    for (from, to, expected) in [
        ("pp\n0 10\n", "pp\n10 0\n", "in:6: expected a lower and an upper bound of the box, got 10 and 0"),
        (
            "pp pp pp\n0 10\n0 10\n0 10\n",
            "xy xz yz pp pp pp\n0 10 12\n0 10 0\n0 10 0\n",
            "in:8: expected a lower and an upper bound of the box, got 0 and -2",
        ),
    ] {
        assert_refused(Format::LAMMPS_DUMP, [(replaced(&dump, from, to), expected)]);
    }
}

#[test]
fn comments_behind_masses_are_known_in_other_spellings() {
    // Standard atomic weights of IUPAC: O 15.999, Mg 24.305. The comments say the opposite.
    for comment in ["MG", "mg", "Magnesium", "(Mg)"] {
        let masses = [format!("15.9994 # {comment}"), "24.305".to_owned()];
        let text = data(masses.each_ref().map(String::as_str), "Atoms # atomic", ["1 1 1 1 1", "2 2 2 2 2"]);
        let message = read(&text, Format::LAMMPS_DATA, &ReadSettings::default()).0.unwrap_err();
        let expected =
            format!("in:12: type 1 is Mg by the comment {comment}, but O by its mass 15.9994 u\n  hint: ");
        assert!(message.starts_with(&expected), "{message}");
        assert_eq!(elements(&text, Format::LAMMPS_DATA, &given(&["O", "Mg"])).unwrap(), "O Mg");
        assert_eq!(elements(&text, Format::LAMMPS_DATA, &given(&["Mg", "Mg"])).unwrap(), "Mg Mg");
    }
    for comment in ["CG bead", "HOH water", "He said", "water (of Mg)"] {
        let masses = [format!("15.9994 # {comment}"), "24.305".to_owned()];
        let text = data(masses.each_ref().map(String::as_str), "Atoms # atomic", ["1 1 1 1 1", "2 2 2 2 2"]);
        assert_eq!(
            elements(&text, Format::LAMMPS_DATA, &ReadSettings::default()).unwrap(),
            "O Mg",
            "{comment}"
        );
    }
}

fn dump(columns: &str, rows: [&str; 2]) -> String {
    let [first, second] = rows;
    format!(
        "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n2\nITEM: BOX BOUNDS pp pp pp\n0 10\n0 10\n0 10\n\
         ITEM: ATOMS {columns}\n{first}\n{second}\n"
    )
}

#[test]
fn masses_name_the_types_of_dumps() {
    // Standard atomic weights of IUPAC: O 15.999, Mg 24.305.
    let text = dump("id type mass x y z", ["1 1 15.9994 1 1 1", "2 2 24.305 2 2 2"]);
    let (structure, notes) = read(&text, Format::LAMMPS_DUMP, &ReadSettings::default());
    let structure = structure.unwrap();
    assert_eq!(structure.elements.as_deref().unwrap(), ["O", "Mg"]);
    assert!(structure.is_ordered);
    assert_eq!(structure.columns[0].words, ["15.9994", "24.305"]);
    assert_eq!(notes, ["elements by mass: type 1 is O (15.9994 u), type 2 is Mg (24.305 u)"]);
    let message = elements(&text, Format::LAMMPS_DUMP, &given(&["Mg", "O"])).unwrap_err();
    let expected = "in:1: type 1 of the file is O by its mass 15.9994 u, but Mg by --input-species\n  hint: ";
    assert!(message.starts_with(expected), "{message}");

    // Type 1 has no atoms, types 2 and 4 are one element, and a mass that differs within a type names none.
    let text = dump("id type mass x y z", ["1 4 24.305 1 1 1", "2 2 24.305 2 2 2"]);
    let (structure, notes) = read(&text, Format::LAMMPS_DUMP, &ReadSettings::default());
    let structure = structure.unwrap();
    assert_eq!(structure.elements.as_deref().unwrap(), ["Mg"]);
    assert_eq!(structure.configuration.species, [0, 0]);
    assert_eq!(notes[1], "types 2, 4 are Mg and become one species");
    let text = dump("id type mass x y z", ["1 1 24.305 1 1 1", "2 1 15.9994 2 2 2"]);
    assert_eq!(elements(&text, Format::LAMMPS_DUMP, &ReadSettings::default()).unwrap(), "? ?");
}

#[test]
fn the_columns_element_and_mass_of_a_dump_must_agree() {
    let of = |first: &str, mass: &str| {
        let first = format!("1 1 {first} {mass} 1 1 1");
        dump("id type element mass x y z", [&first, "2 2 Mg 24.305 2 2 2"])
    };
    let none = ReadSettings::default();
    let read = |text: &str, settings: &ReadSettings| elements(text, Format::LAMMPS_DUMP, settings);
    assert_eq!(read(&of("O", "15.9994"), &none).unwrap(), "O Mg");
    let message = read(&of("O", "28.085"), &none).unwrap_err();
    let expected = "in:9: type 1 is O by the column element, but Si by its mass 28.085 u\n  hint: ";
    assert!(message.starts_with(expected), "{message}");
    assert_eq!(read(&of("O", "28.085"), &given(&["Si", "Mg"])).unwrap(), "Si Mg");
    assert_eq!(read(&of("O", "28.085"), &given(&["O", "Mg"])).unwrap(), "O Mg");
    // Masses that do not matter, deuterium, a site.
    for (element, mass) in [("O", "1"), ("H", "2.014"), ("OW", "15.9994")] {
        assert_eq!(read(&of(element, mass), &none).unwrap(), format!("{element} Mg"));
    }
}

#[test]
fn a_dump_that_calls_its_only_type_c_gives_way_to_the_user_and_to_masses() {
    // LAMMPS's manual of dump_modify: the default of `element` is C for every type.
    let rows = ["1 1 C 1 1 1", "2 1 C 2 2 2"];
    let typed = dump("id type element x y z", rows);
    let nameless = dump("id element x y z", ["1 C 1 1 1", "2 C 2 2 2"]);
    let read = |text: &str, settings: &ReadSettings| elements(text, Format::LAMMPS_DUMP, settings);
    for text in [&typed, &nameless] {
        assert_eq!(read(text, &ReadSettings::default()).unwrap(), "C C");
        assert_eq!(read(text, &given(&["C"])).unwrap(), "C C");
        assert_eq!(read(text, &given(&["Si"])).unwrap(), "Si Si");
        let notes = self::read(text, Format::LAMMPS_DUMP, &given(&["Si"])).1;
        assert!(
            notes[0].ends_with("--input-species names them: the column element is passed over"),
            "{notes:?}"
        );
    }
    assert_eq!(read(&typed, &given(&["Si", "C"])).unwrap(), "Si Si");
    let weighed = |mass: &str| {
        let rows = [1, 2].map(|id| format!("{id} 1 C {mass} 1 1 {id}"));
        dump("id type element mass x y z", rows.each_ref().map(String::as_str))
    };
    // Standard atomic weights of IUPAC: C 12.011, Si 28.085.
    assert_eq!(read(&weighed("28.0855"), &ReadSettings::default()).unwrap(), "Si Si");
    assert_eq!(read(&weighed("12.011"), &ReadSettings::default()).unwrap(), "C C");
    // Any other name is the file's own.
    let message = read(&replaced(&typed, " C ", " O "), &given(&["Si"])).unwrap_err();
    assert!(message.contains("type 1 of the file is O by the column element"), "{message}");
}

#[test]
fn the_first_line_names_the_elements_of_xdatcar_as_of_poscar() {
    let header = "Mg O\n1.0\n 4 0 0\n 0 4 0\n 0 0 4\n2 1\n";
    let rows = " 0 0 0\n .5 .5 0\n .5 0 0\n";
    let poscar = format!("{header}Direct\n{rows}");
    let xdatcar = format!("{header}Direct configuration=     1\n{rows}");
    for (text, format) in [(&poscar, Format::POSCAR), (&xdatcar, Format::XDATCAR)] {
        let (structure, notes) = read(text, format, &ReadSettings::default());
        let structure = structure.unwrap();
        // Two atoms of the first name, one of the second.
        assert_eq!(structure.elements.as_deref().unwrap(), ["Mg", "O"]);
        assert_eq!(structure.configuration.species, [0, 0, 1]);
        assert_eq!(notes, ["the first line names the elements, as in files of VASP 4 and ASE"]);
        let message = elements(text, format, &given(&["O", "Mg"])).unwrap_err();
        assert!(message.contains("type 1 of the file is Mg by the first line, Mg O"), "{message}");
        let sentence = replaced(text, "Mg O", "Mg O cell");
        assert_eq!(elements(&sentence, format, &ReadSettings::default()).unwrap(), "? ? ?");
    }
}

#[test]
fn a_last_number_without_line_end_is_told() {
    let data = atoms("Atoms # atomic", ["1 1 1 1 1", "2 2 2 2 7.654321"]);
    let moving = format!("{data}\nVelocities\n\n1 0 0 0\n2 0 0 1.654321\n");
    let poscar = "c\n1.0\n 4 0 0\n 0 4 0\n 0 0 4\nMg O\n1 1\nDirect\n 0 0 0\n .5 0 0.654321\n";
    let moving_poscar = format!("{poscar}\n 0 0 0\n 0 0 1.654321\n");
    for (text, format, line) in [
        (data.as_str(), Format::LAMMPS_DATA, 18),
        (moving.as_str(), Format::LAMMPS_DATA, 23),
        (poscar, Format::POSCAR, 10),
        (moving_poscar.as_str(), Format::POSCAR, 13),
    ] {
        let notes = |text: &str| {
            let (structure, notes) = read(text, format, &ReadSettings::default());
            assert!(structure.is_ok(), "{structure:?}");
            notes
        };
        // Half of the number is a number: a program cannot know, but the user.
        let number = text.trim_end().rsplit(' ').next().unwrap();
        for digits in [number.len() - 3, number.len()] {
            let cut = &text[..text.trim_end().len() - number.len() + digits];
            let expected = format!(
                "line {line}, the last, has no line end: its last number, {}, may be truncated",
                &number[..digits]
            );
            assert_eq!(notes(cut), [expected]);
        }
        // Whole files, and ends behind a number.
        let comment = if format == Format::POSCAR { " ! 5" } else { " # 5" };
        for end in ["\n", "\r\n", " ", comment] {
            assert_eq!(notes(&format!("{}{end}", text.trim_end())), Vec::<String>::new(), "{end:?}");
        }
    }
    // A tag stands behind the number.
    let tagged = replaced(&replaced(poscar, " 0 0 0\n .5", " 0 0 0 Mg\n .5"), "0.654321\n", "0.654321 O");
    assert_eq!(read(&tagged, Format::POSCAR, &ReadSettings::default()).1, Vec::<String>::new());
}

/// Without types, a single name can only be that of all atoms; of several nobody knows which.
#[test]
fn a_dump_that_calls_all_atoms_carbon_takes_the_only_name_that_is_given() {
    let text = "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n2\nITEM: BOX BOUNDS pp pp pp\n0 9\n0 9\n0 9\n\
                ITEM: ATOMS id element x y z\n1 C 1 1 1\n2 C 3 1 1\n";
    let of = |names: &[&str]| {
        let (_, notes) = read(text, Format::LAMMPS_DUMP, &given(names));
        (elements(text, Format::LAMMPS_DUMP, &given(names)), notes)
    };
    let (found, notes) = of(&["Mg"]);
    assert_eq!(found.unwrap(), "Mg Mg");
    assert!(
        notes[0].contains("and --input-species names them: the column element is passed over"),
        "{notes:?}"
    );
    for names in [&["Mg", "O"][..], &["C", "O"], &["O", "C"]] {
        let (found, notes) = of(names);
        assert!(notes.is_empty(), "{notes:?}");
        if names.contains(&"C") {
            assert_eq!(found.unwrap(), "C C");
        } else {
            let expected = "in:1: the file has atoms of C, and --input-species names Mg, O\n  hint: names in the file \
                            decide: leave --input-species out, or correct the file";
            assert_eq!(found.unwrap_err(), expected);
        }
    }
    let text = "1\nenergy=-1\nMg 0 0 0\n";
    assert_eq!(elements(text, Format::EXTXYZ, &given(&["O", "Mg"])).unwrap(), "Mg");
    let message = elements(text, Format::EXTXYZ, &given(&["O"])).unwrap_err();
    assert!(message.starts_with("in:1: the file has atoms of Mg, and --input-species names O"), "{message}");
}
