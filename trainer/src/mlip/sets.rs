//! `mlp mindist`, and the commands that keep some of the configurations of a file.

use mtprs_core::Error;
use mtprs_core::geometry::{Configuration, NeighborList};

use super::files::Results;
use super::{Call, Words, replacing};
use crate::Failure;
use crate::cli::usage_error;
use crate::commands::watch;
use crate::dataset::{CfgSink, Walk};
use crate::endpoint::{Input, Output, print, say};
use crate::report::mlip::Dialect;
use crate::structure_files::Reading;
use crate::text::{counted, general};

/// Distances that are looked for first, and at most, Å.
const DISTANCES: [f64; 2] = [2.0, 64.0];
/// What MLIP and others write into the feature `EFS_by` where electrons have not converged.
const NOT_CONVERGED: &str = "not_converged";

/// The shortest distance of two atoms of a configuration that is below a bound, Å.
fn shortest(configuration: &Configuration, below: f64) -> Result<Option<f64>, Error> {
    let mut reach = DISTANCES[0].min(below);
    loop {
        match NeighborList::new(configuration, reach)?.closest() {
            Some((distance, _)) => return Ok(Some(distance)),
            None if reach >= below => return Ok(None),
            None => reach = (2.0 * reach).min(below),
        }
    }
}

pub(super) fn mindist(call: &mut Call<'_>) -> Result<(), Failure> {
    let inputs = [Input::from(call.file(0))];
    let walk = Walk::new(&inputs, &Reading::default(), true, watch(call.group)?);
    let mut least: Option<f64> = None;
    walk.run(|_, configuration| {
        let found = shortest(&configuration, least.unwrap_or(DISTANCES[1]))?;
        least = found.or(least);
        Ok(())
    })?;
    let Some(least) = least else {
        let message = format!("no two atoms are closer than {} Å", DISTANCES[1]);
        let error = Error::new(mtprs_core::ErrorKind::InvalidConfiguration, message);
        return Err(error.in_file(&inputs[0].name()).into());
    };
    let mark = if call.dialect == Dialect::Mlip2 { ":" } else { "=" };
    print(&format!("Global mindist{mark} {}\n", general(least, 6)))
}

/// Takes the one word among the files that is a number.
fn take_number(call: &mut Call<'_>, what: &str) -> Result<String, Failure> {
    let files = &mut call.line.files;
    let place = files.iter().position(|word| word.to_str().is_some_and(|word| word.parse::<f64>().is_ok()));
    let word = place.map(|place| files.remove(place).to_string_lossy().into_owned());
    word.ok_or_else(|| usage_error(format!("expected {what} among the files")).into())
}

pub(super) fn mindist_filter(call: &mut Call<'_>) -> Result<(), Failure> {
    let distance = take_number(call, "a distance in Å")?;
    let words = Words::new(["filter"]).file(call.file(0)).file(call.file(1));
    call.mtprs(words.option("min-distance", Some(distance)).flag("force", true))
}

pub(super) fn subsample(call: &mut Call<'_>) -> Result<(), Failure> {
    let step = take_number(call, "a number of configurations")?;
    let words = Words::new(["subsample"]).file(call.file(0)).file(call.file(1));
    call.mtprs(words.option("every", Some(step)).flag("force", true))
}

pub(super) fn filter_nonconv(call: &mut Call<'_>) -> Result<(), Failure> {
    let (mut kept, mut all) = (0, 0);
    each(call, |configuration, sink| {
        all += 1;
        let says = |key: &str, is_it: fn(&str) -> bool| {
            configuration.feature(key).is_some_and(|value| is_it(&value.to_ascii_lowercase()))
        };
        if says("EFS_by", |value| value.contains(NOT_CONVERGED))
            || says("converged", |value| ["no", "false", "0"].contains(&value.trim()))
        {
            return Ok(());
        }
        kept += 1;
        sink.write(&configuration)
    })?;
    say(format!("kept {kept} of {}", counted(all, "configuration")));
    Ok(())
}

/// Hands every configuration of the first file on, with the second file to write to.
pub(super) fn each(
    call: &Call<'_>,
    mut change: impl FnMut(Configuration, &mut CfgSink) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let inputs = [Input::from(call.file(0))];
    let walk = Walk::new(&inputs, &Reading::default(), true, watch(call.group)?);
    Results::default().add(&call.file(1), &[])?;
    let mut sink = CfgSink::create(&Output::File(replacing(call.file(1))))?;
    walk.run(|_, configuration| change(configuration, &mut sink))?;
    sink.finish().map(drop)
}
