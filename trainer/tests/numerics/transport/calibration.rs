//! How often verdicts, intervals and limits hold on synthetic tracks: tables of minutes, run by hand.
//!
//! `CALIBRATION="200 60000 brownian 96" cargo test --release -p mtprs --test numerics calibration_of_kinds -- --ignored --nocapture`
//! tries 200 seeds from 60000 of every kind whose name has the words; `calibration_of_activation_energies` and
//! `calibration_by_length` take how many seeds. What came out stands in `calibration.txt`.

#![allow(clippy::print_stdout)] // a table is what it is for

use std::collections::BTreeMap;

use mtprs::analysis::transport::{
    Estimate, Host, Measured, Point, Settings, Transport, Verdict, arrhenius, transport,
};

use super::synthetic::{Case, Size};
use super::walks::HostKind;
use super::{cages, hops, walks};

/// One kind of tracks.
struct Kind {
    name: String,
    make: Box<dyn Fn(u64) -> Case>,
}

fn kind(name: impl Into<String>, make: impl Fn(u64) -> Case + 'static) -> Kind {
    Kind { name: name.into(), make: Box::new(make) }
}

const fn size(ions: usize, frames: usize, step: f64) -> Size {
    Size { ions, frames, step }
}

fn kinds() -> Vec<Kind> {
    let mut all = Vec::new();
    for (ions, frames) in [(96, 2000), (12, 2000), (96, 500), (12, 500)] {
        let (shape, label) = (size(ions, frames, 0.1), format!("{ions} x {frames}"));
        all.push(kind(format!("brownian bare {label}"), move |seed| {
            walks::brownian(seed, shape, 0.05, false)
        }));
        all.push(kind(format!("brownian {label}"), move |seed| walks::brownian(seed, shape, 0.05, true)));
        all.push(kind(format!("correlated {label}"), move |seed| {
            walks::correlated(seed, shape, 0.05, 0.345)
        }));
        for diffusivity in [1e-3, 1e-2, 5e-2] {
            all.push(kind(format!("lattice {diffusivity} {label}"), move |seed| {
                hops::lattice(seed, shape, diffusivity, 3.0)
            }));
        }
        all.push(kind(format!("concerted {label}"), move |seed| hops::concerted(seed, shape, 0.02, 3.0, 3)));
        all.push(kind(format!("caged {label}"), move |seed| cages::caged(seed, shape, 0.3, 0.3)));
        for relaxation in [8.0, 30.0] {
            all.push(kind(format!("slow cages {relaxation} {label}"), move |seed| {
                cages::caged(seed, shape, 0.6, relaxation)
            }));
            all.push(kind(format!("wide cages {relaxation} {label}"), move |seed| {
                cages::caged(seed, shape, 1.5, relaxation)
            }));
        }
        for (alpha, scale) in [(0.5, 0.3), (0.7, 0.5), (0.7, 5.0), (0.8, 1.0), (0.9, 1.0)] {
            all.push(kind(format!("heavy {alpha} {scale} {label}"), move |seed| {
                hops::heavy_tailed(seed, shape, alpha, scale, 0.0, 3.0)
            }));
            all.push(kind(format!("aged {alpha} {scale} {label}"), move |seed| {
                hops::heavy_tailed(seed, shape, alpha, scale, 1000.0, 3.0)
            }));
        }
        all.push(kind(format!("drift {label}"), move |seed| walks::drifting(seed, shape, 0.02, 0.1)));
    }
    let shape = size(96, 4000, 1.0);
    for diffusivity in [1e-4, 3e-4, 1e-3] {
        all.push(kind(format!("lattice {diffusivity} 96 x 4000 x 1 ps"), move |seed| {
            hops::lattice(seed, shape, diffusivity, 3.0)
        }));
    }
    let shape = size(96, 2000, 0.1);
    for (name, host) in [
        ("solid", HostKind::Solid),
        ("flows", HostKind::Flows(0.02)),
        ("creeps", HostKind::Creeps(2e-3)),
        ("rotates", HostKind::Rotates(2e-3)),
    ] {
        all.push(kind(format!("host {name}"), move |seed| walks::in_host(seed, shape, 0.02, host)));
    }
    all
}

/// Makes tracks from a seed.
type Make = fn(u64, Size) -> Case;

