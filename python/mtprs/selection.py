"""Selection states: active sets, from which extrapolation grades are computed."""

from __future__ import annotations

import json
import os
import weakref
from ctypes import byref, c_double, c_void_p
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from mtprs import _commands, _library
from mtprs.configuration import Configuration, _of_text
from mtprs.exceptions import ArgumentError
from mtprs.potential import Potential

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Mode = Literal["configuration", "neighborhood"]


class SelectionState:
    """The active set of a potential, read from a state of mtprs (`.mtps`), MLIP-2 (`.als`) or MLIP-3 (`.almtp`).

    Immutable; any number of threads and evaluators may share one. Copying returns the object itself; a pickle holds the
    bytes of the file.

    Args:
        path: the selection state, as `mtprs state build` writes it.
        potential: the potential that it was made for.

    Raises:
        OSError: the file cannot be read.
        mtprs.Error: it is not a selection state, or belongs to another potential.

    """

    def __init__(self, path: str | os.PathLike[str], potential: Potential) -> None:
        self._parse(Path(path).read_bytes(), potential, os.fspath(path))

    @classmethod
    def from_bytes(cls, contents: bytes, potential: Potential, name: str = "state") -> SelectionState:
        """Return the selection state in the bytes of a file; messages call the file `name`."""
        state = cls.__new__(cls)
        state._parse(contents, potential, name)
        return state

    @classmethod
    def build(
        cls, potential: Potential, frames: _commands.Frames, mode: Mode = "configuration", **options: Any
    ) -> SelectionState:
        """Choose the active set of a training set by maxvol, as `mtprs state build` does.

        Args:
            potential: a trained potential.
            frames: its training set: configurations, atoms of ASE, or files of any format.
            mode: what is graded: whole configurations, or atoms.
            **options: options of `mtprs state build`, with _ for -: `threads`, `init_threshold`, `swap_threshold`, and
                those for reading.

        """
        held = _commands.Held(potential)
        name = held.add_one("frames", frames, options)
        words = [_commands.POTENTIAL, name, "<state>.mtps", "--quiet"]
        words += _commands.options("state build", {"mode": mode, **options})
        contents, told = _commands.native().build_state(words, held.texts)
        _commands.tell(told)
        return cls.from_bytes(contents, _commands.potential_of(potential), "<state>")

    def save(self, path: str | os.PathLike[str], *, force: bool = False) -> None:
        """Write the selection state in the format that it was read from, or else as `.mtps`.

        Raises:
            mtprs.exceptions.FileError: the file exists and `force` is not set, or it cannot be written.

        """
        name = _commands.path_of(path)
        if name.endswith((".als", ".almtp")) and self._contents.startswith(b"MTPRS"):
            text = (
                f"{name}: the state is one of mtprs (.mtps)\n  hint: mtprs.run('state build', potential, frames, path) "
            )
            raise ArgumentError(text + "writes the formats of MLIP-2 and MLIP-3")
        _commands.native().write_file(name, self._contents, force)

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
        """The potential that the selection state belongs to."""
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

        Atoms that depend on these directions of the parameters have large grades. On some directions no atoms ever
        depend; `mtprs state show` reports which.
        """
        return self._facts.unsupported_count

    def grade(self, row: ArrayLike) -> float:
        """Return the grade of a row of derivatives by the parameters.

        Args:
            row: shape (parameter_count,): for a configuration of N atoms ∂E/∂θ / N, for an atom ∂V_i/∂θ.

        Raises:
            NotFiniteError: the grade is not a finite number, so it cannot be compared with a threshold.

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


@dataclass(frozen=True, repr=False)
class Selection:
    """Candidates worth a label, the most informative first.

    Attributes:
        frames: the selected configurations, without labels that mtprs itself computed.
        indices: their places among the candidates, from 0.
        grades: extrapolation grade of each, given the training set and those selected before it.
        report: the JSON report of `mtprs select`.

    """

    frames: list[Configuration]
    indices: list[int]
    grades: list[float]
    report: dict[str, Any]

    def __len__(self) -> int:
        return len(self.frames)

    def __repr__(self) -> str:
        return f"Selection({len(self)} of {self.report['candidates']} candidates)"


def select(
    potential: Potential,
    train: _commands.Frames | SelectionState,
    candidates: _commands.Frames,
    **options: Any,
) -> Selection:
    """Select the candidates that are missing in the training set, by maxvol, as `mtprs select` does.

    Args:
        potential: a trained potential.
        train: its training set, or its selection state, which then also sets the mode.
        candidates: configurations, atoms of ASE, or files of any format.
        **options: options of `mtprs select`, with _ for -: `mode` ("configuration" or "neighborhood"),
            `selection_limit`, `select_threshold`, `min_distance` (Å), `threads`, and all others.

    Raises:
        mtprs.Error: an option or the data are not valid.

    """
    held = _commands.Held(potential)
    known = held.state(train) if isinstance(train, SelectionState) else held.add_one("training set", train, options)
    name = held.add_one("candidates", candidates, options)
    words = [*_commands.options("select", options, _ELSEWHERE), "--json=-", "--quiet"]
    line = ["select", _commands.POTENTIAL, known, name, "<selected>", *words]
    printed, written = _commands.run(line, held, ["<selected>"])
    report = json.loads(printed)
    return Selection(
        frames=[_without_own_labels(frame) for frame in _of_text(written["<selected>"])],
        indices=[selected["configuration"] - 1 for selected in report["selected"]],
        grades=[selected["grade"] for selected in report["selected"]],
        report=report,
    )


_ELSEWHERE = {
    "json": "the report is in selection.report",
    "als_filename": "SelectionState.build(potential, [*train, *selection.frames]) builds the selection state",
    "selected_filename": "this is for the command line",
    "quiet": "nothing is printed",
}


def _without_own_labels(frame: Configuration) -> Configuration:
    """Return the frame without labels of the potential itself, which would be fitted to."""
    if not str(frame.features.get("EFS_by", "")).startswith("mtprs"):
        return frame
    features = {key: value for key, value in frame.features.items() if key != "EFS_by"}
    return replace(frame, energy=None, forces=None, virial=None, site_energies=None, features=features)


def grade(potential: Potential, state: SelectionState, frames: _commands.Frames, **options: Any) -> list[Configuration]:
    """Return configurations with their extrapolation grades, as `mtprs grade` does.

    Each has its `grade`: in neighborhood mode the largest of its atoms, whose grades are in `grades`, shape (atoms,).

    Args:
        potential: a trained potential.
        state: its selection state.
        frames: configurations, atoms of ASE, or files of any format.
        **options: options of `mtprs grade`, with _ for -: `threads`, `species`, and those for reading.

    """
    held = _commands.Held(potential)
    name = held.add_one("frames", frames, options)
    words = [*_commands.options("grade", options), "--quiet"]
    printed, _ = _commands.run(["grade", _commands.POTENTIAL, held.state(state), name, "-", *words], held)
    return _of_text(printed)
