//! `mtprs scaling`: tables, JSON and page of a prediction, costs from a measurement and from a log, and what is refused.

use std::fs;

use serde_json::Value;

use crate::fixture::{Bench, configurations, count_of_class, figure, parse_page};

/// The breakdown of 100 steps of 64 atoms on one rank.
const LOG: &str = "\
Loop time of 0.02 on 1 procs for 100 steps with 64 atoms
Pair    | 0.0128     | 0.0128     | 0.0128     |   0.0 | 64.00
Neigh   | 0.00128    | 0.00128    | 0.00128    |   0.0 |  6.40
Comm    | 0.001      | 0.001      | 0.001      |   0.0 |  5.00
Output  | 0.00001    | 0.00001    | 0.00001    |   0.0 |  0.05
Modify  | 0.0004     | 0.0004     | 0.0004     |   0.0 |  2.00
Other   |            | 0.00024    |            |       |  1.20
Nlocal:             64 ave          64 max          64 min
Nghost:            500 ave         500 max         500 min
FullNghs:         3200 ave        3200 max        3200 min
Neighbor list builds = 5
";

/// A crystal of 8 atoms with a cell of 4.2 Å.
fn bench(name: &str) -> Bench {
    let bench = Bench::new(name);
    let mut text = String::from("crystal\n1.0\n4.2 0 0\n0 4.2 0\n0 0 4.2\nMg O\n4 4\nDirect\n");
    for place in
        ["0 0 0", "0.5 0.5 0", "0.5 0 0.5", "0 0.5 0.5", "0.5 0 0", "0 0.5 0", "0 0 0.5", "0.5 0.5 0.5"]
    {
        text.push_str(&format!("{place}\n"));
    }
    fs::write(bench.path("POSCAR"), text).unwrap();
    bench
}

fn json(bench: &Bench, arguments: &str) -> Value {
    serde_json::from_str(&bench.succeed(&format!("scaling {arguments} --json -"))).unwrap()
}

#[test]
fn a_prediction_is_a_table_json_and_a_page() {
    let bench = bench("scaling");
    let options =
        "pot.mtp POSCAR --atoms 1e3,1e6 --microseconds-per-atom 2 --skin 1 --cores-per-node 32 --time 500";
    let text = bench.succeed(&format!("scaling {options} --report page.html --json all.json"));
    let report = bench.json("all.json");
    assert_eq!(report, json(&bench, options));
    let systems = report["systems"].as_array().unwrap();
    assert_eq!(systems[0]["replicate"], serde_json::json!([5, 5, 5]));
    assert_eq!(
        (systems[0]["atoms"].as_f64(), systems[1]["atoms"].as_f64()),
        (Some(1000.0), Some(1_000_000.0))
    );
    for system in systems {
        let rows = system["rows"].as_array().unwrap();
        assert_eq!(rows.len(), if system["atoms"] == 1000.0 { 10 } else { 15 });
        // One core: atoms times microseconds and what else LAMMPS does; hours follow.
        let atoms = system["atoms"].as_f64().unwrap();
        assert!((figure(&rows[0], "/seconds/pair") / (2e-6 * atoms) - 1.0).abs() < 0.005);
        for row in rows {
            let seconds: f64 = row["seconds"].as_object().unwrap().values().filter_map(Value::as_f64).sum();
            assert!((figure(row, "/hours") / (seconds * 500_000.0 / 3600.0) - 1.0).abs() < 1e-9);
            let ranks = figure(row, "/ranks");
            assert!((figure(row, "/atoms_per_rank") * ranks / atoms - 1.0).abs() < 1e-9);
            let grid: f64 = row["grid"].as_array().unwrap().iter().filter_map(Value::as_f64).product();
            assert_eq!(grid, ranks);
        }
        let mut efficient = rows.iter().filter(|row| figure(row, "/efficiency") >= 0.7);
        assert_eq!(efficient.next_back().unwrap()["ranks"], system["sensible_ranks"]);
        let line = |mark: &str, ranks: &Value| {
            let wanted = ranks.to_string();
            let marked = |line: &&str| {
                line.trim_start().starts_with(mark) && line.split_whitespace().nth(1) == Some(&wanted)
            };
            text.lines().filter(marked).count()
        };
        assert!(line("*", &system["sensible_ranks"]) > 0, "{text}");
    }
    let (small, large) = (&systems[0]["sensible_ranks"], &systems[1]["sensible_ranks"]);
    assert!(small.as_f64() < large.as_f64(), "{small} {large}");
    let page = bench.text("page.html");
    let document = parse_page(&page);
    assert_eq!((count_of_class(&document, "plot"), page.matches("<table").count()), (4, 2 + 1));
    assert!(!page.contains("NaN") && !page.contains("inf"), "{page}");
}

