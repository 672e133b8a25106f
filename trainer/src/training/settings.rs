//! How to fit: what the user chose, with the defaults of what was left open.

use super::loss::Huber;
use crate::optimizer::Damping;

/// Parameters that keep their values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Frozen {
    /// `radial_coeffs`.
    pub radial: bool,
    /// `species_coeffs`.
    pub species: bool,
    /// `moment_coeffs`.
    pub moment: bool,
}

/// How the loss is minimized.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// L-BFGS preconditioned with a Gauss-Newton matrix: sampled, or exact for small data sets.
    #[default]
    GaussNewton,
    /// Levenberg-Marquardt with the exact Gauss-Newton matrix, rebuilt at every step.
    LevenbergMarquardt,
    /// Like gauss-newton, but for the radial coefficients only: all others are at their optimum throughout.
    VariableProjection,
    /// L-BFGS preconditioned with the diagonal of the sampled matrix.
    Lbfgs,
}

/// Everything that decides a fit, beside the data.
#[derive(Clone, Debug, PartialEq)]
pub struct FitSettings {
    /// How the loss is minimized.
    pub method: Method,
    /// Most steps.
    pub steps: u64,
    /// Relative decrease of the loss over 50 steps below which the fit ends.
    pub tolerance: f64,
    /// Steps without a better validation loss after which the fit ends; the best parameters are kept then.
    pub patience: Option<u64>,
    /// Whether to begin with random radial functions even if the potential is trained.
    pub random: bool,
    /// Random beginnings of which the best goes on.
    pub starts: u64,
    /// Whether to leave out the first fit of the linear parameters.
    pub skip_linear: bool,
    /// Decides everything random.
    pub seed: u64,
    /// What keeps its values.
    pub frozen: Frozen,
    /// Energies of single atoms that are not fitted, eV.
    pub species_energies: Option<Vec<f64>>,
    /// Where the loss begins to grow linearly.
    pub huber: Huber,
    /// Factor of Σ θ² over radial and moment coefficients (in the units of the file) in the loss.
    pub ridge: f64,
    /// Damping of the Gauss-Newton matrix.
    pub damping: Damping,
    /// Pairs of L-BFGS.
    pub memory: usize,
    /// Rows of the sampled matrix for each parameter.
    pub rows_per_parameter: f64,
    /// Steps after which the matrix is sampled again.
    pub refresh: u64,
    /// Share of the earlier samples in the average that takes the place of the matrix.
    pub kept_share: f64,
}

impl Default for FitSettings {
    fn default() -> Self {
        Self {
            method: Method::default(),
            steps: 1000,
            tolerance: 1e-3,
            patience: None,
            random: false,
            starts: 4,
            skip_linear: false,
            seed: 1,
            frozen: Frozen::default(),
            species_energies: None,
            huber: Huber::default(),
            ridge: 0.0,
            damping: Damping::default(),
            memory: 200,
            rows_per_parameter: 2.0,
            refresh: 25,
            kept_share: 0.75,
        }
    }
}
