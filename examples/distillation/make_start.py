"""Make the initial training set, twelve cells of CaF2 labeled by the teacher, and the starting structure of each run.

    python make_start.py [--teacher chgnet]

The cells are fluorite crystals of 96 atoms, 2x2x2 cubic cells. Their lattice parameters are between 2 % below and 8 %
above that at 300 K, with additional strains and shears of up to 2 %. The atoms are displaced at random, by 0.03 to
0.16 Å along each axis (standard deviation). The set contains no melt: the loop has to find those configurations.
"""

import os

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write
from ase.spacegroup import crystal
from teacher import TEACHERS, arguments

SPECIES = ["Ca", "F"]
# Lattice parameters of the cubic cell, Å, for which the pressure is small at the temperatures of the runs.
EDGES = {"300K": 5.49, "1800K": 5.74, "melt": 5.95}
SEED = 7


def fluorite(edge: float, repeat: int = 2) -> Atoms:
    """Return a fluorite crystal with `repeat` cubic cells along each axis, calcium first."""
    cell = crystal(SPECIES, [(0, 0, 0), (0.25, 0.25, 0.25)], spacegroup=225, cellpar=[edge] * 3 + [90] * 3)
    atoms = Atoms(cell.symbols, positions=cell.positions, cell=cell.cell, pbc=True).repeat(repeat)
    return atoms[np.argsort(atoms.numbers != 20, kind="stable")]


def deformed(random: np.random.Generator, displacement: float) -> Atoms:
    """Return a strained crystal with randomly displaced atoms."""
    atoms = fluorite(EDGES["300K"] * random.uniform(0.98, 1.08))
    strain = np.diag(random.uniform(-0.02, 0.02, 3))
    strain[np.tril_indices(3, -1)] = random.uniform(-0.02, 0.02, 3)
    atoms.set_cell(atoms.cell @ (np.eye(3) + strain), scale_atoms=True)
    atoms.positions += random.normal(0.0, displacement, atoms.positions.shape)
    return atoms


def label(atoms: Atoms, calculator) -> None:
    """Compute energy, forces and stress of the atoms and attach them as labels."""
    atoms.calc = calculator
    labels = {"energy": atoms.get_potential_energy(), "forces": atoms.get_forces(), "stress": atoms.get_stress()}
    atoms.calc = SinglePointCalculator(atoms, **labels)


def save(path: str, frames: list[Atoms]) -> None:
    """Write labeled frames. An interruption leaves no incomplete file."""
    write(path + ".new", frames, format="mlip-cfg", species=SPECIES)
    os.replace(path + ".new", path)


def main() -> None:
    """Write start.cfg and the structures."""
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
