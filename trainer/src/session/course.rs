//! The course of a fit for those who watch it: a page, a table and the events of TensorBoard, written while it goes on.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use super::event_file::EventFile;
use crate::Failure;
use crate::endpoint::Output;
use crate::figures::{History, HistoryPoint};

/// Shortest time between two writings, and the largest share of the time that they may take.
const INTERVAL: Duration = Duration::from_secs(5);
const SHARE: u32 = 20;

/// Makes a page of a history; the flag says whether the fit goes on.
type MakePage = Box<dyn Fn(&History, bool) -> String>;

/// Writes the course of a fit while it goes on.
#[derive(Default)]
pub struct Course {
    page: Option<(Rewritten, MakePage)>,
    table: Option<Rewritten>,
    events: Option<EventFile>,
    /// When it is written next; nothing before the first step.
    due: Option<Instant>,
    /// Whether something could not be written: the fit goes on without being shown until its end.
    has_failed: bool,
    /// What could not be written at the end.
    failure: Option<Failure>,
}

/// What came of writing the course.
struct Written {
    beside_page: Result<(), Failure>,
    page: Result<(), Failure>,
}

/// An output that is written more than once: what it held the first time may be there only if it may be replaced.
struct Rewritten(Output);

impl Rewritten {
    fn write(&mut self, text: &str) -> Result<(), Failure> {
        self.0.write(text)?;
        if let Output::File(file) = &mut self.0 {
            file.replaces = true;
        }
        Ok(())
    }
}

impl Course {
    /// Shows the course on a page. Standard output gets none before the end.
    pub fn on_page(mut self, output: &Output, make: impl Fn(&History, bool) -> String + 'static) -> Self {
        if let Output::File(_) = output {
            self.page = Some((Rewritten(output.clone()), Box::new(make)));
        }
        self
    }

    /// Writes the course as a table of comma-separated values.
    pub fn in_table(mut self, output: &Output) -> Self {
        self.table = Some(Rewritten(output.clone()));
        self
    }

    /// Writes the course for TensorBoard, into a file called [`super::EVENTS`].
    pub fn on_tensorboard(mut self, path: &Path) -> Result<Self, Failure> {
        self.events = Some(EventFile::create(path, SystemTime::now())?);
        Ok(self)
    }

    /// Writes what is new, if it is time to.
    pub(super) fn follow(&mut self, history: &History) {
        let due = *self.due.get_or_insert_with(|| Instant::now() + INTERVAL);
        if self.has_failed || Instant::now() < due {
            return;
        }
        let begun = Instant::now();
        let Written { beside_page, page } = self.write(history, true);
        self.due = Some(Instant::now() + INTERVAL.max(begun.elapsed() * SHARE));
        if let Err(failure) = beside_page.and(page) {
            // The training is worth more than what is told of it.
            failure.tell("the course is not written again before the end: ");
            self.has_failed = true;
        }
    }

    /// Writes all of it, since the fit is stopped.
    pub(super) fn stop(&mut self, history: &History) {
        let Written { beside_page, page } = self.write(history, false);
        if let Err(failure) = beside_page.and(page) {
            failure.tell("the course is not written: ");
        }
    }

    /// Writes all of it, since the fit is done. What cannot be written is told by [`Self::complete`], after the potential has
    /// been written.
    pub(super) fn finish(&mut self, history: &History) {
        self.failure = self.write(history, false).beside_page.err();
    }

    /// Writes the last page, if one is wanted, with more on it than the course, in the place of those before. An error tells
    /// what of the course could not be written.
    pub fn complete(self, page: Option<(&Output, &str)>) -> Result<(), Failure> {
        let page = page.map_or(Ok(()), |(output, text)| {
            self.page.map_or(Rewritten(output.clone()), |(page, _)| page).write(text)
        });
        self.failure.map_or(Ok(()), Err).and(page)
    }

    /// Writes all that can be written.
    fn write(&mut self, history: &History, is_running: bool) -> Written {
        // Standard output cannot take anything back.
        let table = self.table.as_mut().filter(|table| !is_running || table.0.file().is_some());
        let table = table.map_or(Ok(()), |table| table.write(&as_table(history)));
        let events = self.events.as_mut().map_or(Ok(()), |events| Ok(events.follow(history)?));
        let page = self.page.as_mut();
        let page = page.map_or(Ok(()), |(output, make)| output.write(&make(history, is_running)));
        Written { beside_page: table.and(events), page }
    }
}

/// The figures of a point beside its step and time, each with its name; energies and virials by number of atoms.
pub(super) fn figures(point: &HistoryPoint) -> [(&'static str, Option<f64>); 7] {
    let [energy, force, virial] = point.training.in_report_units();
    let [of_energy, of_force, of_virial] = point.validation.unwrap_or_default().in_report_units();
    [
        ("loss", Some(point.loss)),
        ("energy_rmse_meV_per_atom/training", energy),
        ("energy_rmse_meV_per_atom/validation", of_energy),
        ("force_rmse_eV_per_A/training", force),
        ("force_rmse_eV_per_A/validation", of_force),
        ("virial_rmse_meV_per_atom/training", virial),
        ("virial_rmse_meV_per_atom/validation", of_virial),
    ]
}

/// The history as comma-separated values; what was not evaluated is left open.
fn as_table(history: &History) -> String {
    let nothing = HistoryPoint {
        iteration: 0,
        seconds: 0.0,
        loss: 0.0,
        training: Default::default(),
        validation: None,
    };
    let names = figures(&nothing).map(|(name, _)| match name.split_once('/') {
        Some((figure, set)) => format!("{set}_{figure}"),
        None => name.to_owned(),
    });
    let mut text = format!("step,seconds,{}\n", names.join(","));
    for point in history {
        text += &format!("{},{:.3}", point.iteration, point.seconds);
        for (_, figure) in figures(point) {
            text += &figure.map_or(",".to_owned(), |figure| format!(",{figure:.8e}"));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::RmseFigures;

    #[test]
    fn a_table_has_a_row_for_each_point_and_leaves_open_what_is_not_known() {
        let training = RmseFigures { energy: Some(0.002), force: Some(0.25), virial: None };
        let first = HistoryPoint { iteration: 0, seconds: 0.5, loss: 2.0, training, validation: None };
        let validation = Some(RmseFigures { force: Some(0.5), ..RmseFigures::default() });
        let second = HistoryPoint { iteration: 7, validation, ..first.clone() };
        assert_eq!(
            as_table(&vec![first, second]),
            "step,seconds,loss,training_energy_rmse_meV_per_atom,validation_energy_rmse_meV_per_atom,\
             training_force_rmse_eV_per_A,validation_force_rmse_eV_per_A,training_virial_rmse_meV_per_atom,\
             validation_virial_rmse_meV_per_atom\n\
             0,0.500,2.00000000e0,2.00000000e0,,2.50000000e-1,,,\n\
             7,0.500,2.00000000e0,2.00000000e0,,2.50000000e-1,5.00000000e-1,,\n"
        );
    }
}
