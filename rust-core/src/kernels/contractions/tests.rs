//! The kernel against the products of the potential, walked one by one.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Block, Contract};
use crate::kernels::dispatch::{InstructionSet, Kernels};
use crate::kernels::simd::LANES;
use crate::plan::Plan;
use crate::potential::{
    BasicMoment, MomentBasis, Parameters, Potential, PotentialParts, Product, RadialBasis, RadialBasisKind,
    template,
};
use crate::species::Species;

const FUNCTIONS: usize = 3;

fn potential(basis: MomentBasis, random: &mut ChaCha8Rng) -> Potential {
    let functions = basis.radial_functions_needed().max(FUNCTIONS);
    let mut parts = PotentialParts {
        name: "test".to_owned(),
        tag: String::new(),
        scaling: 1.0,
        species: Species::named(&["O"]).unwrap(),
        radial_basis: RadialBasis::new(RadialBasisKind::Chebyshev, 1.0, 5.0, 4, functions).unwrap(),
        moment_basis: basis,
        parameters: Parameters::default(),
        pair_terms: Vec::new(),
    };
    let layout = Potential::new(parts.clone()).unwrap().parameter_layout();
    let flat: Vec<f64> = (0..layout.len()).map(|_| random.random_range(-1.0..1.0)).collect();
    parts.parameters = Parameters::from_flat(&layout, &flat).unwrap();
    Potential::new(parts).unwrap()
}

/// A value and the sum of the magnitudes of what was added, which rounding errors are to be compared with.
type Measured = [f64; 2];

/// Energy, adjoints of the sphere moments and basis functions, from all the products in their order.
fn walk(potential: &Potential, plan: &Plan, sphere: &[f64]) -> (Measured, Vec<Measured>, Vec<Measured>) {
    let basis = potential.moment_basis();
    let mut extended: Vec<[f64; 2]> = sphere.iter().map(|&value| [value, value.abs()]).collect();
    for extension in &plan.sphere.extensions {
        let [plus, first, second] =
            [extension.plus, extension.minus[0], extension.minus[1]].map(|k| extended[k as usize]);
        extended.push([plus[0] - first[0] - second[0], plus[1] + first[1] + second[1]]);
    }
    let mut moments = vec![[0.0; 2]; basis.moments_count()];
    for (moment, &number) in moments.iter_mut().zip(&plan.sphere.of_basic) {
        *moment = extended[number as usize];
    }
    for product in basis.products() {
        let ([l, l_size], [r, r_size]) = (moments[product.left as usize], moments[product.right as usize]);
        let factor = f64::from(product.factor);
        let target = &mut moments[product.target as usize];
        *target = [target[0] + factor * l * r, target[1] + factor.abs() * l_size * r_size];
    }
    let functions = basis.scalar_moments().iter().map(|&moment| moments[moment as usize]).collect();
    let mut adjoints = vec![[0.0; 2]; moments.len()];
    let mut energy = [0.0; 2];
    let xi = potential.parameters().moment_coeffs.as_ref().unwrap();
    for (&moment, &xi) in basis.scalar_moments().iter().zip(xi) {
        let [value, size] = moments[moment as usize];
        energy = [energy[0] + xi * value, energy[1] + xi.abs() * size];
        let adjoint = &mut adjoints[moment as usize];
        *adjoint = [adjoint[0] + xi, adjoint[1] + xi.abs()];
    }
    for product in basis.products().iter().rev() {
        let [by_target, size] = adjoints[product.target as usize];
        let factor = f64::from(product.factor);
        for (to, other) in [(product.left, product.right), (product.right, product.left)] {
            let [value, value_size] = moments[other as usize];
            let adjoint = &mut adjoints[to as usize];
            *adjoint =
                [adjoint[0] + factor * by_target * value, adjoint[1] + factor.abs() * size * value_size];
        }
    }
    let mut by_number = vec![[0.0; 2]; extended.len()];
    for (adjoint, &number) in adjoints.iter().zip(&plan.sphere.of_basic) {
        by_number[number as usize] = *adjoint;
    }
    for extension in plan.sphere.extensions.iter().rev() {
        let [value, size] = by_number[extension.target as usize];
        let signs = [(extension.plus, 1.0), (extension.minus[0], -1.0), (extension.minus[1], -1.0)];
        for (source, sign) in signs {
            by_number[source as usize][0] += sign * value;
            by_number[source as usize][1] += size;
        }
    }
    by_number.truncate(sphere.len());
    (energy, by_number, functions)
}

