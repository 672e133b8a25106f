//! Extended XYZ: which energy is the label, units in every spelling, contradictions, and frames that are left out.

use mtprs::structure_files::{EnergyKind, Format, LabelKeys, ReadSettings, Structure};

use crate::{assert_refused, outcome, strict};

const LATTICE: &str = r#"Lattice="4 0 0 0 5 0 0 0 6""#;

/// Two atoms with forces in a cell of 120 Å³.
fn frame(comment: &str) -> String {
    format!(
        "2\n{LATTICE} Properties=species:S:1:pos:R:3:forces:R:3 {comment}\nMg 0 0 0 1 2 3\nO 2 2 2 -1 -2 -3\n"
    )
}

fn read_all(text: &str, settings: &ReadSettings) -> (Vec<Structure>, Vec<String>) {
    outcome(text, Format::EXTXYZ, settings).kept()
}

fn read(comment: &str) -> (Structure, Vec<String>) {
    let (mut structures, notes) = read_all(&frame(comment), &strict());
    (structures.remove(0), notes)
}

fn energy(comment: &str, energy: EnergyKind) -> Result<Option<f64>, String> {
    let settings = ReadSettings { energy, ..strict() };
    let structures = outcome(frame(comment), Format::EXTXYZ, &settings).whole()?;
    Ok(structures[0].configuration.energy)
}

#[test]
fn the_energy_that_is_asked_for_is_there_or_refused() {
    use EnergyKind::{Free, WithoutEntropy, ZeroSmearing};
    let both = "energy=-2 free_energy=-2.5";
    assert_eq!(energy(both, Free), Ok(Some(-2.5)));
    assert_eq!(energy(both, ZeroSmearing), Ok(Some(-2.0)));
    let message = energy(both, WithoutEntropy).unwrap_err();
    let expected = "in:2: the frame has free_energy and energy, and no energy without entropy\n  \
                    hint: choose another with --energy, or name its key with --energy-key";
    assert_eq!(message, expected);
    assert!(energy("energy=-2", WithoutEntropy).is_err());
    assert!(energy("free_energy=-2", ZeroSmearing).unwrap_err().contains("no energy at zero smearing"));
    assert_eq!(energy("energy=-2 energy_without_entropy=-1.5", WithoutEntropy), Ok(Some(-1.5)));
    assert_eq!(energy("energy=-2 energy_without_entropy=-1.5", Free), Ok(Some(-2.0)));
    assert_eq!(energy("energy=-2.5 energy_zero_smearing=-2", ZeroSmearing), Ok(Some(-2.0)));
    assert_eq!(energy("config_type=bulk", WithoutEntropy), Ok(None));
    let (structure, _) = read("energy=-2 free_energy=-2.5 energy_without_entropy=-1.5");
    let kept = |key| structure.configuration.feature(key);
    assert_eq!((kept("energy_zero_smearing"), kept("energy_without_entropy")), (Some("-2.0"), Some("-1.5")));
}

#[test]
fn units_are_converted_in_every_spelling_of_key_and_value() {
    let units = [
        "energy-unit=hartree",
        "energy_unit=Ha",
        "energy_units=Hartree",
        "Energy-Units=a.u.",
        "unit_energy=Eh",
    ];
    for unit in units {
        let (structure, notes) = read(&format!("energy=-0.5 {unit} force_units=eV/Angstrom"));
        let energy = structure.configuration.energy.unwrap();
        assert!((energy + 13.605_693_122_994).abs() < 1e-12, "{unit}: {energy}");
        assert_eq!(structure.configuration.forces.unwrap()[1], [-1.0, -2.0, -3.0]);
        assert_eq!(notes, [""; 0]);
    }
    let stress = |unit: &str| {
        let (structure, _) = read(&format!("stress=\"1 0 0 0 1 0 0 0 1\" {unit}"));
        structure.configuration.virial.unwrap().xx
    };
    for (unit, expected) in [
        ("stress-unit=GPa", -120.0 / 160.217_663_4),
        ("stress_units=kbar", -12.0 / 160.217_663_4),
        ("stress_unit=eV/Å^3", -120.0),
        ("Stress-Unit=eV/A3", -120.0),
        ("", -120.0),
    ] {
        assert!((stress(unit) - expected).abs() < 1e-12, "{unit}");
    }
    let (structure, _) =
        read("energy=-2 energy_unit=meV/atom virial=\"1 0 0 0 1 0 0 0 1\" virial_unit=eV/atom");
    assert_eq!(structure.configuration.energy, Some(-0.004));
    assert_eq!(structure.configuration.virial.unwrap().xx, 2.0);
}

