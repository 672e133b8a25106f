//! Extended XYZ that was once read otherwise than it was meant: foreign names of elements, forces in three columns, units
//! of one frame, pressures of LAMMPS, and a file that is cut.

use mtprs::structure_files::{Format, LabelKeys, ReadSettings, Structure, write_structure};

use crate::{outcome, parse_strictly};

const LATTICE: &str = r#"Lattice="4 0 0 0 5 0 0 0 6""#;

/// All structures of a text of which nothing may be left out.
fn read_with(text: &str, settings: &ReadSettings) -> (Vec<Structure>, Vec<String>) {
    outcome(text, Format::EXTXYZ, &ReadSettings { strict: true, ..settings.clone() }).kept()
}

fn read(text: &str) -> (Vec<Structure>, Vec<String>) {
    read_with(text, &ReadSettings::default())
}

fn refusal(text: &str) -> String {
    parse_strictly(text, Format::EXTXYZ).unwrap_err()
}

fn text_of(structure: &Structure, format: Format) -> String {
    let mut text = Vec::new();
    write_structure(structure, format, true, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// The symbols of the rows by what a plain reader of `.cfg` makes of a file: the first feature names the types.
fn symbols_of_cfg(text: &str) -> Vec<&str> {
    let named: Vec<&str> = text.lines().filter(|line| line.contains(" elements\t")).collect();
    assert_eq!(named.len(), 1, "{text}");
    let names: Vec<&str> = named[0].split_whitespace().skip(2).collect();
    let rows = text.lines().skip_while(|line| !line.contains("AtomData")).skip(1);
    let rows = rows.take_while(|line| line.split_whitespace().all(|word| word.parse::<f64>().is_ok()));
    let kinds = rows.map(|row| row.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap());
    kinds.map(|kind| names[kind]).collect()
}

#[test]
fn foreign_names_of_elements_change_no_species() {
    for (pair, kept) in [
        ("elements=\"O Mg\"", "elements_"),
        ("elements=2", "elements_"),
        ("elements=[\"Mg\",\"O\"]", "elements_"),
        // as the bridge to ASE writes what atoms.info holds
        (r#""elements"="_JSON [\"Mg\", \"O\"]""#, "elements_"),
        ("Elements=\"O Mg\"", "Elements_"),
        ("ELEMENTS=O,Mg", "ELEMENTS_"),
        ("\" elements \"=\"O Mg\"", "elements_"),
    ] {
        let rows = "Mg 0 0 0\nO 2.1 0.1 0\nO 0 2.1 0\n";
        let (structures, notes) =
            read(&format!("3\n{LATTICE} Properties=species:S:1:pos:R:3 energy=-1 {pair}\n{rows}"));
        let key = kept.trim_end_matches('_');
        let note = format!("{key} is not read, the rows name the elements: it is kept as {kept}");
        assert_eq!(notes, [note], "{pair}");
        let structure = &structures[0];
        assert!(structure.configuration.feature(kept).is_some(), "{pair}");
        // the right symbols are the first words of the rows
        let expected: Vec<&str> = rows.lines().filter_map(|row| row.split_whitespace().next()).collect();
        assert_eq!(symbols_of_cfg(&text_of(structure, Format::CFG)), expected, "{pair}");
        let (again, notes) = read(&text_of(structure, Format::EXTXYZ));
        assert_eq!((again[0].configuration == structure.configuration, notes), (true, vec![]), "{pair}");
    }
    let (structures, notes) =
        read(&format!("1\n{LATTICE} Properties=species:S:1:pos:R:3 converged=T elements_=1\nMg 0 0 0\n"));
    assert_eq!(notes, [""; 0]);
    assert_eq!(structures[0].configuration.feature("converged"), Some("T"));
}

/// A frame with two atoms, whose columns after the positions are these.
fn frame(columns: &str, comment: &str, rows: [&str; 2]) -> String {
    let [first, second] = rows;
    let properties = format!("species:S:1:pos:R:3:{columns}");
    format!("2\n{LATTICE} Properties={properties} energy=-1 {comment}\nMg 0 0 0 {first}\nO 2 2 2 {second}\n")
}

#[test]
fn forces_in_three_columns_are_forces() {
    // what stands in the rows, by the names of their columns
    let expected = [[0.1, 0.2, 0.3], [-0.1, -0.2, -0.3]];
    for (columns, rows, names) in [
        ("fx:R:1:fy:R:1:fz:R:1", ["0.1 0.2 0.3", "-0.1 -0.2 -0.3"], "fx, fy, fz"),
        ("F_x:R:1:F_y:R:1:F_z:R:1", ["0.1 0.2 0.3", "-0.1 -0.2 -0.3"], "F_x, F_y, F_z"),
        ("Fx:R:1:Fy:R:1:Fz:R:1", ["0.1 0.2 0.3", "-0.1 -0.2 -0.3"], "Fx, Fy, Fz"),
        (
            "force_z:R:1:q:R:1:force_x:R:1:force_y:R:1",
            ["0.3 7 0.1 0.2", "-0.3 8 -0.1 -0.2"],
            "force_x, force_y, force_z",
        ),
        (
            "forces.y:R:1:forces.z:R:1:forces.x:R:1",
            ["0.2 0.3 0.1", "-0.2 -0.3 -0.1"],
            "forces.x, forces.y, forces.z",
        ),
    ] {
        let (structures, notes) = read(&frame(columns, "", rows));
        assert_eq!(structures[0].configuration.forces.as_deref(), Some(&expected[..]), "{columns}");
        assert_eq!(notes, [format!("{names} are read as the components of the forces")]);
        assert_eq!(structures[0].columns.len(), usize::from(columns.contains("q:")));
    }
    let columns = "fx:I:1:fy:I:1:fz:I:1";
    let (structures, _) = read(&frame(columns, "force-unit=Ha/bohr energy-unit=eV", ["1 0 0", "-1 0 0"]));
    // 1 Ha/bohr by CODATA 2018: 27.211386245988 eV over 0.529177210903 Å
    let force = structures[0].configuration.forces.as_ref().unwrap()[0][0];
    assert!((force - 51.422_067_476_3).abs() < 1e-9, "{force}");
}

#[test]
fn forces_beside_three_columns_of_forces_agree_or_are_refused() {
    let columns = "forces:R:3:fx:R:1:fy:R:1:fz:R:1";
    let (structures, notes) = read(&frame(columns, "", ["1 2 3 1 2 3", "-1 -2 -3 -1 -2 -3"]));
    assert_eq!(structures[0].configuration.forces.as_ref().unwrap()[1], [-1.0, -2.0, -3.0]);
    assert_eq!(notes, [""; 0]);
    let twice = frame(columns, "", ["1 2 3 1 2 3", "-1 -2 -3 -1 -2 3"]);
    assert!(refusal(&twice).starts_with("in:2: two columns of forces contradict each other\n  hint: "));
    let keys = LabelKeys { forces: Some("forces".into()), ..LabelKeys::default() };
    let (structures, _) = read_with(&twice, &ReadSettings { keys, ..ReadSettings::default() });
    assert_eq!(structures[0].configuration.forces.as_ref().unwrap()[1], [-1.0, -2.0, -3.0]);
    assert_eq!(structures[0].columns.len(), 3);
    // what is handed on is not read as forces the next time
    let (again, _) = read(&text_of(&structures[0], Format::EXTXYZ));
    assert_eq!(again[0].configuration.forces, structures[0].configuration.forces);
    let more = frame("fx:R:1:fy:R:1:fz:R:1:Fx:R:1:F_x:R:1", "", ["1 2 3 1 1", "1 2 3 1 1"]);
    assert_eq!(
        refusal(&more),
        "in:2: Fx and F_x are the same component of the forces\n  hint: keep one of them"
    );
    let more = frame("forces:R:3:force:R:3:fx:R:1:fy:R:1:fz:R:1", "", ["1 2 3 1 2 3 1 2 3"; 2]);
    assert!(
        refusal(&more).starts_with("in:2: expected forces in one column of Properties, or in two, got more")
    );
}

#[test]
fn components_that_are_not_read_are_named() {
    let hint = "a part of the forces, as it seems\n  \
                hint: name all three fx, fy and fz, or join them in one column forces:R:3";
    for (columns, row, names) in [
        ("fx:R:1:fy:R:1", "1 2", "fx, fy"),
        ("fx:R:1:fy:R:1:fz:S:1", "1 2 a", "fx, fy"),
        ("dft_fx:R:1:dft_fy:R:1:dft_fz:R:1", "1 2 3", "dft_fx, dft_fy, dft_fz"),
        ("REF_force_x:R:1:REF_force_y:R:1:REF_force_z:R:1", "1 2 3", "REF_force_x, REF_force_y, REF_force_z"),
    ] {
        let (structures, notes) = read(&frame(columns, "", [row; 2]));
        assert_eq!(structures[0].configuration.forces, None);
        assert_eq!(notes, [format!("columns not read: {names}: {hint}")], "{columns}");
    }
    for harmless in ["force_max:R:1", "flux:R:1:x:R:1:y:R:1", "fx_:R:1:fy_:R:1:fz_:R:1"] {
        let words = ["1"; 3][..harmless.matches(":R:").count()].join(" ");
        assert_eq!(read(&frame(harmless, "", [words.as_str(); 2])).1, [""; 0], "{harmless}");
    }
    let parts = |name: &str| {
        let components = ["xx", "yy", "zz", "yz", "xz", "xy"];
        components.map(|component| format!("{name}_{component}=1.5")).join(" ")
    };
    for name in ["virial", "stress"] {
        let (structures, notes) = read(&frame("forces:R:3", &parts(name), ["1 2 3"; 2]));
        assert_eq!(structures[0].configuration.virial, None);
        let names =
            ["xx", "yy", "zz", "yz", "xz", "xy"].map(|component| format!("{name}_{component}")).join(", ");
        let hint = format!("hint: write them as {name}=\"xx xy xz yx yy yz zx zy zz\"");
        assert_eq!(notes, [format!("{names} look like the {name} and are not read\n  {hint}")]);
    }
}

#[test]
fn units_that_one_frame_declares_and_another_does_not_are_told() {
    let of = |comment: &str| frame("forces:R:3", comment, ["1 2 3"; 2]);
    let units = "energy_unit=Ha force_unit=Ha/bohr";
    let energies = |text: &str| -> Vec<Option<f64>> {
        read(text).0.iter().map(|structure| structure.configuration.energy).collect()
    };
    // the first frame has an energy of -1 Ha, the others one of -1 eV
    let text = [of(units), of(""), of("")].concat();
    let found = energies(&text);
    assert!((found[0].unwrap() + 27.211_386_245_988).abs() < 1e-12, "{found:?}");
    assert_eq!(found[1..], [Some(-1.0), Some(-1.0)]);
    let told = |with, without| {
        format!(
            "frame {with} declares {units}, and frame {without} no unit of the energy, the forces: \
             read in eV, eV/Å there"
        )
    };
    assert_eq!(read(&text).1, [told(1, 2)]);
    assert_eq!(read(&[of(""), of(""), of(units), of("")].concat()).1, [told(3, 1)]);
    // the same everywhere, or the usual ones
    assert_eq!(read(&[of(units), of(units)].concat()).1, [""; 0]);
    assert_eq!(read(&[of("energy_unit=eV"), of("")].concat()).1, [""; 0]);
    assert_eq!(read(&[of(units), of("energy_unit=eV force_unit=eV/Å")].concat()).1, [""; 0]);
    // a frame without the quantity says nothing of its unit
    let bare = format!("1\n{LATTICE} Properties=species:S:1:pos:R:3 config=bulk\nMg 0 0 0\n");
    assert_eq!(read(&[of(units), bare.clone()].concat()).1, [""; 0]);
    let lengths = format!("1\n{LATTICE} Properties=species:S:1:pos:R:3 length_unit=bohr\nMg 0 0 0\n");
    let note = "frame 1 declares length_unit=bohr, and frame 2 no unit of the positions, the lattice: \
                read in Å there";
    assert_eq!(read(&[lengths, bare].concat()).1, [note]);
}

#[test]
fn a_stress_in_units_of_lammps_must_say_which() {
    let of = |comment: &str| frame("forces:R:3", comment, ["1 2 3"; 2]);
    let stress = "stress=\"1 0 0 0 1 0 0 0 1\"";
    for (system, pressure) in [("metal", "bar"), ("real", "atm")] {
        let expected = format!(
            "in:2: stress may be in {pressure}, as units={system} has its pressures, or in eV/Å³: expected its \
             unit\n  hint: declare stress-unit=eV/Å^3 or stress-unit={pressure}; stress is positive under tension"
        );
        assert_eq!(refusal(&of(&format!("units={system} {stress}"))), expected);
    }
    // W = -V·σ with V = 4·5·6 Å³; 1 eV/Å³ is 1.602176634e11 Pa, 1 bar is 1e5 Pa
    for (unit, expected) in [("eV/Å^3", -120.0), ("bar", -120.0 * 1e5 / 1.602_176_634e11)] {
        let (structures, _) = read(&of(&format!("units=metal {stress} stress-unit={unit}")));
        let virial = structures[0].configuration.virial.unwrap();
        assert!((virial.xx / expected - 1.0).abs() < 1e-9, "{unit}: {virial:?}");
    }
    // a virial is an energy
    let (structures, notes) = read(&of("units=metal virial=\"1 0 0 0 1 0 0 0 1\""));
    assert_eq!((structures[0].configuration.virial.unwrap().xx, notes), (1.0, vec![]));
}

#[test]
fn a_last_line_without_its_end_is_told() {
    let whole = frame("forces:R:3", "", ["1 2 12.3456", "-1 -2 -12.3456"]);
    let note =
        |line| [format!("line {line}, the last, has no line end: its last number, -12, may be truncated")];
    let cut = whole.trim_end().strip_suffix(".3456").unwrap();
    let (structures, notes) = read(cut);
    assert_eq!(structures[0].configuration.forces.as_ref().unwrap()[1], [-1.0, -2.0, -12.0]);
    assert_eq!(notes, note(4));
    assert_eq!(read(&[whole.as_str(), cut].concat()).1, note(8));
    for ended in [whole.clone(), whole.replace('\n', "\r\n"), format!("{whole}\n \n"), format!("{whole}  ")] {
        assert_eq!(read(&ended).1, [""; 0], "{ended:?}");
    }
}
