//! Radial basis: Chebyshev polynomials on [R_min, R_cut] with a quadratic cutoff.
//!
//! Q_β(r) = scaling · T_β(x) · (R_cut − r)², x = (2r − (R_min + R_cut)) / (R_cut − R_min), for r < R_cut
//! (`RBChebyshev`; Novikov et al. 2021, eq. 4). Below R_min the same formula holds.

use super::fault::Fault;
use crate::error::Result;

/// Most basis functions, and most radial functions, that a file may ask for.
const MAX_RADIAL_SIZE: usize = 1000;

/// Sizes and range of the radial basis `RBChebyshev`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RadialBasis {
    min_dist: f64,
    max_dist: f64,
    size: usize,
    functions_count: usize,
}

impl RadialBasis {
    /// Range in Å (`min_dist`, `max_dist`), number of Chebyshev polynomials (`radial_basis_size`) and number of
    /// radial functions (`radial_funcs_count`).
    pub fn new(min_dist: f64, max_dist: f64, size: usize, functions_count: usize) -> Result<Self> {
        Ok(Self::checked(min_dist, max_dist, size, functions_count)?)
    }

    /// The same, with the key that is at fault.
    pub(crate) fn checked(
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
        Ok(Self { min_dist, max_dist, size, functions_count })
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

    /// Number of Chebyshev polynomials, n_β.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Number of radial functions per pair of species, n_μ.
    pub fn functions_count(&self) -> usize {
        self.functions_count
    }
}
