"""maml trains, evaluates and runs potentials by `mlp` and LAMMPS, unchanged: its numbers against motep.

python run_maml.py FOLDER PYTHON (see checks.py)
"""

import logging
import os
import warnings

import checks
import numpy as np
from maml.apps.pes import EnergyForceStress, MTPotential
from pymatgen.io.ase import AseAtomsAdaptor


def parts(frames):
    """Structures, energies, forces and virials as maml wants them; its virials are in the order xx yy zz xy yz xz."""
    structures = [AseAtomsAdaptor.get_structure(atoms) for atoms in frames]
    energies = [atoms.get_potential_energy() for atoms in frames]
    forces = [atoms.get_forces().tolist() for atoms in frames]
    virials = [(-atoms.get_stress() * atoms.get_volume())[[0, 1, 2, 5, 3, 4]].tolist() for atoms in frames]
    return structures, energies, forces, virials


def column(table, kind):
    """The numbers of one kind in maml's table of results."""
    return table["y_orig"][table["dtype"] == kind].to_numpy(float)


def main():
    """Runs all of it."""
    warnings.simplefilter("ignore")
    logging.disable(logging.INFO)
    python = checks.begin()
    check = checks.Checks("maml")
    frames = checks.crystals(20)
    train, test = frames[:16], frames[16:]

    potential = MTPotential()
    # All but the number of iterations as it is by default: `--weighting=vibration` among them.
    code = potential.train(*parts(train), unfitted_mtp="08g.mtp", max_dist=5, max_iter=40, stress_weight=1e-3)
    check.true("train ends with 0", code == 0)
    potential.write_param("fitted.mtp")
    original, predicted = potential.evaluate(*parts(test))

    # maml writes positions with six digits.
    energies, forces, stresses = checks.motep(python, os.path.abspath("fitted.mtp"), test)
    check.close("evaluate: energies, eV, motep", column(predicted, "energy"), energies, 1e-4)
    check.close("evaluate: forces, eV/Å, motep", column(predicted, "force"), forces.ravel(), 1e-4)
    virials = -stresses * np.array([atoms.get_volume() for atoms in test])[:, None]
    virials = virials[:, [0, 1, 2, 5, 3, 4]].ravel()
    check.close("evaluate: virials, eV, motep", column(predicted, "stress"), virials, 1e-3)
    known = np.concatenate([atoms.get_forces() for atoms in test])
    check.close("evaluate: the forces trained on, eV/Å", column(original, "force"), known.ravel(), 1e-5)
    errors = np.sqrt(np.mean((column(predicted, "force") - known.ravel()) ** 2) / np.mean(known**2))
    check.at_most("forces, relative to EMT's", errors, 0.2)

    again = MTPotential.from_config("fitted.mtp", elements=["Cu"])
    _, same = again.evaluate(*parts(test))
    check.close("from_config: the same numbers", same["y_orig"], predicted["y_orig"], 1e-12)
    ours = MTPotential.from_config(checks.train_copper(), elements=["Cu"])
    _, by_ours = ours.evaluate(*parts(test))
    by_calculator = checks.evaluate(test, checks.copper("copper.mtp"))
    check.close("from_config of a file of mtprs: energies, eV", column(by_ours, "energy"), by_calculator[0], 1e-4)

    ((energy, by_lammps, _),) = EnergyForceStress(ff_settings=potential).calculate([parts(test)[0][1]])
    first, second = len(test[0]), len(test[0]) + len(test[1])
    # maml reads what LAMMPS prints, with its digits.
    check.close("LAMMPS: energy, eV, motep", energy, energies[1], 1e-4)
    check.close("LAMMPS: forces, eV/Å, motep", by_lammps, forces[first:second], 1e-4)
    check.end()


if __name__ == "__main__":
    main()
