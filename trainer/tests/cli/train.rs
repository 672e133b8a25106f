//! `mtprs train`: recovery of a known potential, resumption, job files, and what is refused.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use mtprs_core::format::{load_potential, save_potential};
use mtprs_core::potential::Potential;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::fixture::{Bench, configurations, end_by_signal, grades, kill_at_random, texts, time_of};

/// A folder with `train.cfg` and `valid.cfg`, labeled by `pot.mtp`, and the template `new.mtp`.
pub(crate) fn bench(name: &str) -> Bench {
    let bench = Bench::new(name);
    let mut all = configurations(60);
    bench.write_configurations("bare_valid.cfg", &all.split_off(45));
    bench.write_configurations("bare_train.cfg", &all);
    for set in ["train", "valid"] {
        bench.succeed(&format!("evaluate pot.mtp bare_{set}.cfg {set}.cfg -q"));
    }
    bench.succeed("init --level 6 --species Mg,O --cutoff 4 --min-dist 1.4 --radial-basis-size 4 -o new.mtp");
    bench
}

#[test]
fn a_potential_is_recovered_from_its_own_labels() {
    let bench = bench("train-recovery");
    let options = "--valid-cfgs valid.cfg --max-iter 1500 --bfgs-conv-tol 0 --starts 10 --seed 2 --report-json report.json";
    bench.succeed(&format!("train new.mtp train.cfg -o fitted.mtp {options} -q"));
    let report = bench.json("report.json");
    for set in ["training", "validation"] {
        let errors = &report[set]["errors"];
        let (force, energy) = (&errors["force_component"]["rms"], &errors["energy_per_atom"]["rms"]);
        // Forces of the data are about 0.5 eV/Å.
        assert!(force.as_f64().unwrap() < 1e-4, "{set}: {force} eV/Å");
        assert!(energy.as_f64().unwrap() < 0.1, "{set}: {energy} meV/atom");
    }
    let losses: Vec<f64> =
        report["history"].as_array().unwrap().iter().map(|point| point["loss"].as_f64().unwrap()).collect();
    assert!(losses.windows(2).all(|pair| pair[1] <= pair[0]), "{losses:?}");
    assert!(load_potential(&bench.path("fitted.mtp")).unwrap().is_trained());
    assert!(!bench.files().contains(&"fitted.mtp.checkpoint".to_owned()));
}

#[test]
fn every_method_finds_the_parameters_that_made_the_labels() {
    let bench = bench("train-methods");
    let mut parts = load_potential(&bench.path("pot.mtp")).unwrap().into_parts();
    for (index, value) in parts.parameters.radial_coeffs.iter_mut().flatten().enumerate() {
        // Near enough for all methods to come to the same minimum.
        *value *= 1.0 + 0.1 * (index as f64).sin();
    }
    save_potential(&Potential::new(parts).unwrap(), &bench.path("near.mtp")).unwrap();
    for (method, steps) in
        [("gauss-newton", 300), ("levenberg-marquardt", 60), ("variable-projection", 600), ("lbfgs", 3000)]
    {
        let options =
            format!("--method {method} --max-iter {steps} --bfgs-conv-tol 0 --report-json {method}.json");
        bench.succeed(&format!("train near.mtp train.cfg -o {method}.mtp {options} -q"));
        let force = &bench.json(&format!("{method}.json"))["training"]["errors"]["force_component"]["rms"];
        // Forces of the data are about 0.5 eV/Å.
        assert!(force.as_f64().unwrap() < 1e-4, "{method}: {force} eV/Å");
    }
}

#[test]
fn a_run_that_is_killed_again_and_again_ends_with_the_same_potential() {
    let bench = bench("train-killed");
    let options =
        "train new.mtp train.cfg --valid-fraction 0.2 --max-iter 300 --bfgs-conv-tol 0 --starts 2 -q";
    let whole = time_of(|| drop(bench.succeed(&format!("{options} -o whole.mtp -j 1"))));
    // A run that is killed when its checkpoint is gone has no more to do than to end: its potential may be replaced.
    let pieces = format!("{options} -o pieces.mtp --checkpoint-interval 0 --resume --force");
    kill_at_random(
        whole,
        |attempt| bench.command(&format!("{pieces} -j {}", 1 + attempt % 3)),
        || bench.path("pieces.mtp.checkpoint").exists(),
        || {
            assert_eq!(bench.text("whole.mtp"), bench.text("pieces.mtp"));
            fs::remove_file(bench.path("pieces.mtp")).unwrap();
        },
    );
}

