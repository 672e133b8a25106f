"""The crystal that the recipes are about: MgO, eight atoms in a cube, relaxed with a potential."""

from ase.build import bulk
from ase.filters import FrechetCellFilter
from ase.optimize import LBFGS
from mtprs.ase import MTP


def relaxed(potential):
    """Return the crystal with its calculator, without stress."""
    atoms = bulk("MgO", "rocksalt", a=4.2, cubic=True)
    atoms.calc = MTP(potential)
    relax(FrechetCellFilter(atoms))
    return atoms


def relax(atoms, fmax=1e-4):
    """Move atoms, and the cell of a filter, until no force is larger than fmax (eV/Å)."""
    if not LBFGS(atoms, logfile=None).run(fmax=fmax, steps=500):
        raise SystemExit(f"forces are still above {fmax} eV/Å after 500 steps")
