//! `mtprs analyze`: what trajectories say, a file for each quantity.

use mtprs_core::Error;

pub(super) mod diffusion;
pub(super) mod melt;
pub(super) mod order;
mod outputs;
pub(super) mod rdf;
mod reference;

use crate::Failure;
use crate::job::Trajectory;
use crate::pipeline::{Batches, Item, Pipeline, Supply};
use crate::structure_files::Reading;

/// What is read before it is worked on: sums do not depend on it.
const BATCH: Batches = Batches::Fixed { atoms: 1 << 17, configurations: 256 };

/// Takes one frame of a trajectory after the other, while the next ones are read.
fn follow(
    trajectory: &Trajectory,
    reading: &Reading,
    pipeline: &Pipeline<()>,
    mut take: impl FnMut(Item) -> Result<(), Error>,
) -> Result<(), Failure> {
    let supplies = Supply::of_inputs(&trajectory.inputs, reading);
    let files = trajectory.files();
    pipeline.run_batches(
        &supplies,
        BATCH,
        "followed",
        |(), item| Ok(item),
        |items| {
            for item in items {
                let item = item?;
                let origin = item.origin;
                take(item).map_err(|error| origin.explain(error, &files[origin.file]))?;
            }
            Ok(())
        },
    )?;
    Ok(())
}
