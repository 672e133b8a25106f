"""The LAMMPS plugin: the folder where it lies for the `lammps` of this Python, and how it is built for another LAMMPS.

This package brings one plugin that holds builds for several LAMMPS, listed in `plugins/builds.json`. `lammps` asks for
its folder through the entry point `lammps.plugins`; `python -m mtprs.lammps` prints it for everybody else, and
`python -m mtprs.lammps build` makes a plugin for a LAMMPS that is not in the list and keeps it in the user's cache.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from importlib import metadata
from pathlib import Path

from mtprs.lammps.plugins import FILE_NAME, PLUGINS, NoPluginError, fitting_folder

__all__ = ["NoPluginError", "fitting_folder", "load_mpi", "plugin_folder"]

MPI_LIBRARY = "libmpi.so.12"
"""Of MPICH and all that share its interface."""

# Number of the MPI process, in the variables that the starters of MPI programs set.
_RANK_VARIABLES = ("PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_RANK", "SLURM_PROCID")


def plugin_folder() -> str:
    """Return the folder for `LAMMPS_PLUGIN_PATH`, for the entry point `lammps.plugins`.

    LAMMPS calls it when `lammps` is imported (until 2024: `lammps.executable`) and puts the folder before those that
    the variable has. One of them may hold the plugin already, then it is that one, for LAMMPS would load both. Where no
    plugin fits, the reason is printed to stderr, by the first MPI process only, and the folder is one without plugins.
    """
    folders = [folder for folder in os.environ.get("LAMMPS_PLUGIN_PATH", "").split(":") if folder]
    chosen = [folder for folder in folders if Path(folder, FILE_NAME).exists()]
    try:
        if Path(sys.argv[0]).name != "lmp":  # that one starts another program
            load_mpi()
        if not chosen:
            chosen = [str(fitting_folder())]
    except NoPluginError as error:
        _warn(str(error))
    except Exception as error:  # whatever it is, `import lammps` must go on
        _warn(f"cannot tell which plugin fits: {type(error).__name__}: {error}")
    if not chosen:
        return str(PLUGINS.parent)
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
