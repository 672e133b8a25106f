//! A quick model of the forces, by which energies and virials are judged: pair potentials, linear in their coefficients.
//!
//! E = ½ Σ φ_ab(r), with φ_ab a sum of [`FUNCTIONS`] Chebyshev polynomials times (1 − r/cutoff)². It is fitted to forces
//! alone; configurations whose forces are of another size than those of most are left out and fitted without. Per
//! configuration it needs sums over pairs only, so that data streams.

use std::collections::BTreeMap;

use faer::Mat;
use faer::linalg::solvers::SolveLstsq;
use mtprs_core::geometry::Vector3;

use super::record::{REACH, Record};
use crate::statistics::median;

/// Functions of each pair of species.
pub(super) const FUNCTIONS: usize = 6;
/// Distance at which the polynomials begin, Å; they go on below.
const BEGIN: f64 = 1.0;
/// Pairs of species up to which the model is made; above it would take longer than reading.
const MOST_PAIRS: usize = 120;
/// Penalty on coefficients beside the mean of the diagonal.
const PENALTY: f64 = 1e-6;
/// Rounds of leaving out forces whose projection on the model is this factor from the middle.
const ROUNDS: usize = 4;
const FACTOR: f64 = 4.0;
/// Mean square force, (eV/Å)², from which forces say anything.
const LEAST_FORCE: f64 = 1e-12;

/// Projections of forces on the model that say it describes them, and the share of configurations that have such.
pub(super) const DESCRIBED: [f64; 2] = [0.4, 1.6];
const DESCRIBED_SHARE: f64 = 0.75;

type Functions = [f64; FUNCTIONS];
/// Species of a pair, the smaller first.
pub(super) type Pair = (u32, u32);

/// Sums of one configuration over the pairs of two species.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PairSums {
    /// ½ Σ φ.
    energy: [f32; FUNCTIONS],
    /// −½ Σ r_a r_b φ' / r, the virial: xx yy zz yz xz xy.
    virial: [[f32; FUNCTIONS]; 6],
    /// Σ F_i · ∂F_i/∂coefficients.
    forces: [f32; FUNCTIONS],
}

impl PairSums {
    /// Multiplies the forces.
    pub(super) fn scale_forces(&mut self, factor: f64) {
        self.forces = self.forces.map(|sum| factor as f32 * sum);
    }
}

/// Sums of an atom over its neighbors of one species: the force on it, by function and direction.
type Gradients = BTreeMap<Pair, [Vector3; FUNCTIONS]>;

/// [`PairSums`] while they are summed.
#[derive(Debug, Default)]
struct LongSums {
    energy: Functions,
    virial: [Functions; 6],
    forces: Functions,
}

/// Sums of one configuration while its pairs are visited.
#[derive(Debug, Default)]
pub(super) struct Sums {
    pairs: BTreeMap<Pair, LongSums>,
    gradients: Gradients,
}

impl Sums {
    /// Adds a neighbor of an atom, seen from that atom.
    pub(super) fn add(&mut self, pair: Pair, displacement: &Vector3, distance: f64) {
        let (values, derivatives) = functions(distance);
        let LongSums { energy, virial, .. } = self.pairs.entry(pair).or_default();
        let [x, y, z] = *displacement;
        let products = [x * x, y * y, z * z, y * z, x * z, x * y];
        let gradients = self.gradients.entry(pair).or_default();
        for k in 0..FUNCTIONS {
            energy[k] += 0.5 * values[k];
            let slope = derivatives[k] / distance;
            for (sums, product) in virial.iter_mut().zip(products) {
                sums[k] -= 0.5 * slope * product;
            }
            for (sum, component) in gradients[k].iter_mut().zip(displacement) {
                *sum += slope * component;
            }
        }
    }

    /// Ends an atom, whose neighbors are all added, with the force on it.
    pub(super) fn end_atom(&mut self, force: Option<&Vector3>, equations: &mut Equations) {
        let gradients = std::mem::take(&mut self.gradients);
        let Some(force) = force else { return };
        for (pair, by_function) in &gradients {
            let LongSums { forces, .. } = self.pairs.entry(*pair).or_default();
            for (sum, gradient) in forces.iter_mut().zip(by_function) {
                *sum += gradient.iter().zip(force).map(|(a, b)| a * b).sum::<f64>();
            }
        }
        equations.add(&gradients);
    }

