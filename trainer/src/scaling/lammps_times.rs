//! What LAMMPS says at the end of a run about the time it took: the breakdown by task, atoms, ghosts and neighbor lists.

use mtprs_core::{Error, ErrorKind, Result};
use serde::Serialize;

/// The last run of a log; times and counts are means over the ranks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct LammpsTimes {
    /// Ranks.
    pub ranks: f64,
    /// Steps.
    pub steps: f64,
    /// Atoms of all ranks.
    pub atoms: f64,
    /// Seconds of the whole run.
    pub seconds: f64,
    /// Seconds in the pair style, in neighbor lists, in communication, in fixes, and in what is left.
    pub tasks: [f64; 5],
    /// Atoms that a rank owns.
    pub own: f64,
    /// Ghosts of a rank.
    pub ghosts: f64,
    /// Entries of the neighbor lists of a rank.
    pub listed: f64,
    /// Neighbor lists that were made in the run.
    pub builds: f64,
}

/// The tasks in the order of [`LammpsTimes::tasks`].
const TASKS: [&str; 5] = ["Pair", "Neigh", "Comm", "Modify", "Other"];

impl LammpsTimes {
    /// Reads the text of a log (or of what LAMMPS printed) called `name`.
    pub fn from_log(text: &str, name: &str) -> Result<Self> {
        let mut last = None;
        for (number, line) in text.lines().enumerate() {
            if let Some(found) = loop_time(line) {
                last = Some((found, number + 1));
            }
        }
        let Some((mut times, line)) = last else {
            let error =
                Error::new(ErrorKind::Syntax, "expected a line that starts with Loop time of").in_file(name);
            return Err(error.hint("the log of a completed LAMMPS run has one"));
        };
        let (mut tasks, mut counts) = ([None; 5], [None; 4]);
        for line in text.lines().skip(line) {
            for (task, place) in TASKS.iter().zip(&mut tasks) {
                if let Some(columns) =
                    line.strip_prefix(task).map(str::trim_start).filter(|rest| rest.starts_with('|'))
                {
                    *place = columns.split('|').nth(2).and_then(|word| word.trim().parse().ok());
                }
            }
            let beginnings = ["Nlocal:", "Nghost:", "FullNghs:", "Neighbor list builds ="];
            for (beginning, place) in beginnings.iter().zip(&mut counts) {
                if let Some(rest) = line.strip_prefix(beginning) {
                    *place = rest.split_whitespace().next().and_then(|word| word.parse().ok());
                }
            }
        }
        let missing = |what: &str| {
            let message = format!("expected {what} after the last Loop time");
            Error::new(ErrorKind::Syntax, message)
                .in_file(name)
                .hint("a log with `run ... post no` has no breakdown")
        };
        for (k, task) in TASKS.iter().enumerate() {
            times.tasks[k] = tasks[k].ok_or_else(|| missing(&format!("the time of {task}")))?;
        }
        times.own = counts[0].ok_or_else(|| missing("Nlocal"))?;
        times.ghosts = counts[1].ok_or_else(|| missing("Nghost"))?;
        times.listed = counts[2].ok_or_else(|| missing("FullNghs"))?;
        times.builds = counts[3].ok_or_else(|| missing("Neighbor list builds"))?;
        Ok(times)
    }

    /// Steps from one neighbor list to the next, if there was more than the first.
    pub fn rebuild_every(&self) -> Option<f64> {
        (self.builds > 0.0).then(|| self.steps / self.builds)
    }
}

/// `Loop time of SECONDS on RANKS procs for STEPS steps with ATOMS atoms`.
fn loop_time(line: &str) -> Option<LammpsTimes> {
    let words: Vec<&str> = line.strip_prefix("Loop time of ")?.split_whitespace().collect();
    let number = |index: usize| words.get(index)?.parse::<f64>().ok();
    let times = LammpsTimes {
        seconds: number(0)?,
        ranks: number(2)?,
        steps: number(5)?,
        atoms: number(8)?,
        ..LammpsTimes::default()
    };
    (times.steps > 0.0 && times.atoms > 0.0).then_some(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
Loop time of 0.10786 on 1 procs for 100 steps with 768 atoms

MPI task timing breakdown:
Section |  min time  |  avg time  |  max time  |%varavg| %total
---------------------------------------------------------------
Pair    | 0.097399   | 0.097399   | 0.097399   |   0.0 | 90.30
Neigh   | 0.0086705  | 0.0086705  | 0.0086705  |   0.0 |  8.04
Comm    | 0.00083581 | 0.00083581 | 0.00083581 |   0.0 |  0.77
Output  | 0.00011721 | 0.00011721 | 0.00011721 |   0.0 |  0.11
Modify  | 0.00042736 | 0.00042736 | 0.00042736 |   0.0 |  0.40
Other   |            | 0.0004109  |            |       |  0.38

Nlocal:            768 ave         768 max         768 min
Nghost:           2377 ave        2377 max        2377 min
FullNghs:        61820 ave       61820 max       61820 min
Total # of neighbors = 61820
Neighbor list builds = 5
";

    #[test]
    fn the_last_run_of_a_log_is_read() {
        let text = format!("{}{LOG}", LOG.replace("0.097399", "7.0").replace("= 5", "= 99"));
        let times = LammpsTimes::from_log(&text, "log").unwrap();
        assert_eq!((times.ranks, times.steps, times.atoms, times.seconds), (1.0, 100.0, 768.0, 0.10786));
        assert_eq!(times.tasks, [0.097_399, 0.008_670_5, 0.000_835_81, 0.000_427_36, 0.000_410_9]);
        assert_eq!((times.own, times.ghosts, times.listed, times.builds), (768.0, 2377.0, 61820.0, 5.0));
        assert_eq!(times.rebuild_every(), Some(20.0));
    }

    #[test]
    fn what_is_missing_is_named() {
        let message = LammpsTimes::from_log("LAMMPS\n", "log.a").unwrap_err().to_string();
        assert!(message.starts_with("log.a: expected a line that starts with Loop time of"), "{message}");
        let message = LammpsTimes::from_log(&LOG.replace("Nghost", "N"), "log.a").unwrap_err().to_string();
        assert!(message.starts_with("log.a: expected Nghost after the last Loop time"), "{message}");
    }
}
