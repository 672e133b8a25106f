//! Structure files: round trips through every pair of formats lose no digit, and ASE reads and writes the same.

use std::fs;
use std::path::Path;

use mtprs::structure_files::{EnergyKind, Format, Lattice, ReadSettings, Structure};
use mtprs_core::geometry::{Vector3, dot, norm};
use mtprs_testing::vectors::difference;
use mtprs_testing::{properties, scratch, workspace};
use mtprs_tests::python;
use mtprs_tests::structure_frames::{AseFrame, assert_vectors, labelled, read_all, written};
use proptest::prelude::*;

/// Writes a structure, reads it again, and checks that everything is there that the format can hold.
fn round_trip(structure: &Structure, format: Format) -> Structure {
    let mut read = read_all(&written(structure, format), format, &ReadSettings::default());
    assert_eq!(read.len(), 1);
    let mut read = read.remove(0);
    if format == Format::LAMMPS_DATA {
        // LAMMPS orders by id on reading
        let mut sorted = structure.clone();
        sorted.sort_by_id();
        assert_same_shape(&read, &sorted);
        // what has LAMMPS's orientation is not touched again
        let again = read_all(&written(&read, format), format, &ReadSettings::default()).remove(0);
        assert_eq!(again.configuration, read.configuration);
        assert_eq!(again.velocities, read.velocities);
        return read;
    }
    if format == Format::POSCAR {
        let mut sorted = structure.clone();
        sorted.sort_by_id();
        read.sort_by_id();
        let (got, expected) = (&read.configuration, &sorted.configuration);
        assert_eq!(got.positions, expected.positions);
        assert_eq!((&got.species, &got.ids, &got.cell), (&expected.species, &expected.ids, &expected.cell));
        assert_velocities(read.velocities.as_ref(), sorted.velocities.as_ref());
        return read;
    }
    assert_eq!(read.configuration, structure.configuration, "{}", format.name());
    if format == Format::EXTXYZ {
        assert_eq!(read.lattice, structure.lattice);
        assert_velocities(read.velocities.as_ref(), structure.velocities.as_ref());
    }
    read
}

/// Å/fs and Å/ps differ by a factor that rounds.
fn assert_velocities(got: Option<&Vec<Vector3>>, expected: Option<&Vec<Vector3>>) {
    match (got, expected) {
        (Some(got), Some(expected)) => assert_vectors(got, expected, 1e-14),
        (got, expected) => assert_eq!(got, expected),
    }
}

/// Distances and the lattice up to a rotation.
fn assert_same_shape(read: &Structure, structure: &Structure) {
    let (got, expected) = (&read.configuration, &structure.configuration);
    assert_eq!((&got.species, &got.ids), (&expected.species, &expected.ids));
    for i in 0..got.len() {
        for j in 0..i {
            let distance = |positions: &[Vector3]| norm(difference(positions[i], positions[j]));
            let error = distance(&got.positions) - distance(&expected.positions);
            assert!(error.abs() < 1e-12, "{error}");
        }
    }
    let (got, expected) = (got.cell.vectors(), expected.cell.vectors());
    assert_eq!(got.len(), expected.len());
    for k in 0..got.len() {
        assert!((norm(got[k]) - norm(expected[k])).abs() < 1e-12);
        for l in 0..k {
            // the last vector may have become its opposite
            let error = dot(got[k], got[l]).abs() - dot(expected[k], expected[l]).abs();
            assert!(error.abs() < 1e-11, "{error}");
        }
    }
    let speeds = |structure: &Structure| {
        structure.velocities.as_ref().map(|all| all.iter().map(|&v| norm(v)).sum::<f64>())
    };
    match (speeds(read), speeds(structure)) {
        (Some(got), Some(expected)) => assert!((got - expected).abs() < 1e-12),
        (got, expected) => assert_eq!(got, expected),
    }
}

proptest! {
    #![proptest_config(properties::cases(64))]

    #[test]
    fn every_pair_of_formats_keeps_what_both_can_hold(periodic in 0..=3_usize, seed in any::<u64>()) {
        let structure = labelled(periodic, seed);
        let written = || Format::all().filter(|format| format.is_written());
        let fitting = || written().filter(|format| periodic == 3 || *format != Format::POSCAR);
        for first in fitting() {
            let between = round_trip(&structure, first);
            for second in fitting() {
                round_trip(&between, second);
            }
        }
    }

    #[test]
    fn boxes_that_are_open_in_any_direction_survive(periodic in any::<[bool; 3]>(), origin in [-3.0..3.0_f64, -3.0..3.0, -3.0..3.0], seed in any::<u64>()) {
        let crystal = labelled(3, seed);
        let vectors = crystal.lattice().vectors;
        let lattice = Lattice { vectors, periodic, origin };
        let configuration = &crystal.configuration;
        let mut slab = Structure::new(lattice, configuration.species.clone(), configuration.positions.clone()).unwrap();
        slab.elements.clone_from(&crystal.elements);
        let read = round_trip(&slab, Format::EXTXYZ);
        prop_assert_eq!(read.lattice(), lattice);
        let read = round_trip(&slab, Format::LAMMPS_DATA);
        prop_assert_eq!(read.lattice().periodic, periodic);
    }
}

