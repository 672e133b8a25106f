//! `mtprs voltage`: voltages of energies that files give and that a potential gives, of hosts whose ions are taken out, relaxed
//! ones, grades, and what is said and refused.

use std::fs;
use std::process::{Command, Stdio};

use mtprs_core::evaluate::Evaluator;
use mtprs_core::geometry::Configuration;

use crate::fixture::{Bench, configurations, figure, trained};

/// Extended XYZ of MgO₂ or O₂ cells with these energies, as many atoms as cells make.
fn frames(cells: usize, ions: usize, energies: &[f64]) -> String {
    let mut text = String::new();
    for energy in energies {
        text += &format!(
            "{}\nLattice=\"{} 0 0 0 4 0 0 0 4\" energy={energy} pbc=\"T T T\" Properties=species:S:1:pos:R:3\n",
            2 * cells + ions,
            4 * cells
        );
        for cell in 0..cells {
            let x = 4 * cell;
            text += &format!("O {x} 0 0\nO {x} 2 2\n");
        }
        for ion in 0..ions {
            text += &format!("Mg {} 2 0\n", 4 * ion + 2);
        }
    }
    text
}

fn bench(name: &str) -> Bench {
    let bench = Bench::new(name);
    let write = |file: &str, text: String| fs::write(bench.path(file), text).unwrap();
    write("host.xyz", frames(2, 0, &[-20.0, -20.2, -19.8, -20.1, -19.9, -20.0]));
    write("full.xyz", frames(1, 1, &[-14.5, -14.3, -14.7, -14.4, -14.6, -14.5]));
    write("other.xyz", frames(1, 1, &[-14.1, -14.2, -14.0, -14.1, -14.3, -13.9]));
    write("half.xyz", frames(2, 1, &[-25.0]));
    write("mixed.xyz", frames(1, 1, &[-14.5]) + &frames(1, 0, &[-10.0]));
    write("bare.xyz", frames(1, 1, &[-14.5]).replace("energy=-14.5 ", ""));
    write("peroxide.xyz", frames(1, 0, &[-10.0]).replace("O 0 2 2", "S 0 2 2"));
    write("empty.cfg", String::new());
    bench
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// (10 − 14.5 + 1.5) / 2 for the first, half of 0.4 V more for the second.
#[test]
fn voltages_of_energies_in_files_are_those_of_hand_arithmetic() {
    let bench = bench("voltage-files");
    let options = "--ion Mg --metal-energy -1.5 --labels a,b --json voltage.json";
    bench.succeed(&format!(
        "voltage --charged host.xyz --discharged other.xyz --discharged full.xyz {options}"
    ));
    let report = bench.json("voltage.json");
    let of = |path: &str| figure(&report, &format!("/structures/{path}"));
    assert_eq!((figure(&report, "/charge"), of("0/ions_per_formula/1")), (2.0, 0.5));
    assert_eq!(report["structures"][0]["host"], "O");
    assert!((of("0/insertion_energy") + 4.1).abs() < 1e-9 && (of("0/voltage") - 1.3).abs() < 1e-9);
    assert!(
        (of("1/voltage") - 1.5).abs() < 1e-9 && (of("1/difference/voltage_difference") - 0.2).abs() < 1e-9
    );
    // Six independent energies each: √(Σ(x − x̄)² / 30), a half of the host's; the host falls out of the difference.
    let [host, other, full] = [0.1_f64, 0.1, 0.1].map(|sum| (sum / 30.0).sqrt());
    let voltage = (0.25 * host * host + other * other).sqrt() / 2.0;
    assert!((of("0/voltage_std_dev") - voltage).abs() < 1e-9, "{report}");
    let difference = (other * other + full * full).sqrt() / 2.0;
    assert!((of("1/difference/voltage_difference_std_dev") - difference).abs() < 1e-9, "{report}");
    // Two files of one state.
    bench.succeed("voltage --charged host.xyz --discharged other.xyz full.xyz --ion Mg --json both.json");
    let both = bench.json("both.json");
    assert_eq!(figure(&both, "/structures/0/discharged/configurations"), 12.0);
    assert!((figure(&both, "/structures/0/insertion_energy") + 4.3).abs() < 1e-9);
    assert!(both["structures"][0]["voltage"].is_null());
}

/// The potential of the folder without the names of its species.
fn write_nameless(bench: &Bench) {
    let nameless = bench.text("pot.mtp").replace("potential_tag = Mg O\n", "");
    fs::write(bench.path("nameless.mtp"), nameless).unwrap();
}

/// Without their ions, other configurations of the folder.
fn emptied(configuration: &Configuration) -> Configuration {
    let is_host = |atom: &usize| configuration.species[*atom] != 0;
    let host: Vec<usize> = (0..configuration.len()).filter(is_host).collect();
    let positions = host.iter().map(|atom| configuration.positions[*atom]).collect();
    Configuration::new(configuration.cell.clone(), vec![1; host.len()], positions).unwrap()
}

/// Configurations with two Mg and three O.
fn oxides() -> Vec<Configuration> {
    let mut found: Vec<Configuration> = configurations(60).into_iter().filter(|one| one.len() == 5).collect();
    found.iter_mut().for_each(|one| one.species = vec![0, 1, 1, 0, 1]);
    found
}

#[test]
fn energies_of_a_potential_are_those_of_the_evaluator() {
    let bench = bench("voltage-potential");
    let full = oxides();
    let host: Vec<Configuration> = full.iter().map(emptied).collect();
    bench.write_configurations("full.cfg", &full);
    bench.write_configurations("host.cfg", &host);
    let mut evaluator = Evaluator::new(&trained()).unwrap();
    let mut energies = |of: &[Configuration]| -> Vec<f64> {
        of.iter().map(|one| evaluator.evaluate(one).unwrap().energy).collect()
    };
    let [with, without] = [energies(&full), energies(&host)].map(|energies| mean(&energies));
    let options = "--ion Mg --potential pot.mtp --metal-energy -1 -q";
    bench.succeed(&format!("voltage --charged host.cfg --discharged full.cfg {options} --json apart.json"));
    bench.succeed(&format!("voltage --remove --discharged full.cfg {options} --json emptied.json -j 2"));
    let expected = (without - with - 2.0) / 4.0;
    for (file, is_emptied) in [("apart.json", false), ("emptied.json", true)] {
        let report = bench.json(file);
        assert!((figure(&report, "/structures/0/voltage") - expected).abs() < 1e-9, "{report}");
        assert!((figure(&report, "/structures/0/charged/energy") - without).abs() < 1e-9);
        assert_eq!(report["structures"][0]["is_emptied"], is_emptied);
    }
    let error = |file: &str| figure(&bench.json(file), "/structures/0/voltage_std_dev");
    assert!(error("emptied.json") != error("apart.json"));
}

#[test]
fn relaxed_energies_are_those_of_minima() {
    let bench = bench("voltage-relaxed");
    let full = &oxides()[..2];
    bench.write_configurations("full.cfg", full);
    let options = "voltage --remove --discharged full.cfg --ion Mg --potential pot.mtp";
    let text = bench.succeed(&format!("{options} --json still.json"));
    assert!(!text.contains("relaxed"), "{text}");
    let text = bench.succeed(&format!("{options} --relax --max-steps 3 --json relaxed.json"));
    let [still, relaxed] = ["still.json", "relaxed.json"].map(|file| bench.json(file));
    for state in ["charged", "discharged"] {
        let of = |report, path: &str| figure(report, &format!("/structures/0/{state}/{path}"));
        assert!(of(&relaxed, "energy") < of(&still, "energy"));
        assert_eq!(of(&relaxed, "unrelaxed"), 2.0, "three steps are not enough");
        assert!(text.contains(&format!("full.cfg, {state}: 2 of 2 configurations not converged")), "{text}");
    }
    // The relaxed one is emptied, so that it begins lower than one that was not relaxed before.
    bench.write_configurations("host.cfg", &full.iter().map(emptied).collect::<Vec<Configuration>>());
    let apart = "voltage --charged host.cfg --discharged full.cfg --ion Mg --potential pot.mtp";
    bench.succeed(&format!("{apart} --relax --max-steps 3 --json apart.json"));
    let energy =
        |file: &str, state: &str| figure(&bench.json(file), &format!("/structures/0/{state}/energy"));
    assert_eq!(energy("apart.json", "discharged"), energy("relaxed.json", "discharged"));
    assert!(energy("apart.json", "charged") != energy("relaxed.json", "charged"));
}

/// What a pipe or standard input gives is read to its end, though the first configuration is looked at before.
#[test]
fn pipes_lose_nothing() {
    let bench = bench("voltage-pipe");
    bench.write_configurations("full.cfg", &oxides());
    let options = "--remove --ion Mg --potential pot.mtp --labels a -q";
    bench.succeed(&format!("voltage --discharged full.cfg {options} --json file.json"));
    let made = Command::new("mkfifo").arg(bench.path("pipe.cfg")).status().unwrap();
    assert!(made.success());
    for (input, json) in [("pipe.cfg", "pipe.json"), ("-", "stdin.json")] {
        let mut command = bench.command(&format!("voltage --discharged {input} {options} --json {json}"));
        if input == "-" {
            command.stdin(fs::File::open(bench.path("full.cfg")).unwrap());
        }
        let run = command.stdout(Stdio::null()).spawn().unwrap();
        if input != "-" {
            fs::write(bench.path("pipe.cfg"), bench.text("full.cfg")).unwrap();
        }
        assert!(run.wait_with_output().unwrap().status.success());
        let of = |file: &str| {
            let report = bench.json(file);
            ["configurations", "energy"].map(|path| figure(&report, &format!("/structures/0/charged/{path}")))
        };
        assert_eq!(of(json), of("file.json"));
    }
}

/// Relaxations end with their last configuration, whatever stands before.
#[test]
fn the_last_configurations_of_files_are_taken() {
    let bench = bench("voltage-last");
    let options = "--ion Mg --metal-energy -1.5 --last";
    bench.succeed(&format!(
        "voltage --charged host.xyz --discharged full.xyz other.xyz {options} --json last.json"
    ));
    let report = bench.json("last.json");
    let of = |path: &str| figure(&report, &format!("/structures/0/{path}"));
    assert_eq!((of("charged/energy"), of("discharged/energy")), (-20.0, -14.2));
    assert_eq!((of("charged/configurations"), of("discharged/configurations")), (1.0, 2.0));
    let full = oxides();
    bench.write_configurations("full.cfg", &full);
    bench.write_configurations("end.cfg", &full[full.len() - 1..]);
    for (file, more) in [("full.cfg", "--last -j 1"), ("end.cfg", "")] {
        let command = "voltage --remove --ion Mg --potential pot.mtp --relax --max-steps 5";
        bench.succeed(&format!("{command} --discharged {file} {more} --labels a --json {file}.json"));
    }
    let charged = |file: &str| figure(&bench.json(file), "/structures/0/charged/energy");
    assert_eq!(charged("full.cfg.json"), charged("end.cfg.json"));
}

#[test]
fn grades_stand_beside_the_energies() {
    let bench = bench("voltage-grades");
    bench.write_configurations("train.cfg", &configurations(60));
    bench.write_configurations("full.cfg", &oxides());
    bench.write_configurations("host.cfg", &oxides().iter().map(emptied).collect::<Vec<Configuration>>());
    bench.succeed("state build pot.mtp train.cfg pot.mtps -q");
    let options = "--ion Mg --potential pot.mtp --state pot.mtps --json voltage.json -q";
    bench.succeed(&format!("voltage --remove --discharged full.cfg {options}"));
    let report = bench.json("voltage.json");
    // The names of a state count where the potential has none.
    write_nameless(&bench);
    let nameless = options.replace("pot.mtp ", "nameless.mtp ").replace("voltage.json", "nameless.json");
    bench.succeed(&format!("voltage --remove --discharged full.cfg {nameless}"));
    assert_eq!(bench.json("nameless.json")["structures"], report["structures"]);
    for (state, file) in [("charged", "host.cfg"), ("discharged", "full.cfg")] {
        bench.succeed(&format!("grade pot.mtp pot.mtps {file} graded.cfg -q --force"));
        let graded = bench.read_configurations("graded.cfg");
        let grades: Vec<f64> =
            graded.iter().map(|one| one.feature("MV_grade").unwrap().parse().unwrap()).collect();
        let of = |path: &str| figure(&report, &format!("/structures/0/{state}/grades/{path}"));
        let largest = grades.iter().copied().fold(0.0, f64::max);
        assert!((of("mean") - mean(&grades)).abs() < 1e-5 * largest);
        assert!((of("largest") - largest).abs() < 1e-5 * largest);
        assert_eq!(of("above_2") as usize, grades.iter().filter(|grade| **grade > 2.0).count());
    }
}

#[test]
fn what_is_said_and_what_is_refused() {
    let bench = bench("voltage");
    bench.write_configurations("numbered.cfg", &oxides());
    write_nameless(&bench);
    bench.play("voltage");
}
