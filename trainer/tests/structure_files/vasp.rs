//! OUTCAR and vasprun.xml: converged and other steps, energies, stresses, runs that were killed.

use std::path::{Path, PathBuf};

use mtprs::endpoint::Input;
use mtprs::structure_files::{EnergyKind, Format, LeftOut, ReadSettings, Structure, StructureReader};
use mtprs_core::geometry::Virial;

use crate::{KILOBAR, assert_close, outcome, parse, parse_strictly, replaced, replaced_once};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/structure_files").join(name)
}

fn read(name: &str, settings: &ReadSettings) -> (Vec<Structure>, Vec<String>, u64) {
    let mut reader = StructureReader::open(&Input::File(fixture(name)), None, settings).unwrap();
    let structures: Vec<Structure> = reader.by_ref().map(Result::unwrap).collect();
    let remarks = reader.remarks();
    (structures, remarks.notes, remarks.left_out.len() as u64 + remarks.unconverged_kept)
}

fn text(name: &str) -> Vec<u8> {
    std::fs::read(fixture(name)).unwrap()
}

/// The virial of step `step` of the VASP files, from their stress and cell.
fn expected_virial(step: f64) -> Virial {
    let volume = (4.0 + 0.125 * step) * (4.25 * 0.25 + 10.5 * 10.25);
    let [xx, yy, zz, xy, yz, xz] =
        [77.5 + step, 12.25, -6.5, 2.5, 9.25, -60.125].map(|stress| stress * volume / KILOBAR);
    Virial { xx, yy, zz, yz, xz, xy }
}

#[test]
fn outcar_gives_every_converged_step_with_its_labels() {
    for name in ["OUTCAR_relaxation", "OUTCAR_dynamics"] {
        let (structures, notes, unconverged) = read(name, &ReadSettings::default());
        assert_eq!((structures.len(), unconverged), (2, 1), "{name}");
        assert_eq!(notes, [""; 0]);
        for (structure, step) in structures.iter().zip([1.0, 3.0]) {
            let configuration = &structure.configuration;
            assert_eq!(structure.elements.as_deref().unwrap(), ["Mg", "O"]);
            assert_eq!(configuration.species, [0, 0, 1]);
            assert_eq!(configuration.cell.vectors()[0], [4.0 + 0.125 * step, 0.0, 0.0]);
            assert_eq!(configuration.cell.vectors()[1], [0.5, 4.25, -10.5]);
            assert_eq!(configuration.positions[2], [1.0 + 0.125 * step, 2.5, -0.75]);
            assert_eq!(configuration.forces.as_ref().unwrap()[2], [0.25, -3.0, 0.0625 * step]);
            assert_eq!(configuration.energy, Some(-20.5 - step));
            assert_close(configuration.virial, expected_virial(step));
            assert_eq!(configuration.feature("ionic_step"), Some(step.to_string().as_str()));
        }
        let settings = ReadSettings { keep_unconverged: true, ..ReadSettings::default() };
        let (structures, _, unconverged) = read(name, &settings);
        assert_eq!((structures.len(), unconverged), (3, 1));
        assert_eq!(structures[1].configuration.feature("converged"), Some("no"));
        assert_eq!(structures[0].configuration.feature("converged"), None);
    }
}

#[test]
fn the_three_energies_of_vasp_are_told_apart() {
    let wanted = [
        (EnergyKind::Free, -21.5),
        (EnergyKind::WithoutEntropy, -21.25),
        (EnergyKind::ZeroSmearing, -21.375),
    ];
    for (energy, expected) in wanted {
        let settings = ReadSettings { energy, ..ReadSettings::default() };
        for name in ["OUTCAR_relaxation", "vasprun.xml"] {
            assert_eq!(read(name, &settings).0[0].configuration.energy, Some(expected), "{name} {energy:?}");
        }
    }
}

#[test]
fn steps_of_a_force_field_inside_vasp_are_no_labels() {
    let (structures, notes, unconverged) = read("OUTCAR_force_field", &ReadSettings::default());
    let energies: Vec<_> = structures.iter().map(|structure| structure.configuration.energy).collect();
    assert_eq!((energies, unconverged), (vec![Some(-21.5), Some(-22.5)], 0));
    assert_eq!(notes, ["steps predicted by VASP's machine-learned force field are left out"]);
}

