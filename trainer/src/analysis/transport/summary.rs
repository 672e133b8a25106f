//! Diffusion as text: a summary for people, and the curves in columns.

use super::report::{ArrheniusReport, DiffusionReport, RunReport};
use super::verdict::Verdict;
use crate::text::{Table, general, printable, significant};

/// Digits of diffusivities and their errors.
const DIGITS: usize = 3;

/// Headings of a line for each run.
pub(super) const RUNS: [&str; 9] = [
    "trajectory",
    ">T, K",
    ">frames",
    ">length, ps",
    ">ions",
    ">escapes",
    ">not reversed",
    ">host, Å",
    "verdict",
];

/// Headings of a line for each quantity of each run.
pub(super) const QUANTITIES: [&str; 5] = ["trajectory", "quantity", ">value", ">error", ">95 % interval"];

const LEGEND: &str = "\
D*: tracer diffusivity, of single ions. D_J: jump diffusivity, of all ions together. Error: one standard deviation.
Escapes: ions that leave their site for another one; host: largest displacement of its atoms.
";

/// The cells of the line of a run.
pub(super) fn run_cells(run: &RunReport) -> Vec<String> {
    vec![
        run.label.clone(),
        run.temperature.map_or_else(|| "-".into(), |temperature| general(temperature, 6)),
        run.frames.to_string(),
        general(run.length, 6),
        run.ions.to_string(),
        run.escapes.to_string(),
        run.net_escapes.to_string(),
        run.max_framework_displacement.map_or_else(|| "-".into(), |largest| format!("{largest:.2}")),
        run.verdict.to_string(),
    ]
}

/// The cells of the lines of its quantities.
pub(super) fn quantity_cells(run: &RunReport) -> Vec<Vec<String>> {
    let stated = &run.stated;
    let mut rows = Vec::new();
    let mut row = |quantity: &str, value: Option<f64>, error: Option<f64>, interval: String| {
        let [value, error] = [value, error].map(|number| significant(number, DIGITS));
        rows.push(vec![run.label.clone(), quantity.to_owned(), value, error, interval]);
    };
    if stated.diffusivity.is_none() {
        let limit =
            run.diffusivity_upper_limit_95.map(|limit| format!("below {}", significant(Some(limit), 2)));
        row("D*, cm²/s", None, None, limit.unwrap_or_else(|| "-".into()));
        return rows;
    }
    row(
        "D*, cm²/s",
        stated.diffusivity,
        stated.diffusivity_std_dev,
        interval(stated.diffusivity_interval_95),
    );
    let parts = stated.diffusivity_components.zip(stated.diffusivity_components_std_dev);
    let (values, errors) = parts.unwrap_or_default();
    for (axis, (value, error)) in ["x", "y", "z"].into_iter().zip(values.into_iter().zip(errors)) {
        row(&format!("D*_{axis}"), value, error, "-".into());
    }
    let jump = interval(stated.jump_diffusivity_interval_95);
    row("D_J, cm²/s", stated.jump_diffusivity, stated.jump_diffusivity_std_dev, jump);
    let haven = interval(stated.haven_ratio_interval_95);
    row("Haven ratio D*/D_J", stated.haven_ratio, stated.haven_ratio_std_dev, haven);
    rows
}

fn interval(ends: Option<[f64; 2]>) -> String {
    ends.map_or_else(|| "-".into(), |ends| ends.map(|end| significant(Some(end), DIGITS)).join(" to "))
}

/// What else there is to say of a run, a sentence each.
pub(super) fn remarks(run: &RunReport) -> Vec<String> {
    let mut remarks = Vec::new();
    if run.verdict != Verdict::Diffusive {
        let failed = run.checks.iter().filter(|check| !check.passed);
        remarks.extend(failed.map(|check| format!("no D*: {}", check.finding)));
        if let Some(length) = run.deciding_length {
            remarks.push(format!("a run of {} would decide", duration(length)));
        }
    }
    remarks.extend(run.notes.iter().cloned());
    remarks
}

/// A time given in ps, to two digits.
pub(super) fn duration(picoseconds: f64) -> String {
    let digit = 10_f64.powf((picoseconds.log10() + 1e-12).floor() - 1.0);
    let (unit, length) = match (picoseconds / digit).round() * digit {
        time if time < 1e3 => ("ps", time),
        time if time < 1e6 => ("ns", time * 1e-3),
        time => ("µs", time * 1e-6),
    };
    format!("{} {unit}", general(length, 4))
}

