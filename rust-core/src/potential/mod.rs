//! The potential: radial basis, moment basis and parameters, validated once and immutable from then on.
//!
//! Equations in the words of `Potential`: V_i = s\[z_i\] + Σ_α ξ_α B_α(i) + ½ Σ_j φ(r_ij). The φ are pair terms,
//! if there are any; the basis functions B_α are scalar moments, moments are products of moments, and basic moments are sums
//! over neighbors
//! M\[μ;a,b,c\] = Σ_j f_μ(|r_ij|) x̂^a ŷ^b ẑ^c (Shapeev 2016; Novikov et al. 2021, eqs. 1 to 6).

mod fault;
mod moment_basis;
pub(crate) mod pair;
mod parameters;
pub(crate) mod radial;
pub(crate) mod residues;
mod restriction;
pub mod template;
mod upgrade;

pub(crate) use fault::Fault;
pub(crate) use moment_basis::highest_ranks;
pub use moment_basis::{BasicMoment, MomentBasis, Product};
pub use pair::{PairTerm, Zbl};
pub use parameters::{ParameterLayout, Parameters};
pub use radial::{RadialBasis, RadialBasisKind};
pub use upgrade::{Upgrade, Upgraded};

use crate::error::{Error, ErrorKind, Result};
use crate::species::Species;

/// Most species that a potential may have.
pub const MAX_SPECIES: usize = 256;

/// Most parameters that a potential may have, S² n_μ n_β + S + n_α: what 256 species at level 28 need. The largest
/// potentials in use have a tenth of it.
pub const MAX_PARAMETERS: usize = 5_000_000;

/// A moment tensor potential, checked when it is made.
#[derive(Clone, Debug, PartialEq)]
pub struct Potential {
    name: String,
    tag: String,
    scaling: f64,
    species: Species,
    radial_basis: RadialBasis,
    moment_basis: MomentBasis,
    parameters: Parameters,
    pair_terms: Vec<PairTerm>,
}

/// The pieces of a [`Potential`], still unchecked against each other.
#[derive(Clone, Debug, PartialEq)]
pub struct PotentialParts {
    /// `potential_name`.
    pub name: String,
    /// `potential_tag`, free text; element names if it holds one for each species.
    pub tag: String,
    /// `scaling`, a factor of all radial basis functions.
    pub scaling: f64,
    /// Number of species and their names.
    pub species: Species,
    /// The radial basis.
    pub radial_basis: RadialBasis,
    /// The moments and their products.
    pub moment_basis: MomentBasis,
    /// Coefficients; blocks of an untrained potential may be missing.
    pub parameters: Parameters,
    /// Terms of V_i beside the moments, at most one of a kind.
    pub pair_terms: Vec<PairTerm>,
}

impl Potential {
    /// Checks that the pieces belong together: sizes of the parameter blocks, radial functions for every μ, finite
    /// coefficients.
    pub fn new(parts: PotentialParts) -> Result<Self> {
        Ok(Self::checked(parts)?)
    }

    /// The same, with the key that is at fault.
    pub(crate) fn checked(parts: PotentialParts) -> std::result::Result<Self, Fault> {
        let PotentialParts {
            name,
            tag,
            scaling,
            species,
            radial_basis,
            moment_basis,
            parameters,
            pair_terms,
        } = parts;
        check_species_count(species.count())?;
        if !scaling.is_finite() || scaling == 0.0 {
            let message = format!("expected a finite scaling other than zero, got {scaling}");
            return Err(Fault::new("scaling", message));
        }
        let needed = moment_basis.radial_functions_needed();
        if needed > radial_basis.functions_count() {
            let message = format!(
                "alpha_index_basic needs {needed} radial functions, but radial_funcs_count is {}",
                radial_basis.functions_count()
            );
            return Err(Fault::new("radial_funcs_count", message));
        }
        check_parameter_count(species.count(), &radial_basis, &moment_basis)?;
        let layout = ParameterLayout::new(species.count(), &radial_basis, &moment_basis);
        parameters.check(&layout)?;
        pair_terms.iter().try_for_each(|term| term.check(radial_basis.max_dist(), &species))?;
        Ok(Self { name, tag, scaling, species, radial_basis, moment_basis, parameters, pair_terms })
    }

