"""The commands of mtprs in this process: the extension module, files in memory, and messages."""

from __future__ import annotations

import functools
import importlib.util
import os
import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from importlib.machinery import ExtensionFileLoader
from typing import TYPE_CHECKING, Any

import numpy as np

from mtprs import _library
from mtprs.exceptions import ArgumentError, DataWarning, Error, InvalidConfigurationError

if TYPE_CHECKING:
    from ase import Atoms

    from mtprs.configuration import Configuration
    from mtprs.potential import Potential
    from mtprs.selection import SelectionState

    Frame = Configuration | Atoms
    Frames = str | os.PathLike[str] | Frame | Iterable[str | os.PathLike[str] | Frame]

POTENTIAL = "<potential>"


@functools.cache
def native() -> Any:
    """Load the extension module, which is next to the library."""
    path = _library.path().with_name("_native.so")
    try:
        loader = ExtensionFileLoader("mtprs._native", str(path))
        spec = importlib.util.spec_from_file_location("mtprs._native", path, loader=loader)
        module = importlib.util.module_from_spec(spec)
        loader.exec_module(module)
    except ImportError as error:
        hint = "reinstall lammps-mtprs; in a checkout: make python-library"
        raise ImportError(f"the extension module of mtprs cannot be loaded: {error}\n  hint: {hint}") from error
    if module.__version__ != _library.version():
        versions = f"{path} has version {module.__version__}, the library next to it {_library.version()}"
        raise ImportError(f"{versions}\n  hint: reinstall lammps-mtprs; in a checkout: make python-library")
    return module


@functools.cache
def options_of(command: str) -> dict[str, bool]:
    """Return the options of a command, and whether each value of one stands in a word of its own; {} if unknown."""
    return native().options_of(command.split()) or {}


READING = (
    "input_format",
    "keep_unconverged",
    "strict",
    "energy",
    "energy_key",
    "forces_key",
    "stress_key",
    "virial_key",
    "atom_style",
)
"""Options for reading files."""


def options(command: str, keywords: Mapping[str, Any], elsewhere: Mapping[str, str] | None = None) -> list[str]:
    """Return keywords as options of a command: `max_iter=7` is `--max-iter=7`; None and False ask for nothing.

    `elsewhere` names what replaces the options that Python does not have.
    """
    known = options_of(command)
    words = []
    for keyword, value in keywords.items():
        name = keyword.replace("_", "-")
        if elsewhere and keyword in elsewhere:
            raise ArgumentError(f"{keyword}: {elsewhere[keyword]}")
        is_flag = isinstance(value, (bool, np.bool_))
        if value is None or (is_flag and not value):
            # one that is not known is refused even if it asks for nothing
            words += [] if name in known else [f"--{name}"]
        elif is_flag:
            words.append(f"--{name}")
        elif isinstance(value, (str, bytes, os.PathLike)):
            words.append(f"--{name}={os.fsdecode(value)}")
        elif isinstance(value, Iterable) and np.ndim(value):
            values = [os.fsdecode(one) if isinstance(one, (bytes, os.PathLike)) else str(one) for one in value]
            words += [f"--{name}={one}" for one in (values if known.get(name) else [",".join(values)])]
        else:
            words.append(f"--{name}={value}")
    return words


def path_of(path: str | os.PathLike[str]) -> str:
    """Return the name of a file so that no command reads it as an option or a stream."""
    if not isinstance(path, (str, bytes, os.PathLike)):
        raise ArgumentError(f"expected the name of a file, got {type(path).__name__}")
    name = os.fsdecode(path)
    if name in ("", "-"):
        raise ArgumentError(f"expected the name of a file, got {name!r}")
    return f"./{name}" if name.startswith("-") else name


def potential_of(potential: Potential | str | os.PathLike[str]) -> Potential:
    """Return a potential, read if it is the name of a file."""
    from mtprs.potential import Potential

    return potential if isinstance(potential, Potential) else Potential(path_of(potential))


