//! The times of frames: those that files give, or the numbers of their steps of MD times the length of a step.

use mtprs_core::{Error, ErrorKind, Result};

use crate::text::general;

/// How far the length of a step may be from the one that the times of a file mean, as a part of it.
const TOLERANCE: f64 = 1e-3;

/// What a frame says of its time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stamp<'a> {
    /// Time, ps.
    pub time: Option<f64>,
    /// Number of the step of MD.
    pub step: Option<&'a str>,
    /// Number of the file that it stands in.
    pub file: usize,
    /// Its number in the file from one, frames that are not taken included.
    pub number: u64,
}

/// Tells the times of the frames of a trajectory one after the other.
#[derive(Clone, Debug)]
pub struct Clock {
    timestep: Option<f64>,
    last: Option<Moment>,
    /// Time from one frame to the next, ps.
    interval: f64,
    /// What is added to the times of a file that counts anew, ps.
    offset: f64,
    notes: Vec<String>,
}

/// A frame that has been met.
#[derive(Clone, Copy, Debug)]
struct Moment {
    /// Number of its file.
    file: usize,
    /// Time as the file counts, ps.
    raw: f64,
    /// Time of the trajectory, ps.
    time: f64,
    step: Option<i64>,
}

impl Clock {
    /// With the length of a step of MD, ps, if it is known.
    pub fn new(timestep: Option<f64>) -> Self {
        Self { timestep, last: None, interval: 0.0, offset: 0.0, notes: Vec::new() }
    }

    /// What a user should know of the times.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The time of the next frame, ps; none if it is the last frame of the file before, once more.
    pub fn time(&mut self, stamp: Stamp<'_>) -> Result<Option<f64>> {
        let step = stamp.step.map(whole).transpose()?;
        let raw = self.raw(&stamp, step)?;
        let mut now = Moment { file: stamp.file, raw, time: raw + self.offset, step };
        if let Some(before) = self.last {
            if stamp.time.is_some() && now.file == before.file {
                self.check_timestep(before, now)?;
            }
            if now.file != before.file && !self.joins(before, &mut now)? {
                self.last = Some(Moment { time: before.time, ..now });
                return Ok(None);
            }
            if now.time <= before.time {
                return Err(unsorted(before, now));
            }
            self.interval = now.time - before.time;
        }
        self.last = Some(now);
        Ok(Some(now.time))
    }

    fn raw(&mut self, stamp: &Stamp<'_>, step: Option<i64>) -> Result<f64> {
        let Some(timestep) = self.timestep.filter(|_| stamp.time.is_none()) else {
            return stamp.time.ok_or_else(|| {
                Error::new(ErrorKind::InvalidConfiguration, "the frame has no time")
                    .hint("give the MD time step in ps: --timestep 0.002")
            });
        };
        if step.is_none() && self.last.is_none() {
            self.notes.push(format!("frames have no step numbers: each counts as one step of {timestep} ps"));
        }
        Ok(step.map_or(stamp.number as f64, |step| step as f64) * timestep)
    }

    /// Refuses a length of a step that is not the one of the file.
    fn check_timestep(&self, before: Moment, now: Moment) -> Result<()> {
        let (Some(given), Some(from), Some(to)) = (self.timestep, before.step, now.step) else {
            return Ok(());
        };
        let (time, steps) = (now.raw - before.raw, (to - from) as f64);
        if (time - steps * given).abs() <= TOLERANCE * time.abs() {
            return Ok(());
        }
        let message =
            format!("the file says {time:.6} ps for {steps} steps, which --timestep {given} contradicts");
        Err(Error::new(ErrorKind::Argument, message).hint("leave out --timestep for files with times"))
    }

    /// Goes on with the first frame of another file; whether it is not the last one once more.
    fn joins(&mut self, before: Moment, now: &mut Moment) -> Result<bool> {
        let slack = 1e-6 * self.interval;
        if (now.time - before.time).abs() <= slack {
            self.notes.push("a file starts with the last frame of the previous one: counted once".to_owned());
            return Ok(false);
        }
        if now.time > before.time {
            return Ok(true);
        }
        if now.raw <= 0.0 || now.raw > self.interval + slack {
            return Err(unsorted(before, *now).hint("consecutive files must have continuous step numbers"));
        }
        self.offset = before.time + self.interval - now.raw;
        now.time = now.raw + self.offset;
        self.notes.push(
            "a file restarts its step numbers: assumed to continue where the previous one ends".to_owned(),
        );
        Ok(true)
    }
}

