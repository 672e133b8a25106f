//! `mtprs merge` as the program needs it.

use super::Files;
use super::streams::{feature_key, inputs, reading};
use crate::cli::{MergeArguments, PassArguments};
use crate::endpoint::{Input, Output};
use crate::structure_files::Reading;

/// What to put together.
#[derive(Debug)]
pub struct MergeJob {
    /// The files, in this order.
    pub inputs: Vec<Input>,
    /// How they are read.
    pub reading: Reading,
    /// Where all goes.
    pub output: Output,
    /// Whether configurations that occurred before are left out.
    pub deduplicate: bool,
    /// Feature that gets file and number.
    pub source_feature: Option<String>,
    /// Whether to keep silent on standard error.
    pub quiet: bool,
}

impl MergeJob {
    pub(super) fn files(&self) -> Files {
        Files::default().takes(&self.inputs).makes([&self.output])
    }
}

pub(super) fn merge(arguments: MergeArguments) -> Result<MergeJob, clap::Error> {
    let reading = reading("merge", arguments.common.reading)?;
    let inputs = inputs("merge", arguments.inputs, 1, &reading)?;
    let output = Output::new(arguments.output, arguments.common.write.force);
    let source_feature =
        arguments.source_feature.map(|key| feature_key("merge", "--source-feature", key)).transpose()?;
    let MergeArguments { deduplicate, common: PassArguments { quiet, .. }, .. } = arguments;
    Ok(MergeJob { inputs, reading, output, deduplicate, source_feature, quiet })
}
