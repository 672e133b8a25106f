//! From sums over frames to curves and numbers with errors.
//!
//! Errors of curves are those of averages of blocks. What depends on a curve as a whole gets its error from the blocks by the
//! jackknife (R. G. Miller, Biometrika 61, 1 (1974)): each block is left out in turn.

use mtprs_core::{Error, ErrorKind, Result};

use super::blocking::{Spread, spread};
use super::blocks::Sums;
use super::pairs::label;
use super::rdf::{Extent, Group, Rdf};
use super::rdf_report::{Average, Curve, Estimate, PairReport, TrajectoryReport, Within};
use super::shells::Shell;

impl Estimate {
    fn new(value: f64, spread: Option<Spread>) -> Self {
        Self {
            value,
            standard_error: spread.map(|spread| spread.standard_error),
            margin_95: spread.map(|spread| spread.margin_95),
            blocks: spread.map(|spread| spread.blocks),
            is_correlated: spread.is_some_and(|spread| spread.is_correlated),
        }
    }
}

impl Curve {
    /// The curve `value` with the errors of what blocks have in its place.
    fn new(value: Vec<f64>, blocks: &[&Vec<f64>]) -> Self {
        let at = |place: usize| spread(&blocks.iter().map(|block| block[place]).collect::<Vec<f64>>());
        let spreads: Option<Vec<Spread>> = (0..value.len()).map(at).collect();
        let of = |number: fn(&Spread) -> f64| spreads.as_ref().map(|all| all.iter().map(number).collect());
        let correlated: Option<Vec<f64>> = of(|spread| f64::from(u8::from(spread.is_correlated)));
        let share = correlated.map_or(0.0, |all| all.iter().sum::<f64>() / all.len().max(1) as f64);
        Self {
            standard_error: of(|spread| spread.standard_error),
            margin_95: of(|spread| spread.margin_95),
            correlated: share,
            value,
        }
    }
}

impl Average {
    pub(super) fn over(frames: u64, extent: Extent) -> Self {
        Self { mean: extent.sum / frames as f64, least: extent.least, largest: extent.largest }
    }
}

impl Rdf {
    /// What all frames say together; `names` are those of the species by number.
    pub fn report(&self, label: &str, files: Vec<String>, names: &[String]) -> Result<TrajectoryReport> {
        let mut order: Vec<usize> = (0..self.groups.len()).collect();
        if self.settings.pairs.is_empty() {
            order.sort_by_key(|&number| self.groups[number].species);
        }
        let mut pairs = Vec::new();
        for number in order {
            let group = &self.groups[number];
            match self.pair(number, names) {
                Some(pair) => pairs.push(pair),
                None if group.asked.is_some() => return Err(self.missing(group, names)),
                None => {}
            }
        }
        let half_height = Some(0.5 * self.height.least).filter(|half| half.is_finite());
        let mut report = TrajectoryReport {
            label: label.to_owned(),
            files,
            frames: self.frames,
            frames_per_block: self.blocks.length(),
            atoms: Average::over(self.frames, self.atoms),
            volume: Average::over(self.frames, self.volume),
            half_height,
            pairs,
            notes: Vec::new(),
        };
        report.notes = report.notes_on(&self.settings);
        Ok(report)
    }

    fn missing(&self, group: &Group, names: &[String]) -> Error {
        let asked = group.asked.as_ref().map(ToString::to_string).unwrap_or_default();
        let known = if names.is_empty() {
            "its species have no names, only numbers from 0".to_owned()
        } else {
            format!("its species are {}", names.join(" "))
        };
        let error = Error::new(ErrorKind::Species, format!("no frame has the pair {asked}: {known}"));
        if names.is_empty() {
            error.hint("name the species in the order of their numbers: --species Mg,V,O")
        } else {
            error
        }
    }

