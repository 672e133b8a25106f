//! `mtprs analyze`: what trajectories say, a file for each quantity.

pub(super) mod diffusion;
mod outputs;
pub(super) mod rdf;
