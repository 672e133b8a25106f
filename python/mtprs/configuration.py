"""Configurations: atoms in a cell with their labels, read from and written to files of any format."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mtprs import _commands
from mtprs.exceptions import ArgumentError, SpeciesError

if TYPE_CHECKING:
    from ase import Atoms
    from numpy.typing import ArrayLike, NDArray

_ELEMENTS = "elements"
_NOT_READ = dict.fromkeys(("force", "quiet", "deduplicate", "source_feature"), "this is not an option for reading")


@dataclass(eq=False, repr=False)
class Configuration:
    """Atoms in a cell, with energy, forces and virial if they are known. Arrays are copied.

    Attributes:
        positions: shape (atoms, 3), Å.
        species: index of each atom among the `elements`, shape (atoms,); element symbols are accepted, too.
        cell: the periodic vectors as rows, shape (0 to 3, 3), Å. Non-periodic directions have no vector.
        elements: element symbols in the order of the indices; None if the file does not name them.
        energy: eV.
        forces: shape (atoms, 3), eV/Å.
        virial: shape (3, 3), eV, positive under compression (`PlusStress`).
        features: text of every `Feature` of a `.cfg` file by its key; a list of texts if a key occurs several times.
        site_energies: shape (atoms,), eV.
        grades: extrapolation grades of the atoms, shape (atoms,).
        columns: other columns of the file by name, one word per atom.
        ids: atom ids in the file, shape (atoms,); 1, 2, ... by default.

    """

    positions: NDArray[np.float64]
    species: NDArray[np.int32]
    cell: NDArray[np.float64] | None = None
    elements: tuple[str, ...] | None = None
    energy: float | None = None
    forces: NDArray[np.float64] | None = None
    virial: NDArray[np.float64] | None = None
    features: dict[str, str | list[str]] = field(default_factory=dict)
    site_energies: NDArray[np.float64] | None = None
    grades: NDArray[np.float64] | None = None
    columns: dict[str, list[str]] = field(default_factory=dict)
    ids: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        self.positions = _array(self.positions, "positions", (None, 3))
        atoms = len(self.positions)
        self.cell = _array(() if self.cell is None else self.cell, "cell", (None, 3))
        if len(self.cell) > 3:
            raise ArgumentError(f"cell has {len(self.cell)} rows, expected at most three periodic vectors")
        if self.elements is not None:
            self.elements = tuple(str(element) for element in self.elements)
        self.species = self._indices(self.species)
        if self.species.shape != (atoms,):
            raise ArgumentError(f"species has shape {self.species.shape}, expected ({atoms},): one for each position")
        if self.energy is not None:
            self.energy = float(self.energy)
        shapes = {"forces": (atoms, 3), "virial": (3, 3), "site_energies": (atoms,), "grades": (atoms,)}
        for name, shape in shapes.items():
            if getattr(self, name) is not None:
                setattr(self, name, _array(getattr(self, name), name, shape))
        self.ids = np.arange(1, atoms + 1) if self.ids is None else np.array(self.ids, dtype=np.int64)
        if self.ids.shape != (atoms,):
            raise ArgumentError(f"ids has shape {self.ids.shape}, expected ({atoms},): one for each position")

    def _indices(self, species: ArrayLike) -> NDArray[np.int32]:
        array = np.asarray(species)
        if array.dtype.kind in "UO" and array.ndim == 1:
            symbols = [str(symbol) for symbol in array]
            if self.elements is None:
                self.elements = tuple(dict.fromkeys(symbols))
            unknown = sorted({*symbols} - {*self.elements})
            if unknown:
                text = f"species: {', '.join(unknown)} is not among the elements {' '.join(self.elements)}"
                raise ArgumentError(text)
            return np.array([self.elements.index(symbol) for symbol in symbols], dtype=np.int32)
        most = len(self.elements) if self.elements is not None else 1 << 16
        if array.size and not (np.issubdtype(array.dtype, np.integer) and array.min() >= 0 and array.max() < most):
            expected = f"indices from 0 to {most - 1}" if self.elements is not None else "indices from 0"
            raise ArgumentError(f"species: expected element symbols or {expected}")
        return np.array(array, dtype=np.int32)

    def _written(self, order: tuple[str, ...]) -> Configuration:
        """Return a copy as it is written: validated again, and with species in this order of the elements."""
        written = replace(self)
        features = [(str(key), one) for key, value in self.features.items() for one in _listed(value)]
        written.features = [(key, str(one)) for key, one in features if key != _ELEMENTS]
        written.columns = [(str(name), [*map(str, words)]) for name, words in self.columns.items()]
        if self.elements is not None:
            places = np.array([order.index(element) for element in written.elements], dtype=np.int32)
            written.species = places[written.species] if len(places) else written.species
            written.features.append((_ELEMENTS, " ".join(order)))
        return written

    @classmethod
    def _of(cls, values: dict[str, Any]) -> Configuration:
        features: dict[str, Any] = {}
        for key, value in values.pop("features"):
            features[key] = [*_listed(features[key]), value] if key in features else value
        names = features.pop(_ELEMENTS, None)
        elements = None if names is None else tuple(_listed(names)[0].replace(",", " ").split())
        return cls(**values, features=features, elements=elements)

    @classmethod
    def from_ase(cls, atoms: Atoms) -> Configuration:
        """Convert atoms of ASE, with the energy, forces and stress in their calculator; nothing is calculated."""
        return _of_text(_commands.cfg_text([atoms], "atoms"))[0]

    def to_ase(self, species: Sequence[str] | None = None) -> Atoms:
        """Return atoms of ASE with a calculator that holds the labels.

        Args:
            species: element symbols in the order of the indices, if the configuration has no `elements`.

        """
        import io

        from mtprs.cfg import read_mlip_cfg

        if self.elements is None and species is None:
            text = (
                "the configuration does not name its elements\n  hint: to_ase(species=['Mg', 'O']) names them in order"
            )
            raise SpeciesError(text)
        text = _commands.cfg_text([self], "configuration").decode()
        return next(iter(read_mlip_cfg(io.StringIO(text), 0, species)))

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def symbols(self) -> tuple[str, ...]:
        """Element symbol of each atom; its species index as text if there are no `elements`."""
        if self.elements is None:
            return tuple(str(index) for index in self.species)
        return tuple(self.elements[index] for index in self.species)

    @property
    def volume(self) -> float | None:
        """Volume of the cell, Å³; None unless it has three vectors."""
        return float(abs(np.linalg.det(self.cell))) if len(self.cell) == 3 else None

    @property
    def stress(self) -> NDArray[np.float64] | None:
        """Stress, shape (3, 3), eV/Å³, positive under tension; None without a virial or a volume."""
        volume = self.volume
        return None if self.virial is None or not volume else -self.virial / volume

    @property
    def grade(self) -> float | None:
        """Extrapolation grade of the configuration, None if it has none."""
        grade = self.features.get("MV_grade")
        return None if grade is None else float(_listed(grade)[0])

    def __repr__(self) -> str:
        names, counts = np.unique(self.symbols, return_counts=True)
        between = "" if self.elements else ": "
        parts = [f"{name}{between}{count}" for name, count in zip(names, counts, strict=True)]
        formula = "".join(parts) if self.elements else f"{len(self)} atoms by species {', '.join(parts)}"
        labels = [name for name in ("energy", "forces", "virial") if getattr(self, name) is not None]
        periodic = f", {len(self.cell)} periodic vectors" if len(self.cell) < 3 else ""
        return f"Configuration({formula}{periodic}, with {', '.join(labels) or 'no labels'})"


def read(
    path: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    species: Sequence[str] | None = None,
    *,
    index: int | slice | str | None = None,
    **options: Any,
) -> list[Configuration] | Configuration:
    """Read configurations from files of any format that `mtprs convert` reads, compressed or not, and from folders.

    Args:
        path: a file, a folder with VASP runs, or several of them.
        species: element symbols in the order of the species indices; by default that of the files, or that in which
            the elements first occur.
        index: which configurations, by default all; a number returns one configuration, a slice, or its text such as
            ":10", returns a list.
        **options: the options of the command line for reading, with _ for -: `input_format`, `keep_unconverged`,
            `strict`, `energy`, `energy_key`, `forces_key`, `stress_key`, `virial_key`, `atom_style`.

    Raises:
        mtprs.Error: a file cannot be read; the message names file and line.

    """
    if isinstance(index, str):
        parts = [int(part) if part.strip() else None for part in index.split(":")]
        index = slice(*parts) if len(parts) > 1 else parts[0]
    is_one = isinstance(path, (str, bytes, os.PathLike)) or not isinstance(path, Iterable)
    paths = [path] if is_one else [*path]
    words = _commands.options("merge", {"species": species, **options}, _NOT_READ)
    frames, told = _commands.native().read([_commands.path_of(path) for path in paths], {}, words)
    _commands.tell(told)
    configurations = [Configuration._of(frame) for frame in frames]
    return configurations if index is None else configurations[index]


def write(
    path: str | os.PathLike[str],
    frames: _commands.Frames,
    species: Sequence[str] | None = None,
    *,
    output_format: str | None = None,
    force: bool = False,
) -> None:
    """Write configurations: `.cfg`, extended XYZ, POSCAR or a LAMMPS data file.

    A `DataWarning` lists what the format cannot hold.

    Args:
        path: the file, which is either complete or not written at all.
        frames: configurations, atoms of ASE, or files of any format.
        species: element symbols in the order in which the format numbers them; by default that of the frames.
        output_format: "cfg", "extxyz", "poscar" or "lammps-data", if the file name does not determine it. A file of the
            last two formats holds one configuration; several get numbers after the name.
        force: replace an existing file.

    """
    held = _commands.Held()
    names = held.add("frames", frames)
    keywords = {"output_format": output_format, "species": species, "force": force}
    words = _commands.options("convert", keywords)
    _commands.run(["convert", *names, _commands.path_of(path), *words], held)


def _of_text(text: bytes) -> list[Configuration]:
    return [Configuration._of(frame) for frame in _commands.native().frames_of(text)]


def _listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def _array(values: ArrayLike, name: str, shape: tuple[int | None, ...]) -> NDArray[np.float64]:
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"{name}: expected numbers, {error}") from error
    if array.size == 0 and shape == (None, 3):
        array = array.reshape(0, 3)
    fits = array.ndim == len(shape) and all(want in (None, got) for want, got in zip(shape, array.shape, strict=True))
    if not fits:
        expected = "rows of three numbers" if shape == (None, 3) else " × ".join(str(want) for want in shape)
        raise ArgumentError(f"{name} has shape {array.shape}, expected {expected}")
    return np.ascontiguousarray(array)
