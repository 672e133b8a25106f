//! Formal charges: those that the user gives, and what makes the whole neutral.

use mtprs_core::{Error, ErrorKind, Result};
use serde::Serialize;

/// Charges whose sum is no larger (e) are neutral: what rounding leaves.
const NEUTRAL: f64 = 1e-9;

/// A species and its formal charge, e.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Charge {
    /// The species.
    pub species: String,
    /// Its charge, e.
    pub charge: f64,
}

/// What takes the charge by which the whole is not neutral.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Balance {
    /// The one species of cations in the host beside the one that goes in, which is reduced.
    #[default]
    Cations,
    /// This species of the host.
    Species(String),
    /// A uniform background.
    Background,
}

/// Of what the whole consists.
#[derive(Clone, Copy, Debug)]
pub struct Contents<'a> {
    /// Names by species.
    pub names: &'a [String],
    /// Atoms of the host by species.
    pub host: &'a [usize],
    /// The species that goes in, and how many ions of it.
    pub inserted: (usize, usize),
}

/// Charges by which energies are computed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Charges {
    /// The charge of each species, e.
    pub of_species: Vec<Charge>,
    /// The species whose charge is not the one that was given, and by how much it is larger, e per atom.
    pub changed: Option<Charge>,
    /// Charge that the background neutralizes, e.
    pub background: f64,
}

impl Charges {
    /// The charges that were given, balanced.
    pub fn new(contents: Contents<'_>, given: &[Charge], balance: &Balance) -> Result<Self> {
        let mut charges = assigned(contents, given)?;
        let (inserted, count) = contents.inserted;
        let of_host: f64 = charges.iter().zip(contents.host).map(|(q, &atoms)| q * atoms as f64).sum();
        let total = of_host + charges[inserted] * count as f64;
        let mut changed = None;
        let mut background = 0.0;
        if total.abs() > NEUTRAL {
            match balance {
                Balance::Background => background = total,
                Balance::Cations | Balance::Species(_) => {
                    let species = balancing(contents, &charges, balance, total)?;
                    let change = -total / contents.host[species] as f64;
                    let name = contents.names[species].clone();
                    charges[species] = shifted(&name, charges[species], change)?;
                    changed = Some(Charge { species: name, charge: change });
                }
            }
        }
        let named = contents.names.iter().zip(charges);
        let of_species = named.map(|(name, charge)| Charge { species: name.clone(), charge }).collect();
        Ok(Self { of_species, changed, background })
    }

    /// The charge of a species, e.
    pub fn of(&self, species: usize) -> f64 {
        self.of_species[species].charge
    }
}

/// The charge of each species that is there; of others it is zero.
fn assigned(contents: Contents<'_>, given: &[Charge]) -> Result<Vec<f64>> {
    let is_there = |species: usize| contents.host[species] > 0 || species == contents.inserted.0;
    let there: Vec<&str> =
        (0..contents.names.len()).filter(|&k| is_there(k)).map(|k| contents.names[k].as_str()).collect();
    if let Some(unknown) = given.iter().find(|one| !there.contains(&one.species.as_str())) {
        let message = format!("--charges names {}, which is not among {}", unknown.species, there.join(" "));
        return Err(Error::new(ErrorKind::Argument, message));
    }
    let charge = |name: &String| given.iter().find(|one| one.species == *name).map(|one| one.charge);
    if let Some(missing) = there.iter().find(|name| charge(&(**name).to_owned()).is_none()) {
        let message = format!("--charges lacks {missing}: the charges of {} are needed", there.join(" "));
        return Err(Error::new(ErrorKind::Argument, message));
    }
    Ok(contents.names.iter().map(|name| charge(name).unwrap_or(0.0)).collect())
}