#[test]
fn a_signal_keeps_the_course_and_tells_how_to_go_on() {
    let bench = bench("train-signal");
    let options = "train new.mtp train.cfg -o fitted.mtp --starts 1000000 --checkpoint-interval 0";
    let run = bench.command(options).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    bench.wait_for("fitted.mtp.checkpoint");
    let stderr = end_by_signal("TERM", run);
    let message = "interrupted: kept in fitted.mtp.checkpoint; --resume continues from there\n";
    assert!(stderr.ends_with(message), "{stderr}");
    let expected = "fitted.mtp.checkpoint: there is a checkpoint of a stopped run here";
    bench.refuse(1, options, expected);
    bench.refuse(1, &format!("{options} --resume --seed 2"), "the checkpoint belongs to another");
    let text = fs::read(bench.path("fitted.mtp.checkpoint")).unwrap();
    fs::write(bench.path("fitted.mtp.checkpoint"), &text[..text.len() - 9]).unwrap();
    let expected = "the checkpoint is damaged: its length or checksum is wrong";
    bench.refuse(1, &format!("{options} --resume"), expected);
}

#[test]
fn the_page_is_there_while_the_fit_goes_on_and_no_longer_reloads_when_it_is_stopped() {
    let bench = bench("train-live");
    let options =
        "train new.mtp train.cfg -o fitted.mtp --starts 1000000 --report page.html --history course.csv";
    let run = bench.command(options).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    bench.wait_for("page.html");
    let page = bench.text("page.html");
    assert!(page.contains("http-equiv=\"refresh\"") && page.contains("Running for"), "{page}");
    end_by_signal("TERM", run);
    let page = bench.text("page.html");
    assert!(!page.contains("http-equiv=\"refresh\"") && page.contains("Training of fitted.mtp"), "{page}");
    assert!(bench.text("course.csv").starts_with("step,seconds,loss,training_energy_rmse_meV_per_atom,"));
    // A run that goes on may replace what it wrote, and nothing else.
    let resume = "train new.mtp train.cfg -o fitted.mtp --starts 1000000 --resume";
    for other in ["--report other.html", "--history other.csv", "--report-json other.json"] {
        let name = other.split(' ').next_back().unwrap();
        fs::write(bench.path(name), "not of this run").unwrap();
        bench.refuse(1, &format!("{resume} {other}"), &format!("{name}: the file exists"));
        assert_eq!(bench.text(name), "not of this run");
    }
    fs::remove_file(bench.path("page.html")).unwrap();
    let run =
        bench.command(&format!("{options} --resume")).stderr(Stdio::piped()).stdout(Stdio::null()).spawn();
    bench.wait_for("page.html");
    end_by_signal("TERM", run.unwrap());
    bench.succeed(
        "train new.mtp train.cfg -o fitted.mtp --starts 1 --max-iter 5 --report page.html --force -q",
    );
    assert!(bench.text("page.html").contains("Worst configurations"));
}

#[test]
fn a_course_that_cannot_be_written_costs_nothing_else() {
    let bench = bench("train-full-disk");
    let options =
        "train new.mtp train.cfg --starts 1 --max-iter 5 -q --report-json report.json --report page.html";
    let (code, _, message) = bench.run(&format!("{options} -o fitted.mtp --history /dev/full"));
    assert!(code == 1 && message.starts_with("error: /dev/full: cannot write"), "{code} {message}");
    bench.succeed(&format!("{options} -o same.mtp --force"));
    assert_eq!(bench.text("fitted.mtp"), bench.text("same.mtp"));
    assert!(bench.path("report.json").exists() && bench.text("page.html").contains("Worst configurations"));
}

