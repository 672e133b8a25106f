"""A calculator for ASE.

    from mtprs.ase import MTP

    atoms.calc = MTP("pot.mtp")
    atoms.get_forces()

It passes positions and cell to the library and the results to ASE, with ASE's signs and orders.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Sequence, Set
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from ase.calculators.calculator import Calculator, Parameters, all_changes
from ase.data import atomic_numbers, chemical_symbols
from ase.outputs import Properties, all_outputs
from ase.stress import full_3x3_to_voigt_6_stress

from mtprs.evaluator import Evaluation, Evaluator, Precision
from mtprs.exceptions import ArgumentError, InvalidStateError, ShortDistanceWarning, SpeciesError
from mtprs.potential import Potential
from mtprs.selection import Mode, SelectionState

if TYPE_CHECKING:
    from ase import Atoms
    from numpy.typing import NDArray

PROPERTIES = ("energy", "free_energy", "energies", "forces", "stress", "stresses")
GRADES = ("extrapolation_grade", "extrapolation_grades")


class MTP(Calculator):
    """Moment tensor potential.

    Results as in ASE: `energy` and `free_energy` (the same, eV), `energies` (V_i, shape (atoms,), eV), `forces`
    (shape (atoms, 3), eV/Å), `stress` (xx yy zz yz xz xy, eV/Å³, tension positive) and, on request, `stresses`
    (shape (atoms, 6); their sum is the stress). One evaluation gives all of them. Stresses need a cell with three
    vectors, which need not be periodic.

    With a selection state there are two more: `extrapolation_grade`, the grade γ of the configuration (its own, or the
    largest of its atoms), and, in neighborhood mode, `extrapolation_grades`, shape (atoms,). They are in
    `calc.results` and available from `calc.get_property("extrapolation_grade", atoms)`.

    A `ShortDistanceWarning` is issued once if two atoms are closer than `min_dist`.

    Args:
        potential: an `.mtp` file, or a `Potential`.
        species: element symbols in the order of the potential's species; needed if the file does not name them.
        state: a selection state (`.mtps`, `.als`, `.almtp`), or a `SelectionState`.
        mode: `"configuration"` or `"neighborhood"`: refuse a selection state in the other mode.
        threads: number of threads for each evaluation.
        precision: `"double"` or `"mixed"`.
        grading: `"always"`: compute grades in every evaluation; `"asked"`: only when they are requested with
            `get_property`, which saves their cost in all other steps.
        **kwargs: arguments of every ASE calculator, such as `atoms` and `label`.

    Raises:
        mtprs.Error: the potential or selection state cannot be used, or the atoms cannot be evaluated.

    """

    default_parameters: ClassVar[dict[str, Any]] = {
        "species": None,
        "state": None,
        "mode": None,
        "threads": 1,
        "precision": "double",
        "grading": "always",
    }
    implemented_properties: ClassVar[list[str]] = [*PROPERTIES, *GRADES]
    _evaluator: Evaluator

    def __init__(
        self,
        potential: str | os.PathLike[str] | Potential,
        species: Sequence[str] | None = None,
        *,
        state: str | os.PathLike[str] | SelectionState | None = None,
        mode: Mode | None = None,
        threads: int = 1,
        precision: Precision = "double",
        grading: Literal["always", "asked"] = "always",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            potential=potential,
            species=species,
            state=state,
            mode=mode,
            threads=threads,
            precision=precision,
            grading=grading,
            **kwargs,
        )

    @property
    def evaluator(self) -> Evaluator:
        """The evaluator of the atoms."""
        return self._evaluator

    def set(self, **kwargs: Any) -> dict[str, Any]:
        """Change arguments of the constructor.

        Results are kept if nothing changes. On errors, everything is left unchanged.
        """
        unknown = kwargs.keys() - {"potential", *self.default_parameters}
        if unknown:
            raise TypeError(f"MTP has no parameter {', '.join(sorted(unknown))}")
        before = self.parameters
        self.parameters = Parameters(before)  # copies of the calculator may share the other one
        changed = super().set(**{name: _plain(value) for name, value in kwargs.items()})
        if changed:
            try:
                self._compile(changed.keys())
            except BaseException:
                self.parameters = before
                raise
            self.reset()
        return changed

    def _compile(self, changed: Set[str]) -> None:
        """Create a new evaluator; files are read again only if another one is given."""
        chosen = self.parameters
        if chosen["grading"] not in ("always", "asked"):
            raise ArgumentError(f"grading is {chosen['grading']!r}, expected 'always' or 'asked'")
        potential, state = chosen["potential"], chosen["state"]
        if "potential" not in changed:
            potential = self._evaluator.potential
        elif not isinstance(potential, Potential):
            potential = Potential(potential)
        if changed.isdisjoint({"potential", "state"}):
            state = self._evaluator.state
        elif state is not None and not isinstance(state, SelectionState):
            state = SelectionState(state, potential)
        _check_mode(state, chosen["mode"])
        species_of_number = _species_of_number(potential, chosen["species"])
        self._evaluator = Evaluator(potential, state=state, threads=chosen["threads"], precision=chosen["precision"])
        self._species_of_number = species_of_number
        self._has_warned = False
        grades = () if state is None else GRADES if state.mode == "neighborhood" else GRADES[:1]
        self.implemented_properties = [*PROPERTIES, *grades]

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Iterable[str] = ("energy",),
        system_changes: Sequence[str] = tuple(all_changes),
    ) -> None:
        """Fill `results`, including properties computed earlier for the same atoms."""
        wanted = {*properties} if system_changes else {*properties, *self.results}
        self.results = {}
        super().calculate(atoms, properties, system_changes)
        atoms = self.atoms
        graded = self._evaluator.state is not None and (
            self.parameters["grading"] == "always" or not wanted.isdisjoint(GRADES)
        )
        evaluation = self._evaluator.evaluate(
            atoms.positions,
            self._species(atoms),
            atoms.cell.array[atoms.pbc],
            atom_virials="stresses" in wanted,
            grades=graded,
        )
        self._warn_of_short_distance(evaluation)
        self.results = _results(evaluation, atoms)

    def check_state(self, atoms: Atoms, tol: float = 0.0) -> list[str]:
        """Return what has changed since the last evaluation, compared bit by bit."""
        if self.atoms is None:
            return list(all_changes)
        pairs = {name: (getattr(self.atoms, name), getattr(atoms, name)) for name in ("positions", "numbers", "pbc")}
        pairs["cell"] = (self.atoms.cell.array, atoms.cell.array)
        return [name for name, (before, now) in pairs.items() if not np.array_equal(before, now)]

    def _species(self, atoms: Atoms) -> NDArray[np.int32]:
        species = self._species_of_number.take(atoms.numbers, mode="clip")
        if species.min(initial=0) < 0:
            first = int(np.argmax(species < 0))
            number = int(atoms.numbers[first])
            symbol = chemical_symbols[number] if 0 <= number < len(chemical_symbols) else str(number)
            potential = self._evaluator.potential
            listed = " ".join(self.parameters["species"] or potential.species)
            text = f"element {symbol} (index {first}) is not in {potential.name} (species: {listed})"
            raise SpeciesError(text, first)
        return species

    def _warn_of_short_distance(self, evaluation: Evaluation) -> None:
        if evaluation.closest_pair is None or self._has_warned:
            return
        self._has_warned = True
        distance, (first, second) = evaluation.closest_pair
        potential = self._evaluator.potential
        text = (
            f"the atoms of index {first} and {second} are {distance:.3f} Å apart, closer than min_dist of "
            f"{potential.name} ({potential.min_dist:g} Å), where its radial functions begin: it extrapolates"
        )
        warnings.warn(text, ShortDistanceWarning, stacklevel=2)

    def todict(self, skip_default: bool = True) -> dict[str, Any]:
        """Return the parameters, with files as their names."""
        parameters = super().todict(skip_default)
        named = (Potential, SelectionState)
        return {name: value.name if isinstance(value, named) else value for name, value in parameters.items()}

    def export_properties(self) -> Properties:
        """Return the results that ASE has names for."""
        return Properties({name: value for name, value in self.results.items() if name in all_outputs})


def _plain(value: Any) -> Any:
    """Return a parameter in the form in which it is kept: paths as text, sequences as lists."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, (tuple, np.ndarray)):
        return [str(entry) for entry in value]
    return value


