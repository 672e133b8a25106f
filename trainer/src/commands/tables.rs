//! `mtprs tables`: what moment tables cost.

use mtprs_core::evaluate::Evaluator;
use mtprs_core::potential::Potential;
use mtprs_core::potential::template::{BasisRule, RECOMMENDED, RecommendedTable};
use mtprs_core::species::Species;
use mtprs_core::{Error, Result};
use serde::Serialize;

use crate::Failure;
use crate::cli::{TablesArguments, usage_error};
use crate::endpoint::{Output, print};
use crate::processes::Interrupt;
use crate::text::Table;
use crate::tuning::cost::{self, Sample};

/// Levels that are compared, with the recommended tables, if none are named.
const LEVELS: [usize; 7] = [8, 10, 12, 14, 16, 18, 20];
/// Cutoff and shortest distance of the potentials, Å; the density follows from the number of neighbors.
const CUTOFF: f64 = 7.0;
const MIN_DIST: f64 = 1.4;

/// What is worth knowing about a table.
#[derive(Debug, Serialize)]
struct Row {
    table: String,
    /// The name of a recommended table.
    #[serde(skip_serializing_if = "Option::is_none")]
    recommended: Option<&'static str>,
    /// Highest rank of each radial function.
    ranks: Vec<usize>,
    basis_functions: usize,
    products: usize,
    parameters: usize,
    /// Of energy, forces and virial of one atom.
    multiply_adds: f64,
    /// Time of the same, µs.
    #[serde(skip_serializing_if = "Option::is_none")]
    microseconds: Option<f64>,
}

/// The answer as JSON.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    /// Mean number of neighbors of an atom of the sample.
    neighbors: f64,
    species: usize,
    radial_basis_size: usize,
    tables: &'a [Row],
}

pub(super) fn run(job: &TablesArguments, interrupt: &Interrupt) -> std::result::Result<(), Failure> {
    let rules: Vec<BasisRule> = match job.tables.as_slice() {
        [] => {
            let levels = LEVELS.into_iter().map(BasisRule::of_level);
            levels.chain(RECOMMENDED.map(RecommendedTable::rule)).collect::<Result<_>>()?
        }
        tables => tables.to_vec(),
    };
    let wrong = |error: Error| Failure::Usage(usage_error(error));
    let mut potentials = Vec::new();
    for rule in &rules {
        interrupt.check()?;
        let species = Species::unnamed(job.species);
        let untrained = Potential::untrained_of(rule, species, [MIN_DIST, CUTOFF], job.radial_basis_size);
        potentials.push(cost::with_random_parameters(&untrained.map_err(wrong)?).map_err(wrong)?);
    }
    let sample = Sample::lattice(job.neighbors, CUTOFF, job.species)?;
    let neighbors = sample.neighbors(CUTOFF)?;
    let times = match job.count {
        true => vec![None; rules.len()],
        false => cost::times(&sample, &potentials, interrupt)?.into_iter().map(Some).collect(),
    };
    let mut rows = Vec::new();
    for ((rule, potential), microseconds) in rules.iter().zip(&potentials).zip(times) {
        rows.push(Row {
            table: rule.to_string(),
            recommended: RecommendedTable::of(rule).map(|table| table.name),
            ranks: rule.ranks().to_vec(),
            basis_functions: potential.moment_basis().scalar_moments().len(),
            products: potential.moment_basis().products().len(),
            parameters: potential.parameter_layout().len(),
            multiply_adds: Evaluator::new(potential)?.multiply_adds(neighbors),
            microseconds,
        });
    }
    if job.json {
        let answer = Answer {
            neighbors,
            species: job.species,
            radial_basis_size: job.radial_basis_size,
            tables: &rows,
        };
        return Output::Stdout.write_json(&answer);
    }
    print(&render(job, neighbors, &rows))
}

fn render(job: &TablesArguments, neighbors: f64, rows: &[Row]) -> String {
    let species = if job.species == 1 { "1 species".to_owned() } else { format!("{} species", job.species) };
    let mut text = format!(
        "{neighbors:.1} neighbors, {species}, {} Chebyshev polynomials; costs per atom and step\n\n",
        job.radial_basis_size
    );
    let has_names = rows.iter().any(|row| row.recommended.is_some());
    let mut headings = vec!["table"];
    headings.extend(has_names.then_some("name"));
    headings.extend(["ranks", ">basis functions", ">products", ">parameters", ">multiply-adds"]);
    headings.extend((!job.count).then_some(">µs"));
    let mut table = Table::new(&headings);
    for row in rows {
        let ranks: Vec<String> = row.ranks.iter().map(ToString::to_string).collect();
        let mut cells = vec![row.table.clone()];
        cells.extend(has_names.then(|| row.recommended.unwrap_or_default().to_owned()));
        cells.extend([
            ranks.join(" "),
            row.basis_functions.to_string(),
            row.products.to_string(),
            row.parameters.to_string(),
            format!("{:.0}", row.multiply_adds),
        ]);
        cells.extend(row.microseconds.map(|time| format!("{time:.2}")));
        table.row(cells);
    }
    text.push_str(&table.render());
    text
}
