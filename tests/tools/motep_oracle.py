"""Energies, forces and stresses by motep: python motep_oracle.py POTENTIAL FRAMES.json OUT.json (see checks.py)."""

import json
import sys

from ase import Atoms
from motep.calculator import MTP
from motep.io.mlip.mtp import read_mtp


def main(potential, frames, out):
    """Evaluates frames of one species."""
    energies, forces, stresses = [], [], []
    with open(frames, encoding="utf-8") as file:
        asked = json.load(file)
    for frame in asked:
        atoms = Atoms(**frame, pbc=True)
        data = read_mtp(potential)
        data.species = [int(atoms.numbers[0])]
        atoms.calc = MTP(data, engine="numpy")
        energies.append(float(atoms.get_potential_energy()))
        forces.append(atoms.get_forces().tolist())
        stresses.append(atoms.get_stress().tolist())
    with open(out, "w", encoding="utf-8") as file:
        json.dump({"energies": energies, "forces": forces, "stresses": stresses}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
