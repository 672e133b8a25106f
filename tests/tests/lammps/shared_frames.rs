//! Several that save frames in one file at the same time: partitions, pair styles, LAMMPS processes, and some of them killed.
//! No frame is cut or mixed with another, and none is lost.

use std::collections::HashMap;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::Duration;

use mtprs_core::format::CfgReader;
use mtprs_core::geometry::Configuration;
use mtprs_core::selection::GradeMode;
use mtprs_testing::structure::Structure;
use mtprs_testing::{read_cfg, synthetic};
use mtprs_tests::lammps::{Job, atoms};

fn job(name: &str, structure: &Structure) -> Job {
    let job = Job::new(&format!("shared-frames-{name}"));
    job.crystal(structure).state("state.mtps", GradeMode::Neighborhood)
}

/// How often each step was saved.
fn steps(frames: &[Configuration]) -> HashMap<String, usize> {
    let mut steps = HashMap::new();
    for frame in frames {
        let step = frame.feature("step").expect("a frame has a step");
        *steps.entry(step.to_owned()).or_default() += 1;
    }
    steps
}

fn script(structure: &Structure, file: &str, steps: usize) -> String {
    format!(
        "{}pair_style mtp/rs state state.mtps select 1e-9 save {file}
         pair_coeff * * crystal.mtp Mg V O
         velocity all create 300 4711
         fix nve all nve
         thermo 1000
         run {steps}",
        atoms(structure, "crystal").replace("clear\n", "")
    )
}

#[test]
fn of_partitions_are_whole() {
    let structure = synthetic::crystal(141);
    for (ranks, partitions) in [(2, vec!["1", "1"]), (4, vec!["2x2"]), (4, vec!["4x1"])] {
        let count = if partitions == ["4x1"] { 4 } else { 2 };
        let mut arguments = vec!["-partition"];
        arguments.extend(partitions);
        arguments.extend(["-screen", "screen"]);
        let job = job(&format!("partitions-{ranks}-{count}"), &structure).ranks(ranks).arguments(&arguments);
        // three runs: the file is opened, looked at and mended again while the others save
        let again = "\nrun 20\nrun 20";
        job.run(&format!("{}{again}", script(&structure, "saved.cfg", 20)));
        let frames = read_cfg(&job.folder().join("saved.cfg"));
        assert!(frames.iter().all(|frame| frame.len() == 64));
        let steps = steps(&frames);
        assert_eq!(steps.len(), 61);
        assert!(steps.values().all(|&times| times == count), "{steps:?}");
    }
}

#[test]
fn of_two_pair_styles_are_whole() {
    let structure = synthetic::crystal(142);
    for ranks in [1, 2] {
        let script = format!(
            "{}pair_style hybrid/scaled 0.5 mtp/rs state state.mtps select 1e-9 save saved.cfg &
                 0.5 mtp/rs state state.mtps every 2 select 1e-9 save saved.cfg
             pair_coeff * * mtp/rs 1 crystal.mtp Mg V O
             pair_coeff * * mtp/rs 2 crystal.mtp Mg V O
             fix nve all nve
             run 10",
            atoms(&structure, "crystal")
        );
        let finished = job(&format!("styles-{ranks}"), &structure).ranks(ranks).run(&script);
        let steps = steps(&finished.saved());
        for step in 0..=10 {
            assert_eq!(steps[&step.to_string()], if step % 2 == 0 { 2 } else { 1 }, "{steps:?}");
        }
    }
}

