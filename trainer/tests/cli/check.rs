//! `mtprs check`: planted faults are found by their names, and sound data gives no finding.

use std::fs;

use mtprs_core::geometry::{Configuration, Virial};
use mtprs_testing::{read_cfg, workspace};

use crate::fixture::Bench;

/// The training set of the example: 132 configurations of amorphous MgV2O5 and crystals.
fn sound() -> Vec<Configuration> {
    read_cfg(&workspace().join("examples/mgv2o5/train.cfg"))
}

/// Kinds of the findings, and the numbers of the configurations that they name.
fn check(bench: &Bench, options: &str) -> (Vec<String>, Vec<u64>) {
    let (code, _, stderr) = bench.run(&format!("check {options} --json check.json --force --quiet"));
    let report = bench.json("check.json");
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(code, if findings.is_empty() { 0 } else { 3 }, "{stderr}");
    let kinds = findings.iter().map(|finding| finding["kind"].as_str().unwrap().to_owned()).collect();
    let places = findings.iter().flat_map(|finding| finding["places"].as_array().unwrap());
    let mut numbers: Vec<u64> = places.map(|place| place["configuration"].as_u64().unwrap()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    (kinds, numbers)
}

fn findings(bench: &Bench, set: &[Configuration]) -> (Vec<String>, Vec<u64>) {
    bench.write_configurations("set.cfg", set);
    check(bench, "set.cfg")
}

fn scale_forces(configuration: &mut Configuration, factor: f64) {
    let forces = configuration.forces.iter_mut().flatten();
    forces.flatten().for_each(|component| *component *= factor);
}

fn scale_energy(configuration: &mut Configuration, factor: f64) {
    configuration.energy = configuration.energy.map(|energy| energy * factor);
}

#[test]
fn sound_data_gives_no_finding_and_its_numbers() {
    let bench = Bench::new("check_sound");
    bench.write_configurations("in.cfg", &sound());
    assert_eq!(check(&bench, "in.cfg").0, [""; 0]);
    let text = bench.succeed("check in.cfg --species Mg,V,O --quiet");
    assert!(text.starts_with("132 configurations in 1 file; species Mg V O\n"), "{text}");
    assert!(text.contains("Mg:12 V:24 O:60") && text.ends_with("\nno findings\n"), "{text}");
}

#[test]
fn planted_faults_are_found_where_they_are() {
    let bench = Bench::new("check_faults");
    let cases: [Fault; 5] = [
        ("missing-labels", |c| c.virial = None),
        ("energy-unit", |c| scale_energy(c, 1.0 / 13.605_693)),
        ("energy-unit", |c| scale_energy(c, 1.0 / 96.0)),
        ("energy-reference", |c| shift(c, 0.7)),
        ("permuted-species", |c| c.species.iter_mut().for_each(|s| *s = [1, 2, 0][*s as usize])),
    ];
    for (kind, plant) in cases {
        let mut set = sound();
        set.iter_mut().skip(4).step_by(9).for_each(plant);
        let (kinds, places) = findings(&bench, &set);
        assert_eq!(kinds, [kind]);
        assert_eq!(places, (5..=132).step_by(9).collect::<Vec<u64>>(), "{kind}");
    }
}

fn shift(configuration: &mut Configuration, per_atom: f64) {
    let total = per_atom * configuration.len() as f64;
    configuration.energy = configuration.energy.map(|energy| energy + total);
}

fn scale_virial(configuration: &mut Configuration, factor: f64) {
    let scaled = |virial: Virial| Virial::from_cfg_order(virial.to_cfg_order().map(|w| factor * w));
    configuration.virial = configuration.virial.map(scaled);
}

/// The kind as which a fault is to be found, and what plants it.
type Fault = (&'static str, fn(&mut Configuration));

#[test]
fn faults_of_a_third_are_found_where_they_are() {
    let bench = Bench::new("check_third");
    let cases: [Fault; 5] = [
        ("energy-reference", |c| shift(c, -0.3)),
        ("energy-unit", |c| scale_energy(c, 1.0 / 27.211_386)),
        ("force-unit", |c| scale_forces(c, 1.0 / 0.043_364_1)),
        ("stress-sign", |c| scale_virial(c, -1.0)),
        ("permuted-species", |c| c.species.iter_mut().for_each(|s| *s = [0, 2, 1][*s as usize])),
    ];
    for (kind, plant) in cases {
        let mut set = sound();
        set.iter_mut().skip(1).step_by(3).for_each(plant);
        let (kinds, numbers) = findings(&bench, &set);
        assert_eq!(kinds, [kind]);
        let strangers = numbers.iter().filter(|&&number| number % 3 != 2).count();
        // A virial or a force that is next to nothing does not tell its sign or unit.
        assert!(strangers == 0 && numbers.len() >= 40, "{kind}: {numbers:?}");
    }
}

#[test]
fn of_two_references_with_as_many_configurations_both_are_named() {
    let bench = Bench::new("check_half");
    let mut set = sound();
    set.iter_mut().step_by(2).for_each(|configuration| shift(configuration, 0.3));
    let (kinds, numbers) = findings(&bench, &set);
    assert_eq!(kinds, ["energy-reference", "energy-reference"]);
    assert_eq!(numbers, (1..=132).collect::<Vec<u64>>());
    set.iter_mut().skip(1).step_by(2).for_each(|configuration| shift(configuration, 0.3));
    assert_eq!(findings(&bench, &set).0, [""; 0]);
}

#[test]
fn parts_of_sound_data_give_no_finding() {
    let bench = Bench::new("check_parts");
    let set = sound();
    for part in [&set[..66], &set[66..], &set[..33], &set[90..]] {
        assert_eq!(findings(&bench, part).0, [""; 0]);
    }
}

#[test]
fn faults_of_all_configurations_show_in_how_labels_go_together() {
    let bench = Bench::new("check_whole");
    let kinds = |plant: &dyn Fn(&mut Configuration)| {
        let mut set = sound();
        set.iter_mut().for_each(plant);
        findings(&bench, &set).0
    };
    assert_eq!(kinds(&|configuration| scale_forces(configuration, 1.0 / 51.422)), ["force-unit"]);
    assert_eq!(kinds(&|configuration| scale_virial(configuration, -1.0)), ["stress-sign"]);
}

#[test]
fn duplicates_are_found_in_any_order_of_atoms_and_their_energies_compared() {
    let bench = Bench::new("check_duplicates");
    let mut set = sound();
    let mut copy = set[10].clone();
    copy.positions.reverse();
    copy.species.reverse();
    copy.forces.as_mut().unwrap().reverse();
    copy.positions.iter_mut().for_each(|position| position[0] += 1.25);
    set.push(copy.clone());
    bench.write_configurations("in.cfg", &set);
    assert_eq!(check(&bench, "in.cfg"), (vec!["duplicates".to_owned()], vec![11, 133]));
    copy.energy = copy.energy.map(|energy| energy + 1.0);
    bench.write_configurations("copy.cfg", &[copy]);
    bench.write_configurations("in.cfg", &sound());
    assert_eq!(check(&bench, "in.cfg copy.cfg").0, ["disagreement"]);
}

#[test]
fn a_line_that_cannot_be_read_is_named_and_fails() {
    let bench = Bench::new("check_unreadable");
    bench.write_configurations("in.cfg", &sound()[..12]);
    let text = bench.text("in.cfg").replacen("Energy\n", "Energy\n 1.x\n", 1);
    fs::write(bench.path("bad.cfg"), text).unwrap();
    let (code, stdout, stderr) = bench.run("check bad.cfg in.cfg --quiet");
    assert_eq!(code, 1);
    assert!(stdout.starts_with("12 configurations in 2 files"), "{stdout}");
    assert!(stdout.contains("unreadable: the file cannot be read from configuration 1 on"), "{stdout}");
    assert!(stderr.starts_with("error: bad.cfg:"), "{stderr}");
}

#[test]
fn what_a_calculation_could_not_give_is_left_out_of_what_is_checked() {
    let bench = Bench::new("check_failed");
    bench.write_configurations("in.cfg", &sound());
    let text = bench.text("in.cfg").replacen("Energy\n", "Energy\n nan\n", 1);
    fs::write(bench.path("failed.cfg"), text).unwrap();
    let (code, stdout, stderr) = bench.run("check failed.cfg --quiet");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.starts_with(&format!("{} configurations", sound().len() - 1)), "{stdout}");
    assert!(stderr.contains("failed.cfg: step 1 left out (line "), "{stderr}");
    let (code, _, stderr) = bench.run("check failed.cfg --quiet --strict");
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("expected a finite number, got nan"), "{stderr}");
}

/// Dynamics at two temperatures, each in cells of its own volume: pressures rise with the volume, and either sign of them goes
/// with energies and forces, but not of the rest of the virials.
#[test]
fn pressures_that_rise_with_the_temperature_are_not_of_the_wrong_sign() {
    let bench = Bench::new("check_temperatures");
    let set = read_cfg(&workspace().join("examples/learn/test.cfg"));
    bench.write_configurations("set.cfg", &set);
    assert_eq!(check(&bench, "set.cfg --species Mg,O"), (vec![], vec![]));
}
