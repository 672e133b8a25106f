//! Which potential a state belongs to: a checksum of everything that its rows depend on.

use crate::potential::Potential;
use crate::species::Species;

/// A 64-bit checksum of numbers (FNV-1a over words of 64 bits): for noticing damage and mix-ups, not for security.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checksum(u64);

impl Default for Checksum {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Checksum {
    /// Takes a word into the sum.
    pub fn add(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(0x0000_0100_0000_01b3);
        // The product alone carries nothing from high bits to low ones.
        self.0 ^= self.0 >> 29;
    }

    /// Takes the bits of numbers into the sum.
    pub fn add_numbers(&mut self, numbers: &[f64]) {
        numbers.iter().for_each(|number| self.add(number.to_bits()));
    }

    /// The sum.
    pub fn value(self) -> u64 {
        self.0
    }

    /// The checksum of a potential: tables and numbers, not name, tag and pair terms, which change nothing about its rows.
    pub fn of_potential(potential: &Potential) -> Self {
        let mut sum = Self::default();
        let (radial, moments) = (potential.radial_basis(), potential.moment_basis());
        sum.add(potential.species().count() as u64);
        sum.add_numbers(&[potential.scaling(), radial.min_dist(), radial.max_dist()]);
        if let Some(word) = radial.kind().checksum_word() {
            sum.add(word);
        }
        sum.add(radial.size() as u64);
        sum.add(radial.functions_count() as u64);
        for moment in moments.basic() {
            let [a, b, c] = moment.powers.map(u64::from);
            sum.add(u64::from(moment.mu) << 24 | a << 16 | b << 8 | c);
        }
        for product in moments.products() {
            sum.add(u64::from(product.left) << 32 | u64::from(product.right));
            sum.add(u64::from(product.factor.cast_unsigned()) << 32 | u64::from(product.target));
        }
        moments.scalar_moments().iter().for_each(|&moment| sum.add(u64::from(moment)));
        sum.add_numbers(&potential.parameters().to_flat().unwrap_or_default());
        sum
    }
}

/// What a state remembers about its potential.
#[derive(Clone, Debug, PartialEq)]
pub struct PotentialIdentity {
    /// Checksum of the potential.
    pub checksum: Checksum,
    /// Its name, for messages.
    pub name: String,
    /// Its species.
    pub species: Species,
    /// Its number of parameters, n.
    pub parameters: usize,
}

impl PotentialIdentity {
    /// What is to be remembered about a potential.
    pub fn of(potential: &Potential) -> Self {
        Self {
            checksum: Checksum::of_potential(potential),
            name: potential.name().to_owned(),
            species: potential.species().clone(),
            parameters: potential.parameter_layout().len(),
        }
    }
}

impl From<u64> for Checksum {
    fn from(value: u64) -> Self {
        Self(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::potential::Potential;

    #[test]
    fn every_bit_counts_and_the_order_too() {
        let sum = |words: &[u64]| {
            let mut sum = Checksum::default();
            words.iter().for_each(|&word| sum.add(word));
            sum.value()
        };
        let mut seen = vec![sum(&[1, 2]), sum(&[2, 1]), sum(&[1]), sum(&[])];
        seen.extend((0..64).map(|bit| sum(&[1 << bit, 7])));
        let count = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), count);
    }

    #[test]
    fn names_do_not_change_a_checksum_and_numbers_do() {
        let potential = Potential::untrained(6, Species::unnamed(2), 1.5, 5.0, 4).unwrap();
        let changed = |change: &dyn Fn(&mut crate::potential::PotentialParts)| {
            let mut parts = potential.clone().into_parts();
            change(&mut parts);
            Checksum::of_potential(&Potential::new(parts).unwrap())
        };
        let own = Checksum::of_potential(&potential);
        assert_eq!(changed(&|parts| parts.name = "other".into()), own);
        assert_ne!(changed(&|parts| parts.scaling = 2.0), own);
        let layout = potential.parameter_layout();
        let trained = |value: f64| {
            let flat = vec![value; layout.len()];
            changed(&|parts| {
                parts.parameters = crate::potential::Parameters::from_flat(&layout, &flat).unwrap();
            })
        };
        assert_ne!(trained(0.5), own);
        assert_ne!(trained(0.5), trained(0.5 + f64::EPSILON));
    }
}
