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

/// Rules that are no levels.
const RULES: [&str; 8] =
    ["16-210", "22-4321", "16-420", "10-321-w1.1", "18-0.2-w2.3", "12-7-t2", "14-210-t5", "18-1.0.1.3"];

/// The bases of all even levels and of other rules, with the rule.
fn all_bases() -> impl Iterator<Item = (BasisRule, MomentBasis)> {
    let levels = BASES.iter().map(|(level, basis)| (BasisRule::of_level(*level).unwrap(), basis.clone()));
    levels.chain(RULES.iter().map(|text| {
        let rule: BasisRule = text.parse().unwrap();
        let basis = moment_basis_of(&rule).unwrap();
        (rule, basis)
    }))
}

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
    for (rule, basis) in all_bases() {
        let neighborhood = Neighborhood::random(5, rule.radial_functions(), rule.level() as u64);
        let values = by_products(&basis, &neighborhood);
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
            assert!(error < 1e-13, "{rule}, parts {parts:?}: {value} instead of {product}");
        }
    }
}

#[test]
fn basis_functions_do_not_change_under_rotation() {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    for (rule, basis) in all_bases() {
        let neighborhood = Neighborhood::random(7, rule.radial_functions(), 100 + rule.level() as u64);
        let rotated =
            neighborhood.rotated(&rotation(unit_vector(&mut random), random.random_range(0.5..3.0)));
        let pairs = by_products(&basis, &neighborhood).into_iter().zip(by_products(&basis, &rotated));
        for (number, (before, after)) in pairs.enumerate() {
            let error = (before - after).abs() / before.abs();
            // Largest measured: 3.6e-15.
            assert!(error < 1e-12, "{rule}, function {number}: {before} became {after}");
        }
    }
}