/// Kinds that nothing was tuned on.
const OTHERS: [(&str, Make); 12] = [
    ("anisotropic", |seed, size| walks::anisotropic(seed, size, [0.1, 0.02, 0.0], true)),
    ("back jumps", |seed, size| hops::back_jumps(seed, size, 0.02, 3.0, 0.5, 2.0)),
    ("slow back jumps", |seed, size| hops::back_jumps(seed, size, 0.02, 2.5, 0.7, 8.0)),
    ("nested cages 0.5", |seed, size| cages::nested(seed, size, 0.2, 0.5, 14)),
    ("nested cages 0.8", |seed, size| cages::nested(seed, size, 0.2, 0.8, 14)),
    ("two sites", |seed, size| cages::two_sites(seed, size, 2.8, 0.03)),
    ("movers", |seed, size| hops::movers(seed, size, 0.02, 3.0, 0.3)),
    ("heavy 0.6", |seed, size| hops::heavy_tailed(seed, size, 0.6, 0.2, 50.0, 2.3)),
    ("heavy 0.75", |seed, size| hops::heavy_tailed(seed, size, 0.75, 0.3, 0.0, 2.3)),
    ("concerted 6", |seed, size| hops::concerted(seed, size, 0.03, 2.3, 6)),
    ("slow cages 15", |seed, size| cages::caged(seed, size, 0.9, 15.0)),
    ("brownian slow", |seed, size| walks::brownian(seed, size, 0.005, true)),
];

fn others() -> impl Iterator<Item = Kind> {
    let sizes = [size(96, 2000, 0.1), size(24, 1000, 0.1)];
    sizes.into_iter().flat_map(|size| {
        OTHERS.into_iter().map(move |(name, make)| {
            let Size { ions, frames, .. } = size;
            kind(format!("other {name} {ions} x {frames}"), move |seed| make(seed, size))
        })
    })
}

#[derive(Default)]
struct Tally {
    seeds: usize,
    verdicts: [usize; 3],
    /// Held, and stated, of D*, D_J, H.
    intervals: [[usize; 2]; 3],
    limits: [usize; 2],
    flows: usize,
    errors: [f64; 2],
    /// Sums of (D − truth) / error of D*, D_J.
    offsets: [f64; 2],
    failed: BTreeMap<String, usize>,
}

fn holds(estimate: Option<&Estimate>, truth: Option<f64>, to: &mut [usize; 2]) {
    if let (Some(estimate), Some(truth)) = (estimate, truth) {
        let [low, high] = estimate.interval_95;
        to[0] += usize::from(low <= truth && truth <= high);
        to[1] += 1;
    }
}

impl Tally {
    fn add(&mut self, case: &Case, found: &Transport) {
        self.seeds += 1;
        self.verdicts[match found.verdict {
            Verdict::Diffusive => 0,
            Verdict::NotYetDiffusive => 1,
            Verdict::Caged => 2,
        }] += 1;
        let unit = |value: f64| value * 1e-4;
        if let Some(of) = &found.diffusivities {
            holds(Some(&of.diffusivity), case.single.map(unit), &mut self.intervals[0]);
            holds(of.jump_diffusivity.as_ref(), case.collective.map(unit), &mut self.intervals[1]);
            let haven = case.single.zip(case.collective).map(|(single, all)| single / all);
            holds(of.haven_ratio.as_ref(), haven, &mut self.intervals[2]);
            for (to, found, truth) in
                [(0, Some(of.diffusivity), case.single), (1, of.jump_diffusivity, case.collective)]
            {
                if let (Some(found), Some(truth)) = (found, truth) {
                    self.offsets[to] += (found.value - unit(truth)) / found.std_dev;
                }
            }
            self.errors[0] += of.diffusivity.std_dev / of.diffusivity.value;
            self.errors[1] += of.jump_diffusivity.map_or(0.0, |d| d.std_dev / d.value);
        }
        if let (Some(limit), Some(truth)) = (found.diffusivity_upper_limit_95, case.single) {
            self.limits[0] += usize::from(unit(truth) <= limit);
            self.limits[1] += 1;
        }
        self.flows += usize::from(found.host_flows());
        for reason in found.reasons() {
            let words: Vec<&str> =
                reason.split(' ').filter(|word| !word.starts_with(|c: char| c.is_ascii_digit())).collect();
            *self.failed.entry(words.iter().take(4).copied().collect::<Vec<_>>().join(" ")).or_default() += 1;
        }
    }

    fn print(&self, name: &str) {
        let share = |part: usize| 100.0 * part as f64 / self.seeds as f64;
        let held = |[held, of]: [usize; 2]| {
            if of == 0 { "     -".to_owned() } else { format!("{:6.1}", 100.0 * held as f64 / of as f64) }
        };
        let [stated, not_yet, caged] = self.verdicts.map(share);
        let offsets = self.offsets.map(|sum| sum / self.verdicts[0].max(1) as f64);
        let errors = self.errors.map(|sum| 100.0 * sum / self.verdicts[0].max(1) as f64);
        println!(
            "{name:34} {stated:6.1} {not_yet:6.1} {caged:6.1} | {} {} {} | {} | {:5.1} {:5.1} | {:5.2} {:5.2} | {:5.1}",
            held(self.intervals[0]),
            held(self.intervals[1]),
            held(self.intervals[2]),
            held(self.limits),
            errors[0],
            errors[1],
            offsets[0],
            offsets[1],
            share(self.flows)
        );
        if std::env::var_os("REASONS").is_some() {
            for (reason, count) in &self.failed {
                println!("    {count:4} {reason}");
            }
        }
    }
}

