//! Real LAMMPS reads the data files that we write, and we read the dumps and data files that it writes.

use std::fs;

use mtprs::endpoint::Input;
use mtprs::structure_files::{Format, ReadSettings, Structure, StructureReader};
use mtprs_core::geometry::Vector3;
use mtprs_tests::lammps::{Finished, Job};
use mtprs_tests::structure_frames::{assert_vectors, labelled, order, read_all, written};

/// LAMMPS prints 15 digits here.
const PRINTED: f64 = 1e-11;

/// Has LAMMPS read a structure and write it in every way that it knows; returns the run and what we wrote.
fn rewritten(name: &str, structure: &Structure) -> (Finished, Structure) {
    let text = written(structure, Format::LAMMPS_DATA);
    let ours = read_all(&text, Format::LAMMPS_DATA, &ReadSettings::default()).remove(0);
    let boundary = ours.lattice().periodic.map(|periodic| if periodic { "p" } else { "f" }).join(" ");
    let script = format!(
        "units metal\natom_style atomic\nboundary {boundary}\nread_data cell.data\npair_style zero 3.0\npair_coeff * *\n\
         dump 1 all custom 1 wrapped.dump id type element x y z fx fy fz vx vy vz\n\
         dump_modify 1 element Mg V O units yes time yes format float %.17g\n\
         dump 2 all custom 1 scaled.dump.gz element id xs ys zs\n\
         dump_modify 2 element Mg V O format float %.17g\n\
         dump 3 all custom 1 unwrapped.dump type id xsu ysu zsu\ndump_modify 3 format float %.17g\n\
         run 0\nwrite_data out.data\n"
    );
    let finished = Job::new(&format!("structure-files-{name}")).file("cell.data", text).run_bare(&script);
    finished.assert_success();
    (finished, ours)
}

fn read(finished: &Finished, name: &str) -> Vec<Structure> {
    let input = Input::File(finished.folder.join(name));
    let reader = StructureReader::open(&input, None, &ReadSettings::default()).unwrap();
    let ordered = |structure: mtprs_core::Result<Structure>| {
        let mut structure = structure.unwrap();
        order().apply(&mut structure).unwrap();
        structure
    };
    reader.map(ordered).collect()
}

/// Checks that two structures are the same up to lattice vectors.
fn assert_same(got: &Structure, expected: &Structure, what: &str) {
    assert_eq!(got.configuration.species, expected.configuration.species, "{what}");
    assert_eq!(got.configuration.ids, expected.configuration.ids, "{what}");
    let (lattice, known) = (got.lattice(), expected.lattice());
    assert_eq!(lattice.periodic, known.periodic, "{what}");
    assert_vectors(&lattice.vectors, &known.vectors, PRINTED);
    let positions = got.configuration.positions.iter().zip(&expected.configuration.positions);
    for (got, expected) in positions {
        let mut rest: Vector3 = std::array::from_fn(|k| got[k] - expected[k]);
        // the vectors of LAMMPS form a triangle: z first
        for k in [2, 1, 0] {
            let vector = known.vectors[k];
            let turns = if known.periodic[k] { (rest[k] / vector[k]).round() } else { 0.0 };
            rest = std::array::from_fn(|i| rest[i] - turns * vector[i]);
        }
        assert!(rest.iter().all(|component| component.abs() < PRINTED), "{what}: {got:?} {expected:?}");
    }
}

#[test]
fn crystals_slabs_wires_and_molecules_go_to_lammps_and_back() {
    for periodic in 0..=3 {
        let structure = labelled(periodic, 40 + periodic as u64);
        let (finished, ours) = rewritten(&format!("periodic-{periodic}"), &structure);
        for name in ["wrapped.dump", "scaled.dump.gz", "unwrapped.dump"] {
            let frames = read(&finished, name);
            let [frame] = &frames[..] else { panic!("{name} has {} frames", frames.len()) };
            assert_same(frame, &ours, &format!("{name}, {periodic} periodic"));
            assert_eq!(frame.configuration.feature("step"), Some("0"));
        }
        let frame = read(&finished, "wrapped.dump").remove(0);
        assert_eq!(frame.configuration.feature("time"), Some("0"));
        assert_vectors(
            &frame.configuration.forces.unwrap(),
            &vec![[0.0; 3]; structure.configuration.len()],
            0.0,
        );
        assert_vectors(&frame.velocities.unwrap(), ours.velocities.as_ref().unwrap(), 1e-14);

        let mut back = read(&finished, "out.data").remove(0);
        // LAMMPS does not say in a data file where the box repeats
        back = Structure {
            lattice: Some(mtprs::structure_files::Lattice {
                periodic: ours.lattice().periodic,
                ..back.lattice()
            }),
            ..back
        };
        assert_same(&back, &ours, &format!("out.data, {periodic} periodic"));
        assert_vectors(&back.velocities.unwrap(), ours.velocities.as_ref().unwrap(), 1e-13);
        let text = fs::read_to_string(finished.folder.join("out.data")).unwrap();
        assert!(text.contains("units = metal"), "the header is that of write_data");
    }
}
