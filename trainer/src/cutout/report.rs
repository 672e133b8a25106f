//! What was cut out, in words and figures.

use std::collections::BTreeMap;

use mtprs_core::geometry::dot;
use mtprs_core::potential::Potential;
use serde::Serialize;

use super::{Cutout, Limits, Parent, Relaxation};
use crate::text::{Table, counted, general, significant};

/// Cut-outs that the table shows at most.
const MOST_LINES: usize = 40;

/// All cut-outs.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Grade above which atoms are centers; none without a state.
    threshold: Option<f64>,
    /// Radius of the cores, Å.
    radius: f64,
    /// Force up to which was relaxed, eV/Å.
    max_force: f64,
    cutouts: Vec<Figures>,
}

/// Where a cut-out comes from.
#[derive(Clone, Debug, Serialize)]
pub struct Origin {
    /// The file.
    pub file: String,
    /// Configuration in it, from one.
    pub configuration: u64,
    /// Atom of it, from one.
    pub atom: usize,
}

/// One cut-out in figures.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    #[serde(flatten)]
    origin: Origin,
    /// Grade of the center in the large cell and in the new one; none without a state.
    grade_before: Option<f64>,
    grade_after: Option<f64>,
    /// Largest grade of the other atoms in the new cell.
    largest_grade_of_others: Option<f64>,
    /// Atoms of the large cell, of the new one, and of the core.
    parent_atoms: usize,
    atoms: usize,
    core: usize,
    /// Atoms that were taken out at the border, and put where there was room.
    removed: usize,
    added: usize,
    /// Formula units of the large cell, if there are only whole ones.
    formula_units: Option<usize>,
    /// Whether the large cell was small enough to be taken whole.
    whole: bool,
    /// Lengths of the new cell's vectors, Å.
    edges: [f64; 3],
    /// Atoms per Å³ in the large cell and in the new one.
    parent_density: f64,
    density: f64,
    species: Vec<OfSpecies>,
    /// None if there was nothing to relax.
    relaxation: Option<Relaxed>,
}

/// Atoms of one species.
#[derive(Clone, Debug, Serialize)]
struct OfSpecies {
    species: String,
    atoms: usize,
    /// Atoms that the large cell has in the volume of the new one.
    expected: f64,
}

/// Steps and largest forces outside the core, eV/Å.
#[derive(Clone, Debug, Serialize)]
struct Relaxed {
    steps: usize,
    force_before: f64,
    force_after: f64,
    /// The same without atoms that are held.
    force_of_unheld: f64,
    /// Atoms that the potential drew into the core from beside it, and which so are of the core.
    joined_core: usize,
    /// Other atoms that are held at the surface of the core.
    held_by_core: usize,
    /// Pairs of atoms that the potential draws closer than allowed, by species.
    held_pairs: BTreeMap<String, usize>,
}

impl Figures {
    /// The figures of a cell; `grades` are those of its atoms.
    pub fn new(
        origin: Origin,
        grade_before: Option<f64>,
        parent: &Parent<'_>,
        cutout: &Cutout,
        relaxation: Option<Relaxation>,
        grades: Option<&[f64]>,
        potential: &Potential,
    ) -> Self {
        let configuration = &cutout.configuration;
        let vectors = configuration.cell.vectors();
        let volume = configuration.cell.volume().unwrap_or(f64::INFINITY);
        let length = |k: usize| vectors.get(k).map_or(0.0, |vector| dot(*vector, *vector).sqrt());
        let others = |grades: &[f64]| {
            let others = grades.iter().enumerate().filter(|(atom, _)| *atom != cutout.center);
            others.map(|(_, &grade)| grade).fold(0.0, f64::max)
        };
        let species = potential.species();
        let density = parent.density(species.count());
        let of_species = |(index, density): (usize, &f64)| {
            let is_it = |known: &&u32| **known as usize == index;
            let atoms = configuration.species.iter().filter(is_it).count();
            OfSpecies { species: species.label(index), atoms, expected: density * volume }
        };
        let relaxed = |relaxation: Relaxation| Relaxed::new(&relaxation, potential);
        Self {
            origin,
            grade_before,
            grade_after: grades.and_then(|grades| grades.get(cutout.center).copied()),
            largest_grade_of_others: grades.map(others),
            parent_atoms: parent.atoms(),
            atoms: configuration.len(),
            core: cutout.core,
            removed: cutout.removed,
            added: cutout.added,
            formula_units: cutout.units,
            whole: cutout.is_whole,
            edges: [0, 1, 2].map(length),
            parent_density: density.iter().sum(),
            density: configuration.len() as f64 / volume,
            species: density.iter().enumerate().map(of_species).collect(),
            relaxation: relaxation.map(relaxed),
        }
    }

    /// What stands in the `.cfg` beside the atoms; `center` is the index of the center.
    pub fn features(&self, center: usize) -> Vec<(&'static str, String)> {
        let mut features = vec![
            ("cutout_source", self.source()),
            ("cutout_center", (center + 1).to_string()),
            ("cutout_core", self.core.to_string()),
        ];
        let optional = [
            ("cutout_grade_before", self.grade_before),
            ("cutout_grade_after", self.grade_after),
            ("cutout_force", self.relaxation.as_ref().map(|relaxed| relaxed.force_after)),
        ];
        features.extend(optional.into_iter().filter_map(|(key, value)| Some((key, value?.to_string()))));
        features
    }

