//! Which configurations look like consecutive frames of one run: of molecular dynamics, of a relaxation.
//!
//! Two neighbors in the files belong together if they have the same atoms in the same order, cells that differ by less than
//! a tenth, and atoms that hardly move from one to the other. They hardly move if they go on in one direction: with the
//! displacements d from frame to frame, independent samples have ⟨d·d′⟩ = −⟨d²⟩/2, since each goes back to where it
//! belongs, and samples with a correlation C have (C − 1)/2 times ⟨d²⟩. Belonging together begins at C = 3/4, where steps are
//! half as long as those between independent samples. Steps below 0.1 Å also count if they are less than half as long as the way between distant frames, as at the end of a relaxation.
//! One configuration and some few earlier ones are in memory.

use std::ops::Range;

use mtprs_core::geometry::{Configuration, Vector3, dot, norm};

/// Root of the mean square displacement from which configurations do not belong together, Å.
const FARTHEST: f64 = 1.0;
/// The same below which they may belong together in whatever direction atoms move, Å.
const NEAREST: f64 = 0.1;
/// Part of the way between distant frames that such a step has at most.
const SHORT: f64 = 0.5;
/// Largest relative difference of cell vectors.
const LARGEST_STRAIN: f64 = 0.1;
/// Distance of atoms, Å, that turns a strain into a displacement.
const BOND: f64 = 2.5;
/// ⟨d·d′⟩/⟨d²⟩ of samples with a correlation of 3/4.
const PERSISTENCE: f64 = -0.125;
/// Mean square displacement that is no more than rounding, Å².
const ROUNDING: f64 = 1e-6;
/// Numbers that such a mean is taken over, and the least that say anything.
const NUMBERS: (f64, f64) = (1000.0, 100.0);
/// Numbers that a mean over distant frames needs.
const DISTANT_NUMBERS: f64 = 48.0;

/// Consecutive frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trajectory {
    /// Places of its configurations, from zero.
    pub(super) places: Range<usize>,
    /// Frames after which the atoms have gone half of the mean square way that distant frames are apart.
    pub(super) correlated: usize,
}

/// Finds runs in configurations that come one after the other.
#[derive(Debug, Default)]
pub(super) struct Detector {
    runs: Vec<Trajectory>,
    count: usize,
    stretch: Option<Stretch>,
}

impl Detector {
    /// Takes in the next configuration.
    pub(super) fn add(&mut self, configuration: &Configuration) {
        let frame = Frame::new(configuration);
        let goes_on = self.stretch.as_mut().is_some_and(|stretch| stretch.add(&frame));
        if !goes_on {
            self.close();
            self.stretch = Some(Stretch::new(self.count, frame));
        }
        self.count += 1;
    }

    /// Runs of two and more frames, in their order.
    pub(super) fn finish(mut self) -> Vec<Trajectory> {
        self.close();
        self.runs
    }

    fn close(&mut self) {
        self.runs.extend(self.stretch.take().map(Stretch::runs).unwrap_or_default());
    }
}

/// Positions in the frame of the cell: the coordinates along periodic directions, and what is across them in Å.
#[derive(Clone, Debug)]
struct Frame {
    species: Vec<u32>,
    vectors: Vec<Vector3>,
    /// For each atom the coordinates by periodic direction.
    coordinates: Vec<Vector3>,
    across: Vec<Vector3>,
}

impl Frame {
    fn new(configuration: &Configuration) -> Self {
        let (vectors, duals) = (configuration.cell.vectors().to_vec(), configuration.cell.duals());
        let (mut coordinates, mut across) = (Vec::new(), Vec::new());
        for position in &configuration.positions {
            let (mut along, mut rest) = ([0.0; 3], *position);
            for ((coordinate, dual), vector) in along.iter_mut().zip(&duals).zip(&vectors) {
                *coordinate = dot(*position, *dual);
                add(&mut rest, -*coordinate, *vector);
            }
            coordinates.push(along);
            across.push(rest);
        }
        Self { species: configuration.species.clone(), vectors, coordinates, across }
    }

    /// Largest relative difference of a cell vector; infinite for other atoms or other periodic directions.
    fn strain(&self, other: &Self) -> f64 {
        if self.species != other.species || self.vectors.len() != other.vectors.len() {
            return f64::INFINITY;
        }
        let pairs = self.vectors.iter().zip(&other.vectors);
        pairs.map(|(a, b)| norm(difference(*a, *b)) / norm(*a)).fold(0.0, f64::max)
    }

