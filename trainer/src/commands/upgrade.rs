//! `mtprs upgrade`: a larger moment table, longer radial functions or more species, with the same energies.

use mtprs_core::potential::template::{BasisRule, moment_basis_of};
use mtprs_core::potential::{Potential, Upgrade, Upgraded};
use mtprs_core::species::Species;
use mtprs_core::{Error, ErrorKind};

use crate::Failure;
use crate::active_set::state_files::holds_state;
use crate::cli::UpgradeArguments;
use crate::endpoint::{load_potential, say};
use crate::random::Sequence;
use crate::text::counted;

pub(super) fn run(job: &UpgradeArguments) -> Result<(), Failure> {
    let potential = load_potential(&job.potential)?;
    let name = job.potential.display().to_string();
    let mut random = Sequence::new(job.seed);
    let upgraded = wanted(job, &potential)
        .and_then(|to| {
            let upgraded = potential.upgraded(&to, &mut || random.symmetric())?;
            job.table.iter().try_for_each(|rule| check_table(rule, &potential, &upgraded))?;
            Ok(upgraded)
        })
        .map_err(|error| error.in_file(&name))?;
    // The result may take the place of the file.
    let has_state = holds_state(&job.potential)?;
    let output = job.output();
    output.write_potential(&upgraded.potential)?;
    if has_state {
        say(format!("note: the selection state in {name} is dropped: it belongs to the smaller potential"));
    }
    if !job.quiet {
        say(format!("{}: {}", output.name(), describe(&potential, &upgraded, job.table.as_ref())));
    }
    Ok(())
}

/// What was typed, with what the potential has where nothing was.
fn wanted(job: &UpgradeArguments, potential: &Potential) -> Result<Upgrade, Error> {
    let mut to = Upgrade::none(potential);
    if let Some(species) = &job.species {
        (to.species, to.from) = larger(potential.species(), species)?;
    }
    to.radial_basis_size = job.radial_basis_size.unwrap_or(to.radial_basis_size);
    let own = potential.moment_basis().level();
    let functions = potential.moment_basis().scalar_moments().len();
    let rule = match (&job.table, job.level) {
        (Some(rule), _) => Some(rule.clone()),
        (None, level) => level.map(BasisRule::of_level).transpose()?,
    };
    let is_raised = match &rule {
        None => false,
        // A table may lack functions of its level.
        Some(rule) if rule.is_level() && own == Some(rule.level()) => {
            functions < moment_basis_of(rule)?.scalar_moments().len()
        }
        Some(_) => true,
    };
    if !is_raised && to == Upgrade::none(potential) {
        return Err(same_size(potential));
    }
    to.table = rule.filter(|_| is_raised);
    Ok(to)
}

fn same_size(potential: &Potential) -> Error {
    let own = potential.moment_basis().level();
    let message = format!(
        "the potential already has this size: {}, with a radial basis of size {}, {}",
        own.map_or("of no level".to_owned(), |level| format!("of level {level}")),
        potential.radial_basis().size(),
        potential.species().describe()
    );
    Error::new(ErrorKind::Argument, message)
}

/// Refuses a table that lacks basis functions of the potential, and one that makes it no larger.
fn check_table(rule: &BasisRule, before: &Potential, upgraded: &Upgraded) -> Result<(), Error> {
    let functions = before.moment_basis().scalar_moments().len();
    let after = &upgraded.potential;
    if upgraded.carried > 0 {
        let message = format!(
            "expected a moment table with all {functions} basis functions of the potential; {rule} lacks {} of them",
            upgraded.carried
        );
        let level =
            before.moment_basis().level().map_or(String::new(), |level| format!("level {level} and "));
        let ranks = before.moment_basis().ranks().iter().map(usize::to_string).collect::<Vec<_>>().join(",");
        return Err(Error::new(ErrorKind::Argument, message).hint(format!(
            "the potential has {level}ranks {ranks}: choose a table with at least these, or train a new potential \
             (mtprs init --table {rule})"
        )));
    }
    let size = |potential: &Potential| {
        (potential.moment_basis().scalar_moments().len(), potential.parameter_layout().len())
    };
    if size(before) == size(after) { Err(same_size(before)) } else { Ok(()) }
}

/// The species of the larger potential, and which of the smaller one each of them is.
fn larger(own: &Species, wanted: &Species) -> Result<(Species, Vec<Option<usize>>), Error> {
    let wrong = |message| Err(Error::new(ErrorKind::Species, message));
    if let (Some(names), Some(wanted_names)) = (own.names(), wanted.names()) {
        if let Some(lost) = names.iter().find(|name| !wanted_names.contains(name)) {
            let message =
                format!("expected all species of the potential ({}), {lost} is missing", names.join(" "));
            return wrong(message);
        }
        let from = wanted_names.iter().map(|wanted| names.iter().position(|name| name == wanted)).collect();
        return Ok((wanted.clone(), from));
    }
    if wanted.count() < own.count() {
        return wrong(format!(
            "expected at least the {} species of the potential, got {}",
            own.count(),
            wanted.count()
        ));
    }
    if let Some(names) = own.names().filter(|_| wanted.count() > own.count()) {
        return wrong(format!(
            "expected names of all species, as the potential has them ({}), got their number",
            names.join(" ")
        ));
    }
    let from = (0..wanted.count()).map(|species| (species < own.count()).then_some(species)).collect();
    Ok((if own.names().is_some() { own.clone() } else { wanted.clone() }, from))
}

fn describe(
    before: &Potential,
    Upgraded { potential, carried }: &Upgraded,
    table: Option<&BasisRule>,
) -> String {
    let functions = |potential: &Potential| potential.moment_basis().scalar_moments().len();
    let mut parts = Vec::new();
    match (table.filter(|rule| !rule.is_level()), potential.moment_basis().level()) {
        (Some(rule), _) => parts.push(format!("table {rule}")),
        (None, Some(level)) => parts.push(format!("level {level}")),
        (None, None) => {}
    }
    parts.push(format!("{} basis functions (before: {})", functions(potential), functions(before)));
    if *carried > 0 {
        parts.push(format!("{carried} of them in no template of the level"));
    }
    let [radial, radial_before] = [potential, before].map(Potential::radial_basis);
    parts.push(format!(
        "{} of size {} (before: {} of size {})",
        counted(radial.functions_count() as u64, "radial function"),
        radial.size(),
        radial_before.functions_count(),
        radial_before.size()
    ));
    parts.push(potential.species().describe());
    let [parameters, parameters_before] =
        [potential, before].map(|potential| potential.parameter_layout().len());
    parts.push(format!("{parameters} parameters (before: {parameters_before})"));
    parts.join("; ")
}
