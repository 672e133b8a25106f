//! How loss and errors fell during a training, by iteration and by time, on logarithmic axes.

use maud::{Markup, html};

use super::axis::Axis;
use super::frame::{Frame, note};
use super::markup::{pixel, polyline};
use crate::figures::{HistoryPoint, RmseFigures};

/// Pixels of the area.
const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 210.0;

/// Against what a curve is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Abscissa {
    /// Iterations.
    Iteration,
    /// Wall time.
    Time,
}

/// What is drawn.
pub(super) struct Curve {
    /// The quantity with its unit.
    pub(super) label: &'static str,
    /// Value for the training set, or of the loss.
    pub(super) training: fn(&HistoryPoint) -> Option<f64>,
    /// Value for the validation set.
    pub(super) validation: fn(&HistoryPoint) -> Option<f64>,
}

/// The quantities of a history in the order of the report.
pub(super) const CURVES: [Curve; 4] = [
    Curve { label: "loss", training: |point| Some(point.loss), validation: |_| None },
    Curve {
        label: "energy RMSE, meV/atom",
        training: |point| point.training.energy.map(|energy| 1000.0 * energy),
        validation: |point| of_validation(point, |figures| figures.energy.map(|energy| 1000.0 * energy)),
    },
    Curve {
        label: "force RMSE, eV/Å",
        training: |point| point.training.force,
        validation: |point| of_validation(point, |figures| figures.force),
    },
    Curve {
        label: "virial RMSE, meV/atom",
        training: |point| point.training.virial.map(|virial| 1000.0 * virial),
        validation: |point| of_validation(point, |figures| figures.virial.map(|virial| 1000.0 * virial)),
    },
];

fn of_validation(point: &HistoryPoint, figure: fn(&RmseFigures) -> Option<f64>) -> Option<f64> {
    point.validation.as_ref().and_then(figure)
}

/// The plot of one quantity; nothing where fewer than two points can be shown.
pub(super) fn render(history: &[HistoryPoint], curve: &Curve, abscissa: Abscissa) -> Option<Markup> {
    let (x_label, unit) = time_unit(history, abscissa);
    let x_of = |point: &HistoryPoint| match abscissa {
        Abscissa::Iteration => point.iteration as f64,
        Abscissa::Time => point.seconds / unit,
    };
    // What is not positive has no place on a logarithmic axis: the state before the first iteration.
    let points = |value: fn(&HistoryPoint) -> Option<f64>| -> Vec<[f64; 2]> {
        let pairs = history.iter().filter_map(|point| Some([x_of(point), value(point)?]));
        pairs.filter(|pair| pair.iter().all(|x| *x > 0.0 && x.is_finite())).collect()
    };
    let (training, validation) = (points(curve.training), points(curve.validation));
    if training.len().max(validation.len()) < 2 {
        return None;
    }
    let values = |k: usize| training.iter().chain(&validation).map(move |pair| pair[k]);
    let frame = Frame {
        description: format!("{} against {x_label}", curve.label),
        x: Axis::around(values(0), [0.0, 1.0], WIDTH),
        y: Axis::around(values(1), [0.06, 1.02], HEIGHT).upright(),
        x_label,
        y_label: curve.label.into(),
    };
    Some(frame.render(&html! {
        (line(&frame, &training, "training"))
        @if !validation.is_empty() { (line(&frame, &validation, "validation")) (legend()) }
    }))
}

fn time_unit(history: &[HistoryPoint], abscissa: Abscissa) -> (String, f64) {
    let seconds = history.last().map_or(0.0, |point| point.seconds);
    match abscissa {
        Abscissa::Iteration => ("iteration".into(), 1.0),
        Abscissa::Time if seconds < 600.0 => ("wall time, s".into(), 1.0),
        Abscissa::Time if seconds < 36_000.0 => ("wall time, min".into(), 60.0),
        Abscissa::Time => ("wall time, h".into(), 3600.0),
    }
}

/// A curve through the points; of many on one column of pixels first, least, largest and last are enough.
fn line(frame: &Frame, points: &[[f64; 2]], class: &str) -> Markup {
    let mut columns: Vec<(i64, Vec<[f64; 2]>)> = Vec::new();
    for pair in points {
        let place = [frame.x.at(pair[0]), frame.down(pair[1])];
        let column = (2.0 * place[0]).round() as i64;
        match columns.last_mut() {
            Some((last, places)) if *last == column => thin(places, place),
            _ => columns.push((column, vec![place])),
        }
    }
    let path = polyline(columns.into_iter().flat_map(|(_, places)| places));
    html! { path class={ "curve " (class) } d=(path) {} }
}

/// Adds a place to a column and keeps of it the first, the last, and what lies highest and lowest.
fn thin(places: &mut Vec<[f64; 2]>, place: [f64; 2]) {
    places.push(place);
    if places.len() > 4 {
        let inner = 1..places.len() - 1;
        let by_height = |&a: &usize, &b: &usize| places[a][1].total_cmp(&places[b][1]);
        let highest = inner.clone().min_by(by_height);
        let lowest = inner.max_by(by_height);
        let mut number = 0;
        let last = places.len() - 1;
        places.retain(|_| {
            let keep = number == 0 || number == last || Some(number) == highest || Some(number) == lowest;
            number += 1;
            keep
        });
    }
}

fn legend() -> Markup {
    html! {
        @for (number, class) in ["training", "validation"].into_iter().enumerate() {
            @let y = 20.0 + 17.0 * number as f64;
            path class={ "curve " (class) } d={ "M" (pixel(WIDTH - 105.0)) " " (pixel(y - 4.0)) "h22" } {}
            (note(WIDTH - 76.0, y, "start", &[class.into()]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(points: u64) -> Vec<HistoryPoint> {
        let point = |iteration: u64| {
            let loss = 100.0 / (1.0 + iteration as f64);
            let figures = RmseFigures { energy: Some(loss), force: Some(loss), virial: None };
            HistoryPoint {
                iteration,
                seconds: 0.1 * iteration as f64,
                loss,
                training: figures,
                validation: None,
            }
        };
        (0..points).map(point).collect()
    }

    #[test]
    fn a_long_history_makes_no_long_curve() {
        let (long, short) = (history(200_000), history(2000));
        for abscissa in [Abscissa::Iteration, Abscissa::Time] {
            let length = |history: &[HistoryPoint]| render(history, &CURVES[0], abscissa).unwrap().0.len();
            assert!(length(&long) < 2 * length(&short), "{} {}", length(&long), length(&short));
            assert!(length(&long) < 60_000);
        }
    }

    #[test]
    fn what_cannot_be_shown_is_left_out() {
        assert!(render(&history(10), &CURVES[3], Abscissa::Time).is_none());
        assert!(render(&history(2), &CURVES[0], Abscissa::Time).is_none());
        let mut broken = history(10);
        broken[5].loss = f64::NAN;
        let svg = render(&broken, &CURVES[0], Abscissa::Iteration).unwrap().0;
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}
