//! `mtprs init`: an untrained potential of a given level.

use mtprs_core::potential::template::{BasisRule, RecommendedTable};
use mtprs_core::potential::{PairTerm, Potential};
use mtprs_core::{Error, Result};

use crate::Failure;
use crate::cli::{InitArguments, usage_error};
use crate::endpoint::{Output, say};
use crate::session::long_cutoff;

pub(super) fn run(job: &InitArguments) -> std::result::Result<(), Failure> {
    // Whatever is wrong with an untrained potential is wrong with the options that ask for it.
    let wrong = |error: Error| Failure::Usage(usage_error(error));
    let rule = job.table.rule(job.level).map_err(wrong)?;
    let potential = create(job, &rule).map_err(wrong)?;
    let output = job.output();
    output.write_potential(&potential)?;
    say(describe(&rule, &output, &potential));
    if let Some(sentence) = long_cutoff(potential.cutoff()) {
        say(format!("note: {sentence}"));
    }
    Ok(())
}

fn create(job: &InitArguments, rule: &BasisRule) -> Result<Potential> {
    let InitArguments { species, min_dist, cutoff, radial_basis_size, zbl, name, .. } = job;
    let distances = [*min_dist, *cutoff];
    let potential = Potential::untrained_of(rule, species.clone(), distances, *radial_basis_size)?;
    let mut parts = potential.into_parts();
    parts.name = name.clone().unwrap_or(parts.name);
    parts.pair_terms.extend(zbl.map(PairTerm::Zbl));
    Potential::new(parts)
}

fn describe(rule: &BasisRule, output: &Output, potential: &Potential) -> String {
    let basis = potential.moment_basis();
    let what = match RecommendedTable::of(rule) {
        Some(table) => format!("table {rule} ({})", table.name),
        None if rule.is_level() => format!("level {rule}"),
        None => format!("table {rule}"),
    };
    format!(
        "{}: {}, {}, cutoff {} Å\n{} basis functions from {} moments ({} basic) and {} products; {} parameters, untrained",
        output.name(),
        what,
        potential.species().describe(),
        potential.cutoff(),
        basis.scalar_moments().len(),
        basis.moments_count(),
        basis.basic().len(),
        basis.products().len(),
        potential.parameter_layout().len()
    )
}
