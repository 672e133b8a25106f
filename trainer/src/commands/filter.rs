//! `mtprs filter`: one pass that keeps what meets the criteria, and counts why the rest does not.

use mtprs_core::geometry::{Configuration, norm};
use mtprs_core::{Error, ErrorKind};
use std::collections::BTreeMap;

use crate::Failure;
use crate::active_set::Screen;
use crate::cli::{FilterArguments, Label};
use crate::dataset::{CfgSink, Walk};
use crate::endpoint::say;
use crate::job::{Condition, Quantity, Ready, criteria};
use crate::processes::Interrupt;
use crate::structure_files::element_names;
use crate::text::{Table, counted, general};

/// Feature with the reason of a rejection.
const REASON: &str = "filter_reason";

pub(super) fn run(job: &Ready<FilterArguments>, interrupt: Interrupt) -> Result<(), Failure> {
    let (write, criteria) = (job.common.write, criteria(job)?);
    let mut kept = CfgSink::create(&write.output(&job.output))?;
    let mut rejected = write.optional(&job.rejected).as_ref().map(CfgSink::create).transpose()?;
    let mut unmet = vec![0_u64; criteria.len()];
    let walk = Walk::new(&job.inputs, &job.reading, job.common.quiet, interrupt);
    let total = walk.run(|_, mut configuration| {
        let names = Names::new(&configuration)?;
        let mut reasons = Vec::new();
        for (criterion, count) in criteria.iter().zip(&mut unmet) {
            if let Some(reason) = reason(criterion, &configuration, &names)? {
                *count += 1;
                reasons.push(reason);
            }
        }
        if reasons.is_empty() != job.invert {
            return kept.write(&configuration);
        }
        let Some(rejected) = &mut rejected else { return Ok(()) };
        let reasons = if job.invert { "it meets all criteria".to_owned() } else { reasons.join("; ") };
        configuration.set_feature(REASON, reasons);
        rejected.write(&configuration)
    })?;
    let kept = kept.finish()?;
    rejected.map(CfgSink::finish).transpose()?;
    if !job.common.quiet {
        let mut table = Table::new(&["criterion", ">not met by"]);
        for (criterion, count) in criteria.iter().zip(&unmet) {
            table.row(vec![described(criterion), count.to_string()]);
        }
        let of = counted(total.configurations, "configuration");
        say(format!("{}kept {} of {of}", table.render(), kept.configurations));
    }
    Ok(())
}

/// Species of a configuration by name.
struct Names {
    /// Atoms of each species, by number, with its name if it has one.
    counts: BTreeMap<u32, (Option<String>, usize)>,
}

impl Names {
    fn new(configuration: &Configuration) -> Result<Self, Error> {
        let names = element_names(configuration);
        let mut counts: BTreeMap<u32, (Option<String>, usize)> = BTreeMap::new();
        for &species in &configuration.species {
            let name = names.as_ref().and_then(|names| names.get(species as usize)).cloned();
            if let (None, Some(names)) = (&name, &names) {
                let message =
                    format!("species {species} has no name: {} are named (numbered from 0)", names.len());
                return Err(Error::new(ErrorKind::Species, message));
            }
            counts.entry(species).or_insert((name, 0)).1 += 1;
        }
        Ok(Self { counts })
    }

    /// Atoms of the species with this name or number; an element needs names.
    fn count(&self, wanted: &str) -> Result<usize, Error> {
        if let Ok(number) = wanted.parse::<u32>() {
            return Ok(self.counts.get(&number).map_or(0, |(_, count)| *count));
        }
        if self.counts.values().any(|(name, _)| name.is_none()) {
            let message = format!("{wanted} is requested, but the configuration has only numbers");
            let hint = "name them in the order of the numbers: --species Mg,V,O";
            return Err(Error::new(ErrorKind::Species, message).hint(hint));
        }
        let of_name = self.counts.values().find(|(name, _)| name.as_deref() == Some(wanted));
        Ok(of_name.map_or(0, |(_, count)| *count))
    }
}

