//! What is said of voltages.

use std::collections::BTreeMap;

use mtprs_core::{Error, ErrorKind, Result};
use serde::Serialize;

use super::contents::{Contents, which_ion};
use super::notes;
use super::state::{BREAK, SELECT, State, atoms, mean};
use super::sum::{Average, Figure, Sum};
use super::{Ions, Structure};
use crate::optimizer::Limits;

/// Voltages of structures.
#[derive(Clone, Debug, Serialize)]
pub struct VoltageReport {
    /// Program and version.
    pub program: &'static str,
    /// The ions.
    pub ion: String,
    /// Electrons for each of them, z.
    pub charge: u32,
    /// Energy of an atom of their metal, eV, if it is known.
    pub metal_energy: Option<f64>,
    /// Where the energies are from.
    pub energies: Energy,
    /// The structures.
    pub structures: Vec<StructureReport>,
    /// What is to be said about them.
    pub notes: Vec<String>,
}

/// Where energies are from.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Energy {
    /// The potential; none if the files have them.
    pub potential: Option<String>,
    /// The selection state of the grades.
    pub state: Option<String>,
    /// When to stop relaxing, if configurations were relaxed.
    pub relaxation: Option<Limits>,
}

/// A structure with its states.
#[derive(Clone, Debug, Serialize)]
pub struct StructureReport {
    /// What it is called.
    pub label: String,
    /// Formula of the host.
    pub host: String,
    /// Ions for each formula of the host, charged and discharged.
    pub ions_per_formula: [f64; 2],
    /// With fewer ions.
    pub charged: StateReport,
    /// With more of them.
    pub discharged: StateReport,
    /// Whether the charged state is the discharged one without its ions.
    pub is_emptied: bool,
    /// Energies and voltages.
    #[serde(flatten)]
    pub quantities: Quantities,
    /// Whether a run is too short for these errors: even its longest blocks are correlated.
    pub is_correlated: bool,
    /// Against the first structure; none of the first.
    pub difference: Option<Difference>,
}

/// What comes of the energies of two states.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Quantities {
    /// Energy that an ion brings, (E_d − E_c) / (n_d − n_c), eV. Its zero is that of the potential or the calculator.
    pub insertion_energy: f64,
    /// Standard error, eV.
    pub insertion_energy_std_dev: Option<f64>,
    /// Where it is in 95 % of cases, eV.
    pub insertion_energy_interval_95: Option<[f64; 2]>,
    /// Voltage against the metal, V, if the energy of the metal is known.
    pub voltage: Option<f64>,
    /// Standard error, V.
    pub voltage_std_dev: Option<f64>,
    /// Where it is in 95 % of cases, V.
    pub voltage_interval_95: Option<[f64; 2]>,
}

/// The voltage of a structure less that of another one.
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    /// The other one.
    pub from: String,
    /// V.
    pub voltage_difference: f64,
    /// Standard error, V.
    pub voltage_difference_std_dev: Option<f64>,
    /// Where it is in 95 % of cases, V.
    pub voltage_difference_interval_95: Option<[f64; 2]>,
}

/// A state in figures.
#[derive(Clone, Debug, Serialize)]
pub struct StateReport {
    /// Its files; those of the discharged state if it was made from that.
    pub files: Vec<String>,
    /// Its configurations.
    pub configurations: usize,
    /// Atoms by species.
    pub atoms: String,
    /// Mean energy, eV.
    pub energy: f64,
    /// Standard error, eV; none of a single configuration.
    pub energy_std_dev: Option<f64>,
    /// Where it is in 95 % of cases, eV.
    pub energy_interval_95: Option<[f64; 2]>,
    /// Mean volume, Å³, if all configurations have one.
    pub volume: Option<f64>,
    /// Grades, if there is a selection state.
    pub grades: Option<Grades>,
    /// Configurations that were left with a larger force than was asked for.
    pub unrelaxed: Option<usize>,
    /// Largest force of all that were relaxed, eV/Å.
    pub largest_force: Option<f64>,
}

/// Extrapolation grades of the configurations of a state.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Grades {
    /// Their mean.
    pub mean: f64,
    /// The largest.
    pub largest: f64,
    /// Configurations above 2, whose energies are extrapolated.
    pub above_2: usize,
    /// Configurations above 10, whose energies are not to be trusted.
    pub above_10: usize,
}

/// What comes of a structure before it is compared.
struct Sums {
    host: String,
    ions_per_formula: [f64; 2],
    insertion_energy: Sum,
    voltage: Sum,
}

