//! What is on the disk stays: no command replaces an input, nor a file that exists unless it is told to.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::thread;

use crate::fixture::{Bench, configurations, texts};
use crate::train;

/// A folder with a potential, configurations with labels, and a state.
fn bench(name: &str) -> Bench {
    let bench = train::bench(name);
    bench.succeed("state build pot.mtp train.cfg state.mtps -q");
    bench.succeed("state build pot.mtp train.cfg nbh.mtps --mode neighborhood -q");
    bench
}

/// Commands with a place for the name of each output, and their inputs.
pub(crate) const COMMANDS: [(&str, &[&str]); 25] = [
    ("init --level 4 --species Mg,O --cutoff 5 -o OUT", &[]),
    ("convert train.cfg OUT --output-format cfg --potential pot.mtp", &["train.cfg", "pot.mtp"]),
    ("convert train.cfg OUT --output-format poscar --potential pot.mtp --last", &["train.cfg", "pot.mtp"]),
    ("convert-cfg train.cfg OUT --output-format=cfg", &["train.cfg"]),
    ("check train.cfg --json OUT", &["train.cfg"]),
    ("split train.cfg --into OUT=80%", &["train.cfg"]),
    ("split train.cfg --into a.cfg=80% --into OUT=rest", &["train.cfg"]),
    ("merge train.cfg OUT", &["train.cfg"]),
    ("filter train.cfg OUT --min-atoms 1", &["train.cfg"]),
    ("filter train.cfg a.cfg --min-atoms 1 --rejected OUT", &["train.cfg"]),
    ("subsample train.cfg OUT --maxvol 2 --potential pot.mtp", &["train.cfg", "pot.mtp"]),
    ("evaluate pot.mtp train.cfg OUT", &["pot.mtp", "train.cfg"]),
    ("calc-efs pot.mtp train.cfg OUT", &["pot.mtp", "train.cfg"]),
    ("errors pot.mtp train.cfg --json OUT", &["pot.mtp", "train.cfg"]),
    ("calc-errors pot.mtp train.cfg --report OUT", &["pot.mtp", "train.cfg"]),
    ("grade pot.mtp state.mtps train.cfg OUT", &["pot.mtp", "state.mtps", "train.cfg"]),
    ("calc-grade pot.mtp state.mtps train.cfg OUT", &["pot.mtp", "state.mtps", "train.cfg"]),
    ("grade pot.mtp train.cfg train.cfg a.cfg --als-filename OUT", &["pot.mtp", "train.cfg"]),
    ("select-add pot.mtp state.mtps train.cfg OUT", &["pot.mtp", "state.mtps", "train.cfg"]),
    ("select pot.mtp train.cfg valid.cfg a.cfg --als-filename OUT", &["pot.mtp", "train.cfg", "valid.cfg"]),
    (
        "cutout pot.mtp train.cfg OUT --state nbh.mtps --output-format cfg",
        &["pot.mtp", "train.cfg", "nbh.mtps"],
    ),
    ("train new.mtp train.cfg --valid-cfgs valid.cfg -o OUT", &["new.mtp", "train.cfg", "valid.cfg"]),
    ("train new.mtp train.cfg -o a.mtp --curr-pot-name OUT", &["new.mtp", "train.cfg"]),
    ("scaling pot.mtp --density 0.05 --atoms 1e4 --json OUT", &["pot.mtp"]),
    ("state build pot.mtp train.cfg OUT", &["pot.mtp", "train.cfg"]),
];

#[test]
fn no_command_replaces_one_of_its_inputs_under_whatever_name() {
    let bench = bench("files_inputs");
    for (arguments, inputs) in COMMANDS {
        for input in inputs {
            let before = fs::read(bench.path(input)).unwrap();
            symlink(bench.path(input), bench.path("link")).unwrap();
            fs::hard_link(bench.path(input), bench.path("hard")).unwrap();
            let files = bench.files();
            let absolute = bench.path(input).display().to_string();
            let dotted = format!("./{input}");
            for name in [input, dotted.as_str(), absolute.as_str(), "link", "hard"] {
                for option in ["", " --force"] {
                    let arguments = format!("{}{option}", arguments.replace("OUT", name));
                    let expected = format!("error: the output would replace the input {input}\n");
                    bench.refuse(2, &arguments, &expected);
                }
            }
            assert_eq!(fs::read(bench.path(input)).unwrap(), before, "{arguments}");
            assert_eq!(bench.files(), files, "{arguments}");
            for name in ["link", "hard"] {
                fs::remove_file(bench.path(name)).unwrap();
            }
        }
    }
}

