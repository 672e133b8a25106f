//! Choosing active sets: the n rows of a training set that span the largest volume (maxvol), from a stream of rows.
//!
//! Rows of parameter derivatives come from the core and are made anew in every pass, so that a training set of any size
//! needs the memory of a few thousand rows. A. V. Shapeev and E. V. Podryabinkin, Comput. Mater. Sci. 140, 171 (2017);
//! S. Goreinov et al., How to find a good submatrix (2010). Results do not depend on the number of threads.

mod build;
mod maxvol;
mod polish;
mod rows;
mod support;
mod volume;

pub use build::{Built, Settings, build};
pub use maxvol::{Candidates, improve};
pub use rows::{RowMaker, Source};
pub use support::{Direction, Kind, describe};
pub use volume::{Volume, log_determinant_of};
