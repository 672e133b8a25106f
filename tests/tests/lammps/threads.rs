//! `pair_style mtp/rs threads N` in LAMMPS: the numbers of one thread to the last digits, alone, beside MPI ranks and other
//! styles, in runs and minimizations; and the same bits when repeated.
#![allow(clippy::print_stdout)] // the measured deviations are worth seeing

use mtprs_testing::compare::{assert_close, assert_identical, relative_deviation};
use mtprs_testing::structure::Structure;
use mtprs_testing::synthetic;
use mtprs_tests::lammps::{Finished, Job, Probe, SAME_NUMBERS, atoms, probe, setup};

fn crystal() -> Structure {
    synthetic::crystal(81)
}

fn job(name: &str, ranks: usize) -> Job {
    Job::new(&format!("threads-{name}")).ranks(ranks).crystal(&crystal())
}

/// The script with threads.
fn on_threads(script: &str, threads: usize) -> String {
    assert!(script.contains("mtp/rs"), "{script}");
    script.replacen("mtp/rs", &format!("mtp/rs threads {threads}"), 1)
}

#[test]
fn energies_forces_and_virials_on_one_and_two_ranks() {
    let expected = Probe::of_crystal(&crystal());
    let script = setup(&crystal(), "crystal", "Mg V O");
    for ranks in [1, 2] {
        let mut all = String::new();
        let counts = [1, 2, 3, 16];
        for threads in counts {
            all += &on_threads(&script, threads);
            all += &probe(&format!("threads{threads}"));
        }
        let finished = job(&format!("numbers-{ranks}"), ranks).run(&all);
        for threads in counts {
            let what = format!("{ranks} ranks, {threads} threads");
            let got = finished.probe(&format!("threads{threads}"));
            got.assert_close(&expected, SAME_NUMBERS, &what);
            got.assert_sums(SAME_NUMBERS, &what);
        }
        let report = format!("pair style mtp/rs: 2 threads on each of {ranks} MPI ranks");
        assert!(finished.text("log.lammps").contains(&report), "{}", finished.output);
        assert!(!finished.output.contains("1 threads"), "one thread is nothing to talk about");
    }
}

#[test]
fn beside_other_styles_and_with_types_that_are_not_there() {
    let mut structure = crystal();
    structure.type_count = 4;
    structure.types.iter_mut().take(30).step_by(2).for_each(|kind| *kind = 4);
    let script = |style: &str| {
        format!(
            "{}
             pair_style hybrid/overlay {style} lj/cut 4.5
             pair_coeff * * mtp/rs crystal.mtp Mg V O NULL
             pair_coeff 1*4 4 lj/cut 0.02 2.2
             ",
            atoms(&structure, "four")
        )
    };
    for ranks in [1, 2] {
        let all = [
            script("mtp/rs"),
            probe("one"),
            script("mtp/rs threads 3"),
            probe("three"),
            script("mtp/rs threads 2 species Mg V O"),
            probe("two"),
        ];
        let job = job(&format!("hybrid-{ranks}"), ranks).structure("four.lmp", &structure);
        let finished = job.run(&all.concat());
        let expected = finished.probe("one");
        for name in ["two", "three"] {
            finished.probe(name).assert_close(&expected, SAME_NUMBERS, name);
        }
    }
}

/// Threads of pair styles that are replaced, or unloaded with the plugin, end; those of two styles do not meet.
#[test]
fn styles_that_come_and_go() {
    let expected = Probe::of_crystal(&crystal());
    let job = job("unload", 1);
    let script = setup(&crystal(), "crystal", "Mg V O");
    let twice = format!(
        "{}
         pair_style hybrid/scaled 0.25 mtp/rs threads 2 0.75 mtp/rs threads 3
         pair_coeff * * mtp/rs 1 crystal.mtp Mg V O
         pair_coeff * * mtp/rs 2 crystal.mtp Mg V O
         ",
        atoms(&crystal(), "crystal")
    );
    let load = job.plugin_load();
    let all = [
        on_threads(&script, 2),
        probe("first"),
        "pair_coeff * * crystal.mtp Mg V O\n".into(),
        probe("again"),
        "plugin unload pair mtp/rs\nplugin unload pair mlip\n".into(),
        format!("{load}\n"),
        on_threads(&script, 3),
        probe("loaded"),
        twice,
        probe("twice"),
    ];
    let finished = job.run(&all.concat());
    for name in ["first", "again", "loaded", "twice"] {
        finished.probe(name).assert_close(&expected, SAME_NUMBERS, name);
    }
}

