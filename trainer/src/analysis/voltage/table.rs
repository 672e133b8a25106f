//! Energies of states and voltages of structures as tables of text.

use super::report::{Quantities, StateReport, StructureReport, VoltageReport};
use crate::text::{Table, counted, general};

/// Headings of the states; `>` stands before those of numbers.
const STATES: [&str; 7] =
    ["structure", "state", ">configurations", "atoms", ">energy, eV", ">± 95 %", ">volume, Å³"];

/// Headings of grades, where there are some.
const GRADES: [&str; 3] = [">mean grade", ">largest", ">above 2"];

/// All structures, and what is to be said about them.
pub fn summary(report: &VoltageReport) -> String {
    let states = states(report).render();
    let voltages = voltages(report).render();
    let notes: String = report.notes.iter().map(|note| format!("note: {note}\n")).collect();
    format!("{}\n\n{states}\n{voltages}{notes}", head(report))
}

fn head(report: &VoltageReport) -> String {
    let energies = match (&report.energies.potential, report.energies.relaxation) {
        (None, _) => "energies from the files".to_owned(),
        (Some(potential), None) => format!("energies from {potential}, without relaxation"),
        (Some(potential), Some(relaxation)) => {
            format!("energies from {potential}, relaxed to {} eV/Å in a fixed cell", relaxation.max_force)
        }
    };
    let metal =
        report.metal_energy.map_or(String::new(), |energy| format!("; {energy} eV per atom of the metal"));
    let electrons = counted(u64::from(report.charge), "electron");
    format!("{}, {electrons} for each{metal}; {energies}", report.ion)
}

fn states(report: &VoltageReport) -> Table {
    let has_grades = report.energies.state.is_some();
    let grades: &[&str] = if has_grades { &GRADES } else { &[] };
    let mut table = Table::new(&[&STATES[..], grades].concat());
    for structure in &report.structures {
        for (name, state) in [("charged", &structure.charged), ("discharged", &structure.discharged)] {
            table.row(state_cells(structure, name, state));
        }
    }
    table
}

fn state_cells(structure: &StructureReport, name: &str, state: &StateReport) -> Vec<String> {
    let emptied = if structure.is_emptied && name == "charged" { ", emptied" } else { "" };
    let mut cells = vec![
        structure.label.clone(),
        format!("{name}{emptied}"),
        state.configurations.to_string(),
        state.atoms.clone(),
        format!("{:.4}", state.energy),
        margin(state.energy, state.energy_interval_95),
        state.volume.map_or("-".to_owned(), |volume| format!("{volume:.2}")),
    ];
    if let Some(grades) = state.grades {
        cells.extend([general(grades.mean, 4), general(grades.largest, 4), grades.above_2.to_string()]);
    }
    cells
}

fn voltages(report: &VoltageReport) -> Table {
    let ion = &report.ion;
    let of_ions = format!("{ion} per formula");
    let energy = format!(">eV per {ion}");
    let above = report.structures.first().map_or(String::new(), |first| format!(">V above {}", first.label));
    let mut headings = vec!["structure", "host", &of_ions, &energy, ">± 95 %"];
    if report.metal_energy.is_some() {
        headings.extend([">voltage, V", ">± 95 %"]);
    }
    let has_differences = report.structures.len() > 1;
    if has_differences {
        headings.extend([&above, ">± 95 %"]);
    }
    let mut table = Table::new(&headings);
    for structure in &report.structures {
        table.row(voltage_cells(structure, has_differences));
    }
    table
}

fn voltage_cells(structure: &StructureReport, has_differences: bool) -> Vec<String> {
    let Quantities { insertion_energy, insertion_energy_interval_95, voltage, voltage_interval_95, .. } =
        structure.quantities;
    let ions = structure.ions_per_formula.map(|ions| general(ions, 4));
    let mut cells = vec![
        structure.label.clone(),
        structure.host.clone(),
        format!("{} → {}", ions[0], ions[1]),
        format!("{insertion_energy:.4}"),
        margin(insertion_energy, insertion_energy_interval_95),
    ];
    if let Some(voltage) = voltage {
        cells.extend([format!("{voltage:.4}"), margin(voltage, voltage_interval_95)]);
    }
    if has_differences {
        cells.extend(structure.difference.as_ref().map_or(["-".to_owned(), "-".to_owned()], |difference| {
            let value = difference.voltage_difference;
            [format!("{value:+.4}"), margin(value, difference.voltage_difference_interval_95)]
        }));
    }
    cells
}

/// Half of an interval around a value.
fn margin(value: f64, interval: Option<[f64; 2]>) -> String {
    interval.map_or("-".to_owned(), |[_, most]| format!("{:.4}", most - value))
}
