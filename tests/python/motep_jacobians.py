"""Derivatives of energy, forces and virial by the parameters by motep, for comparison with ours.

Arguments: the engine of motep (cext, numba, numpy), then pairs of a potential (.mtp) and its configurations (.cfg).
For each configuration prints one line for each parameter, in the order radial, species, moment coefficients: the
derivatives of the energy, of the forces (x y z of the first atom, of the second, ...) and of the virial
(xx yy zz yz xz xy); eV and Å, with as many digits as a double has.
"""

import logging
import sys

import numpy as np
from motep.calculator import MTP
from motep.io.mlip.cfg import read_cfg
from motep.io.mlip.mtp import read_mtp

OURS = ["radial_coeffs", "species_coeffs", "moment_coeffs"]
THEIRS = ["moment_coeffs", "species_coeffs", "radial_coeffs"]


def jacobian(potential, engine, atoms):
    """Return derivatives by each parameter, shape (parameters, 1 + 3 atoms + 6)."""
    calculator = MTP(potential, engine=engine, mode="train")
    calculator.update_parameters(potential)
    calculator.get_potential_energy(atoms)
    count = len(potential.parameters)
    kinds = [calculator.engine.jac_energy, calculator.engine.jac_forces, calculator.engine.jac_stress]
    energy, forces, stress = (kind(atoms).parameters.reshape(count, -1) for kind in kinds)
    virial = -stress[:, [0, 4, 8, 5, 2, 1]] * atoms.get_volume()
    return np.concatenate([energy, forces, virial], axis=1)


def in_order(potential, rows):
    """Return rows in our order of blocks."""
    sizes = [np.size(getattr(potential, block)) for block in THEIRS]
    assert sum(sizes) == len(rows)
    blocks = dict(zip(THEIRS, np.split(rows, np.cumsum(sizes)[:-1]), strict=True))
    return np.concatenate([blocks[block] for block in OURS])


def main(engine, *paths):
    logging.getLogger("motep").setLevel(logging.ERROR)  # it warns of every distance below min_dist
    for mtp, cfg in zip(paths[::2], paths[1::2], strict=True):
        potential = read_mtp(mtp)
        potential.species = list(range(potential.species_count))
        potential.optimized = THEIRS
        for atoms in read_cfg(cfg, index=":"):
            for row in in_order(potential, jacobian(potential, engine, atoms)):
                print(*(repr(float(number)) for number in row))


if __name__ == "__main__":
    main(*sys.argv[1:])
