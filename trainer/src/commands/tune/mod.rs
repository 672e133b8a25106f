//! `mtprs tune`: fits potentials of many settings and shows which are the best for what they cost.

mod trial;

use std::fs::File;
use std::time::Instant;

use mtprs_core::potential::Potential;
use mtprs_core::{Error, ErrorKind};

use super::provenance;
use crate::Failure;
use crate::cli::{JobOptions, usage_error};
use crate::dataset::{self, Kept, Sets, Side, Sources};
use crate::endpoint::{Input, Output, print, say};
use crate::job::{TrainJob, TuneJob};
use crate::processes::{Alone, Interrupt};
use crate::report::Provenance;
use crate::session;
use crate::structure_files::Voice;
use crate::text::{PROGRAM, counted, general};
use crate::training::Ending;
use crate::tuning::cost::{self, Sample};
use crate::tuning::folder::{self, Fitted, JSON, Outcome, PAGE, Round, Study, TrialResult};
use crate::tuning::report::{SetAside, TuneReport, TuneRow};
use crate::tuning::{Criterion, TrialSettings, page, pareto};

pub(super) fn print_job(job: &TuneJob) -> Result<(), Failure> {
    print(&job.options.to_toml()?)
}

pub(super) fn run(job: &TuneJob, interrupt: Interrupt) -> Result<(), Failure> {
    let search = Search::begin(job)?;
    let outcome = search.run(&interrupt).and_then(|()| search.report(&interrupt));
    outcome.map_err(|failure| failure.kept_in(&job.options.output))
}

/// A search with its trials, the cheapest first.
struct Search<'a> {
    job: &'a TuneJob,
    min_dist: f64,
    sample: Sample,
    candidates: Vec<Candidate>,
    /// What stays on one side of the training and the validation set.
    kept: Kept,
    /// Keeps other searches out of the folder.
    _lock: File,
}

/// A trial before its fit.
struct Candidate {
    settings: TrialSettings,
    untrained: Potential,
    /// Per atom.
    multiply_adds: f64,
}

impl<'a> Search<'a> {
    /// Looks at the data, refuses what cannot be searched, and opens the folder.
    fn begin(job: &'a TuneJob) -> Result<Self, Failure> {
        let (sets, sources) = look_at(job)?;
        let atoms = sets.training.atoms() + sets.validation.atoms();
        // Two decimals, and no pair below it.
        let min_dist = job.options.min_dist.unwrap_or((100.0 * sets.shortest_distance).floor() / 100.0);
        let sample = Sample::read(&sources, atoms)?;
        let mut candidates = Vec::new();
        for settings in &job.trials {
            let wrong = |error: Error| usage_error(format!("{}: {error}", settings.describe()));
            let untrained = settings.untrained(&job.species, min_dist).map_err(wrong)?;
            let multiply_adds = cost::multiply_adds(&untrained, sample.neighbors(settings.cutoff)?)?;
            candidates.push(Candidate { settings: settings.clone(), untrained, multiply_adds });
        }
        candidates.sort_by(|a, b| a.multiply_adds.total_cmp(&b.multiply_adds));
        let study = Study::new(job.deciding()?, &sets, &job.species, min_dist);
        let lock = study.begin(&job.options.output, job.resume, job.force)?;
        let kept = sets.sides.kept.clone();
        let search = Self { job, min_dist, sample, candidates, kept, _lock: lock };
        if let Some(groups) = search.kept.describe(&job.options.train.group) {
            search.say(&format!("note: {groups}"));
        }
        Ok(search)
    }

    /// Round after round, until all trials or the best of them have all their steps.
    fn run(&self, interrupt: &Interrupt) -> Result<(), Failure> {
        let mut chosen: Vec<usize> = (0..self.candidates.len()).collect();
        for (number, &steps) in self.job.rounds.iter().enumerate() {
            if self.job.rounds.len() > 1 {
                let (rounds, trials) = (self.job.rounds.len(), counted(chosen.len() as u64, "trial"));
                self.say(&format!("round {} of {rounds}: {trials} with {steps} steps", number + 1));
            }
            let points = self.round(&chosen, steps, interrupt)?;
            if number + 1 < self.job.rounds.len() {
                chosen = pareto::better_half(&points).into_iter().map(|index| chosen[index]).collect();
            }
        }
        Ok(())
    }

