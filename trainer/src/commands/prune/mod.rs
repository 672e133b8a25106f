//! `mtprs prune`: a path from a trained potential to ever cheaper ones.

mod fits;

use std::time::Instant;

use mtprs_core::format::save_potential;
use mtprs_core::potential::Potential;
use mtprs_core::{Error, ErrorKind};

use super::provenance;
use crate::Failure;
use crate::cli::usage_error;
use crate::endpoint::{Output, load_potential, print, say};
use crate::job::PruneJob;
use crate::processes::Interrupt;
use crate::pruning::cost::Sizes;
use crate::pruning::folder::{Change, Extent, JSON, PAGE, Point, Study, potential_of};
use crate::pruning::page;
use crate::pruning::report::{PruneReport, Row};
use crate::text::{PROGRAM, counted, general};
use crate::tuning::cost::{self, Sample};
use fits::{Fits, Refit};

/// Share of its cutoff below which a potential is not cut unless the user says so.
const SHORTEST_CUTOFF: f64 = 0.5;
/// The same for the range of its radial functions.
const SHORTEST_RANGE: f64 = 0.25;

pub(super) fn run(job: &PruneJob, interrupt: Interrupt) -> Result<(), Failure> {
    let outcome = Path::begin(job, &interrupt).and_then(|mut path| {
        path.run()?;
        path.report()
    });
    outcome.map_err(|failure| failure.kept_in(&job.folder))
}

/// A path as it grows.
struct Path<'a> {
    job: &'a PruneJob,
    fits: Fits<'a>,
    sample: Sample,
    study: Study,
    /// The last point.
    last: Potential,
    /// Keeps others out of the folder.
    _lock: std::fs::File,
}

impl<'a> Path<'a> {
    /// Reads the data, refuses what cannot be pruned, and opens the folder.
    fn begin(job: &'a PruneJob, interrupt: &'a Interrupt) -> Result<Self, Failure> {
        let (fits, given) = Fits::begin(job, interrupt)?;
        let sample = Sample::read(&fits.sources, fits.atoms)?;
        let cutoff = given.cutoff();
        let least = given.radial_basis().min_dist();
        let shortest = (SHORTEST_CUTOFF * cutoff).max(least + SHORTEST_RANGE * (cutoff - least));
        let min_cutoff = job.min_cutoff.unwrap_or(shortest);
        if min_cutoff > cutoff || min_cutoff <= least {
            let message = format!(
                "--min-cutoff: expected more than min_dist ({} Å) and at most the cutoff of the potential ({} Å), got {min_cutoff}",
                general(least, 6),
                general(cutoff, 6)
            );
            return Err(usage_error(message).into());
        }
        let extent =
            Extent { count: job.points, until: job.until, min_cutoff, steps: job.task.settings.fit.steps };
        let study = Study::new(fits.identity.clone(), extent);
        let (study, lock) = study.begin(&job.folder, job.resume, job.force)?;
        let mut last = given;
        for (number, point) in study.points.iter().enumerate() {
            last = kept(&potential_of(&job.folder, number), point)?;
        }
        Ok(Self { job, fits, sample, study, last, _lock: lock })
    }

    /// Point after point, until all are there or nothing more can be removed.
    fn run(&mut self) -> Result<(), Failure> {
        if self.study.points.is_empty() {
            let started = Instant::now();
            let sets = self.fits.sets(&self.last)?;
            let refit = self.fits.as_it_is(self.last.clone(), &sets)?;
            self.add(Change::None, refit, started)?;
        }
        let begun = Instant::now();
        let (first, goes_on_from) = (self.study.points[0].counted_microseconds, self.study.points.len());
        while self.study.points.len() <= self.study.extent.count {
            let (number, started) = (self.study.points.len(), Instant::now());
            // Equal shares of what is left: a point may have saved more than its own.
            let last = self.study.points[number - 1].counted_microseconds;
            let share = (first * self.study.extent.until / last)
                .powf(1.0 / (self.study.extent.count + 1 - number) as f64);
            if share >= 1.0 {
                self.say(&format!("point {} already costs less than --until", number - 1));
                break;
            }
            let Some((change, refit)) = self.next(last * share)? else {
                self.say(&format!("no cheaper potential has the cost of point {number}"));
                break;
            };
            self.add(change, refit, started)?;
            let done = (self.study.points.len() - goes_on_from) as f64;
            let left = (self.study.extent.count + 1 - self.study.points.len()) as f64;
            let seconds = begun.elapsed().as_secs_f64() * left / done;
            if seconds >= 1.0 {
                self.say(&format!("about {seconds:.0} s left"));
            }
        }
        Ok(())
    }

