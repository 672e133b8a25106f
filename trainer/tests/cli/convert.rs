//! `mtprs convert`: choice of frames, order of species, several inputs and outputs, and what it says about them.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Stdio;

use crate::fixture::{Bench, configurations, texts};

/// A file beside the tests of the readers.
fn structure_file(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/structure_files").join(name)
}

/// Frames of one atom in extended XYZ, numbered from one.
fn frames(count: usize) -> String {
    let frame = |number| format!("1\nLattice=\"4 0 0 0 4 0 0 0 4\" number={number} energy=-1\nMg 0 0 0\n");
    (1..=count).map(frame).collect()
}

#[test]
fn frames_species_and_formats_are_what_was_asked_for() {
    let bench = Bench::new("convert");
    // Three steps, of which the second did not converge.
    let outcar = fs::read_to_string(structure_file("OUTCAR_relaxation")).unwrap();
    fs::write(bench.path("OUTCAR_hard_stop"), outcar.replace("EDIFF is reached", "hard stop was set"))
        .unwrap();
    fs::write(bench.path("OUTCAR_relaxation"), outcar).unwrap();
    fs::write(bench.path("7.xyz"), frames(7)).unwrap();
    fs::write(bench.path("2.xyz"), frames(2)).unwrap();
    let velocities = "1\nProperties=species:S:1:pos:R:3:vel:R:3 energy=1\nMg 0 0 0 1 0 0\n";
    fs::write(bench.path("molecule.xyz"), velocities).unwrap();
    fs::write(bench.path("binary.cfg"), b"\x00\x01\x02 binary").unwrap();
    fs::write(bench.path("table.txt"), "a b\n").unwrap();
    bench.write_configurations("numbers.cfg", &configurations(3));
    bench.play("convert");
    assert_eq!(bench.text("again.cfg"), bench.text("mg_o.cfg"));
    assert_eq!(bench.read_configurations("same.cfg"), configurations(3));
    assert!(bench.text("molecule.data").starts_with("# Mg, boundary f f f\n"));
    let numbered = ["POSCAR-1", "POSCAR-2", "cell-1.data", "cell-2.data", "last.vasp"];
    assert!(numbered.iter().all(|name| bench.path(name).exists()), "{:?}", bench.files());
    assert!(
        ["POSCAR", "cell.data", "OUTCAR"].iter().all(|name| !bench.path(name).exists()),
        "{:?}",
        bench.files()
    );

    // A series is not mixed with an older one: no file of it is written.
    let before = bench.text("POSCAR-1");
    fs::remove_file(bench.path("POSCAR-1")).unwrap();
    bench.refuse(
        1,
        "convert 2.xyz POSCAR",
        "error: POSCAR-2: the file exists\n  hint: choose another name, or replace it with --force\n",
    );
    assert!(!bench.path("POSCAR-1").exists());
    fs::write(bench.path("POSCAR-7"), "older").unwrap();
    let (code, _, stderr) = bench.run("convert 2.xyz POSCAR --force --quiet");
    assert_eq!((code, stderr.as_str()), (0, "warning: POSCAR-7 is left over from an earlier run\n"));
    assert_eq!((bench.text("POSCAR-1"), bench.text("POSCAR-7")), (before, "older".to_owned()));
}

#[test]
fn compressed_files_and_standard_streams_are_read() {
    let bench = Bench::new("convert_streams");
    bench.write_compressed("a.xyz.gz", frames(3).as_bytes());
    bench.succeed("convert a.xyz.gz out.cfg --species Mg");
    let numbers = bench.read_configurations("out.cfg");
    assert_eq!(numbers.iter().map(|one| one.feature("number").unwrap()).collect::<Vec<_>>(), ["1", "2", "3"]);
    let mut command = bench.command("convert - - --species Mg");
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(&fs::read(bench.path("a.xyz.gz")).unwrap()).unwrap();
    let (code, stdout, stderr) = texts(&child.wait_with_output().unwrap());
    assert_eq!((code, stdout), (0, bench.text("out.cfg")), "{stderr}");
}

#[test]
fn the_mark_of_an_encoding_changes_nothing_about_a_text_and_utf_16_is_refused_in_words() {
    let bench = Bench::new("convert_marks");
    for name in ["OUTCAR_relaxation", "vasprun.xml"] {
        fs::copy(structure_file(name), bench.path(name)).unwrap();
    }
    bench.write_configurations("written.cfg", &configurations(1));
    for name in ["written.xyz", "written.vasp", "written.data"] {
        bench.succeed(&format!("convert written.cfg {name} --species Mg,O"));
    }
    for name in
        ["written.cfg", "written.xyz", "written.vasp", "written.data", "OUTCAR_relaxation", "vasprun.xml"]
    {
        let text = fs::read(bench.path(name)).unwrap();
        let read = |mark: &[u8]| {
            fs::write(bench.path("input"), [mark, &text].concat()).unwrap();
            bench.succeed("convert input out.cfg --species Mg,O --force");
            bench.text("out.cfg")
        };
        assert_eq!(read(b"\xef\xbb\xbf"), read(b""), "{name}");
    }
    let text = bench.text("written.cfg");
    for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
        let wide: Vec<u8> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect();
        fs::write(bench.path("wide.cfg"), wide).unwrap();
        let message = bench.fail(1, "convert wide.cfg none.cfg");
        assert!(
            message.starts_with(
                "error: wide.cfg: the file is text in UTF-16: expected UTF-8\n  hint: save it as UTF-8, or convert it: iconv"
            ),
            "{message}"
        );
    }
}

#[test]
fn names_in_files_decide_and_what_is_left_out_is_told() {
    let bench = Bench::new("convert_names");
    for case in fs::read_dir(structure_file("cases")).unwrap() {
        let case = case.unwrap();
        symlink(case.path(), bench.path(case.file_name().to_str().unwrap())).unwrap();
    }
    let frame = |name: &str| fs::read_to_string(bench.path("10-extxyz").join(name)).unwrap();
    let parts = ["04_Energy_upper.xyz", "31_virial_and_stress_disagree.xyz", "36_virials.xyz"];
    fs::write(bench.path("three.xyz"), parts.map(frame).concat()).unwrap();
    bench.play("convert_names");
    bench.succeed("convert stress.xyz stress.cfg --species Mg,O");
    let virial = bench.read_configurations("stress.cfg")[0].virial.unwrap().to_cfg_order();
    assert!((virial[0] + 84.0 / 160.217_663_4).abs() < 1e-12, "{virial:?}");
}
