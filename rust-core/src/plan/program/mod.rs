//! The schedule of contractions in the order and the packing in which the kernel runs it.
//!
//! All numbers live in one array of blocks: the values of moments and of their scaled copies ([`copies`]), a zero, and
//! then as many adjoints. Forward and backward are the same thing, sums of products of two blocks ([`quads`]), forward
//! T = Σ M·M', backward D\[M\] += Σ D\[T\]·M'; between them stands the energy, a quadratic form ([`quadratic`]).

pub(crate) mod blocks;
mod copies;
pub(crate) mod quadratic;
pub(crate) mod quads;
mod relations;
pub(crate) mod sums;

use super::contractions::{Contractions, Term};
use super::sphere::SphereMoments;
use crate::error::{Error, ErrorKind, Result};
use blocks::Offset;
use copies::Copies;
use quadratic::QuadraticForm;
use quads::{Output, Products};
use relations::relations;
use sums::Sums;

/// Blocks that the targets of a tile and their factors take together: small enough to be found in L1 more often than not,
/// large enough that quads have the same numbers of columns in long runs. Measured: 400 and 2000 are up to 4 % slower.
const TILE_BLOCKS: usize = 1000;

/// What the kernel runs. All block numbers in it are below [`blocks`](Self::blocks).
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// Blocks of values, the last of them zero; as many for adjoints follow.
    values: usize,
    stages: Vec<Stage>,
    /// What only the energy reads, formed after all stages, forward only.
    scalars: Products,
    energy: QuadraticForm,
    /// Adjoints that are not rows of the quadratic form.
    cleared: Vec<Offset>,
    multiply_adds: usize,
}

/// One depth of the schedule: all that needs only what the stages before have made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stage {
    /// Made before the products.
    pub(crate) sums: Sums,
    pub(crate) forward: Products,
    pub(crate) reverse: Products,
}

