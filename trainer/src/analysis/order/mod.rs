//! Directional disorder: how far the atoms of a species lie from layers along the axes of the cell, and along any direction.
//!
//! Of fractional coordinates s_ia of N atoms, F_a(n) = (1/N) Σ_i exp(2πi n s_ia). The number of layers n_a is the n from 2 up
//! to a largest one whose |F_a| is largest among those that leave none of their layers empty; the layers lie at
//! (k + φ_a) / n_a with φ_a = arg F_a / 2π. δ_ia = n_a s_ia − φ_a − round(n_a s_ia − φ_a) is the distance from the nearest
//! layer in spacings, and the disorder along a unit vector p is η(p) = (1/N) Σ_i |Σ_a |δ_ia| p_a|, or |Σ_a δ_ia p_a| in the
//! signed variant. Even atoms that lie anywhere find layers, so every figure stands beside that of [`random`] positions.

mod direction;
mod figures;
mod layers;
pub mod page;
pub mod random;
mod report;
mod sphere;
pub mod table;
mod trajectory;

pub use direction::Miller;
pub use figures::{Figures, OrderSettings};
pub use layers::{Definition, Layers};
pub use random::Baseline;
pub use report::{AxisReport, DirectionReport, OrderReport, SpeciesOrder, StructureOrder, Value};
pub use trajectory::OrderOf;
