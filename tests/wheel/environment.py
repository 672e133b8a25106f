"""An empty environment of Python in a folder of its own, for programs that must find nothing but what it holds.

Its programs run without compilers, cargo and shells on the PATH, and without variables that lead to libraries or
packages elsewhere.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

LEADING_ELSEWHERE = ("PYTHON", "LD_", "LAMMPS_", "MTPRS_", "CARGO", "RUST", "VIRTUAL_ENV", "CC", "CXX", "CONDA")
MUST_BE_ABSENT = ("cc", "c++", "gcc", "g++", "clang", "cargo", "rustc", "cmake", "ninja", "make")


class Environment:
    """A virtual environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        found = [name for name in MUST_BE_ABSENT if shutil.which(name, path=str(folder / "bin"))]
        if found:
            sys.exit(f"error: the environment has {', '.join(found)}")

    def variables(self, **more: str) -> dict[str, str]:
        """Variables of the programs; what the installer and the network need is kept."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(LEADING_ELSEWHERE)}
        own = {"PATH": str(self.folder / "bin"), "XDG_CACHE_HOME": str(self.folder / "cache")}
        return {**kept, **own, "OMP_NUM_THREADS": "1", **more}

    def program(self, name: str) -> str:
        """Path of one of its programs."""
        return str(self.folder / "bin" / name)

    def with_compilers(self) -> dict[str, str]:
        """Variables that let the programs find the compilers of the system."""
        return {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}"}

    def packages(self) -> Path:
        """Folder of its packages."""
        return next((self.folder / "lib").glob("python3*")) / "site-packages"

    def install(self, *requirements: str, constraints: Path, from_source: str = "") -> None:
        """Let pip install wheels, and check that they go together; one may be built, with the compilers of the PATH."""
        pip = [self.program("python"), "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]
        variables = self.variables()
        origin = ["--only-binary", ":all:"]
        if from_source:
            origin += ["--no-binary", from_source]
            variables |= {name: value for name, value in os.environ.items() if name.startswith(("CARGO", "RUST"))}
            variables |= self.with_compilers()
        wanted = [*origin, "--constraint", str(constraints), *requirements]
        subprocess.run([*pip, "install", *wanted], check=True, env=variables)
        subprocess.run([*pip, "check"], check=True, env=variables, stdout=subprocess.DEVNULL)

    def run(self, *command: str, folder: Path, fails: bool = False, **variables: str) -> str:
        """Run a command in a folder; returns its output and errors. It must fail if that is expected, else not."""
        done = subprocess.run(
            command,
            cwd=folder,
            env=self.variables(**variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=300,
        )
        if (done.returncode != 0) != fails:
            expected = "a failure" if fails else "success"
            sys.exit(f"error: {' '.join(command)}: exit code {done.returncode}, expected {expected}\n{done.stdout}")
        return done.stdout

    def run_ranks(self, ranks: int, *command: str, folder: Path, fails: bool = False, **variables: str) -> str:
        """Run a command on MPI processes."""
        launcher = [self.program("mpiexec"), "-n", str(ranks)]
        return self.run(*launcher, *command, folder=folder, fails=fails, **variables)
