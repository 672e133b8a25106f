//! Which sites are occupied, and the energy of that, which is quadratic in the occupations n_s = 0 or 1:
//! E = E₀ + Σ_s h_s n_s + ½ Σ_st P_st n_s n_t.
//!
//! With Ewald's pair matrix J, the charges q_i of the host and q of the ions that go in, E₀ is the energy of the host,
//! h_s = q Σ_i q_i J_si + ½ q² J_ss and P_st = q² J_st, but P_ss = 0.

use super::ewald::PairMatrix;

/// Smallest decrease that counts, eV: below it swaps would go on forever by rounding.
const DECREASE: f64 = 1e-9;

/// The energies of sites.
#[derive(Clone, Debug)]
pub struct SiteEnergies {
    host: f64,
    fields: Vec<f64>,
    pairs: Vec<f64>,
}

impl SiteEnergies {
    /// Of a matrix whose first points are the atoms of the host with these charges (e), all others sites for ions of one charge.
    pub fn new(matrix: &PairMatrix, host: &[f64], charge: f64) -> Self {
        let sites = host.len()..matrix.size();
        let field = |site: usize| {
            let row = matrix.row(site);
            let potential: f64 = row.iter().zip(host).map(|(j, q)| j * q).sum();
            charge * potential + 0.5 * charge * charge * row[site]
        };
        let pair = |a: usize, b: usize| if a == b { 0.0 } else { charge * charge * matrix.row(a)[b] };
        let mut charges = host.to_vec();
        charges.resize(matrix.size(), 0.0);
        Self {
            host: matrix.energy(&charges),
            fields: sites.clone().map(field).collect(),
            pairs: sites.clone().flat_map(|a| sites.clone().map(move |b| pair(a, b))).collect(),
        }
    }

    /// Number of sites.
    pub fn sites(&self) -> usize {
        self.fields.len()
    }

    /// The energy with these sites occupied, eV.
    pub fn energy(&self, occupied: &[usize]) -> f64 {
        let of = |&site: &usize| {
            let row = self.pairs(site);
            self.fields[site] + 0.5 * occupied.iter().map(|&other| row[other]).sum::<f64>()
        };
        self.host + occupied.iter().map(of).sum::<f64>()
    }

    fn pairs(&self, site: usize) -> &[f64] {
        &self.pairs[site * self.sites()..(site + 1) * self.sites()]
    }
}

/// Some sites that are occupied.
#[derive(Clone, Debug)]
pub(super) struct Occupation<'a> {
    energies: &'a SiteEnergies,
    /// The sites, in no order.
    pub(super) occupied: Vec<usize>,
    is_occupied: Vec<bool>,
    /// What an ion more would cost at each site, or one less would bring back, eV.
    costs: Vec<f64>,
    /// Energy above that of the host, eV.
    pub(super) energy: f64,
}

impl<'a> Occupation<'a> {
    pub(super) fn empty(energies: &'a SiteEnergies) -> Self {
        Self {
            energies,
            occupied: Vec::new(),
            is_occupied: vec![false; energies.sites()],
            costs: energies.fields.clone(),
            energy: 0.0,
        }
    }

    pub(super) fn is_occupied(&self, site: usize) -> bool {
        self.is_occupied[site]
    }

    /// Occupies an empty site.
    pub(super) fn add(&mut self, site: usize) {
        self.energy += self.costs[site];
        self.occupied.push(site);
        self.is_occupied[site] = true;
        self.costs.iter_mut().zip(self.energies.pairs(site)).for_each(|(cost, pair)| *cost += pair);
    }

    /// Empties the site that stands at a place among the occupied ones.
    pub(super) fn remove(&mut self, place: usize) {
        let site = self.occupied.swap_remove(place);
        self.energy -= self.costs[site];
        self.is_occupied[site] = false;
        self.costs.iter_mut().zip(self.energies.pairs(site)).for_each(|(cost, pair)| *cost -= pair);
    }

    /// Occupies the cheapest empty site again and again.
    pub(super) fn fill(&mut self, count: usize) {
        while self.occupied.len() < count {
            let empty = (0..self.costs.len()).filter(|&site| !self.is_occupied[site]);
            match empty.min_by(|&a, &b| self.costs[a].total_cmp(&self.costs[b])) {
                Some(site) => self.add(site),
                None => return,
            }
        }
    }

    /// Swaps an occupied site with an empty one, the pair that lowers the energy most, until none does.
    pub(super) fn descend(&mut self) {
        while let Some((place, site)) = self.steepest_swap() {
            self.remove(place);
            self.add(site);
        }
    }

    fn steepest_swap(&self) -> Option<(usize, usize)> {
        let masked = |(cost, is_occupied): (&f64, &bool)| if *is_occupied { f64::INFINITY } else { *cost };
        let costs: Vec<f64> = self.costs.iter().zip(&self.is_occupied).map(masked).collect();
        let mut best = (-DECREASE, None);
        for (place, &from) in self.occupied.iter().enumerate() {
            let row = self.energies.pairs(from);
            let lowest = costs.iter().zip(row).fold(f64::INFINITY, |lowest, (cost, pair)| {
                let cost = cost - pair;
                if cost < lowest { cost } else { lowest }
            });
            if lowest - self.costs[from] < best.0 {
                best = (lowest - self.costs[from], Some(place));
            }
        }
        let place = best.1?;
        let row = self.energies.pairs(self.occupied[place]);
        let cost = |site: &usize| costs[*site] - row[*site];
        let site = (0..costs.len()).min_by(|a, b| cost(a).total_cmp(&cost(b)))?;
        Some((place, site))
    }
}
