//! Reads labeled configurations into a training and a validation set, and finds what should not be fitted.

use mtprs_core::geometry::Configuration;
use mtprs_core::potential::Potential;
use mtprs_core::selection::Checksum;
use mtprs_core::{Error, ErrorKind, Place, Result};

use super::checks::Labels;
use super::repulsion::Repulsion;
use super::{Chunk, Sample, TrainingSet, WeightSettings, Weights};
use crate::endpoint::Input;
use crate::random::{splitmix, uniform};
use crate::structure_files::{ConfigurationReader, Reading};
use crate::training::group::{Group, gather, together};

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
    pub checksum: u64,
    /// Shortest distance between two atoms of the training set, pushed or not, Å.
    pub shortest_distance: f64,
}

/// Which set a configuration belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It is fitted.
    Training,
    /// It is only looked at.
    Validation,
}

impl Sources {
    /// The side of the configuration with this number, from one, through all training files.
    pub fn side(&self, number: u64) -> Side {
        // Depends on nothing but the seed and the place in the data.
        let random = splitmix(self.seed ^ splitmix(number));
        let aside = match self.fold {
            Some((fold, folds)) => random % folds == fold,
            None => uniform(random) < self.validation_fraction,
        };
        if aside { Side::Validation } else { Side::Training }
    }
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
    let mut checksum = Checksum::default();
    let (mut training_sizes, mut validation_sizes) = (Vec::new(), Vec::new());
    let mut repulsion =
        (sources.repulsion > 0.0).then(|| Repulsion::new(potential, sources.seed)).transpose()?;
    for_each(sources, |side, place, configuration| {
        configuration.check_species(potential.species().count()).map_err(|error| error.at(place.clone()))?;
        sources.weights.of(&configuration).map_err(|message| invalid(message).at(place.clone()))?;
        add_to_checksum(&mut checksum, &configuration);
        match side {
            Side::Training => {
                if let Some(repulsion) = &mut repulsion {
                    repulsion.look_at(&configuration).map_err(|error| error.at(place.clone()))?;
                }
                labels.add(&configuration, place);
                training_sizes.push(configuration.len());
            }
            Side::Validation => validation_sizes.push(configuration.len()),
        }
        Ok(())
    })?;
    let pushed = match repulsion {
        Some(repulsion) => pushed_together(sources, repulsion)?,
        None => Vec::new(),
    };
    training_sizes.extend(pushed.iter().map(|(copy, _)| copy.len()));
    let mut training = Share::new(&training_sizes, group);
    let mut validation = Share::new(&validation_sizes, group);
    for_each(sources, |side, place, configuration| {
        let share = if side == Side::Training { &mut training } else { &mut validation };
        let added = sources.weights.of(&configuration).map_err(invalid);
        let added = added.and_then(|weights| share.add(&configuration, potential.cutoff(), weights, false));
        added.map_err(|error| error.at(place))
    })?;
    for (copy, weights) in &pushed {
        training.add(copy, potential.cutoff(), *weights, true)?;
    }
    let (training, validation) = (training.finish(), validation.finish());
    let distances = training.samples().map(|sample| sample.shortest_distance);
    let shortest_distance = distances.fold(potential.cutoff(), f64::min);
    let (checksum, pushed) = (checksum.value(), pushed.len());
    Ok(Sets { training, validation, pushed, labels, checksum, shortest_distance })
}

/// Configurations of the training set with atoms pushed together, and their weights.
fn pushed_together(sources: &Sources, mut repulsion: Repulsion) -> Result<Vec<(Configuration, Weights)>> {
    let mut pushed = Vec::new();
    let mut number = 0;
    for_each(sources, |side, place, configuration| {
        if side == Side::Validation {
            return Ok(());
        }
        number += 1;
        let weights = sources.weights.of(&configuration).map_err(invalid)?.times(sources.repulsion);
        let copies = repulsion.push_together(&configuration, number).map_err(|error| error.at(place))?;
        pushed.extend(copies.into_iter().map(|copy| (copy, weights)));
        Ok(())
    })?;
    Ok(pushed)
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidConfiguration, message)
}

/// Calls `visit` for every configuration of all files with the set that it belongs to and its place.
fn for_each(
    sources: &Sources,
    mut visit: impl FnMut(Side, Place, Configuration) -> Result<()>,
) -> Result<()> {
    let mut count = 0_u64;
    for input in &sources.training {
        visit_file(input, &sources.reading, |place, configuration| {
            count += 1;
            visit(sources.side(count), place, configuration)
        })?;
    }
    for input in &sources.validation {
        visit_file(input, &sources.reading, |place, configuration| {
            visit(Side::Validation, place, configuration)
        })?;
    }
    Ok(())
}

fn visit_file(
    input: &Input,
    reading: &Reading,
    mut visit: impl FnMut(Place, Configuration) -> Result<()>,
) -> Result<()> {
    let mut reader = ConfigurationReader::open(input, reading)?;
    let outcome = (|| {
        let mut number = 0;
        while let Some((configuration, line)) = reader.read()? {
            number += 1;
            let place = Place { file: input.name(), line, column: 0 };
            let within = format!("configuration {number}");
            visit(place, configuration).map_err(|error| error.within(&within))?;
        }
        Ok(())
    })();
    reading.tell(reader.remarks(), outcome.is_err());
    outcome
}

fn add_to_checksum(checksum: &mut Checksum, configuration: &Configuration) {
    checksum.add(configuration.len() as u64);
    configuration.species.iter().for_each(|&species| checksum.add(species.into()));
    checksum.add_numbers(configuration.cell.vectors().as_flattened());
    checksum.add_numbers(configuration.positions.as_flattened());
    checksum.add_numbers(&configuration.energy.map_or([0.0; 2], |energy| [1.0, energy]));
    if let Some(forces) = &configuration.forces {
        checksum.add_numbers(forces.as_flattened());
    }
    if let Some(virial) = configuration.virial {
        checksum.add_numbers(&virial.to_cfg_order());
    }
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
        sample.is_pushed = pushed;
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
