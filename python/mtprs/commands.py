"""Commands of `mtprs` that have functions of their own in Python, and all others by their names."""

from __future__ import annotations

import json
import os
from typing import Any

from mtprs import _commands
from mtprs.configuration import Configuration, _of_text
from mtprs.potential import Potential
from mtprs.selection import SelectionState


def run(command: str, *arguments: Any, **options: Any) -> str:
    """Run any command of `mtprs` in this process, and return what it prints.

        mtprs.run("filter", frames, "calm.cfg", max_force=5)
        json.loads(mtprs.run("analyze rdf", "run.dump", species=["Mg", "O"], json="-"))

    Args:
        command: its name, as on the command line.
        *arguments: what stands behind it: names of files, potentials, selection states, configurations, atoms of ASE.
        **options: its options, with _ for -; True for a flag.

    Raises:
        mtprs.Error: what the command would have ended with.

    """
    held = _commands.Held()
    words = command.split()
    for number, argument in enumerate(arguments, 1):
        if isinstance(argument, Potential):
            words.append(f"<potential {number}>")
            held.texts[words[-1]] = argument._text
        elif isinstance(argument, SelectionState):
            words.append(f"<state {number}>")
            held.texts[words[-1]] = argument._contents
        elif isinstance(argument, (str, os.PathLike)):
            words.append(os.fspath(argument))
        else:
            words += held.add(f"frames {number}", argument)
    for name, value in options.items():
        if isinstance(value, (Potential, SelectionState)):
            options[name] = f"<{name}>"
            held.texts[f"<{name}>"] = value._text if isinstance(value, Potential) else value._contents
    printed, _ = _commands.run([*words, *_commands.options({"quiet": _is_quiet(command), **options})], held)
    return printed.decode()


def check(frames: _commands.Frames, **options: Any) -> dict[str, Any]:
    """Look for faults in labeled configurations, as `mtprs check` does.

    Args:
        frames: configurations, atoms of ASE with results, or files of any format.
        **options: options of `mtprs check`, with _ for -.

    Returns:
        The JSON report: `findings` lists what is wrong, each with places; it is empty where nothing is.

    """
    return json.loads(run("check", frames, json="-", **options))


def cutout(
    potential: Potential, frames: _commands.Frames, state: SelectionState | None = None, **options: Any
) -> list[Configuration]:
    """Cut the surroundings of extrapolating atoms from large cells, as `mtprs cutout` does.

    Args:
        potential: a trained potential.
        frames: where to cut from.
        state: a selection state of neighborhood mode: atoms are centers whose grades exceed `threshold`.
        **options: options of `mtprs cutout`, with _ for -: `threshold`, or `atoms` in place of a state, as in
            "17,3:204" (counted from one), `radius` (Å), `limit`, and all others.

    Returns:
        Periodic cells of a size that is fit for DFT, without labels.

    """
    held = _commands.Held(potential)
    name = held.add_one("frames", frames)
    if state is not None:
        held.texts["<state>"] = state._contents
        options["state"] = "<state>"
    words = ["cutout", _commands.POTENTIAL, name, "<cells>", *_commands.options({"quiet": True, **options})]
    _, written = _commands.run(words, held, ["<cells>"])
    return _of_text(written["<cells>"])


def _is_quiet(command: str) -> bool:
    """Whether a command takes --quiet."""
    return command.split()[0] not in ("init", "info", "man", "completions", "examples") and command != "state show"
