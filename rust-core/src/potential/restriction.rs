//! A potential with some of its basis functions alone. Moments, products and radial functions that only the others need
//! go with them; what is left has the same energies as the potential in which the coefficients of the others are zero.

use std::collections::BTreeSet;

use super::{MomentBasis, Parameters, Potential, RadialBasis};
use crate::error::{Error, ErrorKind, Result};

impl MomentBasis {
    /// Which moments some of the basis functions need, basic ones included: `kept` has an entry for each basis function.
    pub fn needed_by(&self, kept: &[bool]) -> Vec<bool> {
        let kept = self.scalar_moments().iter().zip(kept).filter(|(_, kept)| **kept);
        self.needed_for(kept.map(|(&moment, _)| moment))
    }

    /// The same for some of the moments, themselves included.
    pub(super) fn needed_for(&self, moments: impl Iterator<Item = u32>) -> Vec<bool> {
        let mut needed = vec![false; self.moments_count()];
        moments.for_each(|moment| needed[moment as usize] = true);
        // A moment is complete before it is read, so that no product before that can need its target.
        for product in self.products().iter().rev() {
            if needed[product.target as usize] {
                needed[product.left as usize] = true;
                needed[product.right as usize] = true;
            }
        }
        needed
    }

    /// The tables of some of the basis functions, in the same order, and the μ that each of their radial functions has
    /// here.
    pub fn restricted(&self, kept: &[bool]) -> Result<(Self, Vec<usize>)> {
        if kept.len() != self.scalar_moments().len() || !kept.contains(&true) {
            let (some, all) = (kept.iter().filter(|kept| **kept).count(), self.scalar_moments().len());
            let message =
                format!("expected 1 to {all} of {all} basis functions, got {some} of {}", kept.len());
            return Err(Error::new(ErrorKind::Argument, message));
        }
        let needed = self.needed_by(kept);
        let mut numbers = vec![0; needed.len()];
        let mut count = 0_u32;
        for (number, _) in numbers.iter_mut().zip(&needed).filter(|(_, needed)| **needed) {
            *number = count;
            count += 1;
        }
        let basic = self.basic().iter().zip(&needed).filter(|(_, needed)| **needed).map(|(basic, _)| *basic);
        let mut basic: Vec<_> = basic.collect();
        let functions: Vec<u16> =
            basic.iter().map(|moment| moment.mu).collect::<BTreeSet<_>>().into_iter().collect();
        for moment in &mut basic {
            moment.mu = functions.partition_point(|&mu| mu < moment.mu) as u16;
        }
        let of = |moment: u32| numbers[moment as usize];
        let products = self.products().iter().filter(|product| needed[product.target as usize]);
        let products = products.map(|product| product.renumbered(of));
        let scalars = self.scalar_moments().iter().zip(kept).filter(|(_, kept)| **kept);
        let scalars = scalars.map(|(&moment, _)| of(moment)).collect();
        let basis = Self::new(basic, products.collect(), scalars, count as usize)?;
        Ok((basis, functions.into_iter().map(usize::from).collect()))
    }
}

impl Potential {
    /// The potential with some of its basis functions, for which `kept` has an entry each: that in which the
    /// coefficients of the others are zero, without what only they need.
    pub fn with_basis_functions(&self, kept: &[bool]) -> Result<Self> {
        let (moment_basis, functions) = self.moment_basis().restricted(kept)?;
        let old = self.radial_basis();
        let radial_basis =
            RadialBasis::new(old.kind(), old.min_dist(), old.max_dist(), old.size(), functions.len())?;
        let mut parts = self.clone().into_parts();
        let Parameters { radial_coeffs, moment_coeffs, .. } = &mut parts.parameters;
        if let Some(radial) = radial_coeffs {
            let pairs = radial.chunks(old.functions_count() * old.size());
            let of_pair = |pair: &[f64]| -> Vec<f64> {
                functions.iter().flat_map(|&mu| pair[mu * old.size()..][..old.size()].to_vec()).collect()
            };
            *radial = pairs.flat_map(of_pair).collect();
        }
        if let Some(moments) = moment_coeffs {
            let mut kept = kept.iter();
            moments.retain(|_| kept.next() == Some(&true));
        }
        (parts.moment_basis, parts.radial_basis) = (moment_basis, radial_basis);
        Self::new(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{BasicMoment, Product};
    use super::*;

    /// Basic moments of two radial functions; {0, 2} makes 3, {3, 1} makes 4.
    fn basis() -> MomentBasis {
        let basic = [0, 1, 3].map(|mu| BasicMoment { mu, powers: [0, 0, 0] });
        let products = vec![
            Product { left: 0, right: 2, factor: 2, target: 3 },
            Product { left: 3, right: 1, factor: 1, target: 4 },
        ];
        MomentBasis::new(basic.to_vec(), products, vec![0, 3, 4], 5).unwrap()
    }

    #[test]
    fn what_no_kept_function_needs_goes_and_the_rest_is_numbered_anew() {
        let (first, functions) = basis().restricted(&[true, false, false]).unwrap();
        assert_eq!((first.basic().len(), first.products().len(), functions), (1, 0, vec![0]));
        let (second, functions) = basis().restricted(&[false, true, false]).unwrap();
        assert_eq!(functions, [0, 3]);
        assert_eq!(second.basic()[1], BasicMoment { mu: 1, powers: [0, 0, 0] });
        assert_eq!(second.products(), [Product { left: 0, right: 1, factor: 2, target: 2 }]);
        assert_eq!((second.scalar_moments(), second.moments_count()), ([2].as_slice(), 3));
        // The last needs the second one on its way.
        let (third, functions) = basis().restricted(&[false, false, true]).unwrap();
        assert_eq!(
            (third.products().len(), third.scalar_moments(), functions),
            (2, [4].as_slice(), vec![0, 1, 3])
        );
        assert_eq!(basis().restricted(&[true; 3]).unwrap().0.products(), basis().products());
    }

    #[test]
    fn no_function_and_lists_of_another_length_are_refused() {
        for kept in [[false; 3].as_slice(), &[true; 2], &[true; 4]] {
            let error = basis().restricted(kept).unwrap_err().to_string();
            assert!(error.contains("expected 1 to 3 of 3 basis functions"), "{error}");
        }
    }
}
