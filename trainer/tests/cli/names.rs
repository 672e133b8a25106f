//! Names of elements decide: data whose elements are numbered in another order, or not at all, give the same to the last
//! digit in every command; what cannot be known is told or refused.

use std::fs;

use mtprs_core::format::{load_potential, save_potential};
use mtprs_core::geometry::Configuration;
use mtprs_core::potential::Potential;
use mtprs_core::species::Species;
use mtprs_testing::transform::with_parameters;

use crate::fixture::{Bench, configurations, trained};

/// Configurations with labels of the potential, in the order of its elements.
fn bench(name: &str) -> (Bench, Vec<Configuration>) {
    let bench = Bench::new(name);
    bench.write_configurations("bare.cfg", &configurations(30));
    bench.succeed("evaluate pot.mtp bare.cfg labeled.cfg --species Mg,O -q");
    let labeled = bench.read_configurations("labeled.cfg");
    assert!(labeled.iter().all(|one| one.feature("elements") == Some("Mg O")));
    bench.write_configurations("right.cfg", &labeled);
    bench.write_configurations("swapped.cfg", &swapped(&labeled));
    let unnamed = |mut one: Configuration| {
        one.features.retain(|(key, _)| key != "elements");
        one
    };
    bench.write_configurations("unnamed.cfg", &labeled.iter().cloned().map(unnamed).collect::<Vec<_>>());
    bench.succeed("convert right.cfg named.xyz -q");
    bench.write_compressed("named.xyz.gz", bench.text("named.xyz").as_bytes());
    (bench, labeled)
}

/// The same atoms with the numbers of the other order.
fn swapped(configurations: &[Configuration]) -> Vec<Configuration> {
    let mut swapped = configurations.to_vec();
    for configuration in &mut swapped {
        configuration.species.iter_mut().for_each(|species| *species = 1 - *species);
        configuration.set_feature("elements", "O Mg");
    }
    swapped
}

/// The species of a potential in the order of other names, with the parameters that belong to them.
fn potential_named(names: Option<&[&str]>) -> Potential {
    let mut parts = trained().into_parts();
    parts.species = names.map_or(Species::unnamed(2), |names| Species::named(names).unwrap());
    parts.tag = names.map_or(String::new(), |names| names.join(" "));
    Potential::new(parts).unwrap()
}

/// What a command makes of the file `data`, which is each of the variants in turn, is the same.
fn assert_same(bench: &Bench, command: &str, outputs: &[&str]) {
    let mut expected: Option<Vec<String>> = None;
    // A search takes longer than the rest.
    let count = if command.starts_with("tune") { 2 } else { 4 };
    for variant in ["right.cfg", "swapped.cfg", "named.xyz", "named.xyz.gz"].into_iter().take(count) {
        fs::copy(bench.path(variant), bench.path("data")).unwrap();
        let printed = bench.succeed(command);
        let made = outputs.iter().map(|output| match *output {
            // A table of the features says which there are.
            "out.cfg" => numbers(&bench.read_configurations(output)),
            output => bench.text(output),
        });
        let made: Vec<String> = std::iter::once(printed).chain(made).collect();
        for output in outputs {
            fs::remove_file(bench.path(output)).unwrap();
        }
        let expected = expected.get_or_insert_with(|| made.clone());
        assert!(*expected == made, "mtprs {command} differs for {variant}:\n{expected:?}\n{made:?}");
    }
}

/// Everything of configurations but what formats keep in different ways.
fn numbers(configurations: &[Configuration]) -> String {
    let mut text = String::new();
    for one in configurations {
        let Configuration { species, positions, forces, energy, virial, site_energies, .. } = one;
        let names = one.feature("elements");
        let grades = (&one.neighborhood_grades, one.feature("MV_grade"), one.feature("selection_gain"));
        text += &format!(
            "{species:?} {positions:?} {forces:?} {energy:?} {virial:?} {site_energies:?} {names:?} {grades:?}\n"
        );
    }
    assert!(text.contains("Mg O"), "{text}");
    text
}

#[test]
fn commands_with_a_potential_give_the_same_whatever_the_order_of_the_data() {
    let (bench, labeled) = bench("names_potential");
    bench.write_configurations("few.cfg", &labeled[..3]);
    bench.succeed("state build pot.mtp right.cfg state.mtps --mode neighborhood -q");
    for (command, outputs) in [
        ("evaluate pot.mtp data out.cfg --site-energies -q", &["out.cfg"][..]),
        ("errors pot.mtp data --json - -q", &[]),
        ("grade pot.mtp state.mtps data out.cfg -q", &["out.cfg"]),
        ("grade pot.mtp data swapped.cfg out.cfg --mode neighborhood -q", &["out.cfg"]),
        ("state build pot.mtp data made.mtps -q", &["made.mtps"]),
        ("state build pot.mtp data made.als --mode neighborhood -q", &["made.als"]),
        ("select pot.mtp few.cfg data out.cfg -q", &["out.cfg"]),
        ("select pot.mtp few.cfg data out.cfg --mode neighborhood -q", &["out.cfg"]),
        ("cutout pot.mtp data out.cfg --state state.mtps --threshold 0.5 --limit 2 -q", &["out.cfg"]),
        ("subsample data out.cfg --maxvol 5 --potential pot.mtp -q", &["out.cfg"]),
        ("convert data out.cfg --potential pot.mtp -q", &["out.cfg"]),
    ] {
        if outputs == ["made.mtps"] || outputs == ["made.als"] {
            same_states(&bench, command, outputs[0]);
        } else {
            assert_same(&bench, command, outputs);
        }
    }
}

