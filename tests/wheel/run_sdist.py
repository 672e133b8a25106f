"""Installs from the sdist, as users with Rust and a C++ compiler do, beside an older LAMMPS, and runs it.

    python run_sdist.py SDIST

There must be a plugin for the LAMMPS of the environment, and one for the LAMMPS that the build requires. Compiles all
of mtprs.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from environment import Environment
from run import SUPPORTED, check_command, check_lmp, check_package, check_python, constraints, inputs

PRESENT = SUPPORTED[1]


def main() -> None:
    """Install and run."""
    sdist = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="lammps-mtprs-") as name:
        folder = Path(name).resolve()
        environment = Environment(folder / "environment")
        environment.install(f"lammps=={PRESENT}", "mpich", constraints=constraints(folder))
        environment.install(str(sdist), constraints=constraints(folder), from_source="lammps-mtprs")
        listed = json.loads((environment.packages() / "mtprs/plugins/lammps/builds.json").read_text(encoding="utf-8"))
        plugins = sorted(build["git_descriptor"] for build in listed)
        if plugins != ["stable_22Jul2025_update4", "stable_29Aug2024_update3"]:
            sys.exit(f"error: a plugin for {plugins}, expected one for the two LAMMPS")
        work = folder / "work"
        inputs(work)
        os.chdir(folder)
        reference = check_lmp(environment, work)
        check_python(environment, PRESENT, work, reference)
        check_package(environment, work, check_command(environment, work, reference))
        print(f"{sdist.name}: {sdist.stat().st_size / 1e6:.1f} MB; builds, and runs with lammps {PRESENT}")


main()
