//! What is said of the order of structures: each figure with its spread over frames, beside random positions, and in words.

use mtprs_core::geometry::Vector3;
use serde::Serialize;

use super::figures::OrderSettings;
use crate::analysis::crystal::CrystalReport;
use crate::analysis::scatter::Scatter;

/// Standard deviations of random arrangements within which a figure is one of theirs, and beyond which it is none.
const CHANCE: f64 = 2.0;
const BEYOND: f64 = 3.0;

/// Directional disorder of structures.
#[derive(Clone, Debug, Serialize)]
pub struct OrderReport {
    /// Program and version.
    pub program: &'static str,
    /// What was asked for.
    #[serde(flatten)]
    pub settings: OrderSettings,
    /// The structures, or the averages of trajectories.
    pub structures: Vec<StructureOrder>,
}

/// Order of a structure, or of a trajectory on average.
#[derive(Clone, Debug, Serialize)]
pub struct StructureOrder {
    /// What it is called.
    pub label: String,
    /// Its files.
    pub files: Vec<String>,
    /// Frames that were taken.
    pub frames: u64,
    /// The species that were asked for.
    pub species: Vec<SpeciesOrder>,
    /// How far it is from a crystal, if one was given.
    pub crystal: Option<CrystalReport>,
}

/// Order of a species.
#[derive(Clone, Debug, Serialize)]
pub struct SpeciesOrder {
    /// Its name.
    pub species: String,
    /// Its atoms.
    pub atoms: usize,
    /// 1/√N, what |F| of a number of layers that is not chosen has in the root mean square of random positions.
    pub amplitude_of_chance: f64,
    /// Along a, b, c.
    pub axes: Vec<AxisReport>,
    /// Over the sphere, of |δ|.
    pub largest: DirectionReport,
    /// Over the sphere, of |δ|.
    pub least: DirectionReport,
    /// Over the sphere, of δ with its sign.
    pub signed_largest: DirectionReport,
    /// Over the sphere, of δ with its sign.
    pub signed_least: DirectionReport,
    /// Along the directions that were asked for.
    pub directions: Vec<DirectionReport>,
    /// The same of δ with its sign.
    pub signed_directions: Vec<DirectionReport>,
    /// How far from random it is.
    pub verdict: String,
    /// η on the map of the page.
    #[serde(skip)]
    pub(super) map: Vec<f64>,
    /// The same of δ with its sign.
    #[serde(skip)]
    pub(super) signed_map: Vec<f64>,
}

/// Layers and disorder along an axis.
#[derive(Clone, Debug, Serialize)]
pub struct AxisReport {
    /// a, b or c.
    pub axis: char,
    /// Layers in the cell, as most frames have them.
    pub layers: usize,
    /// Share of the frames that have this number.
    pub share_of_frames: f64,
    /// Place of a layer, in spacings from the origin, in these frames.
    pub phase: f64,
    /// |F| of the number of layers.
    pub amplitude: Value,
    /// Mean distance from the nearest layer, in spacings.
    pub disorder: Value,
}

/// Disorder along a direction.
#[derive(Clone, Debug, Serialize)]
pub struct DirectionReport {
    /// As it was asked for.
    pub miller: Option<String>,
    /// Weights of the axes.
    pub p: Vector3,
    /// The unit vector, Cartesian.
    pub cartesian: Vector3,
    /// The disorder.
    pub disorder: Value,
}

/// A figure, on average over the frames.
#[derive(Clone, Debug, Serialize)]
pub struct Value {
    /// The average.
    pub value: f64,
    /// Standard deviation over the frames, of more than one.
    pub std_dev: Option<f64>,
    /// The figure of random positions.
    pub random: Scatter,
    /// Standard deviations of random positions by which it lies above their mean.
    pub deviations: Option<f64>,
    /// The same in words.
    pub verdict: String,
}

impl Value {
    /// A figure that order makes small, or large.
    pub(super) fn new(over_frames: Scatter, frames: u64, random: Scatter, is_small_with_order: bool) -> Self {
        let value = over_frames.mean;
        let deviations = random.deviations(value);
        let std_dev = (frames > 1).then_some(over_frames.std_dev);
        Self { value, std_dev, random, deviations, verdict: words(deviations, is_small_with_order) }
    }
}

fn words(deviations: Option<f64>, is_small_with_order: bool) -> String {
    let Some(deviations) = deviations else { return "the same in every arrangement".into() };
    let ordered = if is_small_with_order { -deviations } else { deviations };
    let side = if deviations < 0.0 { "below" } else { "above" };
    let meaning = match ordered {
        x if x.abs() < CHANCE => return format!("as random ({deviations:+.1} σ)"),
        x if x >= BEYOND => "ordered",
        x if x > 0.0 => "perhaps ordered",
        _ => "less ordered than random",
    };
    format!("{:.1} σ {side} random: {meaning}", deviations.abs())
}

impl SpeciesOrder {
    /// The verdict on all of it: of the largest disorder, and of the layers.
    pub(super) fn verdict(axes: &[AxisReport], largest: &Value) -> String {
        let is_layered = |axis: &&AxisReport| axis.amplitude.deviations.is_some_and(|z| z >= BEYOND);
        let layered: Vec<String> = axes.iter().filter(is_layered).map(|axis| axis.axis.to_string()).collect();
        let layers = match layered.as_slice() {
            [] => "no significant layering along any axis".to_owned(),
            [axis] => format!("significant layering along {axis}"),
            axes => format!("significant layering along {}", axes.join(", ")),
        };
        match largest.deviations {
            None => "too few atoms to distinguish order from chance".to_owned(),
            Some(z) if z <= -BEYOND => format!("ordered: {:.1} σ below random; {layers}", -z),
            Some(z) if z <= -CHANCE => format!("perhaps ordered: {:.1} σ below random; {layers}", -z),
            Some(z) => format!("not distinguishable from random ({z:+.1} σ); {layers}"),
        }
    }
}
