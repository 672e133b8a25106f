"""Commands of `mtprs` with their own Python functions, and `run` for all others."""

from __future__ import annotations

import json
import os
from typing import Any

from mtprs import _commands
from mtprs.configuration import Configuration, _of_text
from mtprs.exceptions import ArgumentError
from mtprs.potential import Potential
from mtprs.selection import SelectionState


def run(command: str, *arguments: Any, **options: Any) -> str:
    """Run any command of `mtprs` in this process, and return what it prints.

        mtprs.run("filter", frames, "calm.cfg", max_force=5)
        json.loads(mtprs.run("analyze rdf", "run.dump", species=["Mg", "O"], json="-"))

    Args:
        command: its name, as on the command line.
        *arguments: its arguments: file names, potentials, selection states, configurations, atoms of ASE.
        **options: its options, with _ for -; True for a flag; `quiet=False` prints its notes at the end.

    Raises:
        mtprs.Error: the error that the command reports.

    """
    words = command.split()
    if not words:
        raise ArgumentError("expected the name of a command")
    if words[0] == "mlp":
        raise ArgumentError("mlp: its words are those of MLIP; run the program mlp")
    held = _commands.Held()
    for argument in arguments:
        words += _words(held, argument, f"{len(held.texts) + 1}")
    for name, value in options.items():
        if isinstance(value, (Potential, SelectionState)) or _is_frames(value):
            options[name] = _words(held, value, f"{name}")
    known = _command_of(words)
    quiet = {} if "quiet" in options or "quiet" not in _commands.options_of(known) else {"quiet": True}
    line = [*words, *_commands.options(known, {**options, **quiet})]
    printed, _ = _commands.run(line, held, quiet=bool(options.get("quiet", True)))
    return printed.decode()


def _words(held: _commands.Held, argument: Any, name: str) -> list[str]:
    """Return the words that stand for an argument."""
    if isinstance(argument, (Potential, SelectionState)):
        kind = "potential" if isinstance(argument, Potential) else "state"
        word = f"<{kind} {name}>"
        held.texts[word] = argument._text if kind == "potential" else argument._contents
        return [word]
    if isinstance(argument, (str, bytes, os.PathLike)):
        return [os.fsdecode(argument)]
    return held.add(f"frames {name}", argument)


def _is_frames(value: Any) -> bool:
    """Whether a value is a configuration, or several."""
    if isinstance(value, (list, tuple)) and value:
        value = value[0]
    return isinstance(value, Configuration) or hasattr(value, "get_chemical_symbols")


def _command_of(words: list[str]) -> str:
    """Return the name of a command, or of a command of a command."""
    both = " ".join(words[:2])
    return both if _commands.options_of(both) else words[0]


def check(frames: _commands.Frames, **options: Any) -> dict[str, Any]:
    """Look for faults in labeled configurations, as `mtprs check` does.

    Args:
        frames: configurations, atoms of ASE with results, or files of any format.
        **options: options of `mtprs check`, with _ for -.

    Returns:
        The JSON report: `findings` lists the faults, each with its places; it is empty if there are none.

    """
    held = _commands.Held()
    words = _commands.options(
        "check", options, {"json": "the report is what check returns", "force": "no file is written"}
    )
    printed, _ = _commands.run(["check", *held.add("frames", frames), *words, "--json=-", "--quiet"], held)
    return json.loads(printed)


def cutout(
    potential: Potential, frames: _commands.Frames, state: SelectionState | None = None, **options: Any
) -> list[Configuration]:
    """Cut the surroundings of extrapolating atoms out of large cells, as `mtprs cutout` does.

    Args:
        potential: a trained potential.
        frames: the large cells.
        state: a selection state in neighborhood mode; atoms whose grades exceed `threshold` become centers.
        **options: options of `mtprs cutout`, with _ for -: `threshold`, or `atoms` instead of a state, as in
            "17,3:204" (counted from one), `radius` (Å), `limit`, and all others.

    Returns:
        Periodic cells small enough for DFT, without labels.

    """
    held = _commands.Held(potential)
    name = held.add_one("frames", frames, options)
    if state is None and "atoms" not in options:
        raise ArgumentError("cutout: expected a state, or atoms to cut around")
    words = _commands.options(
        "cutout", options, {"json": "cells are what cutout returns", "output_format": "see write"}
    )
    if state is not None:
        words.append(f"--state={held.state(state)}")
    line = ["cutout", _commands.POTENTIAL, name, "<cells>", *words, "--quiet"]
    _, written = _commands.run(line, held, ["<cells>"])
    return _of_text(written["<cells>"])
