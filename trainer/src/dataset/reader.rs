//! Reads labeled configurations into a training and a validation set, and finds what should not be fitted.

use std::sync::Arc;

use mtprs_core::geometry::Configuration;
use mtprs_core::potential::Potential;
use mtprs_core::selection::Checksum;
use mtprs_core::{Error, ErrorKind, Result};

use super::checks::Labels;
use super::files::{Files, Visit};
use super::repulsion::Repulsion;
use super::sample::Origin;
use super::sides::Sides;
use super::{Chunk, Grouping, Sample, TrainingSet, WeightSettings, Weights};
use crate::endpoint::Input;
use crate::processes::group::{Group, gather, together};
use crate::structure_files::Reading;

/// Which configurations to read, and how to divide them.
#[derive(Clone, Debug)]
pub struct Sources {
    /// Files of the training.
    pub training: Vec<Input>,
    /// Files of the validation.
    pub validation: Vec<Input>,
    /// How files are read.
    pub reading: Reading,
    /// Share of the training files that is set aside for the validation, by `seed`.
    pub validation_fraction: f64,
    /// Decides what is set aside.
    pub seed: u64,
    /// Which of how many folds is set aside instead, if any; both from zero.
    pub fold: Option<(u64, u64)>,
    /// What stays on one side.
    pub grouping: Grouping,
    /// Configurations at the beginning that are divided in groups, if not all: those that are added later are divided singly,
    /// and the others stay on their sides.
    pub grouped: Option<usize>,
    /// Weights of the terms of the loss.
    pub weights: WeightSettings,
    /// Factor of the weights of configurations with atoms pushed together, which are made if it is not zero.
    pub repulsion: f64,
}

/// What was read.
#[derive(Clone, Debug)]
pub struct Sets {
    /// What is fitted.
    pub training: TrainingSet,
    /// What is only looked at.
    pub validation: TrainingSet,
    /// How many configurations of the training set have atoms pushed together and were not read.
    pub pushed: usize,
    /// What the labels are like.
    pub labels: Labels,
    /// Tells whether a later run reads the same.
    pub contents: Contents,
    /// Which configurations of the training files validate.
    pub sides: Arc<Sides>,
    /// Shortest distance between two atoms of the training set, pushed or not, Å.
    pub shortest_distance: f64,
}

impl Sources {
    /// The files of the training in one line.
    pub fn training_names(&self) -> String {
        self.training.iter().map(Input::name).collect::<Vec<_>>().join(", ")
    }
}

impl Sets {
    /// Configurations of the training files that are fitted.
    pub fn fitted(&self) -> usize {
        self.training.configurations() - self.pushed
    }
}

/// Tells what was read from anything else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Checksum and count of the training files.
    pub training: String,
    /// The same of the validation files.
    pub validation: String,
    /// Checksum of the factors that a feature gives to weights.
    pub weights: String,
}

/// Which set a configuration belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It is fitted.
    Training,
    /// It is only looked at.
    Validation,
}

/// Reads the sets, or this process's share of them.
pub fn read(sources: &Sources, potential: &Potential, group: &dyn Group) -> Result<Sets> {
    let mut sets = together(group, read_share(sources, potential, group))?;
    let shortest = gather(group, sets.shortest_distance)?;
    sets.shortest_distance = shortest.into_iter().fold(f64::INFINITY, f64::min);
    Ok(sets)
}