def _check_mode(state: SelectionState | None, mode: str | None) -> None:
    if mode is None:
        return
    if mode not in ("configuration", "neighborhood"):
        raise ArgumentError(f"mode is {mode!r}, expected 'configuration' or 'neighborhood'")
    if state is None:
        raise ArgumentError(f"mode is {mode!r}, but there is no state")
    if state.mode != mode:
        raise InvalidStateError(f"{state.name}: the selection state is for {state.mode} mode, not {mode} mode")


def _species_of_number(potential: Potential, species: Sequence[str] | None) -> NDArray[np.int32]:
    """Return the species index of each atomic number, −1 where there is none, as in the first and the last entry."""
    in_file = list(potential.species)
    if species is None:
        if not potential.has_species_names:
            raise SpeciesError(
                f"{potential.name} does not name its elements\n"
                f"  hint: list its {len(in_file)} species in their order, as in species=['Mg', 'O']"
            )
        species = in_file
    if isinstance(species, str):
        raise ArgumentError(f"species is {species!r}, expected a list of element symbols")
    if len(species) != len(in_file):
        raise SpeciesError(f"species lists {len(species)} elements, but {potential.name} has {len(in_file)} species")
    if potential.has_species_names and list(species) != in_file:
        raise SpeciesError(f"species {' '.join(species)} contradicts {potential.name} (species: {' '.join(in_file)})")
    of_number = np.full(len(chemical_symbols) + 1, -1, dtype=np.int32)
    for index, symbol in enumerate(species):
        number = atomic_numbers.get(symbol)
        if number is None or number == 0:
            raise SpeciesError(f"{symbol} is not the symbol of a chemical element")
        if of_number[number] >= 0:
            raise SpeciesError(f"element {symbol} is listed twice")
        of_number[number] = index
    return of_number


def _results(evaluation: Evaluation, atoms: Atoms) -> dict[str, Any]:
    """Return an evaluation as results of a calculator."""
    results: dict[str, Any] = {
        "energy": evaluation.energy,
        "free_energy": evaluation.energy,
        "energies": evaluation.energies,
        "forces": evaluation.forces,
    }
    if atoms.cell.rank == 3:
        volume = atoms.get_volume()
        results["stress"] = full_3x3_to_voigt_6_stress(-evaluation.virial / volume)
        if evaluation.atom_virials is not None:
            results["stresses"] = full_3x3_to_voigt_6_stress(-evaluation.atom_virials / volume)
    if evaluation.grade is not None:
        results["extrapolation_grade"] = evaluation.grade
    if evaluation.grades is not None:
        results["extrapolation_grades"] = evaluation.grades
    return results
