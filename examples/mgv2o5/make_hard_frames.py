"""Make hard.cfg: frames on which an earlier fit went wrong, labeled with the teacher.

Dynamics with the earlier fit starts from hot frames of train.cfg; where its forces leave the teacher's,
the cell is kept. Cells with deeply squeezed pairs are added, so that the next fit repels at short distances.

    python make_hard_frames.py --teacher pot.mtp --student mgvo.mtp
"""

import argparse
import contextlib
import time
from pathlib import Path

import numpy as np
from ase.data import atomic_numbers
from structures import hold, label, load_potential, read_frames, shortest_distance, start_at, write_cfg

HERE = Path(__file__).resolve().parent
SEED = 41
RUNS = ((2000, 4), (2500, 3))  # K, starts
STEPS = 900  # of 2 fs
WRONG = (2.5, 60.0)  # eV/Å: difference of a force component from which a cell is kept, and the run stops
PER_RUN = 4  # frames kept at most
APART = 10  # steps between two frames kept
SQUEEZED = 8
FLOOR = {  # Å, shortest distance of a squeezed pair
    ("Mg", "Mg"): 1.8,
    ("Mg", "V"): 1.7,
    ("Mg", "O"): 1.35,
    ("V", "V"): 1.7,
    ("V", "O"): 1.25,
    ("O", "O"): 1.4,
}


class LeftRegionError(Exception):
    """The student's dynamics has left the region where the teacher can be asked."""


def wrong_frames(start, kelvin, teacher, student, rng):
    """Run the student's dynamics and return frames on which it differs from the teacher."""
    atoms = start.copy()
    atoms.info = {}
    atoms.calc = student
    kept, seen = [], [0, -APART]

    def compare(cell):
        seen[0] += 5
        asked = cell.copy()
        asked.calc = teacher
        worst = np.abs(cell.get_forces() - asked.get_forces()).max()
        if worst > WRONG[1] or shortest_distance(cell) < 1.25:
            raise LeftRegionError
        if worst > WRONG[0] and seen[0] - seen[1] >= APART and len(kept) < PER_RUN:
            seen[1] = seen[0]
            kept.append(label(cell, teacher, {"origin": f"student_{kelvin}K", "seed": SEED, "number": len(kept)}))

    start_at(atoms, kelvin, rng)
    with contextlib.suppress(LeftRegionError, RuntimeError):
        hold(atoms, kelvin, STEPS, rng, every=5, visit=compare)
    print(f"{kelvin} K: {len(kept)} frames in {seen[0]} steps", flush=True)
    return kept


def deeply_squeezed(start, teacher, rng, number):
    """Return a labeled copy in which one pair of each kind is between its floor and 0.9 of its distance."""
    cell, used = start.copy(), set()
    cell.info = {}
    for kind, partner in FLOOR:
        rows = np.flatnonzero(cell.numbers == atomic_numbers[kind])
        columns = np.flatnonzero(cell.numbers == atomic_numbers[partner])
        distances = cell.get_all_distances(mic=True)[np.ix_(rows, columns)]
        distances[rows[:, None] == columns[None, :]] = np.inf
        for pick in rng.permutation(np.argsort(distances, axis=None)[: 2 * len(rows)]):
            i, j = rows[pick // len(columns)], columns[pick % len(columns)]
            if {i, j} & used:
                continue
            apart = cell.get_distance(i, j, mic=True)
            trial = cell.copy()
            floor = FLOOR[kind, partner]
            trial.set_distance(i, j, rng.uniform(floor, max(floor, 0.9 * apart)), mic=True)
            trial.calc = teacher
            forces, towards = trial.get_forces(), trial.get_distance(i, j, mic=True, vector=True)
            if (forces[j] - forces[i]) @ towards > 0.0 and shortest_distance(trial) > 1.2:
                cell, used = trial, used | {i, j}
                break
    return label(cell, teacher, {"origin": "deeply_squeezed", "seed": SEED, "number": number})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--teacher", required=True, help="potential to label with; species 0, 1, 2 = Mg, V, O")
    parser.add_argument("--student", required=True, help="the earlier fit")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to")
    options = parser.parse_args()
    begin = time.perf_counter()
    rng = np.random.default_rng(SEED)
    teacher, student = load_potential(options.teacher), load_potential(options.student)
    starts = [frame for frame in read_frames(HERE / "train.cfg") if frame.info["origin"] in ("md_2000K", "md_1500K")]
    frames = []
    for kelvin, count in RUNS:
        for start in rng.choice(len(starts), count, replace=False):
            frames += wrong_frames(starts[start], kelvin, teacher, student, rng)
    for number, start in enumerate(rng.choice(len(starts), SQUEEZED, replace=False)):
        frames.append(deeply_squeezed(starts[start], teacher, rng, number))
    write_cfg(options.out / "hard.cfg", frames)
    print(f"hard.cfg: {len(frames)} frames, {time.perf_counter() - begin:.0f} s")


if __name__ == "__main__":
    main()
