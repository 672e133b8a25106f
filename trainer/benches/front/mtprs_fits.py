"""Our potentials: levels, moment tables with low ranks, and the path of `mtprs prune` from one of them."""

import json
import subprocess

from frames import folder_of

LEVELS = ["8", "12", "16", "20"]
TABLES = ["16-210", "18-321", "14-3210-w1.1", "22-4321", "20-44200"]
PRUNED = ["20", "22-4321"]
PRUNED_POINTS = 4

POINTS = [*LEVELS, *TABLES]


def fit(case, point, folder, settings):
    """`mtprs init` and `mtprs train` with their defaults."""
    table = ["--level", point] if point in LEVELS else ["--table", point]
    common = ["--species", ",".join(case.species), "--cutoff", str(case.cutoff)]
    _run(settings, "init", *table, *common, "-o", folder / "0.mtp", "--force")
    _run(
        settings, "train", folder / "0.mtp", settings.train_cfg, "-o", folder / "fitted.mtp", "--force", "-q", "-j", "1"
    )
    return described(folder / "fitted.mtp", settings)


def prune(case, point, folder, settings):
    """The path from a fitted potential, `mtprs prune` with its defaults but for the number of points."""
    start = folder_of(settings.fits, "mtprs", point) / "fitted.mtp"
    words = [
        start,
        settings.train_cfg,
        "-o",
        folder / "path",
        "--points",
        str(PRUNED_POINTS),
        "--force",
        "-q",
        "-j",
        "1",
    ]
    _run(settings, "prune", *words)
    # the path ends earlier where nothing more can be removed
    made = sorted((folder / "path").glob("[0-9][0-9].mtp"))
    return [described(potential, settings) for potential in made[1:]]


def described(potential, settings):
    return {
        "engine": "LAMMPS",
        "style": "mtp/rs",
        "coeff": [f'pair_coeff * * "{potential}" {" ".join(settings.species)}'],
        "plugin": True,
        "potential": str(potential),
        "parameters": parameters(potential, settings),
    }


def parameters(potential, settings):
    return json.loads(_run(settings, "info", potential, "--json"))["parameters"]


def _run(settings, *words):
    done = subprocess.run([settings.mtprs, *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"mtprs {words[0]} failed: {done.stderr[-1000:]}")
    return done.stdout