/// The line through several temperatures, in words.
pub(super) fn line(arrhenius: &ArrheniusReport) -> String {
    let [low, high] = arrhenius.activation_energy_interval_95.map(|end| end.map(|end| format!("{end:.3}")));
    let range = match (low, high) {
        (Some(low), Some(high)) => format!("95 % interval {low} to {high} eV"),
        (Some(low), None) => format!("above {low} eV (95 %)"),
        (None, Some(high)) => format!("below {high} eV (95 %)"),
        (None, None) => "not bounded by these runs".to_owned(),
    };
    let energy = match arrhenius.activation_energy {
        Some(energy) => format!("{energy:.3} eV, {range}"),
        None => range,
    };
    let prefactor =
        arrhenius.prefactor.map(|factor| format!("; D₀ {} cm²/s", significant(Some(factor), DIGITS)));
    let misfit = arrhenius.probability.filter(|probability| *probability < 0.05);
    let misfit = misfit.map(|probability| match probability {
        chance if chance < 1e-3 => "; a straight line does not fit (chance below 0.001)".to_owned(),
        chance => format!("; a straight line does not fit (chance {chance:.3})"),
    });
    let (values, limits) = (arrhenius.values, arrhenius.limits);
    format!(
        "activation energy: {energy}{}{} (D* of {values} runs, limits of {limits})",
        prefactor.unwrap_or_default(),
        misfit.unwrap_or_default()
    )
}

/// The summary.
pub fn summary(report: &DiffusionReport) -> String {
    let relative = match report.frame {
        "none" => "in the cell".to_owned(),
        "all" => "relative to the center of mass of all atoms".to_owned(),
        _ => "relative to the center of mass of the host".to_owned(),
    };
    let mut text = format!("Diffusion of {}, {relative}\n\n", report.mobile);
    let mut runs = Table::new(&RUNS);
    report.trajectories.iter().for_each(|run| runs.row(run_cells(run)));
    text.push_str(&runs.render());
    text.push('\n');
    let mut quantities = Table::new(&QUANTITIES);
    report.trajectories.iter().flat_map(quantity_cells).for_each(|cells| quantities.row(cells));
    text.push_str(&quantities.render());
    text.push('\n');
    if let Some(arrhenius) = &report.arrhenius {
        text.push_str(&line(arrhenius));
        text.push_str("\n\n");
    } else if report.trajectories.len() > 1 && report.trajectories[0].temperature.is_some() {
        text.push_str("no activation energy: it needs a D*, and runs at another temperature\n\n");
    }
    text.push_str(LEGEND);
    for run in &report.trajectories {
        for remark in remarks(run) {
            text.push_str(&format!("note: {}: {remark}\n", run.label));
        }
    }
    text
}

/// The curves in columns, a part for each run.
pub fn columns(report: &DiffusionReport) -> String {
    let mut text = format!("# mean squared displacements of {} by {}\n", report.mobile, report.program);
    for (number, run) in report.trajectories.iter().enumerate() {
        let name = printable(&run.label);
        text.push_str(&format!(
            "# Trajectory {}: {name}\n# lag msd msd_x msd_y msd_z msd_std_dev mscd mscd_x mscd_y mscd_z mscd_std_dev\n",
            number + 1
        ));
        for row in 0..run.dt.len() {
            let [msd, mscd] = [
                (run.msd[row], run.msd_components[row], run.msd_std_dev[row]),
                (run.mscd[row], run.mscd_components[row], run.mscd_std_dev[row]),
            ]
            .map(|(sum, [x, y, z], error)| [sum, x, y, z, error].map(|value| general(value, 6)).join(" "));
            text.push_str(&format!("{} {msd} {mscd}\n", general(run.dt[row], 9)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_two_digits() {
        for (time, text) in [
            (7.12, "7.1 ps"),
            (268.0, "270 ps"),
            (1000.0, "1 ns"),
            (996.0, "1 ns"),
            (2.64e4, "26 ns"),
            (3e8, "300 µs"),
        ] {
            assert_eq!(duration(time), text);
        }
    }
}
