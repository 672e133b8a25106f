//! `mtprs convert`: choice of frames, order of species, several inputs and outputs, and what it says about them.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::fixture::{Bench, configurations, texts};

/// A folder with the OUTCAR and vasprun.xml of three steps, of which the second did not converge.
fn bench(name: &str) -> Bench {
    let bench = Bench::new(name);
    for file in ["OUTCAR_relaxation", "vasprun.xml"] {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/structure_files").join(file);
        fs::copy(source, bench.path(file)).unwrap();
    }
    bench
}

/// Frames of one atom in extended XYZ, numbered from one.
fn frames(count: usize) -> String {
    let frame = |number| format!("1\nLattice=\"4 0 0 0 4 0 0 0 4\" number={number} energy=-1\nMg 0 0 0\n");
    (1..=count).map(frame).collect()
}

fn numbers(bench: &Bench, file: &str) -> Vec<String> {
    let numbers = bench.read_configurations(file).into_iter();
    numbers.map(|configuration| configuration.feature("number").unwrap().to_owned()).collect()
}

#[test]
fn steps_that_did_not_converge_are_left_out_with_their_number_or_kept_on_request() {
    let bench = bench("convert_outcar");
    let (code, _, stderr) = bench.run("convert OUTCAR_relaxation out.cfg --species O,Mg --force");
    let warning = "warning: OUTCAR_relaxation: step 2 left out (line 64): the electrons did not converge\n  \
                   hint: --keep-unconverged keeps them\n";
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.starts_with(warning), "{stderr}");
    assert!(stderr.contains("converted 2 configurations with 6 atoms in "), "{stderr}");
    let written = bench.read_configurations("out.cfg");
    assert_eq!(written.len(), 2);
    assert_eq!(written[0].species, [1, 1, 0]);
    assert_eq!(written[1].energy, Some(-23.5));
    assert_eq!(written[0].feature("elements"), Some("O Mg"));
    let (_, _, quiet) = bench.run("convert OUTCAR_relaxation out.cfg --species O,Mg --quiet --force");
    assert_eq!(quiet, warning);
    bench.succeed("convert OUTCAR_relaxation kept.cfg --species O,Mg --keep-unconverged --force");
    assert_eq!(bench.read_configurations("kept.cfg")[1].feature("converged"), Some("no"));
    bench.succeed("convert OUTCAR_relaxation sigma.cfg --species O,Mg --energy sigma0 --force");
    assert_eq!(bench.read_configurations("sigma.cfg")[0].energy, Some(-21.375));
}

#[test]
fn nothing_is_written_where_no_step_converged() {
    let bench = bench("convert_none");
    let text = bench.text("OUTCAR_relaxation").replace("EDIFF is reached", "hard stop was set");
    fs::write(bench.path("OUTCAR"), text).unwrap();
    let message = bench.fail(1, "convert OUTCAR out.cfg --species Mg,O");
    assert!(message.contains("3 steps left out (step 1 on line 24, "), "{message}");
    assert!(message.ends_with("error: OUTCAR: there is no configuration to write\n"), "{message}");
    assert!(!bench.path("out.cfg").exists());
}

#[test]
fn the_order_of_species_is_given_carried_or_asked_for() {
    let bench = bench("convert_order");
    let message = bench.fail(1, "convert-cfg --input-format=vasp-outcar OUTCAR_relaxation out.cfg --force");
    assert_eq!(
        message,
        "error: OUTCAR_relaxation:24: configuration 1: .cfg numbers species, and the order of Mg O is not known\n  \
         hint: give it: --species Mg,O, or --potential POT.mtp for that of a potential\n"
    );
    bench.succeed("convert OUTCAR_relaxation out.cfg --potential pot.mtp --force");
    assert_eq!(bench.read_configurations("out.cfg")[0].species, [0, 0, 1]);
    let (_, _, stderr) = bench.run("convert out.cfg again.cfg --force");
    assert!(stderr.starts_with("species: Mg O (the order of out.cfg)\n"), "{stderr}");
    assert_eq!(bench.text("again.cfg"), bench.text("out.cfg"));
    bench.succeed("convert OUTCAR_relaxation other.cfg --species O,Mg --force");
    let message = bench.fail(1, "convert out.cfg other.cfg both.cfg --force");
    let expected = "error: other.cfg:1: configuration 1: its species are O Mg, those of out.cfg are Mg O\n  \
                    hint: give one order for all with --species\n";
    assert_eq!(message, expected);
    bench.succeed("convert out.cfg other.cfg both.cfg --species Mg,O --force");
    let both = bench.read_configurations("both.cfg");
    assert_eq!(both[0].species, both[2].species);
    let message = bench.fail(1, "convert OUTCAR_relaxation out.cfg --species Mg,V --force");
    assert!(
        message.contains("configuration 1: atom 3 is O, which is not among --species: Mg V\n"),
        "{message}"
    );
}

