//! Atoms sorted into bins along the lattice directions of any cell: what searches for pairs go over.
//!
//! Atoms are wrapped into the cell. Bins are as thick as is asked for where the cell allows it; where it does not, a search
//! goes over as many images as needed.

use super::cell::{dot, duals, norm};
use super::{Configuration, Vector3};
use crate::error::{Error, ErrorKind, Result};

/// Most cells (bins times images) visited around one bin before the cell is refused as too thin.
const MAX_VISITED_BINS: f64 = 1e6;

/// Most cells between an atom and its image in the cell: beyond, rounding moves it visibly (by 1e-7 cells and more).
const MAX_TURNS: f64 = 1e9;

/// One direction of the bins.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    vector: Vector3,
    /// Row of the inverse cell matrix: the fractional coordinate is the scalar product with it.
    dual: Vector3,
    periodic: bool,
    count: usize,
    /// Fractional coordinate at which the bins begin, and bins per unit of it.
    start: f64,
    density: f64,
    /// Bins to look at on either side.
    reach: i64,
}

/// Atoms sorted into bins.
#[derive(Clone, Debug)]
pub struct Bins {
    axes: [Axis; 3],
    wrapped: Vec<Vector3>,
    bin_of_atom: Vec<[i64; 3]>,
    offsets: Vec<usize>,
    atoms: Vec<u32>,
}

impl Bins {
    /// Sorts atoms into bins of this thickness or more (Å), for pairs closer than `cutoff` (Å). Positions must be finite.
    pub fn new(configuration: &Configuration, cutoff: f64, thickness: f64) -> Result<Self> {
        check_positions(&configuration.positions)?;
        let vectors = configuration.cell.completed();
        let periodic = configuration.cell.vectors().len();
        let duals = duals(&vectors);
        let mut wrapped = configuration.positions.clone();
        let mut lost = None;
        let mut axes: [Axis; 3] = std::array::from_fn(|k| {
            let axis = Axis {
                vector: vectors[k],
                dual: duals[k],
                periodic: k < periodic,
                count: 1,
                start: 0.0,
                density: 1.0,
                reach: 0,
            };
            lost = lost.or(axis.wrap(&mut wrapped));
            axis
        });
        if let Some(atom) = lost {
            return Err(too_far(atom, configuration.positions[atom]));
        }
        let most = 2 * wrapped.len() + 8;
        for axis in &mut axes {
            axis.divide(&wrapped, thickness, most);
        }
        limit_bins(&mut axes, most);
        for axis in &mut axes {
            axis.set_reach(cutoff);
        }
        let visited: f64 = axes.iter().map(|axis| 2.0 * axis.reach as f64 + 1.0).product();
        if visited > MAX_VISITED_BINS {
            let message = format!(
                "the cell is too thin for a cutoff of {cutoff} Å: each atom would see {visited:.1e} images"
            );
            return Err(Error::new(ErrorKind::InvalidConfiguration, message));
        }
        Ok(Self::sorted(axes, wrapped))
    }

    /// Counting sort of the atoms by bin.
    fn sorted(axes: [Axis; 3], wrapped: Vec<Vector3>) -> Self {
        let bin_of_atom: Vec<[i64; 3]> =
            wrapped.iter().map(|&position| axes.map(|axis| axis.bin(position) as i64)).collect();
        let total = axes.iter().map(|axis| axis.count).product::<usize>();
        let flat = |bin: &[i64; 3]| {
            (bin[0] as usize * axes[1].count + bin[1] as usize) * axes[2].count + bin[2] as usize
        };
        let mut offsets = vec![0; total + 1];
        for bin in &bin_of_atom {
            offsets[flat(bin) + 1] += 1;
        }
        for index in 0..total {
            offsets[index + 1] += offsets[index];
        }
        let mut next = offsets.clone();
        let mut atoms = vec![0; wrapped.len()];
        for (atom, bin) in bin_of_atom.iter().enumerate() {
            let slot = &mut next[flat(bin)];
            atoms[*slot] = atom as u32;
            *slot += 1;
        }
        Self { axes, wrapped, bin_of_atom, offsets, atoms }
    }

    /// The three directions.
    pub fn axes(&self) -> &[Axis; 3] {
        &self.axes
    }

    /// Positions of the atoms, wrapped into the cell, in the order of the configuration, Å.
    pub fn positions(&self) -> &[Vector3] {
        &self.wrapped
    }

    /// The bin of an atom along each direction.
    pub fn bin_of(&self, atom: usize) -> [i64; 3] {
        self.bin_of_atom[atom]
    }

    /// The atoms of consecutive bins: those from `first` to `last` along the third direction, at places `a` and `b` along the
    /// others.
    pub fn atoms(&self, a: usize, b: usize, [first, last]: [usize; 2]) -> &[u32] {
        let row = (a * self.axes[1].count + b) * self.axes[2].count;
        &self.atoms[self.offsets[row + first]..self.offsets[row + last + 1]]
    }
}