    fn source(&self) -> String {
        let Origin { file, configuration, atom } = &self.origin;
        format!("{file}:{configuration}:{atom}")
    }
}

impl Relaxed {
    fn new(relaxation: &Relaxation, potential: &Potential) -> Self {
        let mut held_pairs = BTreeMap::new();
        for pair in &relaxation.held_pairs {
            let [a, b] = pair.map(|species| potential.species().label(species as usize));
            *held_pairs.entry(format!("{a}-{b}")).or_insert(0) += 1;
        }
        Self {
            steps: relaxation.steps,
            force_before: relaxation.first_force,
            force_after: relaxation.largest_force,
            force_of_unheld: relaxation.unheld_force,
            joined_core: relaxation.joined,
            held_by_core: relaxation.held_by_core,
            held_pairs,
        }
    }

    /// Number of places where the potential pulls against what is held.
    fn held(&self) -> usize {
        self.held_by_core + self.held_pairs.values().sum::<usize>()
    }
}

impl Report {
    /// The figures of all cells.
    pub fn new(cutouts: Vec<Figures>, threshold: Option<f64>, radius: f64, limits: Limits) -> Self {
        Self { threshold, radius, max_force: limits.max_force, cutouts }
    }

    /// A table of the cells, and a sentence about those that could not be relaxed.
    pub fn render(&self) -> String {
        if let (true, Some(threshold)) = (self.cutouts.is_empty(), self.threshold) {
            return format!("no atom has a grade above {}\n", general(threshold, 6));
        }
        let headings = [
            "source",
            ">grade",
            ">in the cell",
            ">others",
            ">atoms of",
            ">parent",
            ">core",
            ">removed",
            ">added",
            "cell, Å",
            ">atoms/Å³",
            ">of parent",
            "species",
            "as in the parent",
            ">force, eV/Å",
            ">held",
            ">steps",
        ];
        let mut table = Table::new(&headings);
        for figures in self.cutouts.iter().take(MOST_LINES) {
            table.row(figures.line());
        }
        let mut text = table.render();
        if self.cutouts.len() > MOST_LINES {
            text.push_str(&format!("  ... and {} more\n", self.cutouts.len() - MOST_LINES));
        }
        text.push_str(&self.remarks());
        text
    }
}

impl Report {
    /// What is to be said about cells in which forces are left.
    fn remarks(&self) -> String {
        let all = || self.cutouts.iter().filter_map(|figures| figures.relaxation.as_ref());
        let force = general(self.max_force, 6);
        let mut text = String::new();
        let open = all().filter(|relaxed| relaxed.force_of_unheld > self.max_force).count();
        if open > 0 {
            let cells = counted(open as u64, "cell");
            text += &format!("{cells} with forces above {force} eV/Å outside the core after all steps\n");
        }
        let mut pairs: BTreeMap<&str, usize> = BTreeMap::new();
        for (pair, count) in all().flat_map(|relaxed| &relaxed.held_pairs) {
            *pairs.entry(pair).or_insert(0) += count;
        }
        if !pairs.is_empty() {
            let pairs: Vec<String> = pairs.iter().map(|(pair, count)| format!("{count} {pair}")).collect();
            text += &format!(
                "the potential pulls atoms closer than allowed and has no minimum there: {} (held apart)\n",
                pairs.join(", ")
            );
        }
        let at_core = all().map(|relaxed| relaxed.held_by_core).sum::<usize>();
        if at_core > 0 {
            let atoms = counted(at_core as u64, "atom");
            text += &format!(
                "{atoms} held at the surface of the core, because the potential pulls them into it\n"
            );
        }
        text
    }
}

impl Figures {
    fn line(&self) -> Vec<String> {
        let list =
            |text: &dyn Fn(&OfSpecies) -> String| self.species.iter().map(text).collect::<Vec<_>>().join(" ");
        let relaxed = self.relaxation.as_ref();
        vec![
            self.source(),
            significant(self.grade_before, 5),
            significant(self.grade_after, 5),
            significant(self.largest_grade_of_others, 5),
            self.atoms.to_string(),
            self.parent_atoms.to_string(),
            self.core.to_string(),
            self.removed.to_string(),
            self.added.to_string(),
            self.edges.map(|edge| format!("{edge:.2}")).join(" "),
            significant(Some(self.density), 4),
            significant(Some(self.parent_density), 4),
            list(&|one| format!("{}{}", one.species, one.atoms)),
            list(&|one| format!("{:.1}", one.expected)),
            significant(relaxed.map(|relaxed| relaxed.force_after), 3),
            relaxed.map_or("-".into(), |relaxed| relaxed.held().to_string()),
            relaxed.map_or("-".into(), |relaxed| relaxed.steps.to_string()),
        ]
    }
}
