//! How far a long command has come: a bar on a terminal, a line every few seconds in a log.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::endpoint::memory;
use crate::text::counted;

/// Time between two lines in a log.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// What has been done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Configurations done.
    pub configurations: u64,
    /// Atoms in them.
    pub atoms: u64,
    /// Bytes of the input read.
    pub bytes: u64,
    /// Configurations that were read twice, at the end of a file and the beginning of the next, and taken once.
    pub repeated: u64,
}

/// Shows a [`Tally`] as it grows, on standard error.
pub struct Progress {
    display: Display,
    total_bytes: Option<u64>,
    begun: Instant,
}

enum Display {
    Silent,
    Bar(ProgressBar),
    Log { out: Box<dyn Write + Send>, interval: Duration, last: Instant },
}

impl Progress {
    /// Progress through an input of `total_bytes`, if that is known.
    pub fn new(total_bytes: Option<u64>, quiet: bool) -> Self {
        let begun = Instant::now();
        let display = if quiet || memory::is_hosted() {
            Display::Silent
        } else if io::stderr().is_terminal() {
            Display::Bar(bar(total_bytes))
        } else {
            Display::Log { out: Box::new(io::stderr()), interval: LOG_INTERVAL, last: begun }
        };
        Self { display, total_bytes, begun }
    }

    /// Shows the state `tally`.
    pub fn update(&mut self, tally: Tally) {
        match &mut self.display {
            Display::Silent => {}
            Display::Bar(bar) => {
                bar.set_position(tally.bytes);
                bar.set_message(counted(tally.configurations, "configuration"));
            }
            Display::Log { out, interval, last } => {
                if last.elapsed() >= *interval {
                    *last = Instant::now();
                    let line = log_line(tally, self.total_bytes, self.begun.elapsed());
                    // A log that cannot be written is no reason to stop the work.
                    let _ = writeln!(out, "{line}");
                }
            }
        }
    }

    /// Takes a bar away, so that other lines stand where they belong.
    pub fn clear(&self) {
        if let Display::Bar(bar) = &self.display {
            bar.finish_and_clear();
        }
    }

    /// Ends the display; a bar leaves one line that says what was done, beginning with `label`, and so does
    /// a log.
    pub fn finish(self, label: &str, tally: Tally, threads: usize) {
        let line = summary_line(label, tally, self.begun.elapsed(), threads);
        match self.display {
            Display::Silent => {}
            Display::Bar(bar) => {
                bar.finish_and_clear();
                let _ = writeln!(io::stderr(), "{line}");
            }
            Display::Log { mut out, .. } => {
                let _ = writeln!(out, "{line}");
            }
        }
    }
}

fn bar(total_bytes: Option<u64>) -> ProgressBar {
    let (template, bar) = match total_bytes {
        Some(bytes) => ("{wide_bar} {percent:>3}%  {msg}  {eta} left", ProgressBar::new(bytes)),
        None => ("{spinner} {msg}  {elapsed}", ProgressBar::no_length()),
    };
    on_stderr(bar, template)
}

/// A bar of this style on standard error.
pub(crate) fn on_stderr(bar: ProgressBar, template: &str) -> ProgressBar {
    bar.set_draw_target(ProgressDrawTarget::stderr());
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn log_line(tally: Tally, total_bytes: Option<u64>, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    let configurations = counted(tally.configurations, "configuration");
    let done = format!("{configurations}, {} after {seconds:.0} s", counted(tally.atoms, "atom"));
    match total_bytes {
        Some(total) if tally.bytes > 0 && total >= tally.bytes => {
            let share = tally.bytes as f64 / total as f64;
            let left = seconds * (1.0 - share) / share;
            format!("{done}: {:.0} %, about {left:.0} s left", 100.0 * share)
        }
        _ => done,
    }
}

fn summary_line(label: &str, tally: Tally, elapsed: Duration, threads: usize) -> String {
    let Tally { configurations, atoms, repeated, .. } = tally;
    let seconds = elapsed.as_secs_f64();
    let done = format!(
        "{label} {} with {} in {seconds:.2} s on {}",
        counted(configurations, "configuration"),
        counted(atoms, "atom"),
        counted(threads as u64, "thread")
    );
    let done = match atoms {
        0 => done,
        atoms => format!("{done} ({:.1} µs per atom)", 1e6 * seconds / atoms as f64),
    };
    match repeated {
        0 => done,
        1 => format!("{done}; a file starts with the last frame of the previous one, which is counted once"),
        files => {
            format!(
                "{done}; {files} files start with the last frame of the previous one, which is counted once"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(interval: Duration) -> String {
        let shared = Shared::default();
        let begun = Instant::now();
        let display = Display::Log { out: Box::new(shared.clone()), interval, last: begun };
        let mut progress = Progress { display, total_bytes: Some(1000), begun };
        for configurations in 1..=2 {
            progress.update(Tally {
                configurations,
                atoms: 10 * configurations,
                bytes: 250 * configurations,
                repeated: 0,
            });
        }
        progress.finish("evaluated", Tally { configurations: 2, atoms: 20, bytes: 500, repeated: 0 }, 1);
        let bytes = shared.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_log_gets_a_line_per_interval_and_a_summary() {
        let lines = logged(Duration::ZERO);
        assert_eq!(lines.lines().count(), 3, "{lines}");
        assert!(lines.starts_with("1 configuration, 10 atoms after 0 s: 25 %, about 0 s left\n"), "{lines}");
        assert_eq!(logged(Duration::from_secs(3600)).lines().count(), 1);
    }

    #[test]
    fn the_time_left_follows_from_the_share_of_bytes() {
        let tally = Tally { configurations: 3, atoms: 96, bytes: 200, repeated: 0 };
        let line = log_line(tally, Some(1000), Duration::from_secs(20));
        assert_eq!(line, "3 configurations, 96 atoms after 20 s: 20 %, about 80 s left");
        let line = log_line(tally, None, Duration::from_secs(20));
        assert_eq!(line, "3 configurations, 96 atoms after 20 s");
        let line = summary_line("evaluated", tally, Duration::from_secs(2), 4);
        assert_eq!(
            line,
            "evaluated 3 configurations with 96 atoms in 2.00 s on 4 threads (20833.3 µs per atom)"
        );
    }
}
