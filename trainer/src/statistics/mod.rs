//! What many numbers have in common: their middle, and energies by the composition alone.

pub(crate) mod composition;
mod median;

pub(crate) use median::median;
