//! The drop-in `pair_style mlip`: the numbers of mtp/rs, scripts in the manner of MLIP-2's and MLIP-3's users, and settings
//! that are refused by name and line.

use mtprs_core::format::{save_state, write_almtp};
use mtprs_core::grade::Grader;
use mtprs_core::selection::{GradeMode, SelectionState};
use mtprs_testing::active_set;
use mtprs_testing::compare::assert_close;
use mtprs_testing::structure::Structure;
use mtprs_testing::{synthetic, table};
use mtprs_tests::lammps::{Finished, Job, Probe, atoms, pair, probe};

const SETTINGS: &str = "\
mtp-filename       crystal.mtp          # the potential
calculate-efs      TRUE
select             FALSE

# nothing below is used while select is FALSE
                   select:threshold         2.1
                   select:threshold-break   10.0   # stop
                   select:save-selected     preselected.cfg
                   select:load-state        state.als
";

const MLIP: &str = "pair_style mlip mlip.ini\npair_coeff * *\n";

fn job(name: &str, structure: &Structure) -> Job {
    Job::new(name).crystal(structure).file("mlip.ini", SETTINGS)
}

/// A state of the potential in the files of [`job`], and the grade of the structure by it.
fn state_and_grade(structure: &Structure, mode: GradeMode) -> (SelectionState, f64) {
    let potential = synthetic::three_species(5.0);
    let state = active_set::state(&potential, mode, 7);
    let grades = Grader::new(&potential, state.clone())
        .and_then(|mut grader| grader.grade(&structure.plain_configuration()))
        .expect("the structure can be graded");
    (state, grades.configuration)
}

/// Two steps with the commands of a pair style, and the grade at each of them.
fn run_graded(job: &Job, structure: &Structure, pair: &str) -> Finished {
    let style = pair.split_whitespace().nth(1).expect("a style");
    job.run_bare(&format!(
        "{}\n{}{pair}\nfix nve all nve\ncompute p all pair {style}\nthermo 1\n
         thermo_style custom step pe c_p[1]\nthermo_modify format float %.17g\nrun 2",
        job.plugin_load(),
        atoms(structure, "crystal")
    ))
}

#[test]
fn has_the_numbers_of_mtp_rs() {
    let structure = synthetic::crystal(71);
    let finished = job("mlip-numbers", &structure).run(&format!(
        "{}{MLIP}{}{}{}",
        atoms(&structure, "crystal"),
        probe("mlip"),
        pair("crystal", "Mg V O"),
        probe("mtp_rs")
    ));
    let expected = Probe::of_crystal(&structure);
    finished.probe("mlip").assert_close(&expected, 1e-12, "mlip");
    // the same code on the same atoms: not a bit may differ
    assert_eq!(finished.dump("mlip.dump")[0].forces(), finished.dump("mtp_rs.dump")[0].forces());
    assert_eq!(finished.probe("mlip").energy.to_bits(), finished.probe("mtp_rs").energy.to_bits());
    assert!(finished.output.contains("select:load-state in mlip.ini has no effect"), "{}", finished.output);
}

/// The commands of a study of diffusion: equilibrate a replicated cell with Langevin, then NVT with the mean squared
/// displacement of one element, printed by `fix print` from variables.
#[test]
fn runs_scripts_written_for_mlip() {
    let structure = Structure::rock_salt([1, 1, 2], synthetic::ROCK_SALT_EDGE, 3);
    let script = "
        variable temperature index 900.0
        variable seed index 826626413
        variable energy equal etotal
        variable pressure equal press
        variable now equal time
        units metal
        atom_style atomic
        boundary p p p
        read_data crystal.lmp
        replicate 2 2 1
        mass 1 24.305
        mass 2 50.9415
        mass 3 15.9999
        group mobile type 1
        pair_style mlip mlip.ini
        pair_coeff * *
        neighbor 0.5 bin
        neigh_modify every 1 delay 5 check yes
        timestep 0.002
        fix 1 all nve
        fix 2 all langevin ${temperature} ${temperature} 0.2 ${seed} zero yes
        thermo_style custom step temp
        thermo 10
        dump 1 all custom 10 dump.nb id type x y z fx fy fz
        dump_modify 1 sort id format float %.17g
        run 30
        unfix 1
        unfix 2
        undump 1
        log second.log
        compute displacement mobile msd com yes
        variable start equal time
        variable elapsed equal time-${start}
        run 0
        fix 1m all nvt temp ${temperature} ${temperature} 0.2
        thermo_style custom step v_elapsed c_displacement[1] c_displacement[4] lx ly lz press pxx pyy pzz pe temp
        thermo_modify format float %.17g
        thermo 10
        fix 9f all print 1 \"${elapsed} $(c_displacement[4])\" file msd.txt screen no
        fix out all print 1 \"${now} ${pressure} ${energy}\" file output.txt screen no
        run 20
        unfix 1m
        unfix 9f
        unfix out
        write_dump all custom last.dump id type x y z fx fy fz modify sort id format float %.17g
        print \"size $(lx:%.17g) $(ly:%.17g) $(lz:%.17g)\"";
    for ranks in [1, 2] {
        let finished = job(&format!("mlip-script-{ranks}"), &structure).ranks(ranks).run(script);
        let potential = synthetic::three_species(5.0);
        let mut atoms = structure.clone();
        atoms.lengths = finished.numbers("size").try_into().expect("a box has three edges");
        let last = &finished.dump("last.dump")[0];
        atoms.types = last.column("type").iter().map(|kind| *kind as usize).collect();
        atoms.positions = last.columns(&["x", "y", "z"]).as_chunks().0.to_vec();
        let expected = Probe::of_library(&potential, &atoms.plain_configuration());
        // fix nvt adds no forces: what the dump has are those of the potential
        assert_close("last forces", &last.forces(), &expected.forces, 1e-12);
        let energies = finished.thermo("PotEng");
        assert_close("last energy", &energies[energies.len() - 1..], &[expected.energy], 1e-12);
        assert_eq!(finished.dump("dump.nb").len(), 4, "steps 0, 10, 20, 30");
        for file in ["msd.txt", "output.txt"] {
            // a title, and a row for each of the steps 30 to 50
            assert_eq!(finished.text(file).lines().count(), 22, "{file}");
        }
        assert!(finished.text("second.log").contains("c_displacement[4]"));
    }
}

