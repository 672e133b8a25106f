//! Potentials with the repulsion of nuclei (`zbl`): the compiled evaluators against plain loops, derivatives by the parameters that
//! do not see it, files that hold it. The program `lammps` compares it with `pair_style zbl`.

use mtprs_core::ErrorKind;
use mtprs_core::evaluate::{Evaluator, GradientEvaluator, InstructionSet, LossDerivatives, LossEvaluator};
use mtprs_core::evaluate::{Precision, Wanted, reference};
use mtprs_core::format::{parse_potential, potential_to_string};
use mtprs_core::geometry::{Configuration, Virial};
use mtprs_core::potential::{PairTerm, Potential, Zbl};
use mtprs_testing::agreement::Deviation;
use mtprs_testing::synthetic;

/// The potential with a repulsion that reaches many neighbors.
fn with_zbl(potential: &Potential) -> Potential {
    let mut parts = potential.clone().into_parts();
    parts.pair_terms.push(PairTerm::Zbl(Zbl::new(1.0, 4.5).unwrap()));
    Potential::new(parts).unwrap()
}

fn crystal() -> Configuration {
    synthetic::crystal(41).plain_configuration()
}

#[test]
fn every_evaluator_agrees_with_plain_loops() {
    let plain = synthetic::three_species(5.0);
    let (potential, configuration) = (with_zbl(&plain), crystal());
    let expected = reference::evaluate(&potential, &configuration).unwrap();
    assert!(expected.energy > reference::evaluate(&plain, &configuration).unwrap().energy + 100.0);
    for set in InstructionSet::ALL.into_iter().filter(|set| set.is_available()) {
        for (precision, threads, tolerance) in
            [(Precision::Double, 1, 1e-12), (Precision::Double, 3, 1e-12), (Precision::Mixed, 1, 1e-5)]
        {
            let choices = Evaluator::builder(&potential).instruction_set(set).precision(precision);
            let found = choices.threads(threads).build().unwrap().evaluate(&configuration).unwrap();
            let deviation = Deviation::between(&found, &expected);
            assert!(deviation.largest() <= tolerance, "{}, {threads} threads: {deviation}", set.name());
        }
    }
}

#[test]
fn forces_and_virial_are_derivatives_of_the_energy() {
    let potential = with_zbl(&synthetic::three_species(5.0));
    let mut evaluator = Evaluator::new(&potential).unwrap();
    let efs = evaluator.evaluate(&crystal()).unwrap();
    let h = 1e-5;
    let mut energy = |change: &dyn Fn(&mut Configuration)| {
        let mut configuration = crystal();
        change(&mut configuration);
        evaluator.evaluate(&configuration).unwrap().energy
    };
    for (atom, axis) in [(0, 0), (17, 1), (40, 2)] {
        let slope = energy(&|it| it.positions[atom][axis] += h) - energy(&|it| it.positions[atom][axis] -= h);
        let force = -slope / (2.0 * h);
        assert!((force - efs.forces[atom][axis]).abs() < 1e-6, "{force} and {}", efs.forces[atom][axis]);
    }
}

#[test]
fn derivatives_by_the_parameters_do_not_see_it() {
    let plain = synthetic::three_species(5.0);
    let (potential, configuration) = (with_zbl(&plain), crystal());
    let derivatives = [&plain, &potential].map(|potential| {
        let mut gradients = GradientEvaluator::new(potential).unwrap();
        let atoms = gradients.neighborhoods(&configuration).unwrap();
        let mut rows = Vec::new();
        gradients.site_gradients(&atoms, Wanted::default(), |_, row| rows.extend_from_slice(row)).unwrap();
        let mut gradient = vec![0.0; potential.parameter_layout().len()];
        let loss = LossDerivatives {
            energy: 0.3,
            forces: &configuration.positions,
            virial: Virial { xy: 0.2, ..Virial::default() },
        };
        LossEvaluator::from(gradients).loss_gradient(&atoms, &loss, &mut gradient).unwrap();
        (rows, gradient)
    });
    assert_eq!(derivatives[0], derivatives[1]);
}

#[test]
fn files_hold_it() {
    let potential = with_zbl(&synthetic::three_species(5.0));
    let text = potential_to_string(&potential).unwrap();
    assert!(text.contains("\nzbl = {1.000000000000000e+00, 4.500000000000000e+00}\n"), "{text}");
    assert_eq!(parse_potential(text.as_bytes(), "pot.mtp").unwrap(), potential);
    let line = "zbl = {1.000000000000000e+00, 4.500000000000000e+00}";
    for (from, to, expected) in [
        (
            line,
            "zbl = {1, 5.5}",
            "pot.mtp:7:7: expected zbl to end no farther than the cutoff of the potential (5 Å), got 5.5 Å",
        ),
        (
            line,
            "zbl = {1, 1}",
            "pot.mtp:7:7: expected two distances {inner, outer} with 0 < inner < outer, got {1, 1}",
        ),
        (line, "zbl = {1}", "pot.mtp:7:7: expected two distances {inner, outer} for zbl"),
        (line, "zbl = {1, 2, 3}", "pot.mtp:7:7: expected two distances {inner, outer} for zbl"),
        (line, "zbl = {1, 2}\nzbl = {1, 2}", "pot.mtp:8:1: zbl is given twice"),
        ("Mg V O\n", "unknown\n", "zbl depends on the elements, which potential_tag does not name"),
    ] {
        assert!(text.contains(from), "{from}");
        let error = parse_potential(text.replacen(from, to, 1).as_bytes(), "pot.mtp").unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Syntax | ErrorKind::InvalidPotential));
        assert!(error.to_string().contains(expected), "{error}");
    }
}
