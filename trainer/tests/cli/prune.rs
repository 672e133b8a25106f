//! `mtprs prune`: what is removed, what is kept of it, resumption, and what is refused.

use std::process::Stdio;

use mtprs_core::format::load_potential;
use serde_json::Value;

use crate::fixture::{Bench, count_of_class, end_by_signal, figure, parse_page};
use crate::train::bench;

/// With the potential that labeled the data, of level 6, and `large.mtp`, of level 12 with the same energies.
fn bench_with_large(name: &str) -> Bench {
    let bench = bench(name);
    bench.succeed("upgrade pot.mtp large.mtp --level 12 -q");
    bench
}

/// Points without times.
fn points(bench: &Bench, file: &str) -> Vec<Value> {
    let mut points = bench.json(file)["points"].as_array().unwrap().clone();
    for point in &mut points {
        for key in ["seconds", "microseconds_per_atom", "potential"] {
            point.as_object_mut().unwrap().remove(key);
        }
    }
    points
}

#[test]
fn functions_that_do_not_matter_go_without_an_error() {
    let bench = bench_with_large("prune-path");
    let options =
        "--valid-cfgs valid.cfg --points 3 --until 0.6 --max-iter 60 --min-cutoff 4 --report-json again.json";
    let (_, stdout, stderr) = bench.run(&format!("prune large.mtp train.cfg {options}"));
    let found = bench.json("prune/prune.json");
    assert_eq!(found, bench.json("again.json"));
    let rows = found["points"].as_array().unwrap();
    assert_eq!(rows.len(), 4, "{stderr}");
    let [large, first] = ["large.mtp", "prune/00.mtp"].map(|file| load_potential(&bench.path(file)).unwrap());
    assert_eq!(first, large);
    let cost = |row: &Value| figure(row, "/counted_microseconds");
    for (number, row) in rows.iter().enumerate() {
        let name = row["potential"].as_str().unwrap();
        assert_eq!(name, format!("prune/{number:02}.mtp"));
        let potential = load_potential(&bench.path(name)).unwrap();
        assert_eq!(row["basis_functions"], potential.moment_basis().scalar_moments().len());
        assert_eq!(row["cutoff"], potential.cutoff());
        // Forces of the data are about 0.5 eV/Å; the data know nothing of what level 6 does not have.
        assert!(figure(row, "/validation/force") < 0.01, "{found}");
        bench.succeed(&format!("errors {name} valid.cfg --json e.json --force"));
        let errors = &bench.json("e.json")["errors"];
        let (own, others) = (figure(row, "/validation/force"), figure(errors, "/force_component/rms"));
        assert!((own - others).abs() < 1e-9 + 1e-6 * others, "{own} {others}");
    }
    assert!(rows.windows(2).all(|pair| cost(&pair[1]) < cost(&pair[0])), "{found}");
    assert!(cost(&rows[3]) <= 0.6 * cost(&rows[0]), "{found}");
    assert!(rows[3]["basis_functions"].as_u64() < rows[0]["basis_functions"].as_u64());
    assert!(
        stdout.contains("prune/03.mtp") && stderr.contains("point 3 of 3: functions removed"),
        "{stderr}"
    );
    let page = bench.text("prune/prune.html");
    // Energy, force and virial; a dot for each point in each.
    assert_eq!((count_of_class(&parse_page(&page), "plot"), page.matches("<circle").count()), (3, 12));
}

#[test]
fn a_shorter_cutoff_is_a_point_where_functions_cannot_go() {
    let bench = bench("prune-cutoff");
    bench.succeed("init --level 2 --species Mg,O --cutoff 5 --min-dist 1.4 --radial-basis-size 3 --zbl 1,4.2 -o two.mtp");
    // The repulsion of nuclei ends at 4.2 Å, and the cutoff no nearer.
    bench.succeed("train two.mtp train.cfg -o pairs.mtp --max-iter 50 --starts 1 -q");
    bench.succeed("prune pairs.mtp train.cfg --points 2 --until 0.7 --max-iter 30 --min-cutoff 4 -q");
    let rows = points(&bench, "prune/prune.json");
    let cutoffs: Vec<f64> = rows.iter().map(|row| figure(row, "/cutoff")).collect();
    assert!(
        cutoffs[0] == 5.0
            && cutoffs.iter().all(|&cutoff| cutoff >= 4.2)
            && cutoffs.iter().any(|&cutoff| (4.2..5.0).contains(&cutoff)),
        "{cutoffs:?}"
    );
    assert!(rows.iter().any(|row| row["change"] == "cutoff" && row["validation"].is_null()), "{rows:?}");
}

#[test]
fn a_path_that_was_stopped_ends_as_if_it_had_not_been() {
    let bench = bench_with_large("prune-signal");
    let path = "prune large.mtp train.cfg --points 3 --until 0.5 -j 1";
    bench.succeed(&format!("{path} --max-iter 15 -o whole -q"));
    bench.succeed(&format!("{path} --max-iter 15 -o parts -q"));
    // As if the last two points had not been written.
    let mut study = bench.json("parts/study.json");
    study["points"].as_array_mut().unwrap().truncate(2);
    std::fs::write(bench.path("parts/study.json"), study.to_string()).unwrap();
    std::fs::remove_file(bench.path("parts/03.mtp")).unwrap();
    bench.refuse(
        1,
        &format!("{path} --max-iter 15 -o parts"),
        "parts/study.json: there is an earlier path here",
    );
    let stderr = bench.run(&format!("{path} --max-iter 15 -o parts --resume")).2;
    assert!(!stderr.contains("point 1 of 3") && stderr.contains("point 3 of 3"), "{stderr}");
    assert_eq!(points(&bench, "whole/prune.json"), points(&bench, "parts/prune.json"));
    for file in ["01.mtp", "02.mtp", "03.mtp"] {
        assert_eq!(bench.text(&format!("whole/{file}")), bench.text(&format!("parts/{file}")), "{file}");
    }
    // Its own copies may be replaced, and nothing else.
    let again = format!("{path} --max-iter 15 -o parts --resume --report-json bare_valid.cfg");
    let before = bench.text("bare_valid.cfg");
    bench.fail(1, &again);
    assert_eq!(bench.text("bare_valid.cfg"), before);
    let changed = "parts: the path was started with another number of points: 3, not 4";
    bench.refuse(
        1,
        "prune large.mtp train.cfg --points 4 --until 0.5 --max-iter 15 -o parts --resume",
        changed,
    );
    let steps = "parts: the path was started with another max-iter: 15, not 20";
    bench.refuse(1, &format!("{path} --max-iter 20 -o parts --resume"), steps);
    std::fs::copy(bench.path("whole/00.mtp"), bench.path("parts/01.mtp")).unwrap();
    let other = "parts/01.mtp: expected the potential of the path";
    bench.refuse(1, &format!("{path} --max-iter 15 -o parts --resume"), other);
    // An older, longer path holds an input.
    let input = "the output would replace the input whole/03.mtp";
    bench.refuse(2, "prune whole/03.mtp train.cfg --points 1 -o whole --force", input);
    let long = "prune large.mtp train.cfg --max-iter 1000000 --bfgs-conv-tol 0 -o long";
    let run = bench.command(long).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    bench.wait_for("long/00.mtp");
    bench.refuse(1, &format!("{long} --resume"), "long: another process is pruning in this folder");
    let stderr = end_by_signal("INT", run);
    assert!(stderr.ends_with("interrupted: kept in long; --resume continues from there\n"), "{stderr}");
}

#[test]
fn what_a_path_has_no_use_for_is_refused() {
    let bench = bench("prune");
    bench.play("prune");
}