/// `select TRUE` with a state in the format of MLIP-2: frames above the threshold are kept, and the run stops.
#[test]
fn selects_configurations_as_mlip_does() {
    let structure = synthetic::crystal(74);
    for (mode, ranks) in
        [(GradeMode::Configuration, 1), (GradeMode::Configuration, 2), (GradeMode::Neighborhood, 2)]
    {
        let (state, grade) = state_and_grade(&structure, mode);
        let run = |name: &str, threshold: f64, break_threshold: f64| {
            let settings = SETTINGS
                .replace("FALSE\n", "TRUE\n")
                .replace("2.1\n", &format!("{threshold:?}\n"))
                .replace("10.0 ", &format!("{break_threshold:?} "));
            let job = job(&format!("mlip-{name}-{mode}-{ranks}"), &structure)
                .ranks(ranks)
                .file("mlip.ini", settings);
            save_state(&state, &job.folder().join("state.als")).expect("the state can be written");
            run_graded(&job, &structure, MLIP)
        };
        let frames = |finished: &Finished| {
            finished.text("preselected.cfg").lines().filter(|line| *line == "END_CFG").count()
        };
        let kept = run("select", 0.5 * grade, 100.0 * grade);
        kept.assert_success();
        assert_eq!(frames(&kept), 3);
        assert_close("grade", &kept.thermo("c_p[1]")[..1], &[grade], 1e-8);
        let unselected = run("below", 90.0 * grade, 100.0 * grade);
        unselected.assert_success();
        assert!(!unselected.folder.join("preselected.cfg").exists());
        let broken = run("break", 0.5 * grade, 0.9 * grade);
        assert_eq!(broken.code, Some(3), "{}", broken.output);
        assert!(broken.output.contains("ERROR: pair style mlip, step 0: the extrapolation grade"));
        assert_eq!(frames(&broken), 1);
    }
}