#[test]
fn costs_are_measured_or_read_from_a_log() {
    let bench = bench("scaling-costs");
    let measured = json(&bench, "pot.mtp POSCAR --replicate 3,3,3 --threads 1 --ranks 1,2 --quiet");
    assert_eq!(measured["cost_source"], serde_json::json!({ "measured": 1 }));
    assert!((1e-8..1e-3).contains(&figure(&measured, "/costs/pair")), "{measured}");
    // 4 Å and 2 Å of skin; a crystal with a lattice constant of 4.2 Å has this many atoms within 6 Å.
    assert_eq!(figure(&measured, "/systems/0/listed_neighbors"), neighbors_within(6.0));

    fs::write(bench.path("log"), LOG).unwrap();
    let logged = json(&bench, "pot.mtp POSCAR --replicate 2,2,2 --log log --ranks 1");
    for (path, expected) in [("pair", 2e-6), ("list", 8e-8), ("ghost", 2e-8), ("integrate", 1e-7)] {
        assert!((figure(&logged, &format!("/costs/{path}")) / expected - 1.0).abs() < 1e-9, "{logged}");
    }
    assert_eq!(figure(&logged, "/systems/0/rebuild_every"), 20.0);

    // An untrained potential and atoms without a structure.
    bench.succeed("init --level 8 --species 2 --cutoff 5 -o new.mtp");
    let dense =
        json(&bench, "new.mtp --density 0.1 --atoms 1e8 --skin 1 --threads 1 --ranks 1024,16384 --quiet");
    let listed = figure(&dense, "/systems/0/listed_neighbors");
    assert!((listed / (0.1 * 4.0 / 3.0 * std::f64::consts::PI * 216.0) - 1.0).abs() < 1e-9, "{listed}");
    assert!(figure(&dense, "/systems/0/rows/1/efficiency") > 0.5);
}

/// Sites of a rock salt crystal around one of them.
fn neighbors_within(distance: f64) -> f64 {
    let mut count = -1.0;
    let near = -3..=3_i32;
    for x in near.clone() {
        for y in near.clone() {
            for z in near.clone() {
                let squared = f64::from(x * x + y * y + z * z) * 2.1 * 2.1;
                count += f64::from(u8::from(squared < distance * distance));
            }
        }
    }
    count
}

#[test]
fn more_threads_and_less_mass_of_messages_are_told() {
    let bench = bench("scaling-threads");
    let common = "pot.mtp POSCAR --replicate 10,10,10 --microseconds-per-atom 2 --skin 1 --cores-per-node 16";
    let plain = json(&bench, &format!("{common} --ranks 16"));
    let hybrid = json(&bench, &format!("{common} --ranks 4 --threads-per-rank 4"));
    let [plain, hybrid] = [&plain, &hybrid].map(|report| &report["systems"][0]["rows"][0]);
    assert_eq!((&plain["cores"], &hybrid["cores"], &hybrid["nodes"]), (&16.into(), &16.into(), &1.into()));
    let ghosts = |row: &Value| figure(row, "/ghosts_per_rank") * figure(row, "/ranks");
    assert!(ghosts(hybrid) < ghosts(plain));
    // Lists and integration are left to one thread of four.
    assert!(figure(hybrid, "/seconds/lists") > 3.9 * figure(plain, "/seconds/lists"));
}

#[test]
fn what_cannot_be_predicted_is_refused() {
    let bench = bench("scaling-refused");
    bench.write_configurations("in.cfg", &configurations(1));
    fs::write(bench.path("Xe"), "x\n1.0\n4 0 0\n0 4 0\n0 0 4\nXe\n1\nDirect\n0 0 0\n").unwrap();
    fs::write(bench.path("log"), "LAMMPS\n").unwrap();
    bench.play("scaling");
}
