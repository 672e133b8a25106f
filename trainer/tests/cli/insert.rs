//! `mtprs insert`: energies of pymatgen, the ranks before and after relaxation, the same result on any number of threads, every
//! format, and what is refused.

use std::fs;
use std::path::Path;

use mtprs_core::evaluate::Evaluator;
use mtprs_core::format::load_potential;
use mtprs_core::geometry::{Configuration, NeighborList, norm};

use crate::fixture::{Bench, configurations, figure, trained};

/// Energy of the structure that `the_energy_is_that_of_pymatgen` makes, eV.
const PYMATGEN: f64 = -1_483.677_083_502_947;

/// α-V2O5, two layers of it.
const V2O5: &str = "V2O5
1.0
11.512 0 0
0 3.564 0
0 0 8.736
V O
8 20
Direct
0.10118 0.25 0.44585
0.39882 0.25 0.44585
0.89882 0.75 0.05415
0.60118 0.75 0.05415
0.10118 0.25 0.94585
0.39882 0.25 0.94585
0.89882 0.75 0.55415
0.60118 0.75 0.55415
0.1043 0.25 0.2655
0.3957 0.25 0.2655
0.8957 0.75 0.2345
0.6043 0.75 0.2345
0.1043 0.25 0.7655
0.3957 0.25 0.7655
0.8957 0.75 0.7345
0.6043 0.75 0.7345
0.9311 0.25 0.0015
0.5689 0.25 0.0015
0.0689 0.75 0.4985
0.4311 0.75 0.4985
0.9311 0.25 0.5015
0.5689 0.25 0.5015
0.0689 0.75 0.9985
0.4311 0.75 0.9985
0.25 0.25 0.0005
0.75 0.75 0.4995
0.25 0.25 0.5005
0.75 0.75 0.9995
";

/// Rock salt with an edge of 4.3 Å, moved a little so that no two sites are alike.
fn salt() -> String {
    let mut text = String::from("MgO\n1.0\n8.6 0.1 0\n0 4.3 0.2\n0.1 0 4.3\nMg O\n8 8\nDirect\n");
    for kind in 0..2 {
        for place in (0..16_usize).filter(|k| (k % 4 + k / 4 % 2 + k / 8) % 2 == kind) {
            let shift = |k: usize| 0.01 * f64::sin((7 * place + 3 * k) as f64);
            let [x, y, z] = [place % 4, place / 4 % 2, place / 8];
            let (x, y, z) = (0.25 * x as f64, 0.5 * y as f64, 0.5 * z as f64);
            text += &format!("{:.6} {:.6} {:.6}\n", x + shift(0), y + shift(1), z + shift(2));
        }
    }
    text
}

fn bench(name: &str) -> Bench {
    let bench = Bench::new(name);
    fs::write(bench.path("v2o5.vasp"), V2O5).unwrap();
    fs::write(bench.path("salt.vasp"), salt()).unwrap();
    bench
}

/// Options that put Mg into the salt, whose holes are close to its cations.
const INTO_SALT: &str = "insert salt.vasp --species Mg --count 2 --charges Mg=2,O=-2 --balance background \
                         --cation-distance 1.6 --keep 5 --kicks 20";

fn shortest(configuration: &Configuration) -> f64 {
    let list = NeighborList::new(configuration, 4.0).unwrap();
    let of = |atom| list.neighbors(atom).1.iter().map(|displacement| norm(*displacement));
    (0..list.len()).flat_map(of).fold(f64::INFINITY, f64::min)
}

/// The energy is that which pymatgen gives for the structure that is written, V 4.5, O −2 and Mg 2:
/// `s = Structure.from_file("mg.vasp"); s.add_oxidation_state_by_element({"Mg": 2, "V": 4.5, "O": -2})`, and
/// `EwaldSummation(s, acc_factor=16).total_energy` (pymatgen 2026.10.24).
#[test]
fn the_energy_is_that_of_pymatgen() {
    let bench = bench("insert-energy");
    bench.succeed(
        "insert v2o5.vasp --species Mg --count 2 --charges V=5,O=-2,Mg=2 --keep 1 -o mg.vasp --json mg.json",
    );
    let report = bench.json("mg.json");
    let energy = figure(&report, "/structures/0/ewald_energy");
    assert!((energy - PYMATGEN).abs() < 1e-7 * PYMATGEN.abs(), "{energy}");
    assert_eq!(figure(&report, "/charges/changed/charge"), -0.5);
    assert!(bench.text("mg.vasp").contains("\nV O Mg\n8 20 2\n"), "{}", bench.text("mg.vasp"));
}

