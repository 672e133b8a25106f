//! Everything that is said of a potential and a crystal: figures beside their references, and what they come from.

use clap::ValueEnum;
use serde::Serialize;

use super::crystal::{Crystal, Description};
use super::defects::Vacancies;
use super::elastic::ElasticConstants;
use super::eos::EquationOfState;
use super::grades::{SELECT, verdict};
use super::phonons::Phonons;
use super::reference::{Reference, known};
use super::surfaces::{Outcome, Surface};
use crate::text::general;

/// What can be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The relaxed crystal.
    #[value(skip)]
    Crystal,
    /// Equation of state: bulk modulus and its derivative.
    Eos,
    /// Elastic constants and moduli.
    Elastic,
    /// Phonons: frequencies, density of states, zero-point energy, heat capacity.
    Phonons,
    /// Vacancy formation energy, or that of a Schottky set.
    Vacancy,
    /// Surface energies.
    Surface,
}

/// A property that a reference can have.
pub(super) struct Property {
    /// Key in reference files.
    pub key: &'static str,
    /// Name in tables.
    pub label: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// The part that computes it.
    pub part: Part,
}

const fn listed(key: &'static str, label: &'static str, unit: &'static str, part: Part) -> Property {
    Property { key, label, unit, part }
}

/// All properties but elastic constants and surfaces, of which there are many.
pub(super) const PROPERTIES: [Property; 18] = [
    listed("lattice_a", "lattice parameter a", "Å", Part::Crystal),
    listed("lattice_b", "lattice parameter b", "Å", Part::Crystal),
    listed("lattice_c", "lattice parameter c", "Å", Part::Crystal),
    listed("volume", "volume", "Å³/atom", Part::Crystal),
    listed("energy", "energy", "eV/atom", Part::Crystal),
    listed("bulk_modulus", "bulk modulus", "GPa", Part::Eos),
    listed("bulk_modulus_derivative", "its derivative by pressure", "1", Part::Eos),
    listed("bulk_modulus_hill", "bulk modulus (Hill)", "GPa", Part::Elastic),
    listed("shear_modulus", "shear modulus (Hill)", "GPa", Part::Elastic),
    listed("young_modulus", "Young's modulus (Hill)", "GPa", Part::Elastic),
    listed("poisson_ratio", "Poisson's ratio (Hill)", "1", Part::Elastic),
    listed("max_frequency", "highest frequency", "THz", Part::Phonons),
    listed("min_frequency", "lowest frequency", "THz", Part::Phonons),
    listed("min_optical_gamma", "lowest optical at Γ", "THz", Part::Phonons),
    listed("zero_point_energy", "zero-point energy", "meV/atom", Part::Phonons),
    listed("heat_capacity_300K", "heat capacity, 300 K", "k_B/atom", Part::Phonons),
    listed("vacancy_energy", "vacancy", "eV", Part::Vacancy),
    listed("schottky_energy", "Schottky set", "eV", Part::Vacancy),
];

/// The property of a key.
pub(super) fn property(key: &str) -> Option<&'static Property> {
    PROPERTIES.iter().find(|property| property.key == key)
}

/// A property in figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// Key in reference files.
    pub key: String,
    /// Name in tables.
    pub label: String,
    /// Unit of all figures but the percentage.
    pub unit: &'static str,
    /// The part that computes it.
    pub part: Part,
    /// What the potential says; none if it was not computed.
    pub potential: Option<f64>,
    /// How far the method of computation may be off, where that is known.
    pub accuracy: Option<f64>,
    /// Value to compare with.
    pub reference: Option<f64>,
    /// Difference that is still right.
    pub tolerance: Option<f64>,
    /// Potential less reference.
    pub difference: Option<f64>,
    /// The same by the reference, %.
    pub percent: Option<f64>,
    /// Whether the difference is within the tolerance.
    pub is_within: Option<bool>,
    /// Largest extrapolation grade that was met on the way.
    pub grade: Option<f64>,
}

/// How things are computed.
#[derive(Clone, Debug, Serialize)]
pub struct Settings {
    /// Largest strain of the elastic constants.
    pub strain: f64,
    /// Displacement of the phonons, Å.
    pub displacement: f64,
    /// Least width of the cell of a vacancy, Å.
    pub width: f64,
    /// Least thickness of a slab, Å.
    pub thickness: f64,
    /// Force that vacancies and slabs are relaxed to, eV/Å.
    pub max_force: f64,
}

/// All that was computed.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Program and version.
    pub program: &'static str,
    /// Facts about potential and files: label and value.
    pub facts: Vec<(String, String)>,
    /// The relaxed crystal.
    pub crystal: Description,
    /// How.
    pub settings: Settings,
    /// Where the reference values are from.
    pub source: Option<String>,
    /// All properties.
    pub figures: Vec<Figure>,
    /// Equation of state.
    pub eos: Option<EquationOfState>,
    /// Elastic constants.
    pub elastic: Option<ElasticConstants>,
    /// Phonons.
    pub phonons: Option<Phonons>,
    /// Vacancies.
    pub vacancies: Option<Vacancies>,
    /// Surfaces.
    pub surfaces: Vec<Surface>,
    /// What else should be known.
    pub notes: Vec<String>,
}

