"""Makes the frames that the potentials of the cycles are tested with: dynamics of GFN1-xTB itself at 300 and 1000 K.

    python make_test.py

64 atoms of MgO, Langevin dynamics with steps of 2 fs; after 0.1 ps a frame every 30 fs. No potential has a part in it.
"""

import numpy as np
from ase import units
from ase.md.langevin import Langevin
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution
from make_start import EDGE, cfg, crystal
from tblite.ase import TBLite

RUNS = [(300, EDGE, 21), (1000, 1.01 * EDGE, 22)]
STEP = 2.0 * units.fs
FIRST, EVERY, FRAMES = 50, 15, 8


def dynamics(temperature: float, edge: float, seed: int) -> list[str]:
    random = np.random.default_rng(seed)
    atoms = crystal(edge)
    atoms.calc = TBLite(method="GFN1-xTB", verbosity=0)
    # Half of the energy goes into the springs, which are at rest in the beginning.
    MaxwellBoltzmannDistribution(atoms, temperature_K=2 * temperature, rng=random)
    langevin = Langevin(atoms, STEP, temperature_K=temperature, friction=0.01 / units.fs, rng=random)
    frames = []
    langevin.run(FIRST)
    for _ in range(FRAMES):
        langevin.run(EVERY)
        frames.append(cfg(atoms, {"elements": "Mg O", "EFS_by": "GFN1-xTB", "temperature": temperature}))
    return frames


def main() -> None:
    frames = [frame for run in RUNS for frame in dynamics(*run)]
    with open("test.cfg", "w") as file:
        file.write("".join(frames))


if __name__ == "__main__":
    main()
