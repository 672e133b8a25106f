"""Compares the methods of `mtprs train` with each other, and the default with motep, an independent program.

Every run begins with the same random numbers (`--starts 1`). A method has so many seconds; its course is read from
the checkpoint that the end of its time leaves. motep (BFGS of SciPy on its C engine, one core) takes turns with mtprs
on one thread: it stands still while mtprs runs, before, in the middle and after. Both minimize the same loss on the
same frames.

    python trainer/benches/training.py --mtprs target/release/mtprs --out build/bench [--published ../shared/data]

prints tables and draws training.svg. Without --published only the frames of examples/mgv2o5 are fitted.
"""

import argparse
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

ROOT = Path(__file__).resolve().parents[2]
FRAMES = ROOT / "examples/mgv2o5/train.cfg"
METHODS = ("gauss-newton", "variable-projection", "levenberg-marquardt", "lbfgs")
LEVEL_BESIDE_MOTEP = 8
CUTOFF_BESIDE_MOTEP = 5.0
EVERY = 4  # every so many-th frame is fitted beside motep


@dataclass
class Case:
    name: str
    data: Path
    level: int
    cutoff: float
    species: str
    seconds: float
    reference: tuple[str, ...] = ()  # the published potential's errors, for the title

    def label(self):
        return f"{self.name}, level {self.level}, {self.cutoff:g} Å"


def cases(options):
    """Return what is fitted by all methods."""
    found = [Case("MgV2O5 of the demo", FRAMES, 12, 5.5, "Mg,V,O", options.seconds)]
    if options.published:
        found += [
            Case("Li", options.published / "mlearn/Li_train.cfg", 16, 5.1, "Li", options.seconds),
            Case("Mg-V-O (DFT)", options.published / "mgvo/dft_train.cfg", 16, 7.0, "Mg,V,O", 2 * options.seconds),
            Case("Si", options.published / "mlearn/Si_train.cfg", 24, 4.7, "Si", 4 * options.seconds),
        ]
    return [case for case in found if options.only is None or case.name in options.only]


def call(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True, **options)


def untrained(mtprs, folder, level, cutoff, species):
    """Write an untrained potential and return its path."""
    path = folder / f"{species.replace(',', '')}-{level}.mtp"
    call(
        mtprs,
        "init",
        "--level",
        level,
        "--cutoff",
        cutoff,
        "--species",
        species,
        "--min-dist",
        1.3,
        "--force",
        "-o",
        path,
    )
    return path


def course(mtprs, folder, potential, case, method, threads):
    """Fit for the time of the case, or to the end; return seconds, losses and the number of steps."""
    output = folder / f"{method}.mtp"
    checkpoint = output.with_suffix(".mtp.checkpoint")
    report = output.with_suffix(".json")
    checkpoint.unlink(missing_ok=True)
    words = [
        mtprs,
        "train",
        potential,
        case.data,
        "-o",
        output,
        "--method",
        method,
        "--starts",
        "1",
        "--update-mindist",
    ]
    words += ["--max-iter", "100000", "--bfgs-conv-tol", "0", "--threads", threads, "--quiet", "--force"]
    words += ["--report-json", report]
    run = subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        _, errors = run.communicate(timeout=case.seconds)
    except subprocess.TimeoutExpired:
        run.send_signal(signal.SIGTERM)
        _, errors = run.communicate()
    if run.returncode not in (0, -signal.SIGTERM):
        raise SystemExit(f"mtprs train --method {method} failed: {errors}")
    if run.returncode != 0 and not checkpoint.exists():
        return [], [], 0  # the time was over before the first step
    # A run that came to its end has left its report, an interrupted one its checkpoint.
    kept = report.read_bytes() if run.returncode == 0 else checkpoint.read_bytes().split(b"\n", 3)[2]
    points = json.loads(kept)["history"]
    return [point["seconds"] for point in points], [point["loss"] for point in points], points[-1]["iteration"]


def compare_methods(options, folder):
    """Run all methods on all cases; print a table and draw the figure."""
    threads = f"{options.threads} thread{'s' if options.threads > 1 else ''}"
    print(f"\nloss after a quarter, half and all of the time, {threads}, from the same random beginning")
    print(f"{'data':34} {'method':20} {'seconds':>8} {'quarter':>11} {'half':>11} {'all':>11} {'steps':>6}")
    fits = cases(options)
    figure, panels = plt.subplots(1, len(fits), figsize=(4.2 * len(fits), 3.6), squeeze=False)
    for case, panel in zip(fits, panels[0]):
        potential = untrained(options.mtprs, folder, case.level, case.cutoff, case.species)
        for method in METHODS:
            seconds, losses, steps = course(options.mtprs, folder, potential, case, method, options.threads)
            at = [last_before(seconds, losses, share * case.seconds) for share in (0.25, 0.5, 1.0)]
            values = " ".join(f"{loss:11.4e}" if loss is not None else f"{'-':>11}" for loss in at)
            print(f"{case.label():34} {method:20} {case.seconds:8.0f} {values} {steps:6}", flush=True)
            panel.plot(seconds, losses, label=method, linewidth=1.4)
        panel.set(xscale="log", yscale="log", xlabel="wall time (s)", title=case.label())
        panel.grid(alpha=0.3, which="both", linewidth=0.4)
    panels[0][0].set_ylabel("loss")
    panels[0][0].legend(frameon=False, fontsize=8)
    figure.tight_layout()
    options.out.mkdir(parents=True, exist_ok=True)
    plt.rcParams["svg.hashsalt"] = "mtprs"
    temporary = options.out / "training.svg.tmp"
    figure.savefig(temporary, format="svg", metadata={"Date": None})
    temporary.replace(options.out / "training.svg")


