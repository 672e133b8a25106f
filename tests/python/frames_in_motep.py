"""Frames of a .cfg file as motep reads them and ASE writes and reads them again.

Arguments: the file, then the elements of the species. For each frame prints the grade, then the positions and the
cell, with as many digits as a double has.
"""

import io
import sys

import ase.io
import numpy as np
from motep.io.mlip.cfg import read_cfg


def main():
    """Read, pass through extended XYZ, print."""
    path, *elements = sys.argv[1:]
    for atoms in read_cfg(path, index=":", species=elements):
        text = io.StringIO()
        plain = atoms.copy()
        ase.io.write(text, plain, format="extxyz")
        text.seek(0)
        again = ase.io.read(text, format="extxyz")
        if again.get_chemical_symbols() != atoms.get_chemical_symbols() or not again.pbc.all():
            sys.exit("ASE does not get the same atoms back")
        if np.abs(again.positions - atoms.positions).max() > 1e-7:
            sys.exit("ASE does not get the same positions back")
        numbers = [atoms.calc.results["MV_grade"], *atoms.positions.ravel(), *atoms.cell.array.ravel()]
        print(*(f"{number:.17g}" for number in numbers))


main()
