//! Properties of maxvol on rows that are made up: dominance, growth, missing directions, round-off.

use mtprs::active_set::{Candidates, Source, Volume, improve, log_determinant_of};

use mtprs_testing::random::Numbers;

const THRESHOLD: f64 = 1.0 + 1e-7;
const SCALE: f64 = 1e-5;

/// `count` rows of `size` entries that span `rank` directions; the scales of the entries differ by `spread`.
fn rows(count: usize, size: usize, rank: usize, spread: f64) -> Candidates {
    let mut numbers = Numbers(7);
    let directions: Vec<Vec<f64>> = (0..rank)
        .map(|_| (0..size).map(|k| numbers.next() * spread.powf(k as f64 / size as f64)).collect())
        .collect();
    let mut candidates = Candidates::default();
    for configuration in 0..count {
        let mut row = vec![0.0; size];
        for direction in &directions {
            let weight = numbers.next();
            row.iter_mut().zip(direction).for_each(|(value, x)| *value += weight * x);
        }
        candidates.rows.extend(row);
        candidates.sources.push(Source::Training { configuration, atom: None });
    }
    candidates
}

fn converged(candidates: &Candidates, size: usize) -> Volume {
    let mut volume = Volume::empty(size, SCALE);
    for _ in 0..100 {
        let units = volume.units();
        let swaps = improve(&mut volume, candidates, THRESHOLD).unwrap()
            + improve(&mut volume, &units, THRESHOLD).unwrap();
        volume.factorize().unwrap();
        if swaps == 0 {
            return volume;
        }
    }
    panic!("the selection does not converge");
}

fn largest_entry(volume: &Volume, candidates: &Candidates) -> f64 {
    volume.project(&candidates.rows).iter().fold(0.0, |largest, entry| entry.abs().max(largest))
}

fn supported(volume: &Volume) -> usize {
    volume.sources().iter().filter(|source| !matches!(source, Source::Unit(_))).count()
}

#[test]
fn no_candidate_exceeds_the_converged_set_and_its_rows_are_candidates() {
    for (count, size) in [(1, 1), (40, 5), (500, 31), (700, 90)] {
        let candidates = rows(count, size, size, 1e3);
        let volume = converged(&candidates, size);
        let largest = largest_entry(&volume, &candidates);
        assert!(largest <= THRESHOLD + 1e-9, "{count} x {size}: {largest}");
        assert_eq!(supported(&volume), size);
        for (k, source) in volume.sources().iter().enumerate() {
            let Source::Training { configuration, .. } = source else { panic!("{source:?}") };
            let row = &candidates.rows[configuration * size..(configuration + 1) * size];
            assert_eq!(row, &volume.rows()[k * size..(k + 1) * size], "row {k}");
        }
    }
}

#[test]
fn the_determinant_grows_with_every_swap_and_is_that_of_the_rows() {
    let size = 24;
    let candidates = rows(300, size, size, 10.0);
    let mut volume = Volume::empty(size, SCALE);
    let mut before = volume.log_determinant();
    assert!((before - size as f64 * SCALE.ln()).abs() < 1e-9);
    for row in 0..candidates.sources.len() {
        let values = candidates.rows[row * size..(row + 1) * size].to_vec();
        let one = Candidates { rows: values, sources: vec![candidates.sources[row]] };
        let swaps = improve(&mut volume, &one, THRESHOLD).unwrap();
        let after = volume.log_determinant();
        assert!(swaps <= 1);
        assert!(if swaps == 1 { after > before } else { after == before }, "row {row}: {before} to {after}");
        let direct = log_determinant_of(size, volume.rows());
        assert!((direct - after).abs() < 1e-6, "row {row}: {after} instead of {direct}");
        before = after;
    }
}

#[test]
fn directions_that_no_row_has_stay_those_of_the_start() {
    let (size, rank) = (30, 17);
    let candidates = rows(200, size, rank, 1.0);
    let volume = converged(&candidates, size);
    assert_eq!(supported(&volume), rank);
    let largest = largest_entry(&volume, &candidates);
    assert!(largest <= THRESHOLD + 1e-6, "{largest}");
    // What has a part in the missing directions is far out.
    let mut outside = vec![0.0; size];
    outside[3] = 1.0;
    assert!(volume.project(&outside).iter().any(|entry| entry.abs() > 100.0));
}

#[test]
fn fewer_rows_than_parameters_are_all_taken() {
    let candidates = rows(9, 20, 20, 1.0);
    let volume = converged(&candidates, 20);
    assert_eq!(supported(&volume), 9);
}

#[test]
fn the_inverse_stays_one_through_many_swaps() {
    let size = 40;
    let candidates = rows(2000, size, size, 1e6);
    let mut volume = Volume::empty(size, SCALE);
    let swaps = improve(&mut volume, &candidates, THRESHOLD).unwrap();
    assert!(swaps > size, "only {swaps} swaps");
    let product = volume.project(volume.rows());
    let off = |(place, entry): (usize, &f64)| (entry - f64::from(u8::from(place % (size + 1) == 0))).abs();
    let residual = product.iter().enumerate().map(off).fold(0.0, f64::max);
    assert!(residual < 1e-6, "{residual}");
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let candidates = rows(600, 70, 70, 1e3);
    let with_threads = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let volume = pool.install(|| converged(&candidates, 70));
        (volume.rows().to_vec(), volume.inverse_columns().to_vec(), volume.log_determinant().to_bits())
    };
    let one = with_threads(1);
    assert_eq!(one, with_threads(2));
    assert_eq!(one, with_threads(5));
}

#[test]
fn rows_without_a_finite_grade_are_errors() {
    for (value, place) in [(f64::NAN, 0), (f64::NAN, 59), (f64::INFINITY, 31)] {
        let mut candidates = rows(12, 5, 5, 1.0);
        candidates.rows[place] = value;
        let mut volume = Volume::empty(5, SCALE);
        let error = improve(&mut volume, &candidates, THRESHOLD).unwrap_err();
        assert_eq!(error.kind(), mtprs_core::ErrorKind::NotFinite, "{error}");
    }
}

#[test]
fn equal_rows_do_not_take_turns() {
    let mut candidates = rows(20, 6, 6, 1.0);
    let copies = candidates.clone();
    for (row, source) in copies.rows.chunks_exact(6).zip(copies.sources) {
        let Source::Training { configuration, .. } = source else { panic!("{source:?}") };
        candidates.rows.extend_from_slice(row);
        candidates.sources.push(Source::Training { configuration: configuration + 100, atom: Some(3) });
    }
    let volume = converged(&candidates, 6);
    assert!(largest_entry(&volume, &candidates) <= THRESHOLD + 1e-9);
}
