//! What goes wrong in input scripts: every message is checked, on one rank and on two, and every rank must end, by an
//! error of LAMMPS and not by a crash. The harness turns a hang into a failure.

use mtprs_core::format::potential_to_string;
use mtprs_core::potential::{Parameters, Potential};
use mtprs_core::selection::GradeMode;
use mtprs_testing::active_set;
use mtprs_testing::cases::Case;
use mtprs_testing::structure::Structure;
use mtprs_testing::{synthetic, table};
use mtprs_tests::lammps::{Job, atoms};

const PAIR: &str = "pair_style mtp/rs\npair_coeff * * crystal.mtp Mg V O\n";

fn potential() -> Potential {
    synthetic::three_species(5.0)
}

/// Runs the cases of `refused.txt` with a beginning of their names on one and two ranks; a job gets the files of `with`.
fn check(group: &str, at_least: usize, with: impl Fn(Job) -> Job) {
    let structure = synthetic::crystal(61);
    let table = table("tests/tests/lammps/refused.txt", 62);
    let cases: Vec<&Case> = table.cases.iter().filter(|case| case.name.starts_with(group)).collect();
    assert!(cases.len() >= at_least, "found only {} cases {group}", cases.len());
    for case in cases {
        let mut script = format!("{}{}\n", atoms(&structure, "crystal"), case.lines.join("\n"));
        if !case.lines.iter().any(|line| line.starts_with("pair_coeff") || line.starts_with("run")) {
            script += "pair_coeff * * crystal.mtp Mg V O\n";
        }
        for ranks in [1, 2] {
            let job = Job::new(&format!("errors-{}-{ranks}", case.name)).ranks(ranks).crystal(&structure);
            let output = with(job).fail(&format!("{script}run 0"));
            for words in &case.expected {
                assert!(output.contains(words), "{}, {ranks} ranks: {words:?} in:\n{output}", case.name);
            }
        }
    }
}

#[test]
fn of_potential_files() {
    let good = potential_to_string(&potential()).expect("the potential can be written");
    let place = good.find("alpha_index_times = ").expect("the potential has products");
    let mut untrained = potential().into_parts();
    untrained.parameters = Parameters::default();
    let untrained = Potential::new(untrained).expect("an untrained potential is valid");
    check("file-", 8, |job| {
        job.potential("untrained.mtp", &untrained)
            .file("truncated.mtp", &good[..place + 50])
            .file("shapeev.mtp", good.replace("RBChebyshev", "RBShapeev"))
            .file("infinite.mtp", good.replacen("species_coeffs = {", "species_coeffs = {inf, ", 1))
            .file("empty.mtp", "")
    });
}

#[test]
fn of_elements() {
    check("elements-", 9, |job| job.potential("nameless.mtp", &synthetic::nameless(potential())));
}

#[test]
fn of_commands() {
    check("commands-", 16, |job| job);
}

#[test]
fn of_states_and_grades() {
    let whole = active_set::file(&potential(), GradeMode::Neighborhood, 5);
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0x10;
    let other = synthetic::potential(12, 8, &["Mg", "V", "O"], 5.0);
    let foreign = active_set::file(&other, GradeMode::Neighborhood, 1);
    check("grades-", 25, |job| {
        job.file("state.mtps", &whole)
            .file("empty.mtps", "")
            .file("truncated.mtps", &whole[..whole.len() - 100])
            .file("damaged.mtps", &damaged)
            .file("foreign.mtps", &foreign)
    });
}

/// What is wrong is told by the command that is wrong, also where another pair style was there before.
#[test]
fn of_settings_given_again() {
    check("again-", 4, |job| job.state("state.mtps", GradeMode::Neighborhood));
}

/// Fails unless LAMMPS stops on one and two ranks with all of these words.
fn refuse(structure: &Structure, name: &str, script: &str, expected: &[&str]) {
    for ranks in [1, 2] {
        let output = Job::new(&format!("errors-{name}-{ranks}")).ranks(ranks).crystal(structure).fail(script);
        for words in expected {
            assert!(output.contains(words), "{name}, {ranks} ranks: expected \"{words}\" in:\n{output}");
        }
    }
}

