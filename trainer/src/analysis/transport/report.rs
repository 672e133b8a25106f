//! What the runs say of diffusion, in the keys of pymatgen where the quantity is the same.

use serde::{Serialize, Serializer};

use super::arrhenius::{Arrhenius, Measured, Point, arrhenius};
use super::blocks::Estimate;
use super::checks::Check;
use super::displacement::{Octave, SquaredDisplacement};
use super::following::Followed;
use super::host::HostMotion;
use super::verdict::{Settings, Transport, Verdict};

/// Diffusion in runs at one or several temperatures.
#[derive(Clone, Debug, Serialize)]
pub struct DiffusionReport {
    /// Program and version.
    pub program: &'static str,
    /// The mobile species.
    pub mobile: String,
    /// What displacements are relative to.
    pub frame: &'static str,
    /// Distance, Å, beyond which an ion has left its place.
    pub escape_distance: f64,
    /// Length of a jump, Å, in upper limits where fewer than five were seen.
    pub jump_length: f64,
    /// The runs.
    pub trajectories: Vec<RunReport>,
    /// The line through runs at several temperatures.
    pub arrhenius: Option<ArrheniusReport>,
}

/// Diffusion in one run. Diffusivities in cm²/s, lengths in Å, times in ps.
#[derive(Clone, Debug, Serialize)]
pub struct RunReport {
    /// What it is called.
    pub label: String,
    /// Its files.
    pub files: Vec<String>,
    /// Temperature, K.
    pub temperature: Option<f64>,
    /// Frames that were taken.
    pub frames: usize,
    /// Mobile ions.
    pub ions: usize,
    /// Time between frames.
    pub step: f64,
    /// Time from the first frame to the last.
    pub length: f64,
    /// What kind of motion it is.
    pub verdict: Verdict,
    /// What the verdict rests on.
    pub checks: Vec<Check>,
    /// Diffusivities, if the verdict is `diffusive`.
    #[serde(flatten)]
    pub stated: Stated,
    /// One-sided 95 % upper limit of D* where none is stated.
    pub diffusivity_upper_limit_95: Option<f64>,
    /// The length of run that would decide where no D* is stated, and the host does not carry the ions.
    pub deciding_length: Option<f64>,
    /// Escapes of all ions.
    pub escapes: u64,
    /// Escapes that were not undone.
    pub net_escapes: u64,
    /// Root mean square of the lengths of the escapes.
    pub escape_length: Option<f64>,
    /// Share of the ions that are displaced by more than the distance of an escape over half of the run.
    pub displaced: f64,
    /// Largest displacement of an ion, with vibrations averaged out.
    pub largest_displacement: f64,
    /// Largest displacement of an atom of the host from the first frame.
    pub max_framework_displacement: Option<f64>,
    /// The motion of the host.
    pub host: Option<HostMotion>,
    /// Lags.
    pub dt: Vec<f64>,
    /// Mean squared displacements of the ions.
    pub msd: Vec<f64>,
    /// The same along x, y and z.
    pub msd_components: Vec<[f64; 3]>,
    /// Standard deviations of the first.
    pub msd_std_dev: Vec<f64>,
    /// Mean squared displacements of the center of the ions, times their number.
    pub mscd: Vec<f64>,
    /// The same along x, y and z.
    pub mscd_components: Vec<[f64; 3]>,
    /// Standard deviations of the first.
    pub mscd_std_dev: Vec<f64>,
    /// Local slopes of ln MSD over ln lag.
    pub exponents: Vec<Octave>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// Diffusivities of one run; all none if no D* is stated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct Stated {
    pub diffusivity: Option<f64>,
    pub diffusivity_std_dev: Option<f64>,
    pub diffusivity_interval_95: Option<[f64; 2]>,
    pub diffusivity_components: Option<[Option<f64>; 3]>,
    pub diffusivity_components_std_dev: Option<[Option<f64>; 3]>,
    pub jump_diffusivity: Option<f64>,
    pub jump_diffusivity_std_dev: Option<f64>,
    pub jump_diffusivity_interval_95: Option<[f64; 2]>,
    pub jump_diffusivity_components: Option<[Option<f64>; 3]>,
    pub jump_diffusivity_components_std_dev: Option<[Option<f64>; 3]>,
    pub haven_ratio: Option<f64>,
    pub haven_ratio_std_dev: Option<f64>,
    pub haven_ratio_interval_95: Option<[f64; 2]>,
    /// A of MSD = A + 6 D* τ, Å².
    pub msd_offset: Option<f64>,
    /// The lag from which on that holds, ps.
    pub shortest_lag: Option<f64>,
}