fn measure(kind: &Kind, seeds: std::ops::Range<u64>) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        let case = (kind.make)(seed);
        let host = case.host.as_ref().map_or(Host::Unknown, Host::Sample);
        match transport(&case.tracks, host, &Settings::default()) {
            Ok(found) => tally.add(&case, &found),
            Err(refusal) => println!("{}: {refusal}", kind.name),
        }
    }
    tally
}

fn header() {
    println!(
        "{:34} {:>6} {:>6} {:>6} | {:>6} {:>6} {:>6} | {:>6} | {:>5} {:>5} | {:>5} {:>5} | {:>5}",
        "percent of the seeds",
        "stated",
        "notyet",
        "caged",
        "D*",
        "D_J",
        "H",
        "limit",
        "err*",
        "errJ",
        "off*",
        "offJ",
        "flows"
    );
}

/// Runs at five temperatures with an activation energy of 0.5 eV: how often its interval holds.
fn activation(seeds: u64) {
    let shape = size(96, 2000, 0.2);
    let (mut values, mut limits, mut held, mut bounded, mut width) = (0, 0, 0, 0, 0.0);
    for seed in 0..seeds {
        let points: Vec<Point> = [600.0, 750.0, 900.0, 1050.0, 1200.0]
            .into_iter()
            .enumerate()
            .map(|(index, temperature)| {
                let steepness: f64 = -0.5 / 8.617_333e-5 * (1.0 / temperature - 1.0 / 1200.0);
                let diffusivity = 0.05 * steepness.exp();
                let case = hops::lattice(10 * seed + index as u64 + 77_000, shape, diffusivity, 3.0);
                let found = transport(&case.tracks, Host::Unknown, &Settings::default()).unwrap();
                let limit = found.diffusivity_upper_limit_95.unwrap_or(0.0);
                let measured = found
                    .diffusivities
                    .map_or(Measured::UpperLimit(limit), |of| Measured::Value(of.diffusivity));
                match measured {
                    Measured::Value(_) => values += 1,
                    Measured::UpperLimit(_) => limits += 1,
                }
                Point { temperature, measured }
            })
            .collect();
        let Some(line) = arrhenius(&points) else { continue };
        let [low, high] = line.activation_energy_interval_95;
        bounded += usize::from(low.is_some() && high.is_some());
        held += usize::from(low.unwrap_or(-9.0) <= 0.5 && 0.5 <= high.unwrap_or(99.0));
        width += high.unwrap_or(0.0) - low.unwrap_or(0.0);
    }
    // 95 % are expected, with a scatter of 3 % of sixty.
    assert!(100 * held >= 85 * seeds as usize, "{held} of {seeds}");
    println!(
        "{seeds} lines, {values} values, {limits} limits: interval holds {held}, has both ends {bounded}, mean width {:.3} eV",
        width / seeds as f64
    );
}

/// The words of `CALIBRATION`.
fn asked() -> Vec<String> {
    let text = std::env::var("CALIBRATION").unwrap_or_default();
    text.split_whitespace().map(str::to_owned).collect()
}

fn number(words: &[String], index: usize, default: u64) -> u64 {
    words.get(index).map_or(default, |word| word.parse().expect("a number"))
}

/// Kinds without any diffusion: D is stated in at most 2 % of the runs of 96 ions.
const NO_DIFFUSION: [&str; 6] = ["caged 96", "slow cages", "heavy", "aged", "nested", "two sites"];

#[test]
#[ignore = "takes minutes"]
fn calibration_of_kinds() {
    let words = asked();
    let (seeds, first) = (number(&words, 0, 200), number(&words, 1, 0));
    let is_chosen = |kind: &Kind| words.iter().skip(2).all(|part| kind.name.contains(part.as_str()));
    header();
    for kind in kinds().into_iter().chain(others()).filter(is_chosen) {
        let tally = measure(&kind, first..first + seeds);
        tally.print(&kind.name);
        if kind.name.contains("96 x 2000") && NO_DIFFUSION.iter().any(|part| kind.name.contains(part)) {
            assert!(50 * tally.verdicts[0] <= tally.seeds, "{}: {:?}", kind.name, tally.verdicts);
        }
        if kind.name == "brownian 96 x 2000" {
            let [held, stated] = tally.intervals[0];
            assert!(10 * stated >= 9 * tally.seeds && 100 * held >= 90 * stated, "{held} of {stated}");
        }
    }
}

#[test]
#[ignore = "takes minutes"]
fn calibration_of_activation_energies() {
    activation(number(&asked(), 0, 60));
}

#[test]
#[ignore = "takes minutes"]
fn calibration_by_length() {
    header();
    for length in [1000.0, 2000.0, 3000.0, 4000.0, 6000.0, 8000.0, 12000.0, 20000.0] {
        let shape = size(96, 4000, length / 4000.0);
        let of =
            kind(format!("D 1e-8, 96 ions, {length} ps"), move |seed| hops::lattice(seed, shape, 1e-4, 3.0));
        measure(&of, 0..number(&asked(), 0, 60)).print(&of.name);
    }
}
