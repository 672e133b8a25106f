//! `mtprs split`: one pass counts and finds the strata, another writes.

use mtprs_core::geometry::Configuration;
use mtprs_core::{Error, ErrorKind};

use crate::Failure;
use crate::dataset::{CfgSink, Kept, Survey, Walk, assign, changed_file, even};
use crate::endpoint::{Input, Output, tell};
use crate::job::{Amount, Parts, SplitJob, Stratum};
use crate::processes::Interrupt;
use crate::statistics::composition::counts;
use crate::text::{Table, counted};

pub(super) fn run(job: &SplitJob, interrupt: Interrupt) -> Result<(), Failure> {
    let walk = Walk::new(&job.inputs, &job.reading, job.quiet, interrupt);
    let names: Vec<String> = job.inputs.iter().map(Input::name).collect();
    let mut survey = Survey::new(&job.grouping);
    walk.run(|origin, configuration| {
        survey.add(&names[origin.file], &configuration, stratum(&configuration, job.stratify.as_ref()));
        Ok(())
    })?;
    let (total, strata) = (survey.count() as u64, survey.strata());
    let quotas = match &job.parts {
        Parts::Files(files) => quotas(files, total)?,
        Parts::Folds(folds) => of_folds(folds.len() as u64, total)?,
    };
    let smallest = quotas.iter().copied().filter(|&quota| quota > 0).min().unwrap_or(total);
    let (units, kept) = survey.units(smallest as f64 / total as f64)?;
    let parts = assign(&units, &quotas, job.seed, true);
    if let Some(part) = (0..quotas.len()).find(|&part| quotas[part] > 0 && !parts.contains(&(part as u32))) {
        let message = format!(
            "nothing is left for part {} of {}: configurations stay together in {}",
            part + 1,
            quotas.len(),
            counted(units.len() as u64, "group")
        );
        let error = Error::new(ErrorKind::Argument, message);
        return Err(error
            .hint("--group none splits them individually, --group blocks:COUNT in smaller blocks")
            .into());
    }
    let outputs = job.parts.outputs();
    let mut sinks = outputs.iter().map(|output| CfgSink::create(output)).collect::<Result<Vec<_>, _>>()?;
    walk.run(|origin, configuration| {
        let Some(&part) = parts.get(origin.place) else {
            return Err(changed_file(&names[origin.file]).into());
        };
        let part = part as usize;
        for (k, sink) in sinks.iter_mut().enumerate() {
            let belongs = match &job.parts {
                Parts::Files(_) => k == part,
                // Training and validation set of each fold take turns.
                Parts::Folds(_) => (k / 2 == part) == (k % 2 == 1),
            };
            if belongs {
                sink.write(&configuration)?;
            }
        }
        Ok(())
    })?;
    let mut table = Table::new(&["file", ">configurations", ">share, %", ">atoms"]);
    let mut written = 0;
    for (sink, output) in sinks.into_iter().zip(&outputs) {
        let tally = sink.finish()?;
        written += tally.configurations;
        let share = format!("{:.2}", 100.0 * tally.configurations as f64 / total as f64);
        table.row(vec![output.name(), tally.configurations.to_string(), share, tally.atoms.to_string()]);
    }
    if !job.quiet {
        summarize(job, table, &kept, written, strata);
    }
    Ok(())
}

fn summarize(job: &SplitJob, table: Table, kept: &Kept, written: u64, strata: usize) {
    let total = kept.configurations as u64;
    let mut text = table.render();
    if job.stratify.is_some() {
        let noun = if strata == 1 { "stratum" } else { "strata" };
        text += &format!("  {} in {strata} {noun}\n", counted(total, "configuration"));
    }
    if matches!(job.parts, Parts::Files(_)) && written < total {
        text +=
            &format!("  {} left out: they belong to no part\n", counted(total - written, "configuration"));
    }
    if let Some(groups) = kept.describe(&job.grouping) {
        text += &format!("  note: {groups}\n");
    }
    tell(text);
}

fn stratum(configuration: &Configuration, by: Option<&Stratum>) -> String {
    match by {
        None => String::new(),
        Some(Stratum::Feature(key)) => configuration.feature(key).unwrap_or_default().to_owned(),
        Some(Stratum::Composition) => format!("{:?}", counts(configuration)),
    }
}

/// Configurations of each part, the last being what is left out.
fn quotas(files: &[(Output, Amount)], total: u64) -> Result<Vec<u64>, Error> {
    let exact = |amount: &Amount| match amount {
        Amount::Count(count) => *count as f64,
        Amount::Share(share) => share * total as f64,
        Amount::Rest => 0.0,
    };
    let wanted: Vec<f64> = files.iter().map(|(_, amount)| exact(amount)).collect();
    // Shares of 80 %, 10 % and 10 % of 268 are 214.4 and twice 26.8: the largest fractions are rounded up.
    let mut found: Vec<u64> = wanted.iter().map(|wanted| (wanted + 1e-9).floor() as u64).collect();
    let sum = (wanted.iter().sum::<f64>() + 1e-9).round() as u64;
    let mut by_fraction: Vec<usize> = (0..files.len()).collect();
    let fraction = |k: usize| wanted[k] - found[k] as f64;
    by_fraction.sort_by(|&a, &b| fraction(b).total_cmp(&fraction(a)));
    let missing = sum.saturating_sub(found.iter().sum()) as usize;
    by_fraction.into_iter().take(missing).for_each(|k| found[k] += 1);
    let taken: u64 = found.iter().sum();
    let Some(rest) = total.checked_sub(taken) else {
        let message = format!("{taken} configurations are requested, but there are {total}");
        return Err(Error::new(ErrorKind::Argument, message));
    };
    match files.iter().position(|(_, amount)| *amount == Amount::Rest) {
        Some(k) => found[k] = rest,
        None => found.push(rest),
    }
    if let Some(k) = (0..files.len()).find(|&k| found[k] == 0) {
        let message = format!("nothing is left for it of {}", counted(total, "configuration"));
        return Err(Error::new(ErrorKind::Argument, message).in_file(&files[k].0.name()));
    }
    Ok(found)
}

/// Configurations of each fold.
fn of_folds(folds: u64, total: u64) -> Result<Vec<u64>, Error> {
    if total < folds {
        let message = format!("expected at least {folds} configurations for {folds} folds, got {total}");
        return Err(Error::new(ErrorKind::Argument, message));
    }
    Ok(even(folds, total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_the_rest_is_what_is_left() {
        let file = |amount| (Output::Stdout, amount);
        let shares = [0.8, 0.1, 0.1].map(|share| file(Amount::Share(share)));
        assert_eq!(quotas(&shares, 268).unwrap(), [214, 27, 27, 0]);
        let mixed = [file(Amount::Rest), file(Amount::Count(100)), file(Amount::Share(0.25))];
        assert_eq!(quotas(&mixed, 200).unwrap(), [50, 100, 50]);
        assert!(quotas(&mixed, 120).is_err());
    }
}
