//! A trained potential made larger with the same energies: a larger moment table, longer radial functions, more species.
//!
//! A basis function of the potential is found among those of the larger table, which has it by another factor or another
//! factorization; its coefficient goes there. What no template has, as a table of another program may, is carried over
//! with the products that make it. New basis functions begin with the coefficient 0 and new Chebyshev polynomials with
//! the coefficient 0. Their radial functions, where these are new, too, are random: with all zero no gradient
//! would lead away.

mod basis;

use std::ops::Range;

use super::template::{self, BasisRule};
use super::{
    ParameterLayout, Parameters, Potential, PotentialParts, RadialBasis, check_parameter_count,
    check_species_count,
};
use crate::error::{Error, ErrorKind, Result};
use crate::species::Species;

/// What a potential is to become.
#[derive(Clone, Debug, PartialEq)]
pub struct Upgrade {
    /// The rule of its moment table, if that is to be larger.
    pub table: Option<BasisRule>,
    /// Its species.
    pub species: Species,
    /// Which species of the potential each of them is; `None` for a new one.
    pub from: Vec<Option<usize>>,
    /// Number of basis functions per radial function, n_β.
    pub radial_basis_size: usize,
}

/// The larger potential.
#[derive(Clone, Debug, PartialEq)]
pub struct Upgraded {
    /// The potential, trained as the smaller one is.
    pub potential: Potential,
    /// Basis functions that the table of the rule does not have; they were added to it.
    pub carried: usize,
}

impl Upgrade {
    /// What leaves a potential as it is.
    pub fn none(potential: &Potential) -> Self {
        let species = potential.species().clone();
        let from = (0..species.count()).map(Some).collect();
        Self { table: None, species, from, radial_basis_size: potential.radial_basis().size() }
    }
}

impl Potential {
    /// A larger potential with the same energies of configurations of the species that this one has. `random` gives
    /// numbers from −1 to 1. A new species begins as the average of the others, with itself and with them.
    pub fn upgraded(&self, to: &Upgrade, random: &mut dyn FnMut() -> f64) -> Result<Upgraded> {
        let Parameters {
            radial_coeffs: Some(radial),
            species_coeffs: Some(species),
            moment_coeffs: Some(moment),
        } = self.parameters()
        else {
            return Err(self.untrained_error());
        };
        self.check_upgrade(to)?;
        let old = self.radial_basis();
        let functions = to.table.as_ref().map_or(0, BasisRule::radial_functions).max(old.functions_count());
        let radial_basis =
            RadialBasis::new(old.kind(), old.min_dist(), old.max_dist(), to.radial_basis_size, functions)?;
        let (moment_basis, moment_coeffs, carried) = match &to.table {
            None => (self.moment_basis().clone(), moment.clone(), 0),
            Some(rule) => basis::raised(self.moment_basis(), moment, &template::moment_basis_of(rule)?)?,
        };
        check_parameter_count(to.species.count(), &radial_basis, &moment_basis)?;
        let layout = ParameterLayout::new(to.species.count(), &radial_basis, &moment_basis);
        let of = |z: usize| self.ancestors(to, z).map(|old| species[old]);
        let species_coeffs = (0..to.species.count()).map(|z| mean(of(z))).collect();
        let radial_coeffs = self.upgraded_radial_coeffs(radial, to, &layout, random);
        let parameters = Parameters {
            radial_coeffs: Some(radial_coeffs),
            species_coeffs: Some(species_coeffs),
            moment_coeffs: Some(moment_coeffs),
        };
        let potential = Self::new(PotentialParts {
            name: self.upgraded_name(to.table.as_ref()),
            tag: match to.species == *self.species() {
                true => self.tag().to_owned(),
                false => to.species.names().map(|names| names.join(" ")).unwrap_or_default(),
            },
            scaling: self.scaling(),
            species: to.species.clone(),
            radial_basis,
            moment_basis,
            parameters,
            pair_terms: self.pair_terms().to_vec(),
        })?;
        Ok(Upgraded { potential, carried })
    }