/// Why a configuration does not meet a criterion, if so.
fn reason(
    criterion: &Condition,
    configuration: &Configuration,
    names: &Names,
) -> Result<Option<String>, Error> {
    let missing = |condition: bool, text: String| Ok(condition.then_some(text));
    match criterion {
        Condition::Between(quantity, limits) => Ok(between(*quantity, *limits, configuration)),
        Condition::Distance(distance) => {
            Screen { min_distance: *distance, species: usize::MAX }.reason(configuration)
        }
        Condition::Composition(wanted) => {
            let counts = wanted.iter().map(|(name, count)| Ok(names.count(name)? == *count));
            let is_met = counts.collect::<Result<Vec<_>, Error>>()?.into_iter().all(|same| same);
            let all: usize = wanted.iter().map(|(_, count)| count).sum();
            missing(!is_met || all != configuration.len(), "it has a different composition".to_owned())
        }
        Condition::With(name) => missing(names.count(name)? == 0, format!("it has no {name}")),
        Condition::Without(name) => missing(names.count(name)? > 0, format!("it has {name}")),
        Condition::Feature(key, None) => {
            missing(configuration.feature(key).is_none(), format!("it has no feature {key}"))
        }
        Condition::Feature(key, Some(value)) => {
            let own = configuration.feature(key);
            missing(
                own != Some(value),
                match own {
                    Some(own) => format!("its feature {key} is {own}"),
                    None => format!("it has no feature {key}"),
                },
            )
        }
        Condition::Label(label) => {
            let (has, name) = match label {
                Label::Energy => (configuration.energy.is_some(), "energy"),
                Label::Forces => (configuration.forces.is_some(), "forces"),
                Label::Virial => (configuration.virial.is_some(), "virial"),
            };
            missing(!has, format!("it has no {name}"))
        }
    }
}

fn between(quantity: Quantity, [low, high]: [f64; 2], configuration: &Configuration) -> Option<String> {
    let (name, unit) = words(quantity);
    let value = match quantity {
        Quantity::Atoms => Some(configuration.len() as f64),
        Quantity::Energy if configuration.is_empty() => None,
        Quantity::Energy => configuration.energy.map(|energy| energy / configuration.len() as f64),
        Quantity::Force => configuration
            .forces
            .as_ref()
            .map(|forces| forces.iter().map(|force| norm(*force)).fold(0.0, f64::max)),
        Quantity::Grade => configuration.feature("MV_grade").and_then(|text| text.trim().parse().ok()),
    };
    match value {
        None => Some(format!("it has no {name}")),
        // Neither above nor below a bound, whatever a comparison says.
        Some(value) if !value.is_finite() => Some(format!("its {name} is not a finite number")),
        Some(value) if value < low => Some(format!("its {name} is {}{unit}, below {low}", general(value, 6))),
        Some(value) if value > high => {
            Some(format!("its {name} is {}{unit}, above {high}", general(value, 6)))
        }
        Some(_) => None,
    }
}

fn words(quantity: Quantity) -> (&'static str, &'static str) {
    match quantity {
        Quantity::Energy => ("energy", " eV per atom"),
        Quantity::Force => ("largest force", " eV/Å"),
        Quantity::Atoms => ("number of atoms", ""),
        Quantity::Grade => ("grade", ""),
    }
}

fn described(criterion: &Condition) -> String {
    match criterion {
        Condition::Between(quantity, [low, high]) => {
            let (name, unit) = words(*quantity);
            match (low.is_finite(), high.is_finite()) {
                (true, true) => format!("{name} from {low} to {high}{unit}"),
                (true, false) => format!("{name} from {low}{unit} up"),
                _ => format!("{name} up to {high}{unit}"),
            }
        }
        Condition::Distance(distance) => format!("distances from {distance} Å up"),
        Condition::Composition(wanted) => {
            let parts: Vec<String> = wanted.iter().map(|(name, count)| format!("{name}:{count}")).collect();
            format!("composition {}", parts.join(" "))
        }
        Condition::With(name) => format!("with {name}"),
        Condition::Without(name) => format!("without {name}"),
        Condition::Feature(key, None) => format!("feature {key}"),
        Condition::Feature(key, Some(value)) => format!("feature {key} = {value}"),
        Condition::Label(Label::Energy) => "energy".to_owned(),
        Condition::Label(Label::Forces) => "forces".to_owned(),
        Condition::Label(Label::Virial) => "virial".to_owned(),
    }
}