#[test]
fn the_course_goes_to_a_table_and_to_tensorboard() {
    let bench = bench("train-course");
    let options =
        "--valid-cfgs valid.cfg --max-iter 30 --starts 1 --report-json report.json --report page.html";
    bench.succeed(&format!(
        "train new.mtp train.cfg -o fitted.mtp {options} --history course.csv --tensorboard board/fit -q"
    ));
    let report = bench.json("report.json");
    let history = report["history"].as_array().unwrap();
    let table = bench.text("course.csv");
    let names: Vec<&str> = table.lines().next().unwrap().split(',').collect();
    let rows: Vec<Vec<&str>> = table.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert!(rows.len() > 2 && rows.len() == history.len(), "{table}");
    for (row, point) in rows.iter().zip(history) {
        let of = |name: &str| row[names.iter().position(|found| *found == name).unwrap()];
        assert_eq!(of("step"), point["iteration"].to_string());
        let compare = |name: &str, value: &Value, factor: f64| match value.as_f64() {
            Some(value) => {
                let found: f64 = of(name).parse().unwrap();
                assert!((found - factor * value).abs() <= 1e-8 * found.abs(), "{name}: {found} {value}");
            }
            None => assert_eq!(of(name), "", "{name}"),
        };
        compare("loss", &point["loss"], 1.0);
        for set in ["training", "validation"] {
            compare(&format!("{set}_energy_rmse_meV_per_atom"), &point[set]["energy"], 1000.0);
            compare(&format!("{set}_force_rmse_eV_per_A"), &point[set]["force"], 1.0);
            compare(&format!("{set}_virial_rmse_meV_per_atom"), &point[set]["virial"], 1000.0);
        }
    }
    let events = fs::read(bench.path("board/fit/events.out.tfevents.mtprs")).unwrap();
    let tag = b"force_rmse_eV_per_A/validation";
    let validated = history.iter().filter(|point| !point["validation"].is_null()).count();
    assert_eq!(events.windows(tag.len()).filter(|window| window == tag).count(), validated);
    // The page says where it comes from.
    let page = bench.text("page.html");
    let checksum: String =
        Sha256::digest(bench.text("train.cfg")).iter().map(|byte| format!("{byte:02x}")).collect();
    for text in
        [checksum.as_str(), "mtprs train new.mtp train.cfg -o fitted.mtp", "max-iter = 30", "1, 0.01, 0.001"]
    {
        assert!(page.contains(text), "{text}");
    }
    for (code, options, expected) in [
        (1, "--tensorboard board/fit", "board/fit/events.out.tfevents.mtprs: the file exists"),
        (2, "--tensorboard new --history new/events.out.tfevents.mtprs", "would be written twice"),
        (2, "--tensorboard -", "expected a folder"),
    ] {
        bench.refuse(code, &format!("train new.mtp train.cfg -o other.mtp {options}"), expected);
    }
    bench.refuse(
        1,
        "train new.mtp train.cfg -o other.mtp --history course.csv",
        "course.csv: the file exists\n  hint: choose another name, or replace it with --force",
    );
}

#[test]
fn a_job_file_holds_what_print_job_prints() {
    let bench = bench("train-job");
    let job =
        bench.succeed("train new.mtp train.cfg --energy-weight 3 --max-iter 5 --freeze species --print-job");
    for line in ["energy-weight = 3.0", "max-iter = 5", "freeze = [\"species\"]", "force-weight = 0.01"] {
        assert!(job.lines().any(|of_job| of_job == line), "{line} is not in {job}");
    }
    fs::write(bench.path("job.toml"), job).unwrap();
    bench.succeed("train new.mtp train.cfg --job job.toml -o by_job.mtp -q");
    bench.succeed(
        "train new.mtp train.cfg --energy-weight 3 --max-iter 5 --freeze species -o by_options.mtp -q",
    );
    assert_eq!(bench.text("by_job.mtp"), bench.text("by_options.mtp"));
}

#[test]
fn the_report_has_the_tables_of_errors_also_by_feature() {
    let bench = bench("train-report");
    for file in ["train.cfg", "valid.cfg"] {
        let mut all = bench.read_configurations(file);
        for (index, configuration) in all.iter_mut().enumerate() {
            configuration.set_feature("phase", ["glass", "crystal", "gas"][index % 3]);
        }
        bench.write_configurations(file, &all);
    }
    let options = "--valid-cfgs valid.cfg --max-iter 5 --starts 1 --by phase --report page.html";
    let text = bench.succeed(&format!("train new.mtp train.cfg -o fitted.mtp {options}"));
    bench.succeed(&format!(
        "train new.mtp train.cfg -o fitted.mtp {options} --report-json report.json -q --force"
    ));
    let trained = bench.json("report.json");
    for (set, file) in [("training", "train.cfg"), ("validation", "valid.cfg")] {
        let tables = bench.succeed(&format!("errors fitted.mtp {file} --by phase"));
        // The first line names the file, or the set.
        let (_, tables) = tables.split_once('\n').unwrap();
        assert!(text.contains(tables), "{text} lacks {tables}");
        assert!(tables.contains("By feature phase") && tables.contains("Forces by magnitude"), "{tables}");
        bench.succeed(&format!("errors fitted.mtp {file} --by phase --json errors.json --force"));
        let (mut of_errors, mut of_training) = (bench.json("errors.json"), trained[set].clone());
        for report in [&mut of_errors, &mut of_training] {
            report.as_object_mut().unwrap().remove("database");
        }
        assert_eq!(of_errors, of_training);
        assert_eq!(of_errors["by_feature"]["groups"].as_array().unwrap().len(), 3);
    }
    assert_eq!(bench.text("page.html").matches("<h3>By phase</h3>").count(), 2);
}

