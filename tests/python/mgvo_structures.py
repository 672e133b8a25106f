"""Structures of Mg, V and O for the tests of the calculator for ASE."""

from pathlib import Path

import numpy as np
from ase import Atoms
from ase.io import read

# Rows far from orthogonal, thinner than the cutoff of 5.5 Å.
TRICLINIC = np.array([[4.3, 0.2, -0.3], [1.9, 4.1, 0.4], [-0.6, 1.2, 4.6]])


def crystal(seed=1, pbc=True):
    """Return four pairs of a rock salt with its atoms moved, in a triclinic cell."""
    random = np.random.default_rng(seed)
    corners = np.array([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]) / 2
    scaled = np.concatenate([corners, corners + np.array([0.5, 0, 0])])
    atoms = Atoms("MgVMgVO4", cell=TRICLINIC, pbc=pbc, scaled_positions=scaled)
    atoms.positions += random.uniform(-0.1, 0.1, (8, 3))
    return atoms


def structures():
    """Return structures of every kind of cell by name."""
    slab, wire = crystal(2, (True, True, False)), crystal(3, (False, True, False))
    slab.center(vacuum=6.0, axis=2)
    sheet = crystal(4, (True, False, True))  # the cell has a vector in the direction that is not periodic, too
    molecule = Atoms("OMgO", positions=[[0, 0, 2.0], [0.1, 0, 0], [1.7, 0.2, -0.9]])
    chain = Atoms("MgO", positions=[[0, 0, 0], [1.8, 0.3, 0]], cell=[[3.9, 0, 0], [0, 0, 0], [0, 0, 0]], pbc=[1, 0, 0])
    alone = Atoms("O", cell=0.6 * TRICLINIC, pbc=True)  # its neighbors are its own images
    outside = crystal(5)
    outside.positions += np.array([[3, -2, 1]]) @ TRICLINIC
    return {
        "crystal": crystal(),
        "slab": slab,
        "wire": wire,
        "sheet": sheet,
        "molecule": molecule,
        "chain": chain,
        "alone": alone,
        "outside": outside,
    }


def glass():
    """Return the 96 atoms of amorphous MgV2O5 that lie in the examples."""
    path = Path(__file__).parents[2] / "examples/mgv2o5/amorphous_96.data"
    found = read(path, format="lammps-data", units="metal")
    return Atoms(found.symbols, positions=found.positions, cell=found.cell, pbc=True)
