"""The data sets of the figure: which frames are fitted, which are held out, and the crystal or melt that is timed.

All methods get the same frames. The files lie outside the repository, in the folder of `make bench-front DATA=...`.
"""

from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator


@dataclass
class Case:
    """One data set. `every` and `held_out_every` thin the frames; `offset` parts frames of one file."""

    name: str
    title: str
    species: list[str]
    cutoff: float
    train: str
    test: str
    every: int = 1
    held_out_every: int = 1
    offset: int = 0
    timed_atoms: int = 1000

    def training_set(self, folder):
        return read(folder / self.train, self.species)[:: self.every]

    def held_out(self, folder):
        return read(folder / self.test, self.species)[self.offset :: self.held_out_every]

    def missing(self, folder):
        return [name for name in (self.train, self.test) if not (folder / name).is_file()]


CASES = [
    Case("Li", "lithium", ["Li"], 5.0, "mlearn/Li_train.cfg", "mlearn/Li_test.cfg"),
    Case("Si", "silicon", ["Si"], 5.0, "mlearn/Si_train.cfg", "mlearn/Si_test.cfg"),
    Case(
        "Mg-V-O",
        "amorphous Mg-V-O",
        ["Mg", "V", "O"],
        5.0,
        "mgvo/dft_train.cfg",
        "mgvo/dft_train.cfg",
        every=4,
        held_out_every=4,
        offset=2,
    ),
]


def read(path, species):
    """The frames of a .cfg file as ASE's atoms with energy, forces and stress."""
    frames = []
    for block in path.read_text(encoding="utf-8").split("BEGIN_CFG")[1:]:
        frames.append(_frame(block.splitlines(), species, path))
    if not frames:
        raise SystemExit(f"{path}: no configuration in this file")
    return frames


def _frame(lines, species, path):
    words = [line.split() for line in lines]
    keys = {line[0].rstrip(":"): number for number, line in enumerate(words) if line}
    for key in ("Size", "Supercell", "AtomData", "Energy"):
        if key not in keys:
            raise SystemExit(f"{path}: a configuration without {key}")
    size = int(words[keys["Size"] + 1][0])
    first = keys["Supercell"] + 1
    cell = np.array(words[first : first + 3], dtype=float)
    columns = words[keys["AtomData"]][1:]
    rows = words[keys["AtomData"] + 1 :][:size]
    column = {name: [row[number] for row in rows] for number, name in enumerate(columns)}
    positions = np.array([column[f"cartes_{axis}"] for axis in "xyz"], dtype=float).T
    forces = np.array([column[f"f{axis}"] for axis in "xyz"], dtype=float).T
    energy = float(words[keys["Energy"] + 1][0])
    symbols = [species[int(kind)] for kind in column["type"]]
    atoms = Atoms(symbols, positions=positions, cell=cell, pbc=True)
    results = {"energy": energy, "forces": forces}
    if "PlusStress" in keys:
        order = words[keys["PlusStress"]][1:]
        virial = dict(zip(order, np.array(words[keys["PlusStress"] + 1], dtype=float)))
        pressures = [virial[name] for name in ("xx", "yy", "zz", "yz", "xz", "xy")]
        results["stress"] = -np.array(pressures) / atoms.get_volume()
    atoms.calc = SinglePointCalculator(atoms, **results)
    return atoms


def write_cfg(path, frames, species):
    """The frames as .cfg, for mtprs and motep."""
    with path.open("w", encoding="utf-8") as file:
        for atoms in frames:
            file.write(f"BEGIN_CFG\n Size\n {len(atoms)}\n Supercell\n")
            file.writelines(" {:.12f} {:.12f} {:.12f}\n".format(*row) for row in atoms.cell.array)
            file.write(" AtomData: id type cartes_x cartes_y cartes_z fx fy fz\n")
            for number, (symbol, place, force) in enumerate(
                zip(atoms.get_chemical_symbols(), atoms.positions, atoms.get_forces()), 1
            ):
                numbers = " ".join(f"{value:.12f}" for value in [*place, *force])
                file.write(f" {number} {species.index(symbol)} {numbers}\n")
            file.write(f" Energy\n {atoms.get_potential_energy():.12f}\n")
            xx, yy, zz, yz, xz, xy = -atoms.get_stress() * atoms.get_volume()
            file.write(" PlusStress: xx yy zz yz xz xy\n")
            file.write(f" {xx:.12f} {yy:.12f} {zz:.12f} {yz:.12f} {xz:.12f} {xy:.12f}\n")
            file.write("END_CFG\n\n")


def lammps_cell(atoms):
    """The cell as LAMMPS wants it, a lower triangle, and the rotation of rows that leads there."""
    rotation, upper = np.linalg.qr(atoms.cell.array.T)
    signs = np.sign(np.diag(upper))
    if np.prod(signs) * np.linalg.det(rotation) < 0:
        raise SystemExit("a left-handed cell, which LAMMPS cannot have")
    return (upper.T) * signs, rotation * signs


def write_lammps_data(path, atoms, species):
    """A data file of LAMMPS; returns the rotation of its positions and forces."""
    cell, rotation = lammps_cell(atoms)
    places = atoms.get_scaled_positions(wrap=True) @ cell
    with path.open("w", encoding="utf-8") as file:
        file.write(f"made for make bench-front\n\n{len(atoms)} atoms\n{len(species)} atom types\n")
        for axis, length in zip("xyz", np.diag(cell)):
            file.write(f"0 {length:.12f} {axis}lo {axis}hi\n")
        file.write(f"{cell[1, 0]:.12f} {cell[2, 0]:.12f} {cell[2, 1]:.12f} xy xz yz\n\nMasses\n\n")
        file.writelines(f"{number} {mass_of(name):.6f}\n" for number, name in enumerate(species, 1))
        file.write("\nAtoms # atomic\n\n")
        for number, (symbol, place) in enumerate(zip(atoms.get_chemical_symbols(), places), 1):
            numbers = " ".join(f"{value:.12f}" for value in place)
            file.write(f"{number} {species.index(symbol) + 1} {numbers}\n")
    return rotation


def mass_of(symbol):
    return Atoms(symbol).get_masses()[0]


def timed_frame(case, frames):
    """The held-out frame with the most atoms, repeated to about `timed_atoms`."""
    start = max(frames, key=len)
    copies = [1, 1, 1]
    while len(start) * np.prod(copies) * 1.2 < case.timed_atoms:
        lengths = [count * length for count, length in zip(copies, start.cell.lengths())]
        copies[int(np.argmin(lengths))] += 1
    return start.repeat(copies)


def case_named(name):
    found = next((case for case in CASES if case.name == name), None)
    if found is None:
        raise SystemExit(f"no data set {name}; there are {', '.join(case.name for case in CASES)}")
    return found


def folder_of(fits, method, point):
    """Where a fit is kept; without spaces, which input scripts divide at."""
    return fits / f"{method}_{point}".replace(" ", "_").replace("=", "")


def held_out_errors(frames, energies, forces):
    """RMSE of energies, meV/atom, and of force components, eV/Å."""
    energy = np.array([(e - f.get_potential_energy()) / len(f) for e, f in zip(energies, frames)])
    force = np.concatenate([(own - f.get_forces()).ravel() for own, f in zip(forces, frames)])
    if not (np.isfinite(energy).all() and np.isfinite(force).all()):
        raise SystemExit("energies or forces of held-out frames are not finite")
    return 1e3 * float(np.sqrt(np.mean(energy**2))), float(np.sqrt(np.mean(force**2)))
