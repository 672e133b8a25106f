"""Energies of a surface and of a defect, with extrapolation grades: does the potential know such atoms at all?

    python defects.py [--potential MgO.mtp] [--state MgO.mtps]

The (100) surface of a slab, and a Schottky pair (one Mg and one O, far apart, taken out of a cell of 216 atoms), both
relaxed.
"""

import argparse
from pathlib import Path

from ase.build import surface
from crystal import relax, relaxed
from mtprs.ase import MTP

JOULE_PER_SQUARE_METER = 16.0217663
"""1 eV/Å²."""


def main():
    """Compute and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--potential", default="MgO.mtp")
    parser.add_argument("--state", default="MgO.mtps", help="active set of neighborhood mode, for grades")
    choices = parser.parse_args()

    crystal = relaxed(choices.potential)
    per_atom = crystal.get_potential_energy() / len(crystal)
    state = choices.state if Path(choices.state).exists() else None
    calculator = MTP(choices.potential, state=state)

    slab = surface(crystal, (1, 0, 0), layers=6, vacuum=8.0)
    slab.calc = calculator
    relax(slab, fmax=1e-3)
    area = 2 * slab.cell[0, 0] * slab.cell[1, 1]
    energy = (slab.get_potential_energy() - len(slab) * per_atom) / area
    report("(100) surface", f"{energy * JOULE_PER_SQUARE_METER:.2f} J/m²", slab, state)

    block = crystal.repeat(3)
    first = next(atom.index for atom in block if atom.symbol == "Mg")
    oxygens = [atom.index for atom in block if atom.symbol == "O"]
    far = max(oxygens, key=lambda k: block.get_distance(first, k, mic=True))
    del block[[first, far]]
    block.calc = calculator
    relax(block, fmax=1e-3)
    energy = block.get_potential_energy() - len(block) * per_atom
    report("Schottky pair", f"{energy:.2f} eV", block, state)


def report(what, value, atoms, state):
    """Print a value and the largest grade of its atoms."""
    if state is None:
        print(f"{what} {value}")
        return
    grade = max(atoms.calc.get_property("extrapolation_grades", atoms))
    verdict = (
        "interpolated" if grade < 2 else "extrapolated: not to be trusted" if grade > 10 else "somewhat extrapolated"
    )
    print(f"{what} {value}, largest grade {grade:.1f} ({verdict})")


main()
