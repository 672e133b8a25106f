"""Potentials: the contents of an `.mtp` or `.almtp` file, checked by the library."""

from __future__ import annotations

import os
import weakref
from ctypes import byref, c_int32, c_void_p, create_string_buffer
from pathlib import Path
from typing import Any

from mtprs import _library


class Potential:
    """A moment tensor potential, read from an `.mtp` or `.almtp` file and never changed.

    Any number of threads and evaluators may use one. Copies are the object itself; a pickle holds the text of the file,
    so that another process needs no file.

    Args:
        path: the `.mtp` file, or an `.almtp` file of MLIP-3, whose selection state is passed over.

    Raises:
        OSError: the file cannot be read.
        mtprs.Error: it is not a potential; the text names file, line and column.

    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._parse(Path(path).read_bytes(), os.fspath(path))

    @classmethod
    def from_text(cls, text: str | bytes, name: str = "potential") -> Potential:
        """Return the potential of the contents of an `.mtp` or `.almtp` file; `name` names it in messages."""
        potential = cls.__new__(cls)
        potential._parse(text.encode() if isinstance(text, str) else text, name)
        return potential

    def _parse(self, text: bytes, name: str) -> None:
        handle = c_void_p()
        _library.call("potential_parse", text, len(text), os.fsencode(name), byref(handle))
        self._text = text
        self._name = name
        self._handle = handle.value
        weakref.finalize(self, _library.library().mtprs_potential_free, handle.value)
        self._facts = _library.PotentialFacts()
        _library.call("potential_describe", self._handle, byref(self._facts))

    @property
    def name(self) -> str:
        """The file, as it was named when read."""
        return self._name

    @property
    def species(self) -> tuple[str, ...]:
        """Element symbols in the order of species indices; "0", "1", ... if the file names no elements."""
        names = []
        for index in range(self._facts.species_count):
            buffer = create_string_buffer(64)
            _library.call("potential_species_name", self._handle, index, buffer, len(buffer))
            names.append(buffer.value.decode())
        return tuple(names)

    @property
    def has_species_names(self) -> bool:
        """Whether the file names its elements (`potential_tag = Mg V O`)."""
        return bool(self._facts.has_species_names)

    def species_index(self, word: str) -> int:
        """Return the index of a species, by its element symbol or number.

        Raises:
            mtprs.errors.SpeciesError: there is none.

        """
        index = c_int32()
        _library.call("potential_species_index", self._handle, word.encode(), byref(index))
        return index.value

    @property
    def level(self) -> int | None:
        """Level of the moments (2, 4, ..., 28 in templates); None if the contractions follow no level."""
        return _library.library().mtprs_potential_level(self._handle) or None

    @property
    def cutoff(self) -> float:
        """Cutoff radius, Å (`max_dist`)."""
        return self._facts.cutoff

    @property
    def min_dist(self) -> float:
        """Where the radial functions begin, Å: below, the potential extrapolates.

        What its maker chose; it is the shortest distance of the training set only where training has put it there.
        """
        return self._facts.min_dist

    @property
    def parameter_count(self) -> int:
        """Number of coefficients: radial, of species, of moments."""
        return self._facts.parameter_count

    @property
    def basis_function_count(self) -> int:
        """Number of basis functions B_α."""
        return self._facts.basis_function_count

    @property
    def is_trained(self) -> bool:
        """Whether all coefficients are there; others cannot be evaluated."""
        return bool(self._facts.is_trained)

    def __repr__(self) -> str:
        return f"Potential({self._name!r}, species {' '.join(self.species)}, cutoff {self.cutoff:g} Å)"

    def __copy__(self) -> Potential:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Potential:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Potential.from_text, (self._text, self._name)
