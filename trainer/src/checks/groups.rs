//! Faults of some of the configurations: what the surrogate of the energy surface understands of them.
//!
//! Without forces there is no surrogate, and only energies in other units and far ones are looked for.

use super::finding::{Finding, Kind};
use super::forces;
use super::record::{Place, Record};
use super::species::{exchanged, permutations, suspects};
use super::statistics::spread;
use super::stress;
use super::surrogate::{Cure, Cured, Labels, Problem, Understood, energy_units, sort, understand};
use crate::random::splitmix;
use crate::text::general;

/// Configurations with forces from which a surrogate is made.
const ENOUGH: usize = 8;
/// Distance of an energy from what is suggested that no disorder makes: eV per atom, and in units of the spread.
const FAR: f64 = 0.3;
const FAR_SPREAD: f64 = 12.0;
/// Coefficients of equations of forces from which the surrogate is made, and the least number of configurations.
const EQUATIONS: usize = 1_500_000;
const LEAST_PART: usize = 100;
/// Share of the smaller group from which there is no telling which is right.
const LIKE: f64 = 0.4;

/// What is wrong with some, and the records with their labels mended.
pub(super) struct Groups {
    pub(super) findings: Vec<Finding>,
    pub(super) mended: Vec<Record>,
}

/// `None` without enough forces.
pub(super) fn find(records: &[Record], names: &[String]) -> Option<Groups> {
    let labeled: Vec<&Record> =
        records.iter().filter(|record| record.forces.is_some() && !record.nearest.is_empty()).collect();
    if labeled.len() < ENOUGH {
        return None;
    }
    let species = names.len();
    let renamings = permutations(species);
    let problem = Problem::new(&labeled, species, &renamings);
    let chosen = chosen(&labeled);
    let part: Vec<&Record> = chosen.iter().map(|&k| labeled[k]).collect();
    let suspects: Vec<(Cure, Vec<bool>)> = suspects(&part, names)
        .into_iter()
        .filter_map(|(permutation, own)| {
            let renaming = problem.renamings.iter().position(|known| *known == permutation)?;
            let mut side = vec![false; part.len()];
            own.into_iter().for_each(|k| side[k] = true);
            Some((Cure::Renaming(renaming), side))
        })
        .collect();
    let understood = understand(&problem.part(&chosen), species, &suspects)?;
    let understood = sort(&problem, understood, chosen.len());
    let mut findings = Vec::new();
    for cured in &understood.cured {
        findings.extend(told(cured, &understood, &problem, names));
    }
    findings.extend(far(&problem, &understood));
    let mended =
        records.iter().filter_map(|record| match labeled.iter().position(|own| own.place == record.place) {
            None => Some(record.clone()),
            Some(k) => mend(record, &understood.labels[k]),
        });
    Some(Groups { findings, mended: mended.collect() })
}

/// Configurations of which the surrogate is made: all, or a random part, so that it does not take long.
fn chosen(records: &[&Record]) -> Vec<usize> {
    let size = |&k: &usize| records[k].features.products.len();
    let mut order: Vec<usize> = (0..records.len()).filter(|k| size(k) > 0).collect();
    order.sort_by_key(|&k| splitmix(k as u64));
    let mut left = EQUATIONS;
    let mut chosen: Vec<usize> = order
        .into_iter()
        .enumerate()
        .take_while(|(taken, k)| {
            left = left.saturating_sub(size(k));
            *taken < LEAST_PART || left > 0
        })
        .map(|(_, k)| k)
        .collect();
    chosen.sort_unstable();
    chosen
}

fn mend(record: &Record, labels: &Labels) -> Option<Record> {
    let mut mended = record.clone();
    mended.energy = labels.energy;
    mended.virial = labels.virial;
    mended.scale_forces(labels.force);
    (labels.renaming == 0).then_some(mended)
}

/// Energies far from the others: those that another unit brings near, and the rest.
fn far(problem: &Problem<'_>, understood: &Understood) -> Vec<Finding> {
    let Understood { labels, fit, .. } = understood;
    let rest = |k: usize, labels: &Labels| fit.rest(k, &problem.cases[k], labels).energy;
    let rests: Vec<(usize, f64)> =
        (0..labels.len()).filter_map(|k| Some((k, rest(k, &labels[k])?))).collect();
    let limit = FAR.max(FAR_SPREAD * spread(&rests.iter().map(|(_, rest)| *rest).collect::<Vec<_>>(), 0.0));
    let mut others = Vec::new();
    let mut cured: Vec<Cured> = Vec::new();
    for (k, own) in rests.into_iter().filter(|(_, rest)| rest.abs() > limit) {
        let mends = |cure: &Cure| {
            let mended = cure.apply(&problem.cases[k], &labels[k]);
            mended.and_then(|labels| rest(k, &labels)).is_some_and(|rest| 2.0 * rest.abs() < limit)
        };
        match energy_units().find(mends) {
            None => others.push((k, own)),
            Some(cure) => match cured.iter_mut().find(|known| known.cure == cure) {
                Some(known) => known.members.push(k),
                None => cured.push(Cured { cure, members: vec![k], gain: 0.0 }),
            },
        }
    }
    let mut findings: Vec<Finding> =
        cured.iter().flat_map(|cured| told(cured, understood, problem, &[])).collect();
    let worst = others.iter().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
    findings.extend(worst.map(|worst| {
        let message = format!(
            "energies of {} configurations are far from what their composition, structure and forces suggest, by up to {} eV \
             per atom (the others are within {})",
            others.len(),
            general(worst.1, 4),
            general(limit, 2)
        );
        let hint = "failed calculations, other units, or another energy reference: inspect them, or leave them out";
        let places = others.iter().map(|(k, _)| problem.cases[*k].record.place).collect();
        Finding::new(Kind::EnergyOutliers, message, hint, places)
    }));
    findings
}

