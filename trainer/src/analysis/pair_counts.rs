//! Pairs of atoms of one configuration, counted by distance and species.
//!
//! Every pair closer than the cutoff is met once, periodic images as atoms of their own, an atom's own images too, in any cell.
//! The neighbors of a bin are gathered in one row, shifted to their images, so that distances are computed in long loops.

use mtprs_core::geometry::{Axis, Bins, Configuration, Vector3};
use mtprs_core::{Error, ErrorKind, Result};

use super::bin_rows::{Row, rows};

/// Most species that are told apart.
pub const MOST_SPECIES: usize = 64;

/// Bins of the cell search by cutoff: thinner bins follow the sphere more closely, thicker ones make longer rows.
const BINS_PER_CUTOFF: f64 = 3.0;

/// Counts pairs by distance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairCounter {
    /// Distances that are counted are below this, Å.
    pub cutoff: f64,
    /// Intervals of equal width that they are counted in.
    pub intervals: usize,
}

/// Pairs of one configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct PairCounts {
    /// Atoms of each species.
    pub atoms: Vec<u64>,
    intervals: usize,
    /// Pairs by species of one atom, species of the other, distance; which of two species comes first is left to chance.
    counts: Vec<u32>,
}

impl PairCounts {
    /// Neighbors of atoms of species `center` that are of species `neighbor`, by distance: each pair of like atoms counts for
    /// both.
    pub fn neighbors(&self, center: usize, neighbor: usize) -> impl Iterator<Item = u64> {
        let row = |a: usize, b: usize| {
            let begin = (a * self.atoms.len() + b) * self.intervals;
            &self.counts[begin..begin + self.intervals]
        };
        row(center, neighbor).iter().zip(row(neighbor, center)).map(|(a, b)| u64::from(*a) + u64::from(*b))
    }
}

impl PairCounter {
    /// Counts the pairs of a configuration.
    pub fn count(&self, configuration: &Configuration) -> Result<PairCounts> {
        let atoms = species_counts(configuration)?;
        let bins = Bins::new(configuration, self.cutoff, self.cutoff / BINS_PER_CUTOFF)?;
        let mut tally = Tally::new(*self, atoms.len());
        let rows = rows(&bins, self.cutoff);
        let images = bins.axes().each_ref().map(Images::new);
        let mut around = Gathered::default();
        let [a, b, c] = bins.axes().map(|axis| axis.count());
        for home in (0..a * b * c).map(|bin| [bin / (b * c), bin / c % b, bin % c]) {
            let inner = bins.atoms(home[0], home[1], [home[2]; 2]);
            if inner.is_empty() {
                continue;
            }
            around.clear();
            for row in &rows {
                around.add_row(&bins, &images, configuration, home, row);
            }
            for &atom in inner {
                let atom = atom as usize;
                tally.add(&around, bins.positions()[atom], configuration.species[atom] as usize);
                // What comes after it in its own bin meets it there.
                around.push(bins.positions()[atom], configuration.species[atom]);
            }
        }
        Ok(PairCounts { atoms, intervals: self.intervals, counts: tally.trimmed() })
    }
}

fn species_counts(configuration: &Configuration) -> Result<Vec<u64>> {
    let mut counts = Vec::new();
    for (atom, &species) in configuration.species.iter().enumerate() {
        let species = species as usize;
        if species >= MOST_SPECIES {
            let message =
                format!("atom {} is of species {species}: expected species below {MOST_SPECIES}", atom + 1);
            return Err(Error::new(ErrorKind::Species, message).about_atom(atom));
        }
        if counts.len() <= species {
            counts.resize(species + 1, 0);
        }
        counts[species] += 1;
    }
    Ok(counts)
}

/// Atoms around a bin, shifted to the images in which they are seen from there.
#[derive(Default)]
struct Gathered {
    x: Vec<f64>,
    y: Vec<f64>,
    z: Vec<f64>,
    species: Vec<u32>,
}

impl Gathered {
    fn clear(&mut self) {
        self.x.clear();
        self.y.clear();
        self.z.clear();
        self.species.clear();
    }

    fn push(&mut self, [x, y, z]: Vector3, species: u32) {
        self.x.push(x);
        self.y.push(y);
        self.z.push(z);
        self.species.push(species);
    }

