"""Loads the package of packaging/spack without Spack and prints what it would tell CMake, as JSON.

    spack_arguments.py VARIANTS LAMMPS_PREFIX MPI_PREFIX

VARIANTS are like +plugin~command; those not named have their defaults. The language of packages is a stand-in that
knows what ours uses and refuses everything else; variants, defaults and conditions are read from the package itself.
"""

import contextlib
import json
import os
import re
import sys
import types
from pathlib import Path

PACKAGES = Path(__file__).parents[2] / "packaging/spack/spack_repo/mtprs/packages"


class Prefix(str):
    """A folder whose attributes are folders in it."""

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return Prefix(os.path.join(self, name))


class Spec:
    """What was asked for: variants of one package, and its dependencies."""

    def __init__(self, variants, dependencies=None, prefix=""):
        self.switches = variants
        self.dependencies = dependencies or {}
        self.prefix = Prefix(prefix)
        self.variants = {"lammps_sizes": types.SimpleNamespace(value="smallbig")}
        self.mpicc = self.prefix.bin.mpicc

    def satisfies(self, constraint):
        conditions = re.findall(r"([+~])([a-z]+)", constraint)
        assert "".join(sign + name for sign, name in conditions) == constraint, f"not understood: {constraint}"
        return all(self.switches.get(name, False) == (sign == "+") for sign, name in conditions)

    def __getitem__(self, name):
        return self.dependencies[name]


class Environment:
    """Changes of the environment."""

    def __init__(self):
        self.changes = {}

    def set(self, name, value):
        self.changes[name] = value

    prepend_path = set


class CMakePackage:
    """The part of Spack's class that the package calls."""

    def __init__(self, spec, prefix):
        self.spec = spec
        self.prefix = Prefix(prefix)
        self.stage = types.SimpleNamespace(path="stage")

    def define(self, name, value):
        return f"-D{name}={ {True: 'ON', False: 'OFF'}.get(value, value) }"

    def define_from_variant(self, name, variant):
        assert variant in declared["variant"], f"no variant {variant}"
        return self.define(name, self.spec.switches.get(variant, False))


declared = {"variant": {}, "depends_on": [], "conflicts": [], "license": [], "version": []}


@contextlib.contextmanager
def when(_constraint):
    yield


def directive(kind):
    def declare(name, *arguments, **options):
        if kind == "variant":
            declared[kind][name] = options["default"]
        else:
            declared[kind].append([name, *arguments])

    return declare


def load():
    """Import the package with the stand-in in Spack's place."""
    language = types.ModuleType("spack.package")
    for kind in declared:
        setattr(language, kind, directive(kind))
    language.when = when
    language.join_path = os.path.join
    build_system = types.ModuleType("spack_repo.builtin.build_systems.cmake")
    build_system.CMakePackage = CMakePackage
    for module in (language, build_system):
        parts = module.__name__.split(".")
        for length in range(1, len(parts)):
            parent = ".".join(parts[:length])
            sys.modules.setdefault(parent, types.ModuleType(parent))
        sys.modules[module.__name__] = module
    sys.path.insert(0, str(PACKAGES))
    from mtprs.package import Mtprs

    return Mtprs


def main(variants, lammps, mpi):
    """Print the arguments and changes of the environment for some variants."""
    package = load()
    switches = dict(declared["variant"])
    for sign, name in re.findall(r"([+~])([a-z]+)", variants):
        assert name in switches, f"no variant {name}"
        switches[name] = sign == "+"
    mpi_spec = Spec({}, prefix=mpi)
    dependencies = {"lammps": Spec({"mpi": True}, prefix=lammps), "mpi": mpi_spec, "llvm": Spec({}, prefix="llvm")}
    mtprs = package(Spec(switches, dependencies), "prefix")
    build, run = Environment(), Environment()
    mtprs.setup_build_environment(build)
    mtprs.setup_run_environment(run)
    print(json.dumps({"cmake": mtprs.cmake_args(), "build": build.changes, "run": run.changes, "declared": declared}))


main(*sys.argv[1:])
