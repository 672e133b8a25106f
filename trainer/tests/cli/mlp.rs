//! `mtprs mlp`: the command lines of MLIP-2 and MLIP-3, as their users type them and as other programs read what is printed.

use std::fs;
use std::process::Command;

use mtprs_core::evaluate::Evaluator;
use mtprs_core::format::{load_potential, load_state};
use mtprs_core::geometry::{Configuration, norm};
use mtprs_core::selection::GradeMode;
use mtprs_testing::workspace;

use crate::fixture::{Bench, configurations, grades, indices, texts};
use crate::train;

/// Whether texts stand in a text in this order.
fn in_order(text: &str, parts: &[&str]) -> bool {
    let mut rest = text;
    parts.iter().all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

/// The number behind a beginning of a line, in the section of a report that a title begins.
fn figure(report: &str, title: &str, line: &str) -> f64 {
    let section = report.split_once(&format!("\n{title}:\n")).unwrap_or_else(|| panic!("no {title}")).1;
    let line = section.lines().find(|found| found.trim_start().starts_with(line)).unwrap();
    line.rsplit(" = ").next().unwrap().parse().unwrap()
}

pub(crate) fn energies(bench: &Bench, potential: &str, file: &str) -> Vec<f64> {
    let mut evaluator = Evaluator::new(&load_potential(&bench.path(potential)).unwrap()).unwrap();
    bench.read_configurations(file).iter().map(|one| evaluator.evaluate(one).unwrap().energy).collect()
}

pub(crate) fn assert_close(got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len());
    for (got, expected) in got.iter().zip(expected) {
        assert!((got - expected).abs() <= tolerance * (1.0 + expected.abs()), "{got} for {expected}");
    }
}

#[test]
fn reports_have_the_layout_that_others_read() {
    let bench = train::bench("mlp-reports");
    bench.succeed("train new.mtp train.cfg -o rough.mtp --max-iter 2 --starts 1 -q");
    let two = bench.succeed("mlp calc-errors rough.mtp valid.cfg");
    let report = bench.succeed("errors rough.mtp valid.cfg --compat mlip2 -q");
    assert_eq!(
        two,
        format!("MTPR from rough.mtp, Database: valid.cfg\n\n\t\t* * * TRAIN ERRORS * * *\n\n{report}\n")
    );
    let native: serde_json::Value =
        serde_json::from_str(&bench.succeed("errors rough.mtp valid.cfg --json - -q")).unwrap();
    let expected = native["mlip2"]["forces"]["rms"].as_f64().unwrap();
    assert!((figure(&two, "Forces", "RMS ") / expected - 1.0).abs() < 1e-5);
    // The third line behind a title is the average, with its figure from the 32nd character on.
    let lines: Vec<&str> = two.lines().collect();
    for title in ["Energy per atom:", "Forces:"] {
        let place = lines.iter().position(|line| *line == title).unwrap();
        assert!(lines[place + 3].starts_with("\tAverage absolute difference = "));
        assert!(lines[place + 3][31..].parse::<f64>().is_ok(), "{}", lines[place + 3]);
    }
    let three = bench.succeed("mlp check_errors rough.mtp valid.cfg");
    let renamed = report
        .replace("Stresses (in eV)", "Stresses (in energy units)")
        .replace("Stresses (in GPa)", "Virial stresses (in pressure units)");
    assert_eq!(three, renamed);
    assert_eq!(bench.succeed("mlp check_errors rough.mtp valid.cfg --report_to=report --log=each"), "");
    assert_eq!(bench.text("report"), three);
    let each = bench.text("each.0");
    assert_eq!(each.lines().count(), 15);
    let worst = each.lines().map(|line| {
        let (_, after) = line.split_once("MAX(force): ").unwrap();
        after.split('\t').next().unwrap().parse::<f64>().unwrap()
    });
    assert!((worst.fold(0.0, f64::max) / figure(&three, "Forces", "Maximal") - 1.0).abs() < 1e-5);
}

