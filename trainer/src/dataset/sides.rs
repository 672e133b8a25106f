//! Which configurations are fitted and which validate, or which part of several each belongs to.
//!
//! Configurations that are alike stay together: consecutive frames, blocks of the files, or those with one value of a
//! feature. The groups are lined up by composition, and by chance within it; along the line the part that is furthest
//! behind its share gets the next. Chance is a function of seed and place, so the sides are the same in every run.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use mtprs_core::geometry::Configuration;
use mtprs_core::selection::Checksum;
use mtprs_core::{Error, ErrorKind, Result};

use super::consecutive::{Detector, Trajectory};
use super::files::{Files, Visit};
use super::{Grouping, Side, Sources};
use crate::random::{splitmix, uniform};
use crate::statistics::composition::counts;
use crate::text::counted;

/// Frames of a block beside those after which atoms have lost half of their memory: wanted, and the least if blocks of all
/// compositions would not find a place otherwise.
const LONG: usize = 10;
const SHORT: usize = 4;

/// Configurations that stay together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Their places, from zero.
    pub places: Vec<usize>,
    /// What they have in common that is to be divided alike.
    stratum: u32,
    /// Whether a part may get some of them only.
    may_be_cut: bool,
}

/// What is known of the configurations that are to be divided.
#[derive(Debug)]
pub struct Survey<'a> {
    grouping: &'a Grouping,
    strata: HashMap<String, u32>,
    stratum_of: Vec<u32>,
    detector: Detector,
    /// Group of each configuration that has one, by number.
    group_of: Vec<Option<u32>>,
    groups: HashMap<String, u32>,
    /// Places at which a file begins, and the last file.
    files: Vec<usize>,
    file: Option<String>,
}

/// How configurations were put together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// All configurations.
    pub configurations: usize,
    /// Those that stay together with others.
    pub together: usize,
    /// Groups of two and more.
    pub groups: usize,
    /// Configurations of the largest group.
    pub largest: usize,
    /// Runs of consecutive frames.
    pub runs: usize,
    /// Configurations in them.
    pub frames: usize,
    /// Smallest and largest number of frames after which atoms have lost half of their memory.
    pub correlated: Option<[usize; 2]>,
    /// Configurations without the feature.
    pub without: usize,
}

impl<'a> Survey<'a> {
    /// Of no configuration.
    pub fn new(grouping: &'a Grouping) -> Self {
        Self {
            grouping,
            strata: HashMap::new(),
            stratum_of: Vec::new(),
            detector: Detector::default(),
            group_of: Vec::new(),
            groups: HashMap::new(),
            files: Vec::new(),
            file: None,
        }
    }

    /// Takes in the next configuration: of a file, with what is to be divided alike.
    pub fn add(&mut self, file: &str, configuration: &Configuration, stratum: String) {
        if self.file.as_deref() != Some(file) {
            self.files.push(self.stratum_of.len());
            self.file = Some(file.to_owned());
        }
        self.stratum_of.push(number_of(&mut self.strata, stratum));
        match self.grouping {
            Grouping::Auto => self.detector.add(configuration),
            Grouping::Feature(name) => {
                let value = configuration.feature(name).map(|value| value.trim().to_owned());
                self.group_of.push(value.map(|value| number_of(&mut self.groups, value)));
            }
            Grouping::None | Grouping::Blocks(_) => {}
        }
    }

    /// Number of configurations.
    pub fn count(&self) -> usize {
        self.stratum_of.len()
    }

    /// Number of strata.
    pub fn strata(&self) -> usize {
        self.strata.len()
    }

