"""Times `mtprs analyze diffusion` and `rdf` on a dump of LAMMPS beside MDAnalysis, pymatgen and kinisi, in one run.

python trajectories.py --mtprs target/release/mtprs --folder build/bench [--frames 40000]

768 atoms, of which 96 are ions that walk. What the others do with all frames in hours is timed on some of the frames,
and multiplied; the table says so. Memory is the largest resident set of each process.
"""

import argparse
import os
import sys
import time
import warnings
from pathlib import Path

import numpy as np

COUNTS = {"Mg": 96, "V": 192, "O": 480}
CELL = np.array([17.62, 21.53, 23.20])
STEP = 0.1  # ps
KINDS = [kind for kind, count in COUNTS.items() for _ in range(count)]


def frames(count):
    """Positions, Å, frame by frame."""
    random = np.random.default_rng(1)
    places = random.uniform(0.0, 1.0, (len(KINDS), 3)) * CELL
    ions = places[: COUNTS["Mg"]]
    for _ in range(count):
        ions += random.normal(0.0, 0.02, ions.shape)
        yield places + random.normal(0.0, 0.15, places.shape)


def write(path, count):
    numbers = {kind: number for number, kind in enumerate(COUNTS, 1)}
    rows = "".join(f"{atom + 1} {numbers[kind]} {kind} %.6g %.6g %.6g\n" for atom, kind in enumerate(KINDS))
    box = "".join(f"0.0 {edge}\n" for edge in CELL)
    with path.open("w") as file:
        for number, frame in enumerate(frames(count)):
            file.write(f"ITEM: TIMESTEP\n{50 * number}\nITEM: NUMBER OF ATOMS\n{len(KINDS)}\n")
            file.write(f"ITEM: BOX BOUNDS pp pp pp\n{box}ITEM: ATOMS id type element xu yu zu\n")
            file.write(rows % tuple(frame.ravel()))


def ours(program, command, dump):
    words = [program, "analyze", command, dump, "--species", ",".join(COUNTS), "-q", "-j", "2"]
    words += ["--mobile", "Mg", "--timestep", "0.002"] if command == "diffusion" else ["--cutoff", "8"]
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.execv(program, words)


def universe(dump):
    from MDAnalysis import Universe

    formats = {"topology_format": "LAMMPSDUMP", "format": "LAMMPSDUMP"}
    return Universe(dump, **formats, lammps_coordinate_convention="unwrapped")


def read_by_mdanalysis(dump, some):
    for _ in universe(dump).trajectory[:some]:
        pass


def mdanalysis(dump, some):
    from MDAnalysis.analysis.rdf import InterRDF

    atoms = universe(dump)
    groups = [atoms.select_atoms(f"type {number}") for number in (1, 2, 3)]
    for i, a in enumerate(groups):
        for b in groups[i:]:
            InterRDF(a, b, nbins=200, range=(0.0, 8.0), exclusion_block=(1, 1) if a is b else None).run(stop=some)


def pymatgen(count):
    from pymatgen.analysis.diffusion.analyzer import DiffusionAnalyzer
    from pymatgen.core import Lattice, Structure

    positions = np.array(list(frames(count)))
    structure = Structure(Lattice.orthorhombic(*CELL), KINDS, positions[0] / CELL)
    displacements = (positions - positions[0]).transpose(1, 0, 2)
    DiffusionAnalyzer(structure, displacements, "Mg", 900, 2.0, 50, smoothed="max")


def kinisi(count):
    import scipp
    from ase import Atoms
    from kinisi.analyze import DiffusionAnalyzer

    images = [Atoms(KINDS, positions=frame % CELL, cell=CELL, pbc=True) for frame in frames(count)]
    ps, none = scipp.Unit("ps"), scipp.Unit("dimensionless")
    # A hundred lags up to a fifth of the run.
    lags = STEP * np.arange(1, 101) * max(count // 500, 1)
    lags = scipp.array(dims=["time interval"], values=lags, unit="ps")
    analyzer = DiffusionAnalyzer.from_ase(
        images, specie="Mg", time_step=0.002 * ps, step_skip=50 * none, dt=lags, progress=False
    )
    analyzer.diffusion(start_dt=lags[5], progress=False)


def timed(work, *arguments):
    """Seconds and MB that work takes in a process of its own, or None if it fails."""
    begun = time.perf_counter()
    child = os.fork()
    if child == 0:
        warnings.simplefilter("ignore")
        try:
            work(*arguments)
        except BaseException as error:
            print(error, file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    _, status, usage = os.wait4(child, 0)
    return (time.perf_counter() - begun, usage.ru_maxrss / 1024) if status == 0 else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mtprs", required=True)
    parser.add_argument("--folder", required=True, type=Path)
    parser.add_argument("--frames", type=int, default=40000)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    dump, count = given.folder / "trajectory.dump", given.frames
    write(dump, count)
    size = dump.stat().st_size / 1e6
    print(f"# {count} frames of {len(KINDS)} atoms, {size:.0f} MB; seconds and MB of each process")
    print(f"{'what':58} {'frames':>7} {'s':>8} {'s for all':>10} {'MB':>6}", flush=True)
    few, some = max(count // 400, 5), max(count // 40, 200)
    rows = [
        ("mtprs analyze diffusion: MSD, MSCD, D*, D_J, intervals", count, ours, given.mtprs, "diffusion", dump),
        ("mtprs analyze rdf: six pairs, with errors", count, ours, given.mtprs, "rdf", dump),
        ("MDAnalysis: reads the dump", some, read_by_mdanalysis, dump, some),
        ("MDAnalysis InterRDF: six pairs, with reading", few, mdanalysis, dump, few),
        ("pymatgen DiffusionAnalyzer: MSD, MSCD, without reading", some, pymatgen, some),
        ("kinisi: MSD at 100 lags, posterior of D*, without reading", some, kinisi, some),
    ]
    for what, taken, work, *arguments in rows:
        found = timed(work, *arguments)
        if found is None:
            print(f"{what:58} {taken:7} failed")
            continue
        seconds, memory = found
        print(f"{what:58} {taken:7} {seconds:8.1f} {seconds * count / taken:10.0f} {memory:6.0f}", flush=True)
    dump.unlink()


if __name__ == "__main__":
    main()