/// States are binary.
fn same_states(bench: &Bench, command: &str, output: &str) {
    let made = ["right.cfg", "swapped.cfg"].map(|variant| {
        fs::copy(bench.path(variant), bench.path("data")).unwrap();
        bench.succeed(command);
        let bytes = fs::read(bench.path(output)).unwrap();
        fs::remove_file(bench.path(output)).unwrap();
        bytes
    });
    assert!(made[0] == made[1], "{command}");
}

#[test]
fn sets_come_into_the_order_that_is_asked_for() {
    let (bench, _) = bench("names_sets");
    for command in [
        "filter data out.cfg --with Mg --species Mg,O -q",
        "split data --into out.cfg=100% --species Mg,O -q",
        "merge right.cfg data out.cfg -q",
        "subsample data out.cfg --count 9 --species Mg,O -q",
    ] {
        assert_same(&bench, command, &["out.cfg"]);
    }
    let told = |command: &str| {
        let (code, stdout, stderr) = bench.run(command);
        assert!(code == 0 || code == 3, "{stderr}");
        stdout + &stderr
    };
    assert!(told("check right.cfg swapped.cfg").contains("duplicates"));
}

#[test]
fn trainings_end_in_the_same_potential_and_carry_the_names() {
    let (bench, _) = bench("names_train");
    bench.succeed("init --level 2 --species Mg,O --cutoff 4 --radial-basis-size 4 --min-dist 1 -o new.mtp");
    assert_same(
        &bench,
        "train new.mtp data -o made.mtp --max-iter 3 --starts 1 --valid-cfgs swapped.cfg -q",
        &["made.mtp"],
    );
    assert_same(
        &bench,
        "tune data --species Mg,O --levels 2 --cutoffs 4 --radial-basis-sizes 4 --max-iter 2 --starts 1 -o tuned --force -q",
        &["tuned/trials/level2-cutoff4-size4-energy1-force0.01-stress0.001/pot.mtp"],
    );
    // A potential without names takes those of the data, in the order of the first file.
    save_potential(&potential_named(None), &bench.path("unnamed.mtp")).unwrap();
    let notes = [
        "note: unnamed.mtp names no elements: its species 0, 1 are read as O, Mg, the order of swapped.cfg",
        "note: right.cfg names its elements in another order, Mg O: numbered in that of swapped.cfg, O Mg",
        "note: the species of the trained potential get their names: O Mg",
    ];
    bench.tell("train unnamed.mtp swapped.cfg right.cfg -o named.mtp --max-iter 2 --starts 1", &notes);
    assert_eq!(load_potential(&bench.path("named.mtp")).unwrap().species().names().unwrap(), ["O", "Mg"]);
}

#[test]
fn one_side_without_names_is_taken_by_number_and_told() {
    let (bench, labeled) = bench("names_missing");
    let told = bench.tell("evaluate pot.mtp unnamed.cfg out.cfg", &[]);
    let expected =
        "note: unnamed.cfg names no elements: its types 0, 1 are read as Mg, O, the order of pot.mtp";
    assert_eq!(told.matches(expected).count(), 1, "{told}");
    assert_eq!(bench.read_configurations("out.cfg")[3].energy, labeled[3].energy);
    assert_eq!(bench.run("evaluate pot.mtp unnamed.cfg out.cfg -q --force").2, "");
    assert!(!bench.run("evaluate pot.mtp unnamed.cfg out.cfg --species Mg,O --force").2.contains("note"));
    // the potential without names
    save_potential(&potential_named(None), &bench.path("unnamed.mtp")).unwrap();
    let note = "note: unnamed.mtp names no elements: its species 0, 1 are read as Mg, O";
    bench.tell("errors unnamed.mtp right.cfg", &[note]);
    let hint = "hint: give their order in the potential: --species Mg,O";
    bench.refuse(1, "errors unnamed.mtp named.xyz", hint);
    bench.succeed("errors unnamed.mtp named.xyz --species Mg,O -q");
    let errors = |command: &str| {
        let report: serde_json::Value = serde_json::from_str(&bench.succeed(command)).unwrap();
        report["errors"].clone()
    };
    assert_eq!(
        errors("errors unnamed.mtp named.xyz --species Mg,O --json - -q"),
        errors("errors pot.mtp named.xyz --json - -q")
    );
    // neither has names: nothing to tell
    let told = bench.tell("errors unnamed.mtp unnamed.cfg", &[]);
    assert!(!told.contains("note"), "{told}");
}

