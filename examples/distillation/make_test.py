"""Make the test data: molecular dynamics run with the teacher alone.

    python make_test.py [--teacher chgnet]

test.cfg has 60 labeled frames of 96 atoms: the crystal at 300 K and at 1800 K, and a melt that was heated to 3000 K and
then cooled to 2000 K. Dynamics with CHGNet would take hours, so its frames also come from NEP89, with labels from
CHGNet. teacher.dump has 40 ps of 324 atoms at 1800 K, for the diffusivity of fluorine; it is not made for CHGNet. All
runs use the Langevin dynamics of ASE with a timestep of 2 fs and a damping time of 0.2 ps, like in.md and in.property.
Two runs go on at the same time. Existing files are kept.
"""

import os
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from ase import Atoms, units
from ase.io import read
from ase.md.langevin import Langevin
from ase.md.velocitydistribution import thermalize_momenta
from make_start import EDGES, fluorite, label, save
from teacher import TEACHERS, arguments, nep89

STEP_FS = 2.0
SETTLE = 2000
# Name, first and last temperature in K, seed.
RUNS = [("300K", 300, 300, 21), ("1800K", 1800, 1800, 22), ("melt", 3000, 2000, 23)]
FRAMES, EVERY = 20, 200
LENGTH, DUMP_EVERY, SEED = 20000, 50, 24


def dynamics(atoms: Atoms, first: float, last: float, seed: int) -> Langevin:
    """Return dynamics equilibrated at the temperature `last`, after the same time at `first` if that is different."""
    random = np.random.default_rng(seed)
    atoms.calc = nep89()
    # The crystal starts at its sites, so half of the kinetic energy turns into potential energy.
    thermalize_momenta(atoms, temperature_K=2 * first, rng=random)
    friction = 1 / (200 * units.fs)
    langevin = Langevin(atoms, STEP_FS * units.fs, temperature_K=first, friction=friction, fixcm=False, rng=random)
    for temperature in dict.fromkeys([first, last]):
        langevin.set_temperature(temperature_K=temperature)
        langevin.run(SETTLE)
    return langevin


def frames(name: str, first: float, last: float, seed: int) -> list[Atoms]:
    """Return the frames of a run, without labels."""
    atoms = fluorite(EDGES[name])
    langevin = dynamics(atoms, first, last, seed)
    found = []
    for _ in range(FRAMES):
        langevin.run(EVERY)
        frame = Atoms(atoms.symbols, positions=atoms.positions, cell=atoms.cell, pbc=True, info={"run": name})
        found.append(frame)
    return found


def tracks(path: str) -> None:
    """Write the trajectory of the long run in the dump format of LAMMPS."""
    (atoms,) = read("property.cfg", index=":")
    langevin = dynamics(atoms, 1800, 1800, SEED)
    columns = "ITEM: ATOMS id element xu yu zu"
    bounds = "".join(f"0 {length:.10f}\n" for length in atoms.cell.lengths())
    with open(path + ".new", "w") as file:
        for step in range(0, LENGTH + 1, DUMP_EVERY):
            langevin.run(DUMP_EVERY if step else 0)
            file.write(
                f"ITEM: TIMESTEP\n{step}\nITEM: NUMBER OF ATOMS\n{len(atoms)}\nITEM: BOX BOUNDS pp pp pp\n{bounds}"
            )
            rows = enumerate(zip(atoms.symbols, atoms.positions), 1)
            lines = (f"{number} {symbol} {x:.5f} {y:.5f} {z:.5f}\n" for number, (symbol, (x, y, z)) in rows)
            file.write(f"{columns}\n{''.join(lines)}")
    os.replace(path + ".new", path)


def main() -> None:
    """Write the files that are missing."""
    teacher = arguments(__doc__).teacher
    with ProcessPoolExecutor(2) as pool:
        is_wanted = teacher == "nep89" and not os.path.exists("teacher.dump")
        long = pool.submit(tracks, "teacher.dump") if is_wanted else None
        if not os.path.exists("test.cfg"):
            runs = [pool.submit(frames, *run) for run in RUNS]
            test = [frame for run in runs for frame in run.result()]
            calculator = TEACHERS[teacher]()
            for frame in test:
                label(frame, calculator)
            save("test.cfg", test)
        if long:
            long.result()


if __name__ == "__main__":
    main()
