//! A shell command in a folder of its own: run, ended at its time limit, and found again after a kill of ours.
//!
//! The command outlives this process if that is killed. Its standard input is a file that is locked as long as it or
//! anything it started runs, and a shell around it writes its exit code; so the next process can wait for it, and what it
//! did is not done again. A signal to this process ends the command.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use mtprs_core::{Error, ErrorKind};

use crate::failure::{Failure, SIGNAL};
use crate::processes::Interrupt;
use crate::processes::folder_lock::lock_failed;
use crate::processes::program::{self, Process};

/// Files of a call in its folder.
const LOCK: &str = "call.lock";
const PROCESS: &str = "call.process";
const EXIT: &str = "call.exit";
/// What the command said.
pub const OUTPUT: &str = "call.output";

/// Writes down who runs and how that ended: the process with its start as the system shows it, the machine, and since when
/// that is up. The word after it is the command.
const SHELL: &str = "{ cat /proc/$$/stat; uname -n; cat /proc/sys/kernel/random/boot_id; } > call.process
sh -c \"$1\"
code=$?
echo $code > call.exit.part
mv call.exit.part call.exit
exit $code";

/// Between two looks at a command.
const PAUSE: Duration = Duration::from_millis(20);
/// Between two looks at one that another process started.
const LONG_PAUSE: Duration = Duration::from_millis(200);
/// Most bytes at the end of what a command said that are looked at.
const MOST_BYTES: u64 = 1 << 20;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this exit code, 128 more than the signal that ended it.
    Code(i32),
    /// It was ended at the time limit.
    TimeLimit,
}

impl End {
    /// In words.
    pub fn describe(self, limit: Option<Duration>) -> String {
        match self {
            Self::Code(code) => format!("exit code {code}"),
            Self::TimeLimit => {
                format!("ended after the time limit of {} s", limit.unwrap_or_default().as_secs_f64())
            }
        }
    }
}

/// Runs a command in `folder`; nothing else may run there.
pub fn run(
    folder: &Path,
    command: &str,
    limit: Option<Duration>,
    interrupt: &Interrupt,
) -> Result<End, Failure> {
    interrupt.check()?;
    let name = folder.display().to_string();
    let failed = |action: &str, error| Failure::from(Error::io(action, &name, &error));
    let lock = File::create(folder.join(LOCK)).map_err(|error| failed("write into", error))?;
    lock.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => {
            let error =
                Error::new(ErrorKind::Io, "a command of another process is running here").in_file(&name);
            error.hint("wait until it ends, or end it")
        }
        TryLockError::Error(error) => lock_failed(&folder.join(LOCK), &error),
    })?;
    for file in [PROCESS, EXIT] {
        // They are there only after an earlier call.
        let _ = fs::remove_file(folder.join(file));
    }
    let output = File::create(folder.join(OUTPUT)).map_err(|error| failed("write into", error))?;
    let second = output.try_clone().map_err(|error| failed("write into", error))?;
    let mut child = Command::new("sh")
        .args(["-c", SHELL, "sh", command])
        .current_dir(folder)
        .process_group(0)
        .stdin(Stdio::from(lock))
        .stdout(output)
        .stderr(second)
        .spawn()
        .map_err(|error| failed("start a shell in", error))?;
    let begun = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => {
                use std::os::unix::process::ExitStatusExt;
                let code = status.code().unwrap_or_else(|| SIGNAL + status.signal().unwrap_or_default());
                return Ok(End::Code(code));
            }
            Ok(None) => {}
            Err(error) => return Err(failed("wait for the command in", error)),
        }
        let is_late = limit.is_some_and(|limit| begun.elapsed() >= limit);
        let signal = interrupt.check();
        if is_late || signal.is_err() {
            // The child has its number until it is waited for.
            if let Some(process) = Process::of_number(child.id()) {
                program::end(process, || {
                    let _ = child.try_wait();
                });
            }
            let _ = child.wait();
            signal?;
            return Ok(End::TimeLimit);
        }
        thread::sleep(PAUSE.min(begun.elapsed() / 10 + Duration::from_millis(1)));
    }
}

