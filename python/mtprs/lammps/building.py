"""Building the plugin for a LAMMPS that is at hand, from the sources and the library that come with this package.

It needs CMake and a C++ compiler, no Rust. A plugin is put into its folder as a whole or not at all, and only after the
LAMMPS that it is for has loaded it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import NamedTuple

from mtprs.lammps import headers, trial
from mtprs.lammps.identity import (
    Facts,
    UnknownLammpsError,
    ask,
    code_of,
    digest,
    find,
    installed,
    libraries_beside,
    program_of,
)
from mtprs.lammps.plugins import FILE_NAME, PACKAGE, cache

SOURCES = PACKAGE / "source"
"""Holds the folders `lammps-plugin` and `cmake` of mtprs."""

LIBRARY = PACKAGE / "lib" / "libmtprs.a"


class BuildError(Exception):
    """The plugin could not be built; the text says why and what to do about it."""


class Target(NamedTuple):
    """The LAMMPS to build for."""

    program: Path
    variables: dict[str, str]
    """Of the environment, for the program to find its libraries."""
    facts: Facts
    options: list[str]
    """Of CMake, that name the headers."""


def target(program: str | None, prefix: str | None, source: str | None) -> Target:
    """Find the LAMMPS that is meant: by its parts, else that of this Python, else the `lmp` of the PATH.

    Raises:
        BuildError: there is none, or its headers are not found.

    """
    try:
        if not (program or prefix or source) and _python_has_lammps():
            package = installed()
            found, variables = program_of(package)
            return Target(found, variables, ask(found, variables), [f"-DMTPRS_PYTHON={sys.executable}"])
        found = _program(program, prefix, source)
        variables = libraries_beside(found)
        facts = ask(found, variables)
        code = code_of(found, variables)
        return Target(found, variables, facts, headers.of_lammps(found, code, facts, prefix, source))
    except (UnknownLammpsError, headers.MissingHeadersError) as error:
        raise BuildError(str(error)) from None


def _python_has_lammps() -> bool:
    try:
        return (installed().folder / "lmp").exists()
    except UnknownLammpsError:
        return False


def _program(program: str | None, prefix: str | None, source: str | None) -> Path:
    """Return the program that is to load the plugin."""
    if program:
        return find(program)
    places = [Path(prefix) / "bin"] if prefix else [Path(source) / "build", Path(source) / "src"] if source else None
    path = os.pathsep.join(map(str, places)) if places else None
    for name in ("lmp", "lmp_mpi", "lmp_serial"):
        found = shutil.which(name, path=path)
        if found:
            return Path(found).resolve()
    where = " or ".join(map(str, places)) if places else "this Python or the PATH"
    raise BuildError(f"there is no lmp in {where}\n  hint: name the program of that LAMMPS with --lmp")


def build(wanted: Target, out: Path | None, jobs: int, mpi_include: str | None, say=print) -> Path:
    """Build the plugin, let LAMMPS load it, and return its folder.

    Raises:
        BuildError: something is missing, the compiler failed, or LAMMPS refuses the plugin.

    """
    tools = _tools()
    try:
        mpi_include = headers.of_mpi(wanted.facts, wanted.options, mpi_include)
    except headers.MissingHeadersError as error:
        raise BuildError(str(error)) from None
    code = code_of(wanted.program, wanted.variables)
    recorded = digest(code)
    folder = out.expanduser().absolute() if out else cache() / recorded.removeprefix("sha256=")[:16].replace("-", "_")
    _check_folder(folder)
    # not in the cache: compilers do not like all names of folders, and what a signal leaves there is nobody's
    with tempfile.TemporaryDirectory(prefix="mtprs-build-", ignore_cleanup_errors=True) as name:
        work = Path(name)
        say(f"building for {wanted.facts}")
        _compile(wanted, work, tools, jobs, mpi_include)
        status = code.stat()
        said = {**json.loads((work / "lammps.json").read_text(encoding="utf-8")), "code": str(code)}
        said |= {"size": status.st_size, "changed": status.st_mtime_ns, "digest": recorded}
        said["plugin_size"] = (work / FILE_NAME).stat().st_size
        say("letting LAMMPS load it and compute with it")
        try:
            trial.run(wanted.program, wanted.variables, work / FILE_NAME)
        except trial.TrialError as error:
            raise BuildError(
                f"the plugin that was built does not work: {error}\n  hint: are the headers those of exactly that "
                "LAMMPS? --prefix and --source name them, --mpi-include the folder of its mpi.h; LAMMPS needs PLUGIN"
            ) from None
        _put(folder / FILE_NAME, (work / FILE_NAME).read_bytes(), 0o755)
        _put(folder / "lammps.json", (json.dumps(said, indent=1) + "\n").encode(), 0o644)
    return folder


def _check_folder(folder: Path) -> None:
    """Refuse a folder that cannot take the files, before the work."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise BuildError(f"{folder} cannot be written to: {error}\n  hint: name another folder with --out") from None
    for name in (FILE_NAME, "lammps.json"):
        if (folder / name).is_dir():
            raise BuildError(f"{folder / name} is a folder\n  hint: name another folder with --out")