fn ase_reads(kind: &str, path: &Path, style: &[&str]) -> Vec<AseFrame> {
    let mut arguments = vec!["read".to_owned(), kind.to_owned(), path.display().to_string()];
    arguments.extend(style.iter().map(|&style| style.to_owned()));
    let output = python::output_of("structure_files.py", &arguments);
    AseFrame::all(&serde_json::from_str(&output).unwrap())
}

#[test]
fn ase_reads_what_we_write() {
    let folder = scratch("structure-files/ours");
    let mut structure = labelled(3, 11);
    structure.sort_by_id();
    let text = [written(&structure, Format::EXTXYZ), written(&labelled(2, 12), Format::EXTXYZ)].concat();
    fs::write(folder.join("two.extxyz"), text).unwrap();
    let frames = ase_reads("extxyz", &folder.join("two.extxyz"), &[]);
    frames[0].assert_geometry(&structure, 0.0);
    frames[0].assert_labels(&structure.configuration, 1e-12);
    assert_eq!(frames[0].energies, [structure.configuration.energy; 2]);
    frames[1].assert_geometry(&labelled(2, 12), 0.0);

    fs::write(folder.join("POSCAR"), written(&structure, Format::POSCAR)).unwrap();
    let grouped =
        read_all(&fs::read(folder.join("POSCAR")).unwrap(), Format::POSCAR, &ReadSettings::default());
    ase_reads("vasp", &folder.join("POSCAR"), &[])[0].assert_geometry(&grouped[0], 1e-13);

    fs::write(folder.join("cell.data"), written(&structure, Format::LAMMPS_DATA)).unwrap();
    let turned =
        read_all(&fs::read(folder.join("cell.data")).unwrap(), Format::LAMMPS_DATA, &ReadSettings::default());
    ase_reads("lammps-data", &folder.join("cell.data"), &["atomic"])[0].assert_geometry(&turned[0], 1e-12);
}

#[test]
fn we_read_what_ase_writes() {
    let folder = scratch("structure-files/ase");
    python::output_of("structure_files.py", &["write".into(), folder.display().to_string()]);
    let json: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("frames.json")).unwrap()).unwrap();
    let frames = AseFrame::all(&json["frames"]);
    let read = |name: &str, format, energy| {
        let settings = ReadSettings { energy, ..ReadSettings::default() };
        read_all(&fs::read(folder.join(name)).unwrap(), format, &settings)
    };
    for (energy, key) in [(EnergyKind::ZeroSmearing, 0), (EnergyKind::Free, 1)] {
        let structures = read("frames.extxyz", Format::EXTXYZ, energy);
        assert_eq!(structures.len(), frames.len());
        for (structure, frame) in structures.iter().zip(&frames) {
            // ASE writes eight decimals
            frame.assert_geometry(structure, 6e-9);
            frame.assert_labels(&structure.configuration, 6e-9);
            assert_eq!(structure.configuration.energy, frame.energies[key]);
        }
    }
    for (number, frame) in frames.iter().enumerate() {
        for (name, format) in [
            ("direct", Format::POSCAR),
            ("cartesian", Format::POSCAR),
            ("atomic", Format::LAMMPS_DATA),
            ("charge", Format::LAMMPS_DATA),
        ] {
            let ending = if format == Format::POSCAR { "vasp" } else { "data" };
            let structure = read(&format!("{name}-{number}.{ending}"), format, EnergyKind::Free).remove(0);
            frame.assert_geometry(&structure, 1e-13);
        }
    }
    let trajectory = AseFrame::all(&json["trajectory"]);
    let structures = read("XDATCAR", Format::XDATCAR, EnergyKind::Free);
    assert_eq!(structures.len(), trajectory.len());
    for (structure, frame) in structures.iter().zip(&trajectory) {
        assert_eq!(structure.configuration.len(), frame.positions.len());
        // six decimals of the lattice, eight of fractions
        let sorted = |positions: &[Vector3]| {
            let mut sorted = positions.to_vec();
            sorted.sort_by(|a, b| a[0].total_cmp(&b[0]));
            sorted
        };
        assert_vectors(&sorted(&structure.configuration.positions), &sorted(&frame.positions), 3e-6);
    }
}

#[test]
fn ase_finds_the_same_steps_in_vasp_files() {
    let fixtures = workspace().join("trainer/tests/structure_files");
    for (name, kind, format) in [
        ("OUTCAR_relaxation", "vasp-out", Format::OUTCAR),
        ("OUTCAR_dynamics", "vasp-out", Format::OUTCAR),
        ("vasprun.xml", "vasp-xml", Format::VASPRUN),
    ] {
        let path = fixtures.join(name);
        let frames = ase_reads(kind, &path, &[]);
        for (energy, key) in [(EnergyKind::ZeroSmearing, 0), (EnergyKind::Free, 1)] {
            let settings = ReadSettings { energy, keep_unconverged: true, ..ReadSettings::default() };
            let structures = read_all(&fs::read(&path).unwrap(), format, &settings);
            assert_eq!(structures.len(), frames.len());
            for (structure, frame) in structures.iter().zip(&frames) {
                frame.assert_geometry(structure, 1e-12);
                frame.assert_labels(&structure.configuration, 1e-12);
                assert_eq!(structure.configuration.energy, frame.energies[key], "{name}");
            }
        }
    }
}
