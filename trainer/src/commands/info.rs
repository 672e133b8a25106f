//! `mtprs info`: what a potential is, and what about it may surprise.

use mtprs_core::potential::{PairTerm, Potential};
use serde::Serialize;

use crate::Failure;
use crate::cli::InfoArguments;
use crate::endpoint::{Output, load_potential, print};
use crate::text::{Table, general};

pub(super) fn run(job: &InfoArguments) -> Result<(), Failure> {
    let potential = load_potential(&job.potential)?;
    let description = Description::new(&potential, &job.potential.display().to_string());
    if job.json {
        return Output::Stdout.write_json(&description);
    }
    print(&description.render())
}

/// What is worth knowing about a potential; lengths in Å.
#[derive(Debug, Serialize)]
struct Description {
    file: String,
    name: String,
    tag: String,
    species_count: usize,
    species: Option<Vec<String>>,
    level: Option<usize>,
    trained: bool,
    cutoff: f64,
    min_dist: f64,
    scaling: f64,
    radial_basis: &'static str,
    radial_basis_size: usize,
    radial_functions: usize,
    /// The range in which the repulsion of nuclei is switched off, Å.
    #[serde(skip_serializing_if = "Option::is_none")]
    zbl: Option<[f64; 2]>,
    max_rank: usize,
    basis_functions: usize,
    moments: usize,
    basic_moments: usize,
    products: usize,
    parameters: usize,
    blocks: Vec<Block>,
    warnings: Vec<String>,
}

/// A block of coefficients in the words of the file; ranges are missing where the block is.
#[derive(Debug, Serialize)]
struct Block {
    name: &'static str,
    count: usize,
    min: Option<f64>,
    max: Option<f64>,
    rms: Option<f64>,
}

impl Description {
    fn new(potential: &Potential, file: &str) -> Self {
        let (radial, moments) = (potential.radial_basis(), potential.moment_basis());
        Self {
            file: file.to_owned(),
            name: potential.name().to_owned(),
            tag: potential.tag().to_owned(),
            species_count: potential.species().count(),
            species: potential.species().names().map(<[String]>::to_vec),
            level: moments.level(),
            trained: potential.is_trained(),
            cutoff: potential.cutoff(),
            min_dist: radial.min_dist(),
            scaling: potential.scaling(),
            radial_basis: potential.radial_basis().kind().keyword(),
            radial_basis_size: radial.size(),
            radial_functions: radial.functions_count(),
            zbl: zbl(potential),
            max_rank: moments.max_rank(),
            basis_functions: moments.scalar_moments().len(),
            moments: moments.moments_count(),
            basic_moments: moments.basic().len(),
            products: moments.products().len(),
            parameters: potential.parameter_layout().len(),
            blocks: blocks(potential),
            warnings: warnings(potential),
        }
    }

    fn render(&self) -> String {
        let mut facts = Table::new(&["file", &self.file]);
        for (label, value) in self.facts() {
            facts.row(vec![label.into(), value]);
        }
        let mut coefficients = Table::new(&["coefficients", ">count", ">min", ">max", ">RMS"]);
        let figure = |value: Option<f64>| value.map_or("-".into(), |value| general(value, 5));
        for block in &self.blocks {
            let Block { name, count, min, max, rms } = block;
            coefficients.row(vec![
                (*name).into(),
                count.to_string(),
                figure(*min),
                figure(*max),
                figure(*rms),
            ]);
        }
        let mut text = format!("{}\n{}", facts.render(), coefficients.render());
        if !self.warnings.is_empty() {
            text.push('\n');
        }
        for warning in &self.warnings {
            text.push_str(&format!("  warning: {warning}\n"));
        }
        text
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let species = match &self.species {
            Some(names) => format!("{} ({})", self.species_count, names.join(" ")),
            None => format!("{} (no element names)", self.species_count),
        };
        let mut facts = vec![
            ("name", self.name.clone()),
            ("tag", self.tag.clone()),
            ("species", species),
            ("level", self.level.map_or("not that of a complete level".into(), |level| level.to_string())),
            ("state", if self.trained { "trained".into() } else { "untrained".into() }),
            ("cutoff", format!("{} Å", self.cutoff)),
            ("min_dist", format!("{} Å, where the radial functions begin", self.min_dist)),
            ("radial functions", self.radial_functions.to_string()),
            ("radial basis", format!("{} of size {}", self.radial_basis, self.radial_basis_size)),
            ("scaling", general(self.scaling, 6)),
            ("basis functions", self.basis_functions.to_string()),
            ("moments", format!("{}, {} of them basic", self.moments, self.basic_moments)),
            ("largest rank", self.max_rank.to_string()),
            ("products", self.products.to_string()),
            ("parameters", self.parameters.to_string()),
        ];
        if let Some([inner, outer]) = self.zbl {
            facts.push(("repulsion", format!("of nuclei (ZBL), switched off from {inner} to {outer} Å")));
        }
        facts
    }
}

