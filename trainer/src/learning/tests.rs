//! Events of a loop, and what state, status and tables make of them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::OnFailure;
use super::journal::{BegunRecord, Event, FrameReason, RunRecord, SelectedRecord, TrainedRecord};
use super::next::{Action, Aim, End, Step, next};
use super::report;
use super::state::LoopState;
use super::status::LearnStatus;
use crate::figures::RmseFigures;

/// The potential of a cycle.
pub(super) fn trained(cycle: u64, configurations: u64) -> TrainedRecord {
    let training = RmseFigures { energy: Some(0.001), force: Some(0.05), virial: None };
    let (validation, seconds) = (None, 2.0);
    TrainedRecord { cycle, configurations, unchanged: false, steps: 7, training, validation, seconds }
}

/// The loop has begun.
pub(super) fn begun() -> Event {
    Event::Begun(BegunRecord { format: String::new(), configurations: 9, identity: String::new() })
}

/// A run of LAMMPS.
pub(super) fn run(cycle: u64, run: &str, unbroken: bool, time: f64) -> RunRecord {
    let reason = (!unbroken).then(|| "grade 12".into());
    let (largest_grade, frames, seconds) = (Some(12.0), 3, 1.25);
    RunRecord { cycle, run: run.into(), unbroken, reason, time, largest_grade, frames, seconds }
}

/// So many frames are selected.
pub(super) fn selected(cycle: u64, selected: u64) -> Event {
    Event::Selected(SelectedRecord { cycle, saved: 3, selected, left_out: 0, unfit: 0 })
}

/// The state of a loop with this journal.
pub(super) fn fold(events: &[Event]) -> LoopState {
    let mut state = LoopState::default();
    for event in events {
        state.take(event).unwrap();
    }
    state
}

/// What `--status --json` prints.
pub(super) fn status(events: &[Event], aim: &Aim) -> Value {
    let state = fold(events);
    let next = next(&state, aim, &BTreeSet::new());
    serde_json::to_value(LearnStatus::new("loop".into(), &state, &next)).unwrap()
}

pub(super) fn aim(max_cycles: u64) -> Aim {
    Aim {
        runs: vec![("cold".into(), 0.5), ("hot".into(), 0.5)],
        unbroken_cycles: 1,
        max_cycles,
        retries: 1,
        on_failure: OnFailure::Continue,
        most_failures: 0.5,
        reasons: String::new(),
    }
}

#[test]
fn every_event_brings_the_next_step() {
    let no_energy = || FrameReason { cycle: 1, frame: 2, reason: "no energy".into() };
    let story = [
        (begun(), "training"),
        (Event::Trained(trained(1, 9)), "state"),
        (Event::State { cycle: 1, unsupported: 0 }, "runs"),
        (Event::Run(run(1, "hot", false, 0.2)), "runs"),
        (Event::Run(run(1, "cold", true, 0.5)), "selection"),
        (selected(1, 2), "labels"),
        (Event::Labeled { cycle: 1, frame: 1 }, "labels"),
        (Event::Failed(no_energy()), "labels"),
        (Event::Rejected(no_energy()), "closing"),
        (Event::Retried { cycle: 1 }, "labels"),
        (Event::Labeled { cycle: 1, frame: 2 }, "closing"),
        (Event::Closed { cycle: 1 }, "more-cycles"),
    ];
    let events: Vec<Event> = story.iter().map(|(event, _)| event.clone()).collect();
    for (count, (event, step)) in story.iter().enumerate() {
        let next = &status(&events[..=count], &aim(1))["next"];
        assert_eq!((&next["step"], &next["cycle"]), (&(*step).into(), &1.into()), "{event:?}");
    }
    let of = |count: usize, key: &str| status(&events[..count], &aim(1))["next"][key].clone();
    assert_eq!((of(4, "runs"), of(5, "runs")), (serde_json::json!(["cold"]), serde_json::json!([])));
    let open = serde_json::json!([{ "frame": 2, "failed_attempts": 1, "reason": "no energy" }]);
    assert_eq!((of(8, "frames"), of(10, "frames")), (open.clone(), open));
    let more = &status(&events, &aim(2))["next"];
    assert_eq!((&more["step"], &more["cycle"]), (&"training".into(), &2.into()));
    // With fewer frames set aside allowed the loop stops, and what it says is what its status says.
    let strict = Aim { most_failures: 0.4, ..aim(1) };
    let stopped = status(&events[..9], &strict);
    assert_eq!(stopped["next"]["step"], "stopped");
    assert_eq!(
        stopped["standing"],
        "1 of 2 frames of cycle 1 have no label, more than most-failures allows; frame 2: no energy"
    );
}

#[test]
fn runs_that_have_to_last_longer_are_made_again_in_the_same_cycle() {
    let [short, long] = [0.5, 0.6].map(|time| {
        let runs = ["cold", "hot"].map(|name| (name.to_owned(), time));
        Aim { runs: runs.to_vec(), ..aim(3) }
    });
    let step = |events: &[Event], aim: &Aim| next(&fold(events), aim, &BTreeSet::new()).step;
    let lasted = |time| ["hot", "cold"].map(|name| Event::Run(run(1, name, true, time)));
    let mut events = vec![begun(), Event::Trained(trained(1, 9)), Event::State { cycle: 1, unsupported: 0 }];
    events.extend(lasted(0.5));
    assert_eq!(step(&events, &short), Step::Do(Action::Converge));
    events.push(Event::Converged { cycle: 1 });
    assert_eq!(step(&events, &short), Step::End(End::Converged));
    assert_eq!(step(&events, &long), Step::Do(Action::Run(vec!["cold".into(), "hot".into()])));
    events.push(Event::Run(run(1, "hot", false, 0.55)));
    assert_eq!(step(&events, &long), Step::Do(Action::Run(vec!["cold".into()])));
    events.extend(lasted(0.6));
    // The end is written down once more, behind what has been done since.
    assert_eq!(step(&events, &long), Step::Do(Action::Converge));
}

#[test]
fn a_journal_becomes_a_table() {
    let no = || FrameReason { cycle: 1, frame: 2, reason: "no".into() };
    let events = [
        begun(),
        Event::Trained(trained(1, 10)),
        Event::Run(run(1, "hot", false, 0.5)),
        selected(1, 2),
        Event::Labeled { cycle: 1, frame: 1 },
        Event::Failed(no()),
        Event::Rejected(no()),
        Event::Closed { cycle: 1 },
        Event::Trained(trained(2, 11)),
        Event::State { cycle: 2, unsupported: 0 },
        Event::Run(RunRecord { largest_grade: Some(1.5), ..run(2, "hot", true, 0.5) }),
    ];
    let state = fold(&events);
    let text = report::render(&state, &next(&state, &aim(3), &BTreeSet::new()), true);
    for line in [
        "Started with 9 configurations; cycle 2: 1 run finished\n",
        "      1            10        1.000  0.05000  -              -  -  -          0 of 1             12      3         2        1         1",
        "      2            11        1.000  0.05000  -              -  -  -          1 of 1            1.5      -         -        -         -",
        "      1      2  no",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}
