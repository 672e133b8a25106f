//! g(r) and n(r) as a whole: crystals, whose shells are known, ideal gases, where g(r) is 1, and frames that differ.

use std::f64::consts::PI;

use mtprs_core::geometry::{Cell, Configuration, Vector3};

use super::*;
use crate::random::Sequence;

fn names() -> Vec<String> {
    ["Na", "Cl"].map(str::to_owned).to_vec()
}

fn report(settings: &RdfSettings, frames: &[Configuration]) -> TrajectoryReport {
    let mut rdf = Rdf::new(settings);
    for frame in frames {
        rdf.add(&settings.count(frame).unwrap(), &names()).unwrap();
    }
    rdf.report("run", vec!["run.cfg".into()], &names()).unwrap()
}

fn pair<'a>(report: &'a TrajectoryReport, name: &str) -> &'a PairReport {
    report.pairs.iter().find(|pair| pair.name() == name).unwrap_or_else(|| panic!("no {name}"))
}

/// Rock salt with a lattice constant of 5.64 Å, this many cells along each vector.
fn salt(cells: usize) -> Configuration {
    let length = 5.64 * cells as f64;
    let cell = Cell::new(&[[length, 0.0, 0.0], [0.0, length, 0.0], [0.0, 0.0, length]]).unwrap();
    let (mut species, mut positions) = (Vec::new(), Vec::new());
    for place in 0..(2 * cells).pow(3) {
        let [x, y, z] = [place % (2 * cells), place / (2 * cells) % (2 * cells), place / (4 * cells * cells)];
        species.push(((x + y + z) % 2) as u32);
        positions.push([x, y, z].map(|k| 2.82 * k as f64));
    }
    Configuration::new(cell, species, positions).unwrap()
}

/// Atoms at random places in a random triclinic cell, every second one chlorine.
fn gas(atoms: usize, numbers: &mut Sequence) -> Configuration {
    let size = 12.0 + numbers.uniform();
    let vectors: [Vector3; 3] = std::array::from_fn(|k| {
        let mut vector: Vector3 = std::array::from_fn(|_| 2.0 * numbers.uniform() - 1.0);
        vector[k] += size;
        vector
    });
    let cell = Cell::new(&vectors).unwrap();
    let place =
        |numbers: &mut Sequence| cell.cartesian(std::array::from_fn(|_| 3.0 * numbers.uniform())).unwrap();
    let positions = (0..atoms).map(|_| place(numbers)).collect();
    Configuration::new(cell, (0..atoms).map(|atom| atom as u32 % 2).collect(), positions).unwrap()
}

#[test]
fn a_crystal_has_its_shells_whatever_cell_it_is_given_in() {
    let settings =
        RdfSettings { cutoff: 6.2, bins: 300, within: vec![3.4, 4.4, 5.2], ..RdfSettings::default() };
    // From a cell that is thinner than the cutoff to one that is several times as thick.
    for cells in [1, 2, 4] {
        let report = report(&settings, &[salt(cells)]);
        assert_eq!(report.pairs.len(), 3);
        assert!((report.half_height.unwrap() - 2.82 * cells as f64).abs() < 1e-9);
        for (name, within) in
            [("Na-Na", [0.0, 12.0, 12.0]), ("Na-Cl", [6.0, 6.0, 14.0]), ("Cl-Cl", [0.0, 12.0, 12.0])]
        {
            let pair = pair(&report, name);
            let found: Vec<f64> = pair.within.iter().map(|within| within.coordination_number.value).collect();
            assert_eq!(found, within, "{name} of {cells} cells");
            assert_eq!(*pair.n.value.last().unwrap(), if name == "Na-Cl" { 14.0 } else { 18.0 });
        }
        let shell = pair(&report, "Na-Cl");
        assert!((shell.peak_position.unwrap().value - 2.82).abs() < 0.02, "{:?}", shell.peak_position);
        assert_eq!(shell.coordination_number.unwrap().value, 6.0);
        let unlike = shell.peak_height.unwrap();
        let [inner, outer] = [136.0, 137.0].map(|edge: f64| 4.0 / 3.0 * PI * (edge * 6.2 / 300.0).powi(3));
        let density = 4.0 / 5.64_f64.powi(3);
        assert!((unlike.value * density * (outer - inner) - 6.0).abs() < 1e-9, "{unlike:?}");
        assert_eq!((unlike.margin_95, unlike.blocks), (None, None));
        assert!(report.notes.iter().any(|note| note == "one frame: no errors can be estimated"));
    }
}

