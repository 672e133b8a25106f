//! Labeled configurations for training: read, checked, weighted and kept with compact neighbor lists; and for commands that
//! only hand them on.

mod checks;
mod reader;
mod repulsion;
mod sample;
mod training_set;
mod walk;
mod weights;
mod zbl;

pub use checks::Labels;
pub use reader::{Sets, Side, Sources, read};
pub use sample::Sample;
pub use training_set::{Chunk, TrainingSet};
pub use walk::{CfgSink, Walk};
pub use weights::{WeightSettings, Weighting, Weights};