    /// Fits what has not been fitted with this many steps; returns cost and error of each.
    fn round(
        &self,
        chosen: &[usize],
        steps: u64,
        interrupt: &Interrupt,
    ) -> Result<Vec<Option<[f64; 2]>>, Failure> {
        let place = if self.job.rounds.len() > 1 { " in this round" } else { "" };
        let mut pace = Pace::new(chosen.iter().map(|&index| self.candidates[index].multiply_adds).sum());
        let mut points = Vec::new();
        for (number, &index) in chosen.iter().enumerate() {
            interrupt.check()?;
            let candidate = &self.candidates[index];
            let label = format!("trial {} of {}", number + 1, chosen.len());
            let folder = self.job.folder_of(&candidate.settings);
            let mut result = folder::load_result(&folder)?.unwrap_or_else(|| candidate.result());
            if result.at(steps).is_none() {
                let parameters = counted(result.parameters as u64, "parameter");
                self.say(&format!("{label}: {}; {parameters}", candidate.settings.describe()));
                let round =
                    trial::round(self.job, &candidate.settings, &candidate.untrained, steps, interrupt)?;
                pace.done(candidate.multiply_adds);
                self.say(&format!("{label}: {}{}", round.describe(), pace.left(place)));
                result.rounds.push(round);
                folder::save_result(&folder, &result)?;
            } else {
                pace.skip(candidate.multiply_adds);
                self.say(&format!("{label}: {}; already done", candidate.settings.describe()));
            }
            let fitted = result.at(steps).and_then(Round::fitted);
            points.push(fitted.and_then(|fitted| Some([candidate.multiply_adds, self.error(fitted)?])));
        }
        Ok(points)
    }

    /// The error that decides.
    fn error(&self, fitted: &Fitted) -> Option<f64> {
        self.job.options.by.of(&fitted.validation, self.loss(fitted))
    }

    /// The validation loss with the same weights for all trials.
    fn loss(&self, fitted: &Fitted) -> f64 {
        fitted
            .validation_terms
            .iter()
            .zip(self.job.common_weights())
            .map(|(term, weight)| term * weight)
            .sum()
    }

    /// Measures all potentials in the folder and tells everything about them.
    fn report(&self, interrupt: &Interrupt) -> Result<(), Failure> {
        let (mut trials, mut set_aside) = (Vec::new(), Vec::new());
        for result in folder::all_results(&self.job.options.output)? {
            match result.rounds.last() {
                Some(Round { outcome: Outcome::Failed(reason), .. }) => {
                    set_aside.push(SetAside { settings: result.settings.clone(), reason: reason.clone() });
                }
                Some(round) => trials.extend(round.fitted().map(|fitted| self.row(&result, round, fitted))),
                None => {}
            }
        }
        if trials.is_empty() {
            let reason = set_aside.first().map_or("there is none", |trial| trial.reason.as_str());
            let message = format!("no trial gave a potential; the first: {reason}");
            return Err(Error::new(ErrorKind::NotFinite, message).into());
        }
        self.say(&format!("timing {} in turns", counted(trials.len() as u64, "potential")));
        let potentials: Vec<_> = trials
            .iter()
            .map(|row| (row.settings.clone(), self.job.folder_of(&row.settings).join("pot.mtp")))
            .collect();
        let times = cost::measure(&self.sample, &potentials, interrupt)?;
        for (row, time) in trials.iter_mut().zip(times) {
            row.microseconds_per_atom = time;
        }
        let mut report = TuneReport {
            program: PROGRAM,
            job: self.job.options.clone(),
            by: self.job.options.by,
            min_dist: self.min_dist,
            loss_weights: self.job.common_weights(),
            groups: self.kept.groups(&self.job.options.train.group),
            trials,
            set_aside,
        };
        report.rank();
        let file = |name: &str| Output::own(self.job.options.output.join(name));
        file(JSON).write_json(&report)?;
        file(PAGE).write(&page::render(&report, &self.facts(&report), &self.provenance()?))?;
        if let Some(output) = &self.job.json {
            output.write_json(&report)?;
        }
        if self.job.json != Some(Output::Stdout) && !self.job.run.quiet {
            print(&report.render(self.job.wide))?;
            self.say(&format!("page: {}", self.job.options.output.join(PAGE).display()));
        }
        Ok(())
    }

    fn provenance(&self) -> Result<Provenance, Error> {
        let files = self.job.training_sets.iter().chain(&self.job.options.train.valid_cfgs);
        let files = files.map(|path| Input::from(path.clone()));
        Ok(provenance(files, Some(self.job.options.to_toml()?)))
    }