class Held:
    """What a command reads in memory."""

    def __init__(self, potential: Potential | str | os.PathLike[str] | None = None) -> None:
        self.texts: dict[str, bytes] = {}
        if potential is not None:
            self.texts[POTENTIAL] = potential_of(potential)._text

    def state(self, state: SelectionState) -> str:
        """Return the name that stands for a selection state."""
        if not hasattr(state, "_contents"):
            raise ArgumentError(f"state: expected a SelectionState, got {type(state).__name__}")
        self.texts["<state>"] = state._contents
        return "<state>"

    def add(self, name: str, frames: Frames) -> list[str]:
        """Return the names of files that stand for frames; those that are objects get the name `<name>`."""
        named = (str, bytes, os.PathLike)
        if isinstance(frames, named):
            return [path_of(frames)]
        if not isinstance(frames, Iterable) or hasattr(frames, "positions"):
            frames = [frames]
        listed = list(frames)
        paths = [path_of(frame) for frame in listed if isinstance(frame, named)]
        objects = [frame for frame in listed if not isinstance(frame, named)]
        if objects and paths:
            raise ArgumentError(
                f"{name}: expected files or configurations, got both: mtprs.read converts files to configurations"
            )
        if paths:
            return paths
        if not objects:
            raise ArgumentError(f"{name}: expected at least one configuration, got none")
        held = f"<{name}>"
        self.texts[held] = cfg_text(objects, name)
        return [held]

    def add_one(self, name: str, frames: Frames, options: Mapping[str, Any]) -> str:
        """Return the name of the one file that stands for frames, those of several files or a folder together."""
        names = self.add(name, frames)
        if len(names) == 1 and not os.path.isdir(names[0]):
            return names[0]
        from mtprs.configuration import read

        how = {keyword: options[keyword] for keyword in READING if keyword in options}
        return self.add(name, read(names, options.get("species"), **how))[0]


def cfg_text(frames: Sequence[Frame], name: str) -> bytes:
    """Return configurations and atoms of ASE as the text of a `.cfg` file, with one order of the elements."""
    from mtprs.configuration import Configuration

    def within(number: int) -> str:
        return f"{name}: frame {number}" if len(frames) > 1 else name

    for number, frame in enumerate(frames):
        if not isinstance(frame, Configuration) and not hasattr(frame, "get_chemical_symbols"):
            kind = type(frame).__name__
            hint = "; its frames are in .frames" if hasattr(frame, "frames") else ""
            text = f"{within(number)}: expected a file, a Configuration or atoms of ASE, got {kind}{hint}"
            raise ArgumentError(text)
    of_ase = [frame for frame in frames if not isinstance(frame, Configuration)]
    order = dict.fromkeys(e for f in frames if isinstance(f, Configuration) for e in f.elements or ())
    for atoms in of_ase:
        named = str(atoms.info.get("elements", "")).replace(",", " ").split()
        order |= dict.fromkeys([*named, *atoms.get_chemical_symbols()])
    texts, left_out = [], {}
    for number, frame in enumerate(frames):
        try:
            if isinstance(frame, Configuration):
                texts.append(native().text_of([frame._written(tuple(order))]))
            else:
                texts.append(_text_of_atoms(frame, [*order], left_out).encode())
        except ValueError as error:
            kind = type(error) if isinstance(error, Error) else InvalidConfigurationError
            raise kind(f"{within(number)}: {error}") from error
    if left_out:
        warn(f"{name}: left out, because configurations cannot hold it: {', '.join(left_out)}")
    return b"".join(texts)


def _text_of_atoms(atoms: Atoms, order: list[str], left_out: dict[str, None]) -> str:
    """Return atoms as text; what cannot be written of `info` and `arrays` is left out, and its name noted."""
    from mtprs._cfg_writer import is_column, is_feature, text_of

    info = {key: value for key, value in atoms.info.items() if is_feature(key, value)}
    arrays = {key: array for key, array in atoms.arrays.items() if is_column(key, array)}
    left_out |= dict.fromkeys(key for key in (*atoms.info, *atoms.arrays) if key not in info | arrays)
    kept = atoms.copy()
    kept.calc, kept.info = atoms.calc, info
    for key in atoms.arrays.keys() - arrays.keys():
        del kept.arrays[key]
    if getattr(atoms.calc, "name", None) == "mtp":
        kept.info["EFS_by"] = "mtprs"
    return text_of(kept, {symbol: number for number, symbol in enumerate(order)}, None)


def warn(text: str) -> None:
    """Warn at the line that called the package."""
    here = os.path.dirname(__file__)
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and os.path.dirname(frame.f_code.co_filename) == here:
        level, frame = level + 1, frame.f_back
    warnings.warn(text, DataWarning, stacklevel=level)


def tell(text: str, quiet: bool = True) -> None:
    """Turn warnings of a command into Python warnings; print its other messages unless `quiet`."""
    for line in text.splitlines():
        if line.startswith(("warning: ", "not written: ")):
            warn(line.removeprefix("warning: "))
        elif not quiet:
            print(line)


def run(
    words: Sequence[str], held: Held, outputs: Sequence[str] = (), quiet: bool = True
) -> tuple[bytes, dict[str, bytes]]:
    """Run a command; return what it printed, and what it wrote by name."""
    printed, told, written = native().run([*words], held.texts, [*outputs])
    tell(told, quiet)
    return printed, written
