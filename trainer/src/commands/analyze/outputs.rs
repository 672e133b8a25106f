//! Where the results of an analysis go.

use serde::Serialize;

use crate::Failure;
use crate::commands::provenance;
use crate::endpoint::{Input, print_beside};
use crate::job::AnalysisOutputs;
use crate::report::Provenance;

/// Writes what is wanted of a report on these files. The summary is printed, unless something else goes to standard output.
pub(super) fn hand_out<R: Serialize>(
    outputs: &AnalysisOutputs,
    inputs: &[Input],
    report: &R,
    columns: fn(&R) -> String,
    page: fn(&R, &Provenance) -> String,
    summary: fn(&R) -> String,
) -> Result<(), Failure> {
    let AnalysisOutputs { table, json, report: to_page } = outputs;
    if let Some(output) = table {
        output.write(&columns(report))?;
    }
    if let Some(output) = json {
        output.write_json(report)?;
    }
    if let Some(output) = to_page {
        output.write(&page(report, &provenance(inputs.iter().cloned(), None)))?;
    }
    print_beside(&[table, json, to_page], || summary(report))
}
