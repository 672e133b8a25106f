"""Evaluation of atoms given as numpy arrays."""

from __future__ import annotations

import threading
import weakref
from ctypes import byref, c_double, c_int32, c_void_p
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from mtprs import _library
from mtprs.exceptions import ArgumentError, SpeciesError
from mtprs.potential import Potential
from mtprs.selection import SelectionState

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Precision = Literal["double", "mixed"]

_PRECISIONS = {"double": 0, "mixed": 1}

# Components of a virial in the order of mtprs.h, by row and column.
_SYMMETRIC = np.array([[0, 3, 4], [3, 1, 5], [4, 5, 2]])
_GENERAL = np.array([[0, 3, 4], [6, 1, 5], [7, 8, 2]])


class ClosestPair(NamedTuple):
    """The closest pair of atoms, if it is closer than `min_dist`."""

    distance: float
    """Å."""
    atoms: tuple[int, int]
    """Indices from 0; twice the same if an atom is that close to its own image."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The results for a set of atoms; virials are positive under compression."""

    energy: float
    """E, eV."""
    energies: NDArray[np.float64]
    """V_i, shape (atoms,), eV."""
    forces: NDArray[np.float64]
    """Shape (atoms, 3), eV/Å."""
    virial: NDArray[np.float64]
    """W_ab = −Σ r_a g_b, shape (3, 3), eV."""
    cell: NDArray[np.float64]
    """The periodic vectors as rows, shape (0 to 3, 3), Å."""
    atom_virials: NDArray[np.float64] | None = None
    """Half of each interaction assigned to either atom, shape (atoms, 3, 3), eV; only on request."""
    centroid_virials: NDArray[np.float64] | None = None
    """Each interaction assigned to the neighbor, for heat flux: displacement, then force; shape (atoms, 3, 3), eV."""
    grade: float | None = None
    """Extrapolation grade γ of the configuration: its own, or the largest of its atoms; None without a state."""
    grades: NDArray[np.float64] | None = None
    """Extrapolation grades of the atoms, shape (atoms,); None without a selection state in neighborhood mode."""
    closest_pair: ClosestPair | None = None
    """Set if two atoms are closer than `min_dist`, where the potential extrapolates."""

    @property
    def stress(self) -> NDArray[np.float64] | None:
        """Stress, tension positive: −virial / volume, shape (3, 3), eV/Å³; None without three periodic vectors."""
        return -self.virial / abs(np.linalg.det(self.cell)) if len(self.cell) == 3 else None