/// What users of MLIP-3 write: a file with potential and state, and words with `=` in any order.
#[test]
fn runs_by_words_of_mlip_3() {
    let structure = synthetic::crystal(75);
    for (mode, ranks) in
        [(GradeMode::Configuration, 2), (GradeMode::Neighborhood, 1), (GradeMode::Neighborhood, 2)]
    {
        let (state, grade) = state_and_grade(&structure, mode);
        let mut both = Vec::new();
        write_almtp(&state, &mut both).expect("a state can be written");
        let run = |name: &str, pair: &str| {
            let job = job(&format!("mlip-3-{name}-{mode}-{ranks}"), &structure).ranks(ranks);
            run_graded(&job.file("pot.almtp", both.clone()), &structure, pair)
        };
        let (low, high) = (0.5 * grade, 100.0 * grade);
        let ours = run(
            "ours",
            &format!(
                "pair_style mtp/rs state pot.almtp select {low:?} break {high:?} save kept.cfg\n\
                 pair_coeff * * pot.almtp Mg V O"
            ),
        );
        ours.assert_success();
        let orders = [
            format!(
                "load_from=pot.almtp extrapolation_control=true extrapolation_control:threshold_save={low:?} \
                 extrapolation_control:threshold_break={high:?} extrapolation_control:save_extrapolative_to=kept.cfg \
                 extrapolation_control:add_grade_feature=true"
            ),
            format!(
                "save_extrapolative_to=kept.cfg threshold_break={high:?} extrapolation_control:threshold={low:?} \
                 extrapolation_control=TRUE load_from=pot.almtp"
            ),
        ];
        for (number, words) in orders.iter().enumerate() {
            let theirs = run(&format!("words-{number}"), &format!("pair_style mlip {words}\npair_coeff * *"));
            theirs.assert_success();
            assert_eq!(theirs.thermo("PotEng"), ours.thermo("PotEng"), "{words}");
            assert_eq!(theirs.thermo("c_p[1]"), ours.thermo("c_p[1]"), "{words}");
            assert_eq!(theirs.text("kept.cfg"), ours.text("kept.cfg"), "{words}");
            assert_eq!(theirs.text("kept.cfg").contains("nbh_grades"), mode == GradeMode::Neighborhood);
        }
        let words = format!(
            "load_from=pot.almtp extrapolation_control=true threshold_save={low:?} threshold_break={:?}",
            0.9 * grade
        );
        let broken = run("break", &format!("pair_style mlip {words}\npair_coeff * *"));
        assert_eq!(broken.code, Some(3), "{}", broken.output);
        assert_eq!(broken.text("preselected.cfg").matches("END_CFG").count(), 1);
    }
    let plain = job("mlip-3-plain", &structure).ranks(2).run(&format!(
        "{}pair_style mlip load_from=crystal.mtp threshold_save=3 add_grade_feature=false\npair_coeff * *\nrun 0",
        atoms(&structure, "crystal")
    ));
    for key in ["threshold_save", "add_grade_feature"] {
        let told = format!("pair style mlip: {key} has no effect");
        assert!(plain.output.contains(&told), "{}", plain.output);
    }
}

#[test]
fn settings_are_refused_by_name_and_line() {
    let structure = synthetic::crystal(72);
    for case in table("tests/tests/lammps/mlip.txt", 12).cases {
        let (name, settings) = (&case.name, case.changed(SETTINGS));
        for ranks in [1, 2] {
            let job =
                job(&format!("mlip-{name}-{ranks}"), &structure).ranks(ranks).file("mlip.ini", &settings);
            let output = job.fail(&format!("{}{MLIP}run 0", atoms(&structure, "crystal")));
            assert!(output.contains(&case.expected[0]), "{name}: expected {:?} in:\n{output}", case.expected);
        }
    }
}

#[test]
fn commands_are_refused_with_advice() {
    let mut structure = synthetic::crystal(73);
    structure.type_count = 4;
    let cases = [
        (
            "no-settings",
            "pair_style mlip",
            "expected the name of one settings file, or load_from= and other settings of MLIP-3, got 0 words",
        ),
        (
            "unknown",
            "pair_style mlip load_from=crystal.mtp extrapolation_control:threshold-save=2",
            "pair_style mlip: unknown key extrapolation_control:threshold-save",
        ),
        (
            "word",
            "pair_style mlip load_from=crystal.mtp TRUE",
            "pair_style mlip: expected key=value, got TRUE",
        ),
        (
            "empty",
            "pair_style mlip load_from=",
            "pair_style mlip: expected a value after load_from=, got nothing",
        ),
        (
            "twice",
            "pair_style mlip load_from=crystal.mtp threshold_save=2 extrapolation_control:threshold=3",
            "extrapolation_control:threshold was already given as threshold_save=2",
        ),
        (
            "no-potential",
            "pair_style mlip extrapolation_control=true",
            "pair_style mlip: expected load_from=",
        ),
        (
            "flag",
            "pair_style mlip load_from=crystal.mtp extrapolation_control=yes",
            "extrapolation_control must be TRUE or FALSE, got yes",
        ),
        (
            "grade",
            "pair_style mlip load_from=crystal.mtp extrapolation_control=true threshold_break=high",
            "expected a positive grade after threshold_break, got high",
        ),
        (
            "order",
            "pair_style mlip load_from=crystal.mtp extrapolation_control=true threshold_break=2 threshold_save=3",
            "the break threshold 2 is below the select threshold 3",
        ),
        (
            "missing",
            "pair_style mlip nowhere.ini",
            "nowhere.ini: cannot open the file: No such file or directory",
        ),
        ("coeff", "pair_style mlip mlip.ini\npair_coeff * * crystal.mtp", "must be * * and nothing else"),
        ("types", MLIP, "species 3 (LAMMPS type 4) is not in crystal.mtp"),
    ];
    for (name, commands, expected) in cases {
        let job = job(&format!("mlip-command-{name}"), &structure);
        let output = job.fail(&format!("{}{commands}\nrun 0", atoms(&structure, "crystal")));
        assert!(output.contains(expected), "{name}: expected \"{expected}\" in:\n{output}");
    }
}
