"""Trying a plugin: the LAMMPS that it was built for loads it and computes energy and forces of a few atoms.

A plugin that was compiled with headers of another LAMMPS may well be loaded; what it computes gives it away.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path

POTENTIAL = """\
MTP
version = 1.1.0
potential_name = trial
species_count = 2
potential_tag = Cu O
radial_basis_type = RBChebyshev
    min_dist = 1.5
    max_dist = 4.0
    radial_basis_size = 3
    radial_funcs_count = 1
    radial_coeffs
        0-0
            {0.31, -0.12, 0.07}
        0-1
            {0.22, 0.15, -0.05}
        1-0
            {-0.18, 0.09, 0.11}
        1-1
            {0.41, -0.21, 0.03}
alpha_moments_count = 2
alpha_index_basic_count = 1
alpha_index_basic = {{0, 0, 0, 0}}
alpha_index_times_count = 1
alpha_index_times = {{0, 0, 1, 1}}
alpha_scalar_moments = 2
alpha_moment_mapping = {0, 1}
species_coeffs = {-1.5, -0.7}
moment_coeffs = {0.83, -0.17}
"""

POSITIONS = ((1.0, 1.2, 0.9), (3.3, 1.1, 1.4), (2.0, 3.2, 1.1), (6.9, 6.8, 7.1), (1.3, 1.6, 3.1))
"""Of atoms in a periodic cube, Å."""

SPECIES = (0, 1, 0, 1, 1)

EDGE = 8.0
"""Of the cube, Å."""

TOLERANCE = 1e-9
"""eV, eV/Å."""


class TrialError(Exception):
    """LAMMPS does not load the plugin, or computes something else; the text says what."""


def run(program: Path, variables: dict[str, str], plugin: Path) -> None:
    """Let a LAMMPS load a plugin and compute.

    Raises:
        TrialError: it fails, or its numbers are not those of the library.

    """
    with tempfile.TemporaryDirectory(prefix="mtprs-trial-") as name:
        folder = Path(name)
        (folder / "trial.mtp").write_text(POTENTIAL, encoding="utf-8")
        (folder / "mtprsplugin.so").symlink_to(plugin)
        (folder / "in.trial").write_text(_script(), encoding="utf-8")
        environment = {name: value for name, value in os.environ.items() if name != "LAMMPS_PLUGIN_PATH"}
        command = [program, "-in", "in.trial", "-log", "none", "-nocite"]
        try:
            done = subprocess.run(
                command, cwd=folder, env={**environment, **variables}, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=300, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise TrialError(f"{program} does not end within five minutes") from None
        if done.returncode != 0:
            said = "\n".join(done.stdout.strip().splitlines()[-12:])
            raise TrialError(f"{program} ends with {done.returncode}:\n{said}")
        energy = re.search(r"^trial energy (\S+)$", done.stdout, re.MULTILINE)
        forces = _forces(folder / "trial.dump")
    if energy is None or len(forces) != len(POSITIONS):
        raise TrialError(f"{program} does not print what it was asked for")
    _compare(float(energy[1]), forces)


def _script() -> str:
    atoms = "\n".join(
        f"create_atoms {species + 1} single {x} {y} {z}" for species, (x, y, z) in zip(SPECIES, POSITIONS)
    )
    return f"""\
plugin load ./mtprsplugin.so
units metal
atom_style atomic
atom_modify map array
region box block 0 {EDGE} 0 {EDGE} 0 {EDGE}
create_box 2 box
{atoms}
mass 1 63.546
mass 2 15.999
pair_style mtp/rs
pair_coeff * * trial.mtp Cu O
dump trial all custom 1 trial.dump fx fy fz
dump_modify trial sort id format float %.17g
run 0 post no
print "trial energy $(pe:%.17g)"
"""


def _forces(dump: Path) -> list[list[float]]:
    try:
        lines = dump.read_text(encoding="utf-8").splitlines()
        begin = next(number for number, line in enumerate(lines) if line.startswith("ITEM: ATOMS")) + 1
        return [[float(word) for word in line.split()] for line in lines[begin:]]
    except (OSError, StopIteration, ValueError):
        return []


def _compare(energy: float, forces: list[list[float]]) -> None:
    """Compare with the library itself."""
    import numpy as np

    from mtprs import Evaluator, Potential

    evaluator = Evaluator(Potential.from_text(POTENTIAL, "trial"))
    expected = evaluator.evaluate(np.array(POSITIONS), np.array(SPECIES), EDGE * np.eye(3))
    differences = {
        "energy": (abs(energy - expected.energy), "eV"),
        "forces": (float(np.abs(np.array(forces) - expected.forces).max()), "eV/Å"),
    }
    for what, (difference, unit) in differences.items():
        if not difference < TOLERANCE:
            raise TrialError(f"its {what} of five atoms differ by {difference:.1e} {unit} from those of the library")
