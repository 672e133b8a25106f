"""Make train.cfg and validation.cfg: frames of amorphous MgV2O5 labeled with a teacher potential.

Each seed melts the 96-atom crystal anew and quenches it from 2000 to 300 K by molecular dynamics with
the teacher; frames are drawn on the way, then strained, rattled, and given squeezed pairs. Seeds are
never split between training and validation.

    python make_frames.py --teacher pot.mtp
"""

import argparse
import time
from pathlib import Path

import numpy as np
from ase.data import atomic_numbers
from structures import (
    DENSE_CELL,
    ELEMENTS,
    WIDE_CELL,
    crystalline_cell,
    hold,
    label,
    load_potential,
    shortest_distance,
    start_at,
    write_cfg,
)

TRAIN_SEEDS = ((11, WIDE_CELL), (12, DENSE_CELL), (13, DENSE_CELL))
VALIDATION_SEEDS = ((21, DENSE_CELL),)
MELT = ((3500, 1000), (2500, 1000))  # K, steps of 1 fs
QUENCH = ((2000, 3), (1500, 6), (1200, 6), (900, 6), (600, 6), (300, 5))  # K, frames
SETTLE = 200  # steps of 2 fs after each change of temperature
APART = 100  # steps of 2 fs between two frames


def strained(rng):
    """Yield names and deformations: 4 and 2 % of linear strain both ways, and two random shears."""
    for strain in (-0.04, -0.02, 0.02, 0.04):
        yield f"strain_{strain:+.2f}", np.eye(3) * (1.0 + strain)
    for number in (1, 2):
        half = rng.uniform(-0.03, 0.03, (3, 3))
        yield f"shear_{number}", np.eye(3) + 0.5 * (half + half.T)


def rattled(atoms, rng, width):
    """Return a copy with every coordinate displaced at random (standard deviation in Å)."""
    copy = atoms.copy()
    copy.positions += rng.normal(0.0, width, copy.positions.shape)
    return copy


def squeezed(atoms, calculator, rng):
    """Return a copy in which one near pair of each kind is 8 to 18 % shorter.

    A pair is kept only if the teacher pushes it apart, so that no hole of the teacher is learned.
    """
    copy = atoms.copy()
    used = set()
    for first, kind in enumerate(ELEMENTS):
        for partner in ELEMENTS[first:]:
            rows = np.flatnonzero(copy.numbers == atomic_numbers[kind])
            columns = np.flatnonzero(copy.numbers == atomic_numbers[partner])
            distances = copy.get_all_distances(mic=True)[np.ix_(rows, columns)]
            distances[rows[:, None] == columns[None, :]] = np.inf
            near = np.argsort(distances, axis=None)[: 3 * len(rows)]
            for pick in rng.permutation(near):
                i, j = rows[pick // len(columns)], columns[pick % len(columns)]
                if {i, j} & used:
                    continue
                trial = copy.copy()
                apart = trial.get_distance(i, j, mic=True)
                trial.set_distance(i, j, max(1.35, apart * rng.uniform(0.82, 0.92)), mic=True)
                trial.calc = calculator
                forces = trial.get_forces()
                towards = trial.get_distance(i, j, mic=True, vector=True)
                if (forces[j] - forces[i]) @ towards > 0.0 and shortest_distance(trial) > 1.3:
                    copy = trial
                    used |= {i, j}
                    break
    copy.calc = None
    return copy


def frames_of_seed(teacher, seed, edges, thin):
    """Melt and quench once; return its labeled frames (`thin` keeps every nth drawn one)."""
    rng = np.random.default_rng(seed)
    atoms = crystalline_cell(edges)
    start = atoms.get_positions()
    atoms.calc = calculator = load_potential(teacher)
    start_at(atoms, 2 * MELT[0][0], rng)
    for kelvin, steps in MELT:
        hold(atoms, kelvin, steps, rng, femtoseconds=1.0)
    moved = np.sqrt(((atoms.get_positions() - start) ** 2).sum(axis=1).mean())
    frames, snapshots = [], {}
    for kelvin, count in QUENCH:
        hold(atoms, kelvin, SETTLE, rng)
        drawn = []
        hold(atoms, kelvin, APART * count, rng, every=APART, visit=lambda cell, drawn=drawn: drawn.append(cell.copy()))
        snapshots[kelvin] = drawn[-1]
        for number, cell in enumerate(drawn[::-1][::thin]):
            tags = {"origin": f"md_{kelvin}K", "seed": seed, "number": number}
            frames.append(label(cell, calculator, tags))
        print(
            f"seed {seed}, {kelvin} K: {atoms.get_temperature():.0f} K, "
            f"{atoms.get_potential_energy() / len(atoms):.3f} eV/atom, "
            f"{-atoms.get_stress()[:3].mean() * 160.21766:.2f} GPa, "
            f"shortest distance {shortest_distance(atoms):.3f} Å",
            flush=True,
        )
    for number, (origin, deformation) in enumerate(strained(rng)):
        if number % thin:
            continue
        cell = snapshots[(300, 900)[number % 2]].copy()
        cell.set_cell(cell.cell.array @ deformation, scale_atoms=True)
        frames.append(label(cell, calculator, {"origin": origin, "seed": seed, "number": 0}))
    for number, (kelvin, width) in enumerate(((300, 0.05), (300, 0.1), (900, 0.1))[::thin]):
        cell = rattled(snapshots[kelvin], rng, width)
        frames.append(label(cell, calculator, {"origin": f"rattled_{width}", "seed": seed, "number": number}))
    for number, kelvin in enumerate((300, 900, 1500)[::thin]):
        cell = squeezed(snapshots[kelvin], calculator, rng)
        frames.append(label(cell, calculator, {"origin": "squeezed", "seed": seed, "number": number}))
    print(f"seed {seed}: {len(frames)} frames; the melt moved atoms by {moved:.1f} Å (RMS)", flush=True)
    return frames


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--teacher", required=True, help="potential to label with; species 0, 1, 2 = Mg, V, O")
    parser.add_argument("--out", type=Path, default=Path(), help="folder to write to (default: here)")
    options = parser.parse_args()
    begin = time.perf_counter()
    for name, seeds, thin in (("train", TRAIN_SEEDS, 1), ("validation", VALIDATION_SEEDS, 2)):
        frames = [frame for seed, edges in seeds for frame in frames_of_seed(options.teacher, seed, edges, thin)]
        write_cfg(options.out / f"{name}.cfg", frames)
        print(f"{name}.cfg: {len(frames)} frames, {time.perf_counter() - begin:.0f} s so far", flush=True)


if __name__ == "__main__":
    main()
