//! `mlp calc-efs`, `calculate_efs`, `calc-errors`, `check_errors`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::files::Results;
use super::{Call, Words};
use crate::Failure;
use crate::endpoint::print;
use crate::report::mlip::Dialect;

/// The name that the first process of MLIP-3 gives a file.
pub(super) fn of_first_process(name: impl Into<OsString>, mark: &str) -> PathBuf {
    let mut name = name.into();
    name.push(mark);
    name.into()
}

pub(super) fn efs(call: &mut Call<'_>) -> Result<(), Failure> {
    let (potential, input) = (call.file(0), call.file(1));
    let output = match call.dialect {
        Dialect::Mlip2 => call.file(2),
        Dialect::Mlip3 => match call.line.take_file("output_filename") {
            Some(name) => of_first_process(name, ".0"),
            None => input.clone(),
        },
    };
    Results::default().add(&output, &[&potential])?;
    let words = Words::new(["evaluate"]).file(potential).file(input).file(output).flag("force", true);
    call.mtprs(call.with_common(words))
}

pub(super) fn errors(call: &mut Call<'_>) -> Result<(), Failure> {
    let (potential, database) = (call.file(0), call.file(1));
    let report = call.line.take_file("report_to").filter(|name| name != "stdout");
    let log = call.line.take_file("log").filter(|name| name != "stdout");
    let log = log.map(|name| of_first_process(name, ".0"));
    let mut results = Results::default();
    for result in report.iter().map(Path::new).chain(log.as_deref()) {
        results.add(result, &[&potential, &database])?;
    }
    let is_two = call.dialect == Dialect::Mlip2;
    if is_two {
        let (potential, database) = (potential.display(), database.display());
        print(&format!("MTPR from {potential}, Database: {database}\n\n\t\t* * * TRAIN ERRORS * * *\n\n"))?;
    }
    let words = Words::new(["errors"]).file(potential).file(database);
    let words = words
        .option("compat", Some(if is_two { "mlip2" } else { "mlip3" }))
        .option("report-to", report)
        .option("log", log)
        .flag("force", true);
    call.mtprs(call.with_common(words))?;
    if is_two { print("\n") } else { Ok(()) }
}