    fn pair(&self, number: usize, names: &[String]) -> Option<PairReport> {
        let group = &self.groups[number];
        let total = self.blocks.total(number);
        let species = group.species.filter(|_| total.frames > 0)?;
        let blocks = self.blocks.series(number);
        let curves: Vec<Curves> = blocks.iter().map(Curves::of).collect();
        let split = |curve: fn(&Curves) -> &Vec<f64>| curves.iter().map(curve).collect::<Vec<_>>();
        let all = Curves::of(&total);
        let g = Curve::new(all.g.clone(), &split(|curves| &curves.g));
        let n = Curve::new(all.n.clone(), &split(|curves| &curves.n));
        let noise = noise(&all, &g, group.centers, species[0] == species[1]);
        let width = self.settings.width();
        let first = FirstShell::of(&all, &noise, width);
        let errors = first.as_ref().map(|first| first.errors(&blocks, &noise, width)).unwrap_or_default();
        let number = |place: usize| {
            let value = first.as_ref()?.numbers.get(place).copied()?;
            Some(Estimate::new(value, errors.get(place).copied().flatten()))
        };
        let within = |&radius: &f64| {
            let samples: Vec<f64> = curves.iter().map(|curves| curves.within(radius / width)).collect();
            let coordination_number = Estimate::new(all.within(radius / width), spread(&samples));
            Within { radius, coordination_number }
        };
        Some(PairReport {
            center: label(species[0], names),
            neighbor: label(species[1], names),
            frames: total.frames,
            g,
            n,
            peak_position: number(0),
            peak_height: number(1),
            minimum_position: number(2),
            coordination_number: number(3),
            within: self.settings.within.iter().map(within).collect(),
        })
    }
}

/// g(r) and n(r).
#[derive(Clone, Debug)]
struct Curves {
    g: Vec<f64>,
    n: Vec<f64>,
}

impl Curves {
    fn of(sums: &Sums) -> Self {
        let mut g = sums.means();
        let mut n = g.split_off(g.len() / 2);
        let mut sum = 0.0;
        for value in &mut n {
            sum += *value;
            *value = sum;
        }
        Self { g, n }
    }

    /// Neighbors up to a distance in intervals, which are spread evenly over the last one.
    fn within(&self, distance: f64) -> f64 {
        let end =
            |interval: usize| interval.checked_sub(1).and_then(|k| self.n.get(k)).copied().unwrap_or(0.0);
        let interval = (distance.max(0.0) as usize).min(self.n.len());
        let share = (distance - interval as f64).clamp(0.0, 1.0);
        let next = if interval < self.n.len() { end(interval + 1) } else { end(interval) };
        end(interval) + share * (next - end(interval))
    }
}

/// Standard errors of g(r): those of the blocks, or those of counting where these are larger or not known.
fn noise(all: &Curves, g: &Curve, centers: f64, is_alike: bool) -> Vec<f64> {
    // The growth of n(r) is an average over frames, and so is the number of centers.
    let counting = |place: usize| {
        let before = place.checked_sub(1).map_or(0.0, |before| all.n[before]);
        let met = (all.n[place] - before) * centers / if is_alike { 2.0 } else { 1.0 };
        if met > 0.5 { all.g[place] / met.sqrt() } else { 0.0 }
    };
    let of_blocks = |place: usize| g.standard_error.as_ref().map_or(0.0, |errors| errors[place]);
    (0..all.g.len()).map(|place| counting(place).max(of_blocks(place))).collect()
}

/// Position and height of the first peak, and, if there is one, position of the minimum and neighbors up to there.
struct FirstShell {
    numbers: Vec<f64>,
}

impl FirstShell {
    fn of(curves: &Curves, noise: &[f64], width: f64) -> Option<Self> {
        let Shell { peak, height, minimum } = Shell::first(&curves.g, noise)?;
        // Place zero is the middle of the first interval.
        let mut numbers = vec![(peak + 0.5) * width, height];
        numbers.extend(
            minimum.into_iter().flat_map(|place| [(place + 0.5) * width, curves.within(place + 0.5)]),
        );
        Some(Self { numbers })
    }

    /// The errors of the numbers by the jackknife.
    fn errors(&self, blocks: &[Sums], noise: &[f64], width: f64) -> Vec<Option<Spread>> {
        let Some(whole) = blocks.iter().cloned().reduce(Sums::with) else { return Vec::new() };
        if blocks.len() < 2 {
            return Vec::new();
        }
        let of = |sums: &Sums| Self::of(&Curves::of(sums), noise, width);
        let Some(all) = of(&whole) else { return Vec::new() };
        let left_out: Vec<Option<Self>> = blocks.iter().map(|block| of(&whole.without(block))).collect();
        let count = blocks.len() as f64;
        let error = |place: usize| {
            let value = all.numbers.get(place)?;
            let pseudovalue = |one: &Option<Self>| {
                let without = one.as_ref()?.numbers.get(place)?;
                Some(count * value - (count - 1.0) * without)
            };
            spread(&left_out.iter().map(pseudovalue).collect::<Option<Vec<f64>>>()?)
        };
        (0..self.numbers.len()).map(error).collect()
    }
}