#[test]
fn mlip2_trains_into_a_file_of_its_own_and_prints_its_course() {
    let bench = train::bench("mlp-train2");
    let log =
        bench.succeed("mlp train --max-iter=30 --bfgs-conv-tol=0 new.mtp train.cfg --valid-cfgs=valid.cfg");
    let parts = [
        "MTPR from new.mtp, Database: train.cfg\n",
        "Pre-training started\n",
        "Pre-training ended\n",
        "BFGS iterations count set to 30\n",
        "Force weight: 0.01\n",
        "BFGS iter 0: f=",
        "BFGS iter 1: f=",
        "BFGS iter 30: f=",
        "step limit reached\nMTPR training ended\n",
        "\n\t\t* * * TRAIN ERRORS * * *\n\n____",
        "checked for 45 configurations",
        "\n\t\t* * * VALIDATION ERRORS * * *\n\n____",
        "checked for 15 configurations",
    ];
    assert!(in_order(&log, &parts), "{log}");
    let losses: Vec<f64> = log
        .lines()
        .filter_map(|line| line.strip_prefix("BFGS iter ")?.split_once("f=")?.1.parse().ok())
        .collect();
    assert_eq!(losses.len(), 31);
    assert!(losses.windows(2).all(|pair| pair[1] <= pair[0]), "{losses:?}");
    assert!(!bench.files().iter().any(|file| file.contains("checkpoint")));
    // The last two lines, by their names.
    let text = bench.text("Trained.mtp_");
    let last: Vec<&str> = text.lines().rev().take(2).collect();
    assert!(last[1].starts_with("species_coeffs = {") && last[0].starts_with("moment_coeffs = {"), "{text}");
    assert_eq!(load_potential(&bench.path("Trained.mtp_")).unwrap().radial_basis().min_dist(), 1.4);

    // Whoever has seen enough may close the pipe.
    let mut command = Command::new("sh");
    let line =
        format!("{} mlp train new.mtp train.cfg --max-iter=30 | head -n 1", env!("CARGO_BIN_EXE_mtprs"));
    let folder = bench.path(".");
    fs::remove_file(bench.path("Trained.mtp_")).unwrap();
    assert!(command.current_dir(folder).args(["-c", &line]).output().unwrap().status.success());
    assert!(load_potential(&bench.path("Trained.mtp_")).unwrap().is_trained());

    // On from there, in place, in all three places at once; min_dist as asked for, without any change of the energies.
    let before = energies(&bench, "Trained.mtp_", "valid.cfg");
    let arguments = "mlp train Trained.mtp_ train.cfg --trained-pot-name=Trained.mtp_ --curr-pot-name=Trained.mtp_ \
                     --max-iter=0 --update-mindist --ignore-weights=TRUE";
    let (code, log, said) = bench.run(arguments);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("warning: mlp train has no option --ignore-weights"), "{said}");
    assert!(!log.contains("Pre-training"), "{log}");
    assert_close(&energies(&bench, "Trained.mtp_", "valid.cfg"), &before, 1e-10);
    assert_ne!(load_potential(&bench.path("Trained.mtp_")).unwrap().radial_basis().min_dist(), 1.4);
    let log =
        bench.succeed("mlp train Trained.mtp_ train.cfg --trained-pot-name=Trained.mtp_ --bfgs-conv-tol=0.5");
    assert!(in_order(&log, &["BFGS iter 1: f=", "BFGS ended due to ", "\nMTPR training ended\n"]), "{log}");
}

