//! From a training set to an active set, in passes over the file.
//!
//! The first pass fills the set, further ones swap until a whole pass finds no row above the threshold; then the rows
//! whose grades are closest to one are tried in pairs, until that gains nothing either.

use mtprs_core::potential::Potential;
use mtprs_core::selection::{
    ActiveSet, GradeMode, PotentialIdentity, RowSource, SelectionState, UNSUPPORTED_SCALE,
};
use mtprs_core::{Error, ErrorKind};

use super::pass::{Pass, Passes, Segment};
use super::rows::RowMaker;
use super::volume::Volume;
use crate::Failure;
use crate::pipeline::{Pipeline, RunSettings, Supply};
use crate::processes::Interrupt;

/// Start up to which a larger one is tried after round-off, and by how much larger.
const LARGEST_START: f64 = 1e4;
const LARGER_START: f64 = 100.0;

/// How an active set is to be made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// What gets a grade.
    pub mode: GradeMode,
    /// Multiple of the unit matrix to start from.
    pub start: f64,
    /// Largest grade that a row of the training set may keep.
    pub threshold: f64,
}

impl Settings {
    /// The usual settings of a mode.
    pub fn new(mode: GradeMode) -> Self {
        Self { mode, start: UNSUPPORTED_SCALE, threshold: 1.0 + 1e-7 }
    }
}

/// An active set and how it came about.
#[derive(Debug)]
pub struct Built {
    /// The set.
    pub volume: Volume,
    /// Its mode.
    pub mode: GradeMode,
    /// Multiple of the unit matrix that it started from in the end.
    pub start: f64,
    /// Passes over the training set.
    pub passes: usize,
    /// Rows swapped in.
    pub swaps: usize,
    /// Configurations of the training set.
    pub configurations: u64,
    /// Rows of the training set.
    pub rows: u64,
    /// Largest grade of a row of the training set by the final set.
    pub largest_grade: f64,
}

impl Built {
    /// The state of a potential with this set.
    pub fn state(&self, potential: &Potential, training_set: &str) -> Result<SelectionState, Error> {
        let volume = &self.volume;
        let set = ActiveSet::new(volume.size(), volume.rows().to_vec(), volume.inverse_columns().to_vec())?;
        let sources = volume.sources().iter().copied().map(RowSource::from).collect();
        let mut state = SelectionState::new(self.mode, PotentialIdentity::of(potential), set, sources)?;
        state.potential = Some(potential.clone());
        state.training_set = training_set.to_owned();
        Ok(state)
    }
}

/// Builds the active set of a training set, which is read several times; of several files, as if they were one.
///
/// Rows of large entries beside a small start leave too few digits for their combinations; then the start is enlarged.
pub fn build(
    potential: &Potential,
    training_set: &[Supply],
    mut settings: Settings,
    run: RunSettings,
    interrupt: Interrupt,
) -> Result<Built, Failure> {
    loop {
        match build_from(potential, training_set, settings, run, interrupt.clone()) {
            Err(Failure::Runtime(error))
                if error.kind() == ErrorKind::InvalidState && settings.start < LARGEST_START =>
            {
                settings.start *= LARGER_START;
            }
            outcome => return outcome,
        }
    }
}

fn build_from(
    potential: &Potential,
    training_set: &[Supply],
    settings: Settings,
    run: RunSettings,
    interrupt: Interrupt,
) -> Result<Built, Failure> {
    Supply::refuse_streams(training_set, "a training set is")?;
    let Settings { mode, start, threshold } = settings;
    let maker = RowMaker::new(potential, mode)?;
    let volume = Volume::empty(maker.layout().len(), start);
    let extra = volume.units();
    let pipeline = Pipeline::new(maker, run, interrupt)?;
    let segments =
        training_set.iter().map(|supply| Segment { supply: supply.clone(), screen: None }).collect();
    let mut passes = Passes {
        pipeline,
        segments,
        first: 0,
        mode,
        volume,
        extra,
        grades: Vec::new(),
        number: 0,
        counts: Vec::new(),
    };
    let Pass { configurations, rows, swaps, largest_grade, .. } = passes.converge(threshold, 0.0)?;
    if rows == 0 {
        let error = Error::new(ErrorKind::InvalidConfiguration, "expected at least one atom, got none");
        let name = training_set.first().map(Supply::name).unwrap_or_default();
        return Err(error.in_file(&name).into());
    }
    let Passes { volume, number, .. } = passes;
    Ok(Built { volume, mode, start, passes: number, swaps, configurations, rows, largest_grade })
}
