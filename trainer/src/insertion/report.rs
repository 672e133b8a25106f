//! What was put where, in words and figures.

use mtprs_core::Result;
use mtprs_core::geometry::Configuration;
use serde::Serialize;

use super::charges::{Charges, signed};
use super::sites::{ClosestPair, SiteSettings, Sites};
use crate::text::{Table, counted};

/// Ewald energies no farther apart may be those of one structure twice, by symmetry, eV.
const EQUAL: f64 = 1e-5;
/// Relaxed energies no farther apart may be those of one minimum, eV.
const SAME_MINIMUM: f64 = 1e-3;

/// All of it.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Name and version of the program.
    pub program: &'static str,
    /// The host.
    pub host: Host,
    /// Element of the ions that went in.
    pub species: String,
    /// How many of them.
    pub count: usize,
    /// Charges by which occupations were compared.
    pub charges: Charges,
    /// Which vertices are sites.
    pub settings: SiteSettings,
    /// How many there are.
    pub sites: Sites,
    /// Occupations that were asked for.
    pub keep: usize,
    /// Seed of the search.
    pub seed: u64,
    /// Kicks of each chain.
    pub kicks: usize,
    /// Least distance of atoms, Å; structures with closer ones come last.
    pub min_distance: Option<f64>,
    /// Force up to which was relaxed, eV/Å; none without a potential.
    pub max_force: Option<f64>,
    /// The structures by rank.
    pub structures: Vec<Figures>,
}

/// Where the host is from and what it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Host {
    /// The file.
    pub file: String,
    /// Configuration in it, from one.
    pub configuration: u64,
    /// Configurations that were read.
    pub configurations: u64,
    /// Atoms by element.
    pub composition: Vec<(String, usize)>,
}

/// One structure in figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Rank by Ewald energy, from one.
    pub ewald_rank: usize,
    /// Ewald energy, eV.
    pub ewald_energy: f64,
    /// Sites of the ions before relaxation, Å.
    pub sites: Vec<[f64; 3]>,
    /// Shortest distance of two of the ions, images included, Å; none of a single ion.
    pub ion_distance: Option<f64>,
    /// The closest two atoms of all, after relaxation if there was one.
    pub closest: Option<NamedPair>,
    /// What the potential says.
    pub relaxed: Option<RelaxedFigures>,
}

/// Two atoms and their distance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NamedPair {
    /// Atoms, from one.
    pub atoms: [usize; 2],
    /// Their elements.
    pub elements: [String; 2],
    /// Their distance, Å.
    pub distance: f64,
}

/// A relaxed structure in figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RelaxedFigures {
    /// Energy by the potential, eV.
    pub energy: f64,
    /// The same before relaxation.
    pub first_energy: f64,
    /// Steps of L-BFGS.
    pub steps: usize,
    /// Largest force that is left, eV/Å.
    pub largest_force: f64,
    /// Grade by the state, if there is one.
    pub grade: Option<f64>,
}

impl NamedPair {
    /// The closest two atoms of a configuration whose species have these names.
    pub fn of(configuration: &Configuration, names: &[String]) -> Result<Option<Self>> {
        let closest = ClosestPair::of(configuration)?;
        Ok(closest.map(|ClosestPair { atoms, distance }| Self {
            atoms: atoms.map(|atom| atom + 1),
            elements: atoms.map(|atom| names[configuration.species[atom] as usize].clone()),
            distance,
        }))
    }
}

impl Figures {
    /// Whether atoms are closer than they may be.
    pub fn is_too_close(&self, min_distance: Option<f64>) -> bool {
        self.closest.as_ref().zip(min_distance).is_some_and(|(pair, least)| pair.distance < least)
    }
}

impl Report {
    /// The table and what is to be said about it.
    pub fn render(&self) -> String {
        let mut text = format!("{}{}{}\n", self.of_host(), self.of_sites(), self.of_charges());
        text.push_str(&self.table().render());
        for note in self.notes() {
            text.push_str(&format!("{note}\n"));
        }
        text
    }

    fn of_host(&self) -> String {
        let Host { file, configuration, configurations, composition } = &self.host;
        let atoms: usize = composition.iter().map(|(_, count)| count).sum();
        let which =
            if *configurations > 1 { format!(", configuration {configuration}") } else { String::new() };
        let elements: Vec<String> =
            composition.iter().map(|(name, count)| format!("{name}{count}")).collect();
        format!("host: {file}{which}, {}: {}\n", counted(atoms as u64, "atom"), elements.join(" "))
    }

    fn of_sites(&self) -> String {
        let SiteSettings { cation_distance, anion_distance, merge } = self.settings;
        let Sites { vertices, far_enough, merged, .. } = self.sites;
        format!(
            "sites: {vertices} Voronoi vertices, {far_enough} of them at least {cation_distance} Å from cations and \
             {anion_distance} Å from other atoms, {merged} after merging within {merge} Å\n"
        )
    }

