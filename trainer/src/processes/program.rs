//! Ends a program together with everything it started. The process group would not do: mpiexec gives its ranks sessions
//! of their own. Who started whom is read from `/proc`.
//!
//! The system gives the number of a process that has ended to another one. So a process is its number and the time at
//! which it was started, and one that has the number alone is left in peace.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// How long a program has to clean up before it is killed.
const GRACE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(20);

/// A process that cannot be mistaken for a later one of its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub number: u32,
    /// When it was started, in clock ticks since this machine was.
    pub start: u64,
}

/// A process as `/proc` shows it.
struct Shown {
    process: Process,
    parent: u32,
    group: u32,
    /// Whether it does not only wait for its parent to notice its end.
    is_running: bool,
}

impl Process {
    /// The process that has this number now.
    pub fn of_number(number: u32) -> Option<Self> {
        shown(&Path::new("/proc").join(number.to_string())).map(|shown| shown.process)
    }

    /// From `/proc/N/stat`: `N (name) state parent …`, in which the 22nd word is the start.
    pub fn parse(stat: &str) -> Option<Self> {
        parse(stat).map(|shown| shown.process)
    }

    /// Whether it is there and not only waits for its parent to notice its end.
    pub fn is_running(self) -> bool {
        self.shown().is_some_and(|shown| shown.is_running)
    }

    fn shown(self) -> Option<Shown> {
        let shown = shown(&Path::new("/proc").join(self.number.to_string()));
        shown.filter(|shown| shown.process == self)
    }
}

/// Asks a process, its group and its descendants to end, and kills those that do not. `reap` is called in between, for
/// whoever has to wait for the process.
pub(crate) fn end(root: Process, mut reap: impl FnMut()) {
    let mut family = family(root);
    send(root, &family, Signal::TERM);
    await_end(&family, &mut reap);
    family.retain(|process| process.is_running());
    if !family.is_empty() {
        send(root, &family, Signal::KILL);
        await_end(&family, &mut reap);
    }
    reap();
}

/// Waits until processes have ended, for a while at most.
fn await_end(family: &[Process], reap: &mut impl FnMut()) {
    let begun = Instant::now();
    while begun.elapsed() < GRACE && family.iter().any(|process| process.is_running()) {
        reap();
        thread::sleep(PAUSE);
    }
}

fn send(root: Process, family: &[Process], signal: Signal) {
    // Who has ended in the meantime cannot be told, and need not be. A group has its number as long as one of it is there.
    let is_of_group = |process: &Process| {
        process.shown().is_some_and(|shown| shown.is_running && shown.group == root.number)
    };
    if let (Some(group), true) = (pid(root), family.iter().any(is_of_group)) {
        let _ = kill_process_group(group, signal);
    }
    for process in family.iter().filter(|process| process.is_running()) {
        if let Some(pid) = pid(*process) {
            let _ = kill_process(pid, signal);
        }
    }
}

fn pid(process: Process) -> Option<Pid> {
    Pid::from_raw(i32::try_from(process.number).ok().filter(|&number| number > 1)?)
}

/// A process and its descendants; nothing if another has its number by now.
pub fn family(root: Process) -> Vec<Process> {
    if Process::of_number(root.number) != Some(root) {
        return Vec::new();
    }
    let all: Vec<Shown> = fs::read_dir("/proc")
        .map(|entries| entries.flatten().filter_map(|entry| shown(&entry.path())).collect())
        .unwrap_or_default();
    let mut family = vec![root];
    let mut next = 0;
    while next < family.len() {
        let parent = family[next].number;
        family.extend(all.iter().filter(|shown| shown.parent == parent).map(|shown| shown.process));
        next += 1;
    }
    family
}

/// The process of a folder in `/proc`.
fn shown(folder: &Path) -> Option<Shown> {
    folder.file_name()?.to_str()?.parse::<u32>().ok()?;
    parse(&fs::read_to_string(folder.join("stat")).ok()?)
}

fn parse(stat: &str) -> Option<Shown> {
    // The name may hold spaces and parentheses.
    let (before, after) = stat.rsplit_once(')')?;
    let number = before.split_once(' ')?.0.trim().parse().ok()?;
    let words: Vec<&str> = after.split_whitespace().collect();
    let is_running = !matches!(*words.first()?, "Z" | "X");
    let process = Process { number, start: words.get(19)?.parse().ok()? };
    let word = |index: usize| words.get(index)?.parse().ok();
    Some(Shown { process, parent: word(1)?, group: word(2)?, is_running })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_parentheses_and_spaces_hide_nothing() {
        let stat = "714 (a) (b c) S 1 714 714 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 98765 11 12 13";
        assert_eq!(Process::parse(stat), Some(Process { number: 714, start: 98765 }));
        for wrong in ["", "714", "714 (a) S 1 2", "x (a) S 1 714 714 0 -1 4 1 2 3 4 5 6 7 8 20 0 1 0 98765"] {
            assert_eq!(Process::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_process_that_has_only_the_number_is_left_in_peace() {
        let mut child = std::process::Command::new("sleep").arg("100").spawn().unwrap();
        let process = Process::of_number(child.id()).unwrap();
        let stranger = Process { start: process.start.wrapping_sub(1), ..process };
        assert!(process.is_running() && !stranger.is_running() && family(stranger).is_empty());
        end(stranger, || {});
        assert!(child.try_wait().unwrap().is_none(), "the stranger was ended");
        end(process, || drop(child.try_wait()));
        assert!(child.try_wait().unwrap().is_some());
        assert!(!process.is_running());
    }
}
