//! Selection and training on numbers that are made up, without the command line.

mod maxvol;
mod processes;
mod training;
mod transport;

/// Vectors of a triclinic cell, Å.
const TRICLINIC: [[f64; 3]; 3] = [[4.5, 0.0, 0.3], [0.5, 4.2, 0.0], [0.0, 0.25, 5.0]];