    fn of_charges(&self) -> String {
        let Charges { of_species, changed, background } = &self.charges;
        let there = of_species.iter().filter(|one| one.charge != 0.0);
        let shown: Vec<String> = there.map(|one| format!("{} {}", one.species, signed(one.charge))).collect();
        let how = match changed {
            Some(change) => format!("{} changed by {} to be neutral", change.species, signed(change.charge)),
            None if *background != 0.0 => format!("a background neutralizes {}", signed(*background)),
            None => "neutral".to_owned(),
        };
        format!("charges: {}; {how}\n", shown.join(", "))
    }

    fn table(&self) -> Table {
        let is_relaxed = self.structures.iter().any(|figures| figures.relaxed.is_some());
        let has_grades =
            self.structures.iter().filter_map(|one| one.relaxed.as_ref()).any(|one| one.grade.is_some());
        let ions = format!(">{0}-{0}, Å", self.species);
        let mut headings =
            vec![">rank", ">by Ewald", ">Ewald, eV", ">above, eV", &ions, ">closest, Å", "atoms"];
        if is_relaxed {
            headings.extend([">relaxed, eV", ">above, eV", ">force, eV/Å", ">steps"]);
        }
        if has_grades {
            headings.push(">grade");
        }
        let mut table = Table::new(&headings);
        let lowest = |energy: fn(&Figures) -> Option<f64>| {
            self.structures.iter().filter_map(energy).fold(f64::INFINITY, f64::min)
        };
        let ewald = lowest(|figures| Some(figures.ewald_energy));
        let relaxed = lowest(|figures| Some(figures.relaxed.as_ref()?.energy));
        for (place, figures) in self.structures.iter().enumerate() {
            let mut row = vec![
                (place + 1).to_string(),
                figures.ewald_rank.to_string(),
                format!("{:.4}", figures.ewald_energy),
                format!("{:.4}", figures.ewald_energy - ewald),
                figures.ion_distance.map_or("-".to_owned(), |distance| format!("{distance:.3}")),
            ];
            row.extend(self.closest(figures));
            if let Some(one) = &figures.relaxed {
                row.push(format!("{:.4}", one.energy));
                row.push(format!("{:.4}", one.energy - relaxed));
                row.push(format!("{:.4}", one.largest_force));
                row.push(one.steps.to_string());
                row.extend(one.grade.map(|grade| format!("{grade:.2}")));
            }
            table.row(row);
        }
        table
    }

    fn closest(&self, figures: &Figures) -> [String; 2] {
        let Some(pair) = &figures.closest else { return ["-".into(), "-".into()] };
        let mark = if figures.is_too_close(self.min_distance) { " !" } else { "" };
        [format!("{:.3}", pair.distance), format!("{}{mark}", pair.elements.join("-"))]
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.structures.len() < self.keep {
            let found = counted(self.structures.len() as u64, "occupation");
            notes.push(format!("note: {found} found, and --keep asks for {}", self.keep));
        }
        if let Some(least) = self.min_distance {
            let close = self.structures.iter().filter(|one| one.is_too_close(self.min_distance)).count();
            if close > 0 {
                let structures = counted(close as u64, "structure");
                notes.push(format!("!: {structures} with atoms closer than {least} Å, ranked last"));
            }
        }
        if let Some(max_force) = self.max_force {
            let force = |one: &Figures| one.relaxed.as_ref().map_or(0.0, |relaxed| relaxed.largest_force);
            let unfinished = self.structures.iter().filter(|one| force(one) > max_force).count();
            if unfinished > 0 {
                let structures = counted(unfinished as u64, "structure");
                notes.push(format!(
                    "note: {structures} not converged to {max_force} eV/Å: see the force column"
                ));
            }
            notes.extend(self.on_first_by_ewald());
        }
        let relaxed = self.structures.iter().filter_map(|one| Some(one.relaxed.as_ref()?.energy));
        let same = close_to_another(relaxed.collect(), SAME_MINIMUM);
        if same > 0 {
            let structures = counted(same as u64, "structure");
            notes.push(format!(
                "note: {structures} within {SAME_MINIMUM} eV of another one after relaxation, perhaps the same: increase --keep"
            ));
        }
        let equal = close_to_another(self.structures.iter().map(|one| one.ewald_energy).collect(), EQUAL);
        if equal > 0 {
            let structures = counted(equal as u64, "structure");
            notes.push(format!(
                "note: {structures} with the Ewald energy of another one, perhaps equivalent by symmetry: increase --keep"
            ));
        }
        notes
    }

    /// Where the lowest by electrostatics has come.
    fn on_first_by_ewald(&self) -> Option<String> {
        let place = self.structures.iter().position(|one| one.ewald_rank == 1)?;
        if self.structures.len() == 1 {
            return None;
        }
        let energy = |place: usize| Some(self.structures[place].relaxed.as_ref()?.energy);
        let above = energy(place)? - energy(0)?;
        Some(match place {
            0 => "the lowest by electrostatics is the lowest after relaxation as well".to_owned(),
            _ => format!(
                "the lowest by electrostatics is number {} after relaxation, {above:.4} eV from the first",
                place + 1
            ),
        })
    }
}

/// Energies that are no farther above another one.
fn close_to_another(mut energies: Vec<f64>, distance: f64) -> usize {
    energies.sort_by(f64::total_cmp);
    energies.windows(2).filter(|pair| pair[1] - pair[0] < distance).count()
}
