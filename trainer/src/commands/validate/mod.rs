//! `mtprs validate`: computes properties of a crystal one after the other, and sets them beside reference values.

mod crystal;

use std::path::Path;

use mtprs_core::Error;

use super::provenance;
use crate::Failure;
use crate::active_set::state_files::{load_grader, reading_beside};
use crate::cli::ValidateArguments;
use crate::endpoint::{Input, load_potential, print_beside, read, say};
use crate::job::Ready;
use crate::pipeline::{RunSettings, on_stderr};
use crate::processes::{Interrupt, call, threads};
use crate::report::{Provenance, html};
use crate::text::{PROGRAM, counted};
use crate::validation::defects::{self, Vacancies};
use crate::validation::elastic::ElasticConstants;
use crate::validation::eos::EquationOfState;
use crate::validation::phonons::{self, Phonons};
use crate::validation::surfaces::Surface;
use crate::validation::{Calculator, Crystal, Miller, Part, Reference, Report, Settings, page, table};

/// Surfaces that are computed unless others are named.
const SURFACES: [&str; 3] = ["100", "110", "111"];
/// Width of the cell of a vacancy, and thickness of a slab, in cutoffs.
const WIDTH: f64 = 3.0;
const THICKNESS: f64 = 4.0;
/// What the bar looks like.
const TEMPLATE: &str = "{spinner} {msg}: {pos} steps, {elapsed}";

pub(super) fn run(job: &Ready<ValidateArguments>, interrupt: Interrupt) -> Result<(), Failure> {
    // Files may change while the work goes on.
    let origin = job.report.is_some().then(|| origin(job));
    let reference = job.reference.as_deref().map(read_reference).transpose()?;
    let potential = load_potential(&job.potential)?;
    let run = RunSettings::from(job.common.run);
    let mut reading =
        reading_beside(&job.reading, &potential, &job.potential, job.state.as_deref())?.quiet(run.quiet);
    reading.is_for_places = true;
    let (given, names) = crystal::read(job, &reading)?;
    let grader = job.state.as_deref().map(|state| load_grader(&potential, state)).transpose()?;
    let bar = match run.quiet {
        true => indicatif::ProgressBar::hidden(),
        false => on_stderr(indicatif::ProgressBar::no_length(), TEMPLATE),
    };
    let done = || bar.inc(1);
    let in_state = |error: Error| match &job.state {
        Some(state) if error.kind() == mtprs_core::ErrorKind::InvalidState => {
            error.in_file(&state.display().to_string())
        }
        _ => error.in_file(&job.potential.display().to_string()),
    };
    let mut calculator = Calculator::new(&potential, grader, &interrupt, &done).map_err(in_state)?;
    let settings = Settings {
        strain: job.strain,
        displacement: job.displacement,
        width: job.width.unwrap_or(WIDTH * potential.cutoff()),
        thickness: job.thickness.unwrap_or(THICKNESS * potential.cutoff()),
        max_force: job.max_force,
    };
    let work = Work { job, run, bar: bar.clone(), settings };
    let computed = threads::pool(run.threads)?.install(|| {
        work.begin("the crystal", "");
        let crystal = Crystal::relaxed(&mut calculator, &given, names)?;
        let more = [("Crystal", job.inputs[0].name())];
        let facts = html::facts(&potential, &job.potential.display().to_string(), &more);
        let report = Report::new(PROGRAM, facts, &crystal, work.settings.clone());
        work.compute(report, &crystal, &calculator)
    });
    bar.finish_and_clear();
    let report = computed.map_err(|failure| of_crystal(failure, &job.inputs[0].name()))?;
    hand_out(job, &report.complete(reference.as_ref()), origin)
}

fn read_reference(path: &Path) -> Result<Reference, Error> {
    let name = path.display().to_string();
    let text = String::from_utf8(read(path)?)
        .map_err(|_| Error::new(mtprs_core::ErrorKind::Syntax, "expected text in UTF-8").in_file(&name))?;
    Reference::parse(&text, &name)
}

/// An error that has no place is about the crystal.
fn of_crystal(failure: Failure, name: &str) -> Failure {
    match failure {
        Failure::Runtime(error) if error.place().is_none() => error.in_file(name).into(),
        other => other,
    }
}

struct Work<'a> {
    job: &'a Ready<ValidateArguments>,
    run: RunSettings,
    bar: indicatif::ProgressBar,
    settings: Settings,
}

