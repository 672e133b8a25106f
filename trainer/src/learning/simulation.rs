//! Lives of loops that are simulated: every outcome that the steps can have, killed between any two entries of the journal, and
//! held against a loop that reads no journal.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use mtprs_testing::properties::cases;
use proptest::collection::vec;
use proptest::prelude::*;

use super::OnFailure;
use super::journal::{Event, FrameReason, RunRecord};
use super::next::{Action, Aim, End, Worker, drive};
use super::state::LoopState;
use super::tests::{begun, fold, run, selected, status, trained};
use crate::Failure;

/// What happens in the world of a loop: decided by what is done there, not by when, so that a loop that is killed meets the
/// same world again.
#[derive(Clone, Debug)]
struct World {
    seed: u64,
    /// Of a hundred runs this many break.
    breaks: u64,
    /// Of a hundred attempts at labels this many fail.
    fails: u64,
}

/// An attempt that never fails: who has labels tried for again and again gets them.
const GOOD_ATTEMPT: u64 = 7;

impl World {
    /// A number below a hundred that belongs to a thing.
    fn draw(&self, thing: impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, thing).hash(&mut hasher);
        hasher.finish() % 100
    }

    /// Potentials become better.
    fn run(&self, cycle: u64, name: &str, time: f64) -> RunRecord {
        let unbroken = self.draw((cycle, name, time.to_bits())) >= self.breaks / cycle;
        run(cycle, name, unbroken, if unbroken { time } else { time / 2.0 })
    }

    /// A run that broke has saved at least a frame that is selected.
    fn selected(&self, cycle: u64, is_broken: bool) -> u64 {
        self.draw((cycle, "selected")) % 5 + u64::from(is_broken)
    }

    fn is_labeled(&self, cycle: u64, frame: u64, attempt: u64) -> bool {
        attempt >= GOOD_ATTEMPT || self.draw((cycle, frame, attempt)) >= self.fails
    }
}

/// Told by a loop that reads no journal: what the state machine has to do, whoever interrupts it. The user says `--retry` as
/// long as frames that were set aside stop the loop.
fn told(world: &World, aim: &Aim) -> Vec<Event> {
    let mut events = vec![begun()];
    let mut whole_cycles = 0;
    for cycle in 1..=aim.max_cycles {
        events.extend([Event::Trained(trained(cycle, 9)), Event::State { cycle, unsupported: 0 }]);
        let mut runs: Vec<RunRecord> =
            aim.runs.iter().map(|(name, time)| world.run(cycle, name, *time)).collect();
        runs.sort_by_key(|run| world.draw((cycle, "ends", &run.run)));
        let is_broken = runs.iter().any(|run| !run.unbroken);
        events.extend(runs.into_iter().map(Event::Run));
        whole_cycles = if is_broken { 0 } else { whole_cycles + 1 };
        if whole_cycles >= aim.unbroken_cycles {
            events.push(Event::Converged { cycle });
            return events;
        }
        let count = world.selected(cycle, is_broken);
        events.push(selected(cycle, count));
        label_all(world, aim, cycle, is_broken, &mut vec![Told::default(); count as usize], &mut events);
        events.push(Event::Closed { cycle });
    }
    events
}

/// A frame in a story.
#[derive(Clone, Default)]
struct Told {
    attempts: u64,
    failures: u64,
    is_labeled: bool,
    is_rejected: bool,
}

fn label_all(
    world: &World,
    aim: &Aim,
    cycle: u64,
    is_broken: bool,
    frames: &mut [Told],
    events: &mut Vec<Event>,
) {
    let most = aim.most_failures * frames.len() as f64;
    let mut index = 0;
    loop {
        while index < frames.len() {
            let (frame, told) = (index as u64 + 1, &mut frames[index]);
            if told.is_labeled || told.is_rejected {
                index += 1;
                continue;
            }
            told.attempts += 1;
            if world.is_labeled(cycle, frame, told.attempts) {
                told.is_labeled = true;
                events.push(Event::Labeled { cycle, frame });
                continue;
            }
            told.failures += 1;
            let attempts = told.attempts;
            let reason = || FrameReason { cycle, frame, reason: format!("attempt {attempts}") };
            events.push(Event::Failed(reason()));
            if told.failures > aim.retries && aim.on_failure == OnFailure::Continue {
                told.is_rejected = true;
                events.push(Event::Rejected(reason()));
                if frames.iter().filter(|told| told.is_rejected).count() as f64 > most {
                    break;
                }
            }
        }
        let is_over = frames.iter().all(|told| told.is_labeled || told.is_rejected);
        let is_enough = !is_broken || frames.iter().any(|told| told.is_labeled);
        if is_over && is_enough && frames.iter().filter(|told| told.is_rejected).count() as f64 <= most {
            return;
        }
        events.push(Event::Retried { cycle });
        frames.iter_mut().for_each(|told| (told.failures, told.is_rejected) = (0, false));
        index = 0;
    }
}