/// The same with the shortest distance of the share, at most the cutoff.
fn read_share(sources: &Sources, potential: &Potential, group: &dyn Group) -> Result<Sets> {
    let mut labels = Labels::new(potential.species().count());
    let (mut training_sizes, mut validation_sizes) = (Vec::new(), Vec::new());
    let mut repulsion =
        (sources.repulsion > 0.0).then(|| Repulsion::new(potential, sources.seed)).transpose()?;
    let mut files = Files::new(sources);
    let sides = Sides::find(sources, &mut files)?;
    let mut factors = Checksum::default();
    let mut weighted = 0;
    let mut count = 0;
    files.pass(|Visit { place, is_training, origin, configuration }| {
        count += usize::from(is_training);
        let side = if is_training { sides.side(place) } else { Side::Validation };
        configuration.check_species(potential.species().count())?;
        sources.weights.of(&configuration).map_err(invalid)?;
        factors.add_numbers(&[sources.weights.feature_of(&configuration).unwrap_or(1.0)]);
        weighted += usize::from(sources.weights.is_weighted(&configuration));
        match side {
            Side::Training => {
                if let Some(repulsion) = &mut repulsion {
                    repulsion.look_at(&configuration)?;
                }
                labels.add(&configuration, origin.place());
                training_sizes.push(configuration.len());
            }
            Side::Validation => validation_sizes.push(configuration.len()),
        }
        Ok(())
    })?;
    sources.weights.check_weighted(weighted)?;
    sides.check_folds(count)?;
    let pushed = match repulsion {
        Some(repulsion) => pushed_together(sources, &sides, &mut files, repulsion)?,
        None => Vec::new(),
    };
    training_sizes.extend(pushed.iter().map(|(copy, ..)| copy.len()));
    let pushed_count = pushed.len();
    let mut training = Share::new(&training_sizes, group);
    let mut validation = Share::new(&validation_sizes, group);
    files.pass(|Visit { place, is_training, origin, configuration }| {
        let is_fitted = is_training && sides.side(place) == Side::Training;
        let share = if is_fitted { &mut training } else { &mut validation };
        let weights = sources.weights.of(&configuration).map_err(invalid)?;
        share.add(&configuration, potential.cutoff(), weights, origin, false)
    })?;
    for (copy, weights, origin) in pushed {
        training.add(&copy, potential.cutoff(), weights, origin, true)?;
    }
    let (training, validation) = (training.finish(), validation.finish());
    let distances = training.samples().map(|sample| sample.shortest_distance);
    let shortest_distance = distances.fold(potential.cutoff(), f64::min);
    let mut contents = files.contents();
    contents.weights = format!("{:016x}", factors.value());
    let sides = Arc::new(sides);
    Ok(Sets { training, validation, pushed: pushed_count, labels, contents, sides, shortest_distance })
}

/// Configurations of the training set with atoms pushed together, their weights, and where they were taken from.
fn pushed_together(
    sources: &Sources,
    sides: &Sides,
    files: &mut Files<'_>,
    mut repulsion: Repulsion,
) -> Result<Vec<(Configuration, Weights, Origin)>> {
    let mut pushed = Vec::new();
    let mut number = 0;
    files.pass(|Visit { place, is_training, origin, configuration }| {
        if !is_training || sides.side(place) == Side::Validation {
            return Ok(());
        }
        number += 1;
        let weights = sources.weights.of(&configuration).map_err(invalid)?.times(sources.repulsion);
        let copies = repulsion.push_together(&configuration, number)?;
        pushed.extend(copies.into_iter().map(|copy| (copy, weights, origin.clone())));
        Ok(())
    })?;
    Ok(pushed)
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidConfiguration, message)
}

/// The chunks of one process as they are filled.
struct Share {
    boundaries: Vec<std::ops::Range<usize>>,
    /// Chunks that belong to this process.
    own: std::ops::Range<usize>,
    chunks: Vec<Chunk>,
    next: usize,
    current: usize,
    configurations: usize,
    atoms: usize,
}

impl Share {
    fn new(sizes: &[usize], group: &dyn Group) -> Self {
        let boundaries = TrainingSet::boundaries(sizes);
        let (rank, size, count) = (group.rank(), group.size(), boundaries.len());
        Self {
            own: count * rank / size..count * (rank + 1) / size,
            boundaries,
            chunks: Vec::new(),
            next: 0,
            current: 0,
            configurations: sizes.len(),
            atoms: sizes.iter().sum(),
        }
    }

    fn add(
        &mut self,
        configuration: &Configuration,
        cutoff: f64,
        weights: Weights,
        origin: Origin,
        pushed: bool,
    ) -> Result<()> {
        let index = self.next;
        self.next += 1;
        while self.boundaries[self.current].end <= index {
            self.current += 1;
        }
        if !self.own.contains(&self.current) {
            return Ok(());
        }
        let mut sample = Sample::new(configuration, cutoff, weights, index)?;
        (sample.is_pushed, sample.origin) = (pushed, Some(origin));
        if sample.shortest_distance < 1e-3 {
            let message =
                format!("two atoms are {:.1e} Å apart, at the same place", sample.shortest_distance);
            return Err(invalid(message));
        }
        match self.chunks.last_mut() {
            Some(chunk) if chunk.number == self.current => chunk.samples.push(sample),
            _ => self.chunks.push(Chunk { number: self.current, samples: vec![sample] }),
        }
        Ok(())
    }

    fn finish(self) -> TrainingSet {
        TrainingSet::new(self.chunks, self.boundaries.len(), self.configurations, self.atoms)
    }
}