    /// The better of two ways to a cost: fewer functions, or a shorter cutoff.
    fn next(&self, target: f64) -> Result<Option<(Change, Refit)>, Failure> {
        let neighbors = self.study.points.last().map_or(0.0, |point| point.neighbors);
        let mut ways = Vec::new();
        {
            // The neighbors of one way are gone before those of the other are looked for.
            let sets = self.fits.sets(&self.last)?;
            let fewer = self.fits.with_fewer_functions(&self.last, &sets, neighbors, target)?;
            let fewer = fewer.filter(|fewer| Sizes::of(fewer, neighbors).microseconds() <= target);
            if let Some(fewer) = fewer {
                ways.push((Change::Functions, self.fits.refit(&fewer, &sets)?));
            }
        }
        if let Some(cutoff) = self.shorter_cutoff(target)? {
            let shorter = crate::pruning::radial::with_cutoff(&self.last, cutoff)?;
            let sets = self.fits.sets(&shorter)?;
            ways.push((Change::Cutoff, self.fits.refit(&shorter, &sets)?));
        }
        let best = ways.into_iter().min_by(|a, b| a.1.loss.total_cmp(&b.1.loss));
        Ok(best.filter(|(_, refit)| refit.loss.is_finite()))
    }

    /// The longest cutoff with which the last point has this cost, in steps of 0.01 Å, if it may be so short.
    fn shorter_cutoff(&self, target: f64) -> Result<Option<f64>, Error> {
        let cost = |cutoff: f64| -> Result<f64, Error> {
            Ok(Sizes::of(&self.last, self.sample.neighbors(cutoff)?).microseconds())
        };
        // Pair terms end within the cutoff.
        let least = self
            .last
            .pair_terms()
            .iter()
            .map(|term| term.cutoff())
            .fold(self.study.extent.min_cutoff, f64::max);
        let [mut low, mut high] = [least, self.last.cutoff()].map(|cutoff| (100.0 * cutoff).ceil() as i64);
        let of = |steps: i64| steps as f64 / 100.0;
        if low >= high || cost(of(low))? > target {
            return Ok(None);
        }
        while high - low > 1 {
            let middle = (low + high) / 2;
            if cost(of(middle))? <= target {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(Some(of(low)))
    }

    /// Keeps a point.
    fn add(&mut self, change: Change, refit: Refit, started: Instant) -> Result<(), Failure> {
        let Refit { potential, loss, training, validation } = refit;
        let number = self.study.points.len();
        let (basis, cutoff) = (potential.moment_basis(), potential.cutoff());
        let neighbors = self.sample.neighbors(cutoff)?;
        let point = Point {
            change,
            counted_microseconds: Sizes::of(&potential, neighbors).microseconds(),
            multiply_adds: cost::multiply_adds(&potential, neighbors)?,
            cutoff,
            neighbors,
            radial_basis_size: potential.radial_basis().size(),
            ranks: basis.ranks(),
            basis_functions: basis.scalar_moments().len(),
            products: basis.products().len(),
            parameters: potential.parameter_layout().len(),
            loss,
            training,
            validation,
            seconds: started.elapsed().as_secs_f64(),
        };
        let errors = validation.as_ref().unwrap_or(&training);
        let set = if validation.is_some() { "validation" } else { "training" };
        self.say(&format!(
            "point {number} of {}: {}; {}, {}, cutoff {} Å; {set}{}",
            self.study.extent.count,
            change.describe(),
            counted(point.basis_functions as u64, "basis function"),
            counted(point.products as u64, "product"),
            general(cutoff, 6),
            errors.describe()
        ));
        save_potential(&potential, &potential_of(&self.job.folder, number))?;
        self.study.points.push(point);
        self.study.save(&self.job.folder)?;
        self.last = potential;
        Ok(())
    }

    /// Measures all points and tells everything about them.
    fn report(&self) -> Result<(), Failure> {
        let files: Vec<_> =
            (0..self.study.points.len()).map(|number| potential_of(&self.job.folder, number)).collect();
        self.say(&format!("timing {} in turns", counted(files.len() as u64, "potential")));
        let potentials = files.iter().map(|path| load_potential(path)).collect::<Result<Vec<_>, _>>()?;
        let times = cost::times(&self.sample, &potentials, self.fits.interrupt)?;
        let rows = files.iter().zip(&self.study.points).zip(times);
        let points = rows.map(|((path, point), microseconds_per_atom)| Row {
            potential: path.display().to_string(),
            point: point.clone(),
            microseconds_per_atom,
        });
        let report = PruneReport { program: PROGRAM, points: points.collect() };
        let file = |name: &str| Output::own(self.job.folder.join(name));
        file(JSON).write_json(&report)?;
        file(PAGE).write(&page::render(&report, &self.facts(), &self.provenance()))?;
        if let Some(output) = &self.job.json {
            output.write_json(&report)?;
        }
        if self.job.json != Some(Output::Stdout) && !self.job.run.quiet {
            print(&report.render())?;
            self.say(&format!("page: {}", self.job.folder.join(PAGE).display()));
        }
        Ok(())
    }

    fn provenance(&self) -> crate::report::Provenance {
        let sources = &self.job.task.sources;
        let potential = self.job.task.potential.clone().into();
        provenance(
            [potential].into_iter().chain(sources.training.iter().chain(&sources.validation).cloned()),
            None,
        )
    }

    /// What the page says beside the points: label and value.
    fn facts(&self) -> Vec<(String, String)> {
        let task = &self.job.task;
        let facts = [
            ("Potential", task.potential.display().to_string()),
            ("Training set", task.sources.training_names()),
            ("Steps of each refit", task.settings.fit.steps.to_string()),
            ("Program", PROGRAM.to_owned()),
        ];
        facts.into_iter().map(|(label, value)| (label.to_owned(), value)).collect()
    }

    fn say(&self, line: &str) {
        if !self.job.run.quiet {
            say(line);
        }
    }
}

/// The potential of a point that an earlier run left.
fn kept(path: &std::path::Path, point: &Point) -> Result<Potential, Error> {
    let hint = "start over with --force and without --resume";
    let potential = load_potential(path).map_err(|error| error.hint(hint))?;
    let functions = potential.moment_basis().scalar_moments().len();
    let found = (potential.cutoff(), functions, potential.parameter_layout().len());
    if found == (point.cutoff, point.basis_functions, point.parameters) {
        return Ok(potential);
    }
    let message = format!(
        "expected the potential of the path ({} basis functions, {} parameters), got another one ({functions}, {})",
        point.basis_functions, point.parameters, found.2
    );
    Err(Error::new(ErrorKind::InvalidState, message).in_file(&path.display().to_string()).hint(hint))
}

/// Refuses a potential without parameters.
fn check_trained(potential: &Potential, name: &str) -> Result<(), Error> {
    if potential.is_trained() {
        return Ok(());
    }
    let message = "expected a trained potential, but coefficients are missing";
    let error = Error::new(ErrorKind::InvalidPotential, message).in_file(name);
    Err(error.hint("train it with mtprs train first"))
}
