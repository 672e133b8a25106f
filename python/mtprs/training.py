"""Training: a potential is fitted to energies, forces and stresses."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mtprs import _commands
from mtprs._progress import Line
from mtprs.comparison import Errors
from mtprs.exceptions import ArgumentError
from mtprs.potential import Potential

_ELSEWHERE = {
    "valid_cfgs": "pass the validation set as valid",
    "trained_pot_name": "write the potential with trained.potential.save(path)",
    "output": "write the potential with trained.potential.save(path)",
    "curr_pot_name": "the checkpoint keeps the fit while it runs",
    "report_json": "the report is in trained.report",
    "al_mode": "SelectionState.build(trained.potential, frames) builds the active set",
    "compat": "this is for the command line",
    "job": "pass the options as keywords",
    "print_job": "the options are in trained.report",
}

CHECKPOINT = "mtprs.checkpoint"
"""Default file in which an interrupted training is kept."""


@dataclass(frozen=True)
class Rmse:
    """Root mean square errors; None where the set has no reference values.

    Attributes:
        energy: eV/atom.
        force: of a component, eV/Å.
        virial: of a component, divided by the number of atoms, eV.

    """

    energy: float | None
    force: float | None
    virial: float | None

    def __str__(self) -> str:
        parts = [
            (self.energy, lambda energy: f"{1000 * energy:.3f} meV/atom"),
            (self.force, lambda force: f"{force:.4f} eV/Å"),
            (self.virial, lambda virial: f"{1000 * virial:.1f} meV/atom (virial)"),
        ]
        return ", ".join(text(value) for value, text in parts if value is not None)


@dataclass(frozen=True)
class Point:
    """The status of a training after a step.

    Attributes:
        step: steps so far; 0 for the initial parameters.
        seconds: time so far, s.
        loss: the value that is minimized.
        training: errors on the training set, as last evaluated: every tenth step, or when the minimizer needs them.
        validation: the same on the validation set, if there is one.
        fold: index of the fold that is held out in a cross-validation, from 0.

    """

    step: int
    seconds: float
    loss: float
    training: Rmse
    validation: Rmse | None
    fold: int | None = None

    @classmethod
    def _of(cls, point: dict[str, Any], fold: int | None = None) -> Point:
        validation = point["validation"] and Rmse(**point["validation"])
        return cls(point["iteration"], point["seconds"], point["loss"], Rmse(**point["training"]), validation, fold)

    def __str__(self) -> str:
        validation = f"; validation {self.validation}" if self.validation else ""
        return f"step {self.step}, loss {self.loss:.4e}, RMSE {self.training}{validation}"

    @property
    def _line(self) -> str:
        """In one line of a terminal."""
        parts = [f"step {self.step}", f"loss {self.loss:.4e}"]
        if self.training.force is not None:
            parts.append(f"force RMSE {self.training.force:.4f}")
            if self.validation is not None and self.validation.force is not None:
                parts[-1] += f", validation {self.validation.force:.4f}"
            parts[-1] += " eV/Å"
        return "  ".join(parts)


@dataclass(frozen=True, repr=False)
class Trained:
    """A trained potential, and the history of its training.

    Attributes:
        potential: the potential; `potential.save("pot.mtp")` writes it.
        errors: errors on the training set.
        validation: errors on the validation set, None without one.
        history: loss and errors over the training, recorded more densely at the start.
        folds: errors of the cross-validation, for each fold on the fitted and on the held-out configurations.
        report: the JSON report of `mtprs train`, with the options under `job`.

    """

    potential: Potential
    errors: Errors
    validation: Errors | None
    history: list[Point]
    folds: list[tuple[Rmse, Rmse]]
    report: dict[str, Any]

    def __repr__(self) -> str:
        sets = {"training": self.errors, "validation": self.validation}
        parts = [f"{name}: {errors!r}" for name, errors in sets.items() if errors is not None]
        return "\n".join([repr(self.potential), *parts])

    def _repr_html_(self) -> str:
        validation = "" if self.validation is None else f"<p>Validation</p>{self.validation._repr_html_()}"
        return f"<p>Training</p>{self.errors._repr_html_()}{validation}"


def train(
    potential: Potential,
    frames: _commands.Frames,
    valid: _commands.Frames | None = None,
    callback: Callable[[Point], object] | None = None,
    *,
    checkpoint: str | os.PathLike[str] | None = None,
    quiet: bool = False,
    **options: Any,
) -> Trained:
    """Fit a potential, as `mtprs train` does.

    Ctrl-C (or the stop button of a notebook) ends it after the current step with `KeyboardInterrupt`. The fit so far is
    kept in the checkpoint; the same call with `resume=True` resumes it and gives the same result.

    Args:
        potential: the initial potential, trained or not, or its file; it is not changed.
        frames: configurations with labels, atoms of ASE with results, or files of any format and folders of VASP runs.
        valid: the validation set, in the same forms.
        callback: called after each step; if it raises an exception, the training ends and the fit is kept.
        checkpoint: file that keeps the fit while it runs. By default the fit is kept only when it is interrupted, in
            the file `mtprs.checkpoint` of the current folder, and a cross-validation is not kept. The file is removed
            at the end. Simultaneous trainings in one folder need different names.
        quiet: print neither progress nor notes.
        **options: options of `mtprs train`, with _ for -: `energy_weight`, `force_weight`, `stress_weight`,
            `valid_fraction`, `patience` (steps without progress on the validation set after which the best potential
            is returned; without it the last one is), `max_iter`, `seed`, `method`, `folds`, `group`, `repulsion`,
            `threads`, `resume`, `force` (start over), `report` (file for a page with plots), `by`, and all others of
            `mtprs train --help`.

    Raises:
        mtprs.Error: an option or the data are not valid.

    """
    held = _commands.Held(potential)
    names = held.add("frames", frames)
    if callback is not None and not callable(callback):
        raise TypeError("train: callback is not callable")
    if options.get("report") == "-":
        raise ArgumentError("report: expected the name of a file, got '-'")
    words = [_commands.POTENTIAL, *names]
    if valid is not None:
        words += [f"--valid-cfgs={name}" for name in held.add("valid", valid)]
    words += _commands.options("train", options, _ELSEWHERE)
    words.append(f"--checkpoint={CHECKPOINT if checkpoint is None else _commands.path_of(checkpoint)}")
    if quiet:
        words.append("--quiet")
    line = Line(bool(quiet))

    def listener(text: str) -> None:
        event = json.loads(text)
        if "told" in event:
            line.end()
            _commands.tell(event["told"], quiet)
        elif "initialization" in event:
            best = event["best_loss"]
            line.show(f"{event['initialization']} random initializations" + (f", best loss {best:.4e}" if best else ""))
        elif event["point"] is not None:
            point = Point._of(event["point"], event["fold"])
            line.show(point._line)
            if callback is not None:
                callback(point)

    try:
        text, report, told = _commands.native().train(
            words, held.texts, listener, names_checkpoint=checkpoint is not None
        )
    finally:
        line.end()
    _commands.tell(told, quiet)
    report = json.loads(report)
    folds = [tuple(Rmse(**fold[side]) for side in ("training", "validation")) for fold in report.get("folds", [])]
    validation = report.get("validation")
    return Trained(
        potential=Potential.from_text(text, "<trained>"),
        errors=Errors(report["training"]),
        validation=validation and Errors(validation),
        history=[Point._of(point) for point in report["history"]],
        folds=folds,
        report=report,
    )