#[test]
fn lengths_and_systems_of_units_are_converted() {
    const BOHR: f64 = 0.529_177_210_903;
    let (structure, notes) = read("length-unit=bohr energy-unit=eV force-unit=eV/Å energy=-1");
    assert_eq!(structure.configuration.positions[1], [2.0 * BOHR; 3]);
    assert_eq!(structure.configuration.cell.vectors()[2], [0.0, 0.0, 6.0 * BOHR]);
    assert_eq!(notes, [""; 0]);
    let (structure, notes) =
        read("lattice_unit=bohr position_unit=bohr energy-unit=eV force-unit=eV/Å energy=-1");
    assert_eq!(structure.configuration.positions[1], [2.0 * BOHR; 3]);
    assert_eq!(structure.configuration.cell.vectors()[2], [0.0, 0.0, 6.0 * BOHR]);
    assert_eq!(notes, [""; 0]);
    let (structure, _) = read("units=atomic energy=-1 stress=\"1 0 0 0 0 0 0 0 0\"");
    let volume = 120.0 * BOHR.powi(3);
    let expected = -27.211_386_245_988 / BOHR.powi(3) * volume;
    assert!((structure.configuration.virial.unwrap().xx - expected).abs() < 1e-9);
    assert!((structure.configuration.forces.unwrap()[0][0] - 27.211_386_245_988 / BOHR).abs() < 1e-12);
    let (structure, _) = read("units=real energy=-1");
    assert!((structure.configuration.energy.unwrap() + 0.043_364_104_24).abs() < 1e-9);
    for usual in
        ["units=ase", "units=eV energy_unit=eV energy-unit=electronvolt", "units=metal energy_unit=eV"]
    {
        let (structure, notes) = read(&format!("{usual} energy=-1"));
        assert_eq!((structure.configuration.energy, notes), (Some(-1.0), vec![]), "{usual}");
        assert_eq!(structure.configuration.positions[1], [2.0; 3]);
    }
    let (structure, _) = read("units=\"eV, kbar\" stress=\"1 0 0 0 0 0 0 0 0\"");
    assert!((structure.configuration.virial.unwrap().xx + 12.0 / 160.217_663_4).abs() < 1e-12);
    let text = "1\nProperties=species:S:1:pos:R:3:vel:R:3 units=metal\nMg 0 0 0 1 2 3\n";
    assert_eq!(
        read_all(text, &ReadSettings::default()).0[0].velocities.as_ref().unwrap()[0],
        [1.0, 2.0, 3.0]
    );
}

#[test]
fn units_that_are_not_understood_are_refused_with_key_and_value() {
    let cases = [
        ("energy-unit=furlong", "in:2: expected a unit of the energy like eV for energy-unit, got furlong"),
        ("energy-unit=GPa", "in:2: expected a unit of the energy like eV for energy-unit, got GPa"),
        ("force_units=eV", "in:2: expected a unit of the forces like eV/Å for force_units, got eV"),
        (
            "stress-unit=MeV/Å^3",
            "in:2: expected a unit of the stress like eV/Å³ for stress-unit, got MeV/Å^3",
        ),
        ("units=lj", "in:2: expected units like eV or metal for units, got lj"),
        ("work_unit=eV", "in:2: the unit work_unit=eV is of nothing that is known here"),
        ("energy=-1 Hartree", "in:2: the unit Hartree stands alone, and nothing says of what it is"),
        ("energy=\"-1 Ha\"", "in:2: expected finite numbers for energy, got Ha"),
        (
            "energy-unit=eV energy_units=Ha",
            "in:2: the energy has two units: energy-unit=eV and energy_units=Ha",
        ),
        (
            "position_unit=bohr",
            "in:2: the unit of the lattice is not declared, and the other length is not in Å",
        ),
    ];
    assert_refused(Format::EXTXYZ, cases.map(|(comment, expected)| (frame(comment), expected)));
    let (_, notes) = read("energy=-1 energy-unit=hartree");
    assert_eq!(notes, ["energy-unit=hartree is declared, and no unit of the forces: read in eV/Å"]);
    for harmless in ["formula_units=4", "dipole_unit=Debye", "unit_cell=primitive", "temperature_unit=K"] {
        assert_eq!(read(&format!("energy=-1 {harmless}")).0.configuration.energy, Some(-1.0));
    }
}

