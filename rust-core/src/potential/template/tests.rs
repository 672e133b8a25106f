//! The basis functions against their definition as sums over neighbors, and the sizes of the tables.

use std::collections::HashSet;
use std::sync::LazyLock;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::graph::Graph;
use super::*;
use crate::error::ErrorKind;

/// The bases of all even levels.
static BASES: LazyLock<Vec<(usize, MomentBasis)>> =
    LazyLock::new(|| (2..=28).step_by(2).map(|level| (level, moment_basis(level).unwrap())).collect());

/// Random unit vectors, and a random value of each f_μ for each of them.
struct Neighborhood {
    directions: Vec<[f64; 3]>,
    radial: Vec<Vec<f64>>,
}

impl Neighborhood {
    fn random(neighbors: usize, functions: usize, seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let directions = (0..neighbors).map(|_| unit_vector(&mut random)).collect();
        let mut value = || random.random_range(0.5..1.5);
        let radial = (0..functions).map(|_| (0..neighbors).map(|_| value()).collect()).collect();
        Self { directions, radial }
    }

    fn rotated(&self, rotation: &[[f64; 3]; 3]) -> Self {
        let turn = |vector: &[f64; 3]| rotation.map(|row| dot(&row, vector));
        Self { directions: self.directions.iter().map(turn).collect(), radial: self.radial.clone() }
    }
}

fn dot(first: &[f64; 3], second: &[f64; 3]) -> f64 {
    first.iter().zip(second).map(|(a, b)| a * b).sum()
}

fn unit_vector(random: &mut ChaCha8Rng) -> [f64; 3] {
    loop {
        let vector: [f64; 3] = std::array::from_fn(|_| random.random_range(-1.0..1.0));
        let square = dot(&vector, &vector);
        if (0.01..1.0).contains(&square) {
            return vector.map(|component| component / square.sqrt());
        }
    }
}

/// A rotation by Rodrigues' formula.
fn rotation(axis: [f64; 3], angle: f64) -> [[f64; 3]; 3] {
    let [x, y, z] = axis;
    let cross = [[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]];
    std::array::from_fn(|row| {
        std::array::from_fn(|column| {
            let identity = if row == column { angle.cos() } else { 0.0 };
            identity + angle.sin() * cross[row][column] + (1.0 - angle.cos()) * axis[row] * axis[column]
        })
    })
}

/// The basis functions by the tables.
fn by_products(basis: &MomentBasis, neighborhood: &Neighborhood) -> Vec<f64> {
    let mut moments = vec![0.0; basis.moments_count()];
    for (moment, value) in basis.basic().iter().zip(&mut moments) {
        for (direction, radial) in
            neighborhood.directions.iter().zip(&neighborhood.radial[usize::from(moment.mu)])
        {
            let powers = direction.iter().zip(moment.powers);
            *value += radial * powers.map(|(x, power)| x.powi(i32::from(power))).product::<f64>();
        }
    }
    for product in basis.products() {
        moments[product.target as usize] +=
            f64::from(product.factor) * moments[product.left as usize] * moments[product.right as usize];
    }
    basis.scalar_moments().iter().map(|&moment| moments[moment as usize]).collect()
}

/// A contraction by its definition: every edge is a scalar product of two unit vectors, so the graph is the sum over
/// one neighbor j for each node of Π f_μ(j) Π (r̂_j · r̂_k)^multiplicity. The second number is the sum of magnitudes.
fn by_neighbors(
    graph: &Graph,
    neighborhood: &Neighborhood,
    chosen: &mut Vec<usize>,
    factor: f64,
) -> [f64; 2] {
    let node = chosen.len();
    if node == graph.len() {
        return [factor, factor.abs()];
    }
    let mut sums = [0.0; 2];
    for neighbor in 0..neighborhood.directions.len() {
        let mut product = factor * neighborhood.radial[usize::from(graph.colors()[node])][neighbor];
        for (other, &earlier) in chosen.iter().enumerate() {
            let cosine = dot(&neighborhood.directions[neighbor], &neighborhood.directions[earlier]);
            product *= cosine.powi(graph.multiplicity(node, other) as i32);
        }
        chosen.push(neighbor);
        let [value, magnitude] = by_neighbors(graph, neighborhood, chosen, product);
        sums = [sums[0] + value, sums[1] + magnitude];
        chosen.pop();
    }
    sums
}

