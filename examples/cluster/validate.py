"""Compares `mtprs scaling` with LAMMPS: grids, atoms, ghosts, messages and bytes by count on any number of ranks,
neighbor lists, and times on one and two ranks. Prints a plain table.

Run it with the Python whose LAMMPS the plugin was built for. Counts do not depend on how many ranks share a core; times
do, so there are none on more ranks than cores. Every time is the shortest of several turns that all cases take one
after another.
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


def last_block(output):
    return output[output.rindex("Loop time of") :]


def times_of(output, steps):
    """µs per step by task, the means over the ranks, and in all."""
    tasks = {}
    for task in TASKS:
        columns = re.search(rf"^{task} +\|([^|]*)\|([^|]*)\|", output, re.M)
        tasks[task] = 1e6 * float(columns.group(2)) / steps
    tasks["all"] = 1e6 * float(re.search(r"^Loop time of (\S+)", output, re.M).group(1)) / steps
    return tasks


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


def compare_times(tools, sizes, turns):
    """Two ranks from what one rank shows and from the messages between two ranks."""
    fastest, logs = {}, {}
    latency, bandwidth = 1e9, 0.0
    for _ in range(turns):
        found = tools.ping()
        latency, bandwidth = min(latency, found[0]), max(bandwidth, found[1])
        for atoms in sizes:
            for ranks in (1, 2):
                steps = max(10, 100_000 // atoms)
                output, _ = tools.lammps(ranks, COPIES[atoms], steps=steps, parts=2)
                block = last_block(output)
                times = times_of(block, steps)
                case = (atoms, ranks)
                if case not in fastest or times["all"] < fastest[case]["all"]:
                    fastest[case], logs[case] = times, block
    print(f"\nmessages between two ranks: {latency:.2f} us, {bandwidth:.2f} GB/s")
    print("us per step, means over the ranks, shortest of all turns; mtprs: costs of the run on one rank (--log)")
    print(" atoms  ranks           pair  lists   comm  modify+other      all  efficiency")
    for atoms in sizes:
        log = tools.folder / "log"
        log.write_text(logs[atoms, 1])
        options = [
            "--skin",
            1,
            "--log",
            log,
            "--ranks",
            "1,2",
            "--node-latency",
            latency,
            "--node-bandwidth",
            bandwidth,
        ]
        options += ["--cores-per-node", 2]
        for ranks, row in zip((1, 2), tools.scaling(COPIES[atoms], *options)["systems"][0]["rows"]):
            times = fastest[atoms, ranks]
            share = fastest[atoms, 1]["all"] / ranks / times["all"]
            rest = times["Modify"] + times["Other"]
            print(
                f"{atoms:6}  {ranks:5}  LAMMPS  {times['Pair']:7.0f} {times['Neigh']:6.0f} {times['Comm']:6.1f}"
                f"  {rest:12.1f}  {times['all']:7.0f}  {share:10.2f}"
            )
            part = {name: 1e6 * value for name, value in row["seconds"].items()}
            comm = part["ghosts"] + part["messages"] + part["reductions"] + part["imbalance"]
            print(
                f"{atoms:6}  {ranks:5}  mtprs   {part['pair']:7.0f} {part['lists']:6.0f} {comm:6.1f}"
                f"  {part['integrate']:12.1f}  {sum(part.values()):7.0f}  {row['efficiency']:10.2f}"
            )
    print("\nwhat one rank shows, and the time of the potential that mtprs measures")
    print(" atoms  pair us/atom  list ns/entry  ghost ns/step  rest ns/atom   mtprs: pair us/atom")
    for atoms in sizes:
        log = tools.folder / "log"
        log.write_text(logs[atoms, 1])
        costs = tools.scaling(COPIES[atoms], "--skin", 1, "--log", log, "--ranks", 1)["costs"]
        own = min(
            tools.scaling(COPIES[768], "--skin", 1, "--ranks", 1, "--threads", 1)["costs"]["pair"]
            for _ in range(min(turns, 5))
        )
        print(
            f"{atoms:6}  {1e6 * costs['pair']:12.3f}  {1e9 * costs['list']:13.1f}  {1e9 * costs['ghost']:13.1f}"
            f"  {1e9 * costs['integrate']:12.1f}  {1e6 * own:20.3f}"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plugin", type=Path, default=ROOT / "build/plugin/mtprsplugin.so")
    parser.add_argument("--program", type=Path, default=ROOT / "target/release/mtprs")
    parser.add_argument("--turns", type=int, default=30, help="turns that every timed case takes")
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
            cases = [(768, 8, 300), (768, 8, 1200), (6144, 8, 300), (6144, 8, 1200), (6144, 16, 300)]
            compare_imbalance(tools, cases[:1] if arguments.short else cases, 5, 20 if arguments.short else 200)
        if "rebuilds" in chosen:
            temperatures, skins = ((300,), (1.0,)) if arguments.short else ((300, 1200), (0.5, 1.0, 2.0))
            compare_rebuilds(tools, 768, 100 if arguments.short else 1000, temperatures, skins)
        if "times" in chosen:
            compare_times(tools, [768] if arguments.short else [768, 6144], arguments.turns)


if __name__ == "__main__":
    main()
