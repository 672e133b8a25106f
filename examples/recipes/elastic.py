"""Elastic constants of a cubic crystal: stresses of small strains, atoms relaxed.

    python elastic.py [--potential MgO.mtp] [--strain 0.005]

C11 and C12 from a strain along x, C44 from a shear, each as the slope of the stress between both signs of the strain.
"""

import argparse

import numpy as np
from ase import units
from crystal import relax, relaxed


def stress(atoms, strain):
    """Return the stress (xx yy zz yz xz xy, GPa, tension positive) of a strained copy with relaxed atoms."""
    strained = atoms.copy()
    strained.calc = atoms.calc
    strained.set_cell(atoms.cell @ (np.eye(3) + strain), scale_atoms=True)
    relax(strained)
    return strained.get_stress() / units.GPa


def main():
    """Compute and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--potential", default="MgO.mtp")
    parser.add_argument("--strain", type=float, default=0.005)
    choices = parser.parse_args()

    atoms = relaxed(choices.potential)
    along_x, shear = np.zeros((3, 3)), np.zeros((3, 3))
    along_x[0, 0] = choices.strain
    shear[1, 2] = shear[2, 1] = choices.strain / 2  # so that γ_yz is the strain
    slope_x, slope_shear = (
        (stress(atoms, strain) - stress(atoms, -strain)) / (2 * choices.strain) for strain in (along_x, shear)
    )
    c11, c12, c44 = slope_x[0], slope_x[1], slope_shear[3]
    print(f"C11 {c11:.1f} GPa, C12 {c12:.1f} GPa, C44 {c44:.1f} GPa")
    print(f"bulk modulus (C11 + 2 C12) / 3 = {(c11 + 2 * c12) / 3:.1f} GPa")
    print(f"anisotropy 2 C44 / (C11 − C12) = {2 * c44 / (c11 - c12):.2f}")


main()
