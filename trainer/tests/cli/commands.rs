//! The commands as a user meets them: `init`, `info`, help, and what goes wrong with which exit code.

use std::fs;

use crate::fixture::{Bench, configurations, trained};
use mtprs_core::format::{load_potential, save_potential};
use mtprs_core::potential::Potential;
use mtprs_core::species::Species;
use serde_json::Value;

const INIT: &str = "init --level 8 --species Mg,V,O --cutoff 5";

#[test]
fn init_writes_an_untrained_potential_to_a_file_or_standard_output() {
    let bench = Bench::new("init");
    let (code, stdout, stderr) =
        bench.run(&format!("{INIT} --min-dist 1.5 --radial-basis-size 6 --name glass -o new.mtp"));
    assert_eq!((code, stdout.as_str()), (0, ""));
    assert!(
        stderr.starts_with("new.mtp: level 8, species: Mg V O, cutoff 5 Å\n9 basis functions from "),
        "{stderr}"
    );
    assert!(stderr.ends_with("; 120 parameters, untrained\n"), "{stderr}");
    let species = Species::named(&["Mg", "V", "O"]).unwrap();
    let mut expected = Potential::untrained(8, species, 1.5, 5.0, 6).unwrap().into_parts();
    expected.name = "glass".into();
    let potential = load_potential(&bench.path("new.mtp")).unwrap();
    assert_eq!(potential, Potential::new(expected).unwrap());

    let text = bench.succeed(&format!("{INIT} --min-dist 1.5 --radial-basis-size 6 --name glass"));
    assert_eq!(text, bench.text("new.mtp"));
    bench.succeed("init --level 2 --species 3 --cutoff 5 -o three.mtp");
    let long = "note: the cutoff 50 Å is long: the time grows with its cube; 5 to 7 Å are common";
    bench.tell("init --level 2 --species 3 --cutoff 50 -o long.mtp", &[long]);
    assert_eq!(load_potential(&bench.path("three.mtp")).unwrap().species(), &Species::unnamed(3));
}

#[test]
fn tables_are_compared_and_made() {
    let bench = Bench::new("tables");
    bench.play("tables");
    let whole = bench.succeed("init --table 22-4321 --species Mg,O --cutoff 5");
    assert_eq!(whole, bench.succeed("init --level 22 --ranks 4,3,2,1 --species Mg,O --cutoff 5"));
    let json: Value = serde_json::from_str(&bench.succeed("tables 6 12-21 --neighbors 20 --json")).unwrap();
    for (row, table) in json["tables"].as_array().unwrap().iter().zip(["6", "12-21"]) {
        assert_eq!(row["table"], table);
        let (time, counted) = (row["microseconds"].as_f64().unwrap(), row["multiply_adds"].as_f64().unwrap());
        // Between a multiply-add in 10 ps and one in 10 ns.
        assert!(time > 1e-5 * counted && time < 0.01 * counted, "{row}");
    }
}

#[test]
fn info_describes_a_trained_potential() {
    let bench = Bench::new("info");
    let json: Value = serde_json::from_str(&bench.succeed("info pot.mtp --json")).unwrap();
    let potential = trained();
    assert_eq!(json["level"], 6);
    assert_eq!(json["species"], serde_json::json!(["Mg", "O"]));
    assert_eq!(
        (&json["cutoff"], &json["min_dist"], &json["trained"]),
        (&4.0.into(), &1.4.into(), &true.into())
    );
    assert_eq!(json["parameters"], potential.parameter_layout().len());
    let counts: usize = json["blocks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|block| block["count"].as_u64().unwrap() as usize)
        .sum();
    assert_eq!(counts, potential.parameter_layout().len());
    let coefficients = potential.parameters().species_coeffs.as_ref().unwrap();
    let smallest = coefficients.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(json["blocks"][1]["min"].as_f64(), Some(smallest));
}

#[test]
fn what_is_wrong_or_may_surprise_is_said() {
    let bench = Bench::new("usage");
    bench.write_configurations("in.cfg", &configurations(2));
    bench.write_configurations("none.cfg", &[]);
    let whole = bench.text("in.cfg");
    fs::write(bench.path("cut.cfg"), &whole[..whole.len() / 2 + 40]).unwrap();
    fs::write(bench.path("species.cfg"), whole.replacen("\n            2    1", "\n            2    7", 1))
        .unwrap();
    fs::write(bench.path("text.mtp"), "not a potential\n").unwrap();
    fs::create_dir(bench.path("empty")).unwrap();
    let mut parts = trained().into_parts();
    let zeros = parts.radial_basis.functions_count() * parts.radial_basis.size();
    parts.parameters.radial_coeffs.as_mut().unwrap()[zeros..2 * zeros].fill(0.0);
    save_potential(&Potential::new(parts).unwrap(), &bench.path("zero.mtp")).unwrap();
    bench.play("usage");
}

/// The cases above take both streams together.
#[test]
fn messages_are_on_standard_error_alone() {
    let bench = Bench::new("streams_of_messages");
    bench.write_configurations("in.cfg", &configurations(1));
    for (code, arguments, expected) in [
        (2, "", "Usage: mtprs <COMMAND>"),
        (2, "evaluate pot.mtp in.cfg out.cfg --threads 0", "--threads"),
        (2, "init --level 7 --species Mg --cutoff 5", "error: expected an even level, got 7\n"),
        (2, "evaluate pot.mtp in.cfg ./pot.mtp", "error: the output would replace the input pot.mtp\n"),
        (1, "info no.mtp", "error: no.mtp: cannot open: No such file or directory"),
    ] {
        bench.refuse(code, arguments, expected);
    }
}

#[test]
fn help_and_version_are_on_standard_output() {
    let bench = Bench::new("help");
    let version = concat!("mtprs ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(bench.succeed("--version"), version);
    let help = bench.succeed("--help");
    for command in ["init", "info", "evaluate", "errors", "calc-efs", "calc-errors", "Exit codes: 0 success"]
    {
        assert!(help.contains(command), "{command} is missing:\n{help}");
    }
    for command in ["init", "info", "convert", "train", "tune", "evaluate", "errors", "calc-efs"] {
        let help = bench.succeed(&format!("help {command}"));
        assert!(help.contains("\nExamples:\n  mtprs "), "{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    }
}

#[test]
fn upgrade_makes_a_potential_larger_and_keeps_its_energies() {
    let bench = Bench::new("upgrade");
    bench.write_configurations("in.cfg", &configurations(6));
    let mut parts = trained().into_parts();
    parts.species = Species::unnamed(2);
    parts.tag = String::new();
    save_potential(&Potential::new(parts).unwrap(), &bench.path("unnamed.mtp")).unwrap();
    bench.succeed("init --level 6 --species 2 --cutoff 5 -o untrained.mtp");
    bench.play("upgrade");
}
