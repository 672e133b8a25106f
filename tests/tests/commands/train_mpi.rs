//! `mtprs train` on several MPI ranks: the same bits as one process, also after a kill and with other ranks; and nothing
//! hangs or speaks twice when something fails, everywhere or on one rank.

use std::fs;
use std::thread;
use std::time::Duration;

use mtprs_tests::mpi_training::{Bench, Ended};
use mtprs_tests::process;

/// A training that goes through every stage.
const FIT: &str = "train new.mtp train.cfg --valid-fraction 0.2 --patience 500 --starts 3 --max-iter 60 \
                   --bfgs-conv-tol 0 --huber-force 0.8 --update-mindist";
/// A training that goes on and on, with a checkpoint at every step.
const ENDLESS: &str =
    "train new.mtp train.cfg -o pot.mtp --starts 1000000 --checkpoint-interval 0 -q --checkpoint kept";

fn succeeded(ended: Ended) -> Ended {
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    ended
}

#[test]
#[ignore = "long: run by make test-long"]
fn any_number_of_ranks_and_threads_gives_the_same_potential() {
    let bench = Bench::new("ranks", 24);
    let alone = succeeded(bench.alone(&format!("{FIT} -o alone.mtp -j 2 --report-json alone.json")));
    assert!(alone.stdout.contains("Errors of alone.mtp"), "{}", alone.stdout);
    let expected = bench.text("alone.mtp");
    let losses = losses(&bench.text("alone.json"));
    assert!(losses.len() >= 7, "{losses:?}");
    for (ranks, threads) in [(1, 1), (2, 1), (3, 2), (4, 1)] {
        let ended =
            succeeded(bench.on_ranks(
                ranks,
                &format!("{FIT} -o ranks.mtp -j {threads} --report-json ranks.json --force"),
            ));
        assert!(bench.text("ranks.mtp") == expected, "another potential on {ranks} ranks");
        assert_eq!(self::losses(&bench.text("ranks.json")), losses, "{ranks} ranks");
        // Rank 0 alone prints.
        let tables = ended.stdout.replace("ranks.mtp", "alone.mtp");
        assert_eq!(tables.matches("Errors of").count(), 2, "{tables}");
        assert_eq!(tables, alone.stdout, "{ranks} ranks");
        assert_eq!(ended.stderr.matches("shortest distance").count(), 1, "{}", ended.stderr);
        let how = match ranks {
            1 => " s on 1 thread\n".to_owned(),
            _ => format!(" s on {ranks} processes of {threads} thread"),
        };
        assert!(ended.stderr.contains(&how), "{}", ended.stderr);
    }
}

#[test]
#[ignore = "long: run by make test-long"]
fn more_ranks_than_configurations_cross_validate_as_one() {
    let bench = Bench::new("folds", 3);
    let options = "train new.mtp train.cfg --folds 2 --max-iter 5 --starts 1 --seed 3";
    let alone = succeeded(bench.alone(&format!("{options} -o alone.mtp")));
    let ranks = succeeded(bench.on_ranks(4, &format!("{options} -o ranks.mtp")));
    assert_eq!(bench.text("ranks.mtp"), bench.text("alone.mtp"));
    assert!(alone.stdout.contains("Cross-validation"), "{}", alone.stdout);
    assert_eq!(ranks.stdout.replace("ranks.mtp", "alone.mtp"), alone.stdout);
    assert!(!bench.path("ranks.mtp.checkpoint.fold1").exists());
}

#[test]
#[ignore = "long: run by make test-long"]
fn ranks_on_one_node_divide_its_cores() {
    let bench = Bench::new("cores", 4);
    let cores = thread::available_parallelism().expect("the number of cores is known").get();
    let ended = succeeded(bench.on_ranks(2, "train new.mtp train.cfg -o pot.mtp --starts 1 --max-iter 1"));
    let each = (cores / 2).max(1);
    let plural = if each == 1 { "" } else { "s" };
    let expected = format!("on 2 processes of {each} thread{plural} each\n");
    assert!(ended.stderr.contains(&expected), "{}", ended.stderr);
}

#[test]
#[ignore = "long: run by make test-long"]
fn a_killed_run_goes_on_with_another_number_of_ranks() {
    let bench = Bench::new("killed", 24);
    let options =
        "train new.mtp train.cfg --starts 2 --max-iter 300 --bfgs-conv-tol 0 --valid-fraction 0.2 -q";
    succeeded(bench.alone(&format!("{options} -o whole.mtp")));
    let pieces = format!("{options} -o pieces.mtp --checkpoint-interval 0 --resume --force");
    let ended = || {
        assert_eq!(bench.text("pieces.mtp"), bench.text("whole.mtp"));
        fs::remove_file(bench.path("pieces.mtp")).expect("it was written");
    };
    let mut kills = 0;
    for attempt in 0_u64.. {
        assert!(attempt < 30, "the run ends before it can be killed");
        let mut run = bench.start_on_ranks([2, 1, 3][kills], &pieces);
        bench.wait_for("pieces.mtp.checkpoint");
        // Less and less, should the run be over by then.
        thread::sleep(Duration::from_millis(150 / (1 + attempt)));
        if run.try_wait().expect("a started program can be waited for").is_some() {
            succeeded(bench.finish(run, "a run that was not killed"));
            ended();
            continue;
        }
        process::kill_tree(run.id());
        bench.finish(run, "the killed run");
        kills += 1;
        if kills == 3 {
            break;
        }
    }
    if !bench.path("pieces.mtp").exists() {
        succeeded(bench.on_ranks(4, &pieces));
    }
    ended();
}

