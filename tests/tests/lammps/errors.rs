//! What goes wrong in input scripts: every message is checked, on one rank and on two, and every rank must end, by an
//! error of LAMMPS and not by a crash. The harness turns a hang into a failure.

use mtprs_core::format::potential_to_string;
use mtprs_core::potential::{Parameters, Potential};
use mtprs_core::species::Species;
use mtprs_tests::lammps::{Job, atoms};
use mtprs_tests::structure::Structure;
use mtprs_tests::synthetic;

const PAIR: &str = "pair_style mtp/rs\npair_coeff * * good.mtp Mg V O\n";

fn potential() -> Potential {
    synthetic::three_species(5.0)
}

fn untrained() -> Potential {
    let mut parts = potential().into_parts();
    parts.parameters = Parameters::default();
    Potential::new(parts).expect("an untrained potential is valid")
}

fn nameless() -> Potential {
    let mut parts = potential().into_parts();
    parts.species = Species::unnamed(3);
    parts.tag = String::new();
    Potential::new(parts).expect("names do not matter")
}

/// Runs a script after the data file was read, and fails unless LAMMPS stops with all of these words.
fn check_after(structure: &Structure, name: &str, script: &str, expected: &[&str]) {
    let script = format!("{}{script}", atoms(structure, "crystal"));
    check(structure, name, &script, expected);
}

/// Runs a script in a folder with potentials good and bad, on one and two ranks.
fn check(structure: &Structure, name: &str, script: &str, expected: &[&str]) {
    let good = potential_to_string(&potential()).expect("the potential can be written");
    let place = good.find("alpha_index_times = ").expect("the potential has products");
    for ranks in [1, 2] {
        let output = Job::new(&format!("errors-{name}-{ranks}"))
            .ranks(ranks)
            .structure("crystal.lmp", structure)
            .file("good.mtp", &good)
            .potential("untrained.mtp", &untrained())
            .potential("nameless.mtp", &nameless())
            .file("truncated.mtp", &good[..place + 50])
            .file("shapeev.mtp", good.replace("RBChebyshev", "RBShapeev"))
            .file("infinite.mtp", good.replacen("species_coeffs = {", "species_coeffs = {inf, ", 1))
            .file("empty.mtp", "")
            .fail(script);
        for words in expected {
            assert!(output.contains(words), "{name}, {ranks} ranks: expected \"{words}\" in:\n{output}");
        }
    }
}

#[test]
fn of_potential_files() {
    let cases: [(&str, &str, &[&str]); 8] = [
        ("missing", "nowhere.mtp", &["nowhere.mtp: cannot open the file: No such file or directory"]),
        ("unreadable", ".", &[".: cannot read the file: Is a directory"]),
        (
            "wrong",
            "crystal.lmp",
            &["crystal.lmp:1:1: expected MTP at the beginning of a potential, got structure"],
        ),
        ("empty", "empty.mtp", &["empty.mtp:1:1: expected MTP"]),
        ("truncated", "truncated.mtp", &["truncated.mtp:", "in alpha_index_times, but the file ends here"]),
        (
            "basis",
            "shapeev.mtp",
            &["shapeev.mtp:", "radial basis RBShapeev is not supported: expected RBChebyshev"],
        ),
        ("infinite", "infinite.mtp", &["infinite.mtp:", "inf"]),
        ("untrained", "untrained.mtp", &["untrained.mtp: ", "radial_coeffs, species_coeffs, moment_coeffs"]),
    ];
    let structure = synthetic::crystal(61);
    for (name, file, expected) in cases {
        let script = format!("pair_style mtp/rs\npair_coeff * * {file} Mg V O\nrun 0");
        check_after(&structure, &format!("file-{name}"), &script, expected);
    }
}

