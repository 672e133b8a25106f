//! `mtprs check` on published data: nothing is found in it, and faults that are planted in it are found where they are.

use std::path::Path;

use mtprs::checks::{Inspection, Kind, Report};
use mtprs_core::format::CfgReader;
use mtprs_core::geometry::{Cell, Configuration, Virial};
use mtprs_tests::shared;

const BOHR: f64 = 0.529_177_21;
const HARTREE: f64 = 27.211_386;
const KCAL_PER_MOL: f64 = 0.043_364_1;

fn read(path: &Path) -> Vec<Configuration> {
    CfgReader::open(path).unwrap().map(Result::unwrap).collect()
}

/// 268 configurations of V2O5 and MgV2O5, crystals and glasses.
fn mgvo() -> Vec<Configuration> {
    read(&shared().join("data/mgvo/dft_train.cfg"))
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

#[test]
fn nothing_is_found_in_published_data() {
    let sets = [
        "mgvo/dft_train.cfg",
        "mlearn/Li_test.cfg",
        "mlearn/Li_train.cfg",
        "mlearn/Ni_test.cfg",
        "mlearn/Si_test.cfg",
        "mlearn/Si_train.cfg",
        "nbmotaw/train_subset.cfg",
        "vasp/HfO2.cfg",
        "motep/cubic_training_every40.cfg",
        "motep/multi_training_every40.cfg",
        "motep/noncubic_training_every40.cfg",
    ];
    let names = |set: &str| -> &[&str] {
        match set.split(['/', '_']).nth(1) {
            Some("Li") => &["Li"],
            Some("Ni") => &["Ni"],
            Some("Si") => &["Si"],
            Some("dft") => &["Mg", "V", "O"],
            Some("train") => &["Nb", "Mo", "Ta", "W"],
            Some("HfO2.cfg") => &["Hf", "O"],
            _ => &[],
        }
    };
    for set in sets {
        let configurations = read(&shared().join("data").join(set));
        for names in [names(set), &[]] {
            let report = check(&configurations, names);
            assert!(report.kinds().is_empty(), "{set}: {}", report.render());
        }
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
