//! What an inspection says: tables by composition and pair of species, and the findings, as text and as JSON.

use std::collections::BTreeMap;

use mtprs_core::{Error, ErrorKind, Result};
use serde::Serialize;

use super::agreement::Scales;
use super::by_compositions;
use super::finding::{Finding, Kind};
use super::record::Record;
use crate::constants::units::GIGAPASCAL;
use crate::text::{PROGRAM, Table, counted, general, significant};

/// Places of a finding that are shown in the text; JSON has all.
const SHOWN: usize = 5;
/// Compositions that are shown in the text.
const MOST_COMPOSITIONS: usize = 30;

/// Everything that was found.
#[derive(Debug, Serialize)]
pub struct Report {
    program: &'static str,
    files: Vec<String>,
    species: Vec<String>,
    configurations: usize,
    compositions: Vec<Composition>,
    shortest_distances: Vec<Pair>,
    agreement_with_forces: Vec<Agreement>,
    findings: Vec<Entry>,
}

/// Smallest and largest value.
type Range = Option<[f64; 2]>;

#[derive(Debug, Serialize)]
struct Composition {
    composition: String,
    configurations: usize,
    atoms: u64,
    cell_lengths: Range,
    volume_per_atom: Range,
    energy_per_atom: Range,
    largest_force: Range,
    pressure_gpa: Range,
}

#[derive(Debug, Serialize)]
struct Pair {
    species: [String; 2],
    shortest: f64,
    mean_nearest: f64,
}

/// How much energies and virials vary beside what the forces suggest; missing where they do not go together.
#[derive(Debug, Serialize)]
struct Agreement {
    composition: String,
    file: String,
    energy_scale: Option<f64>,
    virial_scale: Option<f64>,
    /// Å²/eV.
    energy_per_mean_square_force: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Entry {
    kind: Kind,
    message: String,
    hint: String,
    places: Vec<Spot>,
}

#[derive(Debug, Serialize)]
struct Spot {
    file: String,
    configuration: u64,
    line: usize,
}

impl Report {
    pub(super) fn new(
        files: &[String],
        names: &[String],
        records: &[Record],
        scales: &BTreeMap<(&[u32], usize), Scales>,
        findings: Vec<Finding>,
    ) -> Self {
        let agreement = |(&(composition, file), scales): (&(&[u32], usize), &Scales)| Agreement {
            composition: formula(composition, names),
            file: files.get(file).cloned().unwrap_or_default(),
            energy_scale: scales.energy,
            virial_scale: scales.virial,
            energy_per_mean_square_force: scales.compliance,
        };
        let groups = by_compositions(records);
        Self {
            program: PROGRAM,
            files: files.to_vec(),
            species: names.to_vec(),
            configurations: records.len(),
            compositions: groups.values().map(|group| Composition::new(group, names)).collect(),
            shortest_distances: pairs(records, names),
            agreement_with_forces: scales.iter().map(agreement).collect(),
            findings: findings.into_iter().map(|finding| Entry::new(finding, files)).collect(),
        }
    }

    /// Kinds of the findings, in their order.
    pub fn kinds(&self) -> Vec<Kind> {
        self.findings.iter().map(|finding| finding.kind).collect()
    }

    /// Numbers of the configurations, from one in each file, that findings of a kind are about.
    pub fn configurations_of(&self, kind: Kind) -> Vec<u64> {
        let findings = self.findings.iter().filter(|finding| finding.kind == kind);
        findings.flat_map(|finding| &finding.places).map(|place| place.configuration).collect()
    }