    /// The groups, and the single configurations, if the smallest part is to get this share of all.
    pub fn units(self, smallest: f64) -> Result<(Vec<Unit>, Kept)> {
        let Self { grouping, stratum_of, detector, group_of, groups, files, .. } = self;
        let count = stratum_of.len();
        let mut kept = Kept { configurations: count, ..Kept::default() };
        let mut units = match grouping {
            Grouping::None => Vec::new(),
            Grouping::Feature(name) => {
                kept.without = group_of.iter().filter(|group| group.is_none()).count();
                if kept.without == count {
                    let message = format!("no configuration has the feature {name} that --group asks for");
                    let error = Error::new(ErrorKind::Argument, message);
                    return Err(error.hint("--group none groups nothing"));
                }
                let mut by_group = vec![Vec::new(); groups.len()];
                for (place, group) in group_of.into_iter().enumerate() {
                    if let Some(group) = group {
                        by_group[group as usize].push(place);
                    }
                }
                let unit =
                    |places: Vec<usize>| Unit { stratum: stratum_of[places[0]], places, may_be_cut: false };
                by_group.into_iter().map(unit).collect()
            }
            Grouping::Blocks(length) => {
                let ends = files.iter().skip(1).copied().chain([count]);
                let of_files = files.iter().zip(ends).map(|(&start, end)| start..end);
                let runs = of_files.flat_map(|file| alike(file, &stratum_of));
                runs.flat_map(|places| blocks(places, *length as usize, &stratum_of)).collect()
            }
            Grouping::Auto => {
                let runs = detector.finish();
                kept.runs = runs.len();
                kept.frames = runs.iter().map(|run| run.places.len()).sum();
                let known = runs.iter().map(|run| run.correlated);
                kept.correlated = known.clone().min().zip(known.max()).map(|(least, most)| [least, most]);
                in_blocks(runs, &stratum_of, smallest)
            }
        };
        let of_groups = units.iter().map(|unit| unit.places.len()).filter(|&size| size > 1);
        (kept.together, kept.groups) = (of_groups.clone().sum(), of_groups.clone().count());
        kept.largest = of_groups.max().unwrap_or(1);
        let mut is_single = vec![true; count];
        units.iter().flat_map(|unit| &unit.places).for_each(|&place| is_single[place] = false);
        let singles = (0..count).filter(|&place| is_single[place]);
        units.extend(singles.map(|place| Unit {
            places: vec![place],
            stratum: stratum_of[place],
            may_be_cut: false,
        }));
        Ok((units, kept))
    }
}

fn number_of(numbers: &mut HashMap<String, u32>, word: String) -> u32 {
    let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
    *numbers.entry(word).or_insert(next)
}

/// Runs in blocks.
fn in_blocks(runs: Vec<Trajectory>, stratum_of: &[u32], smallest: f64) -> Vec<Unit> {
    let mut sizes: HashMap<u32, usize> = HashMap::new();
    stratum_of.iter().for_each(|stratum| *sizes.entry(*stratum).or_default() += 1);
    let mut units = Vec::new();
    for Trajectory { places, correlated } in runs {
        for places in alike(places, stratum_of) {
            let of_stratum = sizes[&stratum_of[places.start]];
            let shares = [stratum_of.len(), of_stratum].map(|count| smallest * count as f64);
            let length = length_of_blocks(correlated, shares);
            let wanted = (places.len() as f64 / length as f64).round().max(1.0) as usize;
            let length = places.len().div_ceil(wanted);
            units.extend(blocks(places, length, stratum_of));
        }
    }
    units
}

/// Frames of a block: long beside the correlation, but short enough that the smallest part can have two of them or one, and if
/// possible one of each stratum. `shares` are what the smallest part gets, of all and of the stratum.
fn length_of_blocks(correlated: usize, shares: [f64; 2]) -> usize {
    let [of_all, of_stratum] = shares;
    let [long, short] = [LONG, SHORT].map(|times| (times * correlated) as f64);
    // Two blocks for it are better than one, unless they are too short.
    let most = if short > of_all / 2.0 { of_all } else { of_all / 2.0 };
    of_stratum.clamp(short.min(most), long.min(most)).floor().max(1.0) as usize
}

/// The parts of a range of places that have one stratum each.
fn alike(places: Range<usize>, stratum_of: &[u32]) -> impl Iterator<Item = Range<usize>> {
    let mut start = places.start;
    std::iter::from_fn(move || {
        let stratum = (start < places.end).then(|| stratum_of[start])?;
        let end = (start..places.end).find(|&place| stratum_of[place] != stratum).unwrap_or(places.end);
        let part = start..end;
        start = end;
        Some(part)
    })
}

