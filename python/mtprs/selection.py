"""Selection states: active sets, from which extrapolation grades follow."""

from __future__ import annotations

import os
import weakref
from ctypes import byref, c_double, c_void_p
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from mtprs import _library
from mtprs.errors import ArgumentError
from mtprs.potential import Potential

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Mode = Literal["configuration", "neighborhood"]


class SelectionState:
    """The active set of a potential, read from a state of mtprs (`.mtps`), MLIP-2 (`.als`) or MLIP-3 (`.almtp`).

    Never changed; any number of threads and evaluators may use one. Copies are the object itself; a pickle holds the
    bytes of the file.

    Args:
        path: the state, as `mtprs state build` writes it.
        potential: the potential that it was made for.

    Raises:
        OSError: the file cannot be read.
        mtprs.Error: it is not a state, or one of another potential.

    """

    def __init__(self, path: str | os.PathLike[str], potential: Potential) -> None:
        self._parse(Path(path).read_bytes(), potential, os.fspath(path))

    @classmethod
    def from_bytes(cls, contents: bytes, potential: Potential, name: str = "state") -> SelectionState:
        """Return the state of the bytes of a file; `name` stands for the file in messages."""
        state = cls.__new__(cls)
        state._parse(contents, potential, name)
        return state

    def _parse(self, contents: bytes, potential: Potential, name: str) -> None:
        handle = c_void_p()
        file_name = os.fsencode(name)
        _library.call("selection_parse", contents, len(contents), file_name, potential._handle, byref(handle))
        self._contents = contents
        self._potential = potential
        self._name = name
        self._handle = handle.value
        weakref.finalize(self, _library.library().mtprs_selection_free, handle.value)
        self._facts = _library.SelectionFacts()
        _library.call("selection_describe", self._handle, byref(self._facts))

    @property
    def name(self) -> str:
        """The file, as it was named when read."""
        return self._name

    @property
    def potential(self) -> Potential:
        """The potential that the state belongs to."""
        return self._potential

    @property
    def mode(self) -> Mode:
        """`"configuration"`: grades belong to whole configurations; `"neighborhood"`: to atoms."""
        return "neighborhood" if self._facts.is_neighborhood_mode else "configuration"

    @property
    def parameter_count(self) -> int:
        """Number of rows and columns of the active set."""
        return self._facts.parameter_count

    @property
    def unsupported_count(self) -> int:
        """Number of rows that no training configuration supports.

        Atoms that need these directions of the parameters have large grades; some directions are needed by no atoms
        whatever, and `mtprs state show` tells which.
        """
        return self._facts.unsupported_count

    def grade(self, row: ArrayLike) -> float:
        """Return the grade of a row of derivatives by the parameters.

        Args:
            row: shape (parameter_count,): for a configuration of N atoms ∂E/∂θ / N, for an atom ∂V_i/∂θ.

        Raises:
            NotFiniteError: the grade is not a finite number, which is neither above a threshold nor below.

        """
        row = np.ascontiguousarray(row, dtype=np.float64)
        if row.ndim != 1:
            raise ArgumentError(f"row has shape {row.shape}, expected ({self.parameter_count},)")
        grade = c_double()
        _library.call("selection_grade", self._handle, row.ctypes.data, len(row), byref(grade))
        return grade.value

    def __repr__(self) -> str:
        return f"SelectionState({self._name!r}, {self.mode} mode, {self.parameter_count} parameters)"

    def __copy__(self) -> SelectionState:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> SelectionState:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return SelectionState.from_bytes, (self._contents, self._potential, self._name)