    /// Adds the atoms of a row, image by image.
    fn add_row(
        &mut self,
        bins: &Bins,
        images: &[Images; 3],
        configuration: &Configuration,
        home: [usize; 3],
        row: &Row,
    ) {
        let [a, b, c] = images;
        let (Some((bin_a, shift_a)), Some((bin_b, shift_b))) =
            (a.of(home[0], row.places[0]), b.of(home[1], row.places[1]))
        else {
            return;
        };
        let [mut next, last] = row.range;
        while next <= last {
            let Some((first, shift_c)) = c.of(home[2], next) else {
                next += 1;
                continue;
            };
            let end = (first + (last - next) as usize).min(c.count - 1);
            next += (end - first) as i64 + 1;
            let shift: Vector3 = std::array::from_fn(|k| shift_a[k] + shift_b[k] + shift_c[k]);
            for &atom in bins.atoms(bin_a, bin_b, [first, end]) {
                let [x, y, z] = bins.positions()[atom as usize];
                self.push([x + shift[0], y + shift[1], z + shift[2]], configuration.species[atom as usize]);
            }
        }
    }
}

/// Where bins within reach of others are seen along one direction; kept, since divisions would take most of the time.
struct Images {
    /// Bins of the direction.
    count: usize,
    reach: i64,
    /// Bin and shift by the number that counts on beyond the cell, from the first within reach of the first bin.
    places: Vec<Option<(usize, Vector3)>>,
}

impl Images {
    fn new(axis: &Axis) -> Self {
        let (count, reach) = (axis.count(), axis.reach());
        let place = |number: i64| {
            let (bin, image) = axis.image(number)?;
            Some((bin, axis.vector().map(|component| image * component)))
        };
        Self { count, reach, places: (-reach..count as i64 + reach).map(place).collect() }
    }

    /// The bin this many steps from another, and the shift of its atoms; nothing beyond an end.
    fn of(&self, home: usize, steps: i64) -> Option<(usize, Vector3)> {
        self.places[(home as i64 + steps + self.reach) as usize]
    }
}

/// The counts under way.
struct Tally {
    species: usize,
    intervals: usize,
    /// Intervals that there is room for: those beyond the cutoff are thrown away in the end, which costs less than to ask of
    /// every pair whether it is one.
    room: usize,
    per_length: f64,
    counts: Vec<u32>,
    places: Vec<u32>,
}

impl Tally {
    fn new(counter: PairCounter, species: usize) -> Self {
        let PairCounter { cutoff, intervals } = counter;
        let room = (2 * intervals).min(i32::MAX as usize);
        let counts = vec![0; species * species * room];
        Self { species, intervals, room, per_length: intervals as f64 / cutoff, counts, places: Vec::new() }
    }

    /// Counts the pairs of an atom with those around it.
    fn add(&mut self, around: &Gathered, center: Vector3, species: usize) {
        let last = (self.room - 1) as f64;
        self.places.clear();
        let positions = around.x.iter().zip(&around.y).zip(&around.z);
        self.places.extend(positions.zip(&around.species).map(|(((x, y), z), other)| {
            let [dx, dy, dz] = [x - center[0], y - center[1], z - center[2]];
            let interval = (dx * dx + dy * dy + dz * dz).sqrt() * self.per_length;
            let interval = if interval < last { interval } else { last };
            other * self.room as u32 + interval as u32
        }));
        let width = self.species * self.room;
        let counts = &mut self.counts[species * width..][..width];
        for &place in &self.places {
            counts[place as usize] += 1;
        }
    }

