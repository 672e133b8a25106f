//! `mtprs cutout`: the center sees what it saw in the large cell, nothing comes too close, composition and density hold.

use mtprs_core::evaluate::Evaluator;
use mtprs_core::format::{load_state, save_potential};
use mtprs_core::geometry::{Cell, Configuration, NeighborList, Vector3, cross, dot};
use mtprs_core::grade::Grader;
use mtprs_core::potential::Potential;
use mtprs_core::species::Species;
use serde_json::json;

use crate::fixture::{Bench, configurations, number, trained};
use mtprs_testing::random::Numbers;
use mtprs_testing::transform::with_parameters;

/// Cutoff of the potential of the bench, Å.
const CUTOFF: f64 = 4.0;
/// Edge of the cubic cell of rock salt, Å.
const EDGE: f64 = 4.3;

/// Rock salt with atoms moved by up to 0.2 Å, sheared: x gets `shear` times y.
fn crystal(repeats: [usize; 3], shear: f64) -> Configuration {
    let mut numbers = Numbers(7);
    let (mut species, mut positions) = (Vec::new(), Vec::new());
    let sheared = |[x, y, z]: Vector3| [x + shear * y, y, z];
    for i in 0..2 * repeats[0] {
        for j in 0..2 * repeats[1] {
            for k in 0..2 * repeats[2] {
                let site = [i, j, k].map(|n| 0.5 * EDGE * n as f64);
                positions.push(sheared(site.map(|x| x + 0.2 * numbers.next())));
                species.push(((i + j + k) % 2) as u32);
            }
        }
    }
    let lengths = repeats.map(|count| EDGE * count as f64);
    let vectors = [[lengths[0], 0.0, 0.0], sheared([0.0, lengths[1], 0.0]), [0.0, 0.0, lengths[2]]];
    Configuration::new(Cell::new(&vectors).unwrap(), species, positions).unwrap()
}

fn bench(name: &str, parents: &[Configuration]) -> Bench {
    let bench = Bench::new(name);
    bench.write_configurations("train.cfg", &configurations(60));
    bench.write_configurations("large.cfg", parents);
    bench.succeed("state build pot.mtp train.cfg nbh.mtps --mode neighborhood -q");
    bench
}

/// Configuration and atom of the source, both from zero.
fn source(cell: &Configuration) -> [usize; 2] {
    let words: Vec<&str> = cell.feature("cutout_source").unwrap().split(':').collect();
    assert_eq!(words[0], "large.cfg");
    [1, 2].map(|k| words[k].parse::<usize>().unwrap() - 1)
}

fn site_energies(configuration: &Configuration) -> Vec<f64> {
    Evaluator::new(&trained()).unwrap().evaluate(configuration).unwrap().site_energies
}

fn grades(bench: &Bench, configuration: &Configuration) -> Vec<f64> {
    let state = load_state(&bench.path("nbh.mtps")).unwrap();
    Grader::new(&trained(), state).unwrap().grade(configuration).unwrap().atoms.unwrap()
}

/// Species and displacements of the neighbors of an atom within `radius`, rounded to 1e-9 Å and sorted.
fn surroundings(configuration: &Configuration, atom: usize, radius: f64) -> Vec<(u32, [i64; 3])> {
    let list = NeighborList::new(configuration, radius).unwrap();
    let (neighbors, displacements) = list.neighbors(atom);
    let rounded = |displacement: &Vector3| displacement.map(|x| (x * 1e9).round() as i64);
    let mut found: Vec<(u32, [i64; 3])> = neighbors
        .iter()
        .zip(displacements)
        .map(|(&other, displacement)| (configuration.species[other as usize], rounded(displacement)))
        .collect();
    found.sort_unstable();
    found
}

/// The shortest distance of each pair of species, without pairs of the first `core` atoms; shape (2, 2).
fn shortest(configuration: &Configuration, core: usize) -> [f64; 4] {
    let list = NeighborList::new(configuration, 4.0).unwrap();
    let mut shortest = [4.0; 4];
    for atom in 0..configuration.len() {
        let (neighbors, displacements) = list.neighbors(atom);
        for (&other, displacement) in neighbors.iter().zip(displacements) {
            if atom >= core || other as usize >= core {
                let species = [atom, other as usize].map(|index| configuration.species[index] as usize);
                let pair = &mut shortest[2 * species[0] + species[1]];
                *pair = dot(*displacement, *displacement).sqrt().min(*pair);
            }
        }
    }
    shortest
}

fn check(bench: &Bench, parent: &Configuration, cell: &Configuration, radius: f64) {
    let [_, atom] = source(cell);
    let center = number(cell, "cutout_center") as usize - 1;
    let (before, after) = (site_energies(parent)[atom], site_energies(cell)[center]);
    assert!((before - after).abs() <= 1e-9, "site energy {after} instead of {before}");
    let (before, after) = (grades(bench, parent)[atom], grades(bench, cell)[center]);
    assert!((before - after).abs() <= 1e-9 * before.max(1.0), "grade {after} instead of {before}");
    assert_eq!(surroundings(parent, atom, radius), surroundings(cell, center, radius));
}

