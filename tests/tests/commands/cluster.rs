//! `mtprs scaling` beside LAMMPS, and the scripts of `examples/cluster` with an srun and an sbatch that begin at once.

use std::fs;
use std::process::{Command, Output};

use mtprs_testing::{files_below, workspace};
use mtprs_tests::lammps::{Frame, Job, Lammps, read_dump};
use mtprs_tests::learning::Bench;
use mtprs_tests::python;
use serde_json::Value;

/// Atoms on a face between two ranks belong to one by LAMMPS's rounding and to the other by ours.
const ON_FACES: f64 = 2e-3;

fn glass(file: &str) -> String {
    let path = workspace().join("examples/mgv2o5").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Largest and mean number of atoms or ghosts, by LAMMPS.
fn counted(output: &str, beginning: &str) -> [f64; 2] {
    let line = output.lines().rev().find(|line| line.starts_with(beginning)).expect("LAMMPS counts");
    let words: Vec<&str> = line.split_whitespace().collect();
    [1, 3].map(|index| words[index].parse().expect("a number"))
}

/// Bricks, atoms and ghosts as LAMMPS has them, for a straight and a tilted box.
#[test]
fn atoms_and_ghosts_of_ranks_are_those_of_lammps() {
    let straight = glass("amorphous_96.data");
    let tilted = straight.replace("zlo zhi\n", "zlo zhi\n2.1 -1.3 3.2 xy xz yz\n");
    for (name, data, copies) in
        [("768", &straight, [2, 2, 2]), ("long", &straight, [1, 2, 5]), ("tilted", &tilted, [2, 2, 2])]
    {
        for ranks in [1, 2, 4, 6] {
            let job = Job::new(&format!("scaling-{name}-{ranks}")).ranks(ranks).file("start.data", data);
            let replicate = copies.map(|count: usize| count.to_string());
            let finished = job.file("mgvo.mtp", glass("mgvo.mtp")).run(&format!(
                "units metal\nread_data start.data\nreplicate {}\npair_style zero 5.5 full nocoeff\npair_coeff * *\n\
                 neighbor 1.0 bin\nrun 0\n",
                replicate.join(" ")
            ));
            let bench = Bench::new(&format!("scaling-{name}-{ranks}"));
            bench.write("start.data", data.as_bytes());
            bench.write("mgvo.mtp", glass("mgvo.mtp").as_bytes());
            bench.end(
                0,
                &format!(
                    "scaling mgvo.mtp start.data --replicate {} --skin 1 --microseconds-per-atom 1 --ranks {ranks} --json found",
                    replicate.join(",")
                ),
            );
            let found: Value = serde_json::from_str(&bench.text("found")).expect("JSON");
            let row = &found["systems"][0]["rows"][0];
            let grid = row["grid"].as_array().expect("a grid").iter().map(ToString::to_string);
            let grid = format!("{} MPI processor grid", grid.collect::<Vec<_>>().join(" by "));
            assert!(finished.output.contains(&grid), "{name}, {ranks} ranks: {grid}:\n{}", finished.output);
            let number = |key: &str| row[key].as_f64().expect("a number");
            let (ghosts, own) = (counted(&finished.output, "Nghost:"), counted(&finished.output, "Nlocal:"));
            assert!(
                (number("ghosts_per_rank") / ghosts[0] - 1.0).abs() < ON_FACES,
                "{name}, {ranks} ranks: {ghosts:?} {row}"
            );
            assert_eq!(number("atoms_per_rank"), own[0]);
            assert!(
                number("most_atoms") >= own[1] * (1.0 - ON_FACES),
                "{name}, {ranks} ranks: {own:?} {row}"
            );
        }
    }
}

/// A folder with the files of the example, and with `srun`, `sbatch` and `lmp` in `bin`.
struct Cluster {
    bench: Bench,
}

impl Cluster {
    fn new(name: &str, ranks: usize) -> Self {
        let bench = Bench::new(name);
        let lammps = Lammps::current();
        fs::create_dir_all(bench.path("bin")).expect("the folder of a test can be written to");
        bench.script(
            "bin/srun",
            &format!(
                "echo \"$@\" >> srun.log\nwhile [ \"${{1#-}}\" != \"$1\" ]; do shift; done\nexec '{}' -n {ranks} \"$@\"\n",
                lammps.mpiexec().display()
            ),
        );
        bench.script("bin/sbatch", "echo \"$@\" >> queue\n");
        bench.script("bin/lmp", &format!("exec '{}' \"$@\"\n", lammps.program().display()));
        for file in FILES {
            let from = workspace().join("examples/cluster").join(file);
            fs::copy(from, bench.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        }
        bench.write("start.data", glass("amorphous_96.data").as_bytes());
        bench.write("pot.mtp", glass("mgvo.mtp").as_bytes());
        let cluster = Self { bench };
        let plugin = format!("\nplugin load {}\n", lammps.plugin().display());
        for input in ["in.chain", "in.temperatures"] {
            cluster.edit(
                input,
                &[("\nif \"$(is_defined(variable,plugin))\" then \"plugin load ${plugin}\"\n", &plugin)],
            );
        }
        cluster
    }

    /// Replaces words of a file, each of which must be there.
    fn edit(&self, file: &str, words: &[(&str, &str)]) {
        let mut text = self.bench.text(file);
        for (old, new) in words {
            assert!(text.contains(old), "{file} has no {old}");
            text = text.replace(old, new);
        }
        self.bench.write(file, text.as_bytes());
    }

    fn run(&self, script: &str) -> Output {
        let path =
            format!("{}:{}", self.bench.path("bin").display(), std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new("bash");
        command.arg(script).current_dir(self.bench.path(".")).env("PATH", path);
        command.env("LD_LIBRARY_PATH", Lammps::current().libraries()).env("SLURM_CPUS_PER_TASK", "2");
        command.output().expect("bash starts")
    }

    fn succeed(&self, script: &str) {
        let output = self.run(script);
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{script}: {said}");
    }

    /// All frames of a chain by step; where two links have one, they must agree.
    fn frames(&self) -> Vec<Frame> {
        let mut frames: Vec<Frame> = Vec::new();
        for file in files_below(&self.bench.path("."), "dump") {
            for frame in read_dump(&file) {
                match frames.iter().find(|known| known.step == frame.step) {
                    Some(known) => assert_eq!(places(known), places(&frame), "step {}", frame.step),
                    None => frames.push(frame),
                }
            }
        }
        frames.sort_by_key(|frame| frame.step);
        frames
    }
}

/// The scripts and inputs of the example.
const FILES: [&str; 7] = [
    "in.chain",
    "in.temperatures",
    "link.sh",
    "mpi.sbatch",
    "hybrid.sbatch",
    "chain.sbatch",
    "partitions.sbatch",
];

fn places(frame: &Frame) -> Vec<f64> {
    frame.columns(&["xu", "yu", "zu"])
}

const EVERY_DIGIT: (&str, &str) = ("sort id\n", "sort id format float %.17g\n");

/// A chain of which every link is ended by its time limit after 200 steps, and one of whose checkpoints was cut off, does
/// the same, bit by bit, as a single run.
#[test]
fn a_chain_of_jobs_does_the_same_as_a_single_run() {
    let small =
        [("every index 10000", "every index 200"), ("frames index 1000", "frames index 50"), EVERY_DIGIT];
    let single = Cluster::new("cluster-single", 2);
    single.edit("in.chain", &small);
    single.edit("chain.sbatch", &[("2000000", "1000")]);
    single.succeed("chain.sbatch");
    assert!(!single.bench.path("queue").exists(), "a job that has done all its steps submits no other");

    let chain = Cluster::new("cluster-chain", 2);
    chain.edit("in.chain", &small);
    // The time is over before the first step; LAMMPS looks at the clock at the next checkpoint.
    chain.edit("in.chain", &[("run             ${steps} upto", "shell sleep 1.1\nrun ${steps} upto")]);
    chain.edit("chain.sbatch", &[("2000000 23:30:00", "1000 0:00:01")]);
    let mut jobs = 0;
    loop {
        chain.succeed("chain.sbatch");
        jobs += 1;
        assert!(jobs < 10, "{}", chain.bench.text("srun.log"));
        let queue = chain.bench.path("queue");
        if !queue.exists() {
            break;
        }
        assert_eq!(fs::read_to_string(&queue).expect("it is there"), "chain.sbatch\n");
        fs::remove_file(queue).expect("it is there");
        if jobs == 2 {
            let path = chain.bench.path("checkpoint.400");
            let half = fs::read(&path).expect("a checkpoint");
            fs::write(&path, &half[..half.len() / 2]).expect("it can be written");
        }
    }
    // 200, 400 (cut off), 400 once more, 600, 800, 1000.
    assert_eq!(jobs, 6);
    assert!(chain.bench.path("checkpoint.1000").exists() && !chain.bench.path("checkpoint.600").exists());
    let (expected, got) = (single.frames(), chain.frames());
    assert_eq!(
        got.iter().map(|frame| frame.step).collect::<Vec<_>>(),
        (0..=20).map(|k| 50 * k).collect::<Vec<u64>>()
    );
    for (a, b) in expected.iter().zip(&got) {
        assert_eq!(places(a), places(b), "step {}", a.step);
    }
    // Nothing is left to be done, and nothing goes on from what is no input.
    chain.succeed("chain.sbatch");
    chain.edit("chain.sbatch", &[("1000 0:00:01", "2000 0:00:01"), ("in.chain", "in.nothing")]);
    assert_eq!(chain.run("chain.sbatch").status.code(), Some(1));
    assert!(!chain.bench.path("queue").exists(), "a chain that does not go on ends");
}

#[test]
fn temperatures_run_in_partitions() {
    let cluster = Cluster::new("cluster-partitions", 4);
    cluster.edit("partitions.sbatch", &[("5x64", "2x2")]);
    let short = [
        ("T world 300 600 900 1000 1200", "T world 300 900"),
        ("seed world 11 12 13 14 15", "seed world 11 12"),
        ("melting index 10.0", "melting index 0.02"),
        ("hold index 2.0", "hold index 0.01"),
        ("rate index 106.0", "rate index 10000.0"),
        ("time index 4000.0", "time index 0.1"),
        ("frames index 1000", "frames index 10"),
    ];
    cluster.edit("in.temperatures", &short);
    cluster.succeed("partitions.sbatch");
    for (temperature, stops) in [("300", 3), ("900", 2)] {
        let log = cluster.bench.text(&format!("log.{temperature}"));
        // Melting, two runs for each stop, and two at the end.
        assert_eq!(log.matches("Loop time").count(), 3 + 2 * stops, "{log}");
        assert!(log.contains("on 2 procs") && !log.contains("ERROR"), "{log}");
        let frames = read_dump(&cluster.bench.path(&format!("frames.{temperature}.dump")));
        assert_eq!(frames.last().map(Frame::len), Some(96));
        assert!(cluster.bench.path(&format!("glass.{temperature}.data")).exists());
    }
}

/// Ranks alone, and ranks with threads: the same but for the digits that another order of sums changes.
#[test]
fn jobs_with_ranks_and_with_threads_do_the_same() {
    let mut ends = Vec::new();
    for script in ["mpi.sbatch", "hybrid.sbatch"] {
        let cluster = Cluster::new(&format!("cluster-{script}"), 2);
        cluster.edit(script, &[("steps 500000", "steps 60")]);
        cluster.edit("in.chain", &[("frames index 1000", "frames index 20"), EVERY_DIGIT]);
        cluster.succeed(script);
        let log = cluster.bench.text("log.lammps");
        assert_eq!(log.contains("2 threads on each of 2 MPI ranks"), script == "hybrid.sbatch", "{log}");
        let frames = cluster.frames();
        assert_eq!(frames.last().map(|frame| frame.step), Some(60));
        ends.push(places(&frames[frames.len() - 1]));
    }
    let largest = ends[0].iter().zip(&ends[1]).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(largest < 1e-9, "{largest} Å");
}

/// The comparison with LAMMPS whose table is kept beside it, shortened.
#[test]
#[ignore = "long: run by make test-long"]
fn the_comparison_with_lammps_runs() {
    let lammps = Lammps::current();
    let output = Command::new(python::interpreter())
        .arg(workspace().join("examples/cluster/validate.py"))
        .args(["--short", "--plugin"])
        .arg(lammps.plugin())
        .arg("--program")
        .arg(mtprs_tests::learning::program())
        .current_dir(workspace())
        .output()
        .expect("Python starts");
    let (table, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    assert!(table.contains("\nlargest deviation of ghosts: 0.00 %\n"), "{table}");
    for part in ["atoms of the rank with most", "steps from one neighbor list", "messages between two ranks"]
    {
        assert!(table.contains(part), "{part} is missing:\n{table}");
    }
}
