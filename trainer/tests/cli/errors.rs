//! `mtprs errors`: databases with errors of known size, and what the report says about them.

use crate::fixture::{Bench, configurations, count_of_class, parse_page};
use mtprs_core::geometry::{Cell, Configuration, Virial};
use serde_json::Value;

/// 1 eV/Å³ in GPa.
const GPA: f64 = 160.217_663_4;

/// Configurations labelled by the potential itself, in `exact.cfg`.
fn labelled(bench: &Bench, unlabelled: &[Configuration]) -> Vec<Configuration> {
    bench.write_configurations("in.cfg", unlabelled);
    bench.succeed("evaluate pot.mtp in.cfg exact.cfg");
    bench.read_configurations("exact.cfg")
}

fn report(bench: &Bench, options: &str) -> Value {
    serde_json::from_str(&bench.succeed(&format!("errors pot.mtp db.cfg --json - --quiet {options}")))
        .unwrap()
}

/// Labels of a few eV with 16 digits: differences are good to about 1e-14.
fn close(value: &Value, expected: f64) {
    let value = value.as_f64().unwrap_or_else(|| panic!("expected {expected}, got {value}"));
    assert!((value - expected).abs() <= 1e-11 * expected.abs().max(1.0), "{value} instead of {expected}");
}

#[test]
fn errors_of_known_size_are_reported() {
    let bench = Bench::new("known");
    let mut database = labelled(&bench, &configurations(4));
    let atoms: Vec<f64> = database.iter().map(|configuration| configuration.len() as f64).collect();
    assert_eq!(atoms, [2.0, 3.0, 4.0, 5.0]);
    // The potential lies above the reference by 0.1, 0.2, 0.3 and 0.4 eV.
    for (index, configuration) in database.iter_mut().enumerate() {
        *configuration.energy.as_mut().unwrap() -= 0.1 * (index + 1) as f64;
    }
    // One component of one force is off by 0.7 eV/Å; of 14 atoms.
    database[2].forces.as_mut().unwrap()[3][1] += 0.7;
    // One diagonal and one off-diagonal component of one virial are off by 3 and 2 eV.
    let virial = database[1].virial.unwrap();
    database[1].virial = Some(Virial { yy: virial.yy - 3.0, xz: virial.xz + 2.0, ..virial });
    let volume = database[1].cell.volume().unwrap();
    bench.write_configurations("db.cfg", &database);

    let report = report(&bench, "");
    assert_eq!((&report["configurations"], &report["atoms"]), (&4.into(), &14.into()));
    let errors = &report["errors"];
    close(&errors["energy"]["mean_absolute"], 0.25);
    close(&errors["energy"]["mean"], 0.25);
    close(&errors["energy"]["rms"], (0.3_f64 / 4.0).sqrt());
    close(&errors["energy"]["max_absolute"], 0.4);
    assert_eq!(errors["energy"]["largest_in"], serde_json::json!({"configuration": 4}));
    close(
        &errors["energy_per_atom"]["mean_absolute"],
        1000.0 * (0.1 / 2.0 + 0.2 / 3.0 + 0.3 / 4.0 + 0.4 / 5.0) / 4.0,
    );
    assert_eq!(errors["energy_per_atom"]["unit"], "meV/atom");
    assert_eq!(errors["force_component"]["count"], 42);
    close(&errors["force_component"]["mean_absolute"], 0.7 / 42.0);
    close(&errors["force_component"]["mean"], -0.7 / 42.0);
    close(&errors["force_component"]["rms"], 0.7 / 42.0_f64.sqrt());
    close(&errors["force_vector"]["mean_absolute"], 0.7 / 14.0);
    let place = serde_json::json!({"configuration": 3, "atom": 4, "component": "y"});
    assert_eq!(errors["force_component"]["largest_in"], place);
    assert_eq!(errors["virial_component"]["count"], 24);
    close(&errors["virial_component"]["mean_absolute"], 5.0 / 24.0);
    close(&errors["virial_component"]["rms"], (13.0_f64 / 24.0).sqrt());
    close(&errors["virial_norm"]["max_absolute"], 17.0_f64.sqrt());
    close(&errors["stress_component"]["max_absolute"], 3.0 * GPA / volume);
    close(&errors["stress_norm"]["max_absolute"], 17.0_f64.sqrt() * GPA / volume);

    let mlip2 = &report["mlip2"];
    close(&mlip2["forces"]["average"], 0.7 / 14.0 / 3.0);
    close(&mlip2["forces"]["rms"], 0.7 / 42.0_f64.sqrt());
    close(&mlip2["stresses_ev"]["average"], 17.0_f64.sqrt() / 4.0 / 9.0);
    close(&mlip2["stresses_ev"]["rms"], (17.0_f64 / 4.0 / 9.0).sqrt());
}