    /// The sums in the form in which they are kept.
    pub(super) fn finish(self) -> Vec<(Pair, PairSums)> {
        let short = |sums: Functions| sums.map(|sum| sum as f32);
        let kept = |sums: LongSums| PairSums {
            energy: short(sums.energy),
            virial: sums.virial.map(short),
            forces: short(sums.forces),
        };
        self.pairs.into_iter().map(|(pair, sums)| (pair, kept(sums))).collect()
    }
}

/// Functions and their derivatives (1/Å) at a distance, Å.
fn functions(distance: f64) -> (Functions, Functions) {
    let scale = 2.0 / (REACH - BEGIN);
    let x = (scale * (distance - BEGIN) - 1.0).max(-1.2);
    let (mut values, mut slopes) = ([1.0; FUNCTIONS], [0.0; FUNCTIONS]);
    (values[1], slopes[1]) = (x, 1.0);
    for k in 2..FUNCTIONS {
        values[k] = 2.0 * x * values[k - 1] - values[k - 2];
        slopes[k] = 2.0 * values[k - 1] + 2.0 * x * slopes[k - 1] - slopes[k - 2];
    }
    let smooth = (1.0 - distance / REACH).powi(2);
    let smooth_slope = -2.0 * (1.0 - distance / REACH) / REACH;
    let derivatives = std::array::from_fn(|k| scale * slopes[k] * smooth + values[k] * smooth_slope);
    (values.map(|value| value * smooth), derivatives)
}

/// Normal equations of all forces: products of the gradients, by two pairs of species.
#[derive(Debug, Default)]
pub(super) struct Equations(BTreeMap<(Pair, Pair), [Functions; FUNCTIONS]>);

impl Equations {
    fn add(&mut self, gradients: &Gradients) {
        for (pair, rows) in gradients {
            for (other, columns) in gradients.range(..=*pair) {
                let block = self.0.entry((*pair, *other)).or_default();
                for (row, sums) in rows.iter().zip(block) {
                    for (column, sum) in columns.iter().zip(sums) {
                        *sum += row.iter().zip(column).map(|(a, b)| a * b).sum::<f64>();
                    }
                }
            }
        }
    }

    /// The matrix with its penalty, by places of pairs.
    fn matrix(&self, places: &BTreeMap<Pair, usize>) -> Mat<f64> {
        let size = FUNCTIONS * places.len();
        let mut matrix = Mat::<f64>::zeros(size, size);
        for ((pair, other), block) in &self.0 {
            let (Some(first), Some(second)) = (places.get(pair), places.get(other)) else { continue };
            for (row, sums) in block.iter().enumerate() {
                for (column, sum) in sums.iter().enumerate() {
                    matrix[(FUNCTIONS * first + row, FUNCTIONS * second + column)] = *sum;
                    matrix[(FUNCTIONS * second + column, FUNCTIONS * first + row)] = *sum;
                }
            }
        }
        let mean = (0..size).map(|k| matrix[(k, k)]).sum::<f64>() / (size as f64).max(1.0);
        (0..size).for_each(|k| matrix[(k, k)] += PENALTY * mean);
        matrix
    }
}

/// Fitted pair potentials.
#[derive(Debug)]
pub(super) struct PairModel {
    coefficients: BTreeMap<Pair, Functions>,
    /// Middle of the projections of forces on the model.
    middle: f64,
}

