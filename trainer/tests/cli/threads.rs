//! `--threads` bounds the threads of every command, and changes no result.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use crate::fixture::{Bench, configurations};
use crate::train;

/// Most threads that a run of the program has had, as far as could be seen while it ran.
fn most_threads(bench: &Bench, arguments: &str) -> usize {
    let mut command = bench.command(arguments);
    // What rayon starts by itself would be seen.
    command.env("RAYON_NUM_THREADS", "9").stdout(Stdio::null()).stderr(Stdio::piped());
    let mut run = command.spawn().unwrap();
    let tasks = format!("/proc/{}/task", run.id());
    let mut most = 0;
    while run.try_wait().unwrap().is_none() {
        most = most.max(fs::read_dir(&tasks).map_or(0, Iterator::count));
        thread::sleep(Duration::from_micros(200));
    }
    let output = run.wait_with_output().unwrap();
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    most
}

#[test]
fn a_command_has_the_threads_that_it_is_given_and_one_that_waits() {
    let bench = train::bench("threads");
    bench.write_configurations("candidates.cfg", &configurations(200));
    bench.succeed("state build pot.mtp train.cfg pot.mtps -q");
    let fit = "--max-iter 30 --bfgs-conv-tol 0 --starts 2 -q";
    let mut results = Vec::new();
    for threads in [1, 3] {
        let mut most = 0;
        for arguments in [
            format!("train new.mtp train.cfg -o fitted{threads}.mtp --valid-fraction 0.2 {fit}"),
            format!("train new.mtp train.cfg -o lm{threads}.mtp --method levenberg-marquardt {fit}"),
            format!(
                "train new.mtp train.cfg -o vp{threads}.mtp --method variable-projection --max-iter 3 --starts 1 -q"
            ),
            format!("tune train.cfg --species Mg,O --levels 4 --cutoffs 4 -o tune{threads} {fit}"),
            format!("state build pot.mtp train.cfg pot{threads}.mtps -q"),
            format!("select pot.mtp train.cfg candidates.cfg selected{threads}.cfg -q"),
            format!("select pot.mtp pot.mtps candidates.cfg from_state{threads}.cfg --limit 5 -q"),
            format!("evaluate pot.mtp candidates.cfg efs{threads}.cfg -q"),
            format!("grade pot.mtp train.cfg candidates.cfg grades{threads}.cfg -q"),
            format!("errors pot.mtp train.cfg --json errors{threads}.json -q"),
            format!("analyze rdf candidates.cfg --cutoff 6 --json rdf{threads}.json -q"),
        ] {
            let of_command = most_threads(&bench, &format!("{arguments} -j {threads}"));
            assert!(of_command <= threads + 1, "mtprs {arguments} -j {threads} had {of_command} threads");
            most = most.max(of_command);
        }
        assert!(most > 1, "threads could not be counted");
        let of_check = most_threads(&bench, "check train.cfg");
        assert!(of_check <= 1, "mtprs check had {of_check} threads");
        let files = [
            "fitted#.mtp",
            "lm#.mtp",
            "vp#.mtp",
            "pot#.mtps",
            "selected#.cfg",
            "from_state#.cfg",
            "efs#.cfg",
            "rdf#.json",
        ];
        results
            .push(files.map(|file| fs::read(bench.path(&file.replace('#', &threads.to_string()))).unwrap()));
    }
    assert!(results[0] == results[1], "results depend on the number of threads");
}