/// Runs of their own, each in its folder, that save to one file; one of them is killed again and again.
#[test]
fn of_several_processes_are_whole_although_one_is_killed() {
    let structure = synthetic::crystal(143);
    let steps_of = |name: &str, steps: usize| {
        let job = job(name, &structure);
        let script = script(&structure, "../shared-frames-all.cfg", steps);
        let script = script.replace("run ", "shell touch begun\nrun ");
        (job.plugin_load() + "\n" + &script, job)
    };
    let all = job("unused", &structure).folder().with_file_name("shared-frames-all.cfg");
    let _absent_at_first = fs::remove_file(&all);
    let (runs, length, kills) = (2, 60, 6);
    thread::scope(|scope| {
        for index in 0..runs {
            scope.spawn(move || {
                let (script, job) = steps_of(&format!("process-{index}"), length);
                job.run_bare(&script).assert_success();
            });
        }
        scope.spawn(move || {
            for turn in 0..kills {
                let (script, job) = steps_of(&format!("killed-{turn}"), 100_000_000);
                // while it saves, wherever it then is
                let job = job.preparation(&format!(
                    "( until [ -e begun ]; do kill -0 $$ || exit; sleep 0.01; done; \
                     sleep 0.{turn}3; kill -KILL $$ ) > /dev/null 2>&1 &"
                ));
                assert_eq!(job.run_bare(&script).code, None, "it was killed");
            }
        });
    });
    let text = fs::read_to_string(&all).expect("frames were saved");
    let end = text.rfind("END_CFG").expect("there is a frame") + "END_CFG".len();
    let whole = CfgReader::new(&text.as_bytes()[..end], "whole frames");
    let frames: Vec<_> = whole.map(|frame| frame.expect("a saved frame is whole")).collect();
    assert!(frames.iter().all(|frame| frame.len() == 64));
    let counts = steps(&frames);
    // the killed runs may have saved any of their first steps
    for step in 0..=length {
        assert!(counts[&step.to_string()] >= runs, "step {step} of both runs is there: {counts:?}");
    }
    fs::remove_file(&all).expect("the file is there");
}

/// Whoever has the lock, also another program, is waited for.
#[test]
fn a_locked_file_is_waited_for() {
    let structure = synthetic::crystal(144);
    let hold = "
import fcntl, sys, time
with open('saved.cfg', 'a') as file:
    fcntl.lockf(file, fcntl.LOCK_EX)
    open('locked', 'w').close()
    time.sleep(2)
    file.write('BEGIN_CFG\\n the beginning of a frame')
    file.flush()
    open('released', 'w').close()
";
    for ranks in [1, 2] {
        let job = job(&format!("locked-{ranks}"), &structure).ranks(ranks).file("hold.py", hold);
        let mut holder = Command::new(mtprs_tests::python::interpreter())
            .arg("hold.py")
            .current_dir(job.folder())
            .spawn()
            .expect("Python starts");
        while !job.folder().join("locked").exists() {
            thread::sleep(Duration::from_millis(10));
        }
        let finished = job.run(&format!("{}\nshell ls", script(&structure, "saved.cfg", 2)));
        assert!(holder.wait().expect("it ends").success());
        // it came before, and so what it left behind is what the run has found and cut off
        assert!(
            finished.output.contains("the last frame was incomplete and has been cut off"),
            "{}",
            finished.output
        );
        assert_eq!(finished.saved().len(), 3);
    }
}

/// A file system without locks, as this library makes one of any: the run goes on, and says what must not be done.
#[test]
fn a_file_system_without_locks_is_told() {
    let structure = synthetic::crystal(145);
    let no_locks = "
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>

static int lock(const char *name, int file, int command, void *argument)
{
    int (*real)(int, int, ...) = (int (*)(int, int, ...))dlsym(RTLD_NEXT, name);
    if (command == F_OFD_SETLK) {
        errno = ENOLCK;
        return -1;
    }
    return real(file, command, argument);
}

int fcntl(int file, int command, ...)
{
    va_list list;
    va_start(list, command);
    void *argument = va_arg(list, void *);
    va_end(list);
    return lock(\"fcntl\", file, command, argument);
}

int fcntl64(int file, int command, ...)
{
    va_list list;
    va_start(list, command);
    void *argument = va_arg(list, void *);
    va_end(list);
    return lock(\"fcntl64\", file, command, argument);
}
";
    let job = job("no-locks", &structure).file("no_locks.c", no_locks);
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-o", "no_locks.so", "no_locks.c", "-ldl"])
        .current_dir(job.folder())
        .status()
        .expect("the compiler starts");
    assert!(compiled.success());
    let job = job.preparation("export LD_PRELOAD=$PWD/no_locks.so");
    let first = job.run(&script(&structure, "saved.cfg", 2));
    assert_eq!(first.saved().len(), 3);
    let first_log = first.text("log.lammps");
    let second = job.run(&script(&structure, "saved.cfg", 2));
    assert_eq!(second.saved().len(), 6);
    let words =
        "saved.cfg: the file system has no locks: nothing else may save frames in it at the same time";
    for log in [first_log, second.text("log.lammps")] {
        assert!(log.contains(words), "{log}");
    }
}
