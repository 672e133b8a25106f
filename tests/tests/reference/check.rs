//! `mtprs check` on published data: nothing is found in it, and faults that are planted in it are found where they are.

use mtprs::checks::{Inspection, Kind, Report};
use mtprs_core::geometry::{Cell, Configuration, Virial};
use mtprs_testing::read_cfg;
use mtprs_tests::shared;

const BOHR: f64 = 0.529_177_21;
const HARTREE: f64 = 27.211_386;
const KCAL_PER_MOL: f64 = 0.043_364_1;
const GPA: f64 = 160.217_663_4;

/// 268 configurations of V2O5 and MgV2O5, crystals and glasses.
fn mgvo() -> Vec<Configuration> {
    read_cfg(&shared().join("data/mgvo/dft_train.cfg"))
}

fn check(set: &[Configuration], names: &[&str]) -> Report {
    let mut inspection = Inspection::default();
    inspection.begin_file("set.cfg");
    inspection.name_species(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
    for (configuration, number) in set.iter().zip(1..) {
        inspection.add(configuration, number, 0).unwrap();
    }
    inspection.finish()
}

fn energy(configuration: &mut Configuration, factor: f64) {
    configuration.energy = configuration.energy.map(|energy| energy * factor);
}

fn forces(configuration: &mut Configuration, factor: f64) {
    configuration.forces.iter_mut().flatten().flatten().for_each(|component| *component *= factor);
}

fn virial(configuration: &mut Configuration, factor: f64) {
    let scaled = |virial: Virial| Virial::from_cfg_order(virial.to_cfg_order().map(|w| factor * w));
    configuration.virial = configuration.virial.map(scaled);
}

fn lengths(configuration: &mut Configuration, factor: f64) {
    let vectors: Vec<_> = configuration.cell.vectors().iter().map(|v| v.map(|x| factor * x)).collect();
    configuration.cell = Cell::new(&vectors).unwrap();
    configuration.positions.iter_mut().flatten().for_each(|x| *x *= factor);
}

fn renumber(configuration: &mut Configuration, order: [u32; 3]) {
    configuration.species.iter_mut().for_each(|species| *species = order[*species as usize]);
}

fn volume(configuration: &Configuration) -> f64 {
    configuration.cell.volume().unwrap()
}

/// A fault by what it is to be found as, and what plants it.
type Fault = (&'static str, Kind, fn(&mut Configuration));

/// Faults that scripts of conversion make.
const FAULTS: [Fault; 17] = [
    ("energies in Ha", Kind::EnergyUnit, |c| energy(c, 1.0 / HARTREE)),
    ("energies in Ry", Kind::EnergyUnit, |c| energy(c, 2.0 / HARTREE)),
    ("energies in kcal/mol", Kind::EnergyUnit, |c| energy(c, 1.0 / KCAL_PER_MOL)),
    ("energies in kJ/mol", Kind::EnergyUnit, |c| energy(c, 4.184 / KCAL_PER_MOL)),
    ("energies in meV", Kind::EnergyUnit, |c| energy(c, 1000.0)),
    ("energies per atom", Kind::EnergyUnit, |c| energy(c, 1.0 / c.len() as f64)),
    ("forces in Ha/bohr", Kind::ForceUnit, |c| forces(c, BOHR / HARTREE)),
    ("forces in Ry/bohr", Kind::ForceUnit, |c| forces(c, 2.0 * BOHR / HARTREE)),
    ("forces in kcal/mol/Å", Kind::ForceUnit, |c| forces(c, 1.0 / KCAL_PER_MOL)),
    ("forces in meV/Å", Kind::ForceUnit, |c| forces(c, 1000.0)),
    ("gradients for forces", Kind::ForceUnit, |c| forces(c, -1.0)),
    ("energies and forces in Ha and bohr", Kind::ForceUnit, |c| {
        energy(c, 1.0 / HARTREE);
        forces(c, BOHR / HARTREE);
    }),
    ("lengths in bohr", Kind::LengthUnit, |c| lengths(c, 1.0 / BOHR)),
    ("lengths converted twice", Kind::LengthUnit, |c| lengths(c, BOHR)),
    ("stress of the wrong sign", Kind::StressSign, |c| virial(c, -1.0)),
    ("stress in eV/Å³", Kind::StressUnit, |c| virial(c, 1.0 / volume(c))),
    ("permuted species", Kind::PermutedSpecies, |c| renumber(c, [1, 2, 0])),
];

/// Sets by file, with the names of their species.
const SETS: [(&str, &[&str]); 12] = [
    ("mgvo/dft_train.cfg", &["Mg", "V", "O"]),
    ("mlearn/Li_test.cfg", &["Li"]),
    ("mlearn/Li_train.cfg", &["Li"]),
    ("mlearn/Ni_test.cfg", &["Ni"]),
    ("mlearn/Si_test.cfg", &["Si"]),
    ("mlearn/Si_train.cfg", &["Si"]),
    ("nbmotaw/train_subset.cfg", &["Nb", "Mo", "Ta", "W"]),
    ("vasp/HfO2.cfg", &["Hf", "O"]),
    ("motep/cubic_training_every40.cfg", &[]),
    ("motep/multi_training_every40.cfg", &[]),
    ("motep/noncubic_training_every40.cfg", &[]),
    ("mlip3/train.cfg", &["Cu"]),
];

fn set(file: &str) -> Vec<Configuration> {
    read_cfg(&shared().join("data").join(file))
}

/// Indices below a count in an order that looks random.
fn shuffled(count: usize, seed: u64) -> Vec<usize> {
    let key = |k: &usize| (*k as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15 ^ (seed << 17)).rotate_left(31);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|k| key(k).wrapping_mul(0xBF58_476D_1CE4_E5B9));
    order
}

#[test]
fn nothing_is_found_in_published_data() {
    for (file, names) in SETS {
        let configurations = set(file);
        for names in [names, &[]] {
            let report = check(&configurations, names);
            assert!(report.kinds().is_empty(), "{file}: {}", report.render());
        }
    }
}

#[test]
fn nothing_is_found_in_parts_of_published_data() {
    for (file, names) in SETS {
        let all = set(file);
        let count = all.len();
        let halves = (0..2).map(|seed| shuffled(count, seed)[..count / 2].to_vec());
        let quarters = (0..4).map(|k| (k * count / 4..(k + 1) * count / 4).collect::<Vec<usize>>());
        for part in halves.chain(quarters) {
            let part: Vec<Configuration> = part.iter().map(|&k| all[k].clone()).collect();
            let report = check(&part, names);
            assert!(report.kinds().is_empty(), "{file}: {}", report.render());
        }
    }
}

/// Plants a fault into a share of a set, by chance or at its end, and counts the configurations that are named: with the
/// fault, and without.
fn named(all: &[Configuration], names: &[&str], fault: &Fault, share: f64, is_block: bool) -> [usize; 3] {
    let count = (share * all.len() as f64).round() as usize;
    let planted = if is_block {
        (all.len() - count..all.len()).collect()
    } else {
        shuffled(all.len(), 3)[..count].to_vec()
    };
    let mut set = all.to_vec();
    planted.iter().for_each(|&k| fault.2(&mut set[k]));
    let report = check(&set, names);
    let found: std::collections::BTreeSet<usize> =
        report.configurations_of(fault.1).into_iter().map(|number| number as usize - 1).collect();
    let right = found.iter().filter(|k| planted.contains(k)).count();
    [count, right, found.len() - right]
}

fn shift(configuration: &mut Configuration, per_atom: f64) {
    configuration.energy = configuration.energy.map(|energy| energy + per_atom * configuration.len() as f64);
}

/// Faults of a part of a set by what it is to be found as; forces of quiet crystals and small virials tell nothing.
const PARTS: [Fault; 9] = [
    ("energies less by 0.3 eV/atom", Kind::EnergyReference, |c| shift(c, -0.3)),
    ("energies more by 1 eV/atom", Kind::EnergyReference, |c| shift(c, 1.0)),
    ("energies in Ha", Kind::EnergyUnit, |c| energy(c, 1.0 / HARTREE)),
    ("energies per atom", Kind::EnergyUnit, |c| energy(c, 1.0 / c.len() as f64)),
    ("energies of the wrong sign", Kind::EnergyUnit, |c| energy(c, -1.0)),
    ("forces in kcal/mol/Å", Kind::ForceUnit, |c| forces(c, 1.0 / KCAL_PER_MOL)),
    ("gradients for forces", Kind::ForceUnit, |c| forces(c, -1.0)),
    ("stress of the wrong sign", Kind::StressSign, |c| virial(c, -1.0)),
    ("stress in GPa", Kind::StressUnit, |c| virial(c, GPA / volume(c))),
];

/// What is not found yet, or not enough of it: set, fault and share.
const OPEN: [(&str, &str, f64); 6] = [
    ("mgvo/dft_train.cfg", "forces in kcal/mol/Å", 0.5),
    ("mgvo/dft_train.cfg", "gradients for forces", 0.5),
    ("mlearn/Li_train.cfg", "forces in kcal/mol/Å", 0.5),
    ("mlearn/Ni_test.cfg", "forces in kcal/mol/Å", 0.15),
    ("mlearn/Ni_test.cfg", "forces in kcal/mol/Å", 0.5),
    ("mlearn/Ni_test.cfg", "gradients for forces", 0.5),
];

#[test]
fn faults_of_a_part_are_found_in_every_set_that_is_large_enough() {
    let mut missed = Vec::new();
    for (file, names) in [SETS[0], SETS[2], SETS[3], SETS[5]] {
        let all = set(file);
        for fault in &PARTS {
            for share in [0.15, 0.5] {
                if OPEN.contains(&(file, fault.0, share)) {
                    continue;
                }
                let [planted, right, wrong] = named(&all, names, fault, share, false);
                let least = if matches!(fault.1, Kind::ForceUnit) { planted / 2 } else { 9 * planted / 10 };
                // Of two references with as many configurations both are named.
                let both = fault.1 == Kind::EnergyReference && share > 0.4;
                if right < least || (wrong > planted / 50 && !both) {
                    missed.push(format!("{file}, {}: {right} of {planted}, {wrong} others", fault.0));
                }
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn elements_of_an_alloy_that_are_exchanged_are_not_taken_for_units() {
    let all: Vec<Configuration> = set("nbmotaw/train_subset.cfg").into_iter().step_by(6).collect();
    for share in [0.15, 0.3] {
        let count = (share * all.len() as f64) as usize;
        let mut set = all.clone();
        let planted = &shuffled(all.len(), 3)[..count];
        for &k in planted {
            set[k].species.iter_mut().for_each(|species| *species = [3, 1, 2, 0][*species as usize]);
        }
        let report = check(&set, &["Nb", "Mo", "Ta", "W"]);
        let found = report.configurations_of(Kind::PermutedSpecies);
        assert!(!report.kinds().contains(&Kind::EnergyUnit), "{}", report.render());
        assert!(!report.kinds().contains(&Kind::StressUnit), "{}", report.render());
        let right = found.iter().filter(|&&number| planted.contains(&(number as usize - 1))).count();
        // What has neither of both elements is not changed.
        assert!(4 * right > 3 * count && right == found.len(), "{right} of {count}: {}", report.render());
    }
}

#[test]
fn faults_of_every_ninth_configuration_are_found_where_they_are() {
    let mut missed = Vec::new();
    for (what, kind, plant) in FAULTS {
        let mut set = mgvo();
        set.iter_mut().skip(4).step_by(9).for_each(plant);
        let report = check(&set, &["Mg", "V", "O"]);
        let (planted, found) = (set.len().div_ceil(9), report.configurations_of(kind));
        let strangers = found.iter().filter(|&&number| number % 9 != 5).count();
        // Small virials do not tell their sign, and forces of quiet crystals not theirs.
        if 10 * found.len() < 9 * planted || strangers > 0 {
            missed.push(format!(
                "{what}: {} of {planted}, {strangers} others\n{}",
                found.len(),
                report.render()
            ));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn faults_of_all_configurations_are_found() {
    let mut missed = Vec::new();
    for (what, kind, plant) in FAULTS {
        let mut set = mgvo();
        set.iter_mut().for_each(plant);
        let report = check(&set, &["Mg", "V", "O"]);
        if !report.kinds().contains(&kind) {
            missed.push(format!("{what}: {}", report.render()));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn faults_that_show_by_comparison_only_are_found() {
    let cases: [Fault; 5] = [
        ("energies of another reference", Kind::EnergyReference, |c| {
            c.energy = c.energy.map(|energy| energy + 0.25 * c.len() as f64);
        }),
        ("no virial", Kind::MissingLabels, |c| c.virial = None),
        ("energies that failed", Kind::EnergyOutliers, |c| {
            let off = 1.0 + 3.0 * c.positions[0][0].rem_euclid(1.0);
            c.energy = c.energy.map(|energy| energy + off * c.len() as f64);
        }),
        ("an atom at the place of another", Kind::AtomsTooClose, |c| c.positions[1] = c.positions[0]),
        ("a force that failed", Kind::NetForce, |c| c.forces.as_mut().unwrap()[3][1] += 250.0),
    ];
    for (what, kind, plant) in cases {
        let mut set = mgvo();
        set.iter_mut().skip(4).step_by(9).for_each(plant);
        let report = check(&set, &["Mg", "V", "O"]);
        let expected: Vec<u64> = (5..=set.len() as u64).step_by(9).collect();
        let mut found = report.configurations_of(kind);
        found.sort_unstable();
        assert_eq!(found, expected, "{what}: {}", report.render());
    }
}

#[test]
fn copies_are_found() {
    let mut set = mgvo();
    for k in [3, 77, 200] {
        let mut copy = set[k].clone();
        copy.positions.iter_mut().for_each(|position| position[2] += 0.37);
        set.push(copy);
    }
    let report = check(&set, &["Mg", "V", "O"]);
    assert_eq!(report.kinds(), [Kind::Duplicates]);
    assert_eq!(report.configurations_of(Kind::Duplicates), [4, 78, 201, 269, 270, 271]);
}
