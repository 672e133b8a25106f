//! Ends a program together with everything it started. The process group would not do: mpiexec gives its ranks sessions
//! of their own. Who started whom is read from `/proc`.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// How long a program has to clean up before it is killed.
const GRACE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(20);

/// Asks a process, its group and its descendants to end, and kills those that do not. `reap` is called in between, for
/// whoever has to wait for the process.
pub(super) fn end(root: u32, mut reap: impl FnMut()) {
    let mut family = family(root);
    send(root, &family, Signal::TERM);
    await_end(&family, &mut reap);
    family.retain(|&process| is_running(process));
    if !family.is_empty() {
        send(root, &family, Signal::KILL);
        await_end(&family, &mut reap);
    }
    reap();
}

/// Waits until processes have ended, for a while at most.
fn await_end(family: &[u32], reap: &mut impl FnMut()) {
    let begun = Instant::now();
    while begun.elapsed() < GRACE && family.iter().any(|&process| is_running(process)) {
        reap();
        thread::sleep(PAUSE);
    }
}

fn send(root: u32, family: &[u32], signal: Signal) {
    // Who has ended in the meantime cannot be told, and need not be.
    if let Some(group) = pid(root) {
        let _ = kill_process_group(group, signal);
    }
    for process in family.iter().filter_map(|&process| pid(process)) {
        let _ = kill_process(process, signal);
    }
}

fn pid(process: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(process).ok().filter(|&process| process > 1)?)
}

/// Whether a process is there and not only waits for its parent to notice its end.
fn is_running(process: u32) -> bool {
    fs::read_to_string(format!("/proc/{process}/stat")).is_ok_and(|stat| {
        let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().next());
        state.is_some_and(|state| state != "Z" && state != "X")
    })
}

/// A process and its descendants.
pub fn family(root: u32) -> Vec<u32> {
    let mut family = vec![root];
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .map(|entries| entries.flatten().filter_map(|entry| with_parent(&entry.path())).collect())
        .unwrap_or_default();
    let mut next = 0;
    while next < family.len() {
        let process = family[next];
        family.extend(parents.iter().filter(|(_, parent)| *parent == process).map(|(child, _)| *child));
        next += 1;
    }
    family
}

/// Process number and that of its parent, from `/proc/N/stat`: `N (name) state parent …`.
fn with_parent(folder: &Path) -> Option<(u32, u32)> {
    let process = folder.file_name()?.to_str()?.parse().ok()?;
    let stat = fs::read_to_string(folder.join("stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    Some((process, rest.split_whitespace().nth(1)?.parse().ok()?))
}