/// The end of a command that an earlier process started in this folder, waited for if it still runs; `None` if there was
/// none, or if it was killed, too. `waiting` is called before the first wait.
pub fn survivor(
    folder: &Path,
    limit: Option<Duration>,
    interrupt: &Interrupt,
    waiting: impl FnOnce(),
) -> Result<Option<End>, Failure> {
    let path = folder.join(LOCK);
    let Ok(lock) = OpenOptions::new().read(true).write(true).open(&path) else { return Ok(None) };
    let mut waiting = Some(waiting);
    loop {
        match lock.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => {
                return Err(lock_failed(&path, &error).into());
            }
        }
        if let Some(waiting) = waiting.take() {
            waiting();
        }
        let is_late = limit.is_some_and(|limit| age(&path) >= limit);
        let signal = interrupt.check();
        if is_late || signal.is_err() {
            end_stranger(folder)?;
            signal?;
            return Ok(Some(End::TimeLimit));
        }
        thread::sleep(LONG_PAUSE);
    }
    let code = fs::read_to_string(folder.join(EXIT)).ok();
    Ok(code.and_then(|code| code.trim().parse().ok()).map(End::Code))
}

/// Wall time of a command that has ended, s.
pub fn seconds(folder: &Path) -> f64 {
    let written = |name: &str| fs::metadata(folder.join(name)).and_then(|metadata| metadata.modified()).ok();
    let duration = written(EXIT).zip(written(LOCK)).and_then(|(end, begin)| end.duration_since(begin).ok());
    duration.unwrap_or_default().as_secs_f64()
}

/// Time since a file was written.
fn age(path: &Path) -> Duration {
    let written = fs::metadata(path).and_then(|metadata| metadata.modified());
    written.ok().and_then(|time| SystemTime::now().duration_since(time).ok()).unwrap_or_default()
}

/// Ends a command that another process started, if it runs on this machine and is the one that was written down: its number
/// alone may be another's by now.
fn end_stranger(folder: &Path) -> Result<(), Error> {
    let text = fs::read_to_string(folder.join(PROCESS)).unwrap_or_default();
    let mut lines = text.lines();
    let [stat, machine, boot] = [(); 3].map(|()| lines.next().unwrap_or_default().trim());
    let here = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let error = |message: String| {
        Error::new(ErrorKind::Io, message)
            .in_file(&folder.display().to_string())
            .hint("end it there, then continue")
    };
    if machine != here {
        let machine = if machine.is_empty() { "an unknown machine" } else { machine };
        return Err(error(format!("a command of an earlier process is still running here, on {machine}")));
    }
    match Process::parse(stat).filter(|process| process.is_running() && boot == since_boot()) {
        Some(process) => {
            program::end(process, || {});
            Ok(())
        }
        None => {
            Err(error(format!("something started by an earlier process is still running here, on {machine}")))
        }
    }
}

/// Tells this boot of the machine from others.
fn since_boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

/// The end of what a command said, as much as may hold its last messages.
pub fn output(folder: &Path) -> String {
    end_of(&folder.join(OUTPUT))
}

