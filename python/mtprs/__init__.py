"""Moment tensor potentials: energies, forces, stresses and extrapolation grades.

`Potential` reads an `.mtp` file, `Evaluator` applies it to atoms given as numpy arrays, `SelectionState` adds
extrapolation grades; `mtprs.ase.MTP` is a calculator for ASE. All arithmetic is done by the mtprs library behind its C
interface. Units: Å, eV, eV/Å. Names are loaded when first used, so that `import mtprs` alone costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mtprs.errors import Error, ShortDistanceWarning
    from mtprs.evaluator import ClosestPair, Evaluation, Evaluator
    from mtprs.potential import Potential
    from mtprs.selection import SelectionState

    __version__: str

__all__ = [
    "ClosestPair",
    "Error",
    "Evaluation",
    "Evaluator",
    "Potential",
    "SelectionState",
    "ShortDistanceWarning",
    "__version__",
]

_MODULE_OF = {
    "ClosestPair": "evaluator",
    "Error": "errors",
    "Evaluation": "evaluator",
    "Evaluator": "evaluator",
    "Potential": "potential",
    "SelectionState": "selection",
    "ShortDistanceWarning": "errors",
}


def __getattr__(name: str) -> Any:
    """Load what is asked for; `__version__` is that of the library."""
    if name == "__version__":
        value = importlib.import_module("mtprs._library").version()
    elif name in _MODULE_OF:
        value = getattr(importlib.import_module(f"mtprs.{_MODULE_OF[name]}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Names that `__getattr__` has not loaded yet stand there, too."""
    return sorted({*globals(), *__all__})
