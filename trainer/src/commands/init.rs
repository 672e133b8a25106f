//! `mtprs init`: an untrained potential of a given level.

use mtprs_core::Error;
use mtprs_core::format::write_potential;
use mtprs_core::potential::{PairTerm, Potential};

use crate::Failure;
use crate::endpoint::say;
use crate::job::{InitJob, usage_error};

pub(super) fn run(job: &InitJob) -> Result<(), Failure> {
    let potential = create(job)?;
    let mut text = Vec::new();
    write_potential(&potential, &mut text)
        .map_err(|error| Failure::from_write(&error, &job.output.name()))?;
    let mut sink = job.output.create()?;
    sink.write(&text)?;
    sink.finish()?;
    say(describe(job, &potential));
    Ok(())
}

fn create(job: &InitJob) -> Result<Potential, Failure> {
    let InitJob { level, species, min_dist, cutoff, radial_basis_size, zbl, name, .. } = job;
    // Whatever is wrong with an untrained potential is wrong with the options that ask for it.
    let wrong = |error: Error| Failure::Usage(usage_error("init", error));
    let potential = Potential::untrained(*level, species.clone(), *min_dist, *cutoff, *radial_basis_size)
        .map_err(wrong)?;
    let mut parts = potential.into_parts();
    parts.name = name.clone().unwrap_or(parts.name);
    parts.pair_terms.extend(zbl.map(PairTerm::Zbl));
    Potential::new(parts).map_err(wrong)
}

fn describe(job: &InitJob, potential: &Potential) -> String {
    let basis = potential.moment_basis();
    format!(
        "{}: level {}, {}, cutoff {} Å\n{} basis functions from {} moments ({} basic) and {} products; {} parameters, untrained",
        job.output.name(),
        job.level,
        potential.species().describe(),
        potential.cutoff(),
        basis.scalar_moments().len(),
        basis.moments_count(),
        basis.basic().len(),
        basis.products().len(),
        potential.parameter_layout().len()
    )
}