/// A range of places in pieces of this length, the last of which may be shorter.
fn blocks(places: Range<usize>, length: usize, stratum_of: &[u32]) -> Vec<Unit> {
    let stratum = stratum_of[places.start];
    let block = |start| (start..places.end.min(start + length)).collect();
    let unit = |start| Unit { places: block(start), stratum, may_be_cut: true };
    places.clone().step_by(length.max(1)).map(unit).collect()
}

/// The part of each configuration, by place.
///
/// Units are lined up by stratum, and by chance within it; along the line the part that is furthest behind its quota gets the
/// next, so that every stretch of the line, and with it every stratum, is divided alike. Where a block is more than what a
/// part still may get, it is cut if `exact`.
pub fn assign(units: &[Unit], quotas: &[u64], seed: u64, exact: bool) -> Vec<u32> {
    let total: usize = units.iter().map(|unit| unit.places.len()).sum();
    let mut line: Vec<&Unit> = units.iter().collect();
    line.sort_by_key(|unit| {
        (unit.stratum, splitmix(seed ^ splitmix(unit.places[0] as u64 + 1)), unit.places[0])
    });
    let mut parts = vec![0; total];
    let mut given = vec![0_u64; quotas.len()];
    let mut done = 0;
    for unit in line {
        let mut places = unit.places.as_slice();
        while !places.is_empty() {
            let reached = (done + places.len()) as f64 / total as f64;
            let behind = |part: usize| quotas[part] as f64 * reached - given[part] as f64;
            let open = (0..quotas.len()).filter(|&part| given[part] < quotas[part]);
            let part = open.max_by(|&a, &b| behind(a).total_cmp(&behind(b))).unwrap_or(0);
            let left = quotas[part].saturating_sub(given[part]).max(1) as usize;
            let size = if exact && unit.may_be_cut { left.min(places.len()) } else { places.len() };
            let (own, rest) = places.split_at(size);
            own.iter().for_each(|&place| parts[place] = part as u32);
            given[part] += size as u64;
            done += size;
            places = rest;
        }
    }
    parts
}

impl Kept {
    /// What the user should know, if anything was put together.
    pub fn describe(&self, grouping: &Grouping) -> Option<String> {
        let Self { configurations, together, groups, largest, runs, frames, correlated, without } = self;
        let of = |count: usize| format!("{count} of {}", counted(*configurations as u64, "configuration"));
        match grouping {
            Grouping::None => None,
            Grouping::Auto => {
                let [least, most] = (*correlated)?;
                let memory = if least == most { least.to_string() } else { format!("{least} to {most}") };
                let runs = counted(*runs as u64, "run");
                let kept = if *groups == 0 {
                    "too few to separate from their neighbors".to_owned()
                } else {
                    format!("blocks of up to {largest} stay together")
                };
                Some(format!(
                    "{} look like consecutive frames ({runs}, positions lose half of their correlation in {memory} frames): {kept}; --group none splits them individually",
                    of(*frames)
                ))
            }
            Grouping::Blocks(_) => {
                Some(format!("{} stay together in {}", of(*together), counted(*groups as u64, "block")))
            }
            Grouping::Feature(name) => {
                let lacking = match without {
                    0 => String::new(),
                    without => format!("; {without} without this feature are split individually"),
                };
                Some(format!(
                    "{} are grouped by the feature {name}, in {}{lacking}",
                    of(*together),
                    counted(*groups as u64, "group")
                ))
            }
        }
    }
}

/// Which configurations of the training files validate.
#[derive(Clone, Debug)]
pub struct Sides {
    seed: u64,
    fraction: f64,
    fold: Option<(u64, u64)>,
    /// Part of each configuration that is divided in groups, the others by chance alone: without or with validation, or folds.
    parts: Option<Vec<u32>>,
    /// How they were put together.
    pub kept: Kept,
    /// What they are, so that another run can tell whether they are the same.
    pub identity: String,
}

