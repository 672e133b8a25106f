//! The published Mg-V-O potential in LAMMPS: MLIP-2's numbers, and the authors' own input files.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use mtprs_core::format::{load_potential, parse_state};
use mtprs_core::geometry::{Vector3, dot};
use mtprs_core::grade::Grader;
use mtprs_testing::compare::assert_close;
use mtprs_testing::read_cfg;
use mtprs_testing::structure::Structure;
use mtprs_tests::lammps::{Job, Probe, feature_number, probe, setup};
use mtprs_tests::shared;

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
    let frames = read_cfg(&file("dft_train_every11_efs_mlip2.cfg"));
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
fn shortened() -> String {
    let script = text("md.lmp");
    let shortened = script.replace("run             25000", "run 12").replace("run 2500000", "run 8");
    let runs = shortened.matches("run 12").count() + shortened.matches("run 8").count();
    assert_eq!(runs, 2, "both runs are shortened");
    shortened
}

/// `md.lmp` and `mlip.ini` as the authors published them, with a state of the training set: frames are saved, and the
/// run stops. With higher thresholds it saves every frame and goes on.
#[test]
fn the_selection_of_the_authors_runs() {
    let folder = Job::new("reference-selection-state").folder().to_owned();
    let state = folder.join("state.als");
    let arguments = ["mtprs", "state", "build", "-q", "--force"].map(OsString::from).into_iter();
    let files = [file("pot.mtp"), file("dft_train.cfg"), state.clone()].map(OsString::from);
    let _ended = mtprs::run(arguments.chain(files));
    let state = fs::read(state).expect("the state was built");
    let potential = load_potential(&file("pot.mtp")).expect("the published potential can be read");
    let parsed = parse_state(&state, "state.als").expect("the state can be read");
    let mut grader = Grader::new(&potential, parsed).expect("the state is of the potential");

    let settings = text("mlip.ini");
    let patient = settings.replacen("10.0", "1e9", 1);
    assert_ne!(settings, patient);
    for ranks in [1, 2] {
        for (name, settings, code, frames) in
            [("stops", &settings, Some(3), 1), ("goes-on", &patient, Some(0), 21)]
        {
            let job = Job::new(&format!("reference-selection-{name}-{ranks}"))
                .ranks(ranks)
                .file("input1.pos", text("input1.pos"))
                .file("curr.mtp", text("pot.mtp"))
                .file("state.als", &state)
                .file("mlip.ini", settings);
            let finished = job.run_bare(&format!("{}\n{}", job.plugin_load(), shortened()));
            assert_eq!(finished.code, code, "{name}, {ranks} ranks:\n{}", finished.output);
            let saved = read_cfg(&finished.folder.join("preselected.cfg"));
            assert_eq!(saved.len(), frames, "{name}, {ranks} ranks");
            for frame in &saved {
                assert_eq!(frame.len(), 768);
                let grade = feature_number(frame, "MV_grade");
                let expected = grader.grade(frame).expect("a saved frame can be graded").configuration;
                assert_close(&format!("{name}, {ranks} ranks"), &[grade], &[expected], 1e-8);
            }
        }
    }
}

#[test]
fn the_input_files_of_the_authors_run() {
    let shortened = shortened();
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
        assert!(output.contains("state.als: cannot open the file"), "{output}");

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
