"""Errors of a potential in energies, forces and stresses with respect to reference values."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mtprs import _commands
from mtprs.potential import Potential


@dataclass(frozen=True)
class Figures:
    """Errors of one quantity; None if there are no reference values.

    Attributes:
        rms: root mean square of the differences.
        mean_absolute: mean of their absolute values.
        max_absolute: largest of them.
        unit: the unit of all three.
        count: number of differences.

    """

    rms: float | None
    mean_absolute: float | None
    max_absolute: float | None
    unit: str
    count: int

    @classmethod
    def _of(cls, quantity: Mapping[str, Any]) -> Figures:
        return cls(*(quantity[name] for name in ("rms", "mean_absolute", "max_absolute", "unit", "count")))


class Errors:
    """Errors of a potential on a set, potential minus reference.

    Attributes:
        summary: the JSON report of `mtprs errors`, with the definitions of all figures: `errors`,
            `forces_by_species`, `forces_by_magnitude`, `worst_configurations`, and more.

    """

    def __init__(self, summary: dict[str, Any]) -> None:
        self.summary = summary

    def _figures(self, name: str) -> Figures:
        return Figures._of(self.summary["errors"][name])

    @property
    def energy(self) -> Figures:
        """Energy divided by the number of atoms, meV/atom."""
        return self._figures("energy_per_atom")

    @property
    def force(self) -> Figures:
        """Force components, eV/Å."""
        return self._figures("force_component")

    @property
    def stress(self) -> Figures:
        """Components of the stress, GPa."""
        return self._figures("stress_component")

    @property
    def configurations(self) -> int:
        """Number of configurations."""
        return self.summary["configurations"]

    @property
    def groups(self) -> dict[str, Errors]:
        """Errors for each value of the feature given by `by`."""
        groups = self.summary.get("by_feature", {}).get("groups", [])
        return {group["value"]: Errors(group) for group in groups}

    def _rows(self) -> list[tuple[str, ...]]:
        def shown(value: float | None) -> str:
            return "none" if value is None else f"{value:.4g}"

        quantities = {"energy": self.energy, "force": self.force, "stress": self.stress}
        return [
            (name, shown(figures.mean_absolute), shown(figures.rms), shown(figures.max_absolute), figures.unit)
            for name, figures in quantities.items()
        ]

    def __repr__(self) -> str:
        rows = [("", "MAE", "RMSE", "max |Δ|", ""), *self._rows()]
        widths = [max(len(row[column]) for row in rows) for column in range(5)]
        lines = [self._title]
        for name, *figures, unit in rows:
            cells = [figure.rjust(width) for figure, width in zip(figures, widths[1:4], strict=True)]
            lines.append("  ".join([name.ljust(widths[0]), *cells, unit]).rstrip())
        for value, group in self.groups.items():
            lines.append(f"{value}: {group!r}")
        return "\n".join(lines)

    @property
    def _title(self) -> str:
        return f"Errors on {self.configurations} configuration{'' if self.configurations == 1 else 's'}"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in ("", "MAE", "RMSE", "max |Δ|", ""))
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in self._rows()
        )
        table = f"<table><caption>{self._title}</caption><tr>{head}</tr>{body}</table>"
        groups = "".join(f"<p>{html.escape(str(value))}</p>{g._repr_html_()}" for value, g in self.groups.items())
        return table + groups


_ELSEWHERE = {
    "json": "the figures are in summary",
    "compat": "this is for the command line; the figures of MLIP are in summary",
    "report_to": "print what errors returns",
    "quiet": "nothing is printed",
}


def errors(potential: Potential, frames: _commands.Frames, **options: Any) -> Errors:
    """Compare a potential with the energies, forces and virials of configurations, as `mtprs errors` does.

    Args:
        potential: a trained potential, or its file.
        frames: configurations, atoms of ASE with labels, or files of any format.
        **options: options of `mtprs errors`, with _ for -: `by` (a feature to group by), `report` (file for a page with
            plots), `precision`, `species`, `threads`, `force` (replace files), those for reading.

    Raises:
        mtprs.Error: there are no reference values, or a configuration does not match the potential.

    """
    held = _commands.Held(potential)
    name = held.add_one("frames", frames, options)
    words = [*_commands.options("errors", options, _ELSEWHERE), "--json=-", "--quiet"]
    printed, _ = _commands.run(["errors", _commands.POTENTIAL, name, *words], held)
    return Errors(json.loads(printed))
