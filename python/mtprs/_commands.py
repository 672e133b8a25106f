"""The commands of mtprs in this process: the extension module, files in memory, and what is told."""

from __future__ import annotations

import functools
import importlib.util
import io
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from importlib.machinery import ExtensionFileLoader
from typing import TYPE_CHECKING, Any

from mtprs import _library
from mtprs.exceptions import ArgumentError, DataWarning

if TYPE_CHECKING:
    from ase import Atoms

    from mtprs.configuration import Configuration
    from mtprs.potential import Potential

    Frame = Configuration | Atoms
    Frames = str | os.PathLike[str] | Frame | Iterable[str | os.PathLike[str] | Frame]

POTENTIAL = "<potential>"


@functools.cache
def native() -> Any:
    """Load the extension module, which lies beside the library."""
    path = _library.path().with_name("_native.so")
    try:
        loader = ExtensionFileLoader("mtprs._native", str(path))
        spec = importlib.util.spec_from_file_location("mtprs._native", path, loader=loader)
        module = importlib.util.module_from_spec(spec)
        loader.exec_module(module)
    except ImportError as error:
        hint = "install lammps-mtprs anew; in a checkout: make python-library"
        raise ImportError(f"the extension module of mtprs cannot be loaded: {error}\n  hint: {hint}") from error
    if module.__version__ != _library.version():
        versions = f"{path} has version {module.__version__}, the library beside it {_library.version()}"
        raise ImportError(f"{versions}\n  hint: install lammps-mtprs anew; in a checkout: make python-library")
    return module


def options(keywords: Mapping[str, Any]) -> list[str]:
    """Return keywords as options of the command line: `max_iter=7` is `--max-iter=7`; None and False are none."""
    words = []
    for name, value in keywords.items():
        if value is None or value is False:
            continue
        option = f"--{name.replace('_', '-')}"
        if value is True:
            words.append(option)
        elif isinstance(value, (str, os.PathLike)) or not isinstance(value, Iterable):
            words.append(f"{option}={os.fspath(value) if isinstance(value, os.PathLike) else value}")
        else:
            words.append(f"{option}={','.join(str(entry) for entry in value)}")
    return words


class Held:
    """What a command reads in memory."""

    def __init__(self, potential: Potential | None = None) -> None:
        self.texts: dict[str, bytes] = {}
        if potential is not None:
            self.texts[POTENTIAL] = potential._text

    def add(self, name: str, frames: Frames) -> list[str]:
        """Return the names of files that stand for frames; those that are objects get the name `<name>`."""
        named = (str, os.PathLike)
        if isinstance(frames, named):
            return [os.fspath(frames)]
        if not isinstance(frames, Iterable) or hasattr(frames, "positions"):
            frames = [frames]
        listed = list(frames)
        paths = [os.fspath(frame) for frame in listed if isinstance(frame, named)]
        objects = [frame for frame in listed if not isinstance(frame, named)]
        if objects and paths:
            raise ArgumentError(f"{name}: expected files or configurations, got both")
        if paths:
            return paths
        held = f"<{name}>"
        self.texts[held] = cfg_text(objects, name)
        return [held]

    def add_one(self, name: str, frames: Frames) -> str:
        """Return the name of the one file that stands for frames, those of several files together."""
        names = self.add(name, frames)
        if len(names) == 1:
            return names[0]
        from mtprs.configuration import read

        return self.add(name, read(names))[0]


def cfg_text(frames: Sequence[Frame], name: str) -> bytes:
    """Return configurations and atoms of ASE as the text of a `.cfg` file, with one order of the elements."""
    from mtprs.configuration import Configuration

    for number, frame in enumerate(frames):
        if not isinstance(frame, Configuration) and not hasattr(frame, "get_chemical_symbols"):
            text = f"{name}: frame {number} is {type(frame).__name__}, expected a file, a Configuration or atoms of ASE"
            raise ArgumentError(text)
    of_ase = [frame for frame in frames if not isinstance(frame, Configuration)]
    order = dict.fromkeys(e for f in frames if isinstance(f, Configuration) for e in f.elements or ())
    if not of_ase:
        return native().text_of([frame._in_order(tuple(order)) for frame in frames])
    from mtprs.cfg import order_of, write_mlip_cfg

    order |= dict.fromkeys(order_of(of_ase))
    texts = []
    for frame in frames:
        if isinstance(frame, Configuration):
            texts.append(native().text_of([frame._in_order(tuple(order))]))
            continue
        stream = io.StringIO()
        write_mlip_cfg(stream, frame, species=[*order])
        texts.append(stream.getvalue().encode())
    return b"".join(texts)


def tell(text: str, quiet: bool = True) -> None:
    """Warn of what a command told; print the rest unless it is not wanted."""
    for line in text.splitlines():
        if line.startswith("warning: "):
            warnings.warn(line.removeprefix("warning: "), DataWarning, stacklevel=3)
        elif not quiet:
            print(line)


def run(words: Sequence[str], held: Held, outputs: Sequence[str] = ()) -> tuple[bytes, dict[str, bytes]]:
    """Run a command; return what it printed, and what it wrote by name."""
    printed, told, written = native().run([*words], held.texts, [*outputs])
    tell(told)
    return printed, written