#[test]
fn frozen_blocks_and_given_species_energies_stay_as_they_are() {
    let bench = bench("train-frozen");
    bench.succeed(
        "train pot.mtp train.cfg --freeze radial --species-energies -1.5,2 --max-iter 5 -o fitted.mtp -q",
    );
    let (before, after) =
        (load_potential(&bench.path("pot.mtp")).unwrap(), load_potential(&bench.path("fitted.mtp")).unwrap());
    assert_eq!(before.parameters().radial_coeffs, after.parameters().radial_coeffs);
    assert_eq!(after.parameters().species_coeffs, Some(vec![-1.5, 2.0]));
    assert_ne!(before.parameters().moment_coeffs, after.parameters().moment_coeffs);
}

#[test]
fn what_cannot_be_fitted_is_refused_and_named() {
    let bench = bench("train-refused");
    fs::write(bench.path("empty.cfg"), "").unwrap();
    let train = bench.read_configurations("train.cfg");
    let mut mixed = train.clone();
    mixed[7].energy = mixed[7].energy.map(|energy| energy + 27.2 * mixed[7].len() as f64);
    bench.write_configurations("mixed.cfg", &mixed);
    let mut same_place = train;
    same_place[3].positions[1] = same_place[3].positions[0];
    bench.write_configurations("same_place.cfg", &same_place);
    fs::write(bench.path("wrong.toml"), "max-iter = 5\nmax-iters = 6\n").unwrap();
    bench.play("train");
    let files = bench.files();
    assert!(!files.iter().any(|file| file.contains("Trained") || file.contains("tmp")), "{files:?}");
}

#[test]
fn a_species_without_atoms_and_short_distances_are_told() {
    let bench = bench("train-notes");
    bench.succeed("init --level 4 --species Mg,O,V --cutoff 4 --min-dist 1.9 -o three.mtp");
    let notes = [
        "note: there are no atoms of species V: its parameters keep their initial values",
        "note: atoms are closer than min_dist of the potential, 1.9 Å",
    ];
    bench.tell("train three.mtp train.cfg --max-iter 3 -o fitted.mtp", &notes);
    bench.succeed("train three.mtp train.cfg --max-iter 3 -o updated.mtp --update-mindist -q");
    let updated = load_potential(&bench.path("updated.mtp")).unwrap();
    assert!(updated.radial_basis().min_dist() < 1.9);
}

#[test]
fn repulsion_builds_a_wall_where_the_data_have_no_distances() {
    let bench = bench("train-repulsion");
    let train =
        "train new.mtp train.cfg -o walled.mtp --repulsion 0.1 --max-iter 60 --starts 1 --update-mindist";
    bench.tell(train, &["45 configurations with", "configurations added, with atoms pushed together"]);
    // Mg and O of the first configuration approach each other.
    let first = bench.read_configurations("train.cfg").remove(0);
    let [mg, o] = [first.positions[0], first.positions[1]];
    let approach = |share: f64| {
        let mut configuration = first.clone();
        configuration.positions[1] = std::array::from_fn(|axis| mg[axis] + share * (o[axis] - mg[axis]));
        configuration
    };
    bench.write_configurations("approach.cfg", &[1.0, 0.75, 0.65, 0.55].map(approach));
    bench.succeed("evaluate walled.mtp approach.cfg walled.cfg -q");
    let energies: Vec<f64> =
        bench.read_configurations("walled.cfg").iter().map(|done| done.energy.unwrap()).collect();
    assert!(energies.windows(2).all(|pair| pair[1] > pair[0] + 1.0), "{energies:?} eV");
}

