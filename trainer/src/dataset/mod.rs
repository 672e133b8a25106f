//! Labeled configurations for training: read, checked, weighted and kept with compact neighbor lists.

mod sample;
mod training_set;
mod weights;

pub use sample::Sample;
pub use training_set::{Chunk, TrainingSet};
pub use weights::{WeightSettings, Weighting, Weights};