impl VoltageReport {
    /// Of states with their files; species have these names. Averages of states are numbered as the states are, those of the
    /// differences within emptied structures come behind.
    pub fn new(
        program: &'static str,
        ions: &Ions,
        energies: Energy,
        states: &[(State, Vec<String>)],
        structures: &[Structure],
        names: &[String],
    ) -> Result<Self> {
        let mut averages: Vec<Average> =
            states.iter().map(|(state, _)| Average::of(&state.energies())).collect();
        let mut sums = Vec::new();
        let mut differences = BTreeMap::new();
        for structure in structures {
            if structure.is_emptied {
                let [without, with] =
                    [structure.charged, structure.discharged].map(|one| states[one].0.energies());
                differences.entry(structure.discharged).or_insert_with(|| {
                    averages.push(Average::of(&less(&with, &without)));
                    averages.len() - 1
                });
            }
            let found = Sums::new(ions, states, structure, names, &differences);
            sums.push(found.map_err(|error| error.within(&structure.label))?);
        }
        let max_force = energies.relaxation.map(|relaxation| relaxation.max_force);
        let state = |number: usize| {
            let (state, files) = &states[number];
            StateReport::new(state, averages[number], files, max_force, names)
        };
        let of = |(structure, one): (&Structure, &Sums)| StructureReport {
            label: structure.label.clone(),
            host: one.host.clone(),
            ions_per_formula: one.ions_per_formula,
            charged: state(structure.charged),
            discharged: state(structure.discharged),
            is_emptied: structure.is_emptied,
            quantities: one.quantities(&averages, ions.metal_energy.is_some()),
            is_correlated: one.insertion_energy.is_correlated(&averages),
            difference: None,
        };
        let mut reports: Vec<StructureReport> = structures.iter().zip(&sums).map(of).collect();
        for (report, one) in reports.iter_mut().zip(&sums).skip(1) {
            let difference = one.voltage.clone().minus(&sums[0].voltage).figure(&averages);
            report.difference = Some(Difference {
                from: structures[0].label.clone(),
                voltage_difference: difference.value,
                voltage_difference_std_dev: difference.std_dev(),
                voltage_difference_interval_95: difference.interval_95(),
            });
        }
        let (ion, charge, metal_energy) = (ions.name.clone(), ions.charge, ions.metal_energy);
        let mut report =
            Self { program, ion, charge, metal_energy, energies, structures: reports, notes: Vec::new() };
        report.notes = notes::of(&report);
        Ok(report)
    }
}

impl Sums {
    fn new(
        ions: &Ions,
        states: &[(State, Vec<String>)],
        structure: &Structure,
        names: &[String],
        differences: &BTreeMap<usize, usize>,
    ) -> Result<Self> {
        let contents = |state: usize| Contents::new(&states[state].0, &ions.name, names);
        let [without, with] = [structure.charged, structure.discharged].map(contents);
        if with.ions + without.ions == 0 {
            let message = format!(
                "there is no {} in either state: the charged one is {}, the discharged one {}",
                ions.name, without.atoms, with.atoms
            );
            return Err(Error::new(ErrorKind::Species, message).hint(which_ion(names)));
        }
        let ratio = with.ratio(&without)?;
        let inserted = with.ions as f64 - ratio * without.ions as f64;
        if inserted <= 0.0 {
            let message = format!(
                "the discharged state ({}) does not have more {} per host than the charged one ({})",
                with.atoms, ions.name, without.atoms
            );
            let hint = "charging removes ions: --charged HOST --discharged HOST_WITH_IONS";
            return Err(Error::new(ErrorKind::InvalidConfiguration, message).hint(hint));
        }
        let energy = match differences.get(&structure.discharged).filter(|_| structure.is_emptied) {
            Some(average) => Sum::default().plus(*average, 1.0),
            None => Sum::default().plus(structure.discharged, 1.0).plus(structure.charged, -ratio),
        };
        let insertion_energy = energy.scaled(1.0 / inserted, 0.0);
        let z = f64::from(ions.charge);
        Ok(Self {
            ions_per_formula: [ratio * without.ions as f64, with.ions as f64]
                .map(|ions| ions / with.units as f64),
            host: with.formula,
            voltage: insertion_energy.clone().scaled(-1.0 / z, ions.metal_energy.unwrap_or(0.0) / z),
            insertion_energy,
        })
    }

    fn quantities(&self, averages: &[Average], has_voltage: bool) -> Quantities {
        let insertion = self.insertion_energy.figure(averages);
        let voltage = has_voltage.then(|| self.voltage.figure(averages));
        Quantities {
            insertion_energy: insertion.value,
            insertion_energy_std_dev: insertion.std_dev(),
            insertion_energy_interval_95: insertion.interval_95(),
            voltage: voltage.map(|voltage| voltage.value),
            voltage_std_dev: voltage.and_then(|voltage| voltage.std_dev()),
            voltage_interval_95: voltage.and_then(|voltage| voltage.interval_95()),
        }
    }
}

/// Energies of configurations less those of others, one by one.
fn less(energies: &[f64], others: &[f64]) -> Vec<f64> {
    energies.iter().zip(others).map(|(one, other)| one - other).collect()
}

impl StateReport {
    fn new(
        state: &State,
        average: Average,
        files: &[String],
        max_force: Option<f64>,
        names: &[String],
    ) -> Self {
        let energy = Sum::default().plus(0, 1.0).figure(&[average]);
        let relaxed = max_force.and_then(|max_force| state.unrelaxed(max_force));
        Self {
            files: files.to_vec(),
            configurations: state.configurations(),
            atoms: atoms(&state.counts(), names),
            energy: energy.value,
            energy_std_dev: energy.std_dev(),
            energy_interval_95: energy.interval_95(),
            volume: state.volume(),
            grades: Grades::of(&state.grades()),
            unrelaxed: relaxed.map(|(count, _)| count),
            largest_force: relaxed.map(|(_, force)| force),
        }
    }
}

impl Grades {
    fn of(grades: &[f64]) -> Option<Self> {
        let above = |limit: f64| grades.iter().filter(|grade| **grade > limit).count();
        let largest = grades.iter().copied().reduce(f64::max)?;
        Some(Self { mean: mean(grades), largest, above_2: above(SELECT), above_10: above(BREAK) })
    }
}

impl Figure {
    fn std_dev(self) -> Option<f64> {
        self.error.map(|[deviation, _]| deviation)
    }

    fn interval_95(self) -> Option<[f64; 2]> {
        self.error.map(|[_, margin]| [self.value - margin, self.value + margin])
    }
}
