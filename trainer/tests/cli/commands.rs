//! The commands as a user meets them: `init`, `info`, help, and what goes wrong with which exit code.

use std::fs;

use crate::fixture::{Bench, configurations, trained};
use mtprs_core::format::load_potential;
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
    assert_eq!(load_potential(&bench.path("three.mtp")).unwrap().species(), &Species::unnamed(3));
}

#[test]
fn init_replaces_a_file_only_by_force() {
    let bench = Bench::new("init_force");
    fs::write(bench.path("new.mtp"), "precious").unwrap();
    let message = bench.fail(1, &format!("{INIT} -o new.mtp"));
    let expected = "error: new.mtp: the file exists\n  hint: give another name, or --force to replace it\n";
    assert_eq!(message, expected);
    assert_eq!(bench.text("new.mtp"), "precious");
    bench.succeed(&format!("{INIT} -o new.mtp --force"));
    assert!(bench.text("new.mtp").starts_with("MTP\n"));
}

#[test]
fn info_describes_a_trained_potential() {
    let bench = Bench::new("info");
    let text = bench.succeed("info pot.mtp");
    for line in ["  file              pot.mtp", "  species           2 (Mg O)", "  state             trained"]
    {
        assert!(text.lines().any(|known| known == line), "{line} is missing:\n{text}");
    }
    assert!(!text.contains("warning"), "{text}");
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
fn info_warns_of_what_may_surprise() {
    let bench = Bench::new("info_warnings");
    bench.succeed("init --level 4 --species 2 --cutoff 5 --min-dist 0.1 -o new.mtp");
    let text = bench.succeed("info new.mtp");
    for warning in [
        "  warning: untrained: radial_coeffs, species_coeffs, moment_coeffs missing\n",
        "  warning: no element names in potential_tag: they cannot be checked against atom types\n",
        "  warning: min_dist is 0.1 Å, shorter than any bond\n",
    ] {
        assert!(text.contains(warning), "{warning} is missing:\n{text}");
    }
    let mut parts = trained().into_parts();
    let zeros = parts.radial_basis.functions_count() * parts.radial_basis.size();
    parts.parameters.radial_coeffs.as_mut().unwrap()[zeros..2 * zeros].fill(0.0);
    mtprs_core::format::save_potential(&Potential::new(parts).unwrap(), &bench.path("zero.mtp")).unwrap();
    let text = bench.succeed("info zero.mtp");
    assert!(text.contains("  warning: all radial coefficients of the pair Mg-O are zero\n"), "{text}");
}

#[test]
fn wrong_usage_has_exit_code_2_and_says_what_is_wrong() {
    let bench = Bench::new("usage");
    bench.write_configurations("in.cfg", &configurations(1));
    let cases = [
        ("", "Usage: mtprs <COMMAND>"),
        ("nonsense", "unrecognized subcommand 'nonsense'"),
        ("evaluate pot.mtp", "<IN.cfg>"),
        ("evaluate pot.mtp in.cfg out.cfg --threads 0", "--threads"),
        ("evaluate pot.mtp in.cfg out.cfg --precision single", "possible values: double, mixed"),
        ("errors pot.mtp in.cfg --precision", "possible values: double, mixed"),
        ("init --level 8 --cutoff 5", "--species"),
        (
            "init --level 8 --species Mg,Vo --cutoff 5",
            "error: invalid value 'Mg,Vo' for '--species <Mg,V,O|COUNT>': Vo is not the symbol of a chemical element\n",
        ),
        (
            "init --level 8 --species Mg,Mg --cutoff 5",
            "error: invalid value 'Mg,Mg' for '--species <Mg,V,O|COUNT>': element Mg is listed twice\n",
        ),
        (
            "init --level 7 --species Mg --cutoff 5",
            "error: invalid value '7' for '--level <LEVEL>': expected an even number\n",
        ),
        ("init --level 30 --species Mg --cutoff 5", "error: expected a level from 2 to 28, got 30\n"),
        ("init --level 8 --species 0 --cutoff 5", "species"),
        ("init --level 8 --species Mg --cutoff 1", "min_dist"),
        ("evaluate pot.mtp in.cfg ./pot.mtp", "error: the output would replace the input pot.mtp\n"),
        ("errors pot.mtp in.cfg --json in.cfg", "error: the output would replace the input in.cfg\n"),
        ("errors pot.mtp in.cfg --compat mlip9", "mlip2"),
    ];
    for (arguments, expected) in cases {
        let message = bench.fail(2, arguments);
        assert!(message.contains(expected), "mtprs {arguments}: {expected:?} is missing:\n{message}");
    }
}

#[test]
fn bad_files_have_exit_code_1_and_a_message_with_their_place() {
    let bench = Bench::new("bad_files");
    bench.write_configurations("in.cfg", &configurations(2));
    let whole = bench.text("in.cfg");
    fs::write(bench.path("cut.cfg"), &whole[..whole.len() / 2 + 40]).unwrap();
    fs::write(bench.path("species.cfg"), whole.replacen("\n            2    1", "\n            2    7", 1))
        .unwrap();
    fs::write(bench.path("text.mtp"), "not a potential\n").unwrap();
    fs::create_dir(bench.path("empty")).unwrap();
    bench.succeed("init --level 4 --species Mg,O --cutoff 5 -o new.mtp");
    let cases = [
        ("info no.mtp", "error: no.mtp: cannot open: No such file or directory"),
        ("info text.mtp", "error: text.mtp:1:"),
        ("evaluate pot.mtp no.cfg out.cfg", "error: no.cfg: cannot open: No such file or directory"),
        (
            "evaluate pot.mtp empty out.cfg",
            "error: empty: this is a folder, in which and below which there is no OUTCAR or vasprun.xml",
        ),
        ("evaluate pot.mtp in.cfg no/out.cfg", "error: no/out.cfg: cannot write"),
        ("evaluate pot.mtp cut.cfg out.cfg", "error: cut.cfg:"),
        ("evaluate pot.mtp pot.mtp out.cfg", "error: pot.mtp: this is a potential: expected configurations"),
        ("evaluate new.mtp in.cfg out.cfg", "error: new.mtp: "),
        (
            "evaluate pot.mtp species.cfg out.cfg",
            "error: species.cfg:1: configuration 1: atom 2 is of species 7, but pot.mtp names 2: Mg O (numbered from 0)\n",
        ),
        ("errors pot.mtp species.cfg", "error: species.cfg:1: configuration 1: atom 2 is of species 7"),
        ("errors new.mtp in.cfg", "error: new.mtp: "),
    ];
    for (arguments, expected) in cases {
        let message = bench.fail(1, arguments);
        assert!(message.starts_with(expected), "mtprs {arguments}: {expected:?} expected:\n{message}");
    }
    assert!(!bench.path("out.cfg").exists());
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