#[test]
fn the_center_sees_what_it_saw_and_atoms_outside_keep_their_distance() {
    let parents = [crystal([4, 4, 4], 0.0), crystal([4, 5, 4], 0.35)];
    let bench = bench("cutout_core", &parents);
    let mut whole = 0;
    for radius in [4.0, 5.0] {
        let options =
            format!("--radius {radius} --state nbh.mtps --threshold 1.5 --limit 6 --json report.json");
        bench.succeed(&format!("cutout pot.mtp large.cfg cells.cfg {options} --force"));
        let cells = bench.read_configurations("cells.cfg");
        assert_eq!(cells.len(), 6);
        let report = bench.json("report.json");
        let mut largest = f64::INFINITY;
        for (cell, figures) in cells.iter().zip(report["cutouts"].as_array().unwrap()) {
            let parent = &parents[source(cell)[0]];
            check(&bench, parent, cell, radius);
            let core = number(cell, "cutout_core") as usize;
            let (grade, after) = (number(cell, "cutout_grade_before"), number(cell, "cutout_grade_after"));
            assert!(grade > 1.5 && grade <= largest && (grade - after).abs() <= 1e-9 * grade);
            largest = grade;

            // Orthorhombic, no smaller than the core, and no more than the 1 Å that may be added and what the core needs.
            let [a, b, c] = cell.cell.vectors().try_into().unwrap();
            assert_eq!((a[1], a[2], b[0], b[2], c[0], c[1]), (0.0, 0.0, 0.0, 0.0, 0.0, 0.0));
            for edge in [a[0], b[1], c[2]] {
                assert!((2.0 * radius..2.0 * radius + 2.1).contains(&edge), "{edge}");
            }
            assert!(cell.len() < parent.len() && core < cell.len());
            let allowed = shortest(parent, 0);
            for (found, allowed) in shortest(cell, core).into_iter().zip(allowed) {
                assert!(found >= 0.9 * allowed - 1e-5, "{found} is too close beside {allowed}");
            }
            let density = |one: &Configuration| one.len() as f64 / one.cell.volume().unwrap();
            let ratio = density(cell) / density(parent);
            assert!((0.97..1.03).contains(&ratio), "density {ratio}");
            let magnesium = cell.species.iter().filter(|species| **species == 0).count();
            // Whole formula units, but for what nothing could set apart.
            assert!(magnesium.abs_diff(cell.len() - magnesium) <= 1, "{magnesium} of {}", cell.len());
            whole += usize::from(figures["formula_units"] == magnesium);
            assert_eq!(figures["atoms"], cell.len());
            assert_eq!(figures["species"][0]["atoms"], magnesium);
            assert!(cell.forces.is_none() && cell.energy.is_none());
            assert_eq!(cell.neighborhood_grades.as_ref().unwrap().len(), cell.len());
        }
    }
    assert!(whole >= 9, "{whole} of 12 cells have whole formula units");
    bench.succeed("cutout pot.mtp large.cfg one.cfg --state nbh.mtps --limit 3 -j 1 -q --force");
    bench.succeed("cutout pot.mtp large.cfg two.cfg --state nbh.mtps --limit 3 -j 3 -q --force");
    assert_eq!(bench.text("one.cfg"), bench.text("two.cfg"));
}

#[test]
fn small_cells_are_taken_whole_and_short_vectors_kept() {
    let parents = [crystal([1, 1, 1], 0.2), crystal([1, 4, 4], 0.0), crystal([4, 4, 1], 0.3)];
    let bench = bench("cutout_small", &parents);
    bench.succeed("cutout pot.mtp large.cfg cells.cfg --atoms 1:5,2:40,3:17 --state nbh.mtps -q");
    let cells = bench.read_configurations("cells.cfg");
    assert_eq!(cells.len(), 3);
    for ((cell, parent), place) in cells.iter().zip(&parents).zip([[0, 4], [1, 39], [2, 16]]) {
        assert_eq!(source(cell), place);
        check(&bench, parent, cell, CUTOFF);
    }
    assert_eq!((&cells[0].cell, &cells[0].positions), (&parents[0].cell, &parents[0].positions));
    assert_eq!(cells[0].feature("cutout_center"), Some("5"));
    for cell in &cells[1..] {
        let [a, b, c] = cell.cell.vectors().try_into().unwrap();
        assert!((dot(a, a).sqrt() - EDGE).abs() < 1e-9, "{a:?}");
        assert!(dot(a, b).abs() < 1e-9 && dot(a, c).abs() < 1e-9 && dot(b, c).abs() < 1e-9);
        assert!(dot(cross(a, b), c) > 0.0);
        assert!(cell.len() < 128);
    }
}

