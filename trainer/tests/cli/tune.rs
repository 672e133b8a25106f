//! `mtprs tune`: the grid, the front, resumption, halving, and what is refused.

use std::fs;
use std::io::Read;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use mtprs_core::format::load_potential;
use serde_json::{Value, json};

use crate::fixture::{Bench, kill_at_random, time_of};
use crate::train::{bench, report};

/// Potentials of the kind that labeled the data, with other levels.
const KIND: &str = "tune train.cfg --species Mg,O --cutoffs 4 --radial-basis-sizes 4 --min-dist 1.4";

/// The results of all trials without the times, by name.
fn results(bench: &Bench, folder: &str) -> Vec<(String, Value)> {
    let mut names: Vec<String> = fs::read_dir(bench.path(&format!("{folder}/trials")))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let result = |name: String| {
        let mut result = report(bench, &format!("{folder}/trials/{name}/result.json"));
        for round in result["rounds"].as_array_mut().unwrap() {
            round["seconds"] = 0.into();
        }
        (name, result)
    };
    names.into_iter().map(result).collect()
}

/// A figure of a row or report.
fn number(row: &Value, path: &str) -> f64 {
    row.pointer(path).and_then(Value::as_f64).unwrap_or_else(|| panic!("{path} of {row}"))
}

#[test]
fn the_level_that_made_the_data_is_the_best_and_the_front_is_marked() {
    let bench = bench("tune-grid");
    let options = "--levels 6,2,4 --valid-cfgs valid.cfg --max-iter 400 --bfgs-conv-tol 0 --starts 6";
    let (code, stdout, stderr) = bench.run(&format!("{KIND} {options}"));
    assert_eq!(code, 0, "{stderr}");
    let found = report(&bench, "tune/tune.json");
    let rows = found["trials"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    let force = |level: u64| {
        let row = rows.iter().find(|row| row["level"] == level).unwrap();
        number(row, "/validation/force")
    };
    // Forces of the data are about 0.5 eV/Å.
    assert!(force(6) < 0.5 * force(4) && force(4) < 0.7 * force(2), "{found}");
    for row in rows {
        let cost = |row: &Value| number(row, "/microseconds_per_atom");
        let point = |row: &Value| (cost(row), number(row, "/validation/force"));
        let better = |other: &&Value| {
            let ((a, b), (c, d)) = (point(other), point(row));
            a <= c && b <= d && (a, b) != (c, d)
        };
        assert_eq!(row["on_front"], json!(!rows.iter().any(|other| better(&other))), "{found}");
        assert!(cost(row) > 0.0 && number(row, "/multiply_adds") > 100.0);
        let potential = load_potential(&bench.path(row["potential"].as_str().unwrap())).unwrap();
        assert_eq!(json!(potential.moment_basis().level()), row["level"]);
        // The report of the trial and `mtprs errors` say the same of it.
        bench.succeed(&format!(
            "errors {} valid.cfg --json e.json --force",
            row["potential"].as_str().unwrap()
        ));
        let errors = &report(&bench, "e.json")["errors"];
        let (own, others) = (number(row, "/validation/energy"), number(errors, "/energy_per_atom/rms"));
        assert!((1000.0 * own / others - 1.0).abs() < 1e-6, "{own} {others}");
        assert!(
            (number(row, "/validation/force") / number(errors, "/force_component/rms") - 1.0).abs() < 1e-6
        );
    }
    let costs: Vec<f64> = rows.iter().map(|row| number(row, "/microseconds_per_atom")).collect();
    assert!(costs.is_sorted());
    assert_eq!(stdout.matches("\n  *").count(), rows.iter().filter(|row| row["on_front"] == true).count());
    // Cheap trials first.
    let begins: Vec<usize> =
        ["level 2,", "level 4,", "level 6,"].iter().map(|level| stderr.find(level).unwrap()).collect();
    assert!(begins.is_sorted(), "{stderr}");
    let page = bench.text("tune/tune.html");
    roxmltree::Document::parse_with_options(
        &page,
        roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() },
    )
    .unwrap();
    // Energy, force, virial and loss; a dot for each trial in each.
    assert_eq!((page.matches("<svg class=\"plot\"").count(), page.matches("<circle").count()), (4, 12));
    assert_eq!(page.matches("class=\"stairs\"").count(), 1);
}

