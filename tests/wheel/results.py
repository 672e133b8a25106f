"""Energy, forces and stress as the several programs write them, in eV and Å, and whether they are the same.

Stresses are those of ASE: xx yy zz yz xz xy, tension positive.
"""

import json
import sys
from pathlib import Path
from typing import NamedTuple

# LAMMPS's bar for eV/Å³ in metal units (nktv2p); it has eight digits in LAMMPS's sources
BAR = 1.6021765e6

# Rounding of sums that are taken in another order; forces are of the order of 1 eV/Å, the energy of 1000 eV.
ENERGY_TOLERANCE = 1e-9
FORCE_TOLERANCE = 1e-11
STRESS_TOLERANCE = 1e-12


class Results(NamedTuple):
    """Of one configuration."""

    energy: float
    forces: list[float]
    stress: list[float] | None
    ranks: int | None = None


def of_lammps(folder: Path, name: str) -> Results:
    """What in.md wrote."""
    numbers = {}
    for line in (folder / f"{name}.numbers").read_text(encoding="utf-8").splitlines():
        word, *values = line.split()
        numbers[word] = [float(value) for value in values]
    lines = (folder / f"{name}.dump").read_text(encoding="utf-8").splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith("ITEM: ATOMS")) + 1
    forces = [float(value) for line in lines[begin:] for value in line.split()[1:]]
    return Results(numbers["energy"][0], forces, [-value / BAR for value in numbers["stress"]])


def of_json(folder: Path, name: str) -> Results:
    """What in_python.py and in_ase.py wrote."""
    found = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return Results(found["energy"], found["forces"], found.get("stress"), found.get("ranks"))


def of_cfg(file: Path) -> Results:
    """What `mtprs evaluate` wrote: one configuration in a box along the axes."""
    lines = [line.split() for line in file.read_text(encoding="utf-8").splitlines()]
    labels = [line[0] if line else "" for line in lines]
    atoms = int(lines[labels.index("Size") + 1][0])
    cell = lines[labels.index("Supercell") + 1 :]
    volume = float(cell[0][0]) * float(cell[1][1]) * float(cell[2][2])
    begin = labels.index("AtomData:") + 1
    forces = [float(value) for line in lines[begin : begin + atoms] for value in line[5:8]]
    virial = [float(value) for value in lines[labels.index("PlusStress:") + 1]]
    energy = float(lines[labels.index("Energy") + 1][0])
    return Results(energy, forces, [-value / volume for value in virial])


def assert_same(what: str, found: Results, expected: Results) -> None:
    """End the test if numbers differ."""

    def compare(name: str, ours: list[float], theirs: list[float], tolerance: float) -> None:
        if len(ours) != len(theirs) or not ours:
            sys.exit(f"error: {what}: {len(ours)} numbers of {name}, expected {len(theirs)}")
        worst = max(abs(a - b) for a, b in zip(ours, theirs))
        if not worst <= tolerance:
            sys.exit(f"error: {what}: {name} differ by {worst:.3g}, expected at most {tolerance:.0e}")

    compare("energies", [found.energy], [expected.energy], ENERGY_TOLERANCE)
    compare("forces", found.forces, expected.forces, FORCE_TOLERANCE)
    if found.stress is not None and expected.stress is not None:
        compare("stresses", found.stress, expected.stress, STRESS_TOLERANCE)
