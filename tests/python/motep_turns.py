"""Evaluate one configuration with motep whenever asked to, and say how long it took.

Arguments: the engine of motep (cext, numba, numpy), a potential (.mtp) and a configuration (.cfg). Prints the energy
(eV), then for each line of the input the seconds that one evaluation took, with the neighbor lists made before.
"""

import logging
import sys
import time

from motep.calculator import MTP
from motep.io.mlip.cfg import read_cfg
from motep.io.mlip.mtp import read_mtp


def main(engine, mtp, cfg):
    logging.getLogger("motep").setLevel(logging.ERROR)  # it warns of every distance below min_dist
    potential = read_mtp(mtp)
    potential.species = list(range(potential.species_count))
    atoms = read_cfg(cfg, index=0)
    calculator = MTP(potential, engine=engine)
    print(repr(float(calculator.engine.calculate(atoms)["energy"])), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        calculator.engine.calculate(atoms)
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
