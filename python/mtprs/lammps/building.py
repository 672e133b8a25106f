"""Building the plugin for a LAMMPS that is at hand, from the sources and the library that come with this package.

It needs CMake and a C++ compiler, no Rust. A plugin is put into its folder as a whole or not at all, and only after the
LAMMPS that it is for has loaded it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import NamedTuple

from mtprs.lammps.identity import NO_MPI, Facts, UnknownLammpsError, ask, code_of, digest, find, installed, program_of
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
        return Target(found, {}, ask(found), _headers(found, prefix, source))
    except UnknownLammpsError as error:
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


def _headers(program: Path, prefix: str | None, source: str | None) -> list[str]:
    """Return the options of CMake that name the headers of a LAMMPS."""
    if source:
        return [f"-DLAMMPS_SOURCE_DIR={Path(source).resolve()}"]
    root = Path(prefix).resolve() if prefix else program.parent.parent
    if not (root / "include" / "lammps" / "pair.h").exists():
        raise BuildError(
            f"the headers of LAMMPS are not in {root / 'include' / 'lammps'}\n  hint: name the folder that it was "
            "installed into with --prefix (LAMMPS installs headers if it is configured with BUILD_SHARED_LIBS=on), or "
            "the sources that it was compiled from with --source"
        )
    return [f"-DLAMMPS_PREFIX={root}"]


def build(wanted: Target, out: Path | None, jobs: int, mpi_include: str | None, say=print) -> Path:
    """Build the plugin, let LAMMPS load it, and return its folder.

    Raises:
        BuildError: something is missing, the compiler failed, or LAMMPS refuses the plugin.

    """
    tools = _tools()
    if wanted.facts.mpi == NO_MPI and not mpi_include:
        mpi_include = _stubs(wanted)
    code = code_of(wanted.program, wanted.variables)
    recorded = digest(code)
    folder = out.resolve() if out else cache() / recorded.removeprefix("sha256=")[:16].replace("-", "_")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".build-", dir=folder.parent))
    except OSError as error:
        raise BuildError(f"{folder.parent} cannot be written to: {error}\n  hint: name a folder with --out") from None
    try:
        say(f"building for {wanted.facts}")
        _compile(wanted, work, tools, jobs, mpi_include)
        result = work / "result"
        result.mkdir()
        shutil.copy2(work / FILE_NAME, result / FILE_NAME)
        status = code.stat()
        said = {**json.loads((work / "lammps.json").read_text(encoding="utf-8")), "code": str(code)}
        said |= {"size": status.st_size, "changed": status.st_mtime_ns, "digest": recorded}
        (result / "lammps.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
        say("letting LAMMPS load it")
        _try(wanted, result / FILE_NAME)
        _put(result, folder, work / "before")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return folder


def _stubs(wanted: Target) -> str:
    """Return the folder of the mpi.h that stands for MPI in a LAMMPS without it."""
    for option in wanted.options:
        name, _, value = option.partition("=")
        for folder in (Path(value) / "src" / "STUBS", Path(value) / "STUBS"):
            if name == "-DLAMMPS_SOURCE_DIR" and (folder / "mpi.h").exists():
                return str(folder)
    raise BuildError(
        "this LAMMPS was built without MPI; what stands for it is in the folder src/STUBS of its sources, which is not "
        "installed\n  hint: name the sources with --source, or that folder with --mpi-include"
    )


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
    if not any(shutil.which(name, path=path) for name in [*compiler[:1], "c++", "g++", "clang++"]):
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
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", check=False,
        )  # fmt: skip
        if done.returncode != 0:
            lines = done.stdout.strip().splitlines()
            kept = Path(tempfile.gettempdir()) / f"mtprs-build-{os.getpid()}.log"
            kept.write_text(done.stdout, encoding="utf-8")
            raise BuildError("\n".join(["the plugin cannot be built:", *lines[-25:], f"the whole output: {kept}"]))


def _try(wanted: Target, plugin: Path) -> None:
    """Let LAMMPS load the plugin and take its pair style."""
    script = f"plugin load {plugin}\nplugin list\n"
    environment = {name: value for name, value in os.environ.items() if name != "LAMMPS_PLUGIN_PATH"}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "in.load").write_text(script, encoding="utf-8")
        done = subprocess.run(
            [wanted.program, "-in", "in.load", "-log", "none", "-nocite"], cwd=folder,
            env={**environment, **wanted.variables}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", timeout=300, check=False,
        )  # fmt: skip
    if done.returncode != 0 or "mtp/rs" not in done.stdout:
        said = "\n".join(done.stdout.strip().splitlines()[-12:])
        raise BuildError(
            f"{wanted.program} does not load the plugin that was built for it:\n{said}\n  hint: --mpi-include names "
            "the folder of the mpi.h that LAMMPS was compiled with; LAMMPS needs its package PLUGIN"
        )


def _put(result: Path, folder: Path, before: Path) -> None:
    """Put the files where they belong; another plugin that was there is replaced."""
    if folder.exists():
        others = {file.name for file in folder.iterdir()} - {FILE_NAME, "lammps.json"}
        if others:  # a folder of the user's
            for name in (FILE_NAME, "lammps.json"):
                os.replace(result / name, folder / name)
            return
        os.replace(folder, before)
    os.replace(result, folder)