#[test]
fn an_atom_that_is_alone_in_its_cell_has_its_images_as_neighbors() {
    let half = 2.0;
    let cell = Cell::new(&[[0.0, half, half], [half, 0.0, half], [half, half, 0.0]]).unwrap();
    let primitive = Configuration::new(cell, vec![0], vec![[0.3, 0.2, 0.1]]).unwrap();
    let settings =
        RdfSettings { cutoff: 5.5, bins: 110, within: vec![3.4, 4.4, 5.2], ..RdfSettings::default() };
    let report = report(&settings, &[primitive]);
    let pair = pair(&report, "Na-Na");
    let found: Vec<f64> = pair.within.iter().map(|within| within.coordination_number.value).collect();
    assert_eq!(found, [12.0, 18.0, 42.0]);
    // The density is that of the crystal.
    let shells = (0..110)
        .map(|k| 4.0 / 3.0 * PI * ((0.05 * f64::from(k + 1)).powi(3) - (0.05 * f64::from(k)).powi(3)));
    let neighbors: f64 = pair.g.value.iter().zip(shells).map(|(g, shell)| g * shell / 16.0).sum();
    assert!((neighbors - 42.0).abs() < 1e-9, "{neighbors}");
}

#[test]
fn an_ideal_gas_has_g_of_1_within_its_errors() {
    let mut numbers = Sequence::new(23);
    let frames: Vec<Configuration> = (0..400).map(|_| gas(40, &mut numbers)).collect();
    let settings = RdfSettings { cutoff: 5.0, bins: 25, ..RdfSettings::default() };
    let report = report(&settings, &frames);
    assert_eq!((report.frames, report.frames_per_block), (400, 8));
    let (mut held, mut all) = (0, 0);
    for pair in &report.pairs {
        assert_eq!((pair.frames, pair.peak_position), (400, None), "{}: noise is no shell", pair.name());
        for (value, margin) in pair.g.value.iter().zip(pair.g.margin_95.as_ref().unwrap()) {
            all += 1;
            held += u32::from((value - 1.0).abs() <= *margin);
            assert!(
                (value - 1.0).abs() <= 2.5 * margin || *margin == 0.0 || *value == 0.0,
                "{}: {value} ± {margin}",
                pair.name()
            );
        }
    }
    // The innermost intervals have few pairs or none.
    assert!(held * 100 >= all * 88, "{held} of {all}");
}

#[test]
fn frames_count_with_their_own_volume_and_atoms() {
    let frame = |length: f64, species: Vec<u32>, places: &[f64]| {
        let cell = Cell::new(&[[length, 0.0, 0.0], [0.0, length, 0.0], [0.0, 0.0, length]]).unwrap();
        let positions = places.iter().map(|&x| [x, 0.0, 0.0]).collect();
        Configuration::new(cell, species, positions).unwrap()
    };
    // Two atoms 1.5 Å apart; three, two of which are; one whose species brings a pair that had not been there.
    let frames = [
        frame(10.0, vec![0, 0], &[0.0, 1.5]),
        frame(12.0, vec![0, 0, 0], &[0.0, 1.5, 6.0]),
        frame(10.0, vec![0, 1], &[0.0, 1.5]),
    ];
    let settings = RdfSettings { cutoff: 4.0, bins: 4, ..RdfSettings::default() };
    let report = report(&settings, &frames);
    let shell = 4.0 / 3.0 * PI * (8.0 - 1.0);
    let like = pair(&report, "Na-Na");
    // The third frame has a single sodium atom and no pair of them within the cutoff: nothing around it.
    assert_eq!(like.frames, 3);
    let expected = (1.0 * 1000.0 / (1.0 * shell) + 2.0 / 3.0 * 1728.0 / (2.0 * shell)) / 3.0;
    assert!((like.g.value[1] / expected - 1.0).abs() < 1e-12, "{} {expected}", like.g.value[1]);
    assert!((like.n.value[3] - (1.0 + 2.0 / 3.0) / 3.0).abs() < 1e-12);
    let unlike = pair(&report, "Na-Cl");
    assert_eq!((unlike.frames, unlike.n.value[3]), (1, 1.0));
    assert!((unlike.g.value[1] * shell / 1000.0 - 1.0).abs() < 1e-12);
    assert!(report.notes.iter().any(|note| note.starts_with("the number of atoms changes from 2 to 3")));
}

