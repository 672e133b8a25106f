//! `mtprs analyze order`: directional disorder of structures, frames on several threads.

use std::collections::BTreeMap;

use mtprs_core::geometry::{Configuration, Vector3};
use mtprs_core::{Error, ErrorKind};

use super::reference;
use crate::Failure;
use crate::analysis::crystal::{Crystal, CrystalAverage, Match};
use crate::analysis::label;
use crate::analysis::order::{Figures, OrderOf, OrderReport, StructureOrder, page, table};
use crate::commands::provenance;
use crate::endpoint::print_beside;
use crate::job::{OrderJob, Trajectory};
use crate::pipeline::{Batches, Pipeline, Supply};
use crate::processes::Interrupt;
use crate::text::PROGRAM;

/// What is read before it is worked on: averages do not depend on it.
const BATCH: Batches = Batches::Fixed { atoms: 1 << 16, configurations: 64 };

pub(crate) fn run(job: &OrderJob, interrupt: Interrupt) -> Result<(), Failure> {
    let pipeline = Pipeline::new((), job.run, interrupt)?.taking(job.frames).joining();
    let crystal = job.reference.as_ref().map(|one| reference::read(one, &job.reading)).transpose()?;
    let mut structures = Vec::new();
    for structure in &job.structures {
        structures.push(analyze(job, structure, crystal.as_ref(), &pipeline)?);
    }
    hand_out(job, &OrderReport { program: PROGRAM, settings: job.settings.clone(), structures })
}

/// What one frame says.
struct Frame {
    vectors: Vec<Vector3>,
    /// Species with their figures and numbers of atoms.
    species: Vec<(usize, Figures, usize)>,
    crystal: Option<Match>,
}

/// What the frames of a structure say so far.
#[derive(Default)]
struct Averages {
    frames: u64,
    species: BTreeMap<usize, OrderOf>,
    crystal: CrystalAverage,
}

fn analyze(
    job: &OrderJob,
    structure: &Trajectory,
    crystal: Option<&Crystal>,
    pipeline: &Pipeline<()>,
) -> Result<StructureOrder, Failure> {
    let supplies = Supply::of_inputs(&structure.inputs, &job.reading);
    let names = || job.reading.naming.names().unwrap_or_default();
    let files = structure.files();
    let mut averages = Averages::default();
    pipeline.run_batches(
        &supplies,
        BATCH,
        "analyzed",
        |(), item| Ok((measure(job, crystal, &item.configuration, &names())?, item.origin)),
        |frames| {
            let names = names();
            for frame in frames {
                let (frame, origin) = frame?;
                averages
                    .add(job, frame, &names)
                    .map_err(|error| origin.explain(error, &files[origin.file]))?;
            }
            Ok(())
        },
    )?;
    if averages.frames == 0 {
        return Err(job.frames.no_frame(&structure.files()).into());
    }
    let reference = job.reference.as_ref().map_or(String::new(), |one| one.input.name());
    let species = pipeline.install(|| averages.species.into_values().map(OrderOf::report).collect());
    Ok(StructureOrder {
        label: structure.label.clone(),
        files,
        frames: averages.frames,
        species,
        crystal: averages.crystal.report(&reference),
    })
}

fn measure(
    job: &OrderJob,
    crystal: Option<&Crystal>,
    configuration: &Configuration,
    names: &[String],
) -> Result<Frame, Error> {
    if configuration.is_empty() {
        return Err(Error::new(ErrorKind::InvalidConfiguration, "it has no atoms"));
    }
    let species = reference::species(configuration, &job.of, names)?;
    let figures = |species: usize| {
        let (figures, atoms) = OrderOf::measure(&job.settings, species, configuration)?;
        Ok((species, figures, atoms))
    };
    Ok(Frame {
        vectors: configuration.cell.vectors().to_vec(),
        species: species.into_iter().map(figures).collect::<Result<_, Error>>()?,
        crystal: crystal.map(|crystal| crystal.distance(configuration)).transpose()?,
    })
}

impl Averages {
    fn add(&mut self, job: &OrderJob, frame: Frame, names: &[String]) -> Result<(), Error> {
        if self.frames == 0 {
            let of = |species: usize| (species, OrderOf::new(&job.settings, &label(Some(species), names)));
            self.species = frame.species.iter().map(|(species, ..)| of(*species)).collect();
        }
        let list = |species: &mut dyn Iterator<Item = usize>| {
            species.map(|one| label(Some(one), names)).collect::<Vec<_>>().join(" ")
        };
        let known = list(&mut self.species.keys().copied());
        let got = list(&mut frame.species.iter().map(|(species, ..)| *species));
        // Species are in the order of their numbers unless they are asked for, and then they are there.
        if job.of.is_empty() && known != got {
            let message = format!("its species are {got}: expected {known} as in the first frame");
            let error = Error::new(ErrorKind::Species, message);
            return Err(error.hint("name species whose number of atoms is constant: --of Mg"));
        }
        for (species, figures, atoms) in &frame.species {
            if let Some(average) = self.species.get_mut(species) {
                average.add(figures, *atoms, &frame.vectors)?;
            }
        }
        if let Some(found) = frame.crystal {
            self.crystal.add(found);
        }
        self.frames += 1;
        Ok(())
    }
}

fn hand_out(job: &OrderJob, report: &OrderReport) -> Result<(), Failure> {
    if let Some(output) = &job.json {
        output.write_json(report)?;
    }
    if let Some(output) = &job.report {
        let inputs = job.structures.iter().flat_map(|structure| structure.inputs.clone());
        output.write(&page::render(report, &provenance(inputs, None)))?;
    }
    print_beside(&[&job.json, &job.report], || table::summary(report))
}
