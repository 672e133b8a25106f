//! Any potential that can be read is compiled and evaluates atoms, or says why not; what is compiled says what the
//! straightforward evaluator says, within rounding.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mtprs_core::ErrorKind;
use mtprs_core::evaluate::{Evaluator, GradientEvaluator, Precision, Wanted, reference};
use mtprs_core::format::parse_potential_prefix;
use mtprs_core::geometry::{Cell, Configuration};
use mtprs_core::potential::Potential;

#[path = "shared/magnitude.rs"]
mod magnitude;

use magnitude::Magnitudes;

/// Highest rank for which results are compared: above it sphere moments lose digits that sums of magnitudes do not tell.
const COMPARED_RANK: usize = 12;
/// Highest magnitudes with which an evaluation must succeed.
const LARGE: f64 = 1e100;
/// Largest cutoff at which the chain is evaluated, Å: beyond it has very many neighbors.
const LONG: f64 = 20.0;
const TOLERANCE: f64 = 1e-6;

fuzz_target!(|text: &[u8]| {
    let Ok((potential, _)) = parse_potential_prefix(text, "input") else { return };
    let species = potential.species().count() as u32;
    let positions = vec![[0.0; 3], [1.9, 0.3, -0.2], [-0.4, 2.3, 0.6], [0.7, -0.5, 2.8]];
    let kinds = (0..4).map(|atom| atom % species).collect::<Vec<u32>>();
    let molecule =
        Configuration::new(Cell::open(), kinds.clone(), positions.clone()).expect("as many species");
    let cell = Cell::new(&[[4.1, 0.0, 0.0]]).expect("a vector");
    let chain = Configuration::new(cell, kinds, positions).expect("as many species");

    for precision in Precision::ALL {
        let mut evaluator = match Evaluator::builder(&potential).precision(precision).build() {
            Ok(evaluator) => evaluator,
            Err(error) => {
                let untrained = error.kind() == ErrorKind::InvalidPotential && !potential.is_trained();
                assert!(untrained || error.kind() == ErrorKind::Unsupported, "{error}");
                return;
            }
        };
        assert!(evaluator.memory() < 1 << 30, "{} bytes", evaluator.memory());
        check(&potential, &mut evaluator, &molecule, true);
        if potential.cutoff() <= LONG {
            check(&potential, &mut evaluator, &chain, false);
        }
    }
});

fn check(potential: &Potential, evaluator: &mut Evaluator, atoms: &Configuration, is_molecule: bool) {
    let is_double = evaluator.precision() == Precision::Double;
    let found = match evaluator.evaluate(atoms) {
        Ok(found) => found,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::NotFinite, "{error}");
            let large = is_molecule && is_double && Magnitudes::of(potential, atoms).are_below(LARGE);
            assert!(!large, "{error}");
            return;
        }
    };
    let numbers = found.forces.as_flattened().iter().chain([&found.energy]);
    assert!(numbers.chain(&found.virial.to_cfg_order()).all(|number| number.is_finite()));
    let rank = potential.moment_basis().max_rank();
    if !(is_molecule && is_double && rank <= COMPARED_RANK) {
        return;
    }
    let Magnitudes { energy, force } = Magnitudes::of(potential, atoms);
    if !(energy < LARGE && force < LARGE) {
        return;
    }
    let expected = reference::evaluate(potential, atoms).expect("the magnitudes are small");
    let (got, wanted) = (found.energy, expected.energy);
    assert!((got - wanted).abs() <= TOLERANCE * energy, "energy {got}, expected {wanted} of {energy}");
    for (got, wanted) in found.forces.as_flattened().iter().zip(expected.forces.as_flattened()) {
        assert!((got - wanted).abs() <= TOLERANCE * force, "force {got}, expected {wanted} of {force}");
    }
    check_gradient(potential, atoms, wanted, energy);
}

/// The energy is linear in the coefficients of species and moments.
fn check_gradient(potential: &Potential, atoms: &Configuration, energy: f64, magnitude: f64) {
    let mut evaluator = GradientEvaluator::new(potential).expect("it was compiled once");
    let layout = evaluator.layout();
    let list = evaluator.neighborhoods(atoms).expect("it was evaluated");
    let mut gradient = vec![0.0; layout.len()];
    // Basis functions with coefficients of zero may be as large as they like.
    let Ok(_) = evaluator.energy_gradient(&list, Wanted::default(), &mut gradient) else { return };
    let parameters = potential.parameters().to_flat().expect("the potential is trained");
    let linear = layout.species_coeffs().start..layout.moment_coeffs().end;
    let sum: f64 = gradient[linear.clone()].iter().zip(&parameters[linear]).map(|(a, b)| a * b).sum();
    assert!((sum - energy).abs() <= TOLERANCE * magnitude, "{sum} by the gradient, {energy} of {magnitude}");
}