#[test]
fn of_elements() {
    let cases: [(&str, &str, &[&str]); 9] = [
        ("few", "good.mtp Mg V", &["expected 3 elements (one per atom type), got 2"]),
        ("many", "good.mtp Mg V O O", &["expected 3 elements (one per atom type), got 4"]),
        ("unknown", "good.mtp Mg Xe O", &["element Xe (LAMMPS type 2) is not in good.mtp (species: Mg V O)"]),
        ("number", "good.mtp 0 1 3", &["species 3 (LAMMPS type 3) is not in good.mtp (species: Mg V O)"]),
        ("negative", "good.mtp 0 1 -1", &["-1 (LAMMPS type 3) is not in good.mtp (species: Mg V O)"]),
        ("null", "good.mtp NULL NULL NULL", &["every atom type is NULL"]),
        (
            "nameless",
            "nameless.mtp Mg V O",
            &["element Mg (LAMMPS type 1) is not in nameless.mtp", "species: 0 1 2", "hint"],
        ),
        (
            "no-file",
            "",
            &[
                "pair_coeff for pair style mtp/rs must be * *, a potential file, and one element per atom type",
            ],
        ),
        ("alone", "good.mtp Mg V NULL", &["All pair coeffs are not set"]),
    ];
    let structure = synthetic::crystal(62);
    for (name, coefficients, expected) in cases {
        let script = format!("pair_style mtp/rs\npair_coeff * * {coefficients}\nrun 0");
        check_after(&structure, &format!("elements-{name}"), &script, expected);
    }
}

#[test]
fn of_commands() {
    let cases: [(&str, &str, &[&str]); 16] = [
        (
            "keyword",
            "pair_style mtp/rs specis Mg V O",
            &[
                "pair_style mtp/rs: unknown keyword specis, expected species, threads, precision, state, mode, every, select, break or save",
            ],
        ),
        (
            "precision-value",
            "pair_style mtp/rs precision single",
            &["pair_style mtp/rs: expected double or mixed after precision, got single"],
        ),
        (
            "precision-nothing",
            "pair_style mtp/rs precision",
            &["pair_style mtp/rs: expected double or mixed after precision, got nothing"],
        ),
        (
            "precision-more",
            "pair_style mtp/rs precision mixed double",
            &[
                "pair_style mtp/rs: unknown keyword double, expected species, threads, precision, state, mode, every, select, break or save",
            ],
        ),
        (
            "threads-none",
            "pair_style mtp/rs threads",
            &["expected a number of threads from 1 to 1024 after threads, got nothing"],
        ),
        (
            "threads-zero",
            "pair_style mtp/rs threads 0",
            &["expected a number of threads from 1 to 1024 after threads, got 0"],
        ),
        ("threads-word", "pair_style mtp/rs threads two", &["after threads, got two"]),
        ("threads-next", "pair_style mtp/rs threads species Mg V O", &["after threads, got species"]),
        ("threads-many", "pair_style mtp/rs threads 4294967297", &["after threads, got 4294967297"]),
        ("species", "pair_style mtp/rs species", &["expected element symbols after species, got nothing"]),
        ("twice", "pair_style mtp/rs species Mg Mg O", &["element Mg is listed twice after species"]),
        (
            "contradiction",
            "pair_style mtp/rs species O V Mg\npair_coeff * * good.mtp Mg V O",
            &["species O V Mg", "good.mtp", "Mg V O"],
        ),
        (
            "count",
            "pair_style mtp/rs species Mg V\npair_coeff * * good.mtp Mg V O",
            &["species lists 2 elements, but good.mtp has 3 species"],
        ),
        // LAMMPS itself asks this of every style with one_coeff
        (
            "types",
            "pair_style mtp/rs\npair_coeff 1 1 good.mtp Mg V O",
            &["must start with * * for pair style mtp/rs"],
        ),
        ("no-coeff", "pair_style mtp/rs\nrun 0", &["All pair coeffs are not set"]),
        (
            "hybrid",
            "pair_style hybrid/overlay mtp/rs zero 5.0\npair_coeff * * mtp/rs good.mtp Mg V\npair_coeff * * zero\nrun 0",
            &["expected 3 elements (one per atom type), got 2"],
        ),
    ];
    let structure = synthetic::crystal(63);
    for (name, script, expected) in cases {
        check_after(&structure, &format!("commands-{name}"), script, expected);
    }
}

#[test]
fn of_settings() {
    let structure = synthetic::crystal(64);
    let read = atoms(&structure, "crystal");
    let newton = format!("{}{PAIR}run 0", read.replace("units metal", "units metal\nnewton off"));
    check(&structure, "newton", &newton, &["pair style mtp/rs requires newton pair on"]);
    let units = format!("{}{PAIR}run 0", read.replace("units metal", "units real"));
    check(&structure, "units", &units, &["pair style mtp/rs requires units metal, got units real"]);
}

