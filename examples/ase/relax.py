"""Relax positions and cell of a structure with a moment tensor potential.

    python relax.py [STRUCTURE] [--potential pot.mtp] [--pressure GPA] [--fmax 0.02] [--out relaxed.extxyz]

Without arguments it relaxes the glass of ../mgv2o5, 96 atoms. Prints energy, pressure and volume before and after.
"""

import argparse
from pathlib import Path

from ase import units
from ase.filters import FrechetCellFilter
from ase.io import read, write
from ase.optimize import LBFGS
from mtprs.ase import MTP

EXAMPLE = Path(__file__).resolve().parent.parent / "mgv2o5"


def report(words, atoms):
    """Print what a structure is like."""
    energy = atoms.get_potential_energy() / len(atoms)
    pressure = -atoms.get_stress()[:3].mean() / units.GPa
    lengths = " x ".join(f"{length:.3f}" for length in atoms.cell.lengths())
    print(f"{words} {energy:.4f} eV/atom, {pressure:.3f} GPa, {atoms.get_volume():.2f} Å³ ({lengths} Å)")


def main():
    """Relax."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("structure", nargs="?", default=EXAMPLE / "amorphous_96.data", type=Path)
    parser.add_argument("--potential", default=EXAMPLE / "mgvo.mtp")
    parser.add_argument("--pressure", type=float, default=0.0, help="GPa")
    parser.add_argument("--fmax", type=float, default=0.02, help="eV/Å")
    parser.add_argument("--steps", type=int, default=500, help="most steps")
    parser.add_argument("--out", default="relaxed.extxyz")
    choices = parser.parse_args()

    atoms = read(choices.structure, format="lammps-data" if choices.structure.suffix == ".data" else None)
    atoms.calc = MTP(choices.potential)
    report("before", atoms)
    optimizer = LBFGS(FrechetCellFilter(atoms, scalar_pressure=choices.pressure * units.GPa), logfile=None)
    if not optimizer.run(fmax=choices.fmax, steps=choices.steps):
        raise SystemExit(f"forces are still above {choices.fmax} eV/Å after {choices.steps} steps")
    report("after ", atoms)
    print(f"{optimizer.nsteps} steps")
    write(choices.out, atoms)


main()