fn check_positions(positions: &[Vector3]) -> Result<()> {
    match positions.iter().position(|position| position.iter().any(|x| !x.is_finite())) {
        None => Ok(()),
        Some(atom) => {
            let message = format!("the position of atom {} is not finite: {:?}", atom + 1, positions[atom]);
            Err(Error::new(ErrorKind::InvalidConfiguration, message).about_atom(atom))
        }
    }
}

fn too_far(atom: usize, position: Vector3) -> Error {
    let message = format!(
        "atom {} at {position:?} is more than {MAX_TURNS:.0e} cells away: rounding hides its place in the cell",
        atom + 1
    );
    Error::new(ErrorKind::InvalidConfiguration, message).about_atom(atom)
}

impl Axis {
    /// The vector after which the cell repeats, or a unit vector normal to the periodic ones, Å.
    pub fn vector(&self) -> Vector3 {
        self.vector
    }

    /// Number of bins.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Bins to look at on either side of one.
    pub fn reach(&self) -> i64 {
        self.reach
    }

    /// The vector from one bin to the next, Å.
    pub fn step(&self) -> Vector3 {
        self.vector.map(|component| component / self.density)
    }

    /// Thickness of a bin, Å.
    pub fn thickness(&self) -> f64 {
        self.height() / self.density
    }

    /// The bin that a number stands for, which counts on beyond the cell, and the image that it is seen in; nothing beyond
    /// the ends of a direction that does not repeat.
    pub fn image(&self, number: i64) -> Option<(usize, f64)> {
        let count = self.count as i64;
        if self.periodic {
            return Some((number.rem_euclid(count) as usize, number.div_euclid(count) as f64));
        }
        (0..count).contains(&number).then_some((number as usize, 0.0))
    }

    /// Moves atoms into the cell along this direction if it is periodic; returns an atom that is too far away for that.
    fn wrap(&self, positions: &mut [Vector3]) -> Option<usize> {
        if !self.periodic {
            return None;
        }
        let mut lost = None;
        for (atom, position) in positions.iter_mut().enumerate() {
            let turns = dot(*position, self.dual).floor();
            // The number of turns may overflow to something that is not a number.
            if turns.is_nan() || turns.abs() > MAX_TURNS {
                lost = lost.or(Some(atom));
            }
            for k in 0..3 {
                position[k] -= turns * self.vector[k];
            }
        }
        lost
    }

    /// Distance between the planes at fractional coordinates 0 and 1, Å.
    fn height(&self) -> f64 {
        1.0 / norm(self.dual)
    }

    /// Chooses the number of bins: as many of this thickness as fit.
    fn divide(&mut self, positions: &[Vector3], thickness: f64, most: usize) {
        let mut extent = 1.0;
        if !self.periodic {
            let coordinates = || positions.iter().map(|&position| dot(position, self.dual));
            let (low, high) =
                coordinates().fold((f64::MAX, f64::MIN), |(low, high), s| (low.min(s), high.max(s)));
            if low <= high {
                self.start = low;
                extent = (high - low).max(f64::MIN_POSITIVE);
            }
        }
        let fitting = (extent * self.height() / thickness).floor();
        self.count = (fitting as usize).clamp(1, most);
        self.density = self.count as f64 / extent;
    }

    fn set_reach(&mut self, cutoff: f64) {
        // A grain more than the cutoff, so that rounding of fractional coordinates never hides a pair.
        let bins = (cutoff * self.density / self.height() * (1.0 + 1e-9)).ceil();
        let most = if self.periodic { f64::MAX } else { self.count as f64 - 1.0 };
        self.reach = bins.min(most).min(1e9) as i64;
    }

    fn bin(&self, position: Vector3) -> usize {
        let bin = (dot(position, self.dual) - self.start) * self.density;
        (bin.max(0.0) as usize).min(self.count - 1)
    }

    /// Bins within reach of `home`, each with the periodic image that it is seen in.
    pub(super) fn around(&self, home: i64) -> impl Iterator<Item = (usize, f64)> + use<> {
        let axis = *self;
        let (low, high) = (home - self.reach, home + self.reach);
        let (low, high) =
            if self.periodic { (low, high) } else { (low.max(0), high.min(self.count as i64 - 1)) };
        (low..=high).filter_map(move |bin| axis.image(bin))
    }
}

/// Coarsens the grid until it has no more than `most` bins: a sparse box must not cost memory.
fn limit_bins(axes: &mut [Axis; 3], most: usize) {
    while axes.iter().map(|axis| axis.count as f64).product::<f64>() > most as f64 {
        if let Some(axis) = axes.iter_mut().max_by_key(|axis| axis.count) {
            let coarser = axis.count.div_ceil(2);
            axis.density *= coarser as f64 / axis.count as f64;
            axis.count = coarser;
        }
    }
}
