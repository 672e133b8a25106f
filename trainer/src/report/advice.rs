//! What the errors of a set ask for next, in sentences.

use super::summary::{FeatureSummary, Quantities, Quantity, Summary};
use super::text::place;
use crate::text::significant;

/// Force errors of a group, as a multiple of those of all, from which the group lacks data.
const BAD_GROUP: f64 = 1.5;
/// Force errors, as a share of the forces, that are too large for dynamics, and those that are good enough.
const TOO_LARGE: f64 = 0.3;
const GOOD: f64 = 0.1;
/// Share of the energy RMSE that a common shift may be.
const SHIFTED: f64 = 0.9;
/// Largest error, as a multiple of the RMSE, beyond which a label is suspect.
const SUSPECT: f64 = 12.0;
/// Differences that a mean says something of.
const ENOUGH: u64 = 10;

/// What to do about the errors of a set, the most pressing first.
pub fn advice(summary: &Summary) -> Vec<String> {
    let errors = &summary.total.errors;
    let group = summary.by_feature.as_ref().and_then(|feature| bad_group(feature, errors));
    let all =
        [suspect_label(errors), shifted_energies(&errors.energy_per_atom), group, size_of_forces(errors)];
    all.into_iter().flatten().collect()
}

fn suspect_label(errors: &Quantities) -> Option<String> {
    let of = |name: &str, quantity: &Quantity| {
        let (largest, rms) = (quantity.max_absolute?, quantity.rms?);
        let is_suspect = quantity.count >= ENOUGH && largest > SUSPECT * rms;
        is_suspect.then_some(format!(
            "look at {}: its {name} is wrong by {} {}, {} times the RMSE, which may be a wrong label (mtprs check finds more)",
            place(quantity.largest_in.as_ref()?),
            significant(Some(largest), 3),
            quantity.unit,
            significant(Some(largest / rms), 2),
        ))
    };
    of("energy per atom", &errors.energy_per_atom).or_else(|| of("force", &errors.force_component))
}

fn shifted_energies(energy: &Quantity) -> Option<String> {
    let (mean, rms) = (energy.mean?, energy.rms?);
    (energy.count >= ENOUGH && mean.abs() > SHIFTED * rms).then(|| {
        format!(
            "all energies are shifted by {} meV/atom: make sure that the reference has the settings of the training set",
            significant(Some(mean), 3)
        )
    })
}

fn bad_group(feature: &FeatureSummary, errors: &Quantities) -> Option<String> {
    let whole = errors.force_component.rms?;
    let of = |group: &super::summary::GroupSummary| {
        Some((group.figures.errors.force_component.rms?, group.value.clone()?))
    };
    let worst = feature.groups.iter().filter_map(of).max_by(|a, b| a.0.total_cmp(&b.0));
    let (rms, value) = worst.filter(|(rms, _)| feature.groups.len() > 1 && *rms > BAD_GROUP * whole)?;
    Some(format!(
        "add configurations like those with {} {value} to the training set: their force RMSE is {} eV/Å, {} times that of all",
        feature.feature,
        significant(Some(rms), 3),
        significant(Some(rms / whole), 2)
    ))
}

fn size_of_forces(errors: &Quantities) -> Option<String> {
    let share = errors.force_component.relative_rms?;
    let percent = significant(Some(100.0 * share), 2);
    Some(if share > TOO_LARGE {
        format!(
            "force errors are {percent} % of the forces, too much for dynamics: train longer, with more data or at a higher level"
        )
    } else if share > GOOD {
        format!(
            "force errors are {percent} % of the forces, enough to begin active learning (mtprs learn); data like these or a \
             higher level will lower them"
        )
    } else {
        format!(
            "force errors are {percent} % of the forces: compare the properties that you are after with their references, and \
             run with extrapolation grades"
        )
    })
}

#[cfg(test)]
mod tests {
    use mtprs_core::evaluate::Efs;
    use mtprs_core::geometry::{Cell, Configuration, Virial};
    use mtprs_core::potential::Potential;
    use mtprs_core::species::Species;

    use super::*;
    use crate::report::{Comparison, Files};

    /// Advice on configurations of one atom, each with the error of its energy (eV), that of its force (eV/Å) and its group;
    /// all forces are 1 eV/Å.
    fn told(errors: impl Iterator<Item = (f64, f64, &'static str)>) -> Vec<String> {
        let mut comparison = Comparison::new(1, Some("group"));
        for (number, (energy, force, group)) in errors.enumerate() {
            let cell = Cell::new(&[[4.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 4.0]]).unwrap();
            let mut reference = Configuration::new(cell, vec![0], vec![[0.0; 3]]).unwrap();
            reference.energy = Some(-3.0);
            reference.forces = Some(vec![[1.0; 3]]);
            reference.set_feature("group", group);
            let efs = Efs {
                energy: energy - 3.0,
                site_energies: Vec::new(),
                forces: vec![[1.0 + force; 3]],
                virial: Virial::default(),
                atom_virials: Vec::new(),
            };
            comparison.add(number as u64 + 1, &reference, &efs).unwrap();
        }
        let species = Species::named(&["Mg"]).unwrap();
        let potential = Potential::untrained(4, species, 1.5, 4.0, 4).unwrap();
        advice(&Summary::new(&potential, "pot.mtp", "test.cfg", &Files::default(), &comparison))
    }

    /// Signs in turn, so that nothing is shifted.
    fn sign(number: i32) -> f64 {
        if number % 2 == 0 { 1.0 } else { -1.0 }
    }

    #[test]
    fn each_sign_has_its_sentence() {
        let good = told((0..40).map(|k| (0.001 * sign(k), 0.05 * sign(k), "a")));
        assert!(
            good.len() == 1 && good[0].starts_with("force errors are 5.0 % of the forces: compare"),
            "{good:?}"
        );
        let large = told((0..40).map(|k| (0.001 * sign(k), 0.4 * sign(k), "a")));
        assert!(
            large.len() == 1 && large[0].contains("40 % of the forces, too much for dynamics"),
            "{large:?}"
        );
        let shifted = told((0..40).map(|k| (0.002, 0.2 * sign(k), "a")));
        assert!(shifted[0].starts_with("all energies are shifted by 2.00 meV/atom"), "{shifted:?}");
        let grouped = told((0..40).map(|k| match k {
            0..4 => (0.001 * sign(k), 0.4 * sign(k), "melt"),
            _ => (0.001 * sign(k), 0.1 * sign(k), "solid"),
        }));
        assert!(
            grouped[0].contains("with group melt to the training set: their force RMSE is 0.400 eV/Å"),
            "{grouped:?}"
        );
        let wrong = told((0..400).map(|k| (if k == 7 { 5.0 } else { 0.001 * sign(k) }, 0.1 * sign(k), "a")));
        assert!(
            wrong[0].starts_with("look at configuration 8: its energy per atom is wrong by"),
            "{wrong:?}"
        );
        assert_eq!(told(std::iter::empty()), [""; 0]);
    }
}
