"""What the scripts in this folder share: checks that print and count, a potential of copper, and motep beside it.

Each script is run as `python run_NAME.py FOLDER PYTHON`: a folder for its files, which is emptied, and a Python that
has motep. `mtprs`, `mlp`, `mlp3` and `lmp` are found on the PATH; `make test-tools` puts them there.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
from ase import units
from ase.build import bulk
from ase.calculators.calculator import all_changes
from ase.calculators.emt import EMT
from mtprs.ase import MTP

HERE = Path(__file__).resolve().parent
# Constant of the crystal that the potential is trained around; the one of EMT.
COPPER = 3.59


class Checks:
    """Prints each check, and ends the program with a count of them, or with 1 where one failed."""

    def __init__(self, name):
        """`name` is the tool."""
        self.name, self.count, self.failed = name, 0, 0

    def close(self, what, found, expected, allowed):
        """Checks that numbers differ from independent ones by no more than is allowed, in the unit of both."""
        found, expected = np.asarray(found, float), np.asarray(expected, float)
        same_shape = found.shape == expected.shape and found.size > 0
        deviation = np.abs(found - expected).max() if same_shape else np.inf
        self.at_most(what, deviation, allowed)

    def at_most(self, what, deviation, allowed):
        """Checks a deviation that is known already; one that is no number fails."""
        fine = bool(deviation <= allowed)
        self.count += 1
        self.failed += not fine
        print(f"{'' if fine else 'FAILED: '}{what}: deviates by {deviation:.2g}, {allowed:.2g} allowed", flush=True)

    def true(self, what, fine):
        """Checks what is either so or not."""
        self.count += 1
        self.failed += not fine
        print(f"{what}: {'yes' if fine else 'FAILED, no'}", flush=True)

    def end(self):
        """Says how many checks passed."""
        if self.failed:
            sys.exit(f"{self.name}: {self.failed} of {self.count} checks failed")
        print(f"{self.name}: {self.count} checks passed")


def begin():
    """Goes into the folder of the command line, which is emptied first. Returns the Python that has motep."""
    folder, python = sys.argv[1:]
    python = shutil.which(python) or python
    python = os.path.abspath(python)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    os.chdir(folder)
    return python


def crystals(count, repeat=2, sizes=0.02, rattle=0.12):
    """Crystals of copper with strain and displaced atoms; energies, forces and stresses of ASE's EMT in `calc`.

    The cells lie as LAMMPS wants them, so that nobody turns them.
    """
    frames = []
    for number in range(count):
        random = np.random.default_rng(number)
        atoms = bulk("Cu", "fcc", COPPER, cubic=True).repeat(repeat)
        strain = np.eye(3) * (1.0 + random.uniform(-sizes, sizes)) + np.tril(random.uniform(-sizes, sizes, (3, 3)))
        atoms.set_cell(atoms.cell.array @ strain, scale_atoms=True)
        atoms.positions += random.normal(0.0, rattle * (number % 4) / 3.0, (len(atoms), 3))
        atoms.calc = EMT()
        atoms.get_stress()
        frames.append(atoms)
    return frames


def write_cfg(path, frames):
    """Frames with their energies, forces and stresses, as MLIP and mtprs read them."""
    with open(path, "w", encoding="utf-8") as file:
        for atoms in frames:
            file.write(f"BEGIN_CFG\n Size\n {len(atoms)}\n Supercell\n")
            file.writelines(" {:.10f} {:.10f} {:.10f}\n".format(*row) for row in atoms.cell.array)
            file.write(" AtomData: id type cartes_x cartes_y cartes_z fx fy fz\n")
            for number, row in enumerate(np.hstack([atoms.positions, atoms.get_forces()])):
                file.write(f" {number + 1} 0 " + " ".join(f"{value:.10f}" for value in row) + "\n")
            xx, yy, zz, yz, xz, xy = -atoms.get_stress() * atoms.get_volume()
            file.write(f" Energy\n {atoms.get_potential_energy():.10f}\n PlusStress: xx yy zz yz xz xy\n")
            file.write(f" {xx:.8f} {yy:.8f} {zz:.8f} {yz:.8f} {xz:.8f} {xy:.8f}\nEND_CFG\n\n")


def train_copper(path="copper.mtp", level=6, count=16):
    """Trains a potential on EMT's copper, a smooth and stable crystal, by the command line. Returns its path."""
    write_cfg("copper.cfg", crystals(count))
    run("mtprs", "init", "--level", level, "--species", "Cu", "--cutoff", 5, "--min-dist", 1.8, "-o", "start.mtp")
    run("mtprs", "train", "start.mtp", "copper.cfg", "--max-iter", 60, "-o", path, "--quiet")
    return os.path.abspath(path)