#[test]
fn relative_figures_divide_by_the_reference() {
    let bench = Bench::new("relative");
    let mut database = labelled(&bench, &configurations(3));
    for force in database.iter_mut().flat_map(|configuration| configuration.forces.as_mut().unwrap()) {
        *force = force.map(|x| 0.5 * x);
    }
    bench.write_configurations("db.cfg", &database);
    let errors = &report(&bench, "")["errors"];
    for quantity in ["force_component", "force_vector"] {
        close(&errors[quantity]["relative_rms"], 1.0);
        close(&errors[quantity]["relative_max"], 1.0);
    }
    assert_eq!(errors["energy"]["relative_rms"], Value::Null);
}

#[test]
fn species_groups_and_missing_labels_have_tables_of_their_own() {
    let bench = Bench::new("tables");
    let mut unlabelled = configurations(5);
    unlabelled[1].cell = Cell::open();
    let mut database = labelled(&bench, &unlabelled);
    for (index, configuration) in database.iter_mut().enumerate() {
        configuration.set_feature("phase", if index < 2 { "glass" } else { "crystal" });
        for (atom, force) in configuration.forces.as_mut().unwrap().iter_mut().enumerate() {
            force[0] += if atom % 2 == 0 { 0.3 } else { 0.6 };
        }
    }
    database[0].energy = None;
    database[3].forces = None;
    database[4].virial = None;
    bench.write_configurations("db.cfg", &database);

    let report = report(&bench, "--by phase");
    let left_out = serde_json::json!({"energy": 1, "forces": 1, "virial": 1, "stress": 2});
    assert_eq!(report["left_out"], left_out);
    let species = &report["forces_by_species"];
    assert_eq!((&species[0]["atoms"], &species[1]["atoms"]), (&"Mg".into(), &"O".into()));
    close(&species[0]["force_vector"]["mean_absolute"], 0.3);
    close(&species[1]["force_component"]["mean_absolute"], 0.2);
    let groups = report["by_feature"]["groups"].as_array().unwrap();
    let values: Vec<_> = groups.iter().map(|group| (&group["value"], &group["configurations"])).collect();
    assert_eq!(values, [(&"crystal".into(), &3.into()), (&"glass".into(), &2.into())]);
    assert_eq!(groups[1]["errors"]["energy"]["count"], 1);

    let text = bench.succeed("errors pot.mtp db.cfg --by phase");
    let expected = "left out: 1 configuration without energy, 1 configuration without forces, \
                    1 configuration without virial, \
                    1 configuration without three periodic directions (no stress in GPa).\n";
    assert!(text.contains(expected), "{text}");
    for heading in [
        "By feature phase: E energy, meV/atom;",
        "Forces by species, eV/Å\n",
        "Forces by magnitude of the reference force, eV/Å\n",
    ] {
        assert!(text.contains(heading), "{text}");
    }
}

#[test]
fn the_table_shows_what_the_json_holds() {
    let bench = Bench::new("table");
    let mut database = labelled(&bench, &configurations(2));
    database[1].energy = database[1].energy.map(|energy| energy - 0.75);
    bench.write_configurations("db.cfg", &database);
    let text = bench.succeed("calc-errors pot.mtp db.cfg --json report.json");
    assert!(
        text.starts_with("Errors of pot.mtp (species Mg O) on db.cfg: 2 configurations, 5 atoms\n"),
        "{text}"
    );
    let words = |name: &str| -> Vec<String> {
        let line = text.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
        line.split_whitespace().map(str::to_owned).collect()
    };
    assert_eq!(words("energy  ")[1..6], ["eV", "0.37500", "0.53033", "0.75000", "0.37500"]);
    assert_eq!(words("energy per atom")[3..7], ["meV/atom", "125.00", "176.78", "250.00"]);
    close(&bench.json("report.json")["errors"]["energy"]["rms"], 0.75 / 2.0_f64.sqrt());
}

#[test]
fn the_report_of_mlip2_can_be_had() {
    let bench = Bench::new("mlip2");
    let mut database = labelled(&bench, &configurations(2));
    for configuration in &mut database {
        configuration.energy = configuration.energy.map(|energy| energy - 0.5);
    }
    bench.write_configurations("db.cfg", &database);
    let text = bench.succeed("errors pot.mtp db.cfg --compat mlip2");
    let expected = "_________________Errors report_________________\nEnergy:\n\
                    \tErrors checked for 2 configurations\n\tMaximal absolute difference = 0.5\n\
                    \tAverage absolute difference = 0.5\n\tRMS     absolute difference = 0.5\n\n";
    assert!(text.starts_with(expected), "{text}");
    assert!(text.contains("\nForces:\n\tErrors checked for 5 atoms\n"), "{text}");
}

