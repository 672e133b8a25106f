//! The data of a fit and their faults, told before the first step.

use mtprs_core::potential::Potential;

use super::Task;
use crate::dataset::Sets;
use crate::endpoint::say;
use crate::text::counted;

/// Tells what a task fits the potential to, and what is wrong with it.
pub fn announce(task: &Task, potential: &Potential, sets: &Sets) {
    let [energies, forces, virials] = sets.labels.with;
    say(format!(
        "{}: {} with {}; {energies} energies, {forces} with forces, {virials} virials; shortest distance {:.3} Å",
        task.sources.training_names(),
        counted(sets.fitted() as u64, "configuration"),
        counted(sets.labels.atoms_by_species.iter().sum(), "atom"),
        sets.shortest_distance,
    ));
    if sets.pushed > 0 {
        let configurations = counted(sets.pushed as u64, "configuration");
        say(format!("repulsion: {configurations} added, with atoms pushed together"));
    } else if task.sources.repulsion > 0.0 {
        say("note: no repulsion: it needs configurations with an energy and atoms within the cutoff");
    }
    if let Some(groups) = sets.sides.kept.describe(&task.sources.grouping) {
        say(format!("note: {groups}"));
    }
    if sets.validation.configurations() > 0 {
        let configurations = counted(sets.validation.configurations() as u64, "configuration");
        say(format!("validation: {configurations} with {}", counted(sets.validation.atoms() as u64, "atom")));
    } else if !task.sources.validation.is_empty() {
        say("note: the validation set is empty");
    } else if task.sources.validation_fraction > 0.0 {
        say("note: the seed holds out no configuration for validation");
    }
    let min_dist = potential.radial_basis().min_dist();
    if sets.shortest_distance < min_dist && !task.settings.update_mindist {
        say(format!(
            "note: atoms are closer than min_dist of the potential, {min_dist} Å; --update-mindist sets it to the shortest distance"
        ));
    }
    let layout = potential.parameter_layout();
    let frozen = task.settings.fit.frozen;
    let blocks = [
        (layout.radial_coeffs(), frozen.radial),
        (layout.species_coeffs(), frozen.species),
        (layout.moment_coeffs(), frozen.moment),
    ];
    let parameters: usize =
        blocks.into_iter().filter(|(_, frozen)| !frozen).map(|(block, _)| block.len()).sum();
    // Those with forces are taken to be as large as the others.
    let configurations = sets.training.configurations().max(1);
    let numbers =
        energies + 6 * virials + 3 * sets.training.atoms() * forces.min(configurations) / configurations;
    if numbers < parameters {
        say(format!(
            "note: about {numbers} data for {parameters} parameters do not determine them: add data, or use a lower level"
        ));
    }
    if let Some(sentence) = cutoff(potential.cutoff(), sets.shortest_distance) {
        say(format!("note: {sentence}"));
    }
    for species in sets.labels.missing_species() {
        let name = potential.species().label(species);
        say(format!("note: there are no atoms of species {name}: its parameters keep their initial values"));
    }
}

/// What is wrong with a cutoff that is much too short or too long, Å.
fn cutoff(cutoff: f64, shortest: f64) -> Option<String> {
    if cutoff < 1.5 * shortest {
        return Some(format!(
            "atoms have almost no neighbors within the cutoff {cutoff} Å: the shortest distance is {shortest:.2} Å; 5 to 7 Å are common"
        ));
    }
    long_cutoff(cutoff)
}

/// What is wrong with a cutoff that is much too long, Å.
pub fn long_cutoff(cutoff: f64) -> Option<String> {
    /// From here on neighbors are too many to be worth their time.
    const LONG: f64 = 12.0;
    (cutoff > LONG)
        .then(|| format!("the cutoff {cutoff} Å is long: the time grows with its cube; 5 to 7 Å are common"))
}