/// The line through runs at several temperatures.
#[derive(Clone, Debug, Serialize)]
pub struct ArrheniusReport {
    /// E_a, eV; none if the runs do not fix it.
    pub activation_energy: Option<f64>,
    /// Ends of its 95 % interval, eV; none where the runs do not bound it.
    pub activation_energy_interval_95: [Option<f64>; 2],
    /// D₀, cm²/s.
    pub prefactor: Option<f64>,
    /// Probability of a misfit as bad as this one, or worse, if a straight line holds.
    pub probability: Option<f64>,
    /// Runs with a D*.
    pub values: usize,
    /// Runs with an upper limit.
    pub limits: usize,
    /// The line.
    #[serde(skip)]
    pub line: Arrhenius,
}

/// What one run is called and where it comes from.
#[derive(Clone, Debug)]
pub struct RunOrigin {
    /// What it is called.
    pub label: String,
    /// Its files.
    pub files: Vec<String>,
    /// Temperature, K.
    pub temperature: Option<f64>,
    /// What a reader should know of its times.
    pub notes: Vec<String>,
}

impl RunReport {
    /// Of one run, with its curves at up to `lags` lags, evenly spread over their logarithms.
    pub fn new(origin: RunOrigin, followed: &Followed, found: &Transport, lags: usize) -> Self {
        let displacements = &found.displacements;
        let chosen = spread(displacements.msd.total.len(), lags);
        let of = |values: &[f64]| chosen.iter().map(|lag| values[*lag]).collect::<Vec<f64>>();
        let along = |curve: &SquaredDisplacement| chosen.iter().map(|lag| curve.components[*lag]).collect();
        let escapes = &found.escapes;
        Self {
            label: origin.label,
            files: origin.files,
            temperature: origin.temperature,
            frames: followed.ions.frames(),
            ions: followed.ions.ions(),
            step: found.step,
            length: followed.ions.length(),
            verdict: found.verdict,
            checks: found.checks.clone(),
            stated: Stated::new(found),
            diffusivity_upper_limit_95: found.diffusivity_upper_limit_95,
            deciding_length: found.deciding_length,
            escapes: escapes.hops_total(),
            net_escapes: escapes.net_total(),
            escape_length: (escapes.hops_total() > 0).then(|| escapes.squared_length.sqrt()),
            displaced: escapes.displaced,
            largest_displacement: escapes.largest_displacement,
            max_framework_displacement: followed.max_framework_displacement,
            host: found.host,
            dt: chosen.iter().map(|lag| *lag as f64 * found.step).collect(),
            msd: of(&displacements.msd.total),
            msd_components: along(&displacements.msd),
            msd_std_dev: of(&displacements.msd.std_dev),
            mscd: of(&displacements.mscd.total),
            mscd_components: along(&displacements.mscd),
            mscd_std_dev: of(&displacements.mscd.std_dev),
            exponents: displacements.octaves.clone(),
            notes: [origin.notes, notes(followed, found)].concat(),
        }
    }

    /// What it says of D*, for the line through several temperatures.
    fn measured(&self) -> Option<Measured> {
        let value = || {
            Some(Measured::Value(Estimate {
                value: self.stated.diffusivity?,
                std_dev: self.stated.diffusivity_std_dev?,
                interval_95: self.stated.diffusivity_interval_95?,
            }))
        };
        value().or_else(|| self.diffusivity_upper_limit_95.map(Measured::UpperLimit))
    }
}

impl DiffusionReport {
    /// Of runs of which each has its temperature, or none has.
    pub fn new(
        program: &'static str,
        mobile: String,
        frame: &'static str,
        settings: &Settings,
        trajectories: Vec<RunReport>,
    ) -> Self {
        Self {
            program,
            mobile,
            frame,
            escape_distance: settings.escapes.distance,
            jump_length: settings.jump_length,
            arrhenius: ArrheniusReport::new(&trajectories),
            trajectories,
        }
    }
}