#[test]
fn basis_functions_are_distinct() {
    for (rule, basis) in all_bases() {
        let neighborhood = Neighborhood::random(6, rule.radial_functions(), 200 + rule.level() as u64);
        let mut values = by_products(&basis, &neighborhood);
        values.sort_by(f64::total_cmp);
        for pair in values.windows(2) {
            let gap = (pair[1] - pair[0]) / pair[1].abs();
            // Smallest measured: 4e-7.
            assert!(gap > 1e-9, "{rule}: two functions have the value {}", pair[0]);
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

/// Number of basis functions without limits to the ranks by Burnside's lemma: colorings of the nodes with μ and of their
/// pairs with multiplicities, up to permutations of the nodes. A node counts 2, a μ w_μ, an edge 2 w_ν levels.
fn count_by_burnside(level: usize, weights: [usize; 2], tensors: usize) -> usize {
    (1..=tensors)
        .filter(|&nodes| 2 * nodes <= level)
        .map(|nodes| orbits(nodes, level - 2 * nodes, weights))
        .sum()
}

fn orbits(nodes: usize, weight: usize, [mu_weight, rank_weight]: [usize; 2]) -> usize {
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
                cycles(nodes, |node| permutation[node]).iter().map(|size| mu_weight * size).collect();
            weights.extend(cycles(pairs.len(), image_of_pair).iter().map(|size| 2 * rank_weight * size));
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
        let count = count_by_burnside(level, [4, 1], 4);
        assert_eq!(basis.scalar_moments().len(), count, "level {level}");
    }
    assert_eq!([20, 24, 28].map(|level| count_by_burnside(level, [4, 1], 4)), [288, 864, 2455]);
    for (level, weights, tensors) in
        [(12, [4, 1], 5), (14, [2, 1], 3), (9, [1, 1], 4), (15, [3, 2], 5), (20, [5, 3], 1)]
    {
        let rule = BasisRule::new(level, weights, None, tensors).unwrap();
        let count = count_by_burnside(level, weights, tensors);
        assert_eq!(moment_basis_of(&rule).unwrap().scalar_moments().len(), count, "{rule}");
    }
}

/// Graphs and multisets of them that a rule has.
fn functions_of(rule: &BasisRule) -> HashSet<Vec<Graph>> {
    let connected = scalars::connected_graphs(rule).unwrap();
    let functions = scalars::basis_functions(rule, &connected).unwrap();
    let of = |parts: &Vec<usize>| {
        let mut graphs: Vec<Graph> = parts.iter().map(|&part| connected[part].clone()).collect();
        graphs.sort_by_key(|graph| (graph.len(), graph.sort_key()));
        graphs
    };
    functions.iter().map(of).collect()
}

#[test]
fn limits_to_the_ranks_take_just_the_functions_with_higher_ones() {
    for (level, weights, ranks) in
        [(18, [4, 1], &[3, 2, 1][..]), (16, [4, 1], &[2]), (14, [2, 1], &[1, 3]), (10, [1, 1], &[4, 2, 2, 0])]
    {
        let whole = functions_of(&BasisRule::new(level, weights, None, 4).unwrap());
        let limited = functions_of(&BasisRule::new(level, weights, Some(ranks), 4).unwrap());
        let allowed = |graph: &Graph| {
            (0..graph.len()).all(|node| {
                ranks.get(usize::from(graph.colors()[node])).is_some_and(|&rank| graph.degree(node) <= rank)
            })
        };
        let expected: HashSet<Vec<Graph>> =
            whole.iter().filter(|graphs| graphs.iter().all(allowed)).cloned().collect();
        assert!(expected.len() < whole.len());
        assert_eq!(limited, expected);
    }
}

#[test]
fn rules_are_read_as_they_are_written() {
    for text in [
        "16",
        "22-4321",
        "14-43210-w1.1",
        "22-321-t5",
        "26-10.8.6",
        "40-12.",
        "16-420",
        "9-2-w3.2-t1",
        "30-1.2",
        "18-2.0.3-t3",
    ] {
        let rule: BasisRule = text.parse().unwrap();
        assert_eq!(rule.to_string(), text);
        assert_eq!(rule.to_string().parse::<BasisRule>().unwrap(), rule);
    }
    // Other ways to write the same.
    for (text, same) in
        [("16-6420", "16"), ("16-t4", "16"), ("16-4.2", "16-42"), ("14-w4.1-t3", "14-5310-t3")]
    {
        assert_eq!(text.parse::<BasisRule>().unwrap().to_string(), same);
    }
    assert_eq!("40-12.".parse::<BasisRule>().unwrap().ranks(), [12]);
    for text in
        ["", "a", "16-", "16-4a", "16-x3", "16-t4-w4.1", "16-421-t4-t5", "16-w4", "16--t4", "-16", "16-4..2"]
    {
        let message = text.parse::<BasisRule>().unwrap_err().to_string();
        assert_eq!(
            message,
            format!(
                "expected a moment table: tiny, small, medium, large, or such as 16, 22-4321 or 14-43210-w1.1-t5, got {text}"
            )
        );
    }
}

#[test]
fn recommended_tables_are_found_by_their_names() {
    for table in RECOMMENDED {
        let rule: BasisRule = table.name.parse().unwrap();
        assert_eq!(rule.to_string(), table.table, "{} is named by its own rule", table.name);
        assert_eq!(RecommendedTable::of(&rule), Some(table));
    }
    assert_eq!(RecommendedTable::named("16"), None);
    assert_eq!(RecommendedTable::of(&BasisRule::of_level(16).unwrap()), None);
}

/// A name never gets another meaning.
#[test]
fn recommended_tables_stay_what_they_are() {
    let tables = RECOMMENDED.map(|table| (table.name, table.table));
    assert_eq!(
        tables,
        [("tiny", "16-210"), ("small", "14-3210-w1.1"), ("medium", "20-44200"), ("large", "24-6420")]
    );
}

#[test]
fn rules_out_of_range_are_refused() {
    for (text, message) in [
        ("30", "expected a level from 2 to 28, got 30"),
        ("61-4321", "expected a level from 2 to 60, got 61"),
        ("16-6420-w21.1", "expected a weight of μ from 0 to 20, got 21"),
        ("16-6420-w4.0", "expected a weight of the rank from 1 to 10, got 0"),
        ("16-6420-t6", "expected a number of tensors from 1 to 5, got 6"),
        ("16-6420-t0", "expected a number of tensors from 1 to 5, got 0"),
        ("16-13.2", "expected a rank from 0 to 12, got 13"),
        ("40-t2", "expected a rank from 0 to 12, got 18"),
        ("16-1111111111111-w1.1", "expected 1 to 12 radial functions, got 13"),
        ("16-w0.1", "expected 1 to 12 radial functions, got more"),
        ("17", "expected an even level, got 17"),
        ("30-12", "expected ranks that do not ascend, got 12"),
        (
            "10-3210",
            "expected ranks for at most 3 radial functions, got 4: M[3] alone has level 14, above 10",
        ),
    ] {
        let error = text.parse::<BasisRule>().unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Argument, message), "{text}");
    }
    let rule: BasisRule = "40-12.".parse().unwrap();
    let message = moment_basis_of(&rule).unwrap_err().message().to_owned();
    assert!(message.starts_with("expected a smaller moment table: "), "{message}");
    for text in ["60-444444444444-w0.1-t5", "48-12.12.12-t5"] {
        let rule: BasisRule = text.parse().unwrap();
        let message = moment_basis_of(&rule).unwrap_err().message().to_owned();
        assert_eq!(message, "expected at most 6000 basis functions, got more");
    }
}

#[test]
fn nothing_is_made_in_vain_and_the_order_is_that_of_the_files() {
    for (rule, basis) in all_bases() {
        let mut used: HashSet<u32> = basis.scalar_moments().iter().copied().collect();
        used.extend(basis.products().iter().flat_map(|product| [product.left, product.right]));
        assert_eq!(used.len(), basis.moments_count(), "{rule}");
        let keys: Vec<_> = basis
            .basic()
            .iter()
            .map(|moment| (moment.mu, moment.rank(), moment.powers.map(|power| 255 - power)))
            .collect();
        assert!(keys.is_sorted(), "{rule}");
        assert!(basis.products().iter().all(|product| product.factor > 0), "{rule}");
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