#[test]
#[ignore = "long: run by make test-long"]
fn the_example_trains_and_grades() {
    let bench = Bench::new("train-example");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/training/run.sh");
    let run = std::process::Command::new(script)
        .arg(bench.path("."))
        .env("MTPRS", env!("CARGO_BIN_EXE_mtprs"))
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert!(load_potential(&bench.path("pot.mtp")).unwrap().is_trained());
    assert!(bench.text("report.html").contains("<h1>Training of pot.mtp</h1>"));
    let grades = grades(&bench, "graded.cfg");
    // Frames of a run of its own, but of the same glass.
    assert_eq!(grades.len(), 24);
    assert!(grades.iter().all(|&grade| grade > 0.0 && grade < 10.0), "{grades:?}");
}

#[test]
fn configurations_count_in_their_own_file() {
    let bench = bench("train-files");
    let all = bench.read_configurations("train.cfg");
    bench.write_configurations("a.cfg", &all[..13]);
    bench.write_configurations("b.cfg", &all[13..]);
    let of_training = |files: &str| {
        bench.succeed(&format!(
            "train new.mtp {files} -o pot.mtp --max-iter 5 --starts 1 --report-json report.json -q --force"
        ));
        bench.json("report.json")["training"].clone()
    };
    let (whole, parts) = (of_training("train.cfg"), of_training("a.cfg b.cfg"));
    let is_in_second = |one: &Value, other: &Value| {
        let number = one["configuration"].as_u64().unwrap();
        let expected = if number > 13 { ("b.cfg", number - 13) } else { ("a.cfg", number) };
        assert_eq!((other["file"].as_str().unwrap(), other["configuration"].as_u64().unwrap()), expected);
        assert!(one["file"].is_null(), "{one}");
        u32::from(expected.0 == "b.cfg")
    };
    let mut in_second = 0;
    for quantity in ["energy", "energy_per_atom", "force_component", "force_vector", "virial_norm"] {
        let place = |report: &Value| report["errors"][quantity]["largest_in"].clone();
        in_second += is_in_second(&place(&whole), &place(&parts));
    }
    for quantity in ["energy_per_atom", "force_vector", "stress_norm"] {
        let worst = |report: &Value| report["worst_configurations"][quantity].as_array().unwrap().clone();
        for (one, other) in worst(&whole).iter().zip(&worst(&parts)) {
            in_second += is_in_second(one, other);
        }
    }
    assert!(in_second > 3, "{in_second}");
    let text = bench.succeed(
        "train new.mtp a.cfg b.cfg -o pot.mtp --max-iter 5 --starts 1 --report-json report.json --force",
    );
    assert!(text.contains(" of b.cfg"), "{text}");
}

/// What was appended while a fit ran is neither taken for what was fitted, nor is the fit lost.
#[test]
fn files_that_change_during_a_fit_give_no_active_set() {
    let bench = bench("train-changed");
    let text = bench.text("train.cfg");
    for output in ["out.almtp", "out.mtp"] {
        // On a busy machine a fit may be over before the file has changed; then it is begun again.
        let failed = (0..100).find_map(|_| {
            let told = changed_while_fitted(&bench, output, &text);
            fs::write(bench.path("train.cfg"), &text).unwrap();
            told
        });
        let told = failed.expect("the file never changed in time");
        let expected = "error: train.cfg: the files changed after they were read for the fit";
        assert!(told.contains(expected), "{told}");
        assert!(load_potential(&bench.path(output)).unwrap().is_trained());
    }
}

/// Doubles the training set once a fit has kept something; what it said if it failed.
fn changed_while_fitted(bench: &Bench, output: &str, text: &str) -> Option<String> {
    let options = "--max-iter 400 --starts 1 --checkpoint kept --checkpoint-interval 0 --force -q";
    let mut command = bench.command(&format!("train new.mtp train.cfg -o {output} {options}"));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while !bench.path("kept").exists() && child.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_millis(1));
    }
    fs::write(bench.path("train.cfg"), format!("{text}{text}")).unwrap();
    let (code, _, told) = texts(&child.wait_with_output().unwrap());
    let _gone_after_a_whole_run = fs::remove_file(bench.path("kept"));
    (code != 0).then_some(told)
}