fn trajectory(threads: usize) -> String {
    format!(
        "{}
         neigh_modify every 1 delay 0 check yes
         velocity all create 2000 4711
         fix nve all nve
         timestep 0.002
         dump all all custom 25 all.dump id xu yu zu vx vy vz fx fy fz
         dump_modify all sort id format float %.17g
         thermo_style custom step etotal pe press
         thermo_modify format float %.17g
         thermo 5
         run 50
        ",
        on_threads(&setup(&crystal(), "crystal", "Mg V O"), threads)
    )
}

const COLUMNS: [&str; 9] = ["xu", "yu", "zu", "vx", "vy", "vz", "fx", "fy", "fz"];

fn last_frame(finished: &Finished) -> Vec<f64> {
    finished.dump("all.dump")[2].columns(&COLUMNS)
}

#[test]
fn a_trajectory_is_that_of_one_thread_and_the_same_bit_by_bit_when_repeated() {
    for ranks in [1, 2] {
        let run = |name: &str, threads| job(&format!("run-{name}-{ranks}"), ranks).run(&trajectory(threads));
        let one = run("one", 1);
        for threads in [2, 3] {
            let first = run(&format!("{threads}-first"), threads);
            let second = run(&format!("{threads}-second"), threads);
            let what = format!("{ranks} ranks, {threads} threads");
            assert_identical(&what, &last_frame(&second), &last_frame(&first));
            for column in ["TotEng", "PotEng", "Press"] {
                assert_identical(&what, &second.thermo(column), &first.thermo(column));
            }
            // rounding grows along a trajectory; measured: 3e-15
            let deviation = relative_deviation(&what, &last_frame(&first), &last_frame(&one));
            println!("{what}: {deviation:.1e}");
            assert!(deviation <= 1e-11, "{what}: {deviation:e}");
            assert_close(&what, &first.thermo("PotEng"), &one.thermo("PotEng"), 1e-11);
        }
    }
}

#[test]
fn a_minimization_ends_where_that_of_one_thread_does() {
    let script = setup(&crystal(), "crystal", "Mg V O");
    let minimize = "min_style cg\nminimize 0 1e-6 500 5000\nprint \"energy $(pe:%.17g) $(fmax:%.17g)\"\n";
    for ranks in [1, 2] {
        let run = |threads| {
            let job = job(&format!("minimize-{threads}-{ranks}"), ranks);
            job.run(&format!("{}{minimize}", on_threads(&script, threads))).numbers("energy")
        };
        let (one, two) = (run(1), run(2));
        assert_close(&format!("{ranks} ranks"), &two[..1], &one[..1], SAME_NUMBERS);
        assert!(one[1] < 1e-4 && two[1] < 1e-4, "the minimum was not reached: {one:?} {two:?}");
    }
}

#[test]
fn errors_of_threads_are_those_of_the_first_atom() {
    let mut structure = crystal();
    structure.positions[50] = structure.positions[45];
    structure.positions[20] = structure.positions[10];
    let job = job("same-place", 1).structure("crystal.lmp", &structure);
    let output = job.fail(&format!(
        "{}run 0",
        on_threads(&setup(&structure, "crystal", "Mg V O"), 3)
            .replace("units metal", "units metal\natom_modify sort 0 0")
    ));
    assert!(
        output.contains("pair style mtp/rs, step 0: atom 11 and atom 21 are at the same place"),
        "{output}"
    );
}

#[test]
fn more_threads_than_cores_are_worth_a_warning() {
    let style = "pair_style mtp/rs threads 1024\n";
    let finished = job("warning", 2).run(&format!("{}{style}", atoms(&crystal(), "crystal")));
    let warning = "WARNING: pair style mtp/rs: 2 MPI ranks with 1024 threads each share ";
    assert_eq!(finished.output.matches(warning).count(), 1, "{}", finished.output);
}