#[test]
fn what_exists_is_replaced_by_force_only() {
    let bench = bench("files_exist");
    fs::create_dir(bench.path("folder")).unwrap();
    for (arguments, _) in COMMANDS {
        fs::write(bench.path("old"), "precious").unwrap();
        let files = bench.files();
        let command = arguments.replace("OUT", "old");
        let message = bench.fail(1, &command);
        let expected =
            "error: old: the file exists\n  hint: choose another name, or replace it with --force\n";
        assert_eq!(message, expected, "mtprs {command}");
        assert_eq!(bench.text("old"), "precious", "mtprs {command}");
        for (name, expected) in [
            ("folder", "error: folder: cannot write: it is a folder\n".to_owned()),
            ("no/such", "error: no/such: cannot write: there is no folder no\n".to_owned()),
        ] {
            for option in ["", " --force"] {
                let command = format!("{}{option}", arguments.replace("OUT", name));
                assert_eq!(bench.fail(1, &command), expected, "mtprs {command}");
            }
        }
        assert_eq!(bench.files(), files, "mtprs {command}");
    }
    bench.succeed("evaluate pot.mtp train.cfg old --force -q");
    assert!(bench.text("old").starts_with("BEGIN_CFG"));
    bench.succeed("init --level 4 --species Mg,O --cutoff 5 -o old --force");
    assert!(bench.text("old").starts_with("MTP\n"));
    bench.succeed("state build pot.mtp train.cfg old --force -q");
    assert!(fs::read(bench.path("old")).unwrap().starts_with(b"MTPRS_STATE"));
}

#[test]
fn nothing_is_written_twice_and_devices_hold_any_number() {
    let bench = bench("files_twice");
    fs::create_dir(bench.path("here")).unwrap();
    symlink(bench.path("here"), bench.path("there")).unwrap();
    for (first, second) in [("a", "./a"), ("here/a", "there/a")] {
        let arguments = format!("errors pot.mtp train.cfg --json {first} --report {second}");
        bench.refuse(2, &arguments, &format!("error: {second} would be written twice\n"));
    }
    bench.succeed("errors pot.mtp train.cfg --json /dev/null --report /dev/null -q");
    let through = bench.succeed("evaluate pot.mtp train.cfg /dev/stdout -q");
    assert_eq!(through, bench.succeed("evaluate pot.mtp train.cfg -q"));
}

#[test]
fn standard_output_goes_into_no_input() {
    let bench = bench("files_stdout");
    let before = bench.text("train.cfg");
    let own = OpenOptions::new().append(true).open(bench.path("train.cfg")).unwrap();
    let output = bench.command("evaluate pot.mtp train.cfg").stdout(own).output().unwrap();
    let (code, _, stderr) = texts(&output);
    assert_eq!(code, 2);
    assert!(stderr.starts_with("error: standard output goes into the input train.cfg\n"), "{stderr}");
    assert_eq!(bench.text("train.cfg"), before);
}

#[test]
fn a_file_that_appears_meanwhile_stays() {
    let bench = Bench::new("files_meanwhile");
    bench.write_configurations("in.cfg", &configurations(3));
    let before = bench.files().len();
    let mut command = bench.command("evaluate pot.mtp - out.cfg");
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(bench.text("in.cfg").as_bytes()).unwrap();
    bench.wait_for_more_files(before);
    fs::write(bench.path("out.cfg"), "precious").unwrap();
    drop(stdin);
    let (code, _, stderr) = texts(&child.wait_with_output().unwrap());
    assert_eq!(code, 1);
    assert!(stderr.contains("error: out.cfg: the file exists\n  hint: choose another name"), "{stderr}");
    assert_eq!(bench.text("out.cfg"), "precious");
    assert_eq!(bench.files().len(), before + 1);
}

