"""Make the test set: 60 labeled frames of molecular dynamics run with NEP89, without any student.

    python make_test.py [--teacher chgnet]

test.cfg has frames of 96 atoms: of the crystal at 300 K and at 1800 K, and of a melt that was heated to 3000 K and then
cooled to 2000 K. All runs use the Langevin dynamics of ASE with a timestep of 2 fs and a damping time of 0.2 ps, like
in.md. Dynamics with CHGNet would take hours, so its frames also come from NEP89, with labels from CHGNet.
"""

import numpy as np
from ase import Atoms, units
from ase.md.langevin import Langevin
from ase.md.velocitydistribution import thermalize_momenta
from make_start import EDGES, fluorite, label, save
from teacher import TEACHERS, arguments, nep89

STEP_FS = 2.0
SETTLE = 2000
# Name, first and last temperature in K, seed.
RUNS = [("300K", 300, 300, 21), ("1800K", 1800, 1800, 22), ("melt", 3000, 2000, 23)]
FRAMES, EVERY = 20, 200


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


def main() -> None:
    """Write test.cfg."""
    calculator = TEACHERS[arguments(__doc__).teacher]()
    test = [frame for run in RUNS for frame in frames(*run)]
    for frame in test:
        label(frame, calculator)
    save("test.cfg", test)


if __name__ == "__main__":
    main()
