//! Voltages of states whose energies are made up, beside hand arithmetic; how often their intervals hold.

use std::collections::BTreeMap;

use super::*;
use crate::optimizer::Limits;
use crate::random::Sequence;

const NAMES: [&str; 3] = ["Mg", "V", "O"];

fn names() -> Vec<String> {
    NAMES.map(str::to_owned).to_vec()
}

fn ions(metal_energy: Option<f64>) -> Ions {
    Ions { name: "Mg".into(), charge: 2, metal_energy }
}

/// A state with these numbers of Mg, V and O and these energies.
fn state(counts: [usize; 3], energies: &[f64]) -> (State, Vec<String>) {
    let mut state = State::default();
    for energy in energies {
        let counts: BTreeMap<usize, usize> = counts.into_iter().enumerate().filter(|(_, n)| *n > 0).collect();
        state.add(Snapshot { counts, energy: *energy, ..Snapshot::default() }, &names()).unwrap();
    }
    (state, vec!["file".into()])
}

fn structure(label: &str, charged: usize, discharged: usize) -> Structure {
    Structure { label: label.into(), charged, discharged, is_emptied: false }
}

fn report(
    metal_energy: Option<f64>,
    states: &[(State, Vec<String>)],
    structures: &[Structure],
) -> mtprs_core::Result<VoltageReport> {
    VoltageReport::new("mtprs", &ions(metal_energy), Energy::default(), states, structures, &names())
}

#[test]
fn a_voltage_is_that_of_hand_arithmetic() {
    // V2O5 −50 eV, MgV2O5 −57 eV, Mg −1.5 eV: (57 − 50 − 1.5) / 2.
    let states = [state([0, 2, 5], &[-50.0]), state([1, 2, 5], &[-57.0])];
    let found = report(Some(-1.5), &states, &[structure("a", 0, 1)]).unwrap();
    let one = &found.structures[0];
    assert_eq!((one.host.as_str(), one.ions_per_formula), ("V2O5", [0.0, 1.0]));
    assert!((one.quantities.insertion_energy + 7.0).abs() < 1e-12);
    assert!((one.quantities.voltage.unwrap() - 2.75).abs() < 1e-12);
    assert_eq!(one.quantities.voltage_interval_95, None);
    // Hosts of other sizes, from half full to full: 24 V2O5 with 12 Mg, 4 V2O5 with 4 Mg.
    let states = [state([12, 48, 120], &[-1290.0]), state([4, 8, 20], &[-230.0])];
    let found = report(Some(-1.5), &states, &[structure("a", 0, 1)]).unwrap();
    let one = &found.structures[0];
    assert_eq!(one.ions_per_formula, [0.5, 1.0]);
    // A sixth of the charged energy, −215; two Mg go in: −15 / 2.
    assert!((one.quantities.insertion_energy + 7.5).abs() < 1e-12);
    assert!((one.quantities.voltage.unwrap() - 3.0).abs() < 1e-12);
}

#[test]
fn without_the_metal_only_differences_are_stated() {
    let energies = [-50.0, -57.0, -49.5, -57.1];
    let counts = |number: usize| [number % 2, 2, 5];
    let states: Vec<_> = energies.iter().enumerate().map(|(k, e)| state(counts(k), &[*e])).collect();
    let structures = [structure("crystal", 0, 1), structure("glass", 2, 3)];
    let [with, without] = [Some(-1.5), None].map(|metal| report(metal, &states, &structures).unwrap());
    assert_eq!(without.structures[1].quantities.voltage, None);
    for found in [with, without] {
        assert!(found.structures[0].difference.is_none());
        let difference = found.structures[1].difference.as_ref().unwrap();
        assert_eq!(difference.from, "crystal");
        // (7.6 − 7.0) / 2.
        assert!((difference.voltage_difference - 0.3).abs() < 1e-12);
    }
}

