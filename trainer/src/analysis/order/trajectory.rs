//! The order of a species over the frames of a trajectory.

use std::collections::BTreeMap;
use std::f64::consts::TAU;

use mtprs_core::geometry::{Cell, Configuration, Vector3};
use mtprs_core::{Error, ErrorKind, Result};

use super::direction::{Miller, cartesian};
use super::figures::{Figures, OrderSettings, Variant, places};
use super::page::MAP;
use super::random::Baseline;
use super::report::{AxisReport, DirectionReport, SpeciesOrder, Value};
use crate::analysis::scatter::Scatter;

/// Averages of a species over frames.
#[derive(Clone, Debug)]
pub struct OrderOf {
    settings: OrderSettings,
    name: String,
    frames: u64,
    atoms: usize,
    /// Vectors of the first cell.
    axes: [Vector3; 3],
    /// Further directions in the first cell, as weights of the axes.
    directions: Vec<Vector3>,
    sums: Vec<f64>,
    squares: Vec<f64>,
    /// Frames with a number of layers along each axis, with the sum of their phases on the circle.
    layers: [BTreeMap<usize, (u64, [f64; 2])>; 3],
    maps: [Vec<f64>; 2],
    /// Weights of the axes where η is extreme: of magnitudes largest and least, signed largest and least.
    extremes: [Vector3; 4],
}

impl OrderOf {
    /// Of a species with a name, without any frame yet.
    pub fn new(settings: &OrderSettings, name: &str) -> Self {
        Self {
            settings: settings.clone(),
            name: name.to_owned(),
            frames: 0,
            atoms: 0,
            axes: [[0.0; 3]; 3],
            directions: Vec::new(),
            sums: Vec::new(),
            squares: Vec::new(),
            layers: Default::default(),
            maps: [vec![0.0; MAP.len()], vec![0.0; MAP.len()]],
            extremes: [[0.0; 3]; 4],
        }
    }

    /// The figures of a frame.
    pub fn measure(
        settings: &OrderSettings,
        species: usize,
        frame: &Configuration,
    ) -> Result<(Figures, usize)> {
        let places = places(frame, species)?;
        let directions: Vec<Vector3> =
            settings.directions.iter().map(|miller| miller.weights(&frame.cell)).collect();
        Ok((Figures::new(&places, &directions, settings), places.len()))
    }

    /// Adds the figures of the next frame, of its cell and of a number of atoms.
    pub fn add(&mut self, figures: &Figures, atoms: usize, frame: &[Vector3]) -> Result<()> {
        if self.frames == 0 {
            self.begin(figures, atoms, frame);
        }
        if atoms != self.atoms {
            let (name, expected) = (&self.name, self.atoms);
            let message = format!("there are {atoms} {name}: expected {expected} as in the first frame");
            let error = Error::new(ErrorKind::InvalidConfiguration, message);
            return Err(
                error.hint("random positions depend on the number of atoms: analyze such frames separately")
            );
        }
        self.frames += 1;
        for ((sum, square), x) in self.sums.iter_mut().zip(&mut self.squares).zip(figures.row()) {
            (*sum, *square) = (*sum + x, *square + x * x);
        }
        for (known, layers) in self.layers.iter_mut().zip(&figures.layers) {
            let (frames, phase) = known.entry(layers.count).or_default();
            let (sin, cos) = (TAU * layers.phase).sin_cos();
            (*frames, *phase) = (*frames + 1, [phase[0] + cos, phase[1] + sin]);
        }
        for (map, variant) in self.maps.iter_mut().zip([&figures.magnitudes, &figures.signed]) {
            MAP.directions().zip(map).for_each(|(p, sum)| *sum += variant.field.along(p));
        }
        Ok(())
    }