#[test]
fn a_training_goes_on_with_its_own_files_and_replaces_no_other() {
    let bench = train::bench("files_train");
    let options = "train new.mtp train.cfg -o fitted.mtp --curr-pot-name now.mtp --max-iter 3 -q";
    let long = format!("{options} --force --starts 1000000 --checkpoint-interval 0");
    let options = format!("{options} --starts 1");
    bench.succeed(&options);
    let first = bench.text("fitted.mtp");
    // There is no checkpoint to go on from: --resume would begin anew.
    for option in ["", " --resume"] {
        bench.refuse(1, &format!("{options}{option}"), "error: fitted.mtp: the file exists\n");
    }
    bench.succeed(&format!("{options} --force --seed 2"));
    assert_ne!(bench.text("fitted.mtp"), first);

    let mut run = bench.command(&long).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    bench.wait_for("fitted.mtp.checkpoint");
    run.kill().unwrap();
    run.wait().unwrap();
    let message = bench.fail(1, &options);
    let expected = "error: fitted.mtp.checkpoint: there is a checkpoint of a stopped run here\n  hint: continue with \
                    --resume, or start over with --force\n";
    assert_eq!(message, expected);
    bench.succeed(&format!("{options} --force"));
    assert_eq!(bench.text("fitted.mtp"), first);
    assert!(!bench.path("fitted.mtp.checkpoint").exists());
}

#[test]
fn a_checkpoint_takes_the_place_of_checkpoints_only() {
    let bench = bench("files_checkpoint");
    fs::write(bench.path("notes.txt"), "my notes").unwrap();
    for option in ["", "--force", "--resume"] {
        let command =
            format!("train new.mtp train.cfg -o out.mtp --max-iter 2 --checkpoint notes.txt {option}");
        bench.refuse(1, &command, "error: notes.txt: this is not a checkpoint and is not replaced");
        assert_eq!(bench.text("notes.txt"), "my notes");
    }
}

#[test]
fn a_search_begins_anew_by_force_only() {
    let bench = train::bench("files_tune");
    let options = "tune train.cfg --species Mg,O --cutoffs 4 --max-iter 3 --starts 1 -q";
    bench.succeed(&format!("{options} --levels 2,4"));
    let expected = "there is an earlier search here\n  hint: continue with --resume";
    bench.refuse(1, &format!("{options} --levels 4"), expected);
    bench.succeed(&format!("{options} --levels 4 --seed 3 --force"));
    assert_eq!(bench.json("tune/tune.json")["trials"].as_array().unwrap().len(), 1);

    fs::create_dir(bench.path("other")).unwrap();
    fs::write(bench.path("other/tune.html"), "precious").unwrap();
    let expected = "other/tune.html: it exists, and the search would overwrite it";
    bench.refuse(1, &format!("{options} --levels 4 -o other"), expected);
    assert_eq!(bench.text("other/tune.html"), "precious");
}

#[test]
fn pages_of_the_manual_are_replaced_by_force_only() {
    let bench = Bench::new("files_man");
    bench.succeed("man --out pages");
    bench.refuse(1, "man --out pages", "error: pages/mtprs.1: the file exists\n");
    bench.succeed("man --out pages --force");
}

#[test]
fn a_pipe_that_is_to_be_read_twice_is_refused() {
    let bench = bench("files_pipes");
    for command in [
        "subsample PIPE out.cfg --maxvol 3 --potential pot.mtp",
        "subsample PIPE out.cfg --count 2 --seed 1",
        "split PIPE --into out.cfg=50% --into rest.cfg=rest",
        "train new.mtp PIPE -o out.mtp --max-iter 2",
        "state build pot.mtp PIPE out.mtps",
        "grade pot.mtp PIPE valid.cfg out.cfg",
        "select pot.mtp PIPE valid.cfg out.cfg",
        "train PIPE train.cfg -o out.mtp --max-iter 2",
    ] {
        let pipe = bench.path("pipe");
        let _absent_at_first = fs::remove_file(&pipe);
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        // Small enough for the buffer of a pipe.
        let text = fs::read(bench.path("valid.cfg")).unwrap();
        // It waits for a reader, and ends with what it has been given.
        let path = pipe.clone();
        let writer = thread::spawn(move || fs::write(path, text));
        let message = bench.fail(1, &command.replace("PIPE", "pipe"));
        let expected = "error: pipe: this is a pipe, but it has to be read a second time\n  hint: write it to a file first\n";
        assert!(message.ends_with(expected), "{command}: {message}");
        assert!(!bench.path("out.cfg").exists(), "{command}");
        // What was not opened still waits.
        let _both_ends = OpenOptions::new().read(true).write(true).open(pipe).unwrap();
        let _broken_where_not_all_was_read = writer.join().unwrap();
    }
}