/// A database with errors of all sizes, in `db.cfg`: labels of one configuration belong to another one.
fn mixed_up(bench: &Bench, count: usize) {
    let labels = labelled(bench, &configurations(count));
    let mut database = configurations(count);
    for (configuration, label) in database.iter_mut().zip(labels.iter().cycle().skip(5)) {
        (configuration.energy, configuration.forces) = (label.energy, label.forces.clone());
        configuration.virial = label.virial;
        configuration.set_feature("phase", "<glass & \"melt\">");
    }
    bench.write_configurations("db.cfg", &database);
}

#[test]
fn the_report_is_a_page_with_plots_and_tables() {
    let bench = Bench::new("page");
    mixed_up(&bench, 40);
    let table = bench.succeed("errors pot.mtp db.cfg --by phase");
    let with_report = bench.succeed("errors pot.mtp db.cfg --by phase --report page.html");
    assert_eq!(with_report, table);
    let page = bench.text("page.html");
    let page = parse_page(&page);
    let texts: Vec<&str> = page.descendants().filter_map(|node| node.text()).collect();
    for text in ["Errors of pot.mtp", "db.cfg", "Forces on Mg", "<glass & \"melt\">", "Worst configurations"]
    {
        assert!(texts.iter().any(|found| found.trim() == text), "{text} is missing");
    }
    assert_eq!(count_of_class(&page, "plot"), 10);
    // Every configuration is a dot in the first plot, that of the energy, in the color of the one group.
    let of_group = |class: &str| class.contains("points") && class.ends_with("series0");
    let dots = page.descendants().find(|node| node.attribute("class").is_some_and(of_group)).unwrap();
    assert_eq!(dots.children().filter(|node| node.is_element()).count(), 40);
    let json = report(&bench, "");
    let worst = &json["worst_configurations"];
    let first = &worst["energy_per_atom"][0];
    assert_eq!(first["configuration"], json["errors"]["energy_per_atom"]["largest_in"]["configuration"]);
    close(
        &first["difference"].as_f64().map(f64::abs).into(),
        json["errors"]["energy_per_atom"]["max_absolute"].as_f64().unwrap() / 1000.0,
    );
    for quantity in ["force_vector", "stress_norm"] {
        close(&worst[quantity][0]["difference"], json["errors"][quantity]["max_absolute"].as_f64().unwrap());
        assert_eq!(worst[quantity].as_array().unwrap().len(), 10);
    }
}

#[test]
fn the_number_of_threads_changes_no_digit() {
    let bench = Bench::new("errors_threads");
    mixed_up(&bench, 300);
    assert_eq!(report(&bench, "--threads 1"), report(&bench, "--threads 3"));
    let page =
        |threads| bench.succeed(&format!("errors pot.mtp db.cfg --quiet --report - --threads {threads}"));
    let one = page(1);
    assert!(one.starts_with("<!DOCTYPE html>\n"), "{one}");
    // The head has command and time.
    let results = |page: &str| page.split_once("<main>").expect("there are results").1.to_owned();
    assert_eq!(results(&page(3)), results(&one));
    let head = |page: &str| page.split_once("<main>").expect("there is a head").0.to_owned();
    assert!(
        head(&one).contains("<pre>mtprs errors pot.mtp db.cfg --quiet --report - --threads 1</pre>"),
        "{one}"
    );
}

#[test]
fn a_report_replaces_no_input_and_no_other_report() {
    let bench = Bench::new("page_refused");
    mixed_up(&bench, 5);
    for input in ["pot.mtp", "db.cfg"] {
        let before = bench.text(input);
        let expected = format!("error: the output would replace the input {input}\n");
        bench.refuse(2, &format!("errors pot.mtp db.cfg --report ./{input}"), &expected);
        assert_eq!(bench.text(input), before);
    }
    for (output, name) in [("-", "<stdout>"), ("both", "both")] {
        let arguments = format!("errors pot.mtp db.cfg --json {output} --report {output}");
        bench.refuse(2, &arguments, &format!("error: {name} would be written twice\n"));
    }
    let files = bench.files();
    bench.fail(1, "errors pot.mtp missing.cfg --quiet --report page.html");
    assert_eq!(bench.files(), files);
}