#[test]
fn numbers_get_names_from_the_user_only() {
    let bench = Bench::new("convert_numbers");
    bench.write_configurations("in.cfg", &configurations(3));
    let (_, _, stderr) = bench.run("convert in.cfg out.cfg --force");
    assert!(stderr.starts_with("species: numbers as in in.cfg, "), "{stderr}");
    assert_eq!(bench.read_configurations("out.cfg"), configurations(3));
    let message = bench.fail(1, "convert in.cfg out.xyz --force");
    assert!(
        message.contains("extended XYZ names elements, and the input has numbers only\n  hint: "),
        "{message}"
    );
    bench.succeed("convert in.cfg out.xyz --species Mg,O --force");
    assert!(bench.text("out.xyz").contains("\nMg 0"));
    bench.succeed("convert in.cfg turned.cfg --species O,V,Mg --input-species Mg,O --force");
    assert_eq!(bench.read_configurations("turned.cfg")[0].species, [2, 0]);
    let message = bench.fail(1, "convert in.cfg out.xyz --species Mg --force");
    assert!(message.contains("atom 2 is of species 1, but --species names 1 (numbered from 0)"), "{message}");
}

#[test]
fn frames_are_chosen_from_each_input() {
    let bench = Bench::new("convert_choice");
    fs::write(bench.path("a.xyz"), frames(7)).unwrap();
    let choose = |options: &str| {
        bench.succeed(&format!("convert a.xyz out.cfg --species Mg {options} --force"));
        numbers(&bench, "out.cfg").join(" ")
    };
    assert_eq!(choose("--last"), "7");
    assert_eq!(choose("--every 3"), "1 4 7");
    assert_eq!(choose("--skip 2 --every 2"), "3 5 7");
    assert_eq!(choose("--skip 1 --every 2 --limit 2"), "2 4");
    bench.succeed("convert a.xyz a.xyz twice.cfg --species Mg --last --force");
    assert_eq!(numbers(&bench, "twice.cfg"), ["7", "7"]);
    bench.fail(2, "convert a.xyz out.cfg --last --every 2 --force");
    let message = bench.fail(1, "convert a.xyz none.cfg --species Mg --skip 7 --force");
    assert_eq!(message, "error: a.xyz: there is no configuration to write\n");
}

#[test]
fn formats_with_one_configuration_get_numbered_files() {
    let bench = Bench::new("convert_poscar");
    fs::write(bench.path("a.xyz"), frames(2)).unwrap();
    bench.succeed("convert a.xyz POSCAR");
    bench.succeed("convert a.xyz cell.data --species Mg");
    bench.succeed("convert a.xyz last.vasp --last");
    let expected = ["POSCAR-1", "POSCAR-2", "a.xyz", "cell-1.data", "cell-2.data", "last.vasp", "pot.mtp"];
    assert_eq!(bench.files(), expected);
    let message = bench.fail(1, "convert a.xyz - --output-format vasp-poscar");
    assert!(
        message.starts_with("error: <stdout>: POSCAR holds one configuration, and there are more\n  hint: ")
    );
    let message = bench.fail(1, "convert POSCAR-1 POSCAR-2 POSCAR --species O");
    assert!(message.contains("atom 1 is Mg, which is not among --species: O"), "{message}");
    for option in ["", " --force"] {
        let message = bench.fail(2, &format!("convert POSCAR-1 POSCAR-2 POSCAR{option}"));
        assert!(message.starts_with("error: the output would replace the input POSCAR-1\n"), "{message}");
    }
    // A series is not mixed with an older one: no file of it is written.
    let before = bench.text("POSCAR-1");
    fs::remove_file(bench.path("POSCAR-1")).unwrap();
    let message = bench.fail(1, "convert a.xyz POSCAR");
    assert_eq!(
        message,
        "error: POSCAR-2: the file exists\n  hint: give another name, or --force to replace it\n"
    );
    assert!(!bench.path("POSCAR-1").exists());
    fs::write(bench.path("POSCAR-7"), "older").unwrap();
    let (code, _, stderr) = bench.run("convert a.xyz POSCAR --force --quiet");
    assert_eq!((code, stderr.as_str()), (0, "warning: POSCAR-7 is left from before\n"));
    assert_eq!((bench.text("POSCAR-1"), bench.text("POSCAR-7")), (before, "older".to_owned()));
}

