"""Fail unless our calculator for ASE gives what that of motep gives.

Arguments: tolerance, then pairs of a potential (.mtp) and configurations (.cfg). Prints the largest deviations: energy
and V_i (eV), forces (eV/Å), stress (eV/Å³), each divided by the largest value where that exceeds 1.
"""

import logging
import sys

import numpy as np
from ase import Atoms
from motep import calculator as motep
from motep.io.mlip.mtp import read_mtp
from motep_efs import read_configurations
from mtprs import Potential
from mtprs.ase import MTP

# Elements for potentials that name none.
ELEMENTS = ["Mg", "V", "O", "Xe", "Li", "F"]


def calculators(path):
    """Return our calculator, a maker of motep's, and the elements of the species."""
    potential = Potential(path)
    elements = list(potential.species) if potential.has_species_names else ELEMENTS[: len(potential.species)]
    parameters = read_mtp(path)
    parameters.species = list(Atoms(elements).numbers)
    return MTP(potential, elements), lambda: motep.MTP(parameters, engine="cext"), elements


def deviations(ours, theirs):
    """Return how far results are apart, by property."""
    found = {}
    for name in ("energy", "free_energy", "energies", "forces", "stress"):
        if (name in ours) != (name in theirs):
            sys.exit(f"only one calculator gives {name}")
        if name in ours:
            scale = max(1.0, np.abs(theirs[name]).max(initial=0.0))
            found[name] = np.abs(np.asarray(ours[name]) - theirs[name]).max(initial=0.0) / scale
    return found


def main(tolerance, *paths):
    logging.getLogger("motep").setLevel(logging.ERROR)  # it warns of every distance below min_dist
    worst = {}
    for mtp, cfg in zip(paths[::2], paths[1::2], strict=True):
        ours, make_theirs, elements = calculators(mtp)
        for vectors, species, positions in read_configurations(cfg):
            atoms = Atoms([elements[index] for index in species], positions=positions)
            atoms.cell[: len(vectors)] = vectors
            atoms.pbc = np.arange(3) < len(vectors)
            theirs = make_theirs()  # motep's keeps to the number of atoms that it met first
            for calculator in (ours, theirs):
                calculator.calculate(atoms)
            for name, deviation in deviations(ours.results, theirs.results).items():
                worst[name] = max(worst.get(name, 0.0), deviation)
                if not deviation <= float(tolerance):
                    sys.exit(f"{mtp}, {cfg}: {name} differs by {deviation:.2e}")
    if not all(worst.get(name, 0.0) > 0.0 for name in ("energy", "forces", "stress")):
        sys.exit(f"no two programs round alike: what was compared? {worst}")
    print(*(f"{name} {deviation:.1e}" for name, deviation in worst.items()))


if __name__ == "__main__":
    main(*sys.argv[1:])
