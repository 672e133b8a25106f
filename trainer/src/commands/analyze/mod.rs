//! `mtprs analyze`: what trajectories say, a file for each quantity.

pub(super) mod rdf;
