//! Files that ASE reads for us: the numbers are ASE's to the last digit, faults are told, and no process stays behind.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use mtprs::structure_files::{Format, ReadSettings, Structure};
use mtprs_testing::{scratch, workspace};
use mtprs_tests::structure_frames::{AseFrame, read_all};
use mtprs_tests::{learning, python};

/// A folder with files of ASE and what is in them.
fn folder(name: &str) -> PathBuf {
    let folder = scratch(&format!("ase-bridge/{name}"));
    python::output_of("structure_files.py", &["write".into(), folder.display().to_string()]);
    folder
}

fn mtprs(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(learning::program());
    command.current_dir(folder).args(arguments.split_whitespace()).env("MTPRS_PYTHON", python::interpreter());
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Converts a file to extended XYZ by way of ASE; the structures and what was said.
fn convert(folder: &Path, input: &str, format: &str) -> (Vec<Structure>, String) {
    let output = mtprs(folder, &format!("convert {input} out.xyz --input-format {format}")).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let text = fs::read(folder.join("out.xyz")).unwrap();
    fs::remove_file(folder.join("out.xyz")).unwrap();
    (read_all(&text, Format::EXTXYZ, &ReadSettings::default()), said(&output))
}

/// What ASE says is in a file.
fn by_ase(path: &Path, kind: &str) -> Vec<AseFrame> {
    let arguments = ["read".to_owned(), kind.to_owned(), path.display().to_string()];
    AseFrame::all(&serde_json::from_str(&python::output_of("structure_files.py", &arguments)).unwrap())
}

fn assert_same(structure: &Structure, frame: &AseFrame) {
    frame.assert_geometry(structure, 0.0);
    let configuration = &structure.configuration;
    assert_eq!(configuration.energy, frame.energies[1].or(frame.energies[0]));
    assert_eq!(configuration.forces, frame.forces);
    let Some(stress) = frame.stress else {
        assert_eq!(configuration.virial, None);
        return;
    };
    let volume = configuration.cell.volume().unwrap();
    for (virial, stress) in configuration.virial.unwrap().to_cfg_order().into_iter().zip(stress) {
        assert!((virial + stress * volume).abs() <= 1e-13 * virial.abs(), "{virial} {stress}");
    }
}

#[test]
fn trajectories_and_databases_have_every_digit() {
    let folder = folder("numbers");
    let json: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("frames.json")).unwrap()).unwrap();
    let frames = AseFrame::all(&json["frames"]);
    for (input, format) in [("frames.traj", "ase"), ("frames.traj", "ase:traj"), ("frames.db", "ase")] {
        let (structures, said) = convert(&folder, input, format);
        assert_eq!(structures.len(), frames.len());
        for (number, (structure, frame)) in structures.iter().zip(&frames).enumerate() {
            assert_same(structure, frame);
            // Å/fs from what ASE keeps as momenta: 1 Å fs⁻¹ is 1/0.0982 of its units
            let velocity = structure.velocities.as_ref().unwrap()[1][2];
            assert!((velocity - 1000.0 * 5.0 / 7.0 * 0.098_226_947_5).abs() < 1e-4, "{velocity}");
            let configuration = &structure.configuration;
            if input == "frames.db" {
                assert_eq!(configuration.feature("number"), Some(number.to_string().as_str()));
            } else {
                assert_eq!(configuration.feature("note"), Some("it \"is\" [x]"));
                assert_eq!(configuration.feature("REF_energy"), Some("-1.5"));
            }
        }
        assert!(
            said.contains("ASE does not tell whether the electrons converged: this was not checked"),
            "{said}"
        );
    }
    let output =
        mtprs(&folder, "convert frames.traj out.xyz --input-format ase --energy-key REF_energy").output();
    assert!(output.unwrap().status.success());
    let text = fs::read(folder.join("out.xyz")).unwrap();
    let structures = read_all(&text, Format::EXTXYZ, &ReadSettings::default());
    assert_eq!(structures[2].configuration.energy, Some(-1.5));
}

