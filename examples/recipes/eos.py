"""Equation of state: energies of a crystal against its volume, and the bulk modulus.

    python eos.py [--potential MgO.mtp] [--out eos.png]

Volumes within 6 % of that of the relaxed crystal; a Birch-Murnaghan equation is fitted to their energies.
"""

import argparse

import matplotlib
import numpy as np
from ase import units
from ase.eos import EquationOfState
from crystal import relaxed

matplotlib.use("Agg")
from matplotlib import pyplot


def main():
    """Compute, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--potential", default="MgO.mtp")
    parser.add_argument("--out", default="eos.png")
    choices = parser.parse_args()

    atoms = relaxed(choices.potential)
    cell = atoms.cell.copy()
    volumes, energies = [], []
    for scale in np.linspace(0.94, 1.06, 13):
        atoms.set_cell(cell * scale ** (1 / 3), scale_atoms=True)
        volumes.append(atoms.get_volume())
        energies.append(atoms.get_potential_energy())
    equation = EquationOfState(volumes, energies, eos="birchmurnaghan")
    volume, energy, modulus = equation.fit()
    print(f"lattice parameter {volume ** (1 / 3):.4f} Å")
    print(f"energy {energy / len(atoms):.4f} eV/atom")
    print(f"bulk modulus {modulus / units.GPa:.1f} GPa")

    curve = np.array(equation.getplotdata()[4:6])
    figure, axes = pyplot.subplots(figsize=(5, 3.5), layout="tight")
    axes.plot(curve[0] / len(atoms), curve[1] / len(atoms), label="Birch-Murnaghan")
    axes.plot(np.array(volumes) / len(atoms), np.array(energies) / len(atoms), "o", label="potential")
    axes.set_xlabel("volume, Å³/atom")
    axes.set_ylabel("energy, eV/atom")
    axes.legend()
    figure.savefig(choices.out, dpi=120)


main()
