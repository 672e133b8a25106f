//! What the commands with reports share: facts about a potential, and writing.

use mtprs_core::potential::Potential;
use mtprs_core::{Error, ErrorKind};
use serde::Serialize;

use crate::endpoint::Output;
use crate::text::general;
use crate::{Failure, PROGRAM};

/// What a page says about a potential beside its errors.
pub(super) fn facts(potential: &Potential, name: &str, more: &[(&str, String)]) -> Vec<(String, String)> {
    let species = (0..potential.species().count()).map(|index| potential.species().label(index));
    let level = potential.moment_basis().level();
    let facts = [
        ("Potential", name.to_owned()),
        ("Species", species.collect::<Vec<_>>().join(" ")),
        ("Level", level.map_or("not that of a full level".into(), |level| level.to_string())),
        ("Cutoff", format!("{} Å", general(potential.cutoff(), 6))),
        ("Parameters", potential.parameter_layout().len().to_string()),
    ];
    let all = facts.iter().chain(more).map(|(label, value)| ((*label).to_owned(), value.clone()));
    all.chain([("Program".to_owned(), PROGRAM.to_owned())]).collect()
}

/// Writes a finished text.
pub(super) fn write(output: &Output, text: &str) -> Result<(), Failure> {
    let mut sink = output.create()?;
    sink.write(text.as_bytes())?;
    sink.finish()
}

/// Writes a report as JSON.
pub(super) fn write_json(output: &Output, report: &impl Serialize) -> Result<(), Failure> {
    let mut json = serde_json::to_string_pretty(report)
        .map_err(|error| Error::new(ErrorKind::Bug, format!("cannot write the report as JSON: {error}")))?;
    json.push('\n');
    write(output, &json)
}

/// The last part of a path, or all of what is none.
pub(super) fn file_name(path: &str) -> &str {
    std::path::Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or(path)
}