#[test]
fn basis_functions_are_the_contractions_of_their_graphs() {
    for &(level, ref basis) in BASES.iter() {
        let neighborhood = Neighborhood::random(5, radial_functions(level), level as u64);
        let values = by_products(basis, &neighborhood);
        let rule = BasisRule::of_level(level).unwrap();
        let connected = scalars::connected_graphs(&rule).unwrap();
        let expected: Vec<[f64; 2]> =
            connected.iter().map(|graph| by_neighbors(graph, &neighborhood, &mut Vec::new(), 1.0)).collect();
        let functions = scalars::basis_functions(&rule, &connected).unwrap();
        assert_eq!(values.len(), functions.len());
        for (value, parts) in values.iter().zip(functions) {
            let product: f64 = parts.iter().map(|&part| expected[part][0]).product();
            let magnitude: f64 = parts.iter().map(|&part| expected[part][1]).product();
            let error = (value - product).abs() / magnitude;
            // Largest measured: 1.5e-15.
            assert!(error < 1e-13, "level {level}, parts {parts:?}: {value} instead of {product}");
        }
    }
}

#[test]
fn basis_functions_do_not_change_under_rotation() {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    for &(level, ref basis) in BASES.iter() {
        let neighborhood = Neighborhood::random(7, radial_functions(level), 100 + level as u64);
        let rotated =
            neighborhood.rotated(&rotation(unit_vector(&mut random), random.random_range(0.5..3.0)));
        let pairs = by_products(basis, &neighborhood).into_iter().zip(by_products(basis, &rotated));
        for (number, (before, after)) in pairs.enumerate() {
            let error = (before - after).abs() / before.abs();
            // Largest measured: 3.6e-15.
            assert!(error < 1e-12, "level {level}, function {number}: {before} became {after}");
        }
    }
}

#[test]
fn basis_functions_are_distinct() {
    for &(level, ref basis) in BASES.iter() {
        let neighborhood = Neighborhood::random(6, radial_functions(level), 200 + level as u64);
        let mut values = by_products(basis, &neighborhood);
        values.sort_by(f64::total_cmp);
        for pair in values.windows(2) {
            let gap = (pair[1] - pair[0]) / pair[1].abs();
            // Smallest measured: 4e-7.
            assert!(gap > 1e-9, "level {level}: two functions have the value {}", pair[0]);
        }
    }
}

/// Moments, products and basis functions of the templates that users of MLIP have, by level.
const TEMPLATES_IN_USE: [[usize; 4]; 14] = [
    [2, 1, 0, 1],
    [4, 2, 1, 2],
    [6, 8, 5, 5],
    [8, 18, 14, 9],
    [10, 41, 42, 16],
    [12, 84, 117, 29],
    [14, 174, 348, 52],
    [16, 350, 969, 92],
    [18, 718, 2634, 163],
    [20, 1352, 6349, 288],
    [22, 2621, 15431, 500],
    [24, 4991, 36170, 864],
    [26, 9396, 82520, 1464],
    [28, 17366, 180_069, 2445],
];

#[test]
fn tables_are_no_larger_than_those_in_use_and_hold_all_functions() {
    for ([level, moments, products, functions], (same_level, basis)) in
        TEMPLATES_IN_USE.into_iter().zip(BASES.iter())
    {
        assert_eq!(level, *same_level);
        assert!(basis.moments_count() <= moments, "level {level}: {} moments", basis.moments_count());
        assert!(basis.products().len() <= products, "level {level}: {} products", basis.products().len());
        // From level 26 up those in use leave out ranks above 10 and μ above 5.
        let ours = basis.scalar_moments().len();
        if level <= 24 {
            assert_eq!(ours, functions, "level {level}");
        } else {
            assert!(ours > functions, "level {level}: {ours} basis functions");
        }
        assert_eq!(basis.radial_functions_needed(), radial_functions(level));
        assert_eq!(basis.level(), Some(level));
    }
}

/// Number of basis functions by Burnside's lemma: colorings of one to four nodes with μ and of their pairs with
/// multiplicities, up to permutations of the nodes. In units of two levels a node counts 1, a μ counts 2, an edge 1.
fn count_by_burnside(level: usize) -> usize {
    (1..=4).filter(|&nodes| 2 * nodes <= level).map(|nodes| orbits(nodes, level / 2 - nodes)).sum()
}