    /// The counts below the cutoff.
    fn trimmed(&self) -> Vec<u32> {
        let rows = self.counts.chunks(self.room.max(1));
        rows.flat_map(|row| &row[..self.intervals]).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use mtprs_core::geometry::{Cell, NeighborList, norm};

    use super::*;
    use crate::random::Sequence;

    /// All pairs by plain loops over atoms and images.
    fn plain(configuration: &Configuration, counter: PairCounter, images: i64) -> Vec<u64> {
        let vectors = configuration.cell.vectors();
        let span = |k: usize| if k < vectors.len() { -images..=images } else { 0..=0 };
        let mut counts = vec![0; 4 * counter.intervals];
        for (i, from) in configuration.positions.iter().enumerate() {
            for (j, to) in configuration.positions.iter().enumerate() {
                for (p, q, r) in
                    span(0).flat_map(|p| span(1).flat_map(move |q| span(2).map(move |r| (p, q, r))))
                {
                    if i == j && (p, q, r) == (0, 0, 0) {
                        continue;
                    }
                    let mut d: Vector3 = std::array::from_fn(|k| to[k] - from[k]);
                    for (vector, image) in vectors.iter().zip([p, q, r]) {
                        (0..3).for_each(|k| d[k] += image as f64 * vector[k]);
                    }
                    let interval = (norm(d) * counter.intervals as f64 / counter.cutoff) as usize;
                    if norm(d) < counter.cutoff && interval < counter.intervals {
                        let [a, b] = [i, j].map(|atom| configuration.species[atom] as usize);
                        counts[(2 * a + b) * counter.intervals + interval] += 1;
                    }
                }
            }
        }
        counts
    }

    fn counted(configuration: &Configuration, counter: PairCounter) -> Vec<u64> {
        let counts = counter.count(configuration).unwrap();
        [(0, 0), (0, 1), (1, 0), (1, 1)].into_iter().flat_map(|(a, b)| counts.neighbors(a, b)).collect()
    }

    /// Atoms of two species in a random cell of about this size with this many periodic vectors.
    fn random(periodic: usize, size: f64, atoms: usize, numbers: &mut Sequence) -> Configuration {
        let mut vectors = Vec::new();
        for k in 0..periodic {
            let mut vector: Vector3 = std::array::from_fn(|_| (0.5 * numbers.uniform() - 0.25) * size);
            vector[k] += size;
            vectors.push(vector);
        }
        let positions =
            (0..atoms).map(|_| std::array::from_fn(|_| (3.4 * numbers.uniform() - 1.2) * size)).collect();
        let species = (0..atoms).map(|atom| if atom == 0 { 1 } else { (atom % 3 % 2) as u32 }).collect();
        Configuration::new(Cell::new(&vectors).unwrap(), species, positions).unwrap()
    }

    #[test]
    fn counts_are_those_of_plain_loops_in_every_kind_of_cell() {
        let (mut numbers, mut pairs) = (Sequence::new(5), 0);
        for case in 0..120 {
            let size = [1.7, 4.0, 9.0, 16.0][case / 4 % 4];
            let configuration = random(case % 4, size, 2 + case % 11, &mut numbers);
            let counter = PairCounter { cutoff: 2.0 + 4.0 * numbers.uniform(), intervals: 7 };
            let images = (24.0 / size) as i64 + 3;
            let expected = plain(&configuration, counter, images);
            pairs += expected.iter().sum::<u64>();
            assert_eq!(counted(&configuration, counter), expected, "case {case}");
        }
        assert!(pairs > 10_000, "only {pairs} pairs: the cells are too sparse to show anything");
    }

    /// Cells of many bins, where rows end within a cell and neighbors of neighbors are out of reach.
    #[test]
    fn counts_are_those_of_neighbor_lists_in_large_cells() {
        let mut numbers = Sequence::new(11);
        for periodic in 0..4 {
            let configuration = random(periodic, 21.0, 600, &mut numbers);
            let counter = PairCounter { cutoff: 5.5, intervals: 50 };
            let list = NeighborList::new(&configuration, counter.cutoff).unwrap();
            let mut expected = vec![0; 4 * counter.intervals];
            for atom in 0..list.len() {
                let (others, displacements) = list.neighbors(atom);
                for (other, displacement) in others.iter().zip(displacements) {
                    let [a, b] = [atom, *other as usize].map(|atom| configuration.species[atom] as usize);
                    let interval = (norm(*displacement) * (50.0 / 5.5)) as usize;
                    expected[(2 * a + b) * counter.intervals + interval.min(49)] += 1;
                }
            }
            assert_eq!(counted(&configuration, counter), expected, "{periodic} periodic vectors");
        }
    }

    #[test]
    fn species_beyond_the_limit_are_refused_with_the_atom() {
        let cell = Cell::new(&[[5.0, 0.0, 0.0], [0.0, 5.0, 0.0], [0.0, 0.0, 5.0]]).unwrap();
        let configuration = Configuration::new(cell, vec![0, 64], vec![[0.0; 3], [1.0; 3]]).unwrap();
        let error = PairCounter { cutoff: 3.0, intervals: 10 }.count(&configuration).unwrap_err();
        assert_eq!(error.to_string(), "atom 2 is of species 64: expected species below 64");
    }
}
