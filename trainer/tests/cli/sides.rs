//! What stays on one side when a set is divided: frames of a run, blocks, values of a feature.

use std::collections::BTreeSet;

use mtprs_core::geometry::{Cell, Configuration};

use serde_json::{Value, json};

use crate::fixture::{Bench, indices};
use mtprs_testing::random::Numbers;

/// Frames of atoms that swing around the sites of a lattice and remember from frame to frame where they were.
fn frames(count: usize, memory: f64, seed: u64) -> Vec<Configuration> {
    let mut numbers = Numbers(seed);
    let mut shifts = vec![[0.0; 3]; 27];
    let fresh = 0.25 * (1.0 - memory * memory).sqrt();
    (0..count)
        .map(|index| {
            shifts.iter_mut().flatten().for_each(|x| *x = memory * *x + fresh * numbers.next());
            let site = |atom: usize| [atom % 3, atom / 3 % 3, atom / 9].map(|k| 2.1 * k as f64);
            let position = |atom: usize| {
                let (site, shift) = (site(atom), shifts[atom]);
                [0, 1, 2].map(|k| (site[k] + shift[k]).rem_euclid(6.3))
            };
            let cell = Cell::new(&[[6.3, 0.0, 0.0], [0.0, 6.3, 0.0], [0.0, 0.0, 6.3]]).unwrap();
            let species = (0..27).map(|atom| atom % 2).collect();
            let mut frame = Configuration::new(cell, species, (0..27).map(position).collect()).unwrap();
            frame.set_feature("index", index.to_string());
            frame.set_feature("run", format!("run {}", index / 25));
            frame
        })
        .collect()
}

fn bench(name: &str, count: usize, memory: f64) -> Bench {
    let bench = Bench::new(name);
    bench.write_configurations("bare.cfg", &frames(count, memory, 1));
    bench.succeed("evaluate pot.mtp bare.cfg all.cfg -q");
    bench
}

/// Configurations of a part whose neighbors in the whole are in it, too.
fn with_neighbors(part: &[usize]) -> usize {
    let all: BTreeSet<usize> = part.iter().copied().collect();
    part.iter()
        .filter(|&&index| index > 0 && all.contains(&(index - 1)) && all.contains(&(index + 1)))
        .count()
}

#[test]
fn frames_of_a_run_are_divided_in_blocks_unless_that_is_switched_off() {
    let bench = bench("sides_blocks", 200, 0.98);
    let split = "split all.cfg --into train.cfg=80% --into test.cfg=rest --force";
    let notes = [
        "note: 200 of 200 configurations look like consecutive frames (1 run, ",
        "blocks of up to 40 stay together; --group none splits them individually",
    ];
    bench.tell(split, &notes);
    let test = indices(&bench, "test.cfg");
    assert_eq!(test.len(), 40);
    // One block, since two would be short beside the memory of the atoms; it may have been cut to the size of the part.
    assert!(with_neighbors(&test) >= 40 - 4, "{test:?}");
    let again = bench.text("test.cfg");
    bench.succeed(&format!("{split} -q"));
    assert_eq!(bench.text("test.cfg"), again);
    bench.succeed(&format!("{split} --seed 9 -q"));
    assert_ne!(bench.text("test.cfg"), again);

    let stderr = bench.tell(&format!("{split} --group none"), &[]);
    assert!(!stderr.contains("note:"), "{stderr}");
    let test = indices(&bench, "test.cfg");
    assert!(test.len() == 40 && with_neighbors(&test) < 10, "{test:?}");
    let note = "note: 200 of 200 configurations stay together in 25 blocks";
    bench.tell(&format!("{split} --group blocks:8"), &[note]);
    let test = indices(&bench, "test.cfg");
    let blocks: BTreeSet<_> = test.iter().map(|index| index / 8).collect();
    assert!(test.len() == 40 && (5..=6).contains(&blocks.len()));
    bench.succeed("split all.cfg --folds 4 --prefix f -q");
    for fold in 1..=4 {
        let validation = indices(&bench, &format!("f{fold}-validation.cfg"));
        assert!(validation.len() == 50 && with_neighbors(&validation) >= 42, "{validation:?}");
    }
}

