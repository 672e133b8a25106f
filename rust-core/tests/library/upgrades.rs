//! A larger potential has the energies, forces and virials of the smaller one, whatever makes it larger.

use mtprs_core::ErrorKind;
use mtprs_core::evaluate::{Efs, Evaluator};
use mtprs_core::geometry::Configuration;
use mtprs_core::potential::template::BasisRule;
use mtprs_core::potential::{BasicMoment, MomentBasis, Potential, Product, Upgrade, Upgraded};
use mtprs_core::species::Species;
use mtprs_testing::agreement::Deviation;
use mtprs_testing::random::Random;
use mtprs_testing::sample::{Arrangement, Recipe, potential};

fn upgraded(potential: &Potential, to: &Upgrade) -> Upgraded {
    let mut random = Random::new(5);
    potential.upgraded(to, &mut || random.symmetric(1.0)).unwrap()
}

fn level(level: usize) -> BasisRule {
    BasisRule::of_level(level).unwrap()
}

/// A potential of a table with random coefficients.
fn of_table(name: &str, seed: u64) -> Potential {
    let rule = name.parse().unwrap();
    let untrained = Potential::untrained_of(&rule, Species::unnamed(2), [1.5, 5.0], 6).unwrap();
    let mut random = Random::new(seed);
    let values: Vec<f64> = (0..untrained.parameter_layout().len()).map(|_| random.symmetric(0.2)).collect();
    untrained.with_parameters(&values).unwrap()
}

fn evaluate(potential: &Potential, configuration: &Configuration) -> Efs {
    Evaluator::new(potential).unwrap().evaluate(configuration).unwrap()
}

/// Holds a larger potential against the smaller one; species have the numbers of `from` in the larger one.
fn assert_same(small: &Potential, large: &Potential, from: &[Option<usize>]) {
    for arrangement in Arrangement::ALL {
        let species = small.species().count();
        let configuration = Recipe { arrangement, periodic: 3, atoms: 8, species }.make(11);
        let mut renumbered = configuration.clone();
        for number in &mut renumbered.species {
            *number = from.iter().position(|&old| old == Some(*number as usize)).unwrap() as u32;
        }
        let (expected, got) = (evaluate(small, &configuration), evaluate(large, &renumbered));
        let deviation = Deviation::between(&got, &expected);
        assert!(deviation.largest() < 1e-12, "{arrangement:?}: {deviation}");
    }
}

#[test]
fn every_level_is_found_in_every_higher_one() {
    for own in (2..=18).step_by(2) {
        let small = potential(own, 2, own as u64);
        for higher in (own + 2..=20).step_by(2) {
            let to = Upgrade { table: Some(level(higher)), ..Upgrade::none(&small) };
            let Upgraded { potential: large, carried } = upgraded(&small, &to);
            assert_eq!((large.moment_basis().level(), carried), (Some(higher), 0), "level {own}");
            let kept = |potential: &Potential| {
                let coefficients = potential.parameters().moment_coeffs.as_ref().unwrap();
                coefficients.iter().filter(|coefficient| **coefficient != 0.0).count()
            };
            assert_eq!(kept(&large), kept(&small), "level {own} in {higher}");
            if higher == own + 2 {
                assert_same(&small, &large, &to.from);
            }
        }
    }
}

/// Levels in tables with low ranks, tables in levels, and tables in tables: with higher ranks, another weight, five tensors.
#[test]
fn a_table_is_found_in_every_table_that_has_its_functions() {
    for (own, larger) in [
        ("4", "12-210"),
        ("8", "14-2100"),
        ("12-210", "16"),
        ("14-321", "18-4321"),
        ("14-321", "14-321-t5"),
        ("10-1.2", "12-33"),
        ("8-21", "12-4321-w3.1"),
    ] {
        let small = of_table(own, 4);
        let to = Upgrade { table: Some(larger.parse().unwrap()), ..Upgrade::none(&small) };
        let Upgraded { potential: large, carried } = upgraded(&small, &to);
        assert_eq!((carried, large.name()), (0, format!("MTP{larger}").as_str()), "{own} in {larger}");
        let functions = |potential: &Potential| potential.moment_basis().scalar_moments().len();
        assert!(functions(&large) >= functions(&small), "{own} in {larger}");
        let made = of_table(larger, 1);
        assert_eq!(large.moment_basis(), made.moment_basis(), "{own} in {larger}");
        assert_eq!(large.radial_basis().functions_count(), made.radial_basis().functions_count());
        assert_same(&small, &large, &to.from);
    }
}