#[test]
fn of_settings() {
    let structure = synthetic::crystal(64);
    let read = atoms(&structure, "crystal");
    let newton = format!("{}{PAIR}run 0", read.replace("units metal", "units metal\nnewton off"));
    refuse(&structure, "newton", &newton, &["pair style mtp/rs requires newton pair on"]);
    let units = format!("{}{PAIR}run 0", read.replace("units metal", "units real"));
    refuse(&structure, "units", &units, &["pair style mtp/rs requires units metal, got units real"]);
}

#[test]
fn of_atoms() {
    let mut structure = synthetic::crystal(65);
    structure.positions[20] = structure.positions[10];
    let read = atoms(&structure, "crystal");
    let words = ["pair style mtp/rs, step 0: ", "atom 11", "atom 21", "are at the same place"];
    refuse(&structure, "same-place", &format!("{read}{PAIR}run 0"), &words);

    let structure = synthetic::crystal(66);
    // LAMMPS itself looks at positions when it builds neighbor lists
    let script = format!("{read}{PAIR}variable nan atom exp(1000)-exp(1000)\nset atom 3 x v_nan\nrun 0");
    refuse(&structure, "not-a-number", &script, &["Non-numeric atom coords - simulation unstable"]);

    // and between two builds the pair style is the first to see them
    let script = format!(
        "{read}{PAIR}
         group one id 7
         variable nan equal exp(1000)-exp(1000)
         fix nan one addforce v_nan 0.0 0.0
         fix nve all nve
         neigh_modify every 1000 delay 1000 check no
         run 5"
    );
    // whichever rank comes first: that of the atom, or that of a neighbor
    refuse(&structure, "turns-not-a-number", &script, &["pair style mtp/rs, step 1: ", "is not finite"]);
}

const CLOSE: &str =
    "closer than min_dist (1.5 A), where the radial functions begin; the potential extrapolates";

/// Distances below those of the radial functions are no error, but LAMMPS users are to know, also from the log file alone.
#[test]
fn close_atoms_are_reported_once() {
    let mut structure = synthetic::crystal(67);
    let quiet = Job::new("errors-not-close")
        .crystal(&structure)
        .run(&format!("{}{PAIR}fix nve all nve\nrun 5", atoms(&structure, "crystal")));
    assert!(!quiet.output.contains(CLOSE), "{}", quiet.output);

    // the last atom lies in the upper half of the box, which belongs to the second of two ranks
    let last = structure.len() - 1;
    structure.positions[last - 1] = structure.positions[last].map(|component| component - 0.7);
    let distance = 0.7 * 3.0_f64.sqrt();
    let script = format!(
        "{}{PAIR}neigh_modify every 1 delay 0 check no\nrun 5\nrun 5\nprint \"new potential\"\n
         pair_coeff * * crystal.mtp V Mg O\nrun 5",
        atoms(&structure, "crystal").replace("units metal", "units metal\nprocessors 1 1 *")
    );
    for ranks in [1, 2, 4] {
        let finished =
            Job::new(&format!("errors-close-{ranks}")).ranks(ranks).crystal(&structure).run(&script);
        let lines: Vec<&str> = finished.output.lines().filter(|line| line.contains(CLOSE)).collect();
        assert_eq!(lines.len(), 2, "one warning for each potential on {ranks} ranks:\n{}", lines.join("\n"));
        let log = finished.text("log.lammps");
        assert_eq!(log.lines().filter(|line| line.contains(CLOSE)).count(), 2, "{ranks} ranks:\n{log}");
        for line in lines {
            assert!(line.contains("WARNING") && line.contains("crystal.mtp"), "{line}");
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
            .crystal(&structure)
            .run(&script);
        let log = finished.text("log.lammps");
        assert_eq!(log.lines().filter(|line| line.contains(CLOSE)).count(), 1, "{ranks} ranks:\n{log}");
        assert!(log.contains(&format!("{:.3} A apart", 0.78 * 3.0_f64.sqrt())), "{log}");
    }
}