class Evaluator:
    """A compiled potential with its workspaces.

    Threads of a program may share one, but they take turns; with one evaluator each they run in parallel. Copies and
    pickles create a new evaluator with the same potential and settings.

    Args:
        potential: the potential; must be trained.
        state: the selection state, for extrapolation grades.
        threads: number of threads, including the calling one, up to 1024. Results are reproducible; with a different
            number of threads, the same terms are added in a different order.
        precision: `"double"`, or `"mixed"`: single precision for the work per neighbor. Grades are always double.

    Raises:
        mtprs.Error: the potential is not trained, the selection state belongs to another one, or a setting is out of
            range.

    """

    def __init__(
        self,
        potential: Potential,
        *,
        state: SelectionState | None = None,
        threads: int = 1,
        precision: Precision = "double",
    ) -> None:
        if precision not in _PRECISIONS:
            raise ArgumentError(f"precision is {precision!r}, expected 'double' or 'mixed'")
        if c_int32(threads).value != threads:  # ctypes would cut it silently
            raise ArgumentError(f"threads is {threads}, expected 0 to 1024")
        options = _library.EvaluatorOptions(
            threads=threads,
            precision=_PRECISIONS[precision],
            selection=None if state is None else state._handle,
        )
        handle = c_void_p()
        _library.call("evaluator_create", potential._handle, byref(options), byref(handle))
        self._potential = potential
        self._state = state
        self._threads = threads
        self._precision = precision
        self._handle = handle.value
        self._turn = threading.Lock()
        weakref.finalize(self, _library.library().mtprs_evaluator_free, handle.value)

    @property
    def potential(self) -> Potential:
        """The potential that was compiled."""
        return self._potential

    @property
    def state(self) -> SelectionState | None:
        """The selection state, if there is one."""
        return self._state

    @property
    def threads(self) -> int:
        """Number of threads, including the calling one."""
        return self._threads

    @property
    def precision(self) -> Precision:
        """`"double"` or `"mixed"`."""
        return self._precision

    @property
    def memory(self) -> int:
        """Memory held on all threads, bytes."""
        with self._turn:
            return _library.library().mtprs_evaluator_memory(self._handle)

    def evaluate(
        self,
        positions: ArrayLike,
        species: ArrayLike,
        cell: ArrayLike | None = None,
        *,
        atom_virials: bool = False,
        centroid_virials: bool = False,
        grades: bool | None = None,
    ) -> Evaluation:
        """Evaluate atoms; the library searches their neighbors, including periodic images.

        Arrays of doubles in C order (species: 32-bit integers) are read in place, others are copied.

        Args:
            positions: shape (atoms, 3), Å; atoms may lie outside the cell.
            species: shape (atoms,): element symbols, if the potential names its elements, or species indices
                from 0.
            cell: the periodic vectors as rows, shape (0 to 3, 3), Å; None for a molecule.
            atom_virials: whether to return per-atom virials.
            centroid_virials: whether to return those for the heat flux.
            grades: whether to return extrapolation grades; by default if the evaluator has a selection state.

        Raises:
            mtprs.Error: the atoms cannot be evaluated; nothing of them is kept.

        """
        state = None if grades is False else self._state
        if grades and state is None:
            raise ArgumentError("grades need a selection state, but the evaluator has none")
        positions = _doubles(positions, "positions")
        vectors = _doubles(() if cell is None else cell, "cell")
        species = self._species(species)
        count = len(positions)
        if species.shape != (count,):
            raise ArgumentError(f"species has shape {species.shape}, expected ({count},)")
        configuration = _library.Configuration(
            atom_count=count,
            positions=_address(positions),
            species=_address(species),
            cell_vectors=_address(vectors),
            periodic_count=len(vectors),
        )
        by_neighborhood = state is not None and state.mode == "neighborhood"
        energy, virial = np.zeros(1), np.zeros(6)
        energies, forces = np.zeros(count), np.zeros((count, 3))
        of_atoms = np.zeros((count, 6)) if atom_virials else None
        of_centroids = np.zeros((count, 9)) if centroid_virials else None
        grades_of_atoms = np.zeros(count) if by_neighborhood else None
        gradient = None if state is None or by_neighborhood else np.zeros(state.parameter_count)
        outputs = _library.Outputs(
            energy=_address(energy),
            atom_energies=_address(energies),
            forces=_address(forces),
            virial=_address(virial),
            atom_virials=_address(of_atoms),
            centroid_virials=_address(of_centroids),
            grades=_address(grades_of_atoms),
            energy_gradient=_address(gradient),
        )
        with self._turn:
            _library.call("evaluator_compute_cell", self._handle, byref(configuration), byref(outputs))
            closest_pair = self._closest_pair()
        grade = None
        if grades_of_atoms is not None:
            grade = float(grades_of_atoms.max(initial=0.0))
        elif state is not None and gradient is not None:
            grade = state.grade(gradient * (1.0 / max(count, 1)))
        return Evaluation(
            energy=float(energy[0]),
            energies=energies,
            forces=forces,
            virial=virial[_SYMMETRIC],
            cell=vectors,
            atom_virials=None if of_atoms is None else of_atoms[:, _SYMMETRIC],
            centroid_virials=None if of_centroids is None else of_centroids[:, _GENERAL],
            grade=grade,
            grades=grades_of_atoms,
            closest_pair=closest_pair,
        )

    def _species(self, values: ArrayLike) -> NDArray[np.int32]:
        """Return species indices, those of element symbols by name."""
        array = np.asarray(values)
        if array.dtype.kind != "U":
            return _integers(array)
        if not self._potential.has_species_names:
            text = f"{self._potential.name} does not name its elements\n  hint: give the indices of its species, from 0"
            raise SpeciesError(text)
        symbols, places = np.unique(array, return_inverse=True)
        known = self._potential.species
        for symbol in symbols:
            if symbol not in known:
                first = int(np.argmax(array == symbol))
                text = f"element {symbol} (index {first}) is not in {self._potential.name} (species: {' '.join(known)})"
                raise SpeciesError(text, first)
        indices = np.array([known.index(symbol) for symbol in symbols], dtype=np.int32)
        return np.ascontiguousarray(indices[places].reshape(array.shape))

    def _closest_pair(self) -> ClosestPair | None:
        distance, atoms = c_double(), (c_int32 * 2)()
        found = _library.library().mtprs_evaluator_closest_pair(self._handle, byref(distance), atoms)
        return ClosestPair(distance.value, (atoms[0], atoms[1])) if found else None

    def __repr__(self) -> str:
        return f"Evaluator({self._potential!r}, threads={self._threads}, precision={self._precision!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _evaluator, (self._potential, self._state, self._threads, self._precision)


def _evaluator(potential: Potential, state: SelectionState | None, threads: int, precision: Precision) -> Evaluator:
    return Evaluator(potential, state=state, threads=threads, precision=precision)


def _address(array: NDArray[Any] | None) -> int | None:
    return None if array is None else array.ctypes.data


def _doubles(values: ArrayLike, name: str) -> NDArray[np.float64]:
    """Return values as rows of three doubles, the array itself if it is one."""
    array = np.ascontiguousarray(values, dtype=np.float64)
    if array.size == 0:
        return array.reshape(-1, 3)
    if array.ndim != 2 or array.shape[1] != 3:
        raise ArgumentError(f"{name} has shape {array.shape}, expected rows of three numbers")
    return array


def _integers(values: ArrayLike) -> NDArray[np.int32]:
    """Return values as 32-bit integers, the array itself if it holds such; others must be integers of that range."""
    array = np.asarray(values)
    if array.dtype != np.int32 and array.size:
        if not np.issubdtype(array.dtype, np.integer):
            raise ArgumentError(f"species holds {array.dtype}, expected integers")
        largest = np.iinfo(np.int32).max
        if array.max() > largest or array.min() < -largest:
            raise ArgumentError(f"species holds {array.min()} to {array.max()}, expected indices of species from 0")
    return np.ascontiguousarray(array, dtype=np.int32)