    /// The pieces again, for example to change one and check anew.
    pub fn into_parts(self) -> PotentialParts {
        let Self { name, tag, scaling, species, radial_basis, moment_basis, parameters, pair_terms } = self;
        PotentialParts { name, tag, scaling, species, radial_basis, moment_basis, parameters, pair_terms }
    }

    /// The same potential, with the same energies, whose radial functions begin at another distance, Å.
    pub fn with_min_dist(&self, min_dist: f64) -> Result<Self> {
        let mut parts = self.clone().into_parts();
        parts.radial_basis = self.radial_basis.with_min_dist(min_dist)?;
        if let Some(radial) = &mut parts.parameters.radial_coeffs {
            for function in radial.chunks_mut(self.radial_basis.size()) {
                let carried = self.radial_basis.carried(function, &parts.radial_basis);
                function.copy_from_slice(&carried);
            }
        }
        Self::new(parts)
    }

    /// The same potential with other parameters, a flat vector in the order of [`ParameterLayout`].
    pub fn with_parameters(&self, flat: &[f64]) -> Result<Self> {
        let mut parts = self.clone().into_parts();
        parts.parameters = Parameters::from_flat(&self.parameter_layout(), flat)?;
        Self::new(parts)
    }

    /// `potential_name`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `potential_tag`.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// `scaling`, a factor of all radial basis functions.
    pub fn scaling(&self) -> f64 {
        self.scaling
    }

    /// The species.
    pub fn species(&self) -> &Species {
        &self.species
    }

    /// The radial basis.
    pub fn radial_basis(&self) -> &RadialBasis {
        &self.radial_basis
    }

    /// The moments and their products.
    pub fn moment_basis(&self) -> &MomentBasis {
        &self.moment_basis
    }

    /// The coefficients.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Terms of V_i beside the moments.
    pub fn pair_terms(&self) -> &[PairTerm] {
        &self.pair_terms
    }

    /// Distance beyond which atoms do not interact, Å.
    pub fn cutoff(&self) -> f64 {
        self.radial_basis.max_dist()
    }

    /// Whether all coefficients are there, so that the potential can be evaluated.
    pub fn is_trained(&self) -> bool {
        self.parameters.is_complete()
    }

    /// The error for a potential that should be evaluated but lacks coefficients.
    pub(crate) fn untrained_error(&self) -> Error {
        let missing = self.parameters.missing().join(", ");
        let message = format!("the potential {} is not trained: it has no {missing}", self.name);
        Error::new(ErrorKind::InvalidPotential, message)
    }

    /// Blocks of the flat parameter vector.
    pub fn parameter_layout(&self) -> ParameterLayout {
        ParameterLayout::new(self.species.count(), &self.radial_basis, &self.moment_basis)
    }
}

/// Checks the number of species alone, before anything of that size is read or made.
pub(crate) fn check_species_count(count: usize) -> std::result::Result<(), Fault> {
    if (1..=MAX_SPECIES).contains(&count) {
        return Ok(());
    }
    let fault = Fault::new("species_count", format!("expected 1 to {MAX_SPECIES} species, got {count}"));
    Err(if count == 0 { fault } else { fault.beyond_limit() })
}

/// Checks the number of parameters before anything of that size is made: a short file without coefficients can ask for any.
fn check_parameter_count(
    species: usize,
    radial_basis: &RadialBasis,
    moment_basis: &MomentBasis,
) -> std::result::Result<(), Fault> {
    // Sizes are at most 256, 1000 and 1000 here, and a list of a file.
    let (functions, size) = (radial_basis.functions_count(), radial_basis.size());
    let radial = (species * species) as u64 * (functions * size) as u64;
    let count = radial + (species + moment_basis.scalar_moments().len()) as u64;
    if count <= MAX_PARAMETERS as u64 {
        return Ok(());
    }
    let message = format!(
        "{count} parameters ({species} x {species} pairs of species with {functions} radial functions of {size} coefficients, \
         {species} species, {} basis functions), expected at most {MAX_PARAMETERS}",
        moment_basis.scalar_moments().len()
    );
    Err(Fault::new("radial_funcs_count", message).beyond_limit())
}
