//! Choosing active sets: the n rows of a training set that span the largest volume (maxvol), from a stream of rows; and
//! choosing from candidates those that a training set lacks, in the order of what they add.
//!
//! Rows of parameter derivatives come from the core and are made anew in every pass, so that a training set of any size
//! needs the memory of a few thousand rows. A. V. Shapeev and E. V. Podryabinkin, Comput. Mater. Sci. 140, 171 (2017);
//! S. Goreinov et al., How to find a good submatrix (2010). Results do not depend on the number of threads.

mod anew;
mod build;
mod collect;
pub mod description;
mod maxvol;
mod order;
mod pass;
mod polish;
pub mod report;
mod rows;
mod screen;
mod select;
pub mod state_files;
mod support;
mod volume;

pub use anew::BuiltAnew;
pub use build::{Built, Settings, build};
pub use maxvol::{Candidates, improve};
pub use rows::{RowMaker, Source};
pub use screen::Screen;
pub use select::{Choice, Chosen, Pick, Reason, SetAside, Start, select};
pub use support::{Direction, Kind, describe};
pub use volume::{Volume, log_determinant_of};