impl Sides {
    /// Reads the training files, if they are to be divided, and divides them.
    pub(super) fn find(sources: &Sources, files: &mut Files<'_>) -> Result<Self> {
        let Sources { grouping, seed, validation_fraction: fraction, fold, .. } = sources;
        let mut sides = Self {
            seed: *seed,
            fraction: *fraction,
            fold: *fold,
            parts: None,
            kept: Kept::default(),
            identity: "nothing set aside".into(),
        };
        if fold.is_none() && *fraction == 0.0 {
            return Ok(sides);
        }
        let share = match fold {
            Some((_, folds)) => 1.0 / *folds as f64,
            None => *fraction,
        };
        if *grouping != Grouping::None {
            let mut survey = Survey::new(grouping);
            files.pass(|Visit { place, is_training, configuration, origin }| {
                if is_training && sources.grouped.is_none_or(|grouped| place < grouped) {
                    survey.add(&origin.file, &configuration, format!("{:?}", counts(&configuration)));
                }
                Ok(())
            })?;
            let (units, kept) = survey.units(share.min(1.0 - share))?;
            if kept.groups > 0 {
                sides.parts = Some(divided(&units, sources, &kept)?);
            }
            sides.kept = kept;
        }
        let how = match fold {
            Some((fold, folds)) => format!("fold {} of {folds}", fold + 1),
            None => format!("{fraction} by seed {seed}"),
        };
        let grouped = match &sides.parts {
            Some(parts) => format!("grouped by {grouping} with checksum {:016x}", checksum(parts)),
            None => "one by one".into(),
        };
        sides.identity = format!("{how}, {grouped}");
        Ok(sides)
    }

    /// A number that depends on nothing but the seed and the place in the data.
    fn random(&self, place: usize) -> u64 {
        splitmix(self.seed ^ splitmix(place as u64 + 1))
    }

    /// The fold of a configuration that is divided by chance.
    fn fold_by_chance(&self, place: usize, folds: u64) -> u64 {
        self.random(place) % folds
    }

    /// Refuses folds that chance leaves empty, if the training files have this many configurations.
    pub fn check_folds(&self, count: usize) -> Result<()> {
        let (Some((_, folds)), None) = (self.fold, &self.parts) else { return Ok(()) };
        let filled: HashSet<u64> = (0..count).map(|place| self.fold_by_chance(place, folds)).collect();
        let empty = folds - filled.len() as u64;
        if empty == 0 {
            return Ok(());
        }
        let message = format!(
            "{empty} of {folds} folds would have no configurations to validate on: {} are divided by chance",
            counted(count as u64, "configuration")
        );
        Err(Error::new(ErrorKind::Argument, message)
            .hint("give fewer --folds, or --group blocks:1, which makes folds of equal size"))
    }

    /// The side of the configuration at this place in the training files, from zero.
    pub fn side(&self, place: usize) -> Side {
        let part = self.parts.as_ref().and_then(|parts| parts.get(place));
        let aside = match (self.fold, part) {
            (Some((fold, _)), Some(&part)) => u64::from(part) == fold,
            (None, Some(&part)) => part == 1,
            (Some((fold, folds)), None) => self.fold_by_chance(place, folds) == fold,
            (None, None) => uniform(self.random(place)) < self.fraction,
        };
        if aside { Side::Validation } else { Side::Training }
    }
}

/// The sides of the training files.
pub fn sides(sources: &Sources) -> Result<Sides> {
    Sides::find(sources, &mut Files::new(sources))
}

