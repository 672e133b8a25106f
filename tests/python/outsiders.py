"""Compares `mtprs analyze` with pymatgen, kinisi and MDAnalysis on one trajectory with a known diffusivity.

python outsiders.py MTPRS FOLDER

Ions walk at random among vibrating atoms, and all of them drift. Mean squared displacements of ions and of their
center, and radial distribution functions, have to agree to rounding; diffusivities within what each program says of
its own.
"""

import json
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import scipp
from ase import Atoms
from kinisi.analyze import DiffusionAnalyzer as Kinisi
from MDAnalysis import Universe
from MDAnalysis.analysis.msd import EinsteinMSD
from MDAnalysis.analysis.rdf import InterRDF
from MDAnalysis.coordinates.memory import MemoryReader
from pymatgen.analysis.diffusion.analyzer import DiffusionAnalyzer as Pymatgen
from pymatgen.core import Lattice, Structure

IONS, HOST, FRAMES = 30, 60, 2000
CELL = np.array([15.0, 16.0, 17.0])
STEP = 0.1  # ps
DIFFUSIVITY = 4.5e-6  # cm²/s
BINS, CUTOFF = 100, 7.0
# Displacements: digits of the dump.
SAME = 1e-7
# g(r): MDAnalysis keeps positions in single precision, so that a few pairs fall into the next interval.
ALIKE = 5e-4


def trajectory():
    """Positions, Å, by frame and atom; the ions come first."""
    random = np.random.default_rng(5)
    ions, host = (random.uniform(0.0, 1.0, (count, 3)) * CELL for count in (IONS, HOST))
    # 1 cm²/s is 1e4 Å²/ps.
    length = np.sqrt(2.0 * DIFFUSIVITY * 1e4 * STEP)
    walks = ions + np.cumsum(random.normal(0.0, length, (FRAMES, IONS, 3)), axis=0)
    vibrations = host + random.normal(0.0, 0.1, (FRAMES, HOST, 3))
    drift = np.linspace(0.0, 1.0, FRAMES)[:, None, None] * np.array([1.0, -0.5, 0.3])
    return np.round(np.concatenate([walks, vibrations], axis=1) + drift, 8)


def dump(positions, path):
    """The trajectory as LAMMPS writes it."""
    box = "".join(f"0.0 {edge}\n" for edge in CELL)
    with path.open("w") as file:
        for number, frame in enumerate(positions):
            file.write(f"ITEM: TIMESTEP\n{50 * number}\nITEM: TIME\n{number * STEP:.6f}\n")
            file.write(f"ITEM: NUMBER OF ATOMS\n{len(frame)}\nITEM: BOX BOUNDS pp pp pp\n{box}")
            file.write("ITEM: ATOMS id type element xu yu zu\n")
            for atom, (x, y, z) in enumerate(frame):
                kind = "1 Mg" if atom < IONS else "2 O"
                file.write(f"{atom + 1} {kind} {x:.8f} {y:.8f} {z:.8f}\n")