impl Report {
    /// A report of the crystal alone.
    pub fn new(
        program: &'static str,
        facts: Vec<(String, String)>,
        crystal: &Crystal,
        settings: Settings,
    ) -> Self {
        Self {
            program,
            facts,
            crystal: crystal.description.clone(),
            settings,
            source: None,
            figures: Vec::new(),
            eos: None,
            elastic: None,
            phonons: None,
            vacancies: None,
            surfaces: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Draws up figures and notes from what was computed.
    pub fn complete(mut self, reference: Option<&Reference>) -> Self {
        self.figures = self.computed();
        self.source = reference.and_then(|reference| reference.source.clone());
        for (key, &(value, tolerance)) in reference.iter().flat_map(|reference| &reference.values) {
            let place = self.figures.iter().position(|figure| figure.key == *key).unwrap_or_else(|| {
                let part = known(key).map_or(Part::Crystal, |(part, _)| part);
                let elastic = self.elastic.as_ref().filter(|_| part == Part::Elastic);
                let new = match elastic.and_then(|elastic| Some((elastic, elastic.constant(key)?))) {
                    Some((elastic, value)) => Figure {
                        grade: elastic.grade,
                        ..figure(key, part, Some(value)).accurate_to(elastic.accuracy())
                    },
                    None => figure(key, part, None),
                };
                let place = self.figures.partition_point(|figure| figure.part <= part);
                self.figures.insert(place, new);
                place
            });
            self.figures[place].compare(value, tolerance);
        }
        self.notes.extend(self.remarks());
        self
    }

    fn computed(&self) -> Vec<Figure> {
        let Description { lengths: [a, b, c], volume, atoms, energy_per_atom, grade, .. } = self.crystal;
        let mut figures = vec![figure("lattice_a", Part::Crystal, Some(a))];
        let is_other = |length: f64| (length - a).abs() > 1e-4 * a;
        if is_other(b) || is_other(c) {
            figures.push(figure("lattice_b", Part::Crystal, Some(b)));
            figures.push(figure("lattice_c", Part::Crystal, Some(c)));
        }
        figures.push(figure("volume", Part::Crystal, Some(volume / atoms as f64)));
        figures.push(figure("energy", Part::Crystal, Some(energy_per_atom)));
        graded(&mut figures, grade);
        let parts = [
            self.eos.as_ref().map(of_equation),
            self.elastic.as_ref().map(of_elastic),
            self.phonons.as_ref().map(of_phonons),
            self.vacancies.as_ref().map(of_vacancies),
        ];
        figures.extend(parts.into_iter().flatten().flatten());
        figures.extend(self.surfaces.iter().filter_map(of_surface));
        figures
    }

    /// Says that the two bulk moduli differ by more than their accuracy.
    fn bulk_moduli(&self) -> Option<String> {
        let (eos, elastic) = (self.eos.as_ref()?, self.elastic.as_ref()?);
        let hill = elastic.averages?.bulk[2];
        let accuracy = (eos.bulk_modulus - eos.inner.0).abs() + elastic.accuracy();
        let difference = (eos.bulk_modulus - hill).abs();
        (difference > accuracy.max(0.02 * hill)).then(|| {
            format!(
                "bulk moduli from volumes ({:.1} GPa) and from small strains ({hill:.1} GPa) differ by more than their ±: the energy is not \
                 smooth on this scale, as where a shell of neighbors passes the cutoff; try other values of --strain",
                eos.bulk_modulus
            )
        })
    }

    /// What should be known about the figures.
    fn remarks(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let change = self.crystal.volume_change;
        if change.abs() > 0.1 {
            let percent = general(100.0 * change, 3);
            notes.push(format!(
                "the volume changed by {percent} % as the crystal relaxed: is it still the same one?"
            ));
        }
        if self.elastic.as_ref().is_some_and(|elastic| !elastic.is_stable) {
            notes.push("the crystal is not stable against strain: an eigenvalue of C is not positive".into());
        }
        if let Some(phonons) = &self.phonons {
            notes.extend(phonons.remark());
        }
        for surface in &self.surfaces {
            notes.extend(surface.remark());
        }
        notes.extend(self.vacancies.iter().flat_map(Vacancies::remarks));
        notes.extend(self.bulk_moduli());
        let above: Vec<&Figure> =
            self.figures.iter().filter(|figure| figure.grade.is_some_and(|grade| grade > SELECT)).collect();
        let mut parts: Vec<(&str, f64)> = Vec::new();
        for figure in above {
            let name = if figure.part == Part::Surface { figure.label.as_str() } else { figure.part.name() };
            if parts.last().is_none_or(|(last, _)| *last != name) {
                parts.push((name, figure.grade.unwrap_or_default()));
            }
        }
        notes.extend(
            parts
                .iter()
                .map(|(name, grade)| format!("{name}: grade {}, {}", general(*grade, 3), verdict(*grade))),
        );
        notes
    }
}

impl Part {
    /// What it is called in notes and headings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crystal => "crystal",
            Self::Eos => "equation of state",
            Self::Elastic => "elastic constants",
            Self::Phonons => "phonons",
            Self::Vacancy => "vacancies",
            Self::Surface => "surfaces",
        }
    }
}

