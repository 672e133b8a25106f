//! Where the results of an analysis go.

use serde::Serialize;

use crate::Failure;
use crate::endpoint::print_beside;
use crate::job::AnalysisOutputs;

/// Writes what is wanted of a report. The summary is printed, unless something else goes to standard output.
pub(super) fn hand_out<R: Serialize>(
    outputs: &AnalysisOutputs,
    report: &R,
    columns: fn(&R) -> String,
    page: fn(&R) -> String,
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
        output.write(&page(report))?;
    }
    print_beside(&[table, json, to_page], || summary(report))
}