#[test]
fn mlip3_trains_in_place_and_keeps_the_state() {
    let bench = train::bench("mlp-train3");
    fs::copy(bench.path("new.mtp"), bench.path("pot.almtp")).unwrap();
    let log = bench.succeed("mlp train pot.almtp train.cfg --iteration_limit=5 --al_mode=nbh");
    let parts = [
        "45 configurations found in the training set\n",
        "MTP's mindist will be updated\n",
        "Pre-training ended\nIteration limit is 5\nConvergence tolerance is 0.001\n",
        "MTPR training started on ",
        "step limit reached\nMTPR training ended\n____",
        "Stresses (in energy units):\n",
        "Virial stresses (in pressure units):\n",
        "\tsite_en_weight = 1.000000\n",
        "Selection: state saved to \"pot.almtp\"\ntraining complete\n",
    ];
    assert!(in_order(&log, &parts), "{log}");
    assert_eq!(load_state(&bench.path("pot.almtp")).unwrap().mode, GradeMode::Neighborhood);
    // The mode stays; another file gets the state, too, whatever it is called.
    let before = energies(&bench, "pot.almtp", "valid.cfg");
    bench.succeed("mlp train pot.almtp train.cfg --iteration_limit=0 --save_to=other.mtp");
    assert_eq!(load_state(&bench.path("other.mtp")).unwrap().mode, GradeMode::Neighborhood);
    assert_close(&energies(&bench, "other.mtp", "valid.cfg"), &before, 1e-12);
    bench.succeed("mlp train other.mtp train.cfg --iteration_limit=0 --al_mode=cfg");
    assert_eq!(load_state(&bench.path("other.mtp")).unwrap().mode, GradeMode::Configuration);
    // Types that the potential has not are added.
    bench.succeed("init --level 6 --species 1 --cutoff 4 --min-dist 1.4 --radial-basis-size 4 -o one.almtp");
    for is_first in [true, false] {
        let log = bench.succeed("mlp train one.almtp train.cfg --iteration_limit=1");
        assert_eq!(load_potential(&bench.path("one.almtp")).unwrap().species().count(), 2);
        for text in
            ["Following atomic numbers will be added to the MTP potential: 1\n", "Pre-training started"]
        {
            assert_eq!(log.contains(text), is_first, "{log}");
        }
    }
    // So are elements, in the order in which they are met, behind those of the potential.
    let mut named = bench.read_configurations("train.cfg");
    named.truncate(8);
    named.iter_mut().enumerate().for_each(|(k, one)| one.set_feature("elements", ["Mg O", "Mg O V"][k / 4]));
    bench.write_configurations("named.cfg", &named);
    bench.succeed("init --level 6 --species Mg --cutoff 4 --min-dist 1.4 --radial-basis-size 4 -o mg.almtp");
    bench.succeed("mlp train mg.almtp named.cfg --iteration_limit=1");
    assert_eq!(load_potential(&bench.path("mg.almtp")).unwrap().species().names().unwrap(), ["Mg", "O", "V"]);
    bench.refuse_mlp(2, "mlp train mg.almtp named.cfg --save_to", "--save_to: expected a value");
    // A run that was stopped goes on, and one that was not begins.
    bench.succeed("mlp train one.almtp train.cfg --iteration_limit=1 --resume");
    // What MLIP-3 would read past.
    let (code, _, said) = bench.run("mlp train other.mtp train.cfg --max-iter=1 --save_to=third.mtp");
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("note: --max-iter counts here; MLIP-3 itself reads past it"), "{said}");

    bench.succeed("mlp calculate_grade pot.almtp valid.cfg graded.cfg");
    bench.succeed("grade pot.almtp pot.almtp valid.cfg native.cfg -q");
    assert_eq!(bench.text("graded.cfg.0"), bench.text("native.cfg"));
    assert!(
        bench.text("graded.cfg.0").contains("nbh_grades") && bench.text("native.cfg").contains("MV_grade\t")
    );
    bench.succeed("mlp select_add pot.almtp train.cfg valid.cfg selected.cfg --swap_limit=0");
    bench.succeed("select pot.almtp train.cfg valid.cfg native.cfg --mode neighborhood -q --force");
    assert_eq!(indices(&bench, "selected.cfg"), indices(&bench, "native.cfg"));
    bench.succeed("mlp calculate_efs pot.almtp valid.cfg --output_filename=efs.cfg");
    bench.succeed("evaluate pot.almtp valid.cfg native.cfg -q --force");
    assert_eq!(bench.text("efs.cfg.0"), bench.text("native.cfg"));
    bench.succeed("mlp calculate_efs pot.almtp valid.cfg");
    assert_eq!(bench.text("valid.cfg"), bench.text("native.cfg"));
}