impl Figure {
    fn compare(&mut self, reference: f64, tolerance: Option<f64>) {
        self.reference = Some(reference);
        self.tolerance = tolerance;
        self.difference = self.potential.map(|potential| potential - reference);
        self.percent = self
            .difference
            .filter(|_| reference != 0.0)
            .map(|difference| 100.0 * difference / reference.abs());
        self.is_within =
            self.difference.and_then(|difference| tolerance.map(|tolerance| difference.abs() <= tolerance));
    }

    fn accurate_to(self, accuracy: f64) -> Self {
        Self { accuracy: Some(accuracy), ..self }
    }
}

/// A property without a reference.
fn figure(key: &str, part: Part, potential: Option<f64>) -> Figure {
    let (label, unit) = match property(key) {
        Some(property) => (property.label.to_owned(), property.unit),
        None => match key.strip_prefix("surface_") {
            Some(miller) => (format!("surface ({miller})"), "J/m²"),
            None => (key.to_owned(), "GPa"),
        },
    };
    Figure {
        key: key.to_owned(),
        label,
        unit,
        part,
        potential,
        accuracy: None,
        reference: None,
        tolerance: None,
        difference: None,
        percent: None,
        is_within: None,
        grade: None,
    }
}

fn graded(figures: &mut [Figure], grade: Option<f64>) {
    figures.iter_mut().for_each(|figure| figure.grade = grade);
}

fn of_equation(equation: &EquationOfState) -> Vec<Figure> {
    let of =
        |key, value: f64, inner: f64| figure(key, Part::Eos, Some(value)).accurate_to((value - inner).abs());
    let mut figures = vec![
        of("bulk_modulus", equation.bulk_modulus, equation.inner.0),
        of("bulk_modulus_derivative", equation.derivative, equation.inner.1),
    ];
    graded(&mut figures, equation.grade);
    figures
}

fn of_elastic(elastic: &ElasticConstants) -> Vec<Figure> {
    let constant = |i: usize, j: usize, value: f64| {
        figure(&format!("C{i}{j}"), Part::Elastic, Some(value)).accurate_to(elastic.accuracy())
    };
    let mut figures = Vec::new();
    if let Some([c11, c12, c44]) = elastic.cubic {
        figures.extend([constant(1, 1, c11), constant(1, 2, c12), constant(4, 4, c44)]);
    } else {
        let largest = elastic.constants.iter().flatten().fold(0.0_f64, |largest, c| largest.max(c.abs()));
        for i in 0..6 {
            for j in i..6 {
                let value = elastic.constants[i][j];
                if i == j || j < 3 || value.abs() > 0.01 * largest {
                    figures.push(constant(i + 1, j + 1, value));
                }
            }
        }
    }
    if let Some(averages) = elastic.averages {
        let of = |key, value| figure(key, Part::Elastic, Some(value));
        figures.extend([
            of("bulk_modulus_hill", averages.bulk[2]),
            of("shear_modulus", averages.shear[2]),
            of("young_modulus", averages.young),
            of("poisson_ratio", averages.poisson),
        ]);
    }
    graded(&mut figures, elastic.grade);
    figures
}

fn of_phonons(phonons: &Phonons) -> Vec<Figure> {
    let optical = phonons.at_gamma().get(3).copied();
    let heat = phonons.heat;
    let values = [
        ("max_frequency", Some(phonons.highest)),
        ("min_frequency", Some(phonons.lowest)),
        ("min_optical_gamma", optical),
        ("zero_point_energy", heat.map(|heat| heat.zero_point_energy)),
        ("heat_capacity_300K", heat.map(|heat| heat.capacity)),
    ];
    let mut figures: Vec<Figure> = values
        .into_iter()
        .filter(|(_, value)| value.is_some())
        .map(|(key, value)| figure(key, Part::Phonons, value))
        .collect();
    graded(&mut figures, phonons.grade);
    figures
}

fn of_vacancies(vacancies: &Vacancies) -> Vec<Figure> {
    let key = if vacancies.set.len() == 1 { "vacancy_energy" } else { "schottky_energy" };
    let mut figure = figure(key, Part::Vacancy, Some(vacancies.energy));
    figure.accuracy = vacancies.accuracy;
    if vacancies.set.len() > 1 {
        figure.label = format!("Schottky set {}", vacancies.formula);
    }
    figure.grade = vacancies.grade;
    vec![figure]
}

fn of_surface(surface: &Surface) -> Option<Figure> {
    let Outcome::Relaxed(relaxed) = &surface.outcome else { return None };
    let mut figure = figure(&format!("surface_{}", surface.miller), Part::Surface, Some(relaxed.energy));
    figure.accuracy = Some(relaxed.middle);
    figure.grade = relaxed.grade;
    Some(figure)
}