/// Largest deviation of kernels from the walk: the folded form, the symbolic form, and this with coefficients taken up
/// later; all instruction sets.
fn deviation(basis: MomentBasis, random: &mut ChaCha8Rng) -> f64 {
    let before = potential(basis.clone(), random);
    let potential = potential(basis, random);
    let mut exchanged = Plan::symbolic(&before).unwrap();
    exchanged.set_parameters(&potential.parameter_layout(), &potential.parameters().to_flat().unwrap());
    let mut worst = 0.0_f64;
    for plan in [Plan::new(&potential).unwrap(), Plan::symbolic(&potential).unwrap(), exchanged] {
        for kernels in InstructionSet::ALL.into_iter().filter_map(Kernels::new) {
            // Whatever stands beyond the sphere moments must not matter.
            let mut blocks = vec![Block::splat(7.0); plan.program.blocks()];
            let moments = &mut blocks[..plan.sphere.count];
            moments
                .iter_mut()
                .for_each(|block| block.0 = std::array::from_fn(|_| random.random_range(-1.0..1.0)));
            let energies = kernels.run(Contract { plan: &plan, blocks: &mut blocks });
            for lane in 0..LANES {
                let sphere: Vec<f64> =
                    blocks[..plan.sphere.count].iter().map(|block| block.0[lane]).collect();
                let (energy, adjoints, functions) = walk(&potential, &plan, &sphere);
                let mut compare = |value: f64, [expected, size]: Measured| {
                    worst = worst.max((value - expected).abs() / size.max(f64::MIN_POSITIVE));
                };
                compare(energies[lane], energy);
                for (block, expected) in blocks[plan.program.adjoints()..].iter().zip(adjoints) {
                    compare(block.0[lane], expected);
                }
                for (&(moment, _), expected) in plan.contractions.basis_functions.iter().zip(functions) {
                    compare(blocks[moment as usize].0[lane], expected);
                }
            }
        }
    }
    worst
}

#[test]
fn templates_give_what_their_products_say() {
    for level in (2..=20).step_by(2) {
        let worst =
            deviation(template::moment_basis(level).unwrap(), &mut ChaCha8Rng::seed_from_u64(level as u64));
        // measured: 4e-16
        assert!(worst < 1e-14, "level {level}: {worst:e}");
    }
}

/// Any list that can be read: squares, factors of zero and of either sign, the same pair twice, moments that nothing
/// reads, scalars that are read by products, named twice, or basic.
fn any_basis(random: &mut ChaCha8Rng) -> MomentBasis {
    let mut basic = Vec::new();
    for (mu, rank) in [(0, 4), (1, 2), (2, 1)] {
        for a in 0..=rank {
            for b in 0..=rank - a {
                let c = random.random_range(0..=rank - a - b);
                basic.push(BasicMoment { mu, powers: [a, b, c] });
            }
        }
    }
    let targets = random.random_range(0..60);
    let moments_count = basic.len() + targets;
    let mut products = Vec::new();
    for target in basic.len()..moments_count {
        for _ in 0..random.random_range(1..12) {
            let mut factor = || {
                // Most factors from the basic moments, so that the numbers stay small.
                let limit = if random.random_bool(0.7) { basic.len() } else { target };
                random.random_range(0..limit) as u32
            };
            let (left, right) = (factor(), factor());
            let right = if random.random_bool(0.1) { left } else { right };
            let factor = [1, 1, 1, 2, 3, -1, 0][random.random_range(0..7)];
            products.push(Product { left, right, factor, target: target as u32 });
        }
    }
    let scalars =
        (0..random.random_range(1..9)).map(|_| random.random_range(0..moments_count) as u32).collect();
    MomentBasis::new(basic, products, scalars, moments_count).unwrap()
}

#[test]
fn any_list_gives_what_its_products_say() {
    let mut random = ChaCha8Rng::seed_from_u64(77);
    for case in 0..300 {
        let deviation = deviation(any_basis(&mut random), &mut random);
        // measured: 8e-16
        assert!(deviation < 1e-14, "case {case}: {deviation:e}");
    }
}