#[test]
#[ignore = "long: run by make test-long"]
fn a_search_that_is_killed_again_and_again_ends_as_if_it_had_not_been() {
    let bench = bench("tune-killed");
    let options = format!(
        "{KIND} --levels 6,8 --force-weights 0.01,0.1,1 --folds 2 --starts 2 --halving 10 --max-iter 40 --bfgs-conv-tol 0"
    );
    let mut table = String::new();
    let time = time_of(|| table = bench.succeed(&format!("{options} -o whole -j 1")));
    assert!(table.contains("Potentials of the front"), "{table}");
    let whole = results(&bench, "whole");
    // Six trials with 10 steps, three with 20, two with 40.
    let rounds: usize = whole.iter().map(|(_, result)| result["rounds"].as_array().unwrap().len()).sum();
    assert_eq!(rounds, 6 + 3 + 2, "{whole:?}");
    let pieces = format!("{options} -o pieces --checkpoint-interval 0 --resume -q");
    kill_at_random(
        time,
        |attempt| bench.command(&format!("{pieces} -j {}", 1 + attempt % 2)),
        || bench.path("pieces/study.json").exists(),
        || {
            assert_eq!(whole, results(&bench, "pieces"));
            for (name, _) in &whole {
                let potential = |folder: &str| bench.text(&format!("{folder}/trials/{name}/pot.mtp"));
                assert_eq!(potential("whole"), potential("pieces"), "{name}");
            }
            fs::remove_dir_all(bench.path("pieces")).unwrap();
        },
    );
}

#[test]
fn a_longer_list_and_more_steps_repeat_nothing() {
    let bench = bench("tune-longer");
    let options = format!("{KIND} --valid-fraction 0.3 --starts 1 --bfgs-conv-tol 0 --patience 1000");
    bench.succeed(&format!("{options} --levels 2,4 --max-iter 30 -q"));
    let before = results(&bench, "tune");
    let (code, _, stderr) = bench.run(&format!("{options} --levels 6,4 --max-iter 30 --resume"));
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("trial 1 of 2: level 4,") && stderr.contains("; known\n"), "{stderr}");
    // Level 2 stays, though it is not asked for any more.
    assert_eq!(report(&bench, "tune/tune.json")["trials"].as_array().unwrap().len(), 3);
    let after = results(&bench, "tune");
    assert!(before.iter().all(|result| after.contains(result)));
    // More steps go on where the others ended, to the same as if there had been no break.
    bench.succeed(&format!("{options} --levels 4 --max-iter 70 --resume -q"));
    bench.succeed(&format!("{options} --levels 4 --max-iter 70 -o whole -q"));
    let name = "level4-cutoff4-size4-energy1-force0.01-stress0.001";
    let last = |folder: &str| {
        let result = report(&bench, &format!("{folder}/trials/{name}/result.json"));
        result["rounds"].as_array().unwrap().last().unwrap()["outcome"].clone()
    };
    assert_eq!(last("tune"), last("whole"));
    let potential = |folder: &str| bench.text(&format!("{folder}/trials/{name}/pot.mtp"));
    assert_eq!(potential("tune"), potential("whole"));

    for (change, expected) in [
        ("--levels 4 --seed 2", "the search was begun with another seed: 1, not 2"),
        ("--levels 4 --min-dist 1.5", "the search was begun with another min-dist: 1.4, not 1.5"),
    ] {
        let command = format!("{options} --resume {change}").replace("--min-dist 1.4 ", "");
        let command = if change.contains("min-dist") { command } else { format!("{command} --min-dist 1.4") };
        let refused = bench.fail(1, &command);
        assert!(refused.contains(expected), "{refused}");
    }
    let refused = bench.fail(1, &format!("{options} --levels 4"));
    assert!(
        refused
            .contains("tune/study.json: a search that was begun before is here\n  hint: go on with --resume"),
        "{refused}"
    );
    let mut all = bench.read_configurations("train.cfg");
    all[3].energy = all[3].energy.map(|energy| energy + 1e-9);
    bench.write_configurations("train.cfg", &all);
    let refused = bench.fail(1, &format!("{options} --levels 4 --resume"));
    assert!(refused.contains("the search was begun with another training set: "), "{refused}");
}

#[test]
fn a_trial_that_fails_is_set_aside_and_the_rest_goes_on() {
    let bench = bench("tune-failing");
    let options = format!("{KIND} --levels 2 --valid-cfgs valid.cfg --max-iter 20 --starts 1");
    let table = bench.succeed(&format!("{options} --force-weights 0.01,1e308"));
    let found = report(&bench, "tune/tune.json");
    assert_eq!(found["trials"].as_array().unwrap().len(), 1);
    let aside = &found["set_aside"][0];
    assert_eq!(number(aside, "/force-weight"), 1e308);
    assert!(aside["reason"].as_str().unwrap().contains("not finite"), "{aside}");
    assert!(table.contains("\nSet aside\n"), "{table}");
    assert!(bench.text("tune/tune.html").contains("<h2>Set aside</h2>"));
    let failed = bench.fail(1, &format!("{options} --force-weights 1e308 -o none -q"));
    assert!(failed.contains("no trial came to a potential; the first: the loss is not finite"), "{failed}");
}

