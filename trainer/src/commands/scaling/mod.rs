//! `mtprs scaling`: predicts how fast LAMMPS will run a potential on how many cores.

mod atoms;
mod lists;
mod measure;

use std::fs;
use std::path::Path;

use mtprs_core::potential::Potential;
use mtprs_core::{Error, Result as CoreResult};

use super::provenance;
use crate::Failure;
use crate::endpoint::{load_potential, print_beside, say};
use crate::job::ScalingJob;
use crate::processes::Interrupt;
use crate::report::html;
use crate::scaling::{
    CostSource, Costs, LammpsTimes, ScalingReport, Simulation, SystemReport, page, predict,
    steps_between_rebuilds,
};
use crate::text::{general, significant};
use atoms::Substance;

/// Seconds per entry of a neighbor list, per ghost and per atom where no log tells them: those of LAMMPS on one core in
/// examples/cluster/validation.txt.
const LIST: f64 = 22e-9;
const GHOST: f64 = 3e-9;
const INTEGRATE: f64 = 7e-9;

pub(super) fn run(job: &ScalingJob, interrupt: Interrupt) -> Result<(), Failure> {
    let potential = load_potential(&job.typed.potential)?;
    let substance = Substance::read(job, &potential)?;
    let range = potential.cutoff() + job.typed.skin;
    let times = job.typed.log.as_deref().map(read_log).transpose()?;
    let (costs, source) = match (&times, job.typed.microseconds_per_atom) {
        (Some(times), _) => (of_log(times, job.typed.threads_per_rank), CostSource::Log),
        (None, Some(time)) => (with_pair(1e-6 * time, 0.0), CostSource::Given),
        (None, None) => {
            if !job.run.quiet {
                say(format!("measuring the time per atom with {} cores busy", job.run.threads));
            }
            let potential = with_coefficients(potential.clone())?;
            let measured = measure::per_atom(job, &potential, &substance, range, &interrupt)?;
            (with_pair(measured.pair, measured.call), CostSource::Measured(job.run.threads))
        }
    };
    let rebuild_every = job.typed.rebuild_every.or_else(|| times.and_then(|times| times.rebuild_every()));
    let mut systems = Vec::new();
    for (system, copies) in substance.systems(job, range)? {
        interrupt.check()?;
        let flight = || {
            let masses = substance.masses(system.atoms);
            steps_between_rebuilds(&masses, job.typed.temperature, job.typed.skin, job.typed.timestep)
        };
        let settings = Simulation {
            cutoff: potential.cutoff(),
            skin: job.typed.skin,
            rebuild_every: rebuild_every.unwrap_or_else(flight),
            threads: job.typed.threads_per_rank,
            reductions: job.typed.ensemble.reductions(),
            timestep: job.typed.timestep,
            time: job.typed.time,
        };
        let rows = predict(&system, &settings, &costs, &job.network, &job.ranks_for(system.atoms));
        systems.push(SystemReport::new(&system, copies, settings.rebuild_every, rows, job.typed.efficiency));
    }
    let more = [
        ("Atoms", substance.name.clone()),
        ("Cutoff and skin", format!("{} + {} Å", general(potential.cutoff(), 6), general(job.typed.skin, 6))),
        ("Time of the potential", format!("{} µs per atom", significant(Some(1e6 * costs.pair), 3))),
    ];
    let report = ScalingReport {
        program: crate::text::PROGRAM,
        facts: html::facts(&potential, &job.typed.potential.display().to_string(), &more),
        costs,
        cost_source: source,
        network: job.network,
        threads_per_rank: job.typed.threads_per_rank,
        time: job.typed.time,
        timestep: job.typed.timestep,
        efficiency: job.typed.efficiency,
        systems,
    };
    hand_out(job, &report)
}

/// What a log of LAMMPS says of times.
fn read_log(path: &Path) -> Result<LammpsTimes, Error> {
    let name = path.display().to_string();
    let text = fs::read(path).map_err(|error| Error::io("open", &name, &error))?;
    LammpsTimes::from_log(&String::from_utf8_lossy(&text), &name)
}

fn hand_out(job: &ScalingJob, report: &ScalingReport) -> Result<(), Failure> {
    if let Some(output) = &job.json {
        output.write_json(report)?;
    }
    if let Some(output) = &job.report {
        output.write(&page::render(report, &provenance([job.typed.potential.clone().into()], None)))?;
    }
    print_beside(&[&job.json, &job.report], || report.render())
}

fn with_pair(pair: f64, call: f64) -> Costs {
    Costs { pair, call, list: LIST, ghost: GHOST, integrate: INTEGRATE }
}

/// Costs of a core in a run of LAMMPS. What ranks send to each other cannot be told from what they copy: on several of them
/// the costs of a ghost stay those that are built in.
fn of_log(times: &LammpsTimes, threads: usize) -> Costs {
    let [pair, lists, communication, modify, other] = times.tasks;
    let is_alone = times.ranks == 1.0;
    let list = if times.builds > 0.0 { lists / (times.builds * times.listed) } else { LIST };
    Costs {
        pair: pair * threads as f64 / (times.steps * times.own),
        call: 0.0,
        list,
        ghost: if is_alone { communication / (times.steps * times.ghosts) } else { GHOST },
        integrate: (modify + if is_alone { other } else { 0.0 }) / (times.steps * times.own),
    }
}

/// An untrained potential costs what a trained one does that has no zeros.
fn with_coefficients(potential: Potential) -> CoreResult<Potential> {
    if potential.is_trained() {
        return Ok(potential);
    }
    potential.with_parameters(&vec![1.0; potential.parameter_layout().len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_of_a_log_are_those_of_one_core() {
        let times = LammpsTimes {
            ranks: 1.0,
            steps: 100.0,
            atoms: 1000.0,
            seconds: 0.6,
            tasks: [0.5, 0.02, 0.01, 0.02, 0.03],
            own: 1000.0,
            ghosts: 2000.0,
            listed: 1e5,
            builds: 10.0,
        };
        let alone = of_log(&times, 1);
        let expected = Costs { pair: 5e-6, call: 0.0, list: 2e-8, ghost: 5e-8, integrate: 5e-7 };
        for (a, b) in [
            (alone.pair, expected.pair),
            (alone.list, expected.list),
            (alone.ghost, expected.ghost),
            (alone.integrate, expected.integrate),
        ] {
            assert!((a / b - 1.0).abs() < 1e-12, "{alone:?}");
        }
        let of_four = of_log(&LammpsTimes { ranks: 4.0, ..times }, 2);
        assert_eq!((of_four.pair, of_four.ghost), (2.0 * alone.pair, GHOST));
    }
}
