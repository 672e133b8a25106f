//! The published Mg-V-O potential in LAMMPS: MLIP-2's numbers, and the authors' own input files.

use std::fs;
use std::path::PathBuf;

use mtprs_core::format::{CfgReader, load_potential};
use mtprs_core::geometry::Vector3;
use mtprs_tests::compare::assert_close;
use mtprs_tests::lammps::{Job, Probe, probe, setup};
use mtprs_tests::shared;
use mtprs_tests::structure::Structure;
use mtprs_tests::vectors::dot;

/// MLIP-2 printed 17 digits and sums in another order.
const AS_MLIP: f64 = 1e-10;

fn file(name: &str) -> PathBuf {
    shared().join("data/mgvo").join(name)
}

fn text(name: &str) -> String {
    let path = file(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

/// The tensor with components xx yy zz yz xz xy in other axes, as xx yy zz xy xz yz.
fn turned([xx, yy, zz, yz, xz, xy]: [f64; 6], axes: &[Vector3; 3]) -> Vec<f64> {
    let rows = [[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]];
    let component = |i: usize, j: usize| dot(axes[i], rows.map(|row| dot(row, axes[j])));
    [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)].map(|(i, j)| component(i, j)).to_vec()
}

#[test]
fn energies_forces_and_virials_are_those_of_mlip() {
    let frames = CfgReader::open(&file("dft_train_every11_efs_mlip2.cfg")).expect("the file can be opened");
    let frames: Vec<_> = frames.map(|frame| frame.expect("the file can be read")).collect();
    assert_eq!(frames.len(), 24);
    for ranks in [1, 2] {
        let mut job =
            Job::new(&format!("reference-mlip-{ranks}")).ranks(ranks).file("pot.mtp", text("pot.mtp"));
        let (mut script, mut turned_frames) = (String::new(), Vec::new());
        // all on one rank; every other, among them every kind of cell, on two
        for (index, frame) in frames.iter().enumerate().step_by(ranks) {
            let name = format!("frame{index}");
            let (structure, axes) = Structure::from_configuration(frame, 3);
            job = job.structure(&format!("{name}.lmp"), &structure);
            script += &setup(&structure, &name, "0 1 2").replace(&format!("{name}.mtp"), "pot.mtp");
            script += &probe(&name);
            turned_frames.push((name, frame, axes));
        }
        let finished = job.run(&script);
        for (name, frame, axes) in turned_frames {
            let got = finished.probe(&name);
            let forces = frame.forces.as_ref().expect("MLIP-2 wrote forces");
            let forces: Vec<f64> =
                forces.iter().flat_map(|&force| axes.map(|axis| dot(force, axis))).collect();
            let virial = frame.virial.expect("MLIP-2 wrote virials").to_cfg_order();
            assert_close(&name, &[got.energy], &[frame.energy.expect("MLIP-2 wrote energies")], AS_MLIP);
            assert_close(&format!("{name}: forces"), &got.forces, &forces, AS_MLIP);
            assert_close(&format!("{name}: virial"), &got.virial, &turned(virial, &axes), AS_MLIP);
            got.assert_sums(AS_MLIP, &name);
        }
    }
}

/// `md.lmp` as the authors published it, with less steps and selection off; the lines after its end are ours.
#[test]
fn the_input_files_of_the_authors_run() {
    let script = text("md.lmp");
    let shortened = script.replace("run             25000", "run 12").replace("run 2500000", "run 8");
    assert_eq!(
        shortened.matches("run 12").count() + shortened.matches("run 8").count(),
        2,
        "both runs are shortened"
    );
    let settings = text("mlip.ini");
    let unselected = settings.replacen("select             TRUE", "select             FALSE", 1);
    assert_ne!(settings, unselected);
    let last = "
        write_dump all custom last.dump id type x y z fx fy fz modify sort id format float %.17g
        print \"energy $(pe:%.17g)\"
        print \"size $(lx:%.17g) $(ly:%.17g) $(lz:%.17g)\"";
    for ranks in [1, 2] {
        let job = Job::new(&format!("reference-authors-{ranks}"))
            .ranks(ranks)
            .file("input1.pos", text("input1.pos"))
            .file("curr.mtp", text("pot.mtp"));
        let refused = job.file("mlip.ini", &settings);
        let output = refused.fail(&shortened);
        assert!(output.contains("mlip.ini:3: select TRUE"), "{output}");

        let finished = refused.file("mlip.ini", &unselected).run(&format!("{shortened}{last}"));
        let frame = &finished.dump("last.dump")[0];
        assert_eq!(frame.len(), 768);
        let structure = Structure {
            origin: [0.0; 3],
            lengths: finished.numbers("size").try_into().expect("a box has three edges"),
            tilts: [0.0; 3],
            periodic: [true; 3],
            type_count: 3,
            types: frame.column("type").iter().map(|kind| *kind as usize).collect(),
            positions: frame.columns(&["x", "y", "z"]).as_chunks().0.to_vec(),
        };
        let potential = load_potential(&file("pot.mtp")).expect("the published potential can be read");
        let expected = Probe::of_library(&potential, &structure.plain_configuration());
        assert_close("energy after the run", &[finished.number("energy")], &[expected.energy], 1e-12);
        assert_close("forces after the run", &frame.forces(), &expected.forces, 1e-11);
        // a title and the steps 12 to 20
        assert_eq!(finished.text("msd.txt").lines().count(), 10);
        assert_eq!(finished.text("output1.txt").lines().count(), 10);
        let temperatures = finished.thermo("Temp");
        assert!(
            temperatures.iter().all(|temperature| (0.0..5000.0).contains(temperature)),
            "{temperatures:?}"
        );
    }
}