    /// The report as JSON.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n").map_err(|error| {
            Error::new(ErrorKind::Bug, format!("the report cannot be written as JSON: {error}"))
        })
    }

    /// The report as text.
    pub fn render(&self) -> String {
        let mut text = format!(
            "{} in {}; species {}\n\n",
            counted(self.configurations as u64, "configuration"),
            counted(self.files.len() as u64, "file"),
            self.species.join(" ")
        );
        text += &self.compositions();
        text.push('\n');
        text += &self.distances();
        text.push('\n');
        if self.species.iter().any(|name| name.starts_with("type")) {
            text += "species have no names: with --species Mg,V,O distances are also compared with covalent radii\n\n";
        }
        if self.findings.is_empty() {
            text += "no findings\n";
            return text;
        }
        text += &format!("{}\n", counted(self.findings.len() as u64, "finding"));
        for finding in &self.findings {
            text += &format!("\n{}: {}\n  hint: {}\n", finding.kind.name(), finding.message, finding.hint);
            for spot in finding.places.iter().take(SHOWN) {
                text += &format!("  {}:{}: configuration {}\n", spot.file, spot.line, spot.configuration);
            }
            let more = finding.places.len().saturating_sub(SHOWN);
            if more > 0 {
                text += &format!("  and {more} more (--json names all)\n");
            }
        }
        text
    }

    fn compositions(&self) -> String {
        let mut table = Table::new(&[
            "composition",
            ">configurations",
            ">cell, Å",
            ">Å³/atom",
            ">eV/atom",
            ">max force, eV/Å",
            ">pressure, GPa",
        ]);
        let mut counts: Vec<usize> = self.compositions.iter().map(|entry| entry.configurations).collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let least = counts.get(MOST_COMPOSITIONS - 1).copied().unwrap_or(0);
        let common = self.compositions.iter().filter(|entry| entry.configurations >= least);
        let common: Vec<&Composition> = common.take(MOST_COMPOSITIONS).collect();
        let more = self.compositions.len() - common.len();
        for composition in common {
            table.row(vec![
                composition.composition.clone(),
                composition.configurations.to_string(),
                shown(composition.cell_lengths, 4),
                shown(composition.volume_per_atom, 4),
                shown(composition.energy_per_atom, 6),
                shown(composition.largest_force, 3),
                shown(composition.pressure_gpa, 3),
            ]);
        }
        let text = table.render();
        if more == 0 { text } else { format!("{text}  and {more} rarer compositions (--json names all)\n") }
    }

    fn distances(&self) -> String {
        let mut table = Table::new(&["pair", ">shortest, Å", ">mean nearest, Å"]);
        for pair in &self.shortest_distances {
            table.row(vec![
                pair.species.join("-"),
                significant(Some(pair.shortest), 4),
                significant(Some(pair.mean_nearest), 4),
            ]);
        }
        table.render()
    }
}

impl Composition {
    fn new(group: &[&Record], names: &[String]) -> Self {
        let over =
            |value: &dyn Fn(&Record) -> Option<f64>| range(group.iter().filter_map(|record| value(record)));
        let composition = group.first().map(|record| record.composition.as_slice()).unwrap_or_default();
        Self {
            composition: formula(composition, names),
            configurations: group.len(),
            atoms: composition.iter().map(|&count| u64::from(count)).sum(),
            cell_lengths: range(group.iter().filter_map(|record| record.cell).flatten()),
            volume_per_atom: over(&Record::volume_per_atom),
            energy_per_atom: over(&Record::energy_per_atom),
            largest_force: over(&|record| Some(record.forces?.largest)),
            pressure_gpa: over(&|record| Some(record.pressure()? * GIGAPASCAL)),
        }
    }
}

impl Entry {
    fn new(finding: Finding, files: &[String]) -> Self {
        let Finding { kind, message, hint, mut places } = finding;
        places.sort_by_key(|place| (place.file, place.number));
        let spot = |place: super::Place| Spot {
            file: files.get(place.file).cloned().unwrap_or_default(),
            configuration: place.number,
            line: place.line,
        };
        Self { kind, message, hint, places: places.into_iter().map(spot).collect() }
    }
}

fn range(values: impl Iterator<Item = f64>) -> Range {
    values.fold(None, |range: Range, value| {
        let [low, high] = range.unwrap_or([value, value]);
        Some([low.min(value), high.max(value)])
    })
}

fn shown(range: Range, digits: usize) -> String {
    match range {
        None => "-".into(),
        Some([low, high]) if low == high => general(low, digits),
        Some([low, high]) => format!("{} … {}", general(low, digits), general(high, digits)),
    }
}

fn formula(composition: &[u32], names: &[String]) -> String {
    let parts: Vec<String> = composition
        .iter()
        .zip(names)
        .filter(|(count, _)| **count > 0)
        .map(|(count, name)| format!("{name}:{count}"))
        .collect();
    if parts.is_empty() { "no atoms".into() } else { parts.join(" ") }
}

fn pairs(records: &[Record], names: &[String]) -> Vec<Pair> {
    let mut all: BTreeMap<(u32, u32), (f64, f64, f64)> = BTreeMap::new();
    for record in records {
        for (&pair, nearest) in &record.nearest {
            let entry = all.entry(pair).or_insert((f64::INFINITY, 0.0, 0.0));
            *entry = (entry.0.min(nearest.shortest), entry.1 + nearest.mean, entry.2 + 1.0);
        }
    }
    all.into_iter()
        .map(|((a, b), (shortest, sum, count))| Pair {
            species: [names[a as usize].clone(), names[b as usize].clone()],
            shortest,
            mean_nearest: sum / count,
        })
        .collect()
}
