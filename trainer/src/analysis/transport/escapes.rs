//! Escapes: ions that leave where they were and stay away.
//!
//! Positions are averaged over bins of about a picosecond, which takes vibrations out. An ion has escaped when two bins in
//! a row are farther than 2 Å from the place where it has been; the second one is its new place. If that is within 2 Å of a
//! place that it came from, it has jumped back, and what lies between does not count: what is left is the net number.

use super::tracks::Tracks;

/// Parts of the run in which escapes are counted.
pub(super) const PARTS: usize = 32;

/// What is taken for an escape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EscapeSettings {
    /// Distance from a place, Å, beyond which an ion has left it.
    pub distance: f64,
    /// Time, ps, over which positions are averaged.
    pub averaging: f64,
}

impl Default for EscapeSettings {
    fn default() -> Self {
        Self { distance: 2.0, averaging: 1.0 }
    }
}

/// Escapes of all ions.
#[derive(Clone, Debug, PartialEq)]
pub struct Escapes {
    /// All escapes of each ion, back to former places, too.
    pub hops: Vec<u32>,
    /// Escapes of each ion without those that were undone.
    pub net: Vec<u32>,
    /// Mean squared length of the escapes, Å²; zero if there are none.
    pub squared_length: f64,
    /// Share of the ions that are displaced beyond the distance over half of the run.
    pub displaced: f64,
    /// Largest displacement of an averaged position from the first, Å.
    pub largest_displacement: f64,
    /// Escapes of each ion in each part of the run.
    pub(super) parts: Vec<[u32; PARTS]>,
}

impl Escapes {
    /// Net number of escapes of all ions.
    pub fn net_total(&self) -> u64 {
        self.net.iter().map(|count| u64::from(*count)).sum()
    }

    /// Number of escapes of all ions, those that were undone, too.
    pub fn hops_total(&self) -> u64 {
        self.hops.iter().map(|count| u64::from(*count)).sum()
    }
}

type Place = [f64; 3];

fn distance(a: Place, b: Place) -> f64 {
    (0..3).map(|axis| (a[axis] - b[axis]).powi(2)).sum::<f64>().sqrt()
}

/// Follows every ion.
pub(super) fn escapes(tracks: &Tracks, settings: &EscapeSettings) -> Escapes {
    let ions = tracks.ions();
    let mut result = Escapes {
        hops: Vec::with_capacity(ions),
        net: Vec::with_capacity(ions),
        squared_length: 0.0,
        displaced: 0.0,
        largest_displacement: 0.0,
        parts: Vec::with_capacity(ions),
    };
    let width = bin_width(tracks, settings);
    for ion in 0..ions {
        let bins = averaged(tracks, ion, width);
        let path = follow(&bins, settings.distance);
        result.hops.push(path.hops.len() as u32);
        result.net.push(path.places.len() as u32 - 1);
        result.squared_length += path.hops.iter().map(|hop| hop.squared_length).sum::<f64>();
        let mut parts = [0; PARTS];
        for hop in &path.hops {
            parts[PARTS * hop.bin / bins.len()] += 1;
        }
        result.parts.push(parts);
        let half = bins.len() / 2;
        let pairs = bins.iter().zip(&bins[half..]);
        let far = pairs.filter(|(from, to)| distance(**from, **to) > settings.distance).count();
        result.displaced += far as f64 / ((bins.len() - half) * ions) as f64;
        for bin in &bins {
            result.largest_displacement = result.largest_displacement.max(distance(*bin, bins[0]));
        }
    }
    result.squared_length /= result.hops_total().max(1) as f64;
    result
}

/// Frames of a bin: those of the averaging time, but at least two bins in each part of the run.
fn bin_width(tracks: &Tracks, settings: &EscapeSettings) -> usize {
    let width = (settings.averaging / tracks.step()).round() as usize;
    width.clamp(1, (tracks.frames() / (2 * PARTS)).max(1))
}

/// Positions of an ion averaged over bins, Å from its first position.
fn averaged(tracks: &Tracks, ion: usize, width: usize) -> Vec<Place> {
    let axes = [0, 1, 2].map(|axis| tracks.track(ion, axis));
    let mean = |values: &[f32]| values.iter().map(|x| f64::from(*x)).sum::<f64>() / width as f64;
    (0..tracks.frames() / width)
        .map(|bin| axes.map(|values| mean(&values[bin * width..(bin + 1) * width])))
        .collect()
}

/// One escape.
struct Hop {
    /// The bin that follows it.
    bin: usize,
    squared_length: f64,
}

/// Places that lead to where the ion is, without detours, and all escapes.
struct Path {
    places: Vec<Place>,
    hops: Vec<Hop>,
}

fn follow(bins: &[Place], limit: f64) -> Path {
    let mut path = Path { places: bins.first().copied().into_iter().collect(), hops: Vec::new() };
    let Some(mut place) = bins.first().copied() else { return path };
    let mut stayed = 1.0;
    for bin in 1..bins.len() {
        let here = bins[bin];
        if distance(here, place) <= limit {
            // The place is the mean over the stay, so that one odd bin does not decide.
            if distance(here, place) < 0.5 * limit {
                stayed += 1.0;
                place = [0, 1, 2].map(|axis| place[axis] + (here[axis] - place[axis]) / stayed);
                if let Some(last) = path.places.last_mut() {
                    *last = place;
                }
            }
            continue;
        }
        if distance(bins[bin - 1], place) > limit {
            path.hops.push(Hop { bin, squared_length: distance(here, place).powi(2) });
            path.arrive(here, limit);
            (place, stayed) = (here, 1.0);
        }
    }
    path
}

impl Path {
    /// Adds a place, or goes back to a former one.
    fn arrive(&mut self, here: Place, limit: f64) {
        match self.places.iter().position(|former| distance(*former, here) < limit) {
            Some(former) => {
                self.places.truncate(former + 1);
                self.places[former] = here;
            }
            None => self.places.push(here),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn along(positions: &[f64]) -> Path {
        follow(&positions.iter().map(|x| [*x, 0.0, 0.0]).collect::<Vec<_>>(), 2.0)
    }

    #[test]
    fn hops_back_do_not_count() {
        let there = along(&[0.0, 0.1, 3.0, 3.1, 3.0]);
        assert_eq!((there.hops.len(), there.places.len() - 1), (1, 1));
        let and_back = along(&[0.0, 0.1, 3.0, 3.1, 3.0, 0.0, 0.1]);
        assert_eq!((and_back.hops.len(), and_back.places.len() - 1), (2, 0));
        let on = along(&[0.0, 3.0, 3.0, 6.0, 6.1, 3.0, 3.1]);
        assert_eq!((on.hops.len(), on.places.len() - 1), (3, 1));
    }

    #[test]
    fn a_moment_away_is_no_escape() {
        assert_eq!(along(&[0.0, 2.5, 0.0, 0.1, 2.5, 0.0]).hops.len(), 0);
    }
}