def ours(program, path, *words):
    """The JSON of a command of ours, of its only trajectory."""
    command = [program, "analyze", words[0], path, "--species", "Mg,O", *words[1:], "--json", "-", "-q"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["trajectories"][0]


def expect(name, difference, limit):
    print(f"{name}: {difference:.1e}, at most {limit:.1e}", flush=True)
    assert difference <= limit, f"{name} differs"


def compare_with_mdanalysis(program, path, positions):
    universe = Universe.empty(IONS + HOST, n_residues=1, atom_resindex=[0] * (IONS + HOST), trajectory=True)
    universe.add_TopologyAttr("types", ["1"] * IONS + ["2"] * HOST)
    universe.load_new(positions, format=MemoryReader, dimensions=np.array([*CELL, 90.0, 90.0, 90.0]), dt=STEP)
    ions, host = universe.select_atoms("type 1"), universe.select_atoms("type 2")
    groups = {"Mg": ions, "O": host}
    report = ours(program, path, "rdf", "--cutoff", str(CUTOFF), "--bins", str(BINS))
    for pair in report["pairs"]:
        a, b = pair["center"], pair["neighbor"]
        itself = (1, 1) if a == b else None
        rdf = InterRDF(groups[a], groups[b], nbins=BINS, range=(0.0, CUTOFF), exclusion_block=itself).run()
        difference = np.abs(np.array(pair["g"]["value"]) - rdf.results.rdf).max()
        expect(f"g(r) of {a}-{b}, MDAnalysis", difference, ALIKE)
    report = ours(program, path, "diffusion", "--mobile", "Mg", "--frame", "none", "--lags", str(FRAMES))
    lags = np.rint(np.array(report["dt"]) / STEP).astype(int)
    msd = EinsteinMSD(universe, select="type 1", msd_type="xyz", fft=False).run().results.timeseries[lags]
    expect("MSD, MDAnalysis", relative(report["msd"], msd), SAME)


def compare_with_pymatgen(report, positions):
    kinds = ["Mg"] * IONS + ["O"] * HOST
    structure = Structure(Lattice.orthorhombic(*CELL), kinds, positions[0] / CELL)
    displacements = (positions - positions[0]).transpose(1, 0, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = Pymatgen(structure, displacements, "Mg", 900, 2.0, 50, smoothed="max", min_obs=30)
    # Their times are in fs.
    lags = np.rint(np.array(theirs.dt) / 1000.0 / STEP).astype(int)
    own = np.rint(np.array(report["dt"]) / STEP).astype(int)
    _, place, other = np.intersect1d(own, lags, return_indices=True)
    assert len(place) > 50, "few lags in common"
    for name in ("msd", "mscd"):
        found, expected = np.array(report[name])[place], np.array(getattr(theirs, name))[other]
        expect(f"{name.upper()}, pymatgen", relative(found, expected), SAME)
    # A line through all lags, the noisy long ones too: it scatters by several percent.
    difference = abs(theirs.diffusivity / report["diffusivity"] - 1.0)
    expect("D*, pymatgen", difference, 0.15)


def compare_with_kinisi(report, positions):
    frames = [Atoms(f"Mg{IONS}O{HOST}", positions=frame % CELL, cell=CELL, pbc=True) for frame in positions]
    theirs = Kinisi.from_ase(
        frames,
        specie="Mg",
        time_step=0.002 * scipp.Unit("ps"),
        step_skip=50 * scipp.Unit("dimensionless"),
        dt=scipp.arange("time interval", 1.0, 41.0, 1.0, unit="ps"),
        progress=False,
    )
    theirs.diffusion(start_dt=10 * scipp.Unit("ps"), progress=False)
    samples = np.array(theirs.D.values)
    error = np.hypot(samples.std(), report["diffusivity_std_dev"])
    difference = abs(samples.mean() - report["diffusivity"]) / error
    expect("D*, kinisi, in standard errors of both", difference, 3.0)


def relative(found, expected):
    found, expected = np.array(found), np.array(expected)
    return (np.abs(found - expected) / np.maximum(np.abs(expected), 1e-3)).max()


def main(program, folder):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    path, positions = folder / "outsiders.dump", trajectory()
    dump(positions, path)
    compare_with_mdanalysis(program, path, positions)
    report = ours(program, path, "diffusion", "--mobile", "Mg", "--lags", str(FRAMES))
    assert report["verdict"] == "diffusive", report["verdict"]
    difference = abs(report["diffusivity"] - DIFFUSIVITY) / report["diffusivity_std_dev"]
    expect("D*, the one of the walk, in standard errors", difference, 4.0)
    compare_with_pymatgen(report, positions)
    compare_with_kinisi(report, positions)


if __name__ == "__main__":
    main(*sys.argv[1:])
