//! Voltages of an electrode: energies of a host with and without its ions, and of the metal that they come from.
//!
//! With energies E of a host with n_d ions (discharged) and n_c (charged), E(M) of an atom of the metal, and z electrons for
//! each ion
//!
//! ```text
//! V = −(E_d − E_c − (n_d − n_c) E(M)) / z (n_d − n_c)
//! ```
//!
//! in V for energies in eV (M. K. Aydinol et al., Phys. Rev. B 56, 1354 (1997)). Energies are averages over the configurations of
//! a state with errors from blocks ([`blocking`](super::blocking)); every voltage is a sum of averages, so that what two
//! voltages share has no part in the error of their difference. Without E(M) these differences are all there is.

mod contents;
mod ions;
mod notes;
mod report;
mod state;
mod sum;
mod table;
#[cfg(test)]
mod tests;

pub use contents::which_ion;
pub use ions::charge;
pub use report::{Difference, Energy, Grades, Quantities, StateReport, StructureReport, VoltageReport};
pub use state::{Snapshot, State};
pub use table::summary;

use super::label;

/// What is computed of which ions.
#[derive(Clone, Debug)]
pub struct Ions {
    /// Their name, or the number of their species where species have no names.
    pub name: String,
    /// Electrons that go with each of them, z.
    pub charge: u32,
    /// Energy of an atom of their metal, eV, if it is known.
    pub metal_energy: Option<f64>,
}

/// A structure of which there are two states.
#[derive(Clone, Debug)]
pub struct Structure {
    /// What it is called.
    pub label: String,
    /// The state with fewer ions, in the list of all states.
    pub charged: usize,
    /// The state with more of them.
    pub discharged: usize,
    /// Whether the charged state is the discharged one without its ions, configuration by configuration.
    pub is_emptied: bool,
}