    fn begin(&mut self, figures: &Figures, atoms: usize, vectors: &[Vector3]) {
        self.atoms = atoms;
        self.axes = std::array::from_fn(|k| vectors.get(k).copied().unwrap_or_default());
        let cell = Cell::new(vectors).unwrap_or_default();
        self.directions = self.settings.directions.iter().map(|miller| miller.weights(&cell)).collect();
        self.sums = vec![0.0; figures.row().len()];
        self.squares = self.sums.clone();
        let both = |variant: &Variant| [variant.largest.direction, variant.least.direction];
        let ([a, b], [c, d]) = (both(&figures.magnitudes), both(&figures.signed));
        self.extremes = [a, b, c, d];
    }

    /// What all frames say together.
    pub fn report(mut self) -> SpeciesOrder {
        let count = self.frames as f64;
        self.maps.iter_mut().flatten().for_each(|sum| *sum /= count);
        let random = Baseline::new(self.atoms, &self.directions, &self.settings);
        let extremes = self.directions_of_extremes();
        let further = self.directions.len();
        let value = |place: usize| Value::new(self.spread(place), self.frames, random.at(place), place >= 3);
        let axes: Vec<AxisReport> =
            (0..3).map(|axis| self.axis(axis, value(axis), value(3 + axis))).collect();
        let toward = |number: usize, place: usize| self.direction(None, extremes[number], value(place));
        let asked = |place: usize| {
            let directions = self.settings.directions.iter().zip(&self.directions).enumerate();
            directions.map(|(k, (miller, p))| self.direction(Some(*miller), *p, value(place + k))).collect()
        };
        SpeciesOrder {
            species: self.name.clone(),
            atoms: self.atoms,
            amplitude_of_chance: 1.0 / (self.atoms as f64).sqrt(),
            verdict: SpeciesOrder::verdict(&axes, &value(6)),
            largest: toward(0, 6),
            least: toward(1, 7),
            directions: asked(8),
            signed_largest: toward(2, 8 + further),
            signed_least: toward(3, 9 + further),
            signed_directions: asked(10 + further),
            axes,
            map: self.maps[0].clone(),
            signed_map: self.maps[1].clone(),
        }
    }

    fn spread(&self, place: usize) -> Scatter {
        let count = self.frames as f64;
        let mean = self.sums[place] / count;
        let variance = (self.squares[place] / count - mean * mean).max(0.0);
        Scatter { mean, std_dev: (variance * count / (count - 1.0).max(1.0)).sqrt() }
    }

    /// Of one frame the exact ones, else those of the averages on the map.
    fn directions_of_extremes(&self) -> [Vector3; 4] {
        if self.frames == 1 {
            return self.extremes;
        }
        let of = |map: &[f64], sign: f64| {
            let order = |a: &(Vector3, &f64), b: &(Vector3, &f64)| (sign * a.1).total_cmp(&(sign * b.1));
            MAP.directions().zip(map).max_by(order).map_or([0.0; 3], |(p, _)| p)
        };
        let [magnitudes, signed] = &self.maps;
        [of(magnitudes, 1.0), of(magnitudes, -1.0), of(signed, 1.0), of(signed, -1.0)]
    }

    fn direction(&self, miller: Option<Miller>, p: Vector3, disorder: Value) -> DirectionReport {
        let miller = miller.map(|miller| miller.to_string());
        DirectionReport { miller, p, cartesian: cartesian(p, &self.axes), disorder }
    }

    fn axis(&self, axis: usize, amplitude: Value, disorder: Value) -> AxisReport {
        let most =
            self.layers[axis].iter().max_by_key(|(count, (frames, _))| (*frames, usize::MAX - **count));
        let (layers, (frames, [x, y])) = most.map_or((0, (0, [0.0; 2])), |(count, found)| (*count, *found));
        let share_of_frames = frames as f64 / self.frames as f64;
        let name = ['a', 'b', 'c'][axis];
        AxisReport { axis: name, layers, share_of_frames, phase: y.atan2(x) / TAU, amplitude, disorder }
    }
}
