//! The radial basis Q_β(r). Each kind of basis is a file of this folder, which owns its keyword and its equations; the rest of the
//! crate matches on [`RadialBasisKind`], so that the compiler names what a new kind has to say.

pub(crate) mod chebyshev;

use super::Fault;
use crate::error::Result;

/// Most basis functions, and most radial functions, that a file may ask for.
const MAX_RADIAL_SIZE: usize = 1000;

/// Kinds of radial bases, `radial_basis_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RadialBasisKind {
    /// `RBChebyshev`.
    Chebyshev,
}

impl RadialBasisKind {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::Chebyshev];

    /// As files name it.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Chebyshev => chebyshev::KEYWORD,
        }
    }

    /// What the checksum of a potential takes in for the kind: nothing for the first one, whose states are older than the
    /// others.
    pub(crate) fn checksum_word(self) -> Option<u64> {
        match self {
            Self::Chebyshev => None,
        }
    }

    /// The kind that files name so.
    pub fn named(keyword: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.keyword() == keyword)
    }
}

/// Kind, sizes and range of a radial basis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RadialBasis {
    kind: RadialBasisKind,
    min_dist: f64,
    max_dist: f64,
    size: usize,
    functions_count: usize,
}

impl RadialBasis {
    /// Range in Å (`min_dist`, `max_dist`), number of basis functions (`radial_basis_size`) and number of radial functions
    /// (`radial_funcs_count`).
    pub fn new(
        kind: RadialBasisKind,
        min_dist: f64,
        max_dist: f64,
        size: usize,
        functions_count: usize,
    ) -> Result<Self> {
        Ok(Self::checked(kind, min_dist, max_dist, size, functions_count)?)
    }

    /// The same basis with another beginning of its range, Å.
    pub fn with_min_dist(self, min_dist: f64) -> Result<Self> {
        Self::new(self.kind, min_dist, self.max_dist, self.size, self.functions_count)
    }

    /// Coefficients of a radial function of this basis in one with another beginning of its range: the same function.
    pub(crate) fn carried(&self, coefficients: &[f64], to: &Self) -> Vec<f64> {
        match self.kind {
            RadialBasisKind::Chebyshev => chebyshev::carried(coefficients, self, to),
        }
    }

    /// The same, with the key that is at fault.
    pub(crate) fn checked(
        kind: RadialBasisKind,
        min_dist: f64,
        max_dist: f64,
        size: usize,
        functions_count: usize,
    ) -> std::result::Result<Self, Fault> {
        if !(min_dist.is_finite() && min_dist >= 0.0) {
            let message = format!("expected a finite min_dist of at least 0 Å, got {min_dist}");
            return Err(Fault::new("min_dist", message));
        }
        if !(max_dist.is_finite() && max_dist > min_dist) {
            let message = format!("expected a finite max_dist above min_dist ({min_dist} Å), got {max_dist}");
            return Err(Fault::new("max_dist", message));
        }
        for (key, count) in [("radial_basis_size", size), ("radial_funcs_count", functions_count)] {
            if count == 0 || count > MAX_RADIAL_SIZE {
                let message = format!("expected {key} from 1 to {MAX_RADIAL_SIZE}, got {count}");
                let fault = Fault::new(key, message);
                return Err(if count == 0 { fault } else { fault.beyond_limit() });
            }
        }
        Ok(Self { kind, min_dist, max_dist, size, functions_count })
    }

    /// Which functions Q_β are.
    pub fn kind(&self) -> RadialBasisKind {
        self.kind
    }

    /// Q_β(r), Å^2 for `RBChebyshev`, and its derivative by r for all β; without the factor
    /// [`scaling`](super::Potential::scaling). Zero from the cutoff on.
    pub fn functions(&self, r: f64) -> impl Iterator<Item = (f64, f64)> {
        let functions = match self.kind {
            RadialBasisKind::Chebyshev => chebyshev::functions(self, r),
        };
        let within = if r < self.max_dist { 1.0 } else { 0.0 };
        functions.map(move |(value, derivative)| (within * value, within * derivative))
    }

    /// Where the radial functions begin, Å: below they extrapolate. It is what the maker of the potential chose, and the
    /// shortest distance of the training set only where training has put it there.
    pub fn min_dist(&self) -> f64 {
        self.min_dist
    }

    /// Cutoff, Å.
    pub fn max_dist(&self) -> f64 {
        self.max_dist
    }

    /// Number of basis functions, n_β.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Number of radial functions per pair of species, n_μ.
    pub fn functions_count(&self) -> usize {
        self.functions_count
    }
}