#[test]
fn a_unit_in_the_name_of_a_key_counts_where_the_key_is_asked_for() {
    let keys =
        LabelKeys { energy: Some("E_Ha".into()), stress: Some("stress_GPa".into()), ..LabelKeys::default() };
    let settings = ReadSettings { keys, ..strict() };
    let (structures, _) = read_all(&frame("E_Ha=-0.5 stress_GPa=\"1 0 0 0 1 0 0 0 1\""), &settings);
    let configuration = &structures[0].configuration;
    assert!((configuration.energy.unwrap() + 13.605_693_122_994).abs() < 1e-12);
    assert!((configuration.virial.unwrap().yy + 120.0 / 160.217_663_4).abs() < 1e-12);
    let keys = LabelKeys { energy: Some("E".into()), ..LabelKeys::default() };
    let settings = ReadSettings { keys, ..settings };
    let text = "1\n i = 0, time = 0.0, E = -0.5\nMg 0 0 0\n";
    let energy = read_all(text, &settings).0[0].configuration.energy.unwrap();
    assert!((energy + 13.605_693_122_994).abs() < 1e-12, "CP2K writes hartree: {energy}");
    let (_, notes) = read_all(text, &ReadSettings::default());
    assert_eq!(
        notes,
        [
            "E looks like the energy and is not read\n  hint: --energy-key E reads it, in hartree as CP2K writes it"
        ]
    );
}

#[test]
fn contradictions_are_refused() {
    let cases = [
        (
            "energy=-1 Energy=-2",
            "in:2: energy and Energy contradict each other\n  hint: take one: --energy-key energy or",
        ),
        ("total_energy=-1 energy=-1.5", "in:2: energy and total_energy contradict each other"),
        ("energy=-1 energy=-2", "in:2: energy is given twice, and differently"),
        ("lattice=\"4 0 0 0 5 0 0 0 7\"", "in:2: Lattice and lattice contradict each other"),
        ("natoms=3", "in:2: the first line says 2 atoms, and the comment natoms=3"),
        ("pbc=\"T T T\" PBC=\"F F F\"", "in:2: pbc is given twice, and differently"),
        (
            "stress=\"1 0 0 0 1 0 0 0 1\" stresses=\"2 0 0 0 2 0 0 0 2\"",
            "in:2: stress and stresses contradict",
        ),
        ("energy=nan", "in:2: expected finite numbers for energy, got nan"),
        ("energy=\"1 2\"", "in:2: expected 1 number for energy, got 2"),
        ("stress=\"1 2 3\"", "in:2: expected 9 or 6 numbers for stress, got 3"),
        ("pbc=\"T T\"", "in:2: expected three of T and F for pbc, got T T"),
    ];
    assert_refused(Format::EXTXYZ, cases.map(|(comment, expected)| (frame(comment), expected)));
    let (structure, _) =
        read("energy=-1 Energy=-1.0 total_energy=-1.00000001 natoms=2 stresses=\"1 0 0 0 1 0 0 0 1\"");
    assert_eq!(
        (structure.configuration.energy, structure.configuration.virial.unwrap().xx),
        (Some(-1.0), -120.0)
    );
    let text = "1\nProperties=species:S:1:pos:R:3:vel:R:3 total_energy=-1\nMg 0 0 0 1 2 3\n";
    let cell = "1\nunit_cell=\"4 0 0 0 4 0 0 0 4\" energy=-1\nMg 0 0 0\n";
    let cases = [
        (text, "in:2: total_energy beside velocities may hold the kinetic energy"),
        (cell, "in:2: unit_cell looks like the lattice, and there is no Lattice"),
    ];
    assert_refused(Format::EXTXYZ, cases);
}

