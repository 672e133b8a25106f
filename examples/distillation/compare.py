"""Compare student and teacher: errors on dynamics of the teacher, structure and diffusion in separate runs, and cost.

    python compare.py [--teacher chgnet]

Run by run.sh in its folder. Prints the tables and draws distillation.png.
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
from ase.io import read, write
from ase.md.velocitydistribution import thermalize_momenta
from ase.md.verlet import VelocityVerlet
from make_start import SPECIES
from mtprs.ase import MTP
from teacher import TEACHERS, arguments

POTENTIAL = "learn/pot.mtp"
TRACKS = ["teacher.dump", "student.dump"]
COLORS = {"300K": "tab:blue", "1800K": "tab:orange", "melt": "tab:red"}
ROUNDS, STUDENT_STEPS = 7, 400
TEACHER_STEPS = {"nep89": 40, "chgnet": 2}


def rms(values: np.ndarray) -> float:
    """Return the root mean square."""
    return float(np.sqrt(np.mean(np.square(values))))


def evaluate(frames: list[Atoms], student: MTP) -> dict[tuple[str, str], np.ndarray]:
    """Return energies (eV/atom), forces (eV/Å) and pressures (GPa) of both models for frames of the same size."""
    found = {}
    for model in ("teacher", "student"):
        labeled = frames
        if model == "student":
            labeled = [frame.copy() for frame in frames]
            for frame in labeled:
                frame.calc = student
        found[model, "energy"] = np.array([frame.get_potential_energy() / len(frame) for frame in labeled])
        found[model, "forces"] = np.array([frame.get_forces() for frame in labeled])
        found[model, "pressure"] = np.array([-frame.get_stress()[:3].mean() / units.GPa for frame in labeled])
    return found


def compare_errors(axes) -> None:
    """Print the table of errors and draw the parity plot of the forces."""
    student = MTP(POTENTIAL, threads=1)
    test = read("test.cfg", index=":", species=SPECIES)
    print("\nRMSE of the student on the test set; RMS force is that of the teacher")
    print("  run    frames  energy, meV/atom  force, eV/Å  RMS force, eV/Å  pressure, GPa")
    for layer, (name, color) in enumerate(COLORS.items()):
        frames = [frame for frame in test if frame.info["run"] == name]
        both = evaluate(frames, student)
        energy, force, pressure = (
            rms(both["student", kind] - both["teacher", kind]) for kind in ("energy", "forces", "pressure")
        )
        scale = rms(both["teacher", "forces"])
        print(f"  {name:6} {len(frames):6d}  {1e3 * energy:16.2f}  {force:11.3f}  {scale:15.2f}  {pressure:13.3f}")
        forces = [both[model, "forces"].ravel() for model in ("teacher", "student")]
        axes.plot(*forces, ".", markersize=1, color=color, label=f"{name}: {force:.3f} eV/Å", zorder=5 - layer)
    axes.axline((0, 0), slope=1, color="black", linewidth=0.6)
    axes.set(xlabel="force of the teacher, eV/Å", ylabel="force of the student, eV/Å")
    axes.legend(markerscale=8, loc="upper left")


def analyzed(kind: str, *options: str) -> dict:
    """Run `mtprs analyze` for the trajectories of both models, which prints its tables, and return its results."""
    command = ["mtprs", "analyze", kind, *TRACKS, "--labels", "teacher,student", "--species", ",".join(SPECIES)]
    print(flush=True)
    subprocess.run([*command, *options, "--json", f"{kind}.json", "--force", "--quiet"], check=True)
    return json.loads(Path(f"{kind}.json").read_text())


def compare_structure(axes) -> None:
    """Draw g(r) of both models."""
    found = analyzed("rdf", "--cutoff", "8", "--pairs", "Ca-F,F-F")
    for run, style in zip(found["trajectories"], ("-", "--")):
        for pair, color in zip(run["pairs"], ("tab:purple", "tab:green")):
            label = f"{pair['center']}-{pair['neighbor']}, {run['label']}"
            axes.plot(found["r"], pair["g"]["value"], style, color=color, label=label)
    axes.set(xlabel="distance, Å", ylabel="g(r) at 1800 K", xlim=(1.5, 8), ylim=(0, None))
    axes.legend()


def compare_diffusion(axes) -> None:
    """Draw the mean squared displacements of fluorine for both models."""
    found = analyzed("diffusion", "--mobile", "F", "--timestep", "0.002")
    longest = min(run["length"] for run in found["trajectories"]) / 4
    for run, style in zip(found["trajectories"], ("-", "--")):
        lags = np.array(run["dt"])
        shown = lags <= longest
        axes.plot(lags[shown], np.array(run["msd"])[shown], style, color="tab:green", label=run["label"])
    axes.set(xlabel="lag, ps", ylabel="MSD of F at 1800 K, Å²", xlim=(0, None), ylim=(0, None))
    axes.legend()


def time_ase(frame: Atoms, calculator, steps: int) -> float:
    """Return the time of NVE dynamics in ASE, µs per atom and step."""
    atoms = Atoms(frame.symbols, positions=frame.positions, cell=frame.cell, pbc=True, calculator=calculator)
    thermalize_momenta(atoms, temperature_K=1800, rng=np.random.default_rng(1))
    dynamics = VelocityVerlet(atoms, 2 * units.fs)
    dynamics.run(1)
    begin = time.perf_counter()
    dynamics.run(steps)
    return 1e6 * (time.perf_counter() - begin) / steps / len(atoms)


def time_lammps() -> float:
    """Return the time of NVE dynamics in LAMMPS, µs per atom and step."""
    output = subprocess.run(["lmp", "-in", "in.cost", "-log", "none"], capture_output=True, text=True, check=True)
    seconds, steps, atoms = re.search(
        r"Loop time of (\S+) on 1 procs for (\d+) steps with (\d+)", output.stdout
    ).groups()
    return 1e6 * float(seconds) / int(steps) / int(atoms)


def compare_cost(axes, teacher: str) -> None:
    """Time dynamics of both models from the same frame, in turns, on one core."""
    frame = [frame for frame in read("test.cfg", index=":", species=SPECIES) if frame.info["run"] == "1800K"][-1]
    frame = Atoms(frame.symbols, positions=frame.positions, cell=frame.cell, pbc=True).repeat((2, 2, 1))
    write("frame.data", frame, format="lammps-data", specorder=SPECIES, masses=True)
    calculators = TEACHERS[teacher](), MTP(POTENTIAL, threads=1)
    ways = {
        "teacher, ASE": lambda: time_ase(frame, calculators[0], TEACHER_STEPS[teacher]),
        "student, ASE": lambda: time_ase(frame, calculators[1], STUDENT_STEPS),
        "student, LAMMPS": time_lammps,
    }
    times = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, measure in ways.items():
            times[way].append(measure())
    print(f"\nCost of NVE dynamics of {len(frame)} atoms on one core: median and range of {ROUNDS} rounds")
    print("  model, program   µs per atom and step     teacher / this model")
    for way, values in times.items():
        ratios = [teacher / value for teacher, value in zip(times["teacher, ASE"], values)]
        cost, ratio = (f"{median(x):.4g} ({min(x):.4g} to {max(x):.4g})" for x in (values, ratios))
        print(f"  {way:15}  {cost:23}  {ratio}")
    bars = axes.barh(
        list(ways), [median(values) for values in times.values()], color=["tab:gray", "tab:blue", "tab:blue"]
    )
    axes.bar_label(bars, fmt="%.3g", padding=3)
    axes.margins(x=0.15)
    axes.set_xlabel("µs per atom and step, one core")
    axes.invert_yaxis()


def main() -> None:
    """Make all comparisons; those of structure and diffusion need dynamics of the teacher, which CHGNet lacks."""
    teacher = arguments(__doc__).teacher
    parts = [compare_errors, lambda axes: compare_cost(axes, teacher)]
    if teacher == "nep89":
        parts[1:1] = [compare_structure, compare_diffusion]
    figure, axes = plt.subplots(1, len(parts), figsize=(3.9 * len(parts), 3.7), layout="constrained")
    for part, place in zip(parts, axes):
        part(place)
    figure.savefig("distillation.png", dpi=80)


if __name__ == "__main__":
    main()
