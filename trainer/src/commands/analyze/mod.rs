//! `mtprs analyze`: what trajectories say, a file for each quantity.

pub(super) mod diffusion;
mod outputs;
pub(super) mod rdf;

use mtprs_core::{Error, ErrorKind};

use crate::pipeline::{Batches, Frames};

/// What is read before it is worked on: sums do not depend on it.
const BATCH: Batches = Batches::Fixed { atoms: 1 << 17, configurations: 256 };

/// The error of a trajectory of which no frame was taken.
fn no_frame(frames: Frames, files: &str) -> Error {
    let message = match frames.skip {
        0 => "there is no frame in it".to_owned(),
        skip => format!("--skip {skip} leaves no frame of it"),
    };
    Error::new(ErrorKind::InvalidConfiguration, message).in_file(files)
}