/// The species that takes the total charge.
fn balancing(contents: Contents<'_>, charges: &[f64], balance: &Balance, total: f64) -> Result<usize> {
    let refused = |message: String| {
        let hint = "name the species of the host that takes the rest, --balance SPECIES, or neutralize it with a \
                    uniform background, --balance background";
        Err(Error::new(ErrorKind::Argument, message).hint(hint))
    };
    if let Balance::Species(name) = balance {
        let known = contents.names.iter().position(|known| known == name);
        return match known.filter(|&species| contents.host[species] > 0) {
            Some(species) => Ok(species),
            None => refused(format!("--balance: {name} is not in the host")),
        };
    }
    let sum = format!("the charges add up to {} e", signed(total));
    if total < 0.0 {
        return refused(format!("{sum}: cations are reduced where the sum is positive"));
    }
    let is_cation = |&species: &usize| {
        contents.host[species] > 0 && charges[species] > 0.0 && species != contents.inserted.0
    };
    let cations: Vec<usize> = (0..charges.len()).filter(is_cation).collect();
    match cations[..] {
        [species] => Ok(species),
        [] => refused(format!("{sum}, and the host has no cation that could be reduced")),
        _ => {
            let names: Vec<&str> = cations.iter().map(|&species| contents.names[species].as_str()).collect();
            refused(format!(
                "{sum}, and the host has several cations that could be reduced: {}",
                names.join(" ")
            ))
        }
    }
}

/// A charge with its sign and no more digits than it needs.
pub(super) fn signed(charge: f64) -> String {
    let text = format!("{charge:+.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A charge that changes, but not its sign.
fn shifted(name: &str, charge: f64, change: f64) -> Result<f64> {
    let shifted = charge + change;
    if shifted * charge > 0.0 {
        return Ok(shifted);
    }
    let message = format!(
        "to balance the charges {name} would change from {} to {} e",
        signed(charge),
        signed(shifted)
    );
    Err(Error::new(ErrorKind::Argument, message).hint("insert fewer ions, or check the charges"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Charges of Mg, V, O in V10O25 with two Mg and this many more.
    fn charges(text: &str, count: usize, balance: &Balance) -> Result<Charges> {
        let names = ["Mg", "V", "O"].map(str::to_owned);
        let given: Vec<Charge> = text
            .split(',')
            .map(|word| word.split_once('=').unwrap())
            .map(|(species, charge)| Charge { species: species.into(), charge: charge.parse().unwrap() })
            .collect();
        let contents = Contents { names: &names, host: &[2, 10, 25], inserted: (0, count) };
        Charges::new(contents, &given, balance)
    }

    fn refusal(text: &str, count: usize, balance: &Balance) -> String {
        charges(text, count, balance).unwrap_err().to_string()
    }

    #[test]
    fn the_cation_of_the_host_is_reduced_by_the_electrons_of_all_that_went_in() {
        let charges = charges("V=5,O=-2,Mg=2", 3, &Balance::Cations).unwrap();
        assert_eq!([0, 1, 2].map(|species| charges.of(species)), [2.0, 4.0, -2.0]);
        assert_eq!(charges.changed, Some(Charge { species: "V".into(), charge: -1.0 }));
        assert_eq!(charges.background, 0.0);
    }

    #[test]
    fn a_background_or_another_species_takes_the_rest_if_asked() {
        let with = charges("V=5,O=-2,Mg=2", 3, &Balance::Background).unwrap();
        assert_eq!((with.of(1), with.background, with.changed), (5.0, 10.0, None));
        let with = charges("V=5,O=-2,Mg=2", 3, &Balance::Species("O".into())).unwrap();
        assert_eq!((with.of(1), with.of(2)), (5.0, -2.4));
        let neutral = charges("V=4,O=-2,Mg=2", 3, &Balance::Cations).unwrap();
        assert_eq!((neutral.of(1), neutral.changed), (4.0, None));
    }

    #[test]
    fn what_does_not_balance_is_refused() {
        let cations = Balance::Cations;
        assert_eq!(
            refusal("V=3,O=-2,Mg=2", 3, &cations).lines().next().unwrap(),
            "the charges add up to -10 e: cations are reduced where the sum is positive"
        );
        assert!(refusal("V=-5,O=-2,Mg=2", 3, &Balance::Species("V".into())).contains("change from -5 to +4"));
        assert!(refusal("V=5,O=-2,Mg=2", 30, &cations).starts_with("to balance the charges V would change"));
        assert!(refusal("V=5,O=2,Mg=2", 3, &cations).contains("several cations that could be reduced: V O"));
        assert!(refusal("V=-5,O=-2,Mg=50", 3, &cations).contains("no cation that could be reduced"));
        assert!(refusal("V=5,O=-2,Mg=2", 3, &Balance::Species("F".into())).contains("F is not in the host"));
        assert!(refusal("V=5,O=-2", 3, &cations).contains("lacks Mg"));
        assert!(refusal("V=5,O=-2,Mg=2,Li=1", 3, &cations).contains("names Li, which is not among Mg V O"));
    }
}