/// Fitted and validating configurations, or folds, of which none must be empty.
fn divided(units: &[Unit], sources: &Sources, kept: &Kept) -> Result<Vec<u32>> {
    let count = kept.configurations as u64;
    let quotas = match sources.fold {
        Some((_, folds)) => even(folds, count),
        None => {
            let aside =
                ((sources.validation_fraction * count as f64).round() as u64).clamp(1, count.max(2) - 1);
            vec![count - aside, aside]
        }
    };
    let parts = assign(units, &quotas, sources.seed, false);
    let sizes = (0..quotas.len() as u32).map(|part| parts.iter().filter(|&&of| of == part).count());
    if sizes.clone().all(|size| size > 0) {
        return Ok(parts);
    }
    let message = format!(
        "{} cannot be split into {} parts: they stay together in {}",
        counted(count, "configuration"),
        quotas.len(),
        counted(units.len() as u64, "group")
    );
    Err(Error::new(ErrorKind::Argument, message)
        .hint("--group none splits them individually, --group blocks:COUNT in smaller blocks"))
}

/// Configurations of each part if all get as many.
pub fn even(parts: u64, total: u64) -> Vec<u64> {
    (0..parts).map(|part| total / parts + u64::from(part < total % parts)).collect()
}

/// Tells whether parts are those of another run.
fn checksum(parts: &[u32]) -> u64 {
    let mut checksum = Checksum::default();
    parts.iter().for_each(|&part| checksum.add(part.into()));
    checksum.value()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(places: Range<usize>, stratum: u32, may_be_cut: bool) -> Unit {
        Unit { places: places.collect(), stratum, may_be_cut }
    }

    #[test]
    fn parts_have_their_quotas_in_every_stratum() {
        let units: Vec<Unit> = (0..1000).map(|k| unit(k..k + 1, u32::from(k % 10 == 0), false)).collect();
        let parts = assign(&units, &[800, 150, 50], 3, false);
        for (stratum, size) in [(0, 900.0), (1, 100.0)] {
            for (part, share) in [(0, 0.8), (1, 0.15), (2, 0.05)] {
                let count = (0..1000).filter(|&k| units[k].stratum == stratum && parts[k] == part).count();
                assert!((count as f64 - share * size).abs() <= 1.5, "{stratum} {part}: {count}");
            }
        }
        assert_ne!(parts, assign(&units, &[800, 150, 50], 4, false));
    }

    #[test]
    fn groups_stay_whole_and_blocks_are_cut_only_where_numbers_must_be_exact() {
        for may_be_cut in [false, true] {
            let units: Vec<Unit> = (0..20).map(|k| unit(10 * k..10 * k + 10, 0, may_be_cut)).collect();
            for exact in [false, true] {
                let parts = assign(&units, &[165, 35], 1, exact);
                let of = |part: u32| parts.iter().filter(|&&of| of == part).count();
                let divided = units
                    .iter()
                    .filter(|unit| unit.places.iter().any(|&k| parts[k] != parts[unit.places[0]]));
                if exact && may_be_cut {
                    assert_eq!((of(0), of(1), divided.count()), (165, 35, 1));
                } else {
                    assert!(divided.count() == 0 && (30..=40).contains(&of(1)), "{}", of(1));
                }
            }
        }
    }

    #[test]
    fn blocks_are_long_beside_the_memory_of_atoms_and_short_beside_the_parts() {
        // Long enough, and many of them.
        assert_eq!(length_of_blocks(8, [1000.0, 1000.0]), 80);
        // Two of them for the smallest part, or one.
        assert_eq!(length_of_blocks(10, [100.0, 100.0]), 50);
        assert_eq!(length_of_blocks(100, [100.0, 100.0]), 100);
        // Each stratum has one in the smallest part, as long as that is not too short.
        assert_eq!(length_of_blocks(8, [1000.0, 60.0]), 60);
        assert_eq!(length_of_blocks(8, [1000.0, 2.0]), 32);
        assert_eq!(length_of_blocks(8, [0.6, 0.6]), 1);
        let stratum_of = [0, 0, 0, 1, 1, 0, 0, 0, 0, 0];
        let places: Vec<_> = alike(1..9, &stratum_of).collect();
        assert_eq!(places, [1..3, 3..5, 5..9]);
        let sizes: Vec<usize> = blocks(5..10, 2, &stratum_of).iter().map(|unit| unit.places.len()).collect();
        assert_eq!(sizes, [2, 2, 1]);
    }
}