    /// What the page says beside the trials: label and value.
    fn facts<J>(&self, report: &TuneReport<J>) -> Vec<(String, String)> {
        let train = &self.job.options.train;
        let files = train.valid_cfgs.iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
        let validation = match (train.folds, files.is_empty()) {
            (Some(folds), _) => format!("{folds} folds"),
            (None, false) => files.join(", "),
            (None, true) => {
                format!("{} % of the training set", general(100.0 * train.valid_fraction, 4))
            }
        };
        let groups = self.kept.describe(&train.group).map(|groups| ("Groups", groups));
        let facts = [
            ("Species", self.job.options.species.clone().unwrap_or_default()),
            ("min_dist", format!("{} Å", general(self.min_dist, 6))),
            ("Validation", validation),
            ("Trials", (report.trials.len() + report.set_aside.len()).to_string()),
            ("Program", PROGRAM.to_owned()),
        ];
        facts.into_iter().chain(groups).map(|(label, value)| (label.to_owned(), value)).collect()
    }

    fn row(&self, result: &TrialResult, round: &Round, fitted: &Fitted) -> TuneRow {
        TuneRow {
            settings: result.settings.clone(),
            potential: self.job.folder_of(&result.settings).join("pot.mtp").display().to_string(),
            parameters: result.parameters,
            steps: fitted.steps,
            still_falling: fitted.ending == Ending::Steps && round.steps > 0,
            seconds: result.rounds.iter().map(|round| round.seconds).sum(),
            training: fitted.training,
            validation: fitted.validation,
            validation_loss: self.loss(fitted),
            validation_groups: fitted.validation_groups.clone(),
            multiply_adds: result.multiply_adds,
            microseconds_per_atom: None,
            on_front: false,
        }
    }

    fn say(&self, line: &str) {
        if !self.job.run.quiet {
            say(line);
        }
    }
}

impl Candidate {
    fn result(&self) -> TrialResult {
        TrialResult {
            settings: self.settings.clone(),
            parameters: self.untrained.parameter_layout().len(),
            multiply_adds: self.multiply_adds,
            rounds: Vec::new(),
        }
    }
}

/// How fast the work of a round goes, in multiply-adds per atom and step.
struct Pace {
    left: f64,
    done: f64,
    begun: Instant,
}

impl Pace {
    fn new(work: f64) -> Self {
        Self { left: work, done: 0.0, begun: Instant::now() }
    }

    fn done(&mut self, work: f64) {
        self.skip(work);
        self.done += work;
    }

    /// Work that had been done before.
    fn skip(&mut self, work: f64) {
        self.left = (self.left - work).max(0.0);
    }

    fn left(&self, place: &str) -> String {
        let seconds = self.begun.elapsed().as_secs_f64() * self.left / self.done.max(f64::MIN_POSITIVE);
        if seconds < 1.0 { String::new() } else { format!("; about {seconds:.0} s left{place}") }
    }
}

/// Reads the data, all of the training files as one set, and finds their sides; returns also where they are.
fn look_at(job: &TuneJob) -> Result<(Sets, Sources), Failure> {
    let largest = job.trials.iter().map(|trial| trial.cutoff).fold(0.0, f64::max);
    // Only species and cutoff matter to the reader.
    let template =
        Potential::untrained(2, job.species.clone(), 0.5 * largest, largest, 2).map_err(usage_error)?;
    let Some(first) = job.trials.first() else {
        return Err(usage_error("expected at least one trial").into());
    };
    let TrainJob { task: mut lenient, folds, .. } = job.training(first, 0)?;
    let mut sources = lenient.sources.clone();
    sources.reading.voice = Voice::default();
    sources.reading = sources.reading.quiet(job.run.quiet);
    sources.reading.naming = sources.reading.naming.with_potential(&job.species, "the potential")?;
    if folds > 0 {
        sources.fold = Some((0, folds));
    }
    let whole = Sources { validation_fraction: 0.0, fold: None, ..sources.clone() };
    let mut sets = dataset::read(&whole, &template, &Alone)?;
    // Trials may leave out some kinds of labels, not all of them.
    let weights = &mut lenient.sources.weights;
    (weights.energy, weights.force, weights.stress) = (1.0, 1.0, 1.0);
    session::check(&lenient, &sets)?;
    let labeled = sets.labels.with;
    for (count, by, name) in
        [(labeled[0], Criterion::Energy, "energy"), (labeled[1], Criterion::Force, "force")]
    {
        if count == 0 && job.options.by == by {
            let message = format!("--by {name}: expected configurations with this label, got none");
            return Err(usage_error(message).into());
        }
    }
    let sides = dataset::sides(&sources)?;
    let count = sets.fitted();
    sides.check_folds(count)?;
    let aside = (0..count).any(|place| sides.side(place) == Side::Validation);
    if !aside && sources.validation.is_empty() && folds == 0 {
        let message = format!(
            "the seed puts none of {} into the validation set",
            counted(count as u64, "configuration")
        );
        return Err(usage_error(format!("--valid-fraction: {message}")).into());
    }
    sets.sides = sides.into();
    Ok((sets, sources))
}