#[test]
fn a_job_file_holds_what_print_job_prints_and_wrong_ones_are_refused() {
    let bench = bench("tune-job");
    let options = "--levels 2,4 --folds 3 --max-iter 5 --starts 1";
    let job = bench.succeed(&format!("{KIND} {options} --print-job"));
    for line in ["levels = [2, 4]", "cutoffs = [4.0]", "force-weights = [0.01]", "[train]", "folds = 3"] {
        assert!(job.lines().any(|of_job| of_job == line), "{line} is not in {job}");
    }
    fs::write(bench.path("job.toml"), &job).unwrap();
    assert_eq!(bench.succeed("tune train.cfg --job job.toml --print-job"), job);
    bench.succeed("tune train.cfg --job job.toml -o by_job -q");
    bench.succeed(&format!("{KIND} {options} -o by_options -q --report-json -"));
    assert_eq!(results(&bench, "by_job"), results(&bench, "by_options"));

    let with = |text: &str| {
        fs::write(bench.path("wrong.toml"), text).unwrap();
        bench.fail(2, "tune train.cfg --species Mg,O --job wrong.toml")
    };
    for (text, expected) in [
        ("levels = [2]\nlevel = 4\n", "wrong.toml:2:1: unknown field `level`"),
        ("[train]\nmax-iters = 4\n", "wrong.toml:2:1: unknown field `max-iters`"),
        (
            "levels = [2.5]\n",
            "wrong.toml:1:11: invalid value '2.5' for '--levels <LEVEL,...>': expected an even number",
        ),
        (
            "[train]\nforce-weight = 4\n",
            "wrong.toml:2:1: train.force-weight: expected the list force-weights in its place",
        ),
        (
            "[train]\nridge = -1\n",
            "wrong.toml:2:9: invalid value '-1' for '--ridge <FACTOR>': expected a number from 0 up",
        ),
    ] {
        let refused = with(text);
        assert!(refused.contains(expected) && refused.contains("Usage: mtprs tune"), "{refused}");
    }
    for (arguments, expected) in [
        ("--levels 2", "--species: expected element symbols or a count"),
        (
            "--species Mg,O --levels 3",
            "invalid value '3' for '--levels <LEVEL,...>': expected an even number",
        ),
        ("--species Mg,O --levels 40", "level 40, cutoff 5 Å"),
        ("--species Mg,O --cutoffs 1", "level 8, cutoff 1 Å"),
        ("--species Mg,O --folds 3 --valid-fraction 0.1", "--folds: expected neither"),
        ("--species Mg,O --valid-fraction 0", "expected a share above zero to validate with"),
        ("--species Mg,O --halving 0", "invalid value '0' for '--halving <STEPS>': 0 is not in 10.."),
        (
            "--species Mg,O --energy-weights 0 --force-weights 0 --stress-weights 0",
            "expected a weight above zero",
        ),
        ("--species Mg,O --report-json train.cfg", "the output would replace the input train.cfg"),
    ] {
        let refused = bench.fail(2, &format!("tune train.cfg {arguments}"));
        assert!(refused.contains(expected), "{arguments}: {refused}");
    }
    let refused = bench.fail(1, "tune bare_train.cfg --species Mg,O -o none");
    assert!(refused.contains("no configuration has an energy, forces or a virial"), "{refused}");
    let mut all = bench.read_configurations("train.cfg");
    all.iter_mut().for_each(|configuration| configuration.energy = None);
    bench.write_configurations("without.cfg", &all);
    let refused = bench.fail(2, "tune without.cfg --species Mg,O --by energy -o none");
    assert!(
        refused.contains("--by energy: expected configurations with such a label, got none"),
        "{refused}"
    );
    assert!(!bench.files().iter().any(|file| file == "none"));
}

#[test]
fn a_signal_keeps_everything_and_tells_how_to_go_on() {
    let bench = bench("tune-signal");
    let options = format!("{KIND} --levels 2,6 --max-iter 10 --starts 1000000");
    let mut run = bench.command(&options).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    while !bench.path("tune/study.json").exists() {
        thread::sleep(Duration::from_millis(20));
    }
    let refused = bench.fail(1, &format!("{options} --resume"));
    assert!(refused.contains("tune: another process is searching in this folder"), "{refused}");
    std::process::Command::new("kill").args(["-INT", &run.id().to_string()]).status().unwrap();
    assert_eq!(run.wait().unwrap().code(), None, "ends by the signal");
    let mut stderr = String::new();
    run.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert!(stderr.ends_with("interrupted: kept in tune; --resume goes on from there\n"), "{stderr}");
}
