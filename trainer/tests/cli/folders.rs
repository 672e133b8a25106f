//! Folders of runs as inputs: which file of a run is read where one of them is broken, and what the account says.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::fixture::Bench;

/// Three steps with energies of -21.5, -22.5 and -23.5 eV, of which the second did not converge.
fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/structure_files").join(name);
    fs::read_to_string(path).unwrap()
}

/// Writes a run: its OUTCAR, or a compressed one, and its vasprun.xml if it is to have one.
fn write_run(bench: &Bench, run: &str, outcar: (&str, &[u8]), has_vasprun: bool) {
    let folder = bench.path("runs").join(run);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(outcar.0), outcar.1).unwrap();
    if has_vasprun {
        fs::write(folder.join("vasprun.xml"), fixture("vasprun.xml")).unwrap();
    }
}

/// The row of a file in the account: configurations, steps left out, reason.
fn row<'a>(account: &'a str, file: &str) -> (&'a str, &'a str, String) {
    let row = account.lines().find(|line| line.trim_start().starts_with(&format!("runs/{file} ")));
    let mut words = row.unwrap_or_else(|| panic!("no row of {file}: {account}")).split_whitespace().skip(1);
    let (configurations, left_out) = (words.next().unwrap(), words.next().unwrap());
    (configurations, left_out, words.collect::<Vec<_>>().join(" "))
}

#[test]
fn the_vasprun_of_a_run_is_read_where_its_outcar_gives_less() {
    let bench = Bench::new("folders");
    let outcar = fixture("OUTCAR_relaxation");
    let (first, third) = (outcar.find("Iteration").unwrap(), outcar.rfind("TOTEN").unwrap());
    // a whole run; one killed in its first step; one whose counts of atoms contradict; one cut in its third step
    write_run(&bench, "a", ("OUTCAR", outcar.as_bytes()), true);
    write_run(&bench, "b", ("OUTCAR", &outcar.as_bytes()[..first + 300]), true);
    let counts = outcar.replace("NIONS =      3", "NIONS =      4");
    write_run(&bench, "c", ("OUTCAR", counts.as_bytes()), true);
    write_run(&bench, "d", ("OUTCAR", &outcar.as_bytes()[..third + 10]), true);
    write_run(&bench, "e", ("OUTCAR", b""), true);
    let account = bench.tell("convert runs out.cfg --species Mg,O", &[]);
    let energies: Vec<f64> = bench
        .read_configurations("out.cfg")
        .iter()
        .map(|configuration| configuration.energy.unwrap())
        .collect();
    assert_eq!(energies, [-21.5, -23.5].repeat(5), "{account}");
    let row = |file: &str| row(&account, file);
    assert_eq!(row("a/vasprun.xml"), ("0", "0", "OUTCAR is of the same run".to_owned()));
    for (run, reason) in [
        ("b", "nothing of it is kept (it is incomplete: the file ends "),
        ("c", "nothing of it is kept (ions per type has 2 counts with 3 atoms in all, but NIONS is 4 "),
        ("d", "it ends in the middle of a line: the whole "),
        ("e", "it is empty: "),
    ] {
        let (configurations, left_out, got) = row(&format!("{run}/OUTCAR"));
        assert_eq!((configurations, left_out), ("0", "0"), "{account}");
        assert!(got.starts_with(reason) && got.ends_with("vasprun.xml is of the same run"), "{got}");
        assert_eq!(
            row(&format!("{run}/vasprun.xml")),
            ("2", "1", "the electrons did not converge".to_owned())
        );
    }
}

#[test]
fn a_compressed_file_that_is_cut_or_no_gzip_at_all_does_not_end_the_reading_of_a_folder() {
    let bench = Bench::new("folders_compressed");
    let outcar = fixture("OUTCAR_relaxation");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
    encoder.write_all(outcar.as_bytes()).unwrap();
    let whole = encoder.finish().unwrap();
    // Stored without compression, the text stands in the file as it is: the cut is in step 3.
    write_run(&bench, "a", ("OUTCAR.gz", &whole[..outcar.rfind("Iteration").unwrap() + 50]), false);
    write_run(&bench, "b", ("OUTCAR.gz", &[0x1f, 0x8b, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0]), false);
    write_run(&bench, "c", ("OUTCAR.gz", &whole), false);
    let account = bench.tell("convert runs out.cfg --species Mg,O", &[]);
    assert_eq!(bench.read_configurations("out.cfg").len(), 1 + 2, "{account}");
    let cut = "the electrons did not converge; it is incomplete: the compressed file ends early";
    assert_eq!(row(&account, "a/OUTCAR.gz"), ("1", "2", cut.to_owned()));
    let (configurations, _, reason) = row(&account, "b/OUTCAR.gz");
    assert_eq!(configurations, "0");
    assert!(reason.starts_with("cannot read: the compressed data are corrupt: "), "{reason}");
    assert_eq!(row(&account, "c/OUTCAR.gz").0, "2");
}