#[test]
fn what_two_voltages_share_has_no_part_in_their_difference() {
    let host = [-50.2, -49.9, -50.1, -49.8, -50.3, -49.7];
    let states = [state([0, 2, 5], &host), state([1, 2, 5], &[-57.0; 6]), state([1, 2, 5], &[-57.4; 6])];
    let found = report(None, &states, &[structure("a", 0, 1), structure("b", 0, 2)]).unwrap();
    assert!(found.structures[0].quantities.insertion_energy_std_dev.unwrap() > 0.05);
    let difference = found.structures[1].difference.as_ref().unwrap();
    assert!((difference.voltage_difference - 0.2).abs() < 1e-12);
    assert_eq!(difference.voltage_difference_std_dev, Some(0.0));
}

/// Hosts of other sizes: the factors of the shared one differ by rounding alone.
#[test]
fn what_is_shared_falls_out_of_differences_of_cells_of_any_size() {
    for (units, one, other) in [(3, 1, 5), (7, 3, 11), (6, 10, 14), (49, 5, 3)] {
        let states = [
            state([0, 2 * units, 5 * units], &[-50.0]),
            state([one, 2 * one, 5 * one], &[-57.0, -57.1, -56.9]),
            state([other, 2 * other, 5 * other], &[-57.0, -57.1, -56.9]),
        ];
        let found = report(None, &states, &[structure("a", 0, 1), structure("b", 0, 2)]).unwrap();
        let difference = found.structures[1].difference.as_ref().unwrap();
        assert!(
            difference.voltage_difference_std_dev.is_some_and(|error| error > 0.0),
            "{units} {one} {other}"
        );
    }
}

/// The energies of a configuration with and without its ions go up and down together.
#[test]
fn emptied_states_have_the_error_of_the_differences() {
    let mut numbers = Sequence::new(3);
    let thermal: Vec<f64> = (0..64).map(|_| 10.0 * numbers.uniform()).collect();
    let [with, without] = [-57.0, -50.0].map(|of| thermal.iter().map(|t| of + t).collect::<Vec<f64>>());
    let states = [state([1, 2, 5], &with), state([0, 2, 5], &without)];
    let emptied = Structure { is_emptied: true, ..structure("a", 1, 0) };
    let quantities = report(Some(-1.5), &states, &[emptied]).unwrap().structures[0].quantities;
    assert!(quantities.voltage_std_dev.unwrap() < 1e-9);
    let apart = report(Some(-1.5), &states, &[structure("a", 1, 0)]).unwrap().structures[0].quantities;
    assert!(apart.voltage_std_dev.unwrap() > 0.1);
    assert!((quantities.voltage.unwrap() - apart.voltage.unwrap()).abs() < 1e-12);
    // The same structure twice is no other one.
    let emptied = |label| Structure { is_emptied: true, ..structure(label, 1, 0) };
    let found = report(None, &states, &[emptied("a"), emptied("b")]).unwrap();
    let difference = found.structures[1].difference.as_ref().unwrap();
    assert_eq!((difference.voltage_difference, difference.voltage_difference_std_dev), (0.0, None));
}

#[test]
fn intervals_hold_the_true_voltage_and_difference_in_nineteen_of_twenty_cases() {
    let mut numbers = Sequence::new(11);
    let mut normal = || (0..12).map(|_| numbers.uniform()).sum::<f64>() - 6.0;
    let (cases, mut held) = (2000, [0, 0]);
    for _ in 0..cases {
        let mut run = |counts, mean: f64, deviation: f64, count: usize| {
            let energies: Vec<f64> = (0..count).map(|_| mean + deviation * normal()).collect();
            state(counts, &energies)
        };
        // Runs of other lengths and spreads, so that the freedoms differ.
        let states = [
            run([0, 2, 5], -50.0, 2.0, 6),
            run([1, 2, 5], -57.0, 0.5, 40),
            run([0, 2, 5], -49.0, 1.0, 12),
            run([1, 2, 5], -57.0, 3.0, 9),
        ];
        let structures = [structure("a", 0, 1), structure("b", 2, 3)];
        let found = report(Some(-1.5), &states, &structures).unwrap();
        let of = |interval: Option<[f64; 2]>, value: f64| {
            let [least, most] = interval.unwrap();
            u32::from(least <= value && value <= most)
        };
        held[0] += of(found.structures[0].quantities.voltage_interval_95, 2.75);
        let difference = found.structures[1].difference.as_ref().unwrap();
        held[1] += of(difference.voltage_difference_interval_95, 0.5);
    }
    for held in held {
        let share = 100.0 * f64::from(held) / f64::from(cases);
        assert!((93.0..97.5).contains(&share), "{share} %");
    }
}