#[test]
fn columns_of_labels_have_their_shape() {
    let text = |properties: &str, row: &str| format!("1\nProperties={properties} energy=-1\n{row}\n");
    let cases = [
        ("species:S:1:pos:R:2", "Mg 0 0", "pos:R:3"),
        ("species:S:2:pos:R:3", "Mg Mg 0 0 0", "species:S:1"),
        ("species:S:1:pos:R:3:force:R:1", "Mg 0 0 0 1", "force:R:3"),
        ("species:S:1:pos:R:3:Forces:S:3", "Mg 0 0 0 1 1 1", "Forces:R:3"),
        ("species:S:1:pos:R:3:REF_forces:R:2", "Mg 0 0 0 1 1", "REF_forces:R:3"),
        ("species:S:1:pos:R:3:dft_force:R:9", "Mg 0 0 0 1 1 1 1 1 1 1 1 1", "dft_force:R:3"),
    ];
    let expected = |column: &str| format!("in:2: expected {column} in Properties, got ");
    let cases = cases.map(|(properties, row, column)| (text(properties, row), expected(column)));
    assert_refused(Format::EXTXYZ, cases);
    let cases = [
        (text("species:S:1:frac:R:3", "Mg 0 0 0"), "in:2: Properties lacks the positions"),
        (text("pos:R:3", "0 0 0"), "in:2: Properties lacks the elements"),
    ];
    assert_refused(Format::EXTXYZ, cases);
    let text = "1\nProperties=element:S:1:position:I:3:gradients:R:3:force_norm:R:1:move_mask:L:1\nMg 0 0 0 1 2 3 4 T\n";
    let (structures, notes) = read_all(text, &ReadSettings::default());
    assert_eq!(structures[0].columns.len(), 3);
    assert_eq!(notes, ["the column gradients is not read: forces are the negative of gradients"]);
    let text =
        "2\nProperties=species:S:1:pos:R:3:forces:R:3:move_mask:L:1\nMg 0 0 0 1 2 3 T\nMg 3 0 0 0 0 0 F\n";
    let (_, notes) = read_all(text, &ReadSettings::default());
    assert!(notes[0].starts_with("forces that move_mask holds are all zero"), "{notes:?}");
}

#[test]
fn look_alikes_are_named_unless_the_label_is_there() {
    for (comment, expected) in [
        (
            "dft_energy=-1",
            "dft_energy looks like the energy and is not read\n  hint: --energy-key dft_energy reads it",
        ),
        ("corrected_total_energy=-1", "corrected_total_energy looks like the energy"),
        ("E_dft=-1", "E_dft looks like the energy"),
        ("mace_energy=-1", "mace_energy looks like the energy"),
        ("energy_per_atom=-1", "energy_per_atom is not read: expected the energy of the configuration"),
        ("energy=-1 REF_energy=-2", "REF_energy is there beside energy, which is read"),
        ("energy=-1 REF_virial=\"1 0 0 0 1 0 0 0 1\"", "REF_virial looks like the virial"),
        (
            "energy=-1 dft_stress=\"_JSON [[1, 0, 0], [0, 1, 0], [0, 0, 1]]\"",
            "dft_stress looks like the stress",
        ),
    ] {
        let (_, notes) = read(comment);
        assert!(notes.len() == 1 && notes[0].starts_with(expected), "{comment}: {notes:?}");
    }
    for comment in [
        "energy=-1 mace_energy=-2",
        "energy=-1 REF_energy=-1",
        "energy=-1 energy_weight=2",
        "energy=-1 E0=-3",
    ] {
        assert_eq!(read(comment).1, [""; 0], "{comment}");
    }
}