def last_before(seconds, losses, time_limit):
    reached = [loss for second, loss in zip(seconds, losses) if second <= time_limit]
    return reached[-1] if reached else None


class Motep:
    """motep train as a process that can be made to stand still; the time that it ran until each loss."""

    def __init__(self, folder, potential, iterations):
        setting = folder / "motep.toml"
        setting.write_text(
            f'configurations = {{ training = ["frames.cfg"] }}\n'
            f'potentials = {{ initial = "{potential.name}", final = "motep.mtp" }}\n'
            f"common = {{ seed = 1, species = [12, 23, 8] }}\n"
            f'steps = [{{ method = "BFGS", kwargs = {{ options = {{ maxiter = {iterations} }} }} }}]\n',
            encoding="utf-8",
        )
        environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", PYTHONUNBUFFERED="1")
        self.stopped = 0.0
        self.losses = []
        self.begun = time.perf_counter()
        command = [sys.executable, "-m", "motep", "train", setting.name]
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines = []
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line)
            words = line.replace(":", " ").split()
            if len(words) >= 3 and words[-3] == "loss" and words[-2].isdigit():
                self.losses.append((time.perf_counter() - self.begun - self.stopped, float(words[-1])))

    def pause(self, work):
        """Stand still while something else runs."""
        start = time.perf_counter()
        self.process.send_signal(signal.SIGSTOP)
        try:
            work()
        finally:
            self.process.send_signal(signal.SIGCONT)
            self.stopped += time.perf_counter() - start

    def wait(self, seconds=None):
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        self.reader.join()
        if self.process.returncode != 0 or not self.losses:
            raise SystemExit(f"motep failed:\n{''.join(self.lines[-20:])}")
        return True


def beside_motep(options, folder):
    """Time both programs on one core until the loss that motep ends with."""
    blocks = FRAMES.read_text(encoding="utf-8").split("BEGIN_CFG")[1:]
    chosen = blocks[::EVERY]
    (folder / "frames.cfg").write_text("".join("BEGIN_CFG" + block for block in chosen), encoding="utf-8")
    potential = untrained(options.mtprs, folder, LEVEL_BESIDE_MOTEP, CUTOFF_BESIDE_MOTEP, "Mg,V,O")
    courses = []

    def ours():
        case = Case("", folder / "frames.cfg", LEVEL_BESIDE_MOTEP, CUTOFF_BESIDE_MOTEP, "Mg,V,O", 0.0)
        words = [options.mtprs, "train", potential, case.data, "-o", folder / "ours.mtp", "--starts", "1", "--quiet"]
        words += ["--threads", "1", "--weighting", "structures", "--max-iter", "400", "--bfgs-conv-tol", "0"]
        call(*words, "--force", "--report-json", folder / "ours.json")
        points = json.loads((folder / "ours.json").read_text(encoding="utf-8"))["history"]
        courses.append([(point["seconds"], point["loss"]) for point in points])

    ours()
    motep = Motep(folder, potential, options.motep_iterations)
    pauses = 0
    while not motep.wait(options.motep_pause):
        if pauses < 3:
            motep.pause(ours)
            pauses += 1
    ours()
    duration, final = motep.losses[-1]
    reached = [next((seconds for seconds, loss in points if loss <= final), None) for points in courses]
    what = f"level {LEVEL_BESIDE_MOTEP}, {CUTOFF_BESIDE_MOTEP:g} Å, one core"
    print(f"\nbeside motep: {len(chosen)} frames of 96 atoms, {what}")
    print(f"motep: loss {final:.5e} after {len(motep.losses) - 1} iterations of BFGS and {duration:.1f} s")
    if None in reached:
        raise SystemExit("mtprs has not reached this loss")
    middle = statistics.median(reached)
    print(
        f"mtprs: at this loss after {middle:.2f} s (of {len(reached)} runs: {min(reached):.2f} to {max(reached):.2f} s)"
    )
    print(
        f"ratio {duration / middle:.0f}; after all steps mtprs has {courses[0][-1][1]:.5e} at {courses[0][-1][0]:.1f} s"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mtprs", type=Path, default=ROOT / "target/release/mtprs")
    parser.add_argument("--out", type=Path, default=ROOT / "build/bench", help="folder for training.svg")
    parser.add_argument("--published", type=Path, help="folder with reference data: Li, Si, Mg-V-O")
    parser.add_argument("--seconds", type=float, default=30.0, help="for each method (Mg-V-O twice, Si four times)")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="the data to compare the methods on, by name")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of the methods that are compared")
    parser.add_argument("--motep-iterations", type=int, default=100)
    parser.add_argument("--motep-pause", type=float, default=20.0, help="seconds between the turns of mtprs")
    options = parser.parse_args()
    options.mtprs = options.mtprs.resolve()
    with tempfile.TemporaryDirectory() as folder:
        beside_motep(options, Path(folder))
        compare_methods(options, Path(folder))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"\n{used.ru_utime + used.ru_stime:.0f} s of CPU in all")


if __name__ == "__main__":
    main()
