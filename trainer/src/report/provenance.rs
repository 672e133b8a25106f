//! Where a report comes from: the command, its time, its settings, and the files that were read.

use std::time::{Duration, SystemTime};

/// Where a report comes from. What is not known is missing, as the command line is inside another program.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Provenance {
    /// The command line, as a shell takes it.
    pub command: Option<String>,
    /// When it began.
    pub begun: Option<SystemTime>,
    /// How long it has run.
    pub elapsed: Option<Duration>,
    /// All settings with their defaults, as a job file in TOML holds them.
    pub settings: Option<String>,
    /// The files that were read.
    pub files: Vec<FileRecord>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct FileRecord {
    /// What the user called it.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 checksum of its contents, in hexadecimal digits, unless they are too long to be read once more.
    pub checksum: Option<String>,
}

impl Provenance {
    /// When the command began, as a date and a time in UTC.
    pub fn date(&self) -> Option<String> {
        let text = humantime::format_rfc3339_seconds(self.begun?).to_string();
        Some(text.replace('T', " ").replace('Z', " UTC"))
    }

    /// When this was written, as a date and a time in UTC.
    pub fn written(&self) -> Option<String> {
        Self { begun: Some(self.begun? + self.elapsed?), ..Self::default() }.date()
    }

    /// How long it has run, in the units that people use.
    pub fn time(&self) -> Option<String> {
        let seconds = self.elapsed?.as_secs_f64();
        let whole = seconds.round() as u64;
        Some(match seconds {
            ..10.0 => format!("{seconds:.1} s"),
            ..100.0 => format!("{whole} s"),
            ..6000.0 => format!("{} min {} s", whole / 60, whole % 60),
            _ => format!("{} h {} min", whole / 3600, whole / 60 % 60),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_and_time_are_those_of_people() {
        let of = |seconds: f64| {
            let begun = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_764_653_059));
            let elapsed = Some(Duration::from_secs_f64(seconds));
            let provenance = Provenance { begun, elapsed, ..Provenance::default() };
            (provenance.date().unwrap(), provenance.time().unwrap())
        };
        // date -u -d @1764653059
        assert_eq!(of(1.25), ("2025-12-02 05:24:19 UTC".into(), "1.2 s".into()));
        assert_eq!([16.4, 125.4, 7384.0].map(|seconds| of(seconds).1), ["16 s", "2 min 5 s", "2 h 3 min"]);
        assert_eq!((Provenance::default().date(), Provenance::default().time()), (None, None));
    }
}