/// Σ over pairs of c (1 − x)³ (4 Å − r)², x from −1 at 1.4 Å to 1 at 4 Å, c larger for pairs of one species: ions that are as
/// large as those of rock salt, or what falls into itself.
fn pairs(coefficient: f64) -> Potential {
    let species = Species::named(&["Mg", "O"]).unwrap();
    let untrained = Potential::untrained(2, species, 1.4, CUTOFF, 4).unwrap();
    let layout = untrained.parameter_layout();
    let mut flat = vec![0.0; layout.len()];
    for (a, b) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let scale = if a == b { 4.0 } else { 0.3 };
        flat[layout.radial_function(a, b, 0)].copy_from_slice(&[2.5, -3.75, 1.5, -0.25].map(|c| scale * c));
    }
    flat[layout.moment_coeffs()].fill(coefficient);
    with_parameters(&untrained, &flat)
}

#[test]
fn relaxing_leaves_no_force_outside_the_core_and_moves_nothing_in_it() {
    let parent = crystal([4, 4, 4], 0.0);
    let bench = bench("cutout_relaxed", std::slice::from_ref(&parent));
    let spheres = pairs(1.0);
    save_potential(&spheres, &bench.path("spheres.mtp")).unwrap();
    let atoms = [100, 17, 230];
    bench.succeed(
        "cutout spheres.mtp large.cfg cells.cfg --atoms 100,17,230 --max-force 0.01 --min-distance 1.4 --json report.json -q",
    );
    let report = bench.json("report.json");
    for (k, cell) in bench.read_configurations("cells.cfg").iter().enumerate() {
        let core = number(cell, "cutout_core") as usize;
        // The first atoms are at their places in the parent, with those that joined the core.
        let list = NeighborList::new(&parent, 9.0).unwrap();
        let (_, around) = list.neighbors(atoms[k] - 1);
        for position in &cell.positions[1..core] {
            let from_center: Vector3 = std::array::from_fn(|x| position[x] - cell.positions[0][x]);
            let is_it = |place: &Vector3| (0..3).all(|x| (place[x] - from_center[x]).abs() < 1e-9);
            assert!(around.iter().any(is_it), "{from_center:?} is no place of the parent");
        }
        let figures = &report["cutouts"][k]["relaxation"];
        let force = |key: &str| figures[key].as_f64().unwrap();
        let efs = Evaluator::new(&spheres).unwrap().evaluate(cell).unwrap();
        let largest = efs.forces[core..].iter().map(|force| dot(*force, *force).sqrt()).fold(0.0, f64::max);
        assert!((force("force_after") - largest).abs() < 1e-9);
        assert!((number(cell, "cutout_force") - largest).abs() < 1e-9);
        assert!(largest < 0.01 && force("force_before") > 0.1, "{figures}");
        assert_eq!((&figures["held_by_core"], &figures["held_pairs"]), (&0.into(), &json!({})));
    }
}

#[test]
fn atoms_that_the_potential_draws_together_are_held_apart_and_named() {
    let parent = crystal([4, 4, 4], 0.0);
    let bench = bench("cutout_hole", std::slice::from_ref(&parent));
    save_potential(&pairs(-1.0), &bench.path("hole.mtp")).unwrap();
    let said = "the potential pulls atoms closer than allowed and has no minimum there: ";
    let cutout = "cutout hole.mtp large.cfg cells.cfg --atoms 100 --json report.json";
    bench.tell(cutout, &[said, "Mg-O"]);
    let report = bench.json("report.json");
    assert!(
        report["cutouts"][0]["relaxation"]["held_pairs"]["Mg-O"].as_u64().is_some_and(|count| count > 10)
    );
    let cell = &bench.read_configurations("cells.cfg")[0];
    let core = number(cell, "cutout_core") as usize;
    for (found, least) in shortest(cell, core).into_iter().zip(shortest(&parent, 0)) {
        assert!(found >= 0.9 * least - 1e-5, "{found} is too close beside {least}");
    }
}

#[test]
fn other_formats_distances_and_mistakes() {
    let parents = [crystal([4, 4, 4], 0.0), crystal([1, 1, 1], 0.0)];
    let bench = bench("cutout_words", &parents);
    bench.succeed("cutout pot.mtp large.cfg POSCAR --atoms 1:100,2:3 --min-distance 1.9,Mg-O:1.6 -q");
    assert!(bench.text("POSCAR-1").lines().nth(5).is_some_and(|line| line == "Mg O"));
    bench.succeed("convert POSCAR-1 back.cfg --potential pot.mtp -q");
    let back = bench.read_configurations("back.cfg").remove(0);
    assert!(back.len() > 50 && bench.files().contains(&"POSCAR-2".to_owned()));
    bench.succeed("cutout pot.mtp large.cfg none.cfg --state nbh.mtps --threshold 1e9 -q");
    assert_eq!(bench.text("none.cfg"), "");

    let slab = Cell::new(&[[9.0, 0.0, 0.0], [0.0, 9.0, 0.0]]).unwrap();
    let slab = Configuration::new(slab, vec![0, 1], vec![[0.0; 3], [2.0, 0.0, 0.0]]).unwrap();
    bench.write_configurations("slab.cfg", std::slice::from_ref(&slab));
    let unknown = Configuration { species: vec![0, 7], ..slab };
    bench.write_configurations("unknown.cfg", std::slice::from_ref(&unknown));
    bench.play("cutout");
}