#[test]
#[ignore = "long: run by make test-long"]
fn a_signal_to_one_rank_ends_all_in_order() {
    let bench = Bench::new("signal", 24);
    let run = bench.start_on_ranks(3, ENDLESS);
    bench.wait_for("kept");
    process::signal("TERM", &[bench.process_of_rank(&run, 2)]);
    let ended = bench.finish(run, "the run with a signal");
    assert_eq!(ended.code, 128 + 15, "{}", ended.stderr);
    assert_eq!(ended.stderr, "interrupted: kept in kept; --resume continues from there\n");

    let refused = bench.on_ranks(2, ENDLESS);
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.starts_with("error: kept: there is a checkpoint of a stopped run here\n"),
        "{}",
        refused.stderr
    );
    let kept = fs::read(bench.path("kept")).expect("the checkpoint is there");
    fs::write(bench.path("kept"), &kept[..kept.len() - 9]).expect("the folder of a test can be written to");
    let refused = bench.on_ranks(2, &format!("{ENDLESS} --resume"));
    assert_eq!(
        (refused.code, refused.stderr.as_str()),
        (1, "error: kept: the checkpoint is damaged: its length or checksum is wrong\n")
    );
}

#[test]
#[ignore = "long: run by make test-long"]
fn a_rank_that_dies_ends_the_run() {
    let bench = Bench::new("dies", 24);
    for rank in [1, 0] {
        let run = bench.start_on_ranks(2, ENDLESS);
        bench.wait_for("kept");
        process::signal("KILL", &[bench.process_of_rank(&run, rank)]);
        let ended = bench.finish(run, "the run with a dead rank");
        assert_ne!(ended.code, 0, "{}", ended.stderr);
        fs::remove_file(bench.path("kept")).expect("the checkpoint is there");
    }
}

#[test]
#[ignore = "long: run by make test-long"]
fn what_fails_everywhere_is_told_once() {
    let bench = Bench::new("everywhere", 4);
    let told = |arguments: &str, code: i32, message: &str| {
        let ended = bench.on_ranks(3, arguments);
        assert_eq!(ended.code, code, "{arguments}: {}", ended.stderr);
        assert!(ended.stderr.starts_with(message), "{arguments}: {}", ended.stderr);
        assert_eq!(ended.stderr.matches("error:").count(), 1, "{arguments}: {}", ended.stderr);
        assert_eq!(ended.stdout, "", "{arguments}");
    };
    told("train new.mtp", 2, "error: the following required arguments were not provided");
    told("train new.mtp none.cfg", 1, "error: none.cfg: cannot open: ");
    told(
        "train new.mtp train.cfg -o no/pot.mtp",
        1,
        "error: no/pot.mtp: cannot write: there is no folder no",
    );
    told(
        "train new.mtp train.cfg --species Mg,O --species-energies 1",
        1,
        "error: species-energies: expected 2 numbers",
    );
    let ended = succeeded(bench.on_ranks(2, "train new.mtp train.cfg --print-job"));
    assert_eq!(ended.stdout.matches("max-iter = ").count(), 1, "{}", ended.stdout);
}

#[test]
#[ignore = "long: run by make test-long"]
fn what_fails_on_one_rank_is_told_with_its_number() {
    let bench = Bench::new("one-rank", 6);
    fs::create_dir(bench.path("other")).expect("the folder of a test can be written to");
    fs::copy(bench.path("new.mtp"), bench.path("other/new.mtp")).expect("the file can be copied");
    let told = |groups: &[(usize, &str, &str)], message: &str| {
        let ended = bench.in_groups(groups);
        assert_eq!(ended.code, 1, "{groups:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(message), "{groups:?}: {}", ended.stderr);
        assert_eq!(ended.stderr.matches("error:").count(), 1, "{groups:?}: {}", ended.stderr);
        assert!(!bench.path("pot.mtp").exists());
    };
    let fit = "train new.mtp train.cfg -o pot.mtp --starts 1 --max-iter 5 -q";
    // A file that one rank lacks, a file that is another one there, and options that differ.
    let elsewhere = (1, "-wdir other", fit);
    told(&[(2, "", fit), elsewhere], "error: MPI rank 2: train.cfg: cannot open: ");
    bench.write_frames("other/train.cfg", 5);
    let different = "error: the processes read different potentials or configurations";
    told(&[(1, "", fit), elsewhere], different);
    told(&[(1, "", fit), (1, "", &format!("{fit} --seed 2"))], different);
    // Only rank 0 writes.
    told(
        &[(2, "", &format!("{fit} --curr-pot-name /dev/full --checkpoint-interval 0"))],
        "error: MPI rank 0: /dev/full: cannot write: ",
    );
    // Beside the points where all look at each other the rank aborts the others.
    let anew = &format!("{fit} --force");
    told(
        &[(1, "", anew), (1, "-env MTPRS_KERNEL none", anew)],
        "error: MPI rank 1: MTPRS_KERNEL is none, expected portable, avx2 or avx512\n",
    );
}

/// The losses of a report, as they stand there.
fn losses(report: &str) -> Vec<String> {
    let loss = |line: &str| line.trim().strip_prefix("\"loss\": ").map(str::to_owned);
    report.lines().filter_map(loss).collect()
}
