//! `mtprs evaluate`: what it writes, in which order, and what it leaves behind when it is stopped.

use std::fs;
use std::io::{Read, Write};
use std::process::Stdio;

use crate::fixture::{Bench, configurations, end_by_signal, indices, texts, trained};
use mtprs_core::evaluate::{Evaluator, Precision};
use mtprs_core::geometry::{Cell, ExtraColumn};

#[test]
fn labels_are_those_of_the_library_and_everything_else_is_kept() {
    let bench = Bench::new("labels");
    let mut inputs = configurations(7);
    inputs[1].cell = Cell::open();
    inputs[2].ids = vec![40, 30, 20, 10];
    inputs[2].extra_columns = vec![ExtraColumn {
        name: "charges".into(),
        words: ["0.5", "-1", "2e0", "x"].map(String::from).into(),
    }];
    inputs[3].energy = Some(17.0);
    inputs[3].site_energies = Some(vec![1.0; 5]);
    inputs[4].set_feature("EFS_by", "another program");
    bench.write_configurations("in.cfg", &inputs);
    bench.succeed("evaluate pot.mtp in.cfg out.cfg");
    let outputs = bench.read_configurations("out.cfg");
    assert_eq!(outputs.len(), inputs.len());
    let mut evaluator = Evaluator::new(&trained()).unwrap();
    for (mut input, output) in inputs.into_iter().zip(outputs) {
        input.site_energies = None;
        evaluator.evaluate(&input).unwrap().store_in(&mut input, false);
        input.set_feature("EFS_by", concat!("mtprs ", env!("CARGO_PKG_VERSION")));
        assert_eq!(output, input);
    }
}

#[test]
fn site_energies_are_written_when_wanted_and_sum_to_the_energy() {
    let bench = Bench::new("site_energies");
    bench.write_configurations("in.cfg", &configurations(5));
    bench.succeed("evaluate pot.mtp in.cfg out.cfg --site-energies");
    for output in bench.read_configurations("out.cfg") {
        let sum: f64 = output.site_energies.unwrap().iter().sum();
        let energy = output.energy.unwrap();
        // Sums of at most six numbers in a different order.
        assert!((sum - energy).abs() <= 1e-14 * energy.abs().max(1.0), "{sum} and {energy}");
    }
}

#[test]
fn the_precision_is_that_which_was_asked_for() {
    let bench = Bench::new("precision");
    let inputs = configurations(7);
    bench.write_configurations("in.cfg", &inputs);
    bench.succeed("evaluate pot.mtp in.cfg plain.cfg --force");
    for precision in Precision::ALL {
        bench.succeed(&format!("evaluate pot.mtp in.cfg out.cfg --precision {} --force", precision.name()));
        let mut evaluator = Evaluator::builder(&trained()).precision(precision).build().unwrap();
        for (input, output) in inputs.iter().zip(bench.read_configurations("out.cfg")) {
            let expected = evaluator.evaluate(input).unwrap();
            assert_eq!((output.energy, output.forces), (Some(expected.energy), Some(expected.forces)));
        }
        let same_as_plain = bench.text("out.cfg") == bench.text("plain.cfg");
        assert_eq!(same_as_plain, precision == Precision::Double);
    }
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let bench = Bench::new("evaluate_threads");
    bench.write_configurations("in.cfg", &configurations(500));
    bench.succeed("evaluate pot.mtp in.cfg one.cfg --threads 1 --force");
    for threads in [2, 5] {
        bench.succeed(&format!("evaluate pot.mtp in.cfg many.cfg --threads {threads} --force"));
        assert!(bench.text("one.cfg") == bench.text("many.cfg"), "{threads} threads differ from one");
    }
    assert_eq!(indices(&bench, "one.cfg"), (0..500).collect::<Vec<_>>());
}

#[test]
fn standard_streams_and_the_alias_do_the_same_as_files() {
    let bench = Bench::new("streams");
    bench.write_configurations("in.cfg", &configurations(20));
    bench.succeed("calc-efs pot.mtp in.cfg out.cfg");
    let mut command = bench.command("evaluate pot.mtp -");
    command.stdin(fs::File::open(bench.path("in.cfg")).unwrap());
    let (code, stdout, stderr) = texts(&command.output().unwrap());
    assert_eq!(code, 0);
    assert_eq!(stdout, bench.text("out.cfg"));
    assert!(stderr.contains("\nevaluated 20 configurations with 80 atoms in "), "{stderr}");
}

#[test]
fn quiet_is_quiet() {
    let bench = Bench::new("quiet");
    bench.write_configurations("in.cfg", &configurations(2));
    let (code, stdout, stderr) = bench.run("evaluate pot.mtp in.cfg out.cfg --quiet");
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (0, "", ""));
}

#[test]
fn a_reader_that_stops_early_is_no_error() {
    let bench = Bench::new("broken_pipe");
    // More than any pipe holds.
    bench.write_configurations("in.cfg", &configurations(1000));
    let mut command = bench.command("evaluate pot.mtp in.cfg - --quiet");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 9];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    assert_eq!(&first, b"BEGIN_CFG");
    let (code, _, stderr) = texts(&child.wait_with_output().unwrap());
    assert_eq!((code, stderr.as_str()), (0, ""));
}

#[test]
fn errors_leave_the_old_output_alone() {
    let bench = Bench::new("old_output");
    let mut inputs = configurations(300);
    inputs[250].species[1] = 2;
    bench.write_configurations("in.cfg", &inputs);
    fs::write(bench.path("out.cfg"), "old").unwrap();
    let before = bench.files();
    let message = bench.fail(1, "evaluate pot.mtp in.cfg out.cfg --force");
    assert!(message.contains("configuration 251: "), "{message}");
    assert_eq!(bench.text("out.cfg"), "old");
    assert_eq!(bench.files(), before);
}

#[test]
fn an_interrupted_run_leaves_the_old_output_and_nothing_else() {
    for name in ["INT", "TERM"] {
        let bench = Bench::new(&format!("interrupted_{name}"));
        bench.write_configurations("in.cfg", &configurations(3));
        fs::write(bench.path("out.cfg"), "old").unwrap();
        let before = bench.files();
        let mut command = bench.command("evaluate pot.mtp - out.cfg --force");
        let mut run = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        run.stdin.as_mut().unwrap().write_all(bench.text("in.cfg").as_bytes()).unwrap();
        // The program watches for signals before it begins its output.
        bench.wait_for_more_files(before.len());
        assert_eq!(end_by_signal(name, run), "interrupted: no output file was changed\n");
        assert_eq!(bench.text("out.cfg"), "old");
        assert_eq!(bench.files(), before);
    }
}