def copper(path, **options):
    """The calculator for a potential of copper."""
    return MTP(path, species=["Cu"], **options)


def run(*command, **options):
    """Runs a program; ends with what it printed if it fails."""
    command = [str(part) for part in command]
    result = subprocess.run(command, capture_output=True, text=True, **options)
    if result.returncode:
        sys.exit(
            f"{' '.join(command)}: exit code {result.returncode}\n{result.stdout[-3000:]}\n{result.stderr[-3000:]}"
        )
    return result.stdout


def evaluate(frames, calculator):
    """Energies, forces and stresses of frames by a calculator, as arrays."""
    energies, forces, stresses = [], [], []
    for frame in frames:
        atoms = frame.copy()
        atoms.calc = calculator
        calculator.calculate(atoms, ["energy", "forces", "stress"], all_changes)
        energies.append(calculator.results["energy"])
        forces.append(np.array(calculator.results["forces"]))
        stresses.append(np.array(calculator.results["stress"]))
    return np.array(energies), np.concatenate(forces), np.array(stresses)


def motep(python, potential, frames):
    """The same by motep, which is run by a Python of its own. `potential` has one species."""
    asked = [
        {"numbers": f.numbers.tolist(), "positions": f.positions.tolist(), "cell": f.cell.array.tolist()}
        for f in frames
    ]
    Path("motep.json").write_text(json.dumps(asked), encoding="utf-8")
    # MLIP-3 writes its active set, which is binary, behind the text.
    text = Path(potential).read_bytes().split(b"#MVS")[0]
    Path("motep.mtp").write_bytes(text)
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    run(python, HERE / "motep_oracle.py", "motep.mtp", "motep.json", "motep_out.json", env=alone)
    answer = json.loads(Path("motep_out.json").read_text(encoding="utf-8"))
    forces = np.concatenate([np.array(frame) for frame in answer["forces"]])
    return np.array(answer["energies"]), forces, np.array(answer["stresses"])


def second_difference(atoms, calculator, strain, step=0.004):
    """Second derivative of the energy by a strain, over the volume, GPa: central, free of the error of order step²."""
    cell = atoms.cell.array

    def energy(size):
        strained = atoms.copy()
        strained.set_cell(cell @ (np.eye(3) + size * np.asarray(strain)), scale_atoms=True)
        strained.calc = calculator
        return strained.get_potential_energy()

    def plain(size):
        return (energy(size) - 2.0 * energy(0.0) + energy(-size)) / size**2

    return (4.0 * plain(step) - plain(2.0 * step)) / 3.0 / atoms.get_volume() / units.GPa


def elastic_constants(atoms, calculator):
    """C11, C12 and C44 of a cubic crystal without stress, GPa, from energies alone."""
    shear = np.zeros((3, 3))
    shear[0, 1] = shear[1, 0] = 0.5
    c11 = second_difference(atoms, calculator, np.diag([1.0, 0.0, 0.0]))
    c44 = second_difference(atoms, calculator, shear)
    nine_bulk = second_difference(atoms, calculator, np.eye(3))
    return c11, (nine_bulk - 3.0 * c11) / 6.0, c44


def force_constants(atoms, calculator, step=0.005):
    """Second derivatives of the energy by the displacement of atom 0 and of every atom, from central differences."""
    moved = atoms.copy()
    moved.calc = calculator
    constants = np.zeros((3, len(atoms), 3))
    for axis in range(3):
        for sign in (1, -1):
            moved.positions = atoms.positions
            moved.positions[0, axis] += sign * step
            constants[axis] -= sign * moved.get_forces() / (2.0 * step)
    return constants