/// The end of a file; nothing if it cannot be read.
pub fn end_of(path: &Path) -> String {
    let mut bytes = Vec::new();
    if let Ok(mut file) = File::open(path) {
        let length = file.metadata().map_or(0, |metadata| metadata.len());
        // What is not there is not told.
        let _ = file.seek(SeekFrom::Start(length.saturating_sub(MOST_BYTES)));
        let _ = file.take(MOST_BYTES).read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The last lines of a text, indented.
pub fn tail(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(count)..];
    last.iter().map(|line| format!("\n  {line}")).collect()
}

#[cfg(test)]
mod tests {
    use mtprs_testing::scratch;

    use super::*;

    fn folder(name: &str) -> std::path::PathBuf {
        scratch(&format!("call/{name}"))
    }

    #[test]
    fn exit_codes_and_what_was_said_are_known_afterwards() {
        let (folder, interrupt) = (folder("codes"), Interrupt::default());
        for (command, code) in
            [("echo said; exit 7", 7), ("true", 0), ("kill -9 $$", 137), ("no-such-thing", 127)]
        {
            assert_eq!(run(&folder, command, None, &interrupt).unwrap(), End::Code(code), "{command}");
            let later = survivor(&folder, None, &interrupt, || panic!("nothing runs")).unwrap();
            assert_eq!(later, Some(End::Code(code)), "{command}");
        }
        assert!(output(&folder).contains("no-such-thing"));
    }

    #[test]
    fn what_hangs_is_ended_with_its_children() {
        let (folder, interrupt) = (folder("hangs"), Interrupt::default());
        let limit = Duration::from_secs(2);
        let command = "trap '' TERM; setsid sh -c 'echo $$ > child; sleep 100' & wait; sleep 100";
        assert_eq!(run(&folder, command, Some(limit), &interrupt).unwrap(), End::TimeLimit);
        let child = fs::read_to_string(folder.join("child")).unwrap();
        let stat = fs::read_to_string(format!("/proc/{}/stat", child.trim()));
        assert!(stat.map_or(true, |stat| stat.contains(") Z")), "the child is still there");
        assert_eq!(survivor(&folder, None, &interrupt, || {}).unwrap(), None);
    }

    #[test]
    fn only_the_process_that_was_written_down_is_ended() {
        let (folder, interrupt) = (folder("stranger"), Interrupt::default());
        let limit = Some(Duration::from_millis(100));
        // The file is locked as if a command of a process that was killed still ran, and another process has its number.
        let lock = File::create(folder.join(LOCK)).unwrap();
        lock.try_lock().unwrap();
        let mut other = Command::new("sleep").arg("100").process_group(0).spawn().unwrap();
        let stat = fs::read_to_string(format!("/proc/{}/stat", other.id())).unwrap();
        let start = Process::parse(&stat).unwrap().start;
        let machine = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let later = stat.replace(&format!(" {start} "), &format!(" {} ", start - 1));
        let boot = since_boot();
        for (stat, machine, boot, expected) in [
            (
                later.trim(),
                machine.as_str(),
                boot.as_str(),
                "something started by an earlier process is still running here",
            ),
            (
                stat.trim(),
                machine.as_str(),
                "another boot",
                "something started by an earlier process is still running here",
            ),
            (stat.trim(), "elsewhere", boot.as_str(), "still running here, on elsewhere"),
            ("", "", "", "still running here, on an unknown machine"),
        ] {
            fs::write(folder.join(PROCESS), format!("{stat}\n{machine}\n{boot}\n")).unwrap();
            match survivor(&folder, limit, &interrupt, || {}) {
                Err(Failure::Runtime(error)) => assert!(error.to_string().contains(expected), "{error}"),
                outcome => panic!("{outcome:?} in place of {expected}"),
            }
            assert!(other.try_wait().unwrap().is_none(), "another process was ended");
        }
        fs::write(folder.join(PROCESS), format!("{}\n{machine}\n{boot}\n", stat.trim())).unwrap();
        assert_eq!(survivor(&folder, limit, &interrupt, || {}).unwrap(), Some(End::TimeLimit));
        assert!(!other.wait().unwrap().success());
    }

    #[test]
    fn a_command_that_outlives_its_starter_is_waited_for() {
        let (folder, interrupt) = (folder("outlives"), Interrupt::default());
        // What a process that was killed leaves behind: a shell with the locked file as its input.
        let lock = File::create(folder.join(LOCK)).unwrap();
        lock.try_lock().unwrap();
        let mut child = Command::new("sh")
            .args(["-c", SHELL, "sh", "sleep 0.5; exit 5"])
            .current_dir(&folder)
            .stdin(Stdio::from(lock))
            .spawn()
            .unwrap();
        let mut waited = false;
        assert_eq!(survivor(&folder, None, &interrupt, || waited = true).unwrap(), Some(End::Code(5)));
        assert!(waited);
        child.wait().unwrap();
    }
}