#[test]
fn what_the_potential_lacks_and_what_contradicts_it_is_refused() {
    let (bench, _) = bench("names_refused");
    save_potential(&potential_named(Some(&["Mg", "V"])), &bench.path("other.mtp")).unwrap();
    for command in [
        "evaluate other.mtp FILE out.cfg",
        "errors other.mtp FILE",
        "grade other.mtp FILE FILE out.cfg",
        "select other.mtp FILE FILE out.cfg",
        "state build other.mtp FILE out.mtps",
        "train other.mtp FILE -o out.mtp",
        "cutout other.mtp FILE out.cfg --atoms 1:1",
        "subsample FILE out.cfg --maxvol 2 --potential other.mtp",
        "convert FILE out.cfg --potential other.mtp",
        "scaling other.mtp FILE",
    ] {
        for file in ["swapped.cfg", "named.xyz.gz"] {
            let message = bench.fail(1, &command.replace("FILE", file));
            let place = format!("error: {file}:1: configuration 1: atom ");
            assert!(message.starts_with(&place), "{command}: {message}");
            assert!(message.contains(" is O, which is not among other.mtp: Mg V"), "{command}: {message}");
        }
    }
    let expected = "error: pot.mtp: --species O,Mg differs from the species of the potential\n";
    bench.refuse(1, "errors pot.mtp right.cfg --species O,Mg", expected);
    // a state of a potential with the same numbers and other names
    bench.succeed("state build pot.mtp right.cfg state.mtps -q");
    save_potential(&potential_named(Some(&["O", "Mg"])), &bench.path("renamed.mtp")).unwrap();
    let expected = "has the species Mg O, not O Mg";
    bench.refuse(1, "grade renamed.mtp state.mtps right.cfg out.cfg", expected);
    assert!(!bench.path("out.cfg").exists());
}

#[test]
fn a_potential_in_the_other_order_gives_the_same_energies() {
    let (bench, labeled) = bench("names_order");
    let potential = trained();
    let layout = potential.parameter_layout();
    let flat = potential.parameters().to_flat().unwrap();
    let mut turned = flat.clone();
    let radial = layout.radial_coeffs();
    let of_pair = radial.len() / 4;
    for (pair, from) in [3, 2, 1, 0].into_iter().enumerate() {
        let (to, from) = (radial.start + pair * of_pair, radial.start + from * of_pair);
        turned[to..to + of_pair].copy_from_slice(&flat[from..from + of_pair]);
    }
    turned[layout.species_coeffs()].reverse();
    let turned = with_parameters(&potential_named(Some(&["O", "Mg"])), &turned);
    save_potential(&turned, &bench.path("turned.mtp")).unwrap();
    for file in ["right.cfg", "swapped.cfg", "named.xyz"] {
        bench.succeed(&format!("evaluate turned.mtp {file} out.cfg -q --force"));
        for (found, expected) in bench.read_configurations("out.cfg").iter().zip(&labeled) {
            let difference = found.energy.unwrap() - expected.energy.unwrap();
            // The order of the sums differs.
            assert!(difference.abs() < 1e-12, "{file}: {difference:e}");
            assert_eq!(found.feature("elements"), Some("O Mg"));
        }
    }
}

#[test]
fn the_names_of_a_state_count_where_the_potential_has_none() {
    let (bench, _) = bench("names_of_state");
    save_potential(&potential_named(None), &bench.path("unnamed.mtp")).unwrap();
    bench.succeed("state build pot.mtp right.cfg state.mtps -q --mode neighborhood");
    bench.succeed("grade pot.mtp state.mtps right.cfg expected.cfg -q");
    let grades = |file: &str| -> Vec<String> {
        let all = bench.read_configurations(file);
        all.iter().map(|one| one.feature("MV_grade").unwrap().to_owned()).collect()
    };
    for file in ["swapped.cfg", "named.xyz"] {
        bench.succeed(&format!("grade unnamed.mtp state.mtps {file} out.cfg -q --force"));
        assert_eq!(grades("out.cfg"), grades("expected.cfg"), "{file}");
        bench.succeed(&format!("select unnamed.mtp state.mtps {file} selected.cfg -q --force"));
        assert_eq!(bench.text("selected.cfg"), "", "{file}: all of it is in the state");
        let cut = "--state state.mtps --threshold 0.9 -q --force --json";
        bench.succeed(&format!("cutout unnamed.mtp {file} cells.cfg {cut} unnamed.json"));
        bench.succeed(&format!("cutout pot.mtp {file} cells.cfg {cut} named.json"));
        // The report calls species as the potential does.
        let named = bench.text("named.json").replace("\"Mg\"", "\"0\"").replace("\"O\"", "\"1\"");
        assert!(bench.text("unnamed.json") == named && named.contains("grade_before"), "{file}");
    }
}