    /// The species that one of the larger potential begins as the average of.
    fn ancestors(&self, to: &Upgrade, species: usize) -> Range<usize> {
        to.from[species].map_or(0..self.species().count(), |old| old..old + 1)
    }

    fn upgraded_radial_coeffs(
        &self,
        radial: &[f64],
        to: &Upgrade,
        layout: &ParameterLayout,
        random: &mut dyn FnMut() -> f64,
    ) -> Vec<f64> {
        let (own, size) = (self.parameter_layout(), self.radial_basis().size());
        let known = own.radial_functions();
        let mut coefficients = vec![0.0; layout.radial_coeffs().len()];
        for central in 0..to.species.count() {
            for neighbor in 0..to.species.count() {
                let pairs = self
                    .ancestors(to, central)
                    .flat_map(|i| self.ancestors(to, neighbor).map(move |j| (i, j)));
                let mut norm = 0.0;
                for mu in 0..known {
                    let target = &mut coefficients[layout.radial_function(central, neighbor, mu)];
                    for (beta, value) in target.iter_mut().enumerate().take(size) {
                        let coefficient = |(i, j)| radial[own.radial_function(i, j, mu)][beta];
                        *value = mean(pairs.clone().map(coefficient));
                    }
                    norm += length(target) / known as f64;
                }
                for mu in known..layout.radial_functions() {
                    fill(&mut coefficients[layout.radial_function(central, neighbor, mu)], norm, random);
                }
            }
        }
        coefficients
    }

    fn check_upgrade(&self, to: &Upgrade) -> Result<()> {
        check_species_count(to.species.count())?;
        let wrong = |message| Err(Error::new(ErrorKind::Argument, message));
        if let (Some(rule), Some(own)) = (&to.table, self.moment_basis().level())
            && rule.is_level()
            && rule.level() < own
        {
            let level = rule.level();
            return wrong(format!("expected a level of at least {own}, that of the potential, got {level}"));
        }
        let size = self.radial_basis().size();
        if to.radial_basis_size < size {
            return wrong(format!(
                "expected a radial basis of at least {size} functions, as the potential has, got {}",
                to.radial_basis_size
            ));
        }
        let count = self.species().count();
        let mut places = vec![0; count];
        to.from.iter().flatten().filter(|&&old| old < count).for_each(|&old| places[old] += 1);
        if to.from.len() != to.species.count() || to.from.iter().flatten().any(|&old| old >= count) {
            return wrong(format!("expected {} species of {count} or new ones", to.species.count()));
        }
        match places.iter().position(|&number| number != 1) {
            Some(old) => {
                let (label, number) = (self.species().label(old), places[old]);
                wrong(format!("expected species {label} of the potential once, got it {number} times"))
            }
            None => Ok(()),
        }
    }

    /// A name that says the table says the new one.
    fn upgraded_name(&self, table: Option<&BasisRule>) -> String {
        let is_of_table =
            self.name().strip_prefix("MTP").is_some_and(|table| table.parse::<BasisRule>().is_ok());
        match table {
            Some(rule) if is_of_table => rule.name(),
            _ => self.name().to_owned(),
        }
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    // One value stays what it is to the last digit.
    sum / f64::from(count)
}

fn length(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt()
}

/// A random radial function with coefficients of this length; smooth, as high polynomials are small.
fn fill(function: &mut [f64], norm: f64, random: &mut dyn FnMut() -> f64) {
    for (beta, value) in function.iter_mut().enumerate() {
        *value = random() / (1 + beta) as f64;
    }
    let (found, wanted) = (length(function), if norm > 0.0 { norm } else { 0.2 });
    if found > 0.0 {
        function.iter_mut().for_each(|value| *value *= wanted / found);
    }
}
