//! What is wrong with labeled configurations: one pass that keeps a few numbers of each, then a look at all of them.
//!
//! Each finding has a file of its own. Limits are set so that sets of sound calculations, from perfect crystals to
//! melts, give none; they are heuristics all the same, and say what to look at rather than what to believe.

mod agreement;
mod copies;
mod duplicates;
mod energies;
mod finding;
mod forces;
mod groups;
mod labels;
mod lengths;
mod pair_model;
mod record;
mod report;
mod species;
mod statistics;
mod stress;
mod surrogate;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use mtprs_core::Result;
use mtprs_core::geometry::Configuration;

pub use copies::{Copies, Sameness};
pub use finding::Kind;
pub use report::Report;

use agreement::Scales;
use finding::Finding;
use pair_model::{Equations, PairModel};
use record::{Place, Record};

use crate::random::splitmix;

/// Coefficients of the equations of single configurations that are kept, 64 MB.
const MOST_EQUATIONS: usize = 16_000_000;

/// Configurations under inspection.
#[derive(Debug, Default)]
pub struct Inspection {
    files: Vec<String>,
    names: Vec<String>,
    records: Vec<Record>,
    equations: Equations,
    /// Coefficients of equations that are kept, and how often half of the configurations lost theirs.
    kept: usize,
    halvings: u32,
    unreadable: Vec<Finding>,
}

impl Inspection {
    /// Begins with the next file.
    pub fn begin_file(&mut self, name: &str) {
        self.files.push(name.to_owned());
    }

    /// Names the species by number, as far as they are known.
    pub fn name_species(&mut self, names: &[String]) {
        self.names = names.to_vec();
    }

    /// Takes in the configuration with this number, from one, and line of the current file.
    pub fn add(&mut self, configuration: &Configuration, number: u64, line: usize) -> Result<()> {
        let place = Place { file: self.files.len().saturating_sub(1), number, line };
        let record = Record::new(configuration, place, Some(&mut self.equations))?;
        for species in self.names.len()..record.composition.len() {
            self.names.push(format!("type{species}"));
        }
        self.records.push(record);
        self.bound();
        Ok(())
    }

    /// Bounds the memory of the equations of single configurations: of many, a random part keeps them.
    fn bound(&mut self) {
        let Some(last) = self.records.len().checked_sub(1) else { return };
        if !is_kept(last, self.halvings) {
            self.records[last].features.products = Vec::new();
        }
        self.kept += self.records[last].features.products.len();
        while self.kept > MOST_EQUATIONS && self.halvings < 63 {
            self.halvings += 1;
            for (k, record) in self.records.iter_mut().enumerate() {
                if !is_kept(k, self.halvings) {
                    self.kept -= std::mem::take(&mut record.features.products).len();
                }
            }
        }
    }

    /// Notes that the current file could not be read from some place on.
    pub fn add_unreadable(&mut self, message: &str, number: u64, line: usize) {
        let place = Place { file: self.files.len().saturating_sub(1), number, line };
        let message = message.replace('\n', " ");
        let message = format!("the file cannot be read from configuration {number} on: {message}");
        let hint = "the rest of this file was not checked: fix the line and check again";
        self.unreadable.push(Finding::new(Kind::Unreadable, message, hint, vec![place]));
    }

    /// Looks at all configurations together.
    pub fn finish(self) -> Report {
        let Self { files, names, records, equations, unreadable: mut findings, .. } = self;
        findings.extend(labels::find(&records));
        let misplaced = lengths::find(&records, &names);
        let sound = without(&records, &misplaced);
        findings.extend(misplaced);
        // Faults of some come first: mended, the rest shows what is wrong with all.
        let groups = groups::find(&sound, &names);
        let is_understood = groups.is_some();
        let sound = match groups {
            Some(groups) => {
                findings.extend(groups.findings);
                Cow::Owned(groups.mended)
            }
            None => {
                let exchanged = species::by_distances(&sound.iter().collect::<Vec<_>>(), &names);
                let rest = without(&sound, &exchanged).into_owned();
                findings.extend(exchanged);
                Cow::Owned(rest)
            }
        };
        findings.extend(species::anion(&records, &names));
        let model = PairModel::fit(&sound, &equations);
        let model = model.as_ref();
        if !is_understood {
            findings.extend(energies::find(&sound, names.len(), model));
        }
        findings.extend(forces::find(&sound));
        findings.extend(stress::find(&sound, &files, model));
        let scales = agreement::scales(&sound, model);
        findings.extend(agreement::find(&scales, &sound));
        // Energies that go with the forces may have their zero where they like.
        if !scales.values().any(Scales::is_usual) {
            findings.extend(energies::weak(&sound));
        }
        findings.extend(duplicates::find(&records));
        Report::new(&files, &names, &records, &scales, once(findings))
    }
}

/// Whether the configuration at this place keeps its equations after this many halvings.
fn is_kept(place: usize, halvings: u32) -> bool {
    halvings == 0 || splitmix(place as u64) >> (64 - halvings) == 0
}

/// Findings without those that repeat an earlier one of their kind about the same configurations.
fn once(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<(Finding, HashSet<Place>)> = Vec::new();
    for finding in findings {
        let repeats = |(known, places): &(Finding, HashSet<Place>)| {
            known.kind == finding.kind && finding.places.iter().all(|place| places.contains(place))
        };
        if finding.kind == Kind::MissingLabels || !kept.iter().any(repeats) {
            let places = finding.places.iter().copied().collect();
            kept.push((finding, places));
        }
    }
    kept.into_iter().map(|(finding, _)| finding).collect()
}

/// Configurations whose atoms are where they belong; all where that is the minority.
fn without<'a>(records: &'a [Record], misplaced: &[Finding]) -> Cow<'a, [Record]> {
    let places: HashSet<Place> = misplaced.iter().flat_map(|finding| &finding.places).copied().collect();
    if places.is_empty() || 2 * places.len() > records.len() {
        return Cow::Borrowed(records);
    }
    records.iter().filter(|record| !places.contains(&record.place)).cloned().collect()
}

/// Share of each species among the atoms.
fn shares(record: &Record, species: usize) -> Vec<f64> {
    let atoms = record.atoms();
    (0..species).map(|k| record.composition.get(k).map_or(0.0, |&count| f64::from(count) / atoms)).collect()
}

/// Records by composition.
fn by_compositions(records: &[Record]) -> BTreeMap<&Vec<u32>, Vec<&Record>> {
    by_composition(records.iter().map(|record| (&record.composition, record)))
}

/// Items by composition, in the order in which they come.
fn by_composition<'a, T>(items: impl Iterator<Item = (&'a Vec<u32>, T)>) -> BTreeMap<&'a Vec<u32>, Vec<T>> {
    let mut groups: BTreeMap<&Vec<u32>, Vec<T>> = BTreeMap::new();
    for (composition, item) in items {
        groups.entry(composition).or_default().push(item);
    }
    groups
}
