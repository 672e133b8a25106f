//! `mtprs tune`: the grid, the front, resumption, halving, and what is refused.

use std::fs;
use std::process::Stdio;

use mtprs_core::format::load_potential;
use serde_json::{Value, json};

use crate::fixture::{Bench, count_of_class, end_by_signal, figure, kill_at_random, parse_page, time_of};
use crate::train::bench;

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
        let mut result = bench.json(&format!("{folder}/trials/{name}/result.json"));
        for round in result["rounds"].as_array_mut().unwrap() {
            round["seconds"] = 0.into();
        }
        (name, result)
    };
    names.into_iter().map(result).collect()
}

#[test]
fn the_level_that_made_the_data_is_the_best_and_the_front_is_marked() {
    let bench = bench("tune-grid");
    let options = "--levels 6,2,4 --valid-cfgs valid.cfg --max-iter 400 --bfgs-conv-tol 0 --starts 6";
    let (_, stdout, stderr) = bench.run(&format!("{KIND} {options}"));
    let found = bench.json("tune/tune.json");
    let rows = found["trials"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    let force = |level: u64| {
        let table = level.to_string();
        let row = rows.iter().find(|row| row["table"] == *table).unwrap();
        figure(row, "/validation/force")
    };
    // Forces of the data are about 0.5 eV/Å.
    assert!(force(6) < 0.5 * force(4) && force(4) < 0.7 * force(2), "{found}");
    for row in rows {
        let cost = |row: &Value| figure(row, "/microseconds_per_atom");
        let point = |row: &Value| (cost(row), figure(row, "/validation/force"));
        let better = |other: &&Value| {
            let ((a, b), (c, d)) = (point(other), point(row));
            a <= c && b <= d && (a, b) != (c, d)
        };
        assert_eq!(row["on_front"], json!(!rows.iter().any(|other| better(&other))), "{found}");
        assert!(cost(row) > 0.0 && figure(row, "/multiply_adds") > 100.0);
        let potential = load_potential(&bench.path(row["potential"].as_str().unwrap())).unwrap();
        let level = potential.moment_basis().level().unwrap();
        assert_eq!(json!(level.to_string()), row["table"]);
        // The report of the trial and `mtprs errors` say the same of it.
        bench.succeed(&format!(
            "errors {} valid.cfg --json e.json --force",
            row["potential"].as_str().unwrap()
        ));
        let errors = &bench.json("e.json")["errors"];
        let (own, others) = (figure(row, "/validation/energy"), figure(errors, "/energy_per_atom/rms"));
        assert!((1000.0 * own / others - 1.0).abs() < 1e-6, "{own} {others}");
        assert!(
            (figure(row, "/validation/force") / figure(errors, "/force_component/rms") - 1.0).abs() < 1e-6
        );
    }
    let costs: Vec<f64> = rows.iter().map(|row| figure(row, "/microseconds_per_atom")).collect();
    assert!(costs.is_sorted());
    assert_eq!(stdout.matches("\n  *").count(), rows.iter().filter(|row| row["on_front"] == true).count());
    // Cheap trials first.
    let begins: Vec<usize> =
        ["level 2,", "level 4,", "level 6,"].iter().map(|level| stderr.find(level).unwrap()).collect();
    assert!(begins.is_sorted(), "{stderr}");
    let page = bench.text("tune/tune.html");
    // Energy, force, virial and loss; a dot for each trial in each.
    assert_eq!((count_of_class(&parse_page(&page), "plot"), page.matches("<circle").count()), (4, 12));
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
    assert!(table.contains("Potentials on the Pareto front"), "{table}");
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
    bench.succeed(&format!("{options} --levels 2,4 --max-iter 30 -q --report-json copy.json"));
    let before = results(&bench, "tune");
    // It may replace its own report, and no other.
    fs::write(bench.path("other.json"), "not of this search").unwrap();
    let again = format!("{options} --levels 4 --max-iter 30 --resume --report-json");
    bench.refuse(1, &format!("{again} other.json"), "other.json: the file exists");
    assert_eq!(bench.text("other.json"), "not of this search");
    bench.succeed(&format!("{again} copy.json -q"));
    let resumed = format!("{options} --levels 6,4 --max-iter 30 --resume");
    bench.tell(&resumed, &["trial 1 of 2: level 4,", "; already done\n"]);
    // Level 2 stays, though it is not asked for any more.
    assert_eq!(bench.json("tune/tune.json")["trials"].as_array().unwrap().len(), 3);
    let after = results(&bench, "tune");
    assert!(before.iter().all(|result| after.contains(result)));
    // More steps go on where the others ended, to the same as if there had been no break.
    bench.succeed(&format!("{options} --levels 4 --max-iter 70 --resume -q"));
    bench.succeed(&format!("{options} --levels 4 --max-iter 70 -o whole -q"));
    let name = "level4-cutoff4-size4-energy1-force0.01-stress0.001";
    let last = |folder: &str| {
        let result = bench.json(&format!("{folder}/trials/{name}/result.json"));
        result["rounds"].as_array().unwrap().last().unwrap()["outcome"].clone()
    };
    assert_eq!(last("tune"), last("whole"));
    let potential = |folder: &str| bench.text(&format!("{folder}/trials/{name}/pot.mtp"));
    assert_eq!(potential("tune"), potential("whole"));

    for (change, expected) in [
        ("--levels 4 --seed 2", "the search was started with another seed: 1, not 2"),
        ("--levels 4 --min-dist 1.5", "the search was started with another min-dist: 1.4, not 1.5"),
    ] {
        let command = format!("{options} --resume {change}").replace("--min-dist 1.4 ", "");
        let command = if change.contains("min-dist") { command } else { format!("{command} --min-dist 1.4") };
        bench.refuse(1, &command, expected);
    }
    let expected = "tune/study.json: there is an earlier search here\n  hint: continue with --resume";
    bench.refuse(1, &format!("{options} --levels 4"), expected);
    let mut all = bench.read_configurations("train.cfg");
    all[3].energy = all[3].energy.map(|energy| energy + 1e-9);
    bench.write_configurations("train.cfg", &all);
    let expected = "the search was started with another training set: ";
    bench.refuse(1, &format!("{options} --levels 4 --resume"), expected);
}

/// Trials of levels and of other moment tables side by side.
#[test]
fn a_search_compares_levels_and_tables() {
    let bench = bench("tune-tables");
    let options = format!("{KIND} --valid-cfgs valid.cfg --max-iter 200 --starts 2");
    let (_, table, stderr) = bench.run(&format!("{options} --levels 4,6 --tables 8-10,6,6-10-w2.1"));
    for line in ["level 6, cutoff 4 Å", "table 8-10, cutoff 4 Å", "table 6-10-w2.1, cutoff 4 Å"] {
        assert!(stderr.contains(line), "{line} is not in {stderr}");
    }
    assert!(table.contains("\ntable: a level, or the name of another moment table (mtprs init --table).\n"));
    let names: Vec<String> = results(&bench, "tune").into_iter().map(|(name, _)| name).collect();
    let rest = "-cutoff4-size4-energy1-force0.01-stress0.001";
    assert_eq!(
        names,
        ["level4", "level6", "table6-10-w2.1", "table8-10"].map(|kind| format!("{kind}{rest}"))
    );
    let found = bench.json("tune/tune.json");
    let rows = found["trials"].as_array().unwrap();
    assert_eq!(rows.len(), 4);
    assert_eq!(
        (&found["job"]["levels"], &found["job"]["tables"]),
        (&json!([4, 6]), &json!(["8-10", "6", "6-10-w2.1"]))
    );
    for row in rows {
        let name = row["table"].as_str().unwrap();
        assert!(row.get("level").is_none());
        // The potential has the table that it is said to have, as mtprs init makes it.
        let command =
            format!("init --table {name} --species Mg,O --cutoff 4 --min-dist 1.4 --radial-basis-size 4");
        bench.succeed(&format!("{command} -o {name}.mtp"));
        let made = load_potential(&bench.path(&format!("{name}.mtp"))).unwrap();
        let fitted = load_potential(&bench.path(row["potential"].as_str().unwrap())).unwrap();
        assert_eq!(fitted.moment_basis(), made.moment_basis(), "{name}");
        assert_eq!(fitted.name(), format!("MTP{name}"));
        assert!(table.contains(&format!(" {name} ")), "{table}");
    }
    let page = bench.text("tune/tune.html");
    assert!(page.contains("table 8-10, cutoff 4 Å") && page.contains(">table</th>"), "{page}");

    // One list alone leaves the defaults of the other out; with neither, both have their defaults.
    let job = |options: &str| bench.succeed(&format!("{KIND} {options} --print-job"));
    let lines = |job: &str| -> Vec<String> {
        job.lines()
            .filter(|line| line.starts_with("levels") || line.starts_with("tables"))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(lines(&job("--tables 8-10,6")), ["tables = [\"8-10\", \"6\"]"]);
    assert_eq!(lines(&job("--levels 8")), ["levels = [8]"]);
    let both = ["levels = [8, 12, 16]", "tables = [\"16-210\", \"14-3210-w1.1\", \"20-44200\"]"];
    assert_eq!(lines(&job("")), both);
    fs::write(bench.path("job.toml"), job("--tables 8-10,6")).unwrap();
    assert_eq!(bench.succeed("tune train.cfg --job job.toml --print-job"), job("--tables 8-10,6"));
}

/// Searches of releases without tables kept the number of a level.
#[test]
fn an_earlier_search_with_levels_is_resumed() {
    let bench = bench("tune-earlier");
    let options = format!("{KIND} --valid-fraction 0.3 --max-iter 10 --starts 1");
    bench.succeed(&format!("{options} --levels 2,4 -q"));
    let after = results(&bench, "tune");
    let name = |level: usize| format!("level{level}-cutoff4-size4-energy1-force0.01-stress0.001");
    assert_eq!(after.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), [name(2), name(4)]);
    for level in [2, 4] {
        let file = format!("tune/trials/{}/result.json", name(level));
        let mut result = bench.json(&file);
        let settings = result["settings"].as_object_mut().unwrap();
        assert_eq!(settings.remove("table"), Some(json!(level.to_string())));
        settings.insert("level".into(), json!(level));
        fs::write(bench.path(&file), result.to_string()).unwrap();
    }
    let resumed = format!("{options} --levels 2 --tables 4,8-10 --resume");
    let stderr = bench.tell(&resumed, &["trial 1 of 3: level 2,", "level 4,", "table 8-10,"]);
    assert_eq!(stderr.matches("; already done\n").count(), 2, "{stderr}");
    let rows = bench.json("tune/tune.json")["trials"].as_array().unwrap().clone();
    let mut tables: Vec<&str> = rows.iter().map(|row| row["table"].as_str().unwrap()).collect();
    tables.sort_unstable();
    assert_eq!(tables, ["2", "4", "8-10"]);

    let file = format!("tune/trials/{}/result.json", name(2));
    let wrong = bench.text(&file).replace("\"level\":2", "\"level\":\"2x\"");
    fs::write(bench.path(&file), wrong).unwrap();
    let expected = "or such as 16, 22-4321 or 14-43210-w1.1-t5, got 2x";
    bench.refuse(1, &resumed, expected);
}

#[test]
fn a_trial_that_fails_is_set_aside_and_the_rest_goes_on() {
    let bench = bench("tune-failing");
    let options = format!("{KIND} --levels 2 --valid-cfgs valid.cfg --max-iter 20 --starts 1");
    let table = bench.succeed(&format!("{options} --force-weights 0.01,1e308"));
    let found = bench.json("tune/tune.json");
    assert_eq!(found["trials"].as_array().unwrap().len(), 1);
    let aside = &found["set_aside"][0];
    assert_eq!(figure(aside, "/force-weight"), 1e308);
    assert!(aside["reason"].as_str().unwrap().contains("not finite"), "{aside}");
    assert!(table.contains("\nFailed trials\n"), "{table}");
    assert!(bench.text("tune/tune.html").contains("<h2>Failed trials</h2>"));
    let expected = "no trial gave a potential; the first: the loss is not finite";
    bench.refuse(1, &format!("{options} --force-weights 1e308 -o none -q"), expected);
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

    for (name, text) in [
        ("level", "levels = [2]\nlevel = 4\n"),
        ("max-iters", "[train]\nmax-iters = 4\n"),
        ("nothing", "cutoffs = []\n"),
        ("none", "tables = []\n"),
        ("number", "levels = [2.5]\n"),
        ("weight", "[train]\nforce-weight = 4\n"),
        ("ridge", "[train]\nridge = -1\n"),
    ] {
        fs::write(bench.path(&format!("{name}.toml")), text).unwrap();
    }
    let mut all = bench.read_configurations("train.cfg");
    all.iter_mut().for_each(|configuration| configuration.energy = None);
    bench.write_configurations("without.cfg", &all);
    bench.play("tune");
}

#[test]
fn a_signal_keeps_everything_and_tells_how_to_go_on() {
    let bench = bench("tune-signal");
    let options = format!("{KIND} --levels 2,6 --max-iter 10 --starts 1000000");
    let run = bench.command(&options).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    bench.wait_for("tune/study.json");
    let expected = "tune: another process is searching in this folder";
    bench.refuse(1, &format!("{options} --resume"), expected);
    let stderr = end_by_signal("INT", run);
    assert!(stderr.ends_with("interrupted: kept in tune; --resume continues from there\n"), "{stderr}");
}
