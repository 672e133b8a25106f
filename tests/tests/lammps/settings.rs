//! `pair_style` given again without `pair_coeff`, which LAMMPS allows: what it asks for is what happens.

use mtprs_core::grade::Grader;
use mtprs_core::selection::GradeMode;
use mtprs_testing::active_set;
use mtprs_testing::compare::assert_close;
use mtprs_testing::structure::Structure;
use mtprs_testing::synthetic;
use mtprs_tests::lammps::{Finished, Job, Probe, SAME_NUMBERS, atoms, probe, setup};

fn job(name: &str, structure: &Structure) -> Job {
    Job::new(&format!("settings-{name}"))
        .crystal(structure)
        .potential("other.mtp", &synthetic::potential(13, 8, &["Mg", "V", "O"], 4.5))
        .file("mlip.ini", "mtp-filename crystal.mtp\n")
        .file("other.ini", "mtp-filename other.mtp\n")
        .state("configuration.mtps", GradeMode::Configuration)
        .state("neighborhood.mtps", GradeMode::Neighborhood)
}

#[test]
fn threads_and_precision_of_the_last_pair_style_hold() {
    let structure = synthetic::crystal(131);
    for ranks in [1, 2] {
        let finished = job(&format!("evaluator-{ranks}"), &structure).ranks(ranks).run(&format!(
            "{}{}pair_style mtp/rs precision mixed\n{}pair_style mtp/rs threads 3\n{}pair_style mtp/rs\n{}",
            setup(&structure, "crystal", "Mg V O"),
            probe("first"),
            probe("mixed"),
            probe("threads"),
            probe("last")
        ));
        let expected = Probe::of_crystal(&structure);
        for name in ["first", "threads", "last"] {
            finished.probe(name).assert_close(&expected, SAME_NUMBERS, name);
        }
        let mixed = finished.probe("mixed");
        mixed.assert_close(&expected, 1e-4, "mixed");
        let bits = |probe: &Probe| probe.forces.iter().map(|force| force.to_bits()).collect::<Vec<_>>();
        assert_ne!(bits(&mixed), bits(&finished.probe("first")), "single precision is seen in the forces");
        assert_eq!(bits(&finished.probe("last")), bits(&finished.probe("first")));
        assert!(finished.output.contains("mixed precision: single for the work per neighbor"));
        assert_eq!(finished.output.matches(": 3 threads on each of").count(), 1);
    }
}

/// The threads are there, not only spoken of.
#[test]
fn threads_are_started_without_pair_coeff() {
    let structure = synthetic::crystal(132);
    let threads = |finished: &Finished, name: &str| -> usize {
        let status = finished.text(name);
        let line = status.lines().find_map(|line| line.strip_prefix("Threads:"));
        line.and_then(|count| count.trim().parse().ok()).expect("a process has threads")
    };
    let finished = job("threads", &structure)
        .file("copy.sh", "cat /proc/$(cat process)/status > $1\n")
        .preparation("echo $$ > process")
        .run(&format!(
            "{}run 0
             shell sh copy.sh before
             pair_style mtp/rs threads 4
             run 0
             shell sh copy.sh after",
            setup(&structure, "crystal", "Mg V O")
        ));
    assert_eq!(threads(&finished, "after") - threads(&finished, "before"), 3);
}

fn grade_of(structure: &Structure, mode: GradeMode) -> f64 {
    let potential = synthetic::three_species(5.0);
    Grader::new(&potential, active_set::state(&potential, mode, 5))
        .and_then(|mut grader| grader.grade(&structure.plain_configuration()))
        .expect("it can be graded")
        .configuration
}

#[test]
fn states_of_the_last_pair_style_hold() {
    let structure = synthetic::crystal(133);
    for ranks in [1, 2, 4] {
        let finished = job(&format!("state-{ranks}"), &structure).ranks(ranks).run(&format!(
            "{}run 0
             pair_style mtp/rs state configuration.mtps
             compute p all pair mtp/rs
             thermo_style custom step c_p[1]
             thermo_modify format float %.17g
             run 0
             pair_style mtp/rs state neighborhood.mtps select 1e-9 save saved.cfg
             run 0
             thermo_style one
             uncompute p
             pair_style mtp/rs
             run 0",
            setup(&structure, "crystal", "Mg V O")
        ));
        let expected =
            [GradeMode::Configuration, GradeMode::Neighborhood].map(|mode| grade_of(&structure, mode));
        assert_close("grades", &finished.thermo("c_p[1]"), &expected, 1e-8);
        for mode in [GradeMode::Configuration, GradeMode::Neighborhood] {
            let state = active_set::state(&synthetic::three_species(5.0), mode, 5);
            let (unsupported, all) = (state.unsupported(), state.active_set.size());
            let words = format!(
                "; {unsupported} of {all} directions of the parameters are unsupported: atoms that need one"
            );
            assert!(unsupported > 0 && finished.text("log.lammps").contains(&words), "{words}");
        }
        assert_eq!(finished.text("saved.cfg").matches("END_CFG").count(), 1, "only while it is asked for");
    }
}

/// The settings file of MLIP-2 names the potential: another file is another potential.
#[test]
fn another_settings_file_is_another_potential() {
    let structure = synthetic::crystal(135);
    for ranks in [1, 2] {
        let finished = job(&format!("mlip-{ranks}"), &structure).ranks(ranks).run(&format!(
            "{}pair_style mlip mlip.ini\npair_coeff * *\n{}pair_style mlip other.ini\n{}",
            atoms(&structure, "crystal"),
            probe("first"),
            probe("other")
        ));
        let cell = structure.plain_configuration();
        let expected = Probe::of_library(&synthetic::three_species(5.0), &cell);
        finished.probe("first").assert_close(&expected, SAME_NUMBERS, "first");
        let other = synthetic::potential(13, 8, &["Mg", "V", "O"], 4.5);
        finished.probe("other").assert_close(&Probe::of_library(&other, &cell), SAME_NUMBERS, "other");
    }
}

/// `fix adapt` has scaled the energies; other threads do not undo it.
#[test]
fn scales_stay() {
    let structure = synthetic::crystal(136);
    let finished = job("scale", &structure).run(&format!(
        "{}variable half equal 0.5
         fix half all adapt 1 pair mtp/rs scale * * v_half
         run 0 post no
         unfix half
         pair_style mtp/rs threads 2
         run 0 post no
         print \"energy $(pe:%.17g)\"",
        setup(&structure, "crystal", "Mg V O")
    ));
    let expected = Probe::of_crystal(&structure);
    assert_close("energy", &[finished.number("energy")], &[0.5 * expected.energy], SAME_NUMBERS);
}
