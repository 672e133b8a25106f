//! Where the results of an analysis go.

use serde::Serialize;

use crate::Failure;
use crate::endpoint::{Output, print};
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
    if [table, json, to_page].into_iter().any(|output| *output == Some(Output::Stdout)) {
        return Ok(());
    }
    print(&summary(report))
}