#[test]
fn what_a_format_cannot_hold_is_refused_or_said() {
    let bench = Bench::new("convert_limits");
    fs::write(bench.path("a.xyz"), "1\nProperties=species:S:1:pos:R:3:vel:R:3 energy=1\nMg 0 0 0 1 0 0\n")
        .unwrap();
    let message = bench.fail(1, "convert a.xyz POSCAR");
    assert!(message.starts_with(
        "error: a.xyz:1: configuration 1: POSCAR holds crystals only, and this cell repeats in 0 directions\n  hint: "
    ));
    let (_, _, stderr) = bench.run("convert a.xyz out.cfg --species Mg");
    assert!(stderr.starts_with("not written: velocities (no place in .cfg)\n"), "{stderr}");
    let (_, _, stderr) = bench.run("convert a.xyz out.data --species Mg");
    assert!(
        stderr.starts_with("not written: energies, forces and virials (no place in LAMMPS data)\n"),
        "{stderr}"
    );
    assert!(bench.text("out.data").starts_with("# Mg, boundary f f f\n"));
}

#[test]
fn compressed_files_and_standard_streams_are_read() {
    let bench = Bench::new("convert_streams");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(frames(3).as_bytes()).unwrap();
    fs::write(bench.path("a.xyz.gz"), encoder.finish().unwrap()).unwrap();
    bench.succeed("convert a.xyz.gz out.cfg --species Mg");
    assert_eq!(numbers(&bench, "out.cfg"), ["1", "2", "3"]);
    let mut command = bench.command("convert - - --species Mg");
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(&fs::read(bench.path("a.xyz.gz")).unwrap()).unwrap();
    let (code, stdout, stderr) = texts(&child.wait_with_output().unwrap());
    assert_eq!((code, stdout), (0, bench.text("out.cfg")), "{stderr}");
}