#[test]
fn bad_frames_are_left_out_and_good_ones_kept() {
    let good = |energy: i32| frame(&format!("energy={energy}"));
    let cases: [(String, usize, &str); 9] = [
        (frame("energy=nan"), 6, "expected finite numbers for energy, got nan"),
        (
            frame("energy=1").replace("-1 -2 -3", "-1 nan -3"),
            8,
            "expected a finite number for a force, got nan",
        ),
        (frame("energy=1").replace("-1 -2 -3", "-1 **** -3"), 8, "expected a number for a force, got ****"),
        (frame("energy=1").replace("-1 -2 -3", "-1 -2"), 8, "expected 3 numbers for a force, got 2"),
        (frame("energy=1").replace("O 2 2", "\nO 2 2"), 8, "expected 7 words in a row, got 0"),
        (frame("energy=1").replacen('2', "3", 1), 9, "expected 3 rows of atoms, got 2 and the next frame"),
        (
            frame("energy=1").replacen('2', "1", 1),
            8,
            "expected 1 rows of atoms and the next frame, got more rows",
        ),
        (frame("energy=1 energy_unit=x"), 6, "expected a unit of the energy like eV for energy_unit, got x"),
        ("0\n\n".to_owned(), 6, "expected atoms in a frame, got none"),
    ];
    for (bad, line, reason) in cases {
        let text = [good(-1), bad, good(-2)].concat();
        for text in [text.clone(), text.replace('\n', "\r\n"), format!("\u{feff}{text}\n \n")] {
            let outcome = outcome(text, Format::EXTXYZ, &ReadSettings::default());
            assert_eq!(outcome.energies(), [-1.0, -2.0], "{reason}");
            let [left_out] = &outcome.left_out[..] else { panic!("{reason}: {:?}", outcome.left_out) };
            assert_eq!((left_out.step, left_out.line), (2, line), "{reason}");
            assert!(left_out.reason.starts_with(reason), "{}", left_out.reason);
        }
    }
    let cut = good(-1) + "3\nLattice=\"4 0 0 0 4 0 0 0 4\"\nMg 0 0 0\nMg 1";
    let outcome = outcome(cut, Format::EXTXYZ, &ReadSettings::default());
    assert_eq!(outcome.energies(), [-1.0]);
    assert_eq!(outcome.told(), ["2: expected 3 rows of atoms, got 2 and the end of the file"]);
}

#[test]
fn writing_habits_of_programs_are_read() {
    let text = "2 \t\r\nLattice=\"4.0D0 0 0 0 4.0d+00 0 0 0 4\"\tpbc=[True,True, F] energy = -1.5D+01  done \r\n\
                Mg\t0 0 1.0D-1  \r\nO 2 2 2\r\n\r\n";
    let (structures, notes) = read_all(text, &strict());
    assert_eq!(notes, [""; 0]);
    let structure = &structures[0];
    assert_eq!(structure.configuration.energy, Some(-15.0));
    assert_eq!(structure.configuration.positions[0], [0.0, 0.0, 0.1]);
    assert_eq!(structure.lattice().periodic, [true, true, false]);
    let json = r#"virials="_JSON [[1.0, 2.0, 3.0], [2.0, 4.0, 5.0], [3.0, 5.0, 6.0]]""#;
    assert_eq!(read(json).0.configuration.virial.unwrap().yz, 5.0);
    for plain in ["", "made by hand", "it's water", "energies of Mg"] {
        let (structures, notes) = read_all(&format!("1\n{plain}\nMg 0 0 0\n"), &strict());
        assert_eq!((structures.len(), notes), (1, vec![]), "{plain}");
    }
    let (_, notes) = read_all("1\n energy: -76.4 gnorm: 0.01 xtb: 6.4\nMg 0 0 0\n", &ReadSettings::default());
    assert_eq!(notes, ["comments of plain XYZ are not read: an energy in them is no label"]);
    let bohr = "in:2: the comment mentions bohr, but positions are read in Å";
    assert_refused(Format::EXTXYZ, [("1\nwater, units bohr\nMg 0 0 0\n", bohr)]);
}