/// A loop whose steps are simulated. Its journal and the labels in its folders outlive a kill.
struct Life<'a> {
    world: &'a World,
    aim: &'a Aim,
    events: RefCell<Vec<Event>>,
    labels: RefCell<BTreeSet<(u64, u64)>>,
    /// How many more things are written before the next kill.
    left: Cell<usize>,
    /// Whether labels are awaited when they are asked for the next time.
    is_awaited: Cell<bool>,
    /// Whether labels come in any order.
    is_parallel: bool,
}

impl<'a> Life<'a> {
    /// A loop that has written this; the labels that the events tell of are there.
    fn after(world: &'a World, aim: &'a Aim, events: &[Event]) -> Self {
        let label = |event: &Event| match event {
            Event::Labeled { cycle, frame } => Some((*cycle, *frame)),
            _ => None,
        };
        let labels = RefCell::new(events.iter().filter_map(label).collect());
        let (left, is_awaited) = (Cell::new(usize::MAX), Cell::new(true));
        let (events, is_parallel) = (RefCell::new(events.to_vec()), false);
        Self { world, aim, events, labels, left, is_awaited, is_parallel }
    }

    /// Fails where the kill comes.
    fn survive(&self) -> Result<(), Failure> {
        let left = self.left.get().checked_sub(1).ok_or(Failure::Interrupted(9))?;
        self.left.set(left);
        Ok(())
    }

    fn write(&self, event: Event) -> Result<(), Failure> {
        self.survive()?;
        self.events.borrow_mut().push(event);
        Ok(())
    }

    fn count(&self, is_it: impl Fn(&Event) -> bool) -> usize {
        self.events.borrow().iter().filter(|event| is_it(event)).count()
    }

    /// Writes down what may happen once in a cycle.
    fn write_once(&self, event: Event) -> Result<(), Failure> {
        let before = self.count(|other| step_before(other) == step_before(&event));
        assert_eq!(before, 0, "done twice: {event:?}");
        self.write(event)
    }

    /// Makes a run that has not been made, or has to last longer now.
    fn run(&self, cycle: u64, name: &str) -> Result<(), Failure> {
        let (_, time) = self.aim.runs.iter().find(|(known, _)| known == name).unwrap();
        let is_done = |event: &Event| match event {
            Event::Run(run) => {
                (run.cycle, &*run.run) == (cycle, name) && (!run.unbroken || run.time >= *time)
            }
            _ => false,
        };
        assert_eq!(self.count(is_done), 0, "run {name} of cycle {cycle} is made twice");
        self.write(Event::Run(self.world.run(cycle, name, *time)))
    }