#[test]
fn the_mark_of_an_encoding_changes_nothing_about_a_text_and_utf_16_is_refused_in_words() {
    let bench = bench("convert_marks");
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
fn wrong_usage_and_unknown_formats_are_explained() {
    let bench = Bench::new("convert_usage");
    fs::write(bench.path("a.xyz"), frames(1)).unwrap();
    fs::write(bench.path("binary.cfg"), b"\x00\x01\x02 binary").unwrap();
    fs::write(bench.path("table.txt"), "a b\n").unwrap();
    let cases = [
        (2, "convert a.xyz", "OUT"),
        (2, "convert a.xyz a.xyz", "error: the output would replace the input a.xyz\n"),
        (2, "convert a.xyz out", "error: out: the name does not tell the format: give --output-format\n"),
        (
            2,
            "convert a.xyz OUTCAR",
            "error: OUTCAR is read, not written: expected .cfg, extended XYZ, POSCAR or LAMMPS data\n",
        ),
        (2, "convert a.xyz out.cfg.gz", "error: out.cfg.gz: compressed files are read, not written\n"),
        (
            2,
            "convert a.xyz out.cfg --species Mg,Vo",
            "error: --species: Vo is not the symbol of a chemical element\n",
        ),
        (
            2,
            "convert a.cfg out.cfg --input-format bin",
            "error: invalid value 'bin' for '--input-format <FORMAT>': binary .cfg files of MLIP-2 are not read, because \
             their format is described nowhere: have MLIP-2 write them as text",
        ),
        (
            2,
            "convert a.xyz out.cfg --output-format bin",
            "error: invalid value 'bin' for '--output-format <FORMAT>': binary .cfg files of MLIP-2 are not read",
        ),
        (
            2,
            "convert a.xyz out.cfg --output-format ase",
            "error: what ASE reads is read, not written: expected .cfg, extended XYZ, POSCAR or LAMMPS data\n",
        ),
        (2, "convert - - out.cfg", "error: standard input (-) can be read once only\n"),
        (1, "convert no.xyz out.cfg", "error: no.xyz: cannot open: No such file or directory"),
        (
            1,
            "convert binary.cfg out.cfg",
            "error: binary.cfg: the file is not text: binary files are not read, those of MLIP-2 among them\n  hint: ",
        ),
        (
            1,
            "convert table.txt out.cfg",
            "error: table.txt: neither the name nor the content tells which format this file has\n  hint: ",
        ),
        (
            1,
            "convert a.xyz out.cfg --species Mg --forces-key f",
            "warning: a.xyz: step 1 left out (line 2): Properties lacks the forces f:R:3\n",
        ),
    ];
    for (code, arguments, expected) in cases {
        let message = bench.fail(code, arguments);
        assert!(message.contains(expected), "mtprs {arguments}: {expected:?} is missing:\n{message}");
    }
}

/// Copies a file of the cases.
fn case(bench: &Bench, folder: &str, file: &str) {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/structure_files/cases");
    fs::copy(cases.join(folder).join(file), bench.path(file)).unwrap();
}

#[test]
fn the_order_of_the_output_names_nothing_that_the_file_names() {
    let bench = Bench::new("convert_names");
    let cases = [
        ("nwrite0-no-titel", "OUTCAR", "Mg,O", "1 0 0"),
        ("vasprun-r-for-Zr", "vasprun_r_for_Zr.xml", "Zr,O", "1 0 0"),
        ("poscar", "POSCAR_vasp4_symbols_in_rows", "Mg,O", "1 0 0"),
        ("two-types-one-element", "two_types_same_element.data", "Mg,O", "1 1"),
        ("lammps-masses", "masses_out_of_order.data", "O,C", "1 0"),
    ];
    for (folder, file, species, expected) in cases {
        case(&bench, folder, file);
        bench.succeed(&format!("convert {file} out.cfg --force --species {species}"));
        let numbers = bench.read_configurations("out.cfg").remove(0).species;
        let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
        assert_eq!(numbers.join(" "), expected, "{file}");
    }
    bench.succeed("convert two_types_same_element.data out.cfg --force --species Mg,O --input-species O,O");
    let message = bench.fail(1, "convert OUTCAR out.cfg --force --species Mg,O --input-species Mg,O");
    assert!(
        message.contains(
            "type 1 of the file is O by POTCAR: PAW_PBE O 08Apr2002, but Mg by --input-species\n  hint: names in the file decide"
        ),
        "{message}"
    );
    let message = bench.fail(2, "convert OUTCAR out.cfg --force --species Mg,O --input-species Mg,Oo");
    assert!(message.contains("--input-species: Oo is not the symbol of a chemical element"), "{message}");
    case(&bench, "lammps-masses", "comment_Ca_mass_C.data");
    let message = bench.fail(1, "convert comment_Ca_mass_C.data out.cfg --force --species C,O");
    assert!(
        message.contains("type 1 is Ca by the comment Ca, but C by its mass 12.011 u\n  hint: "),
        "{message}"
    );
}

#[test]
fn what_is_left_out_is_told_with_its_step_and_is_an_error_if_so_wished() {
    let bench = Bench::new("convert_strict");
    case(&bench, "outcar-variants", "OUTCAR_stars_last");
    let (code, _, stderr) = bench.run("convert OUTCAR_stars_last out.cfg --species Mg,O");
    let told = "warning: OUTCAR_stars_last: step 3 left out (line 112): expected a number for positions and forces, got **************\n";
    assert!(code == 0 && stderr.starts_with(told), "{stderr}");
    assert_eq!(bench.read_configurations("out.cfg").len(), 2);
    let message = bench.fail(1, "convert OUTCAR_stars_last strict.cfg --species Mg,O --strict");
    assert!(
        message.contains("OUTCAR_stars_last:112:43: expected a number for positions and forces, got "),
        "{message}"
    );
    assert!(!bench.path("strict.cfg").exists());
    case(&bench, "nelm-vasp5", "OUTCAR");
    let message = bench.fail(1, "convert OUTCAR strict.cfg --species Mg,O --strict");
    assert!(
        message.contains("OUTCAR:21: step 1 would be left out: the electrons did not converge\n  hint: "),
        "{message}"
    );
    case(&bench, "outcar-variants", "OUTCAR_nan");
    let message = bench.fail(1, "convert OUTCAR_nan none.cfg --species Mg,O");
    assert!(
        message.contains("OUTCAR_nan: 2 steps left out (step 1 on line 45, 2 on line 79): "),
        "{message}"
    );
    assert!(message.ends_with("error: OUTCAR_nan: there is no configuration to write\n"), "{message}");
    // beside others it is told, and they are kept
    let (code, _, stderr) = bench.run("convert OUTCAR_nan OUTCAR both.cfg --species Mg,O");
    assert!(code == 0 && stderr.contains("warning: OUTCAR_nan: nothing of it is kept\n"), "{stderr}");
    assert_eq!(bench.read_configurations("both.cfg").len(), 1);
}