#[test]
fn few_configurations_are_told() {
    let energies: Vec<f64> = (0..16).map(|k| -50.0 + 0.1 * f64::from(k % 3)).collect();
    let said = |count: usize| {
        let states = [state([0, 2, 5], &energies[..count]), state([1, 2, 5], &energies[..count])];
        summary(&report(None, &states, &[structure("a", 0, 1)]).unwrap())
    };
    assert!(said(15).contains("a: fewer than 16 configurations"), "{}", said(15));
    assert!(!said(16).contains("fewer than"), "{}", said(16));
    assert!(said(1).contains("a: no error can be estimated"), "{}", said(1));
}

#[test]
fn what_makes_no_voltage_is_refused() {
    let message = |states: &[(State, Vec<String>)]| {
        report(None, states, &[structure("glass", 0, 1)]).unwrap_err().to_string()
    };
    let hosts = message(&[state([0, 2, 5], &[-50.0]), state([1, 2, 4], &[-57.0])]);
    assert!(
        hosts.contains("glass: the hosts differ: without the ions, V2 O5 (charged) and Mg1 V2 O4"),
        "{hosts}"
    );
    let exchanged = message(&[state([1, 2, 5], &[-57.0]), state([0, 2, 5], &[-50.0])]);
    assert!(exchanged.contains("(V2 O5) does not have more Mg"), "{exchanged}");
    let neither = message(&[state([0, 2, 5], &[-50.0]), state([0, 2, 5], &[-57.0])]);
    assert!(
        neither.contains("no Mg in either state: the charged one is V2 O5, the discharged one V2 O5"),
        "{neither}"
    );
    let metal = message(&[state([1, 0, 0], &[-1.5]), state([2, 0, 0], &[-3.0])]);
    assert!(metal.contains("no host besides the ions"), "{metal}");
    let mut changing = state([1, 2, 5], &[-57.0]).0;
    let counts = BTreeMap::from([(1, 2), (2, 5)]);
    let error = changing.add(Snapshot { counts, ..Snapshot::default() }, &names()).unwrap_err().to_string();
    assert!(error.contains("its atoms are V2 O5: expected Mg1 V2 O5"), "{error}");
}

#[test]
fn grades_and_what_was_not_relaxed_are_counted_and_told() {
    let mut with = State::default();
    for (grade, largest_force) in [(1.0, 0.005), (3.0, 0.2), (11.0, 0.01)] {
        let counts = BTreeMap::from([(0, 1), (1, 2), (2, 5)]);
        let [grade, largest_force] = [grade, largest_force].map(Some);
        let snapshot = Snapshot { counts, energy: -57.0, grade, largest_force, ..Snapshot::default() };
        with.add(snapshot, &names()).unwrap();
    }
    let states = [state([0, 2, 5], &[-50.0; 3]), (with, Vec::new())];
    let relaxation = Some(Limits { max_force: 0.01, max_steps: 9 });
    let energies = Energy { potential: Some("pot".into()), state: Some("state".into()), relaxation };
    let structures = [structure("a", 0, 1)];
    let found = VoltageReport::new("mtprs", &ions(None), energies, &states, &structures, &names()).unwrap();
    let discharged = &found.structures[0].discharged;
    let grades = discharged.grades.unwrap();
    assert_eq!((grades.mean, grades.largest, grades.above_2, grades.above_10), (5.0, 11.0, 2, 1));
    assert_eq!((discharged.unrelaxed, discharged.largest_force), (Some(1), Some(0.2)));
    let text = summary(&found);
    assert!(
        text.contains("a, discharged: 2 of 3 configurations with grades above 2, 1 above 10: do not trust"),
        "{text}"
    );
    assert!(
        text.contains("1 of 3 configurations not converged, the largest remaining force is 0.2 eV/Å"),
        "{text}"
    );
}