#[test]
fn outputs_of_other_codes_are_what_ase_reads_in_them() {
    let folder = folder("codes");
    let fixtures = workspace().join("tests/tests/ase");
    for (file, kind) in
        [("espresso.out", "espresso-out"), ("aims.out", "aims-output"), ("cp2k.restart", "cp2k-restart")]
    {
        let path = fixtures.join(file);
        let frames = by_ase(&path, kind);
        for format in ["ase".to_owned(), format!("ase:{kind}")] {
            let (structures, said) = convert(&folder, &path.display().to_string(), &format);
            assert_eq!(structures.len(), frames.len());
            for (structure, frame) in structures.iter().zip(&frames) {
                assert_same(structure, frame);
            }
            let unconverged =
                "1 line says \"convergence NOT achieved\", and ASE does not tell of which steps";
            assert_eq!(said.contains(unconverged), file == "espresso.out", "{said}");
        }
    }
    // -152.5 Ry and -7481.235 eV, as they stand in the files
    let (structures, _) = convert(&folder, &fixtures.join("espresso.out").display().to_string(), "ase");
    assert!((structures[0].configuration.energy.unwrap() + 152.5 * 13.605_693_1).abs() < 1e-3);
    let (structures, _) = convert(&folder, &fixtures.join("aims.out").display().to_string(), "ase");
    assert_eq!(structures[0].configuration.energy, Some(-7481.235));
}

#[test]
fn faults_are_told_in_a_sentence() {
    let folder = folder("faults");
    fs::write(folder.join("broken.traj"), "- of UlmASE-Trajectory, and no more").unwrap();
    let fail = |command: &mut Command| {
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        assert!(!folder.join("out.cfg").exists());
        said(&output)
    };
    let message = fail(&mut mtprs(&folder, "convert broken.traj out.cfg --species Mg --input-format ase"));
    assert!(message.starts_with("error: broken.traj: ASE cannot read it: "), "{message}");
    let message =
        fail(&mut mtprs(&folder, "convert frames.traj out.cfg --species Mg --input-format ase:nonsense"));
    assert!(
        message.starts_with("error: frames.traj: ASE cannot read it: ") && message.contains("nonsense"),
        "{message}"
    );
    let message = fail(&mut mtprs(&folder, "convert none.traj out.cfg --species Mg --input-format ase"));
    assert!(message.starts_with("error: none.traj: cannot open: "), "{message}");
    let message = fail(&mut mtprs(&folder, "convert - out.cfg --species Mg --input-format ase"));
    assert_eq!(message, "error: <stdin>: ASE reads files, and not standard input\n");
    for file in ["frames.traj", "frames.db"] {
        let message = fail(&mut mtprs(&folder, &format!("convert {file} out.cfg --species Mg")));
        let hint = "hint: use --input-format ase for formats that ASE reads (needs Python with ASE)\n";
        assert!(message.contains(" of ASE\n  ") && message.ends_with(hint), "{message}");
    }
}

#[test]
fn without_ase_it_says_what_to_install() {
    let folder = folder("without");
    let nowhere = folder.join("nowhere");
    let mut command = mtprs(&folder, "convert frames.traj out.cfg --species Mg --input-format ase");
    let output = command.env_remove("MTPRS_PYTHON").env("PATH", &nowhere).output().unwrap();
    let expected = "error: frames.traj: reading this with ASE needs a Python that has it (python3: not found; python: not found)\n  \
                    hint: pip install ase, or set MTPRS_PYTHON=/path/to/python to a Python that has it\n";
    assert_eq!((output.status.code(), said(&output).as_str()), (Some(1), expected));
    let python =
        script(&folder, "python3", "echo \"ModuleNotFoundError: No module named 'ase'\" >&2; exit 1");
    let mut command = mtprs(&folder, "convert frames.traj out.cfg --species Mg --input-format ase");
    let message = said(&command.env("MTPRS_PYTHON", &python).output().unwrap());
    assert!(message.contains("No module named 'ase'"), "{message}");
}

#[test]
fn the_process_ends_with_the_command() {
    let folder = folder("processes");
    let body = format!("echo $$ >> \"$0.pids\"\nexec '{}' \"$@\"", python::interpreter().display());
    let python = script(&folder, "python", &body);
    // ends early, at the end, and with an error
    for arguments in ["--limit 1", "--last", "--species Mg"] {
        let mut command =
            mtprs(&folder, &format!("convert frames.traj out.xyz --input-format ase --force {arguments}"));
        let output = command.env("MTPRS_PYTHON", &python).output().unwrap();
        assert_eq!(output.status.success(), arguments != "--species Mg", "{}", said(&output));
    }
    let pids = fs::read_to_string(folder.join("python.pids")).unwrap();
    assert_eq!(pids.lines().count(), 6);
    for pid in pids.lines() {
        assert!(!Path::new("/proc").join(pid).exists(), "process {pid} is still there");
    }
}

/// A shell script that may be run.
fn script(folder: &Path, name: &str, body: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}
