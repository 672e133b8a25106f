//! Directions of the parameters that no row of a training set supports, in words a user can act on.
//!
//! Row k of the active set that is still a multiple of a unit vector belongs to column k of A⁻¹: a direction of θ that
//! changes nothing on the training set. Some directions change nothing on any atoms whatever, because basis functions
//! depend on each other and radial coefficients scale against moment coefficients; random neighborhoods tell them apart.

use mtprs_core::Error;
use mtprs_core::evaluate::{GradientEvaluator, Wanted};
use mtprs_core::geometry::{Cell, Configuration};
use mtprs_core::potential::{ParameterLayout, Potential};
use mtprs_core::selection::{RowSource, SelectionState};
use serde::Serialize;

/// Part of the largest entry from which an entry of a direction is named.
const NAMED: f64 = 1e-4;
/// |b · v| relative to Σ |b_p v_p| up to which a direction changes nothing: entries of A⁻¹ are known to about 1e-8.
const NOTHING: f64 = 1e-6;
/// Pairs that are named; of more only the number is.
const MOST_PAIRS: usize = 2;
/// Random neighborhoods for each species, and the neighbors in each.
const NEIGHBORHOODS: usize = 12;
const NEIGHBORS: usize = 14;

/// Why a direction is not supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// No row has anything but zero for these parameters: species or pairs do not occur.
    Absent,
    /// The training set does not tell these parameters apart, other atoms would.
    Open,
    /// No atoms whatever tell these parameters apart.
    Dependent,
}

/// Unsupported directions of one kind that concern the same parameters.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Direction {
    /// Why it is not supported.
    pub kind: Kind,
    /// How many directions.
    pub count: usize,
    /// Which parameters they concern.
    pub parameters: String,
}

/// Describes the unsupported directions of a state. Dependent ones are told from open ones only with the potential.
pub fn describe(
    state: &SelectionState,
    layout: &ParameterLayout,
    potential: Option<&Potential>,
) -> Result<Vec<Direction>, Error> {
    let words = Words { layout, state };
    // Absent species are directions of their own: with them, what depends on the others would not show.
    let present: Vec<u32> = (0..layout.species_coeffs().len())
        .filter(|species| !words.is_absent(layout.species_coeffs().start + species))
        .map(|species| species as u32)
        .collect();
    let probes = potential.map_or_else(|| Ok(Vec::new()), |potential| probes(potential, &present))?;
    let unsupported = (0..state.sources.len()).filter(|&k| state.sources[k] == RowSource::Unsupported);
    let mut directions: Vec<Direction> = Vec::new();
    for k in unsupported {
        let column = state.active_set.inverse_column(k);
        let scale = column.iter().fold(0.0, |largest: f64, entry| largest.max(entry.abs()));
        let named: Vec<usize> = (0..column.len()).filter(|&p| column[p].abs() > NAMED * scale).collect();
        let (kind, parameters) = if let [parameter] = named[..]
            && words.is_absent(parameter)
        {
            (Kind::Absent, words.block(parameter))
        } else if !probes.is_empty() && probes.iter().all(|row| changes_nothing(row, column)) {
            (Kind::Dependent, words.combination(&named))
        } else {
            (Kind::Open, words.combination(&named))
        };
        let same = |known: &&mut Direction| known.kind == kind && known.parameters == parameters;
        match directions.iter_mut().find(same) {
            Some(known) => known.count += 1,
            None => directions.push(Direction { kind, count: 1, parameters }),
        }
    }
    Ok(directions)
}

fn changes_nothing(row: &[f64], direction: &[f64]) -> bool {
    let terms = row.iter().zip(direction).map(|(x, y)| x * y);
    let (sum, size) = terms.fold((0.0, 0.0), |(sum, size), term| (sum + term, size + f64::abs(term)));
    f64::abs(sum) <= NOTHING * size
}

/// Parameters in words.
struct Words<'a> {
    layout: &'a ParameterLayout,
    state: &'a SelectionState,
}

impl Words<'_> {
    /// Whether no row that comes from a configuration has an entry for this parameter.
    fn is_absent(&self, parameter: usize) -> bool {
        let supported = |k: &usize| self.state.sources[*k] != RowSource::Unsupported;
        (0..self.state.sources.len())
            .filter(supported)
            .all(|k| self.state.active_set.row(k)[parameter] == 0.0)
    }

    /// The block of a parameter: the coefficients of a pair, of a species, of the moments.
    fn block(&self, parameter: usize) -> String {
        let species = &self.state.identity.species;
        let label = |index: usize| species.label(index);
        if self.layout.radial_coeffs().contains(&parameter) {
            let per_pair = self.layout.radial_coeffs().len() / (species.count() * species.count());
            let pair = parameter / per_pair;
            format!("radial_coeffs of {}-{}", label(pair / species.count()), label(pair % species.count()))
        } else if self.layout.species_coeffs().contains(&parameter) {
            format!("species_coeffs of {}", label(parameter - self.layout.species_coeffs().start))
        } else {
            "moment_coeffs".to_owned()
        }
    }

    /// The blocks that a direction mixes: "radial_coeffs of Mg-O, moment_coeffs", with many pairs only counted.
    fn combination(&self, parameters: &[usize]) -> String {
        let mut blocks: Vec<String> = Vec::new();
        for block in parameters.iter().map(|&parameter| self.block(parameter)) {
            if !blocks.contains(&block) {
                blocks.push(block);
            }
        }
        let pairs = blocks.iter().filter(|block| block.starts_with("radial_coeffs")).count();
        if pairs > MOST_PAIRS {
            blocks.drain(..pairs);
            blocks.insert(0, format!("radial_coeffs of {pairs} pairs"));
        }
        blocks.join(", ")
    }
}

/// Rows of random neighborhoods of each of these species.
fn probes(potential: &Potential, present: &[u32]) -> Result<Vec<Vec<f64>>, Error> {
    let mut evaluator = GradientEvaluator::new(potential)?;
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut rows = Vec::new();
    for &central in present {
        for _ in 0..NEIGHBORHOODS {
            let cluster = cluster(potential, central, present, &mut random)?;
            let atoms = evaluator.neighborhoods(&cluster)?;
            evaluator.site_gradients(&atoms, Wanted::default(), |center, row| {
                if center.atom == 0 {
                    rows.push(row.to_vec());
                }
            })?;
        }
    }
    Ok(rows)
}

/// An atom with neighbors in random directions at random distances between R_min and the cutoff.
fn cluster(
    potential: &Potential,
    central: u32,
    present: &[u32],
    random: &mut Random,
) -> Result<Configuration, Error> {
    let (nearest, cutoff) = (potential.radial_basis().min_dist(), potential.cutoff());
    let (mut species, mut positions) = (vec![central], vec![[0.0; 3]]);
    while positions.len() <= NEIGHBORS {
        let direction = [0; 3].map(|_| 2.0 * random.next() - 1.0);
        let length = direction.iter().map(|x| x * x).sum::<f64>().sqrt();
        if !(0.1..1.0).contains(&length) {
            continue;
        }
        let distance = nearest + (0.98 * cutoff - nearest) * random.next();
        species.push(present[(random.next() * present.len() as f64) as usize]);
        positions.push(direction.map(|x| x * distance / length));
    }
    Configuration::new(Cell::open(), species, positions)
}

/// Numbers from zero to one, the same in every run (xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}
