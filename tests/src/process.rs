//! Runs a program with a hard time limit: what still runs then is killed with everything it started, so that a test
//! that hangs ends as a failure.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use mtprs::processes::program::{self, Process};

/// For programs that take seconds or minutes: a busy machine must not make a test fail.
pub const TIME_LIMIT: Duration = Duration::from_secs(600);

/// How a program ended.
#[derive(Debug)]
pub enum End {
    /// It ended by itself.
    Exited(ExitStatus),
    /// It was still running at the time limit and was killed.
    Hung,
}

/// Runs a program with its output (both streams) in `output`, for `limit` at most.
pub fn run(command: &mut Command, output: &Path, limit: Duration) -> End {
    let stream =
        File::create(output).unwrap_or_else(|error| panic!("cannot create {}: {error}", output.display()));
    let second = stream.try_clone().expect("a file handle can be cloned");
    command.stdin(Stdio::null()).stdout(stream).stderr(second);
    let mut child = command.spawn().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    finish(&mut child, limit)
}

/// Runs a program to its end.
///
/// # Panics
/// If it cannot be started.
pub fn output(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"))
}

/// Runs a program that must succeed; its standard output.
///
/// # Panics
/// With all it said, if it fails.
pub fn succeed(command: &mut Command) -> String {
    let output = output(command);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{said}{complaints}", output.status);
    said
}

/// Waits for a program that was started, for `limit` at most.
pub fn finish(child: &mut Child, limit: Duration) -> End {
    if let Some(status) = wait(child, limit) {
        return End::Exited(status);
    }
    kill_tree(child.id());
    child.wait().expect("a killed program can be waited for");
    End::Hung
}

fn wait(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let start = Instant::now();
    while start.elapsed() < limit {
        if let Some(status) = child.try_wait().expect("a started program can be waited for") {
            return Some(status);
        }
        thread::sleep(Duration::from_millis(5));
    }
    None
}

/// The numbers of a process and its descendants.
pub fn family(root: u32) -> Vec<u32> {
    let family = Process::of_number(root).map(program::family).unwrap_or_default();
    family.into_iter().map(|process| process.number).collect()
}

/// Kills a process and its descendants. The process group would not do: mpiexec gives its ranks sessions of their own.
pub fn kill_tree(root: u32) {
    signal("KILL", &family(root));
}

/// Sends a signal to processes.
pub fn signal(name: &str, processes: &[u32]) {
    let mut kill = Command::new("kill");
    kill.arg(format!("-{name}")).args(processes.iter().map(u32::to_string)).stderr(Stdio::null());
    kill.status().expect("the command kill is there");
}

#[cfg(test)]
mod tests {
    use std::fs;

    use mtprs_testing::scratch;

    use super::*;

    #[test]
    fn what_hangs_is_killed_with_its_children() {
        let output = scratch("process").join("output");
        let mut command = Command::new("sh");
        command.arg("-c").arg("setsid sh -c 'echo started $$; sleep 100' & wait");
        let start = Instant::now();
        assert!(matches!(run(&mut command, &output, Duration::from_secs(3)), End::Hung));
        assert!(start.elapsed() < Duration::from_secs(20));
        let text = fs::read_to_string(&output).unwrap();
        let child = text.trim().strip_prefix("started ").expect("the child started");
        let gone = (0..200).any(|_| {
            thread::sleep(Duration::from_millis(10));
            // a killed process whose parent is gone may stay as a zombie for a while
            fs::read_to_string(format!("/proc/{child}/stat")).map_or(true, |stat| stat.contains(") Z"))
        });
        assert!(gone, "process {child} is still there");
    }
}
