"""Moment tensor potentials: energies, forces, stresses, extrapolation grades, training and selection.

`Potential` reads an `.mtp` file, `Evaluator` applies it to atoms given as numpy arrays, `SelectionState` adds
extrapolation grades; `mtprs.ase.MTP` is a calculator for ASE. `read` and `write` know all formats of the command line;
`train`, `errors` and `select` run the code of the commands of the same names, on frames in memory or in files. All
arithmetic is done by the library. Units: Å, eV, eV/Å. Names are loaded when first used, so `import mtprs` alone is
cheap.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mtprs.commands import check, cutout, run
    from mtprs.comparison import Errors, errors
    from mtprs.configuration import Configuration, read, write
    from mtprs.evaluator import ClosestPair, Evaluation, Evaluator
    from mtprs.exceptions import DataWarning, Error, ShortDistanceWarning
    from mtprs.potential import Potential
    from mtprs.selection import Selection, SelectionState, grade, select
    from mtprs.training import Trained, train

    __version__: str

__all__ = [
    "ClosestPair",
    "Configuration",
    "DataWarning",
    "Error",
    "Errors",
    "Evaluation",
    "Evaluator",
    "Potential",
    "Selection",
    "SelectionState",
    "ShortDistanceWarning",
    "Trained",
    "__version__",
    "check",
    "cutout",
    "errors",
    "grade",
    "read",
    "run",
    "select",
    "train",
    "write",
]

_MODULE_OF = {
    "ClosestPair": "evaluator",
    "Configuration": "configuration",
    "DataWarning": "exceptions",
    "Error": "exceptions",
    "Errors": "comparison",
    "Evaluation": "evaluator",
    "Evaluator": "evaluator",
    "Potential": "potential",
    "Selection": "selection",
    "SelectionState": "selection",
    "ShortDistanceWarning": "exceptions",
    "Trained": "training",
    "check": "commands",
    "cutout": "commands",
    "errors": "comparison",
    "grade": "selection",
    "read": "configuration",
    "run": "commands",
    "select": "selection",
    "train": "training",
    "write": "configuration",
}


def __getattr__(name: str) -> Any:
    """Load a name when it is first used; `__version__` is that of the library."""
    if name == "__version__":
        value = importlib.import_module("mtprs._library").version()
    elif name in _MODULE_OF:
        value = getattr(importlib.import_module(f"mtprs.{_MODULE_OF[name]}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List all names, including those that `__getattr__` has not loaded yet."""
    return sorted({*globals(), *__all__})