#[test]
fn mlip2_grades_and_selects_with_its_files() {
    let bench = train::bench("mlp-select");
    bench.succeed("mlp calc-grade pot.mtp train.cfg valid.cfg out.cfg");
    bench.succeed("grade pot.mtp train.cfg valid.cfg native.cfg --als-filename native.als -q");
    assert_eq!(bench.text("out.cfg"), bench.text("native.cfg"));
    assert_eq!(fs::read(bench.path("state.als")).unwrap(), fs::read(bench.path("native.als")).unwrap());
    // Candidates that are far from all that the training set has.
    let far: Vec<Configuration> = configurations(6)
        .into_iter()
        .map(|mut one| {
            one.positions.iter_mut().flatten().for_each(|x| *x *= 1.3);
            one
        })
        .collect();
    bench.write_configurations("far.cfg", &far);
    fs::remove_file(bench.path("state.als")).unwrap();
    bench.succeed("mlp select-add pot.mtp train.cfg far.cfg diff.cfg --selection-limit=2");
    let diff = bench.read_configurations("diff.cfg");
    assert!((1..=2).contains(&diff.len()));
    let state = load_state(&bench.path("state.als")).unwrap();
    // The active set holds each of its configurations once.
    assert_eq!(bench.read_configurations("selected.cfg").len(), state.configurations.len());
    bench
        .succeed("mlp calc-grade pot.mtp train.cfg far.cfg old.cfg --mvs-filename=state.mvs --als-filename=");
    assert!(bench.files().contains(&"state.mvs".to_owned()));
    bench.succeed("grade pot.mtp state.als diff.cfg again.cfg -q");
    assert!(grades(&bench, "again.cfg").iter().all(|grade| *grade <= 1.1));
    // In place, as some scripts do.
    bench.succeed("mlp calc-grade pot.mtp train.cfg valid.cfg valid.cfg");
    assert_eq!(bench.text("valid.cfg"), bench.text("native.cfg"));
    let (code, printed, _) = bench.run("mlp select-add pot.mtp train.cfg far.cfg train.cfg");
    let expected = "ERROR: train.cfg: the result would take the place of another file of this command\n";
    assert_eq!((code, printed.as_str()), (1, expected));
    let before = fs::read(bench.path("pot.mtp")).unwrap();
    fs::copy(bench.path("train.cfg"), bench.path("far.checkpoint")).unwrap();
    for clash in [
        "calc-grade pot.mtp train.cfg far.cfg out.cfg --als-filename=pot.mtp",
        "calc-grade pot.mtp train.cfg far.cfg out.cfg --als-filename=out.cfg",
        "select-add pot.mtp train.cfg far.cfg diff.cfg --selected-filename=diff.cfg",
        "calc-efs pot.mtp far.cfg pot.mtp",
        "train pot.mtp far.checkpoint --trained-pot-name=far",
        "train pot.mtp train.cfg --curr-pot-name=train.cfg",
        "train pot.mtp train.cfg --valid-cfgs=far.cfg --trained-pot-name=far.cfg",
    ] {
        bench.refuse_mlp(1, &format!("mlp {clash}"), "would take the place of another file");
    }
    bench.refuse_mlp(
        1,
        "mlp train pot.mtp train.cfg --trained-pot-name=nowhere/pot.mtp",
        "its folder is not there",
    );
    assert_eq!(fs::read(bench.path("pot.mtp")).unwrap(), before);
    // Candidates under the name that the active set has otherwise stay.
    fs::copy(bench.path("far.cfg"), bench.path("selected.cfg")).unwrap();
    bench.tell(
        "mlp select-add pot.mtp train.cfg selected.cfg diff.cfg",
        &["note: selected.cfg is another file of this command"],
    );
    assert_eq!(bench.text("selected.cfg"), bench.text("far.cfg"));
    // From nothing, as active learning begins.
    fs::write(bench.path("empty.cfg"), "").unwrap();
    bench.succeed("mlp select-add pot.mtp empty.cfg train.cfg first.cfg");
    bench.succeed("mlp calc-grade pot.mtp first.cfg train.cfg train_graded.cfg");
    assert!(grades(&bench, "train_graded.cfg").iter().all(|grade| *grade <= 1.1 + 1e-6));
}

