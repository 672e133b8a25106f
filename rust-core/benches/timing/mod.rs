//! What benchmarks of evaluation count and time.

use std::time::Instant;

use mtprs_core::evaluate::{ConfigurationNeighborhoods, Neighborhoods};

/// Seconds of some work.
pub(crate) fn seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// Mean number of neighbors.
pub(crate) fn neighbors_per_atom(atoms: &ConfigurationNeighborhoods<'_>) -> f64 {
    let mut count = 0_usize;
    for k in 0..atoms.center_count() {
        atoms.visit_neighbors(k, |_| count += 1);
    }
    count as f64 / atoms.center_count() as f64
}