#[test]
fn all_species_together_are_the_sum_of_their_pairs() {
    let mut numbers = Sequence::new(4);
    let frames: Vec<Configuration> = (0..3).map(|_| gas(31, &mut numbers)).collect();
    let pairs = ["all-all", "Na-all", "Na-Na", "Na-Cl", "Cl-Na", "Cl-Cl"].map(|pair| pair.parse().unwrap());
    let settings = RdfSettings { cutoff: 7.0, bins: 20, pairs: pairs.to_vec(), ..RdfSettings::default() };
    let report = report(&settings, &frames);
    let n = |name: &str, k: usize| pair(&report, name).n.value[k];
    for k in 0..20 {
        assert!((n("Na-all", k) - n("Na-Na", k) - n("Na-Cl", k)).abs() < 1e-9);
        let cl = n("Cl-Na", k) + n("Cl-Cl", k);
        assert!((31.0 * n("all-all", k) - 16.0 * n("Na-all", k) - 15.0 * cl).abs() < 1e-9);
        // As many pairs either way.
        assert!((16.0 * n("Na-Cl", k) - 15.0 * n("Cl-Na", k)).abs() < 1e-9);
        assert!((pair(&report, "Na-Cl").g.value[k] - pair(&report, "Cl-Na").g.value[k]).abs() < 1e-9);
    }
}

#[test]
fn errors_grow_with_the_time_over_which_frames_are_alike() {
    let mut numbers = Sequence::new(8);
    let settings = RdfSettings { cutoff: 5.0, bins: 10, ..RdfSettings::default() };
    let gases: Vec<Configuration> = (0..40).map(|_| gas(40, &mut numbers)).collect();
    // The same forty frames, each of them ten times: no more is known.
    let again: Vec<Configuration> = gases.iter().flat_map(|gas| vec![gas.clone(); 10]).collect();
    let (once, ten_times) = (report(&settings, &gases), report(&settings, &again));
    let errors = |report: &TrajectoryReport| pair(report, "Na-Cl").g.standard_error.clone().unwrap();
    for (place, (a, b)) in errors(&once).into_iter().zip(errors(&ten_times)).enumerate().skip(3) {
        assert!((0.5..2.0).contains(&(a / b)), "interval {place}: {a} {b}");
    }
}

#[test]
fn what_has_no_volume_or_no_such_pair_is_refused() {
    let slab = Cell::new(&[[9.0, 0.0, 0.0], [0.0, 9.0, 0.0]]).unwrap();
    let slab = Configuration::new(slab, vec![0, 1], vec![[0.0; 3], [0.0, 0.0, 2.0]]).unwrap();
    let settings = RdfSettings { cutoff: 4.0, bins: 8, ..RdfSettings::default() };
    let refused = settings.count(&slab).unwrap_err().to_string();
    assert!(
        refused.starts_with("the cell is periodic in two directions: g(r) needs a volume\n  hint: "),
        "{refused}"
    );
    let with_volume = RdfSettings { volume: Some(500.0), ..settings.clone() };
    let refused = with_volume.count(&salt(1)).unwrap_err().to_string();
    assert!(
        refused.starts_with("the cell is periodic in three directions, with a volume of 179.406144 Å³"),
        "{refused}"
    );
    let found = report(&with_volume, &[slab]);
    assert_eq!((pair(&found, "Na-Cl").n.value[7], found.half_height), (1.0, Some(4.5)));

    let asked = RdfSettings { pairs: vec!["Na-Mg".parse().unwrap()], ..settings };
    let mut rdf = Rdf::new(&asked);
    rdf.add(&asked.count(&salt(1)).unwrap(), &names()).unwrap();
    let missing = rdf.report("run", Vec::new(), &names()).unwrap_err().to_string();
    assert_eq!(missing, "no frame has the pair Na-Mg: its species are Na Cl");
}