impl ArrheniusReport {
    fn new(runs: &[RunReport]) -> Option<Self> {
        let point =
            |run: &RunReport| Some(Point { temperature: run.temperature?, measured: run.measured()? });
        let points: Vec<Point> = runs.iter().filter_map(point).collect();
        let values = points.iter().filter(|point| matches!(point.measured, Measured::Value(_))).count();
        let line = arrhenius(&points)?;
        Some(Self {
            activation_energy: line.activation_energy,
            activation_energy_interval_95: line.activation_energy_interval_95,
            prefactor: line.ln_prefactor.map(f64::exp),
            probability: line.probability,
            values,
            limits: points.len() - values,
            line,
        })
    }
}

impl Stated {
    fn new(found: &Transport) -> Self {
        let Some(found) = &found.diffusivities else { return Self::default() };
        let values = |of: &[Option<Estimate>; 3]| of.map(|one| one.map(|one| one.value));
        let deviations = |of: &[Option<Estimate>; 3]| of.map(|one| one.map(|one| one.std_dev));
        let value = |of: Option<Estimate>| of.map(|one| one.value);
        let deviation = |of: Option<Estimate>| of.map(|one| one.std_dev);
        let interval = |of: Option<Estimate>| of.map(|one| one.interval_95);
        let single = Some(found.diffusivity);
        let (jump, haven) = (found.jump_diffusivity, found.haven_ratio);
        Self {
            diffusivity: value(single),
            diffusivity_std_dev: deviation(single),
            diffusivity_interval_95: interval(single),
            diffusivity_components: Some(values(&found.diffusivity_components)),
            diffusivity_components_std_dev: Some(deviations(&found.diffusivity_components)),
            jump_diffusivity: value(jump),
            jump_diffusivity_std_dev: deviation(jump),
            jump_diffusivity_interval_95: interval(jump),
            jump_diffusivity_components: Some(values(&found.jump_diffusivity_components)),
            jump_diffusivity_components_std_dev: Some(deviations(&found.jump_diffusivity_components)),
            haven_ratio: value(haven),
            haven_ratio_std_dev: deviation(haven),
            haven_ratio_interval_95: interval(haven),
            msd_offset: Some(found.offset),
            shortest_lag: Some(found.shortest_lag),
        }
    }
}

fn notes(followed: &Followed, found: &Transport) -> Vec<String> {
    let mut notes = Vec::new();
    if followed.crossings > 0 {
        let times = followed.crossings;
        notes.push(format!(
            "positions are wrapped into the cell: unwrapped from frame to frame, {times} times across a face"
        ));
    }
    if found.host_flows() {
        notes.push(
            "the host flows: its atoms leave their sites, so the ions do not move through a solid".to_owned(),
        );
    }
    if found.host.is_none() {
        notes.push("the motion of the host is not known".to_owned());
    }
    notes
}

/// Up to `count` of the whole numbers from 0 to below `end`, evenly spread over their logarithms.
fn spread(end: usize, count: usize) -> Vec<usize> {
    if end <= count {
        return (0..end).collect();
    }
    let most = (end - 1) as f64;
    let steps = count.saturating_sub(2).max(1) as f64;
    let mut chosen = vec![0];
    for step in 0..count.saturating_sub(1) {
        let least = chosen.last().map_or(0, |last| last + 1);
        let place = most.powf(step as f64 / steps).round() as usize;
        chosen.push(place.max(least).min(end - 1));
    }
    chosen.dedup();
    chosen
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lags_are_spread() {
        assert_eq!(spread(4, 9), [0, 1, 2, 3]);
        let chosen = spread(20_001, 200);
        assert_eq!((chosen[..4].to_vec(), chosen.last()), (vec![0, 1, 2, 3], Some(&20_000)));
        assert!(chosen.windows(2).all(|pair| pair[0] < pair[1]) && chosen.len() <= 200);
        assert_eq!(spread(100, 2), [0, 1]);
    }
}