fn whole(word: &str) -> Result<i64> {
    word.parse().map_err(|_| {
        let message = format!("expected a step number, got {word}");
        Error::new(ErrorKind::InvalidConfiguration, message)
    })
}

fn unsorted(before: Moment, now: Moment) -> Error {
    let name = |moment: Moment| {
        let time = general(moment.raw, 9);
        moment.step.map_or_else(|| format!("{time} ps"), |step| format!("step {step} ({time} ps)"))
    };
    let message = format!("{} comes after {}: expected frames in the order of time", name(now), name(before));
    Error::new(ErrorKind::InvalidConfiguration, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times of frames with numbers of files and steps.
    fn times(
        timestep: Option<f64>,
        frames: &[(usize, Option<f64>, Option<&'static str>)],
    ) -> Result<Vec<Option<f64>>> {
        let mut clock = Clock::new(timestep);
        let mut number = 0;
        let mut last = 0;
        let stamp = |(file, time, step): &(usize, Option<f64>, Option<&'static str>)| {
            number = if *file == last { number + 1 } else { 1 };
            last = *file;
            clock.time(Stamp { time: *time, step: *step, file: *file, number })
        };
        frames.iter().map(stamp).collect()
    }

    fn message(result: Result<impl std::fmt::Debug>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn times_are_those_of_the_file_or_of_steps() {
        let of_file = times(None, &[(0, Some(2.0), Some("1000")), (0, Some(2.1), Some("1050"))]).unwrap();
        assert_eq!(of_file, [Some(2.0), Some(2.1)]);
        let of_steps = times(Some(0.5), &[(0, None, Some("4")), (0, None, Some("8"))]).unwrap();
        assert_eq!(of_steps, [Some(2.0), Some(4.0)]);
        let unnumbered = [(0, None, None), (0, None, None), (1, None, None)];
        assert_eq!(times(Some(0.5), &unnumbered).unwrap(), [Some(0.5), Some(1.0), Some(1.5)]);
        assert!(message(times(None, &[(0, None, Some("4"))])).contains("--timestep"));
        assert!(message(times(Some(1.0), &[(0, None, Some("4.5"))])).contains("got 4.5"));
    }

    #[test]
    fn a_step_of_another_length_is_refused() {
        let frames = [(0, Some(2.0), Some("1000")), (0, Some(2.1), Some("1050"))];
        assert!(times(Some(0.002), &frames).is_ok());
        let found = message(times(Some(0.001), &frames));
        assert!(
            found.starts_with("the file says 0.100000 ps for 50 steps, which --timestep 0.001"),
            "{found}"
        );
    }

    /// Every fourth frame, of two files with ten each.
    #[test]
    fn frames_that_are_not_taken_count() {
        let mut clock = Clock::new(Some(0.1));
        let mut time =
            |file: usize, number: u64| clock.time(Stamp { time: None, step: None, file, number }).unwrap();
        let times =
            [(0, 1), (0, 5), (0, 9), (1, 3), (1, 7)].map(|(file, number)| time(file, number).unwrap());
        let expected = [0.1, 0.5, 0.9, 1.3, 1.7];
        assert!(times.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{times:?}");
    }

    #[test]
    fn files_follow_each_other() {
        let frames =
            [(0, None, Some("0")), (0, None, Some("10")), (1, None, Some("10")), (1, None, Some("20"))];
        assert_eq!(times(Some(1.0), &frames).unwrap(), [Some(0.0), Some(10.0), None, Some(20.0)]);
        let anew = [(0, None, Some("1")), (0, None, Some("2")), (1, None, Some("1")), (1, None, Some("2"))];
        assert_eq!(times(Some(1.0), &anew).unwrap(), [Some(1.0), Some(2.0), Some(3.0), Some(4.0)]);
        let before = [(0, None, Some("50")), (0, None, Some("60")), (1, None, Some("20"))];
        assert!(
            message(times(Some(1.0), &before)).starts_with("step 20 (20 ps) comes after step 60 (60 ps)")
        );
    }

    #[test]
    fn frames_out_of_order_are_refused() {
        let found = message(times(Some(1.0), &[(0, None, Some("7")), (0, None, Some("7"))]));
        assert!(found.starts_with("step 7 (7 ps) comes after step 7"), "{found}");
    }
}