fn told(cured: &Cured, understood: &Understood, problem: &Problem<'_>, names: &[String]) -> Vec<Finding> {
    let all = problem.cases.len();
    let place = |k: usize| problem.cases[k].record.place;
    let own: Vec<Place> = cured.members.iter().map(|&k| place(k)).collect();
    let count = own.len();
    let [energy, _, _] = understood.fit.spreads;
    let within =
        format!("; corrected, they are within {} eV per atom of what the forces suggest", general(energy, 2));
    let is_open = count as f64 > LIKE * all as f64;
    let others = || -> Vec<Place> { (0..all).filter(|k| !cured.members.contains(k)).map(place).collect() };
    let energies = |unit: String| {
        let message = format!("energies of {count} configurations look as if they were {unit}{within}");
        Finding::new(
            Kind::EnergyUnit,
            message,
            "Energy must be that of the whole configuration in eV: convert them",
            own.clone(),
        )
    };
    match cured.cure {
        Cure::Energy(name, _) => vec![energies(format!("in {name} instead of eV"))],
        Cure::PerAtom => vec![energies("per atom instead of the whole".into())],
        Cure::EnergySign => vec![energies("of the opposite sign".into())],
        Cure::Shift(shift) => {
            shifted(&format!("{} eV per atom", general(shift.abs(), 3)), shift, energy, own, is_open, others)
        }
        Cure::SpeciesShift(species, shift) => {
            let what = format!("{} eV for each atom of {}", general(shift.abs(), 3), names[species]);
            shifted(&what, shift, energy, own, is_open, others)
        }
        Cure::Forces(name, factor) => vec![of_forces(name, factor, own)],
        Cure::VirialSign => {
            let message = format!(
                "virials of {count} configurations fit structure, energies and forces only with the opposite sign"
            );
            vec![Finding::new(Kind::StressSign, message, stress::SIGN_HINT, own)]
        }
        Cure::Virial(unit, _) => {
            let message =
                format!("virials of {count} configurations look as if they were stresses in {unit}");
            vec![Finding::new(Kind::StressUnit, message, stress::UNIT_HINT, own)]
        }
        Cure::Renaming(renaming) => {
            let renaming = &problem.renamings[renaming];
            let mut findings = vec![exchanged(renaming, own, names)];
            if is_open {
                findings.push(exchanged(renaming, others(), names));
                findings.iter_mut().for_each(|finding| {
                    finding.message += ", or those of the other group are: it is unclear which";
                });
            }
            findings
        }
    }
}

fn of_forces(name: &str, factor: f64, own: Vec<Place>) -> Finding {
    let count = own.len();
    let message = if name.is_empty() {
        format!("forces of {count} configurations point against those of the others")
    } else {
        let sign = if factor < 0.0 { " with the opposite sign" } else { "" };
        format!("forces of {count} configurations look as if they were in {name}{sign}")
    };
    let hint = if factor < 0.0 { forces::SIGN_HINT } else { forces::UNIT_HINT };
    Finding::new(Kind::ForceUnit, message, hint, own)
}

fn shifted(
    what: &str,
    shift: f64,
    energy: f64,
    own: Vec<Place>,
    is_open: bool,
    others: impl Fn() -> Vec<Place>,
) -> Vec<Finding> {
    let hint = "another functional, pseudopotential or energy reference? use the same for all";
    let message = |count: usize, above: bool| {
        format!(
            "energies of {count} configurations are {what} {} those of the others, with an uncertainty of {} eV per \
             atom from structure and forces{}",
            if above { "above" } else { "below" },
            general(energy, 2),
            if is_open { ": two groups, and it is unclear which is right" } else { "" }
        )
    };
    let mut findings = vec![Finding::new(Kind::EnergyReference, message(own.len(), shift > 0.0), hint, own)];
    if is_open {
        let others = others();
        findings.push(Finding::new(Kind::EnergyReference, message(others.len(), shift < 0.0), hint, others));
    }
    findings
}
