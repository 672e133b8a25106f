"""Potentials: the contents of an `.mtp` or `.almtp` file, checked by the library."""

from __future__ import annotations

import os
import weakref
from collections.abc import Sequence
from ctypes import byref, c_int32, c_void_p, create_string_buffer
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from mtprs import _commands, _library
from mtprs.exceptions import ArgumentError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mtprs.configuration import Configuration


_ELSEWHERE = {"output": "write the potential with save(path)", "force": "write the potential with save(path)"}


class Potential:
    """A moment tensor potential, read from an `.mtp` or `.almtp` file and immutable.

    Any number of threads and evaluators may share one. Copying returns the object itself; a pickle holds the text of
    the file, so another process does not need the file.

    Args:
        path: the `.mtp` file, or an `.almtp` file of MLIP-3, whose selection state is ignored.

    Raises:
        OSError: the file cannot be read.
        mtprs.Error: it is not a potential; the message names file, line and column.

    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._parse(Path(path).read_bytes(), os.fspath(path))

    @classmethod
    def from_text(cls, text: str | bytes, name: str = "potential") -> Potential:
        """Return the potential in the text of an `.mtp` or `.almtp` file; messages call the file `name`."""
        potential = cls.__new__(cls)
        potential._parse(text.encode() if isinstance(text, str) else text, name)
        return potential

    @overload
    @classmethod
    def untrained(cls, level: int, species: Sequence[str] | int, cutoff: float, **options: Any) -> Potential: ...

    @overload
    @classmethod
    def untrained(cls, *, table: str, species: Sequence[str] | int, cutoff: float, **options: Any) -> Potential: ...

    @classmethod
    def untrained(
        cls,
        level: int | None = None,
        species: Sequence[str] | int | None = None,
        cutoff: float | None = None,
        *,
        table: str | None = None,
        **options: Any,
    ) -> Potential:
        """Return an untrained potential of a level or of another moment table, as `mtprs init` makes it.

        Args:
            level: even, 2 to 28: 8 is coarse and fast, 16 is common, 24 is accurate and slow.
            species: element symbols in the order of the species indices, or the number of species.
            cutoff: distance beyond which atoms do not interact, Å.
            table: name of the moment table in place of the level, as "22-4321": level 22 with ranks 4, 3, 2 and 1.
            **options: options of `mtprs init`, with _ for -: `min_dist` (Å), `radial_basis_size`, `zbl`, `name`,
                `ranks`.

        Raises:
            mtprs.Error: there is no such potential, or not exactly one of `level` and `table` is given.

        """
        if (level is None) == (table is None):
            got = "neither" if level is None else "both"
            raise ArgumentError(f"expected either level or table, got {got}")
        chosen = {"level": level, "table": table, "species": species, "cutoff": cutoff}
        words = _commands.options("init", {**chosen, **options}, _ELSEWHERE)
        printed, _ = _commands.run(["init", *words], _commands.Held())
        return cls.from_text(printed, "<untrained>")

    def save(self, path: str | os.PathLike[str], *, force: bool = False) -> None:
        """Write the potential to a file, which is either complete or not written at all.

        Args:
            path: the `.mtp` file.
            force: replace an existing file.

        Raises:
            mtprs.exceptions.FileError: the file exists and `force` is not set, or it cannot be written.

        """
        _commands.native().write_file(_commands.path_of(path), self._text, force)

    def rows(self, frames: _commands.Frames) -> list[NDArray[np.float64]]:
        """Return for each configuration the derivatives ∂V_i/∂θ of its atoms' energies with respect to the parameters.

        Each has the shape (atoms, parameters), in the order of parameters given in ARCHITECTURE.md: radial, species and
        moment coefficients. The potential must be trained.
        """
        held = _commands.Held(self)
        rows, told = _commands.native().rows(held.texts, held.add_one("frames", frames, {}))
        _commands.tell(told)
        return rows

    def basis_functions(self, frames: _commands.Frames) -> list[NDArray[np.float64]]:
        """Return for each configuration the basis functions B_α of its atoms, shape (atoms, basis functions).

        V_i = s + Σ_α ξ_α B_α(i). They are invariant under translation, rotation, reflection and permutation of equal
        atoms, so they serve as descriptors of atomic environments. The potential must be trained.
        """
        count = self.basis_function_count
        return [rows[:, -count:] for rows in self.rows(frames)]

    def evaluate(self, frames: _commands.Frames, *, threads: int | None = None) -> list[Configuration]:
        """Return configurations with energy, forces, virial and site energies replaced by those of the potential.

        Use it for many configurations in one call, on all threads unless `threads` is given, and `Evaluator` for one
        after the other.
        """
        from mtprs.configuration import _of_text

        held = _commands.Held(self)
        name = held.add_one("frames", frames, {})
        words = _commands.options("evaluate", {"threads": threads, "site_energies": True, "quiet": True})
        printed, _ = _commands.run(["evaluate", _commands.POTENTIAL, name, "-", *words], held)
        return _of_text(printed)

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
        """Element symbols in the order of species indices; "0", "1", ... if the file does not name its elements."""
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
            mtprs.exceptions.SpeciesError: there is no such species.

        """
        index = c_int32()
        _library.call("potential_species_index", self._handle, word.encode(), byref(index))
        return index.value

    @property
    def level(self) -> int | None:
        """Level of the moments (2, 4, ..., 28 in templates); None if the contractions do not match a level."""
        return _library.library().mtprs_potential_level(self._handle) or None

    @property
    def cutoff(self) -> float:
        """Cutoff radius, Å (`max_dist`)."""
        return self._facts.cutoff

    @property
    def min_dist(self) -> float:
        """Distance at which the radial functions start, Å; below it, the potential extrapolates.

        It was chosen when the potential was created; it is the shortest distance in the training set only if training
        has set it.
        """
        return self._facts.min_dist

    @property
    def parameter_count(self) -> int:
        """Number of radial, species and moment coefficients."""
        return self._facts.parameter_count

    @property
    def basis_function_count(self) -> int:
        """Number of basis functions B_α."""
        return self._facts.basis_function_count

    @property
    def is_trained(self) -> bool:
        """Whether all coefficients are present; otherwise the potential cannot be evaluated."""
        return bool(self._facts.is_trained)

    def __repr__(self) -> str:
        return f"Potential({self._name!r}, species {' '.join(self.species)}, cutoff {self.cutoff:g} Å)"

    def __copy__(self) -> Potential:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Potential:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Potential.from_text, (self._text, self._name)