impl Program {
    /// Errors: more moments than an [`Offset`] can tell apart.
    pub(crate) fn new(sphere: &SphereMoments, schedule: &Contractions) -> Result<Self> {
        let mut lists: Vec<(u32, &[Term])> = schedule.lists().collect();
        let depths = depths(schedule.moments_count, &lists);
        let scalars = lists.split_off(lists.len() - schedule.scalars);
        let relations = relations(sphere, &lists);
        let summands = relations.iter().map(|relation| relation.summands.len()).sum::<usize>();
        let mut is_sum = vec![false; schedule.moments_count];
        relations.iter().for_each(|relation| is_sum[relation.target as usize] = true);
        lists.retain(|list| !is_sum[list.0 as usize]);
        let products = lists.iter().chain(&scalars).flat_map(|list| list.1);
        let copies = Copies::new(products, schedule.moments_count);
        let values = schedule.moments_count + copies.len() + 1;
        if 2 * values > Offset::LIMIT {
            let message = format!("{values} moments, expected less than {}", Offset::LIMIT / 2);
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let mut sums = vec![Vec::new(); 1 + depths.iter().max().copied().unwrap_or(0)];
        for extension in &sphere.extensions {
            let [first, second] = extension.minus;
            sums[0].push((extension.target, vec![(extension.plus, 1.0), (first, -1.0), (second, -1.0)]));
        }
        for relation in relations {
            sums[1].push((relation.target, relation.summands));
        }
        for (copy, moment, factor) in copies.iter() {
            sums[depths[moment as usize]].push((copy, vec![(moment, factor)]));
        }
        let mut stages: Vec<Stage> =
            sums.iter().map(|sums| Stage { sums: Sums::new(sums, values), ..Stage::default() }).collect();
        let zero = values as u32 - 1;
        let output = |list: &(u32, &[Term])| Output {
            block: list.0,
            pairs: list.1.iter().map(|term| copies.factors(term)).collect(),
        };
        for (depth, stage) in stages.iter_mut().enumerate() {
            let outputs = lists.iter().filter(|list| depths[list.0 as usize] == depth + 1).map(output);
            for tile in tiles(outputs, values) {
                stage.forward.extend(&tile, zero);
                stage.reverse.extend(&reversed(&tile, values), zero);
            }
        }
        let mut formed_last = Products::default();
        for tile in tiles(scalars.iter().map(output), values) {
            formed_last.extend(&tile, zero);
        }
        let energy = if scalars.is_empty() {
            QuadraticForm::new(&schedule.energy_terms, zero)
        } else {
            let mut form = QuadraticForm::of_scalars(&scalars, zero);
            form.set_coefficients(&schedule.scalar_coefficients());
            form
        };
        let cleared = cleared(&energy, schedule, values);
        let count = |lists: &[(u32, &[Term])]| lists.iter().map(|list| list.1.len()).sum::<usize>();
        let products = 3 * count(&lists) + count(&scalars);
        let multiply_adds = products + 2 * summands + energy.multiply_adds() + 4 * sphere.extensions.len();
        Ok(Self { values, stages, scalars: formed_last, energy, cleared, multiply_adds })
    }

    /// Multiply-adds for one atom: each product once forward and, but for those of scalars, twice backward, each summand
    /// of a dependent target or an extended moment once and once, the weights of the quadratic form. Scaled copies,
    /// which stand for the factors of products, and places that stay empty in fours are not counted.
    pub(crate) fn multiply_adds(&self) -> usize {
        self.multiply_adds
    }

    /// Number of blocks of the array.
    pub(crate) fn blocks(&self) -> usize {
        2 * self.values
    }

    /// Where the adjoints begin.
    pub(crate) fn adjoints(&self) -> usize {
        self.values
    }

    pub(crate) fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// Takes up ξ of each moment that only the energy reads; of a symbolic schedule.
    pub(crate) fn set_coefficients(&mut self, coefficients: &[f64]) {
        self.energy.set_coefficients(coefficients);
    }

    pub(crate) fn scalars(&self) -> &Products {
        &self.scalars
    }

    pub(crate) fn energy(&self) -> &QuadraticForm {
        &self.energy
    }

    pub(crate) fn cleared(&self) -> &[Offset] {
        &self.cleared
    }
}

/// The adjoints that begin at zero: those that the energy does not set.
fn cleared(energy: &QuadraticForm, schedule: &Contractions, values: usize) -> Vec<Offset> {
    let mut is_row = vec![false; values];
    for moment in energy.rows.iter().flat_map(|rows| rows.numbers()) {
        is_row[moment as usize] = true;
    }
    // Scalars have no adjoints: the energy reads their products, not them.
    let has_adjoint = |block| !(schedule.first_scalar()..schedule.moments_count).contains(&block);
    let blocks = (0..values).filter(|&block| !is_row[block] && has_adjoint(block));
    blocks.map(|block| Offset::new((values + block) as u32)).collect()
}

/// How many products stand one behind the other in a moment, at most.
fn depths(moments_count: usize, lists: &[(u32, &[Term])]) -> Vec<usize> {
    let mut depths = vec![0; moments_count];
    for &(target, terms) in lists {
        let factors = terms.iter().flat_map(|term| [term.left, term.right]);
        depths[target as usize] = 1 + factors.map(|factor| depths[factor as usize]).max().unwrap_or(0);
    }
    depths
}

/// Successive outputs that take few blocks together.
fn tiles(outputs: impl Iterator<Item = Output>, values: usize) -> Vec<Vec<Output>> {
    let mut tiles: Vec<Vec<Output>> = Vec::new();
    let mut tile_of = vec![0; values];
    let mut blocks = TILE_BLOCKS;
    for output in outputs {
        if blocks >= TILE_BLOCKS {
            tiles.push(Vec::new());
            blocks = 0;
        }
        let number = tiles.len();
        for &block in output.pairs.as_flattened().iter().chain([&output.block]) {
            blocks += usize::from(tile_of[block as usize] != number);
            tile_of[block as usize] = number;
        }
        tiles.last_mut().expect("the first output begins a tile").push(output);
    }
    tiles
}

/// The adjoints of all factors: D\[M\] += D\[T\] · M' for each T = M · M'.
fn reversed(outputs: &[Output], values: usize) -> Vec<Output> {
    let adjoint = |block: u32| values as u32 + block;
    let mut uses: Vec<(u32, [u32; 2])> = Vec::new();
    for output in outputs {
        for &[first, second] in &output.pairs {
            uses.push((adjoint(first), [adjoint(output.block), second]));
            uses.push((adjoint(second), [adjoint(output.block), first]));
        }
    }
    uses.sort_unstable();
    let by_factor = uses.chunk_by(|a, b| a.0 == b.0);
    by_factor
        .map(|uses| Output { block: uses[0].0, pairs: uses.iter().map(|used| used.1).collect() })
        .collect()
}