impl Work<'_> {
    fn wants(&self, part: Part) -> bool {
        self.job.only.is_empty() || self.job.only.contains(&part)
    }

    /// Says what comes next, and how much work it is.
    fn begin(&self, what: &'static str, how_much: &str) {
        self.bar.set_position(0);
        self.bar.set_message(what);
        if !self.run.quiet && !how_much.is_empty() {
            self.bar.suspend(|| say(format!("{what}: {how_much}")));
        }
    }

    fn compute(
        &self,
        mut report: Report,
        crystal: &Crystal,
        calculator: &Calculator,
    ) -> Result<Report, Failure> {
        let atoms = crystal.atoms.len();
        let Settings { strain, displacement, width, thickness, max_force } = self.settings;
        if self.wants(Part::Eos) {
            let count = EquationOfState::RELAXATIONS;
            self.begin(
                Part::Eos.name(),
                &format!("{count} relaxations of {}", counted(atoms as u64, "atom")),
            );
            report.eos = Some(EquationOfState::of(crystal, calculator)?);
        }
        if self.wants(Part::Elastic) {
            let count = ElasticConstants::RELAXATIONS;
            self.begin(
                Part::Elastic.name(),
                &format!("{count} relaxations of {}", counted(atoms as u64, "atom")),
            );
            report.elastic = Some(ElasticConstants::of(crystal, calculator, strain)?);
        }
        if self.wants(Part::Phonons) {
            if crystal.primitive.len() > phonons::MOST_ATOMS {
                report.notes.push(format!(
                    "phonons are left out: the primitive cell has {} atoms, more than {}",
                    crystal.primitive.len(),
                    phonons::MOST_ATOMS
                ));
            } else {
                let plan = phonons::plan(crystal, calculator)?;
                let how_much = format!(
                    "{} force evaluations of {} neighborhoods among {} atoms; {} wave vectors of {} modes",
                    plan.displacements,
                    plan.neighborhoods,
                    plan.atoms,
                    plan.wave_vectors,
                    plan.displacements / 2
                );
                self.begin(Part::Phonons.name(), &how_much);
                report.phonons = Some(Phonons::of(crystal, calculator, displacement)?);
            }
        }
        if self.wants(Part::Vacancy) {
            let (_, atoms) = defects::plan(crystal, width);
            if atoms > defects::MOST_ATOMS {
                let most = defects::MOST_ATOMS;
                report.notes.push(format!(
                    "vacancies are left out: their cell would have {atoms} atoms, more than {most} (--width)"
                ));
            } else {
                let sites = defects::sites(crystal)?.len();
                self.begin(
                    Part::Vacancy.name(),
                    &format!("{sites} relaxations of {atoms} atoms, and smaller ones"),
                );
                report.vacancies = Some(Vacancies::of(crystal, calculator, width, max_force)?);
            }
        }
        if self.wants(Part::Surface) {
            let millers = self.surfaces();
            let atoms: Vec<usize> =
                millers.iter().filter_map(|&miller| Surface::plan(crystal, miller, thickness)).collect();
            let listed = atoms.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let how_much = if atoms.is_empty() {
                "none that can be computed".into()
            } else {
                format!("relaxations of {listed} atoms")
            };
            self.begin(Part::Surface.name(), &how_much);
            report.surfaces = Surface::all(&millers, crystal, calculator, thickness, max_force)?;
        }
        Ok(report)
    }

    /// Each surface once.
    fn surfaces(&self) -> Vec<Miller> {
        let usual = || SURFACES.iter().filter_map(|text| text.parse().ok()).collect();
        let mut wanted: Vec<Miller> =
            if self.job.surface.is_empty() { usual() } else { self.job.surface.clone() };
        let all = wanted.clone();
        let mut number = 0;
        wanted.retain(|miller| {
            number += 1;
            !all[..number - 1].contains(miller)
        });
        wanted
    }
}

/// Where the report comes from.
fn origin(job: &Ready<ValidateArguments>) -> Provenance {
    let files = [Input::from(job.potential.clone())]
        .into_iter()
        .chain(job.inputs.iter().cloned())
        .chain(job.reference.clone().map(Input::from))
        .chain(job.state.clone().map(Input::from));
    provenance(files, None)
}

fn hand_out(
    job: &Ready<ValidateArguments>,
    report: &Report,
    origin: Option<Provenance>,
) -> Result<(), Failure> {
    let write = job.common.write;
    let (json, html) = (write.optional(&job.json), write.optional(&job.report));
    if let Some(output) = &json {
        output.write_json(report)?;
    }
    if let Some(output) = &html {
        let elapsed = call::current().map(|call| call.at.elapsed());
        let origin = Provenance { elapsed, ..origin.unwrap_or_default() };
        output.write(&page::render(report, &origin))?;
    }
    print_beside(&[&json, &html], || table::render(report))
}
