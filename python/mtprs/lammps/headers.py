"""Finding the headers of a LAMMPS, and of its MPI, and whether they are the ones that it was compiled with."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from mtprs.lammps.identity import NO_MPI, Facts


class MissingHeadersError(Exception):
    """They are not there, or are those of another LAMMPS or MPI; the text says what to do."""


def of_lammps(program: Path, code: Path, facts: Facts, prefix: str | None, source: str | None) -> list[str]:
    """Return the options of CMake that name the headers of a LAMMPS.

    Raises:
        MissingHeadersError: there are none.

    """
    if source:
        root = Path(source).resolve()
        folder = root / "src" if (root / "src" / "pair.h").exists() else root
        if not (folder / "pair.h").exists():
            raise MissingHeadersError(f"--source {source}: expected the sources of LAMMPS, with src/pair.h")
        _check_version(folder / "version.h", program, facts)
        return [f"-DLAMMPS_SOURCE_DIR={root}"]
    root = Path(prefix).resolve() if prefix else program.parent.parent
    if not (root / "include" / "lammps" / "pair.h").exists():
        raise MissingHeadersError(
            f"the headers of LAMMPS are not in {root / 'include' / 'lammps'}\n  hint: name the folder that it was "
            "installed into with --prefix (LAMMPS installs headers if it is configured with BUILD_SHARED_LIBS=on), or "
            "the sources that it was compiled from with --source"
        )
    if not code.is_relative_to(root):
        raise MissingHeadersError(
            f"{program} runs the code of {code}, which is not in {root}: the headers there may be those of another "
            "LAMMPS\n  hint: name the folder that it was installed into with --prefix, or its sources with --source"
        )
    return [f"-DLAMMPS_PREFIX={root}"]


def _check_version(file: Path, program: Path, facts: Facts) -> None:
    """Compare what the sources say of themselves with what the program says."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise MissingHeadersError(f"{file}: cannot be read: {error}") from None
    version, update = (re.search(rf'LAMMPS_{name}\s+"([^"]+)"', text) for name in ("VERSION", "UPDATE"))
    of_sources = (version[1] if version else "", update[1] if update else "")
    if of_sources != (facts.version, facts.update):
        of_program = (facts.version, facts.update)
        sources, running = (" - ".join(filter(None, words)) for words in (of_sources, of_program))
        raise MissingHeadersError(
            f"the sources in {file.parent} are of LAMMPS {sources}, but {program} is LAMMPS {running}\n  hint: name "
            "the sources that it was compiled from"
        )


def of_mpi(facts: Facts, options: list[str], told: str | None) -> str | None:
    """Return the folders of the mpi.h of a LAMMPS, or None if CMake finds it beside the LAMMPS of a Python.

    Raises:
        MissingHeadersError: there is none of its kind.

    """
    if told:
        found = family(told.split(";"))
        if found != facts.mpi:
            raise MissingHeadersError(
                f"--mpi-include {told}: expected the mpi.h of {facts.mpi}, "
                + (f"got that of {found}" if found else "there is none")
            )
        return told
    names = dict(option.removeprefix("-D").split("=", 1) for option in options)
    if "MTPRS_PYTHON" in names:
        return None
    if facts.mpi == NO_MPI:
        root = Path(names.get("LAMMPS_SOURCE_DIR", "/nowhere"))
        for folder in (root / "src" / "STUBS", root / "STUBS"):
            if family([str(folder)]) == NO_MPI:
                return str(folder)
        raise MissingHeadersError(
            "this LAMMPS was built without MPI; what stands for it is in the folder src/STUBS of its sources, which is "
            "not installed\n  hint: name the sources with --source, or that folder with --mpi-include"
        )
    beside = [str(Path(names["LAMMPS_PREFIX"]) / "include")] if "LAMMPS_PREFIX" in names else []
    for folders in ([beside] if beside else []) + _of_compilers():
        if family(folders) == facts.mpi:
            return ";".join(folders)
    raise MissingHeadersError(
        f"this LAMMPS runs with {facts.mpi}, but there is no mpi.h of it beside LAMMPS, and no mpicc on the PATH knows "
        "one\n  hint: load the module of that MPI, or name the folder with --mpi-include (`mpicc --showme:incdirs` of "
        "Open MPI and `mpicc -show` of MPICH print it)"
    )


def family(folders: list[str]) -> str | None:
    """Return the kind of the mpi.h in the first of the folders that has one."""
    for folder in folders:
        try:
            text = (Path(folder) / "mpi.h").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        found = re.search(r"^# *define +(MPI_STUBS|OPEN_MPI)\b", text, re.MULTILINE)
        return "MPICH" if found is None else NO_MPI if found[1] == "MPI_STUBS" else "Open MPI"
    return None


def _of_compilers() -> list[list[str]]:
    """Return the folders of headers that each mpicc of the PATH names."""
    found = []
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        for name in ("mpicc", "mpiicx", "mpiicc"):
            compiler = Path(folder) / name
            if not os.access(compiler, os.X_OK):
                continue
            for option in ("--showme:incdirs", "-show"):
                done = subprocess.run(
                    [compiler, option], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
                )
                if done.returncode == 0 and done.stdout.strip():
                    words = done.stdout.split()
                    named = [word.removeprefix("-I") for word in words if word.startswith(("-I", "/"))]
                    found.append([word for word in named if Path(word).is_dir()])
                    break
    return found
