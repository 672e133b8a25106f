"""Evaluates the structure of in.md with the calculator for ASE. Argument: name of the results."""

import json
import sys

import ase.io
from mtprs.ase import MTP

atoms = ase.io.read(
    "amorphous_96.data",
    format="lammps-data",
    atom_style="atomic",
    units="metal",
    sort_by_id=True,
    Z_of_type={1: 12, 2: 23, 3: 8},
)
atoms.calc = MTP("mgvo.mtp")
atoms.get_forces()
ase.io.write("in_ase.cfg", atoms, format="mlip-cfg")
written = ase.io.read("in_ase.cfg")
if written.get_potential_energy() != atoms.get_potential_energy():
    sys.exit("error: ase.io reads another energy than it has written")
results = {
    "energy": atoms.get_potential_energy(),
    "forces": atoms.get_forces().ravel().tolist(),
    "stress": atoms.get_stress().tolist(),
}
with open(f"{sys.argv[1]}.json", "w", encoding="utf-8") as file:
    json.dump(results, file)
