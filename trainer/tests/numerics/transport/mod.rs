//! Verdicts, intervals and limits on synthetic tracks, few seeds each; `calibration` runs many.

mod cages;
mod calibration;
mod hops;
mod noise;
mod synthetic;
mod walks;

use mtprs::analysis::transport::{Host, Settings, Tracks, Transport, Verdict, transport};

use synthetic::{Case, Size};
use walks::HostKind;

const SIZE: Size = Size { ions: 48, frames: 1500, step: 0.1 };
/// cm²/s in Å²/ps.
const UNIT: f64 = 1e-4;

fn analyzed(case: &Case) -> Transport {
    let host = case.host.as_ref().map_or(Host::Unknown, Host::Sample);
    transport(&case.tracks, host, &Settings::default()).unwrap()
}

fn count(seeds: u64, make: impl Fn(u64) -> Case, is: impl Fn(&Case, &Transport) -> bool) -> u64 {
    let one = |seed| {
        let case = make(seed);
        u64::from(is(&case, &analyzed(&case)))
    };
    (1000..1000 + seeds).map(one).sum()
}

fn stated(_: &Case, found: &Transport) -> bool {
    found.verdict == Verdict::Diffusive
}

fn covers(case: &Case, found: &Transport) -> bool {
    let within = |[low, high]: [f64; 2], truth: f64| low <= truth * UNIT && truth * UNIT <= high;
    found.diffusivities.as_ref().is_some_and(|of| {
        within(of.diffusivity.interval_95, case.single.unwrap())
            && within(of.jump_diffusivity.unwrap().interval_95, case.collective.unwrap())
    })
}

#[test]
fn diffusion_is_stated_with_its_value() {
    assert!(count(12, |seed| walks::brownian(seed, SIZE, 0.05, true), stated) >= 10);
    let covered = count(12, |seed| walks::brownian(seed, SIZE, 0.05, true), covers)
        + count(12, |seed| walks::correlated(seed, SIZE, 0.05, 0.345), covers)
        + count(12, |seed| hops::lattice(seed, SIZE, 0.05, 3.0), covers);
    // Of 36, 0.97 are stated and 0.9 have both values in their intervals: 31.4 ± 2.
    assert!(covered >= 26, "{covered}");
}

#[test]
fn no_diffusion_is_not_stated() {
    assert_eq!(count(6, |seed| cages::caged(seed, SIZE, 0.3, 0.3), stated), 0);
    assert_eq!(count(6, |seed| cages::caged(seed, SIZE, 0.8, 8.0), stated), 0);
    assert_eq!(count(6, |seed| cages::caged(seed, SIZE, 0.8, 30.0), stated), 0);
    assert_eq!(count(6, |seed| hops::heavy_tailed(seed, SIZE, 0.6, 0.5, 0.0, 3.0), stated), 0);
    assert_eq!(count(6, |seed| walks::drifting(seed, SIZE, 0.02, 0.5), stated), 0);
}

#[test]
fn cages_are_bounded_by_the_escapes() {
    let found = analyzed(&cages::caged(7, SIZE, 0.3, 0.3));
    assert_eq!((found.verdict, found.escapes.net_total()), (Verdict::Caged, 0));
    let limit = 9.0 * 2.9957 / (6.0 * 48.0 * 149.9) * UNIT;
    assert!((found.diffusivity_upper_limit_95.unwrap() / limit - 1.0).abs() < 1e-3);
    assert!(found.deciding_length.unwrap() > 1000.0);
    assert!(found.diffusivities.is_none() && found.reasons().count() > 0);
}

#[test]
fn a_host_that_moves_is_told() {
    let of = |host| analyzed(&walks::in_host(3, SIZE, 0.05, host));
    assert!(!of(HostKind::Solid).host_flows());
    assert!(of(HostKind::Flows(0.03)).host_flows());
    for host in [HostKind::Creeps(0.01), HostKind::Rotates(0.01)] {
        let found = of(host);
        assert!(found.host_flows() && found.verdict != Verdict::Diffusive, "{host:?}");
    }
}

#[test]
fn ions_that_do_not_move_at_all() {
    let mut tracks = Tracks::new(2, 50).unwrap();
    for frame in 0..39 {
        tracks.push(f64::from(frame), &[[1.0; 3]; 2]).unwrap();
    }
    let refusal = transport(&tracks, Host::Unknown, &Settings::default()).unwrap_err();
    assert_eq!(refusal.to_string(), "expected 40 frames or more, got 39");
    tracks.push(39.0, &[[1.0; 3]; 2]).unwrap();
    let found = transport(&tracks, Host::Unknown, &Settings::default()).unwrap();
    assert_eq!(found.verdict, Verdict::Caged);
    assert!(found.diffusivity_upper_limit_95.unwrap() > 0.0);
}