/// Mg in V2O5, relaxed with the potential of the example.
#[test]
fn relaxed_structures_are_minima_of_the_potential_and_ranked_by_it() {
    let bench = bench("insert-relaxed");
    let potential = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/mgv2o5/mgvo.mtp");
    fs::copy(&potential, bench.path("mgvo.mtp")).unwrap();
    let command = "insert v2o5.vasp --species Mg --count 4 --charges V=5,O=-2,Mg=2 --keep 5 --kicks 50";
    bench.succeed(&format!("{command} --potential mgvo.mtp -o mg.cfg --json mg.json"));
    let (report, written) = (bench.json("mg.json"), bench.read_configurations("mg.cfg"));
    assert_eq!(written.len(), 5);
    let mut evaluator = Evaluator::new(&load_potential(&potential).unwrap()).unwrap();
    let mut ranks = Vec::new();
    let mut lowest = f64::NEG_INFINITY;
    for (place, configuration) in written.iter().enumerate() {
        let of = |path: &str| figure(&report, &format!("/structures/{place}/{path}"));
        let efs = evaluator.evaluate(configuration).unwrap();
        assert!((efs.energy - of("relaxed/energy")).abs() < 1e-9);
        assert!(efs.energy < of("relaxed/first_energy"), "a relaxation goes down");
        let largest = efs.forces.iter().map(|force| norm(*force)).fold(0.0, f64::max);
        assert!(largest < 0.0101, "structure {place}: {largest} eV/Å");
        assert!((of("closest/distance") - shortest(configuration)).abs() < 1e-6);
        assert!(efs.energy >= lowest, "the lowest come first");
        lowest = efs.energy;
        ranks.push(of("ewald_rank") as usize);
        assert_eq!(configuration.feature("insert_ewald_rank").unwrap(), ranks[place].to_string());
    }
    assert_ne!(ranks, [1, 2, 3, 4, 5], "relaxation changes the order here");
    ranks.sort_unstable();
    assert_eq!(ranks, [1, 2, 3, 4, 5]);
}

/// The small potential of the bench draws atoms together.
#[test]
fn structures_with_atoms_too_close_come_last_and_are_marked() {
    let bench = bench("insert-close");
    let table =
        bench.succeed(&format!("{INTO_SALT} --potential pot.mtp --max-steps 40 -o mg.cfg --json mg.json"));
    let (report, least) = (bench.json("mg.json"), trained().radial_basis().min_dist());
    assert_eq!(figure(&report, "/min_distance"), least);
    let is_close = |place: usize| figure(&report, &format!("/structures/{place}/closest/distance")) < least;
    let close: Vec<bool> = (0..5).map(is_close).collect();
    assert!(close.is_sorted() && close[4], "{close:?}");
    let marked = table.lines().filter(|line| line.contains(" !")).count();
    assert_eq!(marked, close.iter().filter(|is_close| **is_close).count());
    assert!(table.contains(&format!("with atoms closer than {least} Å, ranked last")), "{table}");
}

#[test]
fn threads_and_runs_change_nothing_and_sets_of_sites_differ() {
    let bench = bench("insert-threads");
    for (threads, name) in [(1, "a"), (2, "b"), (3, "c")] {
        bench.succeed(&format!("{INTO_SALT} -o {name}.xyz --json {name}.json -j {threads}"));
        assert_eq!(bench.text(&format!("{name}.xyz")), bench.text("a.xyz"));
        assert_eq!(bench.text(&format!("{name}.json")), bench.text("a.json"));
    }
    let report = bench.json("a.json");
    let sets: Vec<String> = (0..5)
        .map(|place| report.pointer(&format!("/structures/{place}/sites")).unwrap().to_string())
        .collect();
    assert!((1..5).all(|k| !sets[..k].contains(&sets[k])));
}

#[test]
fn grades_stand_beside_the_energies() {
    let bench = bench("insert-grades");
    bench.write_configurations("train.cfg", &configurations(60));
    bench.succeed("state build pot.mtp train.cfg pot.mtps -q");
    let options = "--potential pot.mtp --state pot.mtps --max-steps 3 -o mg.cfg --json mg.json";
    bench.succeed(&format!("{INTO_SALT} {options}"));
    bench.succeed("grade pot.mtp pot.mtps mg.cfg graded.cfg -q");
    let report = bench.json("mg.json");
    for (place, graded) in bench.read_configurations("graded.cfg").iter().enumerate() {
        let expected: f64 = graded.feature("MV_grade").unwrap().parse().unwrap();
        let grade = figure(&report, &format!("/structures/{place}/relaxed/grade"));
        assert!((grade - expected).abs() <= 1e-6 * expected, "{grade} {expected}");
    }
}

#[test]
fn what_is_said_and_what_is_refused() {
    let bench = bench("insert");
    let atoms = "Mg 0 0 0\nO 2.1 0 0\n";
    let frame = |pbc: &str| {
        format!(
            "2\nLattice=\"4.2 0 0 0 4.2 0 0 0 4.2\" pbc=\"{pbc}\" Properties=species:S:1:pos:R:3\n{atoms}"
        )
    };
    fs::write(bench.path("slab.xyz"), frame("T T F")).unwrap();
    fs::write(bench.path("three.xyz"), frame("T T T").repeat(3)).unwrap();
    fs::write(bench.path("overlap.xyz"), frame("T T T").replace("2.1 0", "0 4.1")).unwrap();
    fs::write(bench.path("empty.xyz"), "").unwrap();
    let types = "types\n\n2 atoms\n2 atom types\n0 4.2 xlo xhi\n0 4.2 ylo yhi\n0 4.2 zlo zhi\n\nAtoms # atomic\n\n1 1 0 0 0\n2 2 2.1 0 0\n";
    fs::write(bench.path("types.data"), types).unwrap();
    bench.play("insert");
    assert_eq!(bench.files().iter().filter(|name| name.starts_with("POSCAR")).count(), 3);
}