    /// Starts the program until it ends; kills come after this many entries each, and then none.
    fn live(&self, kills: &[usize]) -> End {
        let mut kills = kills.iter();
        for _ in 0..10_000 {
            self.left.set(kills.next().copied().unwrap_or(usize::MAX));
            match drive(self, self.aim) {
                Ok((cycle, End::Stopped(_))) => {
                    assert_eq!(self.state().to_retry(), Some(cycle));
                    self.events.borrow_mut().push(Event::Retried { cycle });
                }
                Ok((_, end)) => return end,
                // A kill, a signal, labels that are awaited, `on-failure = "stop"`: the user starts it again.
                Err(Failure::Interrupted(_) | Failure::Pending(..)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        panic!("it does not come to its end: {:?}", self.events.borrow().last());
    }

    /// One call for each attempt; a label is in its file before it is in the journal.
    fn label(&self, cycle: u64, frame: u64) -> Result<(), Failure> {
        loop {
            let of_frame =
                |event: &Event| matches!(event, Event::Failed(of) if (of.cycle, of.frame) == (cycle, frame));
            let attempt = 1 + self.count(of_frame) as u64;
            assert!(attempt <= GOOD_ATTEMPT, "frame {frame} of cycle {cycle} is asked for again and again");
            self.survive()?;
            if self.world.is_labeled(cycle, frame, attempt) {
                let is_new = self.labels.borrow_mut().insert((cycle, frame));
                assert!(is_new, "frame {frame} of cycle {cycle} is labeled twice");
                return self.write(Event::Labeled { cycle, frame });
            }
            let reason = FrameReason { cycle, frame, reason: format!("attempt {attempt}") };
            self.write(Event::Failed(reason.clone()))?;
            let events = self.events.borrow().clone();
            let since = events.iter().rposition(|event| *event == Event::Retried { cycle });
            let since = &events[since.unwrap_or(0)..];
            if since.iter().filter(|event| of_frame(event)).count() as u64 <= self.aim.retries {
                continue;
            }
            if self.aim.on_failure == OnFailure::Stop {
                return Err(Failure::Interrupted(0));
            }
            self.write(Event::Rejected(reason))?;
            let of_cycle = |event: &&Event| matches!(event, Event::Rejected(of) if of.cycle == cycle);
            let rejected = since.iter().filter(of_cycle).count() + 1;
            let frames = self.state().cycle(cycle).map_or(0, |row| row.frames.len());
            let is_enough = rejected as f64 <= self.aim.most_failures * frames as f64;
            return if is_enough { Ok(()) } else { Err(Failure::Interrupted(0)) };
        }
    }
}

impl Worker for Life<'_> {
    fn state(&self) -> LoopState {
        fold(&self.events.borrow())
    }

    fn arrived(&self, cycle: u64) -> BTreeSet<u64> {
        self.labels.borrow().iter().filter(|(of, _)| *of == cycle).map(|(_, frame)| *frame).collect()
    }

    fn perform(&self, cycle: u64, action: &Action) -> Result<(), Failure> {
        match action {
            Action::Train => self.write_once(Event::Trained(trained(cycle, 9))),
            Action::BuildState => self.write_once(Event::State { cycle, unsupported: 0 }),
            Action::Run(names) => {
                let mut names = names.clone();
                names.sort_by_key(|name| self.world.draw((cycle, "ends", name)));
                names.iter().try_for_each(|name| self.run(cycle, name))
            }
            Action::Select => {
                let is_broken =
                    |event: &Event| matches!(event, Event::Run(run) if run.cycle == cycle && !run.unbroken);
                let count = self.world.selected(cycle, self.count(is_broken) > 0);
                self.write_once(selected(cycle, count))
            }
            Action::NoteLabel(frame) => {
                assert!(self.labels.borrow().contains(&(cycle, *frame)));
                self.write(Event::Labeled { cycle, frame: *frame })
            }
            Action::SetAside(frame, reason) => {
                let reason = reason.clone();
                self.write(Event::Rejected(FrameReason { cycle, frame: *frame, reason }))
            }
            Action::Label => {
                if self.is_awaited.replace(!self.is_awaited.get()) {
                    return Err(Failure::Pending(3, "labels are awaited".into()));
                }
                let state = self.state();
                let open = state.cycle(cycle).unwrap().open_frames();
                let mut frames: Vec<u64> = open.map(|(frame, _)| frame).collect();
                if self.is_parallel {
                    frames.sort_by_key(|frame| self.world.draw((cycle, "comes", frame)));
                }
                frames.iter().try_for_each(|frame| self.label(cycle, *frame))
            }
            Action::Close => self.write_once(Event::Closed { cycle }),
            Action::Converge => self.write(Event::Converged { cycle }),
        }
    }
}

fn worlds() -> impl Strategy<Value = World> {
    (any::<u64>(), 0_u64..=100, 0_u64..=100).prop_map(|(seed, breaks, fails)| World { seed, breaks, fails })
}

fn aims() -> impl Strategy<Value = Aim> {
    let shares = prop_oneof![Just(0.0), Just(0.5), Just(1.0)];
    let on_failure = prop_oneof![Just(OnFailure::Continue), Just(OnFailure::Stop)];
    (1_usize..=3, 0_u64..=4, 1_u64..=3, 0_u64..=2, on_failure, shares).prop_map(
        |(runs, max_cycles, unbroken_cycles, retries, on_failure, most_failures)| Aim {
            runs: ["cold", "warm", "hot"][..runs].iter().map(|name| ((*name).to_owned(), 0.5)).collect(),
            unbroken_cycles,
            max_cycles,
            retries,
            on_failure,
            most_failures,
            reasons: String::new(),
        },
    )
}

/// The step of the status before an event, and its cycle.
fn step_before(event: &Event) -> (&'static str, u64) {
    match event {
        Event::Begun(_) => ("begun", 0),
        Event::Trained(record) => ("training", record.cycle),
        Event::State { cycle, .. } => ("state", *cycle),
        Event::Run(record) => ("runs", record.cycle),
        Event::Selected(record) => ("selection", record.cycle),
        Event::Failed(of) | Event::Rejected(of) => ("labels", of.cycle),
        Event::Labeled { cycle, .. } => ("labels", *cycle),
        Event::Retried { cycle } => ("stopped", *cycle),
        Event::Closed { cycle } => ("closing", *cycle),
        Event::Converged { cycle } => ("nothing", *cycle),
    }
}

/// A status in which no part contradicts another or what comes next.
fn check_status(events: &[Event], following: Option<&Event>, aim: &Aim) {
    let status = status(events, aim);
    let step = status["next"]["step"].as_str().unwrap();
    let expected = following.map(step_before).unwrap_or_else(|| match events.last() {
        Some(Event::Converged { cycle }) => ("nothing", *cycle),
        _ => ("more-cycles", aim.max_cycles),
    });
    assert_eq!((step, status["next"]["cycle"].as_u64().unwrap()), expected, "{following:?} {status}");
    let standing = status["standing"].as_str().unwrap();
    assert_eq!(step == "nothing", standing.starts_with("all runs completed"), "{status}");
    assert_eq!(step == "nothing", status["converged"] == status["next"]["cycle"], "{status}");
    assert_eq!(
        step == "stopped",
        standing.contains("no label") || standing.contains("got a label"),
        "{status}"
    );
    let [runs, frames] = ["runs", "frames"].map(|key| status["next"][key].as_array().unwrap());
    assert_eq!((step == "runs", step == "labels"), (!runs.is_empty(), !frames.is_empty()), "{status}");
    match following {
        Some(Event::Run(record)) => assert!(runs.contains(&record.run.as_str().into()), "{status}"),
        Some(
            Event::Failed(FrameReason { frame, .. })
            | Event::Rejected(FrameReason { frame, .. })
            | Event::Labeled { frame, .. },
        ) => {
            assert!(frames.iter().any(|open| open["frame"] == *frame), "{status}");
        }
        _ => {}
    }
    let cycles = status["cycles"].as_array().unwrap();
    if let Some(last) = cycles.last().filter(|_| step == "labels") {
        let [selected, labeled, rejected] =
            ["selected", "labeled", "rejected"].map(|key| last["frames"][key].as_u64().unwrap());
        assert_eq!(selected, labeled + rejected + frames.len() as u64, "{status}");
    }
}

proptest! {
    #![proptest_config(cases(300))]

    /// The machine does what a loop without a journal does; and from any part of its journal it goes on in the same way, which
    /// the status foretells.
    #[test]
    fn a_loop_goes_on_from_any_entry_as_if_it_had_not_stopped(world in worlds(), aim in aims()) {
        let whole = told(&world, &aim);
        for count in 1..=whole.len() {
            let life = Life::after(&world, &aim, &whole[..count]);
            check_status(&whole[..count], whole.get(count), &aim);
            let end = life.live(&[]);
            prop_assert_eq!(&*life.events.borrow(), &whole);
            let is_converged = matches!(whole.last(), Some(Event::Converged { .. }));
            prop_assert_eq!(end, if is_converged { End::Converged } else { End::MostCycles });
        }
    }

    /// Kills come between any two things that are written, labels that no line tells of yet among them.
    #[test]
    fn kills_change_nothing(world in worlds(), aim in aims(), kills in vec(0_usize..6, 0..60)) {
        let life = Life::after(&world, &aim, &[begun()]);
        life.live(&kills);
        prop_assert_eq!(life.events.into_inner(), told(&world, &aim));
    }

    /// Whatever the job asks for from some moment on, the loop comes to an end that fits it, and does nothing twice.
    #[test]
    fn another_job_is_gone_on_with(
        world in worlds(),
        (first, mut second) in (aims(), aims()),
        longer in any::<bool>(),
        at in any::<prop::sample::Index>(),
        kills in vec(0_usize..6, 0..60),
    ) {
        let whole = told(&world, &first);
        let count = 1 + at.index(whole.len());
        second.runs.iter_mut().for_each(|(_, time)| *time += f64::from(u8::from(longer)));
        let life = Life { is_parallel: true, ..Life::after(&world, &second, &whole[..count]) };
        let end = life.live(&kills);
        let closed = life.count(|event| matches!(event, Event::Closed { .. })) as u64;
        let state = life.state();
        let events = life.events.borrow();
        match end {
            End::Converged => {
                prop_assert_eq!(events.last(), Some(&Event::Converged { cycle: closed + 1 }));
                for row in state.cycles.iter().rev().take(second.unbroken_cycles as usize) {
                    prop_assert!(second.runs.iter().all(|(name, time)| row.lasted(name, *time)));
                }
            }
            _ => prop_assert!(closed >= second.max_cycles),
        }
        // A loop that has ended does nothing more.
        let before = events.len();
        drop(events);
        prop_assert_eq!(life.live(&[]), end);
        prop_assert_eq!(life.events.borrow().len(), before);
    }
}
