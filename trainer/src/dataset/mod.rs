//! Labeled configurations for training: read, checked, weighted and kept with compact neighbor lists; and for commands that
//! only hand them on.

mod checks;
mod consecutive;
mod files;
mod grouping;
mod reader;
mod repulsion;
mod sample;
mod sides;
mod training_set;
mod walk;
mod weights;

pub use checks::Labels;
pub use files::Recount;
pub(crate) use files::changed_file;
pub use grouping::{Grouping, Groups};
pub use reader::{Contents, Sets, Side, Sources, read};
pub use sample::Sample;
pub use sides::{Kept, Sides, Survey, Unit, assign, even, sides};
pub use training_set::{Chunk, TrainingSet};
pub use walk::{CfgSink, Walk};
pub use weights::{WeightSettings, Weighting, Weights};