#[test]
fn relaxations_save_what_extrapolates_and_what_is_at_a_minimum() {
    let bench = Bench::new("mlp-relax");
    let study = workspace().join("examples/study");
    fs::copy(study.join("teacher.mtp"), bench.path("teacher.mtp")).unwrap();
    fs::copy(study.join("V2O5.vasp"), bench.path("V2O5.vasp")).unwrap();
    bench.succeed("convert V2O5.vasp crystal.cfg --species Mg,V,O -q");
    let crystal = bench.read_configurations("crystal.cfg").remove(0);
    let moved = |by: f64, times: usize| {
        let mut one = crystal.clone();
        for (k, x) in one.positions.as_flattened_mut().iter_mut().enumerate() {
            *x += by * ((times * k) as f64).sin();
        }
        one
    };
    bench.write_configurations("set.cfg", &[moved(0.01, 1), moved(0.02, 2)]);
    bench.write_configurations("in.cfg", &[moved(0.02, 1), moved(0.2, 3)]);
    bench.succeed("state build teacher.mtp set.cfg state.als -q --mode neighborhood");
    let settings = "mtp-filename\tteacher.mtp # ours\r\ncalculate-efs TRUE\nselect TRUE\n   select:threshold 2\n\
                    select:threshold-break 1e9\nselect:save-selected pre.cfg\nselect:load-state state.als\n";
    fs::write(bench.path("mlip.ini"), settings).unwrap();
    bench.succeed("mlp relax mlip.ini --cfg-filename=in.cfg --save-relaxed=out.cfg --stress-tolerance=0 --force-tolerance=0.05");
    let relaxed = bench.read_configurations("out.cfg_0");
    assert_eq!(relaxed.len(), 2);
    let mut evaluator = Evaluator::new(&load_potential(&bench.path("teacher.mtp")).unwrap()).unwrap();
    for one in &relaxed {
        assert_eq!(one.cell, crystal.cell);
        let efs = evaluator.evaluate(one).unwrap();
        assert!(efs.forces.iter().all(|force| norm(*force) < 0.09));
    }
    assert!(bench.read_configurations("unrelaxed.cfg_0").is_empty());
    // What is saved is above the threshold, from the place where it began.
    let saved = bench.read_configurations("pre.cfg_0");
    assert!(grades(&bench, "pre.cfg_0").iter().all(|grade| *grade > 2.0));
    let far = &bench.read_configurations("in.cfg")[1].positions.clone();
    assert!(saved.iter().any(|place| place.positions == *far));
    // A break leaves the atoms where they are then.
    let largest = grades(&bench, "pre.cfg_0").into_iter().fold(0.0, f64::max);
    let first = saved.iter().position(|place| place.positions == *far).unwrap();
    let limit = grades(&bench, "pre.cfg_0")[first] * 0.999;
    assert!(limit < largest);
    fs::write(bench.path("mlip.ini"), settings.replace("1e9", &limit.to_string())).unwrap();
    let files = "--cfg-filename=in.cfg --save-relaxed=out.cfg --save-unrelaxed=un.cfg --stress-tolerance=0";
    bench.succeed(&format!("mlp relax mlip.ini {files} --force-tolerance=0.05"));
    assert_eq!(bench.read_configurations("out.cfg_0").len(), 1);
    let broken = bench.read_configurations("un.cfg_0").remove(0);
    assert_eq!(broken.positions, bench.read_configurations("in.cfg")[1].positions);
    assert_eq!(broken.feature("relax_steps"), Some("0"));
    // The same by the words of MLIP-3, for which the state stands behind the potential.
    bench.succeed("state build teacher.mtp set.cfg teacher.almtp -q --mode neighborhood");
    fs::write(bench.path("relax.ini"), "stress_tolerance 0\nforce_tolerance 0.05\n").unwrap();
    let arguments = "mlp relax teacher.almtp in.cfg in.cfg --relaxation_settings=relax.ini --extrapolation_control=true \
         --threshold_break=LIMIT --save_extrapolative_to=pre.cfg";
    bench.succeed(&arguments.replace("LIMIT", &limit.to_string()));
    let features: Vec<Option<String>> = bench
        .read_configurations("in.cfg")
        .iter()
        .map(|one| one.feature("relax_converged").map(str::to_owned))
        .collect();
    assert_eq!(features, [Some("yes".to_owned()), Some("no".to_owned())]);
    let last = bench.read_configurations("pre.cfg.0").pop().unwrap();
    assert_eq!(last.positions, *far);
    assert!(!bench.files().iter().any(|file| file.starts_with('.')), "{:?}", bench.files());
}

