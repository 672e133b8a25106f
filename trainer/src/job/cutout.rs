//! `mtprs cutout` as the program needs it.

use std::path::PathBuf;

use super::convert::output_format;
use super::streams::{inputs, reading};
use super::{Files, RunSettings, usage_error};
use crate::cli::CutoutArguments;
use crate::cutout::Limits;
use crate::endpoint::{Input, Output, OutputFile};
use crate::structure_files::numbered_files::existing;
use crate::structure_files::{Format, Reading};

/// Around which atoms to cut, how, and where the cells go.
#[derive(Debug)]
pub struct CutoutJob {
    /// File of the potential.
    pub potential: PathBuf,
    /// What to cut from.
    pub inputs: Vec<Input>,
    /// How they are read.
    pub reading: Reading,
    /// Where the cells go.
    pub output: Output,
    /// Their format.
    pub output_format: Format,
    /// File of the state, if there is one.
    pub state: Option<PathBuf>,
    /// Atoms to cut around, if they are given.
    pub atoms: Option<Vec<AtomPlace>>,
    /// Grade above which an atom is a center.
    pub threshold: f64,
    /// Most cut-outs.
    pub limit: usize,
    /// Radius of the core, Å, if it is given.
    pub radius: Option<f64>,
    /// Distance from a center up to which no atom is another one, Å, if it is given.
    pub separation: Option<f64>,
    /// Smallest distances that are given, later ones before earlier ones.
    pub min_distances: Vec<MinDistance>,
    /// When to stop relaxing.
    pub limits: Limits,
    /// Where the report goes as JSON.
    pub json: Option<Output>,
    /// Threads and progress.
    pub run: RunSettings,
}

/// An atom of a configuration, both from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtomPlace {
    /// The configuration, if it is named.
    pub configuration: Option<u64>,
    /// The atom.
    pub atom: usize,
}

/// A smallest distance, Å, of all pairs or of two species as the user calls them.
#[derive(Clone, Debug, PartialEq)]
pub struct MinDistance {
    /// The species.
    pub pair: Option<[String; 2]>,
    /// The distance.
    pub distance: f64,
}

impl CutoutJob {
    pub(super) fn files(&self) -> Files {
        let files = self.read().makes([&self.output]).makes(&self.json);
        let Some(file) = self.output.file().filter(|_| !self.output_format.holds_many() && self.limit > 1)
        else {
            return files;
        };
        // How many cells there will be shows at the end, when it would be too late to say that their names are taken.
        let series = existing(&file.path).into_iter().map(|(_, path)| OutputFile { path, ..file.clone() });
        files.writes(&series.collect::<Vec<_>>())
    }

    /// What is read.
    pub fn read(&self) -> Files {
        Files::default().takes(&self.inputs).reads([&self.potential]).reads(&self.state)
    }
}

pub(super) fn cutout(arguments: CutoutArguments) -> Result<CutoutJob, clap::Error> {
    let force = arguments.common.write.force;
    let output = Output::new(arguments.output, force);
    let json = arguments.json.map(|path| Output::new(path, force));
    let reading = reading("cutout", arguments.common.reading)?;
    let inputs = inputs("cutout", arguments.inputs, 1, &reading)?;
    let atoms = arguments
        .atoms
        .map(|words| words.iter().map(|word| atom_place(word)).collect::<Result<Vec<_>, _>>())
        .transpose()?;
    if atoms.is_some() && inputs.len() > 1 {
        let message = format!("--atoms names atoms of one input, got {} inputs", inputs.len());
        return Err(usage_error("cutout", message));
    }
    let output_format = output_format("cutout", &output, arguments.output_format)?;
    let positive = |option: &str, value: f64| number(option, value, value > 0.0, "a positive number");
    let not_negative = |option: &str, value: f64| number(option, value, value >= 0.0, "a number from 0 up");
    let threshold = positive("--threshold", arguments.threshold)?;
    let radius = arguments.radius.map(|value| positive("--radius", value)).transpose()?;
    let separation = arguments.separation.map(|value| not_negative("--separation", value)).transpose()?;
    let max_force = not_negative("--max-force", arguments.max_force)?;
    let min_distances =
        arguments.min_distance.iter().map(|word| min_distance(word)).collect::<Result<_, _>>()?;
    Ok(CutoutJob {
        potential: arguments.potential,
        inputs,
        output,
        output_format,
        reading,
        state: arguments.state,
        atoms,
        threshold,
        limit: if arguments.limit == 0 { usize::MAX } else { arguments.limit },
        radius,
        separation,
        min_distances,
        limits: Limits { max_force, max_steps: arguments.max_steps },
        json,
        run: arguments.common.run.into(),
    })
}

fn number(option: &str, value: f64, is_valid: bool, expected: &str) -> Result<f64, clap::Error> {
    if is_valid && value.is_finite() {
        return Ok(value);
    }
    Err(usage_error("cutout", format!("{option}: expected {expected}, got {value}")))
}

fn atom_place(word: &str) -> Result<AtomPlace, clap::Error> {
    let from_one = |word: &str| word.parse::<u64>().ok().filter(|number| *number > 0);
    let place = match word.split_once(':') {
        None => from_one(word).map(|atom| (None, atom)),
        Some((configuration, atom)) => {
            from_one(configuration).zip(from_one(atom)).map(|(number, atom)| (Some(number), atom))
        }
    };
    let place = place.and_then(|(configuration, atom)| {
        Some(AtomPlace { configuration, atom: usize::try_from(atom).ok()? })
    });
    place.ok_or_else(|| {
        let message = format!("--atoms: expected ATOM or CONFIGURATION:ATOM, counted from one, got {word:?}");
        usage_error("cutout", message)
    })
}

fn min_distance(word: &str) -> Result<MinDistance, clap::Error> {
    let (pair, number) = match word.rsplit_once(':') {
        None => (None, word),
        Some((pair, number)) => (pair.split_once('-').map(|(a, b)| [a.to_owned(), b.to_owned()]), number),
    };
    let distance = number.parse::<f64>().ok().filter(|distance| *distance > 0.0 && distance.is_finite());
    match distance {
        Some(distance) if pair.is_some() || !word.contains(':') => Ok(MinDistance { pair, distance }),
        _ => {
            let message = format!(
                "--min-distance: expected a distance in Å like 1.5, or V-O:1.4 for a pair, got {word:?}"
            );
            Err(usage_error("cutout", message))
        }
    }
}
