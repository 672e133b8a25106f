"""Compares `mtprs scaling` with LAMMPS: grids, atoms, ghosts, messages and bytes by count on any number of ranks,
neighbor lists, and times on one and two ranks. Prints a plain table.

Run it with the Python whose LAMMPS the plugin was built for. Counts do not depend on how many ranks share a core; times
do, so there are none on more ranks than cores. Times are those of the fastest of many parts of a few steps; all cases
take turns.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent
GLASS = ROOT / "examples/mgv2o5"
COPIES = {768: [2, 2, 2], 6144: [4, 4, 4], 49152: [8, 8, 8]}
TASKS = ["Pair", "Neigh", "Comm", "Modify", "Other"]
NEVER = 1_000_000
# Steps times atoms of a part that is timed: short, because other programs disturb long ones.
STEPS_OF_ATOMS = 4 * 768


class Tools:
    """LAMMPS with its MPI, mtprs, and what is compiled here."""

    def __init__(self, arguments, folder):
        environment = Path(sys.prefix)
        self.program = next(environment.glob("lib/python*/site-packages/lammps/lmp"))
        self.mpiexec = environment / "bin/mpiexec"
        self.plugin = arguments.plugin.resolve()
        self.mtprs = arguments.program.resolve()
        self.folder = Path(folder)
        self.variables = dict(os.environ, LD_LIBRARY_PATH=str(environment / "lib"), OMP_NUM_THREADS="1")
        for source, output, more in [
            ("count_messages.c", "count_messages.so", ["-shared", "-fPIC"]),
            ("ping.c", "ping", []),
        ]:
            command = [environment / "bin/mpicc", "-O2", *more, FOLDER / source, "-o", self.folder / output]
            subprocess.run(command, check=True, env=self.variables)

    def lammps(self, ranks, copies, count=False, **given):
        """Output of a run, and the messages that its first rank sent."""
        given |= {
            "plugin": self.plugin,
            "data": GLASS / "amorphous_96.data",
            "potential": GLASS / "mgvo.mtp",
            "cells": " ".join(map(str, copies)),
        }
        command = [self.program, "-in", FOLDER / "in.validate", "-log", "none", "-nocite"]
        for name, value in given.items():
            command += ["-var", name, str(value)]
        command = [self.mpiexec, "-n", str(ranks), *command]
        variables = dict(self.variables)
        messages = self.folder / "messages"
        if count:
            messages.unlink(missing_ok=True)
            variables |= {"LD_PRELOAD": str(self.folder / "count_messages.so"), "MTPRS_MESSAGES": str(messages)}
        output = run(command, variables)
        lines = [list(map(int, line.split())) for line in messages.read_text().splitlines()] if count else []
        return output, lines

    def scaling(self, copies, *options):
        """What mtprs predicts."""
        copies = ",".join(map(str, copies))
        command = [self.mtprs, "scaling", GLASS / "mgvo.mtp", GLASS / "amorphous_96.data", "--replicate", copies]
        command += ["--ensemble", "nve", "--quiet", "--json", "-", *map(str, options)]
        return json.loads(run(command, self.variables))

    def ping(self):
        """Latency, µs, and bandwidth, GB/s, between two ranks of this machine."""
        output = run([self.mpiexec, "-n", "2", self.folder / "ping"], self.variables)
        return [float(word) for word in re.findall(r"(?:latency|bandwidth) (\S+)", output)]


def run(command, variables):
    finished = subprocess.run(list(map(str, command)), capture_output=True, text=True, env=variables)
    if finished.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{finished.stdout}{finished.stderr}")
    return finished.stdout


def numbers_of(output, beginning):
    """Mean and largest number of all ranks, for each part of a run."""
    found = re.findall(rf"^{beginning}: +(\S+) ave +(\S+) max", output, re.M)
    return [(float(mean), float(most)) for mean, most in found]


def blocks_of(output):
    """What LAMMPS prints after each part of a run."""
    return [f"Loop time of{part}" for part in output.split("Loop time of")[1:]]


def times_of(output, steps):
    """µs per step by task, the means over the ranks, and in all."""
    tasks = {}
    for task in TASKS:
        columns = re.search(rf"^{task} +\|([^|]*)\|([^|]*)\|", output, re.M)
        tasks[task] = 1e6 * float(columns.group(2)) / steps
    tasks["all"] = 1e6 * float(re.search(r"^Loop time of (\S+)", output, re.M).group(1)) / steps
    return tasks


def fastest_of(blocks, steps, task):
    """The part that took the shortest time in a task, or in all."""
    return min(blocks, key=lambda block: times_of(block, steps)[task])


def header(arguments):
    def first_line(command):
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout.splitlines()[0]

    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    load = " ".join(f"{value:.1f}" for value in os.getloadavg()[:2])
    print(f"# {model.group(1) if model else 'unknown processor'}, {os.cpu_count()} cores, load {load}")
    print(f"# {first_line(['rustc', '--version'])}, commit {first_line(['git', 'describe', '--always', '--dirty'])}")
    print(f"# .venv/bin/python examples/cluster/validate.py --turns {arguments.turns}")
    print("# amorphous MgV2O5, demo potential of level 12, cutoff 5.5 A; NVE in steps of 1 fs")


def compare_counts(tools, sizes, ranks):
    """Predictions beside what LAMMPS and MPI count in steps without new lists."""
    print(
        "\ncounts, skin 1 A: LAMMPS, then mtprs scaling;"
        " messages and bytes that a rank sends in a step without new lists"
    )
    print(" atoms  ranks  grid            ghosts/rank           most atoms   messages        bytes/step")
    largest = 0.0
    for atoms in sizes:
        predicted = tools.scaling(
            COPIES[atoms],
            "--skin",
            1,
            "--rebuild-every",
            NEVER,
            "--microseconds-per-atom",
            1,
            "--ranks",
            ",".join(map(str, ranks)),
        )
        for row in predicted["systems"][0]["rows"]:
            count = row["ranks"]
            output, few = tools.lammps(count, COPIES[atoms], count=True, delay=NEVER, steps=2)
            _, more = tools.lammps(count, COPIES[atoms], count=True, delay=NEVER, steps=4)
            sent = [sum(line[k] for line in more) - sum(line[k] for line in few) for k in (1, 2)]
            messages, size = (value / 2 / count for value in sent)
            grid = "x".join(re.search(r"(\d+) by (\d+) by (\d+) MPI processor grid", output).groups())
            own = "x".join(map(str, row["grid"]))
            ghosts = numbers_of(output, "Nghost")[-1][0]
            most = numbers_of(output, "Nlocal")[-1][1]
            largest = max(largest, abs(row["ghosts_per_rank"] / ghosts - 1.0))
            print(
                f"{atoms:6}  {count:5}  {grid:6} {own:6}  {ghosts:9.1f} {row['ghosts_per_rank']:9.1f}"
                f"  {most:6.0f} {row['most_atoms']:8.1f}"
                f"  {messages:4.0f} {row['messages_per_step']:4.0f}  {size:9.0f} {row['bytes_per_step']:9.0f}"
            )
    print(f"largest deviation of ghosts: {100 * largest:.2f} %")


def compare_imbalance(tools, cases, parts, steps):
    print(f"\natoms of the rank with most, by the mean of all ranks: {parts} moments, {steps} steps apart")
    print(" atoms  ranks  K     mean  LAMMPS: mean  largest  mtprs")
    for atoms, ranks, temperature in cases:
        output, _ = tools.lammps(ranks, COPIES[atoms], T=temperature, steps=steps, parts=parts)
        counts = numbers_of(output, "Nlocal")
        shares = [most / mean for mean, most in counts]
        row = tools.scaling(COPIES[atoms], "--skin", 1, "--microseconds-per-atom", 1, "--ranks", ranks)["systems"][0][
            "rows"
        ][0]
        print(
            f"{atoms:6}  {ranks:5}  {temperature:4}  {counts[0][0]:6.1f}"
            f"  {sum(shares) / len(shares):12.3f}  {max(shares):7.3f}  {row['most_atoms'] / row['atoms_per_rank']:5.3f}"
        )


def compare_rebuilds(tools, atoms, steps, temperatures, skins):
    print(f"\nsteps from one neighbor list to the next, {atoms} atoms, {steps} steps")
    print("   K  skin  LAMMPS  mtprs")
    for temperature in temperatures:
        for skin in skins:
            output, _ = tools.lammps(1, COPIES[atoms], T=temperature, skin=skin, steps=steps, parts=2)
            builds = int(re.findall(r"Neighbor list builds = (\d+)", output)[-1])
            options = ["--skin", skin, "--temperature", temperature, "--microseconds-per-atom", 1, "--ranks", 1]
            predicted = tools.scaling(COPIES[atoms], *options)["systems"][0]["rebuild_every"]
            print(f"{temperature:4}  {skin:4}  {steps / builds if builds else float('inf'):6.1f}  {predicted:5.0f}")


def compare_times(tools, sizes, turns, parts):
    """Two ranks from what one rank shows and from the messages between two ranks."""
    fastest, lists = {}, {}
    latency, bandwidth, own = 1e9, 0.0, 1e9
    for _ in range(turns):
        found = tools.ping()
        latency, bandwidth = min(latency, found[0]), max(bandwidth, found[1])
        measured = tools.scaling(COPIES[768], "--skin", 1, "--ranks", 1, "--threads", 1)
        own = min(own, 1e6 * measured["costs"]["pair"])
        for atoms in sizes:
            steps = max(2, STEPS_OF_ATOMS // atoms)
            for ranks in (1, 2):
                output, _ = tools.lammps(ranks, COPIES[atoms], steps=steps, parts=parts, delay=NEVER)
                blocks = blocks_of(output) + fastest.get((atoms, ranks), [])
                fastest[atoms, ranks] = [fastest_of(blocks, steps, "all")]
            output, _ = tools.lammps(1, COPIES[atoms], steps=steps, parts=max(2, parts // 10), check="no")
            lists[atoms] = [fastest_of(blocks_of(output) + lists.get(atoms, []), steps, "Neigh")]
    print(f"\nmessages between two ranks: {latency:.2f} us, {bandwidth:.2f} GB/s")
    print(f"us per step without new lists, means over the ranks, fastest of {turns * parts} parts of a few steps each;")
    print("mtprs: costs of the part on one rank (--log)")
    print(" atoms  ranks             pair    comm  modify+other      all  efficiency")
    costs = {}
    for atoms in sizes:
        steps = max(2, STEPS_OF_ATOMS // atoms)
        log = tools.folder / "log"
        log.write_text(fastest[atoms, 1][0])
        options = ["--skin", 1, "--log", log, "--ranks", "1,2", "--cores-per-node", 2, "--rebuild-every", NEVER]
        options += ["--node-latency", latency, "--node-bandwidth", bandwidth]
        predicted = tools.scaling(COPIES[atoms], *options)
        costs[atoms] = predicted["costs"]
        alone = times_of(fastest[atoms, 1][0], steps)["all"]
        for ranks, row in zip((1, 2), predicted["systems"][0]["rows"]):
            times = times_of(fastest[atoms, ranks][0], steps)
            rest, share = times["Modify"] + times["Other"], alone / ranks / times["all"]
            print(
                f"{atoms:6}  {ranks:5}  LAMMPS  {times['Pair']:8.1f}  {times['Comm']:6.1f}  {rest:12.1f}"
                f"  {times['all']:7.1f}  {share:10.3f}"
            )
            part = {name: 1e6 * value for name, value in row["seconds"].items()}
            comm = part["ghosts"] + part["messages"] + part["reductions"] + part["imbalance"]
            print(
                f"{atoms:6}  {ranks:5}  mtprs   {part['pair']:8.1f}  {comm:6.1f}  {part['integrate']:12.1f}"
                f"  {sum(part.values()):7.1f}  {row['efficiency']:10.3f}"
            )
    print("\non one rank, and what mtprs measures for the potential")
    print(" atoms  pair us/atom  list ns/entry  ghost ns/step  rest ns/atom   mtprs: pair us/atom")
    for atoms in sizes:
        block, found = lists[atoms][0], costs[atoms]
        entries = numbers_of(block, "FullNghs")[0][0]
        list_cost = 1e3 * times_of(block, max(2, STEPS_OF_ATOMS // atoms))["Neigh"] / entries
        print(
            f"{atoms:6}  {1e6 * found['pair']:12.3f}  {list_cost:13.1f}  {1e9 * found['ghost']:13.1f}"
            f"  {1e9 * found['integrate']:12.1f}  {own:20.3f}"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plugin", type=Path, default=ROOT / "build/plugin/mtprsplugin.so")
    parser.add_argument("--program", type=Path, default=ROOT / "target/release/mtprs")
    parser.add_argument("--turns", type=int, default=10, help="turns that every timed case takes")
    parser.add_argument("--only", choices=["counts", "imbalance", "rebuilds", "times"], help="one of the comparisons")
    parser.add_argument("--short", action="store_true", help="less of everything, only to see that it works")
    arguments = parser.parse_args()
    arguments.turns = 1 if arguments.short else arguments.turns

    with tempfile.TemporaryDirectory() as folder:
        tools = Tools(arguments, folder)
        header(arguments)
        chosen = [arguments.only] if arguments.only else ["counts", "imbalance", "rebuilds", "times"]
        if "counts" in chosen:
            compare_counts(
                tools, [768] if arguments.short else list(COPIES), [1, 2] if arguments.short else [1, 2, 4, 8, 16]
            )
        if "imbalance" in chosen:
            cases = [(atoms, 8, kelvin) for atoms in (768, 6144) for kelvin in (300, 1200)]
            compare_imbalance(tools, cases[:1] if arguments.short else cases, 5, 20 if arguments.short else 100)
        if "rebuilds" in chosen:
            temperatures, skins = ((300,), (1.0,)) if arguments.short else ((300, 1200), (0.5, 1.0, 2.0))
            compare_rebuilds(tools, 768, 100 if arguments.short else 1000, temperatures, skins)
        if "times" in chosen:
            compare_times(
                tools, [768] if arguments.short else [768, 6144], arguments.turns, 10 if arguments.short else 100
            )


if __name__ == "__main__":
    main()