impl PairModel {
    /// Fits the forces of most configurations; `None` where there are too few or too many species.
    pub(super) fn fit(records: &[Record], equations: &Equations) -> Option<Self> {
        let pairs = records.iter().flat_map(|record| &record.pairs).map(|(pair, _)| (*pair, 0));
        let mut places: BTreeMap<Pair, usize> = pairs.collect();
        places.values_mut().enumerate().for_each(|(place, value)| *value = place);
        if places.is_empty() || places.len() > MOST_PAIRS {
            return None;
        }
        let solver = equations.matrix(&places).qr();
        let telling: Vec<&Record> = records.iter().filter(|record| tells(record)).collect();
        let mut kept = telling.clone();
        let mut found = None;
        for _ in 0..ROUNDS {
            let mut right = Mat::<f64>::zeros(FUNCTIONS * places.len(), 1);
            for (pair, sums) in kept.iter().flat_map(|record| &record.pairs) {
                for (k, sum) in sums.forces.iter().enumerate() {
                    right[(FUNCTIONS * places[pair] + k, 0)] += f64::from(*sum);
                }
            }
            let solution = solver.solve_lstsq(&right);
            let of_pair = |place: usize| std::array::from_fn(|k| solution[(FUNCTIONS * place + k, 0)]);
            let coefficients: BTreeMap<Pair, Functions> =
                places.iter().map(|(pair, place)| (*pair, of_pair(*place))).collect();
            let mut model = Self { coefficients, middle: 1.0 };
            let projection = |record: &&Record| model.projection(record);
            let projections: Vec<f64> = telling.iter().filter_map(projection).collect();
            model.middle = median(&projections);
            if !(model.middle.is_finite() && model.middle > 0.0) {
                return None;
            }
            let is_like = |record: &&Record| {
                model
                    .projection(record)
                    .is_some_and(|projection| (1.0 / FACTOR..FACTOR).contains(&projection))
            };
            kept = telling.iter().copied().filter(is_like).collect();
            found = Some(model);
        }
        found
    }

    /// Energy per atom as the forces suggest it, eV, from an origin of its own.
    pub(super) fn energy_per_atom(&self, record: &Record) -> f64 {
        self.sum(record, |sums| &sums.energy) / record.atoms()
    }

    /// A third of the trace of the virial per atom as the forces suggest it, eV.
    pub(super) fn virial_per_atom(&self, record: &Record) -> f64 {
        let [xx, yy, zz, ..] = self.virial_components_per_atom(record);
        (xx + yy + zz) / 3.0
    }

    /// The virial per atom as the forces suggest it, eV: xx yy zz yz xz xy.
    pub(super) fn virial_components_per_atom(&self, record: &Record) -> [f64; 6] {
        std::array::from_fn(|k| self.sum(record, |sums| &sums.virial[k]) / record.atoms())
    }

    /// Forces of the model by those of the configuration, projected on these, in units of the middle of all: one where
    /// the model is right, 51 for forces in Ha/bohr among others in eV/Å.
    pub(super) fn projection(&self, record: &Record) -> Option<f64> {
        let square = record.forces?.mean_square * record.atoms();
        tells(record).then(|| self.sum(record, |sums| &sums.forces) / square / self.middle)
    }

    /// Whether the model describes the forces of most of these configurations.
    pub(super) fn describes(&self, records: &[&Record]) -> bool {
        let is_described = |record: &&&Record| {
            self.projection(record).is_some_and(|p| (DESCRIBED[0]..DESCRIBED[1]).contains(&p))
        };
        records.iter().filter(is_described).count() as f64 >= DESCRIBED_SHARE * records.len() as f64
    }

    fn sum(&self, record: &Record, of: impl Fn(&PairSums) -> &[f32; FUNCTIONS]) -> f64 {
        let product = |(pair, sums): &(Pair, PairSums)| {
            let coefficients = self.coefficients.get(pair).copied().unwrap_or_default();
            of(sums).iter().zip(coefficients).map(|(sum, c)| f64::from(*sum) * c).sum::<f64>()
        };
        record.pairs.iter().map(product).sum()
    }
}

fn tells(record: &Record) -> bool {
    record.forces.is_some_and(|forces| forces.mean_square > LEAST_FORCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_are_those_of_the_functions() {
        let step = 1e-5;
        for distance in [1.1, 2.3, 4.9] {
            let (_, derivatives) = functions(distance);
            let (above, below) = (functions(distance + step).0, functions(distance - step).0);
            for k in 0..FUNCTIONS {
                let difference = (above[k] - below[k]) / (2.0 * step);
                assert!((difference - derivatives[k]).abs() < 1e-8, "{k} {distance}");
            }
        }
    }
}