/// What the table lacks is told, and nothing of it is lost.
#[test]
fn functions_that_a_table_lacks_are_counted() {
    let small = of_table("12", 7);
    let to = Upgrade { table: Some("16-210".parse().unwrap()), ..Upgrade::none(&small) };
    let Upgraded { potential: large, carried } = upgraded(&small, &to);
    let rank = |potential: &Potential| potential.moment_basis().ranks();
    assert_eq!((rank(&small), rank(&large)), (vec![4, 2, 0], vec![4, 2, 0]));
    let functions = |potential: &Potential| potential.moment_basis().scalar_moments().len();
    assert!(carried > 0 && functions(&large) == functions(&of_table("16-210", 1)) + carried);
    assert_same(&small, &large, &to.from);
}

#[test]
fn new_radial_functions_are_not_zero_and_new_polynomials_are() {
    let small = potential(8, 2, 3);
    let to = Upgrade { table: Some(level(12)), radial_basis_size: 11, ..Upgrade::none(&small) };
    let large = upgraded(&small, &to).potential;
    assert_same(&small, &large, &to.from);
    let (layout, flat) = (large.parameter_layout(), large.parameters().to_flat().unwrap());
    let (before, size) = (small.radial_basis().functions_count(), small.radial_basis().size());
    assert!(layout.radial_functions() > before);
    for mu in 0..layout.radial_functions() {
        let function = &flat[layout.radial_function(1, 0, mu)];
        assert_eq!(function[size..].iter().all(|value| *value == 0.0), mu < before, "function {mu}");
    }
}

#[test]
fn species_are_added_and_put_in_another_order() {
    let mut parts = potential(10, 2, 4).into_parts();
    parts.species = Species::named(&["V", "O"]).unwrap();
    let small = Potential::new(parts).unwrap();
    let species = Species::named(&["O", "Mg", "V"]).unwrap();
    let from = vec![Some(1), None, Some(0)];
    let to = Upgrade { species, from, ..Upgrade::none(&small) };
    let large = upgraded(&small, &to).potential;
    assert_eq!(large.tag(), "O Mg V");
    assert_same(&small, &large, &to.from);
    let species_coeffs = |potential: &Potential| potential.parameters().species_coeffs.clone().unwrap();
    let [v, o] = species_coeffs(&small)[..] else { panic!("there are two") };
    assert_eq!(species_coeffs(&large), [o, f64::midpoint(v, o), v]);
}

/// M[0;1,0,0]² + M[0;0,0,0]², a sum of two levels, and 3 M[0;0,0,0]², which is in the template by another factor.
fn of_no_template() -> MomentBasis {
    let basic = vec![BasicMoment { mu: 0, powers: [1, 0, 0] }, BasicMoment { mu: 0, powers: [0; 3] }];
    let product = |left, right, factor, target| Product { left, right, factor, target };
    let products = vec![product(0, 0, 1, 2), product(1, 1, 1, 2), product(1, 1, 3, 3)];
    MomentBasis::new(basic, products, vec![2, 3], 4).unwrap()
}

#[test]
fn functions_of_no_template_are_carried_over() {
    let mut parts = potential(4, 1, 6).into_parts();
    parts.moment_basis = of_no_template();
    parts.parameters.moment_coeffs = Some(vec![0.7, -0.3]);
    let small = Potential::new(parts).unwrap();
    assert_eq!(small.moment_basis().level(), None);
    let to = Upgrade { table: Some(level(4)), ..Upgrade::none(&small) };
    let Upgraded { potential: large, carried } = upgraded(&small, &to);
    assert_eq!(carried, 1);
    assert_eq!(large.moment_basis().basic().len(), 2);
    assert_same(&small, &large, &to.from);
}

#[test]
fn what_would_lose_something_is_refused() {
    let small = potential(8, 2, 3);
    let none = Upgrade::none(&small);
    for (to, words) in [
        (Upgrade { table: Some(level(6)), ..none.clone() }, "expected a level of at least 8"),
        (Upgrade { radial_basis_size: 1, ..none.clone() }, "expected a radial basis of at least"),
        (
            Upgrade { from: vec![Some(0), None], ..none.clone() },
            "expected species 1 of the potential once, got it 0 times",
        ),
        (
            Upgrade { from: vec![Some(0), Some(0)], ..none.clone() },
            "expected species 0 of the potential once, got it 2 times",
        ),
        (Upgrade { from: vec![Some(0)], ..none.clone() }, "expected 2 species"),
        (Upgrade { from: vec![Some(0), Some(7)], ..none.clone() }, "expected 2 species"),
    ] {
        let error = small.upgraded(&to, &mut || 0.5).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument);
        assert!(error.to_string().contains(words), "{error}");
    }
    let untrained = Potential::untrained(8, Species::unnamed(2), 1.5, 5.0, 8).unwrap();
    let error = untrained.upgraded(&Upgrade::none(&untrained), &mut || 0.5).unwrap_err();
    assert!(error.to_string().contains("is not trained"), "{error}");
}