fn zbl(potential: &Potential) -> Option<[f64; 2]> {
    potential.pair_terms().iter().find_map(|term| match term {
        PairTerm::Zbl(zbl) => Some([zbl.inner(), zbl.outer()]),
        _ => None,
    })
}

fn blocks(potential: &Potential) -> Vec<Block> {
    let (layout, parameters) = (potential.parameter_layout(), potential.parameters());
    let block = |name, count, values: &Option<Vec<f64>>| {
        let values = values.as_deref();
        let squares = |values: &[f64]| values.iter().map(|x| x * x).sum::<f64>();
        Block {
            name,
            count,
            min: values.and_then(|values| values.iter().copied().reduce(f64::min)),
            max: values.and_then(|values| values.iter().copied().reduce(f64::max)),
            rms: values.map(|values| (squares(values) / values.len() as f64).sqrt()),
        }
    };
    vec![
        block("radial_coeffs", layout.radial_coeffs().len(), &parameters.radial_coeffs),
        block("species_coeffs", layout.species_coeffs().len(), &parameters.species_coeffs),
        block("moment_coeffs", layout.moment_coeffs().len(), &parameters.moment_coeffs),
    ]
}

fn warnings(potential: &Potential) -> Vec<String> {
    let mut warnings = Vec::new();
    let missing = potential.parameters().missing();
    if !missing.is_empty() {
        warnings.push(format!("untrained: {} missing", missing.join(", ")));
    }
    let species = potential.species();
    if species.names().is_none() {
        warnings.push("no element names in potential_tag: atom types cannot be checked against them".into());
    }
    let (min_dist, cutoff) = (potential.radial_basis().min_dist(), potential.cutoff());
    if min_dist < 0.5 {
        warnings.push(format!("min_dist is {min_dist} Å, shorter than any bond"));
    } else if min_dist > 0.75 * cutoff {
        warnings.push(format!("min_dist is {min_dist} Å, close to the cutoff of {cutoff} Å"));
    }
    let used = potential.moment_basis().radial_functions_needed();
    let functions = potential.radial_basis().functions_count();
    if used < functions {
        warnings.push(format!("only {used} of {functions} radial functions are used"));
    }
    warnings.extend(zero_pairs(potential));
    warnings
}

/// Pairs of species that do not see each other, because training never met them.
fn zero_pairs(potential: &Potential) -> Vec<String> {
    let Some(radial_coeffs) = &potential.parameters().radial_coeffs else { return Vec::new() };
    let species = potential.species();
    let per_pair = potential.radial_basis().functions_count() * potential.radial_basis().size();
    radial_coeffs
        .chunks(per_pair)
        .enumerate()
        .filter(|(_, pair)| pair.iter().all(|&coefficient| coefficient == 0.0))
        .map(|(index, _)| {
            let (central, neighbor) = (index / species.count(), index % species.count());
            let (central, neighbor) = (species.label(central), species.label(neighbor));
            format!("all radial coefficients of the pair {central}-{neighbor} are zero")
        })
        .collect()
}
