"""Labels frames with a calculator of ASE: python label.py input.xyz output.xyz

Written by mtprs learn. The file calculator.json names the calculator by its import path, with its arguments, and the
folder of the job, where modules are looked for, too. Every frame is on the disk as soon as it is done; one that fails
is written with the reason and without labels.
"""

import contextlib
import importlib
import json
import os
import re
import sys

import ase.io
import numpy as np


def calculator_of(settings):
    module, _, name = settings["calculator"].replace(":", ".").rpartition(".")
    return getattr(importlib.import_module(module), name)(**settings["arguments"])


def numbers(values):
    return " ".join(repr(float(value)) for value in np.ravel(values))


def text_of(atoms, pairs, forces):
    pbc = " ".join("T" if periodic else "F" for periodic in atoms.pbc)
    cell = f'Lattice="{numbers(atoms.cell)}" ' if atoms.cell.any() else ""
    columns = "species:S:1:pos:R:3" + ("" if forces is None else ":forces:R:3")
    lines = [str(len(atoms)), f'{cell}Properties={columns} {pairs} pbc="{pbc}"']
    for index, (symbol, position) in enumerate(zip(atoms.symbols, atoms.positions)):
        values = position if forces is None else np.concatenate([position, forces[index]])
        lines.append(f"{symbol} {numbers(values)}")
    return "\n".join(lines) + "\n"


def labeled(atoms, calculator):
    atoms.calc = calculator
    energy = atoms.get_potential_energy()
    # The one whose derivatives the forces are, where the calculator tells them apart.
    energy = calculator.results.get("free_energy", energy)
    forces = atoms.get_forces()
    pairs = f"free_energy={float(energy)!r} EFS_by={type(calculator).__name__}"
    if atoms.pbc.all():
        # Not every calculator has stresses.
        with contextlib.suppress(NotImplementedError):
            pairs += f' stress="{numbers(atoms.get_stress(voigt=False))}"'
    return text_of(atoms, pairs, forces)


def failed(atoms, error):
    reason = re.sub(r'[\s"\\]+', " ", f"{type(error).__name__}: {error}").strip()
    return text_of(atoms, f'label_error="{reason}"', None)


def main(source, target):
    with open("calculator.json") as file:
        settings = json.load(file)
    sys.path.append(settings["folder"])
    calculator = calculator_of(settings)
    with open(target, "w") as file:
        for atoms in ase.io.iread(source, index=":", format="extxyz"):
            atoms.calc = None
            try:
                text = labeled(atoms, calculator)
            except Exception as error:
                text = failed(atoms, error)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