impl Bench {
    /// Runs the program, which must fail with an exit code and tell why on both streams.
    pub(crate) fn refuse_mlp(&self, code: i32, arguments: &str, expected: &str) {
        let (got, printed, said) = self.run(arguments);
        assert_eq!(got, code, "{said}");
        assert!(printed.starts_with("ERROR: ") && printed.contains(expected), "{printed}");
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn what_is_wrong_stands_on_both_streams() {
    let bench = Bench::new("mlp-wrong");
    bench.refuse_mlp(2, "mlp mindists x.cfg", "mlp: command mindists does not exist.");
    bench.refuse_mlp(2, "mlp train pot.mtp", "expected POT.mtp TRAIN.cfg, got pot.mtp");
    bench.refuse_mlp(1, "mlp calc-efs pot.mtp missing.cfg out.cfg", "missing.cfg: cannot open");
    bench.refuse_mlp(1, "mlp calculate_grade pot.mtp pot.mtp out.cfg", "pot.mtp");
    bench.refuse_mlp(
        2,
        "mlp train pot.mtp x.cfg --weight_scaling=2",
        "expected weight_scaling and weight_scaling_forces",
    );
    bench.write_configurations("in.cfg", &configurations(2));
    bench.refuse_mlp(2, "mlp train pot.mtp in.cfg --max-iter=many", "many");
    let before = fs::read(bench.path("pot.mtp")).unwrap();
    // Without labels.
    bench.refuse_mlp(
        1,
        "mlp train pot.mtp in.cfg --trained-pot-name=pot.mtp",
        "no configuration has an energy",
    );
    assert_eq!(fs::read(bench.path("pot.mtp")).unwrap(), before);
    assert_eq!(bench.files(), ["in.cfg", "pot.mtp"]);
}

#[test]
fn the_name_of_the_program_and_a_variable_say_which_mlip_is_meant() {
    let bench = Bench::new("mlp-names");
    let list = |command: &mut Command| texts(&command.output().unwrap()).1;
    assert!(list(&mut bench.command("mlp list")).contains("calc-efs\n"));
    assert!(list(bench.command("mlp list").env("MTPRS_MLP", "3")).contains("calculate_efs\n"));
    let (two, three) = (bench.path("mlp"), bench.path("mlip3"));
    for link in [&two, &three] {
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_mtprs"), link).unwrap();
    }
    assert!(list(Command::new(&two).arg("list")).contains("calc-efs\n"));
    assert!(list(Command::new(&three).arg("list")).contains("calculate_efs\n"));
    for name in list(&mut bench.command("mlp list")).lines().filter(|name| !["help", "list"].contains(name)) {
        let help = bench.succeed(&format!("mlp help {name}"));
        assert!(help.starts_with(&format!("mlp {name}")), "{help}");
        assert!(bench.succeed("mlp help").contains(name));
    }
}

#[test]
fn of_several_copies_the_first_one_works() {
    let bench = Bench::new("mlp-copies");
    bench.write_configurations("in.cfg", &configurations(3));
    let copy = |rank: &str| {
        let mut command = bench.command("mlp calc-efs pot.mtp in.cfg out.cfg");
        command.env("PMI_RANK", rank).env("PMI_SIZE", "2");
        command
    };
    let (code, printed, said) = texts(&copy("1").output().unwrap());
    assert_eq!((code, printed.as_str()), (0, ""));
    assert!(said.contains("note: process 0 does the work of all (PMI_RANK), the others end"), "{said}");
    assert!(!bench.files().contains(&"out.cfg".to_owned()));
    assert_eq!(texts(&copy("0").output().unwrap()).0, 0);
    bench.succeed("evaluate pot.mtp in.cfg native.cfg -q");
    assert_eq!(bench.text("out.cfg"), bench.text("native.cfg"));
    fs::remove_file(bench.path("out.cfg")).unwrap();
    assert_eq!(texts(&copy("1").env("MTPRS_MLP_EACH", "1").output().unwrap()).0, 0);
    assert_eq!(bench.text("out.cfg"), bench.text("native.cfg"));
}
