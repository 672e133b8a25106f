//! What is to be said about voltages beside the figures.

use super::report::{StateReport, StructureReport, VoltageReport};
use crate::analysis::blocking::{FEWEST_SAMPLES, too_few};
use crate::text::{counted, general};

/// All that there is to say.
pub(super) fn of(report: &VoltageReport) -> Vec<String> {
    let mut notes = Vec::new();
    if report.metal_energy.is_none() {
        let only = match report.structures.len() {
            1 => "no voltage is reported",
            _ => "only voltage differences are reported",
        };
        notes.push(format!(
            "without --metal-energy, the energy per atom of {} metal from the same kind of calculation, {only}",
            report.ion
        ));
    }
    let is_average = |state: &StateReport| state.configurations > state.files.len();
    let is_any_average = |one: &StructureReport| is_average(&one.charged) || is_average(&one.discharged);
    if report.energies.potential.is_none() && report.structures.iter().any(is_any_average) {
        notes.push(
            "energies are averaged over all configurations of a state; for relaxations use --last".into(),
        );
    }
    for structure in &report.structures {
        notes.extend(on_errors(structure, report));
        for (name, state) in [("charged", &structure.charged), ("discharged", &structure.discharged)] {
            notes.extend(on_state(&structure.label, name, state));
        }
    }
    notes
}

fn on_errors(structure: &StructureReport, report: &VoltageReport) -> Vec<String> {
    let label = &structure.label;
    let mut notes = Vec::new();
    let counts = [&structure.charged, &structure.discharged].map(|state| state.configurations);
    if counts.contains(&1) && report.energies.relaxation.is_none() {
        notes.push(format!("{label}: no error can be estimated, because a state has a single configuration"));
    } else if counts.iter().any(|count| (2..FEWEST_SAMPLES).contains(count)) {
        notes.push(format!("{label}: {}", too_few("configurations in a state")));
    }
    if structure.is_correlated {
        notes.push(format!(
            "{label}: the error is too small, because all configurations of a state are correlated: run longer"
        ));
    }
    notes
}

fn on_state(label: &str, name: &str, state: &StateReport) -> Vec<String> {
    let mut notes = Vec::new();
    if state.files.len() > 1 {
        notes.push(format!("{label}, {name}: one state of {}", state.files.join(", ")));
    }
    let all = counted(state.configurations as u64, "configuration");
    if let Some(grades) = state.grades.filter(|grades| grades.above_2 > 0) {
        let said = match grades.above_10 {
            0 => "above 2: their energies are extrapolated".to_owned(),
            count => format!("above 2, {count} above 10: do not trust their energies"),
        };
        notes.push(format!("{label}, {name}: {} of {all} with grades {said}", grades.above_2));
    }
    if let (Some(count), Some(force)) = (state.unrelaxed.filter(|count| *count > 0), state.largest_force) {
        notes.push(format!(
            "{label}, {name}: {count} of {all} not converged, the largest remaining force is {} eV/Å: increase --max-steps",
            general(force, 3)
        ));
    }
    notes
}