#[test]
fn independent_samples_are_divided_as_ever() {
    let bench = bench("sides_independent", 100, 0.0);
    let split = "split all.cfg --into train.cfg=80% --into test.cfg=rest --force";
    let stderr = bench.tell(split, &[]);
    assert!(!stderr.contains("note:"), "{stderr}");
    let test = bench.text("test.cfg");
    bench.succeed(&format!("{split} --group none -q"));
    assert_eq!(bench.text("test.cfg"), test);
}

#[test]
fn a_value_of_a_feature_is_in_one_part_only() {
    let bench = bench("sides_feature", 200, 0.98);
    let split = "split all.cfg --into train.cfg=70% --into test.cfg=rest --force";
    let note = "200 of 200 configurations are grouped by the feature run, in 8 groups";
    bench.tell(&format!("{split} --group run"), &[note]);
    let runs =
        |file: &str| indices(&bench, file).into_iter().map(|index| index / 25).collect::<BTreeSet<_>>();
    assert!(runs("train.cfg").is_disjoint(&runs("test.cfg")));
    assert!((2..=3).contains(&runs("test.cfg").len()), "{:?}", runs("test.cfg"));
    for (command, expected) in [
        (format!("{split} --group phase"), "no configuration has the feature phase that --group asks for"),
        (format!("{split} --group elements"), "no configuration has the feature elements"),
        ("split all.cfg --folds 9 --prefix f --group run".to_owned(), "nothing is left for part"),
        (
            "train pot.mtp all.cfg --folds 9 --group run -o x.mtp".to_owned(),
            "200 configurations cannot be split into 9 parts: they stay together in 8 groups",
        ),
        (
            "train pot.mtp all.cfg --folds 250 --group none -o x.mtp".to_owned(),
            "folds would have no configurations to validate on: 200 configurations are divided by chance",
        ),
    ] {
        bench.refuse(1, &command, expected);
    }
    let expected = "expected auto, none, blocks:COUNT or the name of a feature";
    bench.refuse(2, &format!("{split} --group blocks:0"), expected);
}

/// Validation errors of a fit that knows the neighbors of what validates are smaller than where a run goes on.
#[test]
fn training_search_and_folds_keep_frames_together_and_say_so() {
    let bench = bench("sides_train", 120, 0.98);
    bench.succeed("init --level 4 --species Mg,O --cutoff 4 --min-dist 1.4 --radial-basis-size 4 -o new.mtp");
    let note = "note: 120 of 120 configurations look like consecutive frames";
    let fit = "--max-iter 3 --starts 1";
    let train = format!("train new.mtp all.cfg -o pot.mtp.new {fit} --report-json report.json --force");
    bench.tell(&format!("{train} --valid-fraction 0.2"), &[note, "validation: 24 configurations"]);
    let groups = bench.json("report.json")["groups"].clone();
    assert_eq!((groups["by"].as_str(), groups["configurations"].as_u64()), (Some("auto"), Some(120)));
    let stderr = bench.tell(&format!("{train} --valid-fraction 0.2 --group none"), &[]);
    assert!(!stderr.contains("consecutive"), "{stderr}");
    assert!(bench.json("report.json").get("groups").is_none());
    let stderr = bench.tell(&format!("{train} --folds 3"), &[]);
    assert_eq!(stderr.matches(note).count(), 3, "{stderr}");
    assert_eq!(stderr.matches("validation: 40 configurations").count(), 3, "{stderr}");
    let tune = format!("tune all.cfg --species Mg,O --levels 2 --cutoffs 4 {fit}");
    bench.tell(&format!("{tune} --folds 3"), &[note]);
    let expected = "the search was started with another group: \"auto\", not \"none\"";
    bench.refuse(1, &format!("{tune} --folds 3 --group none --resume"), expected);
}

/// Values of a feature among groups of a report, with the number of configurations.
fn values(groups: &Value, name: &str) -> Vec<(String, u64)> {
    let of =
        |group: &Value| (group[name].as_str().unwrap().to_owned(), group["configurations"].as_u64().unwrap());
    groups.as_array().unwrap().iter().map(of).collect()
}