    /// Displacements to another frame of the same atoms, each the shortest of all images.
    fn displacements(&self, other: &Self) -> Vec<Vector3> {
        let of_atom = |atom: usize| {
            let mut displacement = difference(other.across[atom], self.across[atom]);
            for (axis, vector) in self.vectors.iter().enumerate() {
                let along = other.coordinates[atom][axis] - self.coordinates[atom][axis];
                add(&mut displacement, along - along.round(), *vector);
            }
            displacement
        };
        (0..self.species.len()).map(of_atom).collect()
    }

    /// Mean square displacement to another frame of the same atoms, Å².
    fn apart(&self, other: &Self) -> f64 {
        mean_square(&self.displacements(other))
    }
}

fn add(sum: &mut Vector3, factor: f64, vector: Vector3) {
    sum.iter_mut().zip(vector).for_each(|(x, along)| *x += factor * along);
}

fn difference(a: Vector3, b: Vector3) -> Vector3 {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

fn mean_square(displacements: &[Vector3]) -> f64 {
    let sum: f64 = displacements.iter().map(|displacement| dot(*displacement, *displacement)).sum();
    sum / displacements.len().max(1) as f64
}

/// A mean square displacement over frames that are a number of steps apart.
#[derive(Clone, Debug, Default)]
struct Distant {
    /// The last frame whose number in the stretch is a multiple of the steps.
    last: Option<Frame>,
    sum: f64,
    pairs: usize,
}

impl Distant {
    fn mean(&self) -> f64 {
        self.sum / self.pairs.max(1) as f64
    }
}

/// Configurations of the same atoms in alike cells that are close to each other, one after the other.
#[derive(Debug)]
struct Stretch {
    first: usize,
    start: Frame,
    previous: Frame,
    /// Displacements to the previous frame from the one before.
    displacements: Vec<Vector3>,
    /// Mean square displacement of each step, Å²: of atoms, and with that of the cell.
    steps: Vec<[f64; 2]>,
    /// Mean d·d′ of each frame between two steps, Å².
    products: Vec<f64>,
    /// Frames 2, 4, 8 … steps apart.
    distant: Vec<Distant>,
}

impl Stretch {
    fn new(first: usize, frame: Frame) -> Self {
        let (displacements, steps, products) = (Vec::new(), Vec::new(), Vec::new());
        let (start, previous) = (frame.clone(), frame);
        Self { first, start, previous, displacements, steps, products, distant: Vec::new() }
    }

    /// Takes in the next configuration unless it is of another kind.
    fn add(&mut self, frame: &Frame) -> bool {
        let strain = self.previous.strain(frame);
        if strain >= LARGEST_STRAIN || frame.species.is_empty() {
            return false;
        }
        let displacements = self.previous.displacements(frame);
        let square = mean_square(&displacements);
        if square >= FARTHEST * FARTHEST {
            return false;
        }
        if !self.displacements.is_empty() {
            let products = self.displacements.iter().zip(&displacements).map(|(a, b)| dot(*a, *b));
            self.products.push(products.sum::<f64>() / frame.species.len() as f64);
        }
        self.steps.push([square, square + (BOND * strain).powi(2)]);
        self.displacements = displacements;
        self.compare_distant(frame);
        self.previous = frame.clone();
        true
    }

    fn compare_distant(&mut self, frame: &Frame) {
        let number = self.steps.len();
        for level in 0.. {
            let apart = 2_usize << level;
            if !number.is_multiple_of(apart) {
                break;
            }
            if level == self.distant.len() {
                self.distant.push(Distant { last: Some(self.start.clone()), ..Distant::default() });
            }
            let distant = &mut self.distant[level];
            if let Some(last) = distant.last.replace(frame.clone()) {
                distant.sum += last.apart(frame);
                distant.pairs += 1;
            }
        }
    }

    /// The parts of it that are runs.
    fn runs(self) -> Vec<Trajectory> {
        let numbers_each = 3.0 * self.start.species.len() as f64;
        let known =
            self.distant.iter().filter(|distant| distant.pairs as f64 * numbers_each >= DISTANT_NUMBERS);
        let ends = if self.steps.len() > 1 && numbers_each >= DISTANT_NUMBERS {
            self.start.apart(&self.previous)
        } else {
            0.0
        };
        let far = known.clone().map(Distant::mean).fold(ends, f64::max);
        let by_half = self.distant.iter().position(|distant| distant.mean() >= 0.5 * far);
        let correlated = by_half.map_or(self.steps.len(), |level| 2 << level);
        let belongs = |step: usize| self.persists(step, numbers_each) || self.is_short(step, far);
        let mut runs: Vec<Trajectory> = Vec::new();
        for step in (0..self.steps.len()).filter(|&step| belongs(step)) {
            let place = self.first + step;
            match runs.last_mut() {
                Some(run) if run.places.end == place + 1 => run.places.end += 1,
                _ => runs.push(Trajectory { places: place..place + 2, correlated }),
            }
        }
        // Two of many may be so by chance.
        runs.retain(|run| run.places.len() > 2 || self.steps.len() == 1);
        runs
    }

    /// Whether atoms go on in their direction around a step.
    fn persists(&self, step: usize, numbers_each: f64) -> bool {
        // Product k is that of steps k and k + 1.
        let wanted = (NUMBERS.0 / numbers_each).ceil() as usize;
        let around = (wanted / 2).max(1);
        let (from, to) = (step.saturating_sub(around), (step + around).min(self.products.len()));
        if ((to.saturating_sub(from)) as f64) * numbers_each < NUMBERS.1 {
            return false;
        }
        let product: f64 = self.products[from..to].iter().sum();
        let squares: f64 = (from..to).map(|k| 0.5 * (self.steps[k][0] + self.steps[k + 1][0])).sum();
        squares > (to - from) as f64 * ROUNDING && product > PERSISTENCE * squares
    }

    /// Whether a step is next to nothing beside the way between distant frames. Of two frames nothing else is known.
    fn is_short(&self, step: usize, far: f64) -> bool {
        let square = self.steps[step][1];
        square < NEAREST * NEAREST && (self.steps.len() == 1 || square < SHORT * SHORT * far)
    }
}

#[cfg(test)]
mod tests {
    use mtprs_core::geometry::Cell;

    use super::*;
    use crate::random::Sequence;

    /// Atoms of a cubic lattice around their sites, in a cell of a length of some atoms that is a little strained.
    fn lattice(atoms: usize, strain: f64, mut shift: impl FnMut(usize) -> Vector3) -> Configuration {
        let length = 2.5 * (1.0 + strain);
        let edge = atoms as f64 * length;
        let cell = Cell::new(&[[edge, 0.0, 0.0], [0.0, edge, 0.0], [0.0, 0.0, edge]]).unwrap();
        let site = |atom: usize| [atom % atoms, atom / atoms % atoms, atom / atoms / atoms];
        let positions = (0..atoms.pow(3)).map(|atom| {
            let (site, shift) = (site(atom), shift(atom));
            // Written into the cell, as many programs do.
            [0, 1, 2].map(|k| (site[k] as f64 * length + shift[k]).rem_euclid(edge))
        });
        Configuration::new(cell, vec![0; atoms.pow(3)], positions.collect()).unwrap()
    }

    /// Normal distribution.
    fn normal(random: &mut Sequence) -> f64 {
        (-2.0 * (1.0 - random.uniform()).ln()).sqrt() * (std::f64::consts::TAU * random.uniform()).cos()
    }

    fn vector(random: &mut Sequence, size: f64) -> Vector3 {
        [(); 3].map(|()| size * normal(random))
    }

    /// Frames of harmonic oscillators with a correlation from frame to frame.
    fn dynamics(atoms: usize, frames: usize, correlation: f64, size: f64, seed: u64) -> Vec<Configuration> {
        let mut random = Sequence::new(seed);
        let mut shifts: Vec<Vector3> = (0..atoms.pow(3)).map(|_| vector(&mut random, size)).collect();
        let fresh = size * (1.0 - correlation * correlation).sqrt();
        (0..frames)
            .map(|_| {
                for shift in &mut shifts {
                    let kick = vector(&mut random, fresh);
                    *shift = [0, 1, 2].map(|k| correlation * shift[k] + kick[k]);
                }
                lattice(atoms, 0.0, |atom| shifts[atom])
            })
            .collect()
    }

    fn runs(configurations: &[Configuration]) -> Vec<Trajectory> {
        let mut detector = Detector::default();
        configurations.iter().for_each(|configuration| detector.add(configuration));
        detector.finish()
    }

    fn places(configurations: &[Configuration]) -> Vec<Range<usize>> {
        runs(configurations).into_iter().map(|run| run.places).collect()
    }

    #[test]
    fn frames_of_dynamics_are_a_run_as_long_as_they_are_correlated() {
        for atoms in [2, 3, 4] {
            assert_eq!(
                places(&dynamics(atoms, 200, 0.98, 0.1, 1)),
                Vec::from_iter(std::iter::once(0..200)),
                "{atoms}"
            );
            assert_eq!(places(&dynamics(atoms, 200, 0.0, 0.1, 3)), [], "{atoms}");
            assert_eq!(places(&dynamics(atoms, 200, 0.4, 0.1, 4)), [], "{atoms}");
        }
        // 1 − C(n) = 1/2 after 23 steps of C = 0.97.
        let correlated = runs(&dynamics(3, 500, 0.97, 0.1, 5))[0].correlated;
        assert!((8..=64).contains(&correlated), "{correlated}");
    }

    #[test]
    fn several_runs_are_told_apart_and_from_single_configurations() {
        let mut all = dynamics(3, 40, 0.98, 0.1, 1);
        // Of the same crystal, but from somewhere else.
        all.extend(dynamics(3, 60, 0.98, 0.5, 2));
        all.extend(dynamics(3, 50, 0.0, 0.3, 3));
        all.extend(dynamics(2, 20, 0.98, 0.1, 4));
        let found = places(&all);
        assert_eq!(found.last(), Some(&(150..170)), "{found:?}");
        let of_first: usize = found.iter().map(|run| run.end.min(100).saturating_sub(run.start)).sum();
        // A mean over frames on both sides of a border says less.
        assert!(of_first >= 90, "{found:?}");
        let of_independent: usize =
            found.iter().map(|run| run.end.min(150).saturating_sub(run.start.max(110))).sum();
        assert_eq!(of_independent, 0, "{found:?}");
    }

    #[test]
    fn relaxations_are_runs_and_their_starts_are_not_joined() {
        let mut random = Sequence::new(7);
        let mut all = Vec::new();
        for _ in 0..5 {
            let shifts: Vec<Vector3> = (0..27).map(|_| vector(&mut random, 0.3)).collect();
            // Conjugate gradients go too far each time and come back.
            let shares = [1.0, 0.4, 0.6, 0.3, 0.36, 0.1, 0.12, 0.03, 0.04, 0.01, 0.0];
            all.extend(shares.map(|share| lattice(3, 0.0, |atom| shifts[atom].map(|x| share * x))));
        }
        let found = places(&all);
        assert!(found.iter().all(|run| run.start / 11 == (run.end - 1) / 11), "{found:?}");
        let joined: usize = found.iter().map(|run| run.len()).sum();
        // The end of each, where steps are short in whatever direction they go.
        assert!(joined >= 25, "{found:?}");
    }

    #[test]
    fn structures_that_only_look_alike_stay_single() {
        let mut random = Sequence::new(3);
        let mut disturbed = |size: f64, strain: f64| {
            let strain = strain * random.symmetric();
            lattice(3, strain, |_| vector(&mut random, size))
        };
        for (size, strain) in
            [(0.02, 0.0), (0.1, 0.0), (0.3, 0.0), (0.0, 0.0), (0.0, 0.04), (0.05, 0.05), (0.8, 0.0)]
        {
            let all: Vec<Configuration> = (0..60).map(|_| disturbed(size, strain)).collect();
            assert_eq!(places(&all), [], "{size} {strain}");
        }
        // A molecule and a slab have fewer periodic directions.
        for periodic in 0..3 {
            let cell = |frame: &Configuration| Cell::new(&frame.cell.vectors()[..periodic]).unwrap();
            let open = |frame: &Configuration| Configuration { cell: cell(frame), ..frame.clone() };
            let shifts = |correlation| {
                let frames = dynamics(3, 50, correlation, 0.1, 9);
                // Away from the walls, where positions are written into the cell.
                let away = |frame: &Configuration| {
                    let mut frame = open(frame);
                    let edge = 7.5;
                    frame.positions.iter_mut().flatten().for_each(|x| *x = (*x + 1.25).rem_euclid(edge));
                    frame
                };
                frames.iter().map(away).collect::<Vec<_>>()
            };
            assert_eq!(places(&shifts(0.98)), Vec::from_iter(std::iter::once(0..50)), "{periodic}");
            assert_eq!(places(&shifts(0.0)), [], "{periodic}");
        }
    }
}
