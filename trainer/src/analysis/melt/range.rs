//! Order at long range, by g(r) of all atoms: of a crystal it goes on to rise and fall, of a melt it settles at one.

use mtprs_core::Result;
use mtprs_core::geometry::Configuration;

use crate::analysis::{Atoms, Pair, Rdf, RdfSettings};

/// Intervals of g(r), Å, and the largest distance.
const WIDTH: f64 = 0.2;
const FARTHEST: f64 = 12.0;

/// Share of half of the cell where long range begins.
const BEGIN: f64 = 0.6;

/// Root mean square of g(r) − 1 from 0.6 of half of the first cell up to half of it.
pub(super) fn long_range(frames: &[&Configuration], half: f64) -> Result<f64> {
    let cutoff = half.min(FARTHEST);
    let bins = (cutoff / WIDTH).ceil().max(5.0) as usize;
    let all = Pair { center: Atoms::All, neighbor: Atoms::All };
    let settings = RdfSettings { cutoff, bins, pairs: vec![all], within: Vec::new(), volume: None };
    let mut rdf = Rdf::new(&settings);
    for frame in frames {
        rdf.add(&settings.count(frame)?, &[])?;
    }
    let report = rdf.report("", Vec::new(), &[])?;
    let curve = report.pairs.first().map_or(&[][..], |pair| &pair.g.value);
    let far = &curve[((BEGIN * bins as f64) as usize).min(curve.len())..];
    Ok((far.iter().map(|g| (g - 1.0).powi(2)).sum::<f64>() / far.len().max(1) as f64).sqrt())
}
