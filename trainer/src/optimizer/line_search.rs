//! A step length at which a function falls enough and its slope has become small (strong Wolfe conditions).
//!
//! Bracketing and cubic interpolation as in J. Nocedal and S. J. Wright, Numerical Optimization (2006), algorithms 3.5
//! and 3.6.

/// Share of the decrease that the slope promises.
const SUFFICIENT_DECREASE: f64 = 1e-4;
/// Share of the slope that may be left.
const CURVATURE: f64 = 0.9;
/// Most function values that one search may take.
const MOST_TRIALS: usize = 25;

/// Value and slope of the function at some step length.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// Step length.
    pub length: f64,
    /// Value; infinite where there is none.
    pub value: f64,
    /// Derivative by the step length.
    pub slope: f64,
}

/// Finds a step length, beginning with `first`; `function` evaluates one. The point that is returned was the last one
/// evaluated; `None` if no decrease can be found.
pub fn search<E>(
    start: Point,
    first: f64,
    mut function: impl FnMut(f64) -> Result<Point, E>,
) -> Result<Option<Point>, E> {
    let enough =
        |point: &Point| point.value <= start.value + SUFFICIENT_DECREASE * point.length * start.slope;
    let flat = |point: &Point| point.slope.abs() <= -CURVATURE * start.slope;
    let (mut low, mut high) = (start, None::<Point>);
    let mut length = first;
    for _ in 0..MOST_TRIALS {
        let point = function(length)?;
        if !point.value.is_finite() || !enough(&point) || (low.length > 0.0 && point.value >= low.value) {
            high = Some(point);
        } else if flat(&point) {
            return Ok(Some(point));
        } else {
            if point.slope * (high.map_or(f64::INFINITY, |high| high.length) - low.length) >= 0.0 {
                high = Some(low);
            }
            low = point;
        }
        length = match high {
            None => 4.0 * low.length,
            Some(high) => between(low, high),
        };
        let shrunk =
            high.is_some_and(|high| (high.length - low.length).abs() < 1e-12 * first.max(low.length));
        if shrunk {
            break;
        }
    }
    // Rounding hides the slope near a minimum: any decrease will do.
    if low.length > 0.0 { function(low.length).map(Some) } else { Ok(None) }
}

/// The minimum of the cubic through both points, kept away from their ends.
fn between(low: Point, high: Point) -> f64 {
    let span = high.length - low.length;
    if !high.value.is_finite() {
        return low.length + 0.1 * span;
    }
    let a = low.slope + high.slope - 3.0 * (low.value - high.value) / (low.length - high.length);
    let discriminant = a * a - low.slope * high.slope;
    let cubic = if discriminant >= 0.0 {
        let b = discriminant.sqrt().copysign(span);
        high.length - span * (high.slope + b - a) / (high.slope - low.slope + 2.0 * b)
    } else {
        f64::NAN
    };
    let share = (cubic - low.length) / span;
    low.length + span * if share.is_finite() { share.clamp(0.1, 0.9) } else { 0.5 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(function: impl Fn(f64) -> (f64, f64), first: f64) -> Point {
        let at = |length: f64| {
            let (value, slope) = function(length);
            Ok::<_, ()>(Point { length, value, slope })
        };
        search(at(0.0).unwrap(), first, at).unwrap().unwrap()
    }

    #[test]
    fn wolfe_conditions_hold_from_any_first_step() {
        let functions: [fn(f64) -> (f64, f64); 3] = [
            |x| ((x - 3.0) * (x - 3.0), 2.0 * (x - 3.0)),
            |x| (-x / (x * x + 2.0), (x * x - 2.0) / ((x * x + 2.0) * (x * x + 2.0))),
            |x| (x.powi(4) - 2.0 * x, 4.0 * x.powi(3) - 2.0),
        ];
        for function in functions {
            let (value, slope) = function(0.0);
            for first in [1e-6, 0.1, 1.0, 30.0, 1e5] {
                let point = found(function, first);
                assert!(point.value <= value + 1e-4 * point.length * slope, "{point:?}");
                assert!(point.slope.abs() <= -0.9 * slope, "{point:?}");
            }
        }
    }

    #[test]
    fn infinite_values_are_walked_around() {
        let wall = |x: f64| if x < 0.5 { (-x, -1.0) } else { (f64::INFINITY, f64::NAN) };
        let at = |length: f64| {
            let (value, slope) = wall(length);
            Ok::<_, ()>(Point { length, value, slope })
        };
        let point = search(at(0.0).unwrap(), 1.0, at).unwrap().unwrap();
        assert!(point.value < -0.1, "{point:?}");
    }

    #[test]
    fn a_function_that_only_rises_has_no_step() {
        let at = |length: f64| Ok::<_, ()>(Point { length, value: length, slope: -1.0 });
        assert!(search(at(0.0).unwrap(), 1.0, at).unwrap().is_none());
    }
}