fn orbits(nodes: usize, weight: usize) -> usize {
    let permutations = permutations(nodes);
    let pairs: Vec<[usize; 2]> =
        (0..nodes).flat_map(|second| (0..second).map(move |first| [first, second])).collect();
    let fixed: usize = permutations
        .iter()
        .map(|permutation| {
            let image_of_pair = |pair: usize| {
                let mut image = pairs[pair].map(|node| permutation[node]);
                image.sort_unstable();
                pairs.iter().position(|&known| known == image).unwrap()
            };
            let mut weights: Vec<usize> =
                cycles(nodes, |node| permutation[node]).iter().map(|size| 2 * size).collect();
            weights.extend(cycles(pairs.len(), image_of_pair));
            choices_up_to(weight, &weights)
        })
        .sum();
    assert_eq!(fixed % permutations.len(), 0);
    fixed / permutations.len()
}

/// Number of vectors n ≥ 0 with Σ n_i weights_i ≤ most.
fn choices_up_to(most: usize, weights: &[usize]) -> usize {
    match weights {
        [] => 1,
        [first, rest @ ..] => (0..=most / first).map(|count| choices_up_to(most - count * first, rest)).sum(),
    }
}

fn cycles(count: usize, image: impl Fn(usize) -> usize) -> Vec<usize> {
    let mut seen = vec![false; count];
    let mut sizes = Vec::new();
    for start in 0..count {
        let mut size = 0;
        let mut next = start;
        while !seen[next] {
            seen[next] = true;
            size += 1;
            next = image(next);
        }
        if size > 0 {
            sizes.push(size);
        }
    }
    sizes
}

fn permutations(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = permutations(count - 1);
    let insert = |place: usize| {
        shorter.iter().map(move |permutation| {
            let mut longer = permutation.clone();
            longer.insert(place, count - 1);
            longer
        })
    };
    (0..count).flat_map(insert).collect()
}

#[test]
fn every_multigraph_is_a_basis_function_once() {
    for &(level, ref basis) in BASES.iter() {
        assert_eq!(basis.scalar_moments().len(), count_by_burnside(level), "level {level}");
    }
    assert_eq!((count_by_burnside(20), count_by_burnside(24), count_by_burnside(28)), (288, 864, 2455));
}

#[test]
fn nothing_is_made_in_vain_and_the_order_is_that_of_the_files() {
    for &(level, ref basis) in BASES.iter() {
        let mut used: HashSet<u32> = basis.scalar_moments().iter().copied().collect();
        used.extend(basis.products().iter().flat_map(|product| [product.left, product.right]));
        assert_eq!(used.len(), basis.moments_count(), "level {level}");
        let keys: Vec<_> = basis
            .basic()
            .iter()
            .map(|moment| (moment.mu, moment.rank(), moment.powers.map(|power| 255 - power)))
            .collect();
        assert!(keys.is_sorted(), "level {level}");
        assert!(basis.products().iter().all(|product| product.factor > 0), "level {level}");
    }
}

#[test]
fn the_same_level_gives_the_same_tables() {
    assert_eq!(moment_basis(18).unwrap(), moment_basis(18).unwrap());
    assert_eq!(moment_basis(17).unwrap(), moment_basis(16).unwrap());
}

#[test]
fn the_smallest_tables_are_as_written_by_hand() {
    let basis = moment_basis(6).unwrap();
    let basic: Vec<(u16, [u8; 3])> = basis.basic().iter().map(|moment| (moment.mu, moment.powers)).collect();
    assert_eq!(basic, [(0, [0, 0, 0]), (0, [1, 0, 0]), (0, [0, 1, 0]), (0, [0, 0, 1]), (1, [0, 0, 0])]);
    let products: Vec<(u32, u32, i32, u32)> =
        basis.products().iter().map(|entry| (entry.left, entry.right, entry.factor, entry.target)).collect();
    assert_eq!(products, [(1, 1, 1, 5), (2, 2, 1, 5), (3, 3, 1, 5), (0, 0, 1, 6), (0, 6, 1, 7)]);
    assert_eq!(basis.scalar_moments(), [0, 6, 4, 5, 7]);
}

#[test]
fn levels_outside_the_range_are_refused() {
    for level in [0, 1, 29, usize::MAX] {
        let error = moment_basis(level).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument);
        assert_eq!(error.to_string(), format!("expected a level from 2 to 28, got {level}"));
    }
}

#[test]
fn untrained_potentials_carry_level_and_elements() {
    let species = Species::named(&["Mg", "V", "O"]).unwrap();
    let potential = Potential::untrained(16, species, 1.5, 6.0, 8).unwrap();
    assert_eq!((potential.name(), potential.tag()), ("MTP16", "Mg V O"));
    assert!(!potential.is_trained());
    assert_eq!(potential.parameter_layout().len(), 383);
    let unnamed = Potential::untrained(8, Species::unnamed(2), 1.5, 6.0, 8).unwrap();
    assert_eq!(unnamed.tag(), "");
}