class _Tools(NamedTuple):
    cmake: str
    generator: list[str]


def _tools() -> _Tools:
    """Find what is needed to compile, in the folder of this Python's programs, too."""
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
    if not SOURCES.is_dir() or not LIBRARY.exists():
        raise BuildError(
            f"{PACKAGE} comes without the sources of the plugin\n  hint: install the wheel lammps-mtprs, or "
            "build in a checkout as lammps-plugin/README.md says"
        )
    cmake = shutil.which("cmake", path=path)
    if not cmake:
        raise BuildError("cmake (3.21 or newer) is missing\n  hint: pip install cmake")
    compiler = os.environ.get("CXX", "").split()
    if not any(shutil.which(name, path=path) for name in compiler[:1] or ["c++", "g++", "clang++"]):
        raise BuildError(
            "a C++17 compiler is missing\n  hint: install g++ or load its module; CXX names one of another name"
        )
    ninja = shutil.which("ninja", path=path)
    if ninja:
        return _Tools(cmake, ["-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={ninja}"])
    if not shutil.which("make", path=path):
        raise BuildError("make or ninja is missing\n  hint: pip install ninja")
    return _Tools(cmake, ["-G", "Unix Makefiles"])


def _compile(wanted: Target, work: Path, tools: _Tools, jobs: int, mpi_include: str | None) -> None:
    facts = wanted.facts
    options = [
        *wanted.options,
        f"-DMTPRS_LIBRARY={LIBRARY}",
        f"-DLAMMPS_VERSION={facts.version}",
        f"-DLAMMPS_GIT_DESCRIPTOR={facts.git_descriptor}",
        f"-DLAMMPS_SIZES={facts.sizes}",
        f"-DMTPRS_CXX11_ABI={facts.cxx11_strings}",
        *([f"-DMTPRS_MPI_INCLUDE_DIR={mpi_include}"] if mpi_include else []),
    ]
    configure = [tools.cmake, "-S", SOURCES / "lammps-plugin", "-B", work, *tools.generator, *options]
    for command in (configure, [tools.cmake, "--build", work, "--parallel", str(jobs)]):
        returned, output = _run(command)
        if returned != 0:
            descriptor, kept = tempfile.mkstemp(prefix="mtprs-build-", suffix=".log")
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                stream.write(output)
            lines = output.strip().splitlines()
            raise BuildError("\n".join(["the plugin cannot be built:", *lines[-25:], f"the whole output: {kept}"]))


def _run(command: list) -> tuple[int, str]:
    """Run a command and all that it starts, which end when this process is told to."""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", start_new_session=True,
    ) as process:  # fmt: skip
        try:
            output, _ = process.communicate()
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            raise
    return process.returncode, output


def _put(file: Path, content: bytes, mode: int) -> None:
    """Write a file as a whole or not at all."""
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        os.chmod(name, mode)
        os.replace(name, file)
    except BaseException:
        os.unlink(name)
        raise
