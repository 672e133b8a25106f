"""What ASE reads from structure files, and structure files as ASE writes them.

read FORMAT FILE [STYLE]: prints the frames of a file as JSON.
write FOLDER: writes files of every format that ASE writes and frames.json with what is in them.
"""

import json
import sys
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.constraints import FixAtoms
from ase.db import connect
from ase.io import read, write


def frame(atoms):
    """Elements, positions, cell and labels of a structure."""
    found = {
        "symbols": atoms.get_chemical_symbols(),
        "positions": atoms.positions.tolist(),
        "cell": atoms.cell.tolist(),
        "pbc": atoms.pbc.tolist(),
    }
    results = atoms.calc.results if atoms.calc is not None else {}
    for key in ("energy", "free_energy"):
        if key in results:
            found[key] = float(results[key])
    for key in ("forces", "stress"):
        if results.get(key) is not None:
            found[key] = np.asarray(results[key]).tolist()
    return found


def structures():
    """Three tilted crystals of Mg, V and O with labels."""
    random = np.random.default_rng(6)
    for count in (3, 5, 8):
        cell = 6.0 * np.eye(3) + random.uniform(-1.0, 1.0, (3, 3))
        # LAMMPS's orientation, so that its data files hold the same vectors
        cell = cell * np.tri(3)
        symbols = sorted(random.choice(["Mg", "V", "O"], count))
        atoms = Atoms(symbols, positions=random.uniform(0.0, 6.0, (count, 3)), cell=cell, pbc=True)
        calculator = SinglePointCalculator(
            atoms,
            energy=random.normal(),
            free_energy=random.normal(),
            forces=random.normal(size=(count, 3)),
            stress=random.normal(size=6),
        )
        atoms.calc = calculator
        yield atoms


def write_all(folder):
    """One file for each format; those that hold one structure for each of them."""
    frames = list(structures())
    write(folder / "frames.extxyz", frames)
    for number, atoms in enumerate(frames):
        write(folder / f"direct-{number}.vasp", atoms, direct=True)
        write(folder / f"cartesian-{number}.vasp", atoms, direct=False)
        write(folder / f"atomic-{number}.data", atoms, format="lammps-data", masses=True)
        options = {"format": "lammps-data", "atom_style": "charge", "masses": True}
        write(folder / f"charge-{number}.data", atoms, **options)
    same = [frames[2].copy() for _ in range(3)]
    for atoms in same:
        atoms.rattle(0.1, seed=len(atoms))
    write(folder / "XDATCAR", same, format="vasp-xdatcar")
    # constraints are no part of the forces
    write_for_ase(folder, frames)
    contents = {"frames": [frame(atoms) for atoms in frames], "trajectory": [frame(atoms) for atoms in same]}
    (folder / "frames.json").write_text(json.dumps(contents))


def write_for_ase(folder, frames):
    """Files that only ASE reads, of the same frames with a constraint, velocities and further entries."""
    moving = []
    for atoms in frames:
        copy = atoms.copy()
        copy.calc = SinglePointCalculator(copy, **atoms.calc.results)
        copy.set_constraint(FixAtoms([0]))
        copy.set_velocities(np.arange(3 * len(copy)).reshape(-1, 3) / 7)
        copy.info.update(note='it "is" [x]', REF_energy=-1.5, config_type="bulk")
        moving.append(copy)
    write(folder / "frames.traj", moving)
    with connect(folder / "frames.db", append=False) as database:
        for number, atoms in enumerate(moving):
            database.write(atoms, number=number)


def main(arguments):
    match arguments:
        case ["read", kind, path]:
            print(json.dumps([frame(atoms) for atoms in read(path, index=":", format=kind)]))
        case ["read", kind, path, style]:
            print(json.dumps([frame(read(path, format=kind, atom_style=style))]))
        case ["write", folder]:
            write_all(Path(folder))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