/// Each run validates as a whole, with folds and with a fraction, and the search tells which run is the worst.
#[test]
fn a_search_keeps_groups_whole_and_tells_the_worst() {
    let bench = bench("sides_tune", 100, 0.98);
    let tune = "tune all.cfg --species Mg,O --levels 2 --cutoffs 4 --max-iter 3 --starts 1 --group run";
    let note = "100 of 100 configurations are grouped by the feature run, in 4 groups";
    let (_, table, stderr) = bench.run(&format!("{tune} --folds 2 -o folds"));
    assert!(stderr.contains(&format!("note: {note}\n")), "{stderr}");
    let found = bench.json("folds/tune.json");
    let kept = json!({"by": "run", "configurations": 100, "groups": 4, "largest": 25});
    assert_eq!(found["groups"], kept);
    let rows = found["trials"].as_array().unwrap();
    assert_eq!(rows.len(), 1);
    for row in rows {
        let groups = &row["validation_groups"];
        let mut runs = values(groups, "group");
        runs.sort();
        // Once each with all its frames: no fold fits a run on which it validates.
        let expected: Vec<_> = (0..4).map(|run| (format!("run {run}"), 25)).collect();
        assert_eq!(runs, expected);
        let groups = groups.as_array().unwrap();
        let mut folds: Vec<_> = groups.iter().map(|group| group["fold"].as_u64().unwrap()).collect();
        folds.sort_unstable();
        assert_eq!(folds, [1, 1, 2, 2]);
        // All have as many atoms, so the error of all is the RMS of theirs.
        for error in ["energy", "force"] {
            let squares = groups.iter().map(|group| group[error].as_f64().unwrap().powi(2));
            let (all, own) =
                (row["validation"][error].as_f64().unwrap(), (squares.sum::<f64>() / 4.0).sqrt());
            assert!((own / all - 1.0).abs() < 1e-9, "{error}: {own} {all}");
        }
    }
    let front = rows.iter().find(|row| row["on_front"] == true).unwrap();
    let error = |group: &&Value| group["force"].as_f64().unwrap();
    let groups = front["validation_groups"].as_array().unwrap();
    let worst = groups.iter().max_by(|a, b| error(a).total_cmp(&error(b))).unwrap();
    let name = worst["group"].as_str().unwrap();
    assert!(table.contains("worst  its F,\n") && table.contains(&format!("  {name}  ")), "{table}");
    let page = bench.text("folds/tune.html");
    assert!(page.contains(note) && page.contains("worst group") && page.contains(name), "{page}");

    bench.tell(&format!("{tune} --valid-fraction 0.25 -o fraction"), &[&format!("note: {note}\n")]);
    let found = bench.json("fraction/tune.json");
    assert_eq!(found["groups"], kept);
    for row in found["trials"].as_array().unwrap() {
        let runs = values(&row["validation_groups"], "group");
        assert!(runs.len() == 1 && runs.iter().all(|(_, count)| *count == 25), "{runs:?}");
        let report = row["potential"].as_str().unwrap().replace("pot.mtp", "report.json");
        let report = bench.json(&report);
        let of_set = |set: &str| values(&report[set]["by_feature"]["groups"], "value");
        assert_eq!(of_set("validation"), runs);
        let fitted = of_set("training");
        assert!(fitted.len() == 3 && fitted.iter().all(|run| !runs.contains(run)), "{fitted:?}");
    }

    let tune = tune.replace(" --group run", "");
    for (code, options, expected) in [
        (1, "--group phase --folds 4", "no configuration has the feature phase that --group asks for"),
        (
            1,
            "--group run --folds 5",
            "100 configurations cannot be split into 5 parts: they stay together in 4 groups",
        ),
        (
            1,
            "--group none --folds 120",
            "folds would have no configurations to validate on: 100 configurations",
        ),
        (
            2,
            "--group run --valid-cfgs bare.cfg",
            "--group run: needs --valid-fraction or --folds; the files of --valid-cfgs are a validation set as they are",
        ),
    ] {
        bench.refuse(code, &format!("{tune} {options} -o never"), expected);
        assert!(!bench.path("never").exists(), "{options}");
    }
}
