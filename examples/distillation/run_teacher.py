"""Run 80 ps of dynamics with NEP89 for the structure and the diffusivity of fluorine.

    python run_teacher.py

Reads property.cfg (324 atoms) and writes teacher.dump in the dump format of LAMMPS: Langevin dynamics at 1800 K, with
the settings of in.property, the run of the student.
"""

import os
import time

from ase.io import read
from make_test import dynamics

TEMPERATURE = 1800
LENGTH, EVERY, SEED = 40000, 50, 24


def main() -> None:
    """Write teacher.dump. An interruption leaves no incomplete file."""
    begin = time.perf_counter()
    (atoms,) = read("property.cfg", index=":")
    langevin = dynamics(atoms, TEMPERATURE, TEMPERATURE, SEED)
    columns = "ITEM: ATOMS id element xu yu zu"
    bounds = "".join(f"0 {length:.10f}\n" for length in atoms.cell.lengths())
    with open("teacher.dump.new", "w") as file:
        for step in range(0, LENGTH + 1, EVERY):
            langevin.run(EVERY if step else 0)
            file.write(
                f"ITEM: TIMESTEP\n{step}\nITEM: NUMBER OF ATOMS\n{len(atoms)}\nITEM: BOX BOUNDS pp pp pp\n{bounds}"
            )
            rows = enumerate(zip(atoms.symbols, atoms.positions), 1)
            lines = (f"{number} {symbol} {x:.5f} {y:.5f} {z:.5f}\n" for number, (symbol, (x, y, z)) in rows)
            file.write(f"{columns}\n{''.join(lines)}")
    os.replace("teacher.dump.new", "teacher.dump")
    print(f"run_teacher.py: {time.perf_counter() - begin:.1f} s wall time, {time.process_time():.1f} s processor time")


if __name__ == "__main__":
    main()
