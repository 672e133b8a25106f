"""motep evaluates our potentials: the same error, its own time. Its engine in C has its neighbor lists before that."""

import logging
import time

from frames import folder_of

POINTS = ["8", "16"]


def fit(case, point, folder, settings):
    """Nothing is fitted: motep's own fits reach the loss of ours much later (`make bench-training`)."""
    from mtprs_fits import parameters

    potential = folder_of(settings.fits, "mtprs", point) / "fitted.mtp"
    if not potential.exists():
        raise SystemExit(f"mtprs {point} must be fitted first")
    return {
        "engine": "motep",
        "potential": str(potential),
        "parameters": parameters(potential, settings),
        "timed": "C engine",
    }


class Evaluator:
    def __init__(self, description, species):
        from motep.io.mlip.mtp import read_mtp

        logging.getLogger("motep").setLevel(logging.ERROR)  # it warns of every distance below min_dist
        self.potential = read_mtp(description["potential"])
        self.potential.species = list(range(len(species)))
        self.species = species

    def energy_and_forces(self, atoms):
        found = self._engine().calculate(self._numbered(atoms))
        return found["energy"], found["forces"]

    def prepared(self, atoms):
        engine, numbered = self._engine(), self._numbered(atoms)
        engine.calculate(numbered)

        def turn():
            start = time.perf_counter()
            engine.calculate(numbered)
            return time.perf_counter() - start

        return turn

    def _engine(self):
        from motep.calculator import MTP

        return MTP(self.potential, engine="cext").engine

    def _numbered(self, atoms):
        numbered = atoms.copy()
        numbered.numbers = [self.species.index(symbol) for symbol in atoms.get_chemical_symbols()]
        return numbered