#[test]
fn of_atoms() {
    let mut structure = synthetic::crystal(65);
    structure.positions[20] = structure.positions[10];
    check_after(
        &structure,
        "same-place",
        &format!("{PAIR}run 0"),
        &["pair style mtp/rs, step 0: ", "atom 11", "atom 21", "are at the same place"],
    );

    let structure = synthetic::crystal(66);
    // LAMMPS itself looks at positions when it builds neighbor lists
    let script = format!("{PAIR}variable nan atom exp(1000)-exp(1000)\nset atom 3 x v_nan\nrun 0");
    check_after(&structure, "not-a-number", &script, &["Non-numeric atom coords - simulation unstable"]);

    // and between two builds the pair style is the first to see them
    let script = format!(
        "{PAIR}
         group one id 7
         variable nan equal exp(1000)-exp(1000)
         fix nan one addforce v_nan 0.0 0.0
         fix nve all nve
         neigh_modify every 1000 delay 1000 check no
         run 5"
    );
    check_after(
        &structure,
        "turns-not-a-number",
        &script,
        // whichever rank comes first: that of the atom, or that of a neighbor
        &["pair style mtp/rs, step 1: ", "is not finite"],
    );
}

const CLOSE: &str =
    "closer than min_dist (1.5 A), where the radial functions begin; the potential extrapolates";

/// Distances below those of the radial functions are no error, but LAMMPS users are to know, also from the log file alone.
#[test]
fn close_atoms_are_reported_once() {
    let mut structure = synthetic::crystal(67);
    let quiet = Job::new("errors-not-close")
        .structure("crystal.lmp", &structure)
        .potential("good.mtp", &potential())
        .run(&format!("{}{PAIR}fix nve all nve\nrun 5", atoms(&structure, "crystal")));
    assert!(!quiet.output.contains(CLOSE), "{}", quiet.output);

    // the last atom lies in the upper half of the box, which belongs to the second of two ranks
    let last = structure.len() - 1;
    structure.positions[last - 1] = structure.positions[last].map(|component| component - 0.7);
    let distance = 0.7 * 3.0_f64.sqrt();
    let script = format!(
        "{}{PAIR}neigh_modify every 1 delay 0 check no\nrun 5\nrun 5\nprint \"new potential\"\n
         pair_coeff * * good.mtp V Mg O\nrun 5",
        atoms(&structure, "crystal").replace("units metal", "units metal\nprocessors 1 1 *")
    );
    for ranks in [1, 2, 4] {
        let finished = Job::new(&format!("errors-close-{ranks}"))
            .ranks(ranks)
            .structure("crystal.lmp", &structure)
            .potential("good.mtp", &potential())
            .run(&script);
        let lines: Vec<&str> = finished.output.lines().filter(|line| line.contains(CLOSE)).collect();
        assert_eq!(lines.len(), 2, "one warning for each potential on {ranks} ranks:\n{}", lines.join("\n"));
        let log = finished.text("log.lammps");
        assert_eq!(log.lines().filter(|line| line.contains(CLOSE)).count(), 2, "{ranks} ranks:\n{log}");
        for line in lines {
            assert!(line.contains("WARNING") && line.contains("good.mtp"), "{line}");
            assert!(line.contains(&format!("{distance:.3} A apart")), "{line}");
            assert!(line.contains(&last.to_string()) && line.contains(&(last + 1).to_string()), "{line}");
        }
    }
}

/// Ranks agree on steps that make new lists; where none follows, at the end of the run.
#[test]
fn atoms_that_come_close_after_the_last_list_are_reported_at_the_end() {
    let mut structure = synthetic::crystal(68);
    let last = structure.len() - 1;
    // 1.56 Å apart at first, then pushed together by 0.12 Å, which needs no new list.
    structure.positions[last - 1] = structure.positions[last].map(|component| component - 0.9);
    let script = format!(
        "{}{PAIR}neigh_modify every 1000 delay 1000 check no\n\
         group last id {}\nfix push last move linear -30.0 -30.0 -30.0 units box\n\
         timestep 0.001\nrun 4",
        atoms(&structure, "crystal").replace("units metal", "units metal\nprocessors 1 1 *"),
        last + 1
    );
    for ranks in [1, 2] {
        let finished = Job::new(&format!("errors-close-at-the-end-{ranks}"))
            .ranks(ranks)
            .structure("crystal.lmp", &structure)
            .potential("good.mtp", &potential())
            .run(&script);
        let log = finished.text("log.lammps");
        assert_eq!(log.lines().filter(|line| line.contains(CLOSE)).count(), 1, "{ranks} ranks:\n{log}");
        assert!(log.contains(&format!("{:.3} A apart", 0.78 * 3.0_f64.sqrt())), "{log}");
    }
}
