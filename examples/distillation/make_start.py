"""Makes what the loop begins with: twelve cells of CaF2 with labels of the teacher, and a structure for each run.

    python make_start.py [--teacher chgnet]

Fluorite, 2x2x2 cubic cells of 96 atoms. The edges of the cells are up to 8 % longer than that of the crystal at 300 K,
with strains and shears of up to 2 %; the atoms are displaced by 0.03 to 0.16 Å. No frame of a melt is among them: the
loop has to find those.
"""

import os

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write
from ase.spacegroup import crystal
from teacher import TEACHERS, arguments

SPECIES = ["Ca", "F"]
# Edges of the cubic cell, Å, with little pressure at the temperatures of the runs.
EDGES = {"300K": 5.49, "1800K": 5.74, "melt": 5.95}
SEED = 7


def fluorite(edge: float, repeat: int = 2) -> Atoms:
    """Return a crystal of `repeat` cubic cells along each axis."""
    cell = crystal(SPECIES, [(0, 0, 0), (0.25, 0.25, 0.25)], spacegroup=225, cellpar=[edge] * 3 + [90] * 3)
    atoms = Atoms(cell.symbols, positions=cell.positions, cell=cell.cell, pbc=True).repeat(repeat)
    return atoms[np.argsort(atoms.numbers != 20, kind="stable")]


def deformed(random: np.random.Generator, displacement: float) -> Atoms:
    """Return a strained crystal with displaced atoms."""
    atoms = fluorite(EDGES["300K"] * random.uniform(0.98, 1.08))
    strain = np.diag(random.uniform(-0.02, 0.02, 3))
    strain[np.tril_indices(3, -1)] = random.uniform(-0.02, 0.02, 3)
    atoms.set_cell(atoms.cell @ (np.eye(3) + strain), scale_atoms=True)
    atoms.positions += random.normal(0.0, displacement, atoms.positions.shape)
    return atoms


def label(atoms: Atoms, calculator) -> None:
    """Replace the calculator of the atoms by its answers."""
    atoms.calc = calculator
    labels = {"energy": atoms.get_potential_energy(), "forces": atoms.get_forces(), "stress": atoms.get_stress()}
    atoms.calc = SinglePointCalculator(atoms, **labels)


def save(path: str, frames: list[Atoms]) -> None:
    """Write frames with their labels; a file is complete or not there."""
    write(path + ".new", frames, format="mlip-cfg", species=SPECIES)
    os.replace(path + ".new", path)


def main() -> None:
    """Write the files."""
    calculator = TEACHERS[arguments(__doc__).teacher]()
    random = np.random.default_rng(SEED)
    frames = [deformed(random, 0.03 + 0.012 * number) for number in range(12)]
    for atoms in frames:
        label(atoms, calculator)
    for name, edge in EDGES.items():
        save(f"{name}.cfg", [fluorite(edge)])
    save("property.cfg", [fluorite(EDGES["1800K"], repeat=3)])
    save("start.cfg", frames)


if __name__ == "__main__":
    main()