#[test]
fn vasprun_agrees_with_outcar() {
    let (structures, notes, unconverged) = read("vasprun.xml", &ReadSettings::default());
    assert_eq!((structures.len(), unconverged, notes.len()), (2, 1, 0));
    let (from_outcar, ..) = read("OUTCAR_relaxation", &ReadSettings::default());
    for (structure, outcar) in structures.iter().zip(&from_outcar) {
        assert_eq!(structure.elements, outcar.elements);
        let (configuration, outcar) = (&structure.configuration, &outcar.configuration);
        assert_eq!(configuration.cell, outcar.cell);
        assert_eq!(configuration.species, outcar.species);
        assert_eq!(configuration.forces, outcar.forces);
        assert_eq!(configuration.energy, outcar.energy);
        assert_close(configuration.virial, outcar.virial.unwrap());
    }
    // a quarter of a, an eighth of b and half of c
    assert_eq!(
        structures[0].configuration.positions[1],
        [1.03125 + 0.0625, 0.53125 + 5.125, -1.3125 + 0.125]
    );
}

#[test]
fn vasprun_loses_the_work_of_an_outer_pressure_and_may_hold_titles_of_any_encoding() {
    let whole = String::from_utf8(text("vasprun.xml")).unwrap();
    let pressed = replaced(&whole, "<i name=\"EDIFF\">", "<i name=\"PSTRESS\">  50.0</i><i name=\"EDIFF\">");
    let mut bytes = pressed.into_bytes();
    let title = bytes.windows(4).position(|bytes| bytes == b"Mg2O").unwrap();
    bytes[title] = 0xe9;
    let structure = parse(bytes, Format::VASPRUN).unwrap().remove(0);
    // the free energy of the file is an enthalpy: p V = 50 kB V is in it
    let work = 50.0 * structure.configuration.cell.volume().unwrap() / KILOBAR;
    let energy = structure.configuration.energy.unwrap();
    assert!((energy - (-21.5 - work)).abs() < 1e-12, "{energy}");
}

#[test]
fn a_run_that_was_killed_anywhere_gives_the_steps_before_and_says_so() {
    for (name, format, step_end) in [
        ("OUTCAR_relaxation", Format::OUTCAR, "energy(sigma->0) =        -21.37500000\n"),
        ("vasprun.xml", Format::VASPRUN, "</calculation>\n"),
    ] {
        let whole = text(name);
        let begins = String::from_utf8_lossy(&whole).find(step_end).unwrap() + step_end.len();
        // the encoding of the XML file makes one character of two bytes, at most
        for cut in (begins..whole.len() - 200).step_by(7) {
            let outcome = outcome(&whole[..cut], format, &ReadSettings::default());
            assert!(outcome.error.is_none(), "{name} cut at {cut}");
            let structures = outcome.structures;
            assert!((1..=2).contains(&structures.len()), "{name} cut at {cut}: {}", structures.len());
            assert_eq!(structures[0].configuration.energy, Some(-21.5));
            if let Some(last) = structures.get(1) {
                assert_eq!(last.configuration.energy, Some(-23.5), "{name} cut at {cut}");
            }
            let rest = String::from_utf8_lossy(&whole[begins..cut]);
            let begun =
                rest.lines().filter(|line| line.contains("(   1)  ---") || line.contains("<calculation>"));
            let told = structures.len() - 1 + outcome.left_out.len();
            assert!(told >= begun.count(), "{name} cut at {cut}");
        }
    }
}

#[test]
fn what_cannot_be_read_spoils_its_step_alone_and_is_told_with_its_line() {
    let left_out = |text: &str, format| {
        let outcome = outcome(text, format, &ReadSettings::default());
        let of_step = |step: &LeftOut| format!("{} {} {}", step.step, step.line, step.reason);
        let told: Vec<String> = outcome.left_out.iter().map(of_step).collect();
        (outcome.whole().unwrap().len(), told.first().cloned().unwrap_or_default(), told.len())
    };
    let outcar = String::from_utf8(text("OUTCAR_relaxation")).unwrap();
    let broken = replaced_once(&outcar, "     0.62500      1.25000", "  ***********     1.25000");
    let (kept, first, count) = left_out(&broken, Format::OUTCAR);
    assert_eq!((kept, count), (1, 2));
    assert_eq!(first, "1 55 expected a number for positions and forces, got ***********");
    let xml = String::from_utf8_lossy(&text("vasprun.xml")).into_owned();
    let outside = replaced_once(&xml, "<v>", "<v> x ");
    assert!(parse(outside, Format::VASPRUN).is_ok(), "outside the calculations nothing is read");
    let broken = replaced_once(&xml, "   <v>       4.12500000", "   <v> lots");
    let (kept, first, count) = left_out(&broken, Format::VASPRUN);
    assert_eq!((kept, count), (1, 2));
    assert!(first.ends_with(" expected a finite number for basis, got lots"), "{first}");
    let (kept, first, _) = left_out(&replaced_once(&xml, "</scstep>", "</energy>"), Format::VASPRUN);
    assert_eq!(kept, 1);
    assert!(first.ends_with("expected the end of scstep, got </energy>"), "{first}");
    let message = parse_strictly(broken, Format::VASPRUN).unwrap_err();
    assert!(message.contains(": step 1 would be left out: expected a finite number for basis"), "{message}");
}
