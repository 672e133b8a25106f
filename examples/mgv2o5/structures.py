"""Amorphous MgV2O5 cells and their files.

A crystal of alpha-V2O5 with magnesium between its layers (96 atoms) is the start of every melt. Files
are MLIP's `.cfg` and LAMMPS's data format. Lengths in Å, energies in eV, forces in eV/Å, virial in eV.
"""

import os
from pathlib import Path

import numpy as np
from ase import Atoms, units
from ase.data import atomic_masses, atomic_numbers
from ase.md.langevin import Langevin
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution, Stationary
from ase.spacegroup import crystal
from motep.calculator import MTP
from motep.io.mlip.cfg import read_cfg
from motep.io.mlip.mtp import read_mtp

ELEMENTS = ("Mg", "V", "O")
WIDE_CELL = (8.80, 10.80, 11.60)  # near the crystal's
DENSE_CELL = (8.70, 10.68, 11.47)  # near zero pressure of the quenched glass
VOIGT = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))


def load_potential(path):
    """Read an `.mtp` whose species 0, 1, 2 are Mg, V, O as an ASE calculator."""
    parameters = read_mtp(path)
    parameters.species = [atomic_numbers[element] for element in ELEMENTS]
    return MTP(parameters, engine="cext")


def read_frames(path):
    """Read labeled frames of a `.cfg` file whose types 0, 1, 2 are Mg, V, O."""
    with open(path, encoding="utf-8") as file:
        return read_cfg(file, ":", species=[atomic_numbers[element] for element in ELEMENTS])


def crystalline_cell(edges):
    """Return the 96-atom cell: alpha-V2O5 1x2x3 (84 atoms) and 12 Mg between the layers, edges in Å.

    Pmmn and the positions are those of Enjalbert and Galy, Acta Cryst. C42, 1467 (1986); Mg sits on 2b,
    the middle of the square of vanadyl oxygens.
    """
    unit = crystal(
        ("V", "O", "O", "O", "Mg"),
        basis=(
            (0.10118, 0.25, 0.8917),
            (0.1043, 0.25, 0.5310),
            (0.9311, 0.25, 0.0030),
            (0.25, 0.25, 0.0010),
            (0.25, 0.75, 0.5),
        ),
        spacegroup=59,
        setting=2,
        cellpar=(11.512, 3.564, 4.368, 90, 90, 90),
        pbc=True,
    )
    bulk = unit.repeat((1, 3, 2))
    # c, b, a of the oxide become x, y, z, so that the shortest edge comes first
    fractions = bulk.get_scaled_positions()[:, ::-1]
    atoms = Atoms(bulk.get_chemical_symbols(), scaled_positions=fractions, cell=edges, pbc=True)
    order = np.argsort([ELEMENTS.index(symbol) for symbol in atoms.symbols], kind="stable")
    return atoms[order]


def shortest_distance(atoms):
    """Return the shortest distance between two atoms of a cell."""
    distances = atoms.get_all_distances(mic=True)
    return distances[np.triu_indices(len(atoms), 1)].min()


def start_at(atoms, kelvin, rng):
    """Draw velocities at a temperature, without a drift of the whole cell."""
    MaxwellBoltzmannDistribution(atoms, temperature_K=kelvin, rng=rng)
    Stationary(atoms)


def hold(atoms, kelvin, steps, rng, femtoseconds=2.0, friction=0.02, every=50, visit=None):
    """Run NVT by Langevin dynamics (friction in 1/fs), call `visit` every `every` steps.

    Stops with an error if two atoms come closer than 1.2 Å, where no moment tensor potential is trained.
    """
    dynamics = Langevin(
        atoms,
        femtoseconds * units.fs,
        temperature_K=kelvin,
        friction=friction / units.fs,
        rng=rng,
        fixcm=False,
    )

    def watch():
        if dynamics.nsteps == 0:
            return
        shortest = shortest_distance(atoms)
        if not shortest > 1.2:
            raise RuntimeError(f"two atoms came to {shortest:.3f} Å of each other at {kelvin} K")
        if visit is not None:
            visit(atoms)

    dynamics.attach(watch, interval=every)
    dynamics.run(steps)


def label(atoms, calculator, tags):
    """Return a frame: an atoms copy whose `info` holds energy, forces, virial and features.

    Positions are rounded to the digits that `write_cfg` writes before they are labeled.
    """
    frame = Atoms(atoms.get_chemical_symbols(), cell=atoms.cell.copy(), pbc=True)
    frame.set_positions(np.round(atoms.get_positions(), 6))
    frame.set_cell(np.round(atoms.cell.array, 6))
    frame.calc = calculator
    energy, forces, stress = frame.get_potential_energy(), frame.get_forces(), frame.get_stress()
    frame.calc = None
    frame.info = {
        "energy": energy,
        "forces": forces.copy(),
        "virial": -stress * frame.get_volume(),
        "features": dict(tags),
    }
    return frame


def _replace(path, text):
    """Write a text to a temporary file beside the target and rename it."""
    temporary = Path(f"{path}.tmp")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)


def write_cfg(path, frames):
    """Write frames as MLIP `.cfg`, types 0, 1, 2 = Mg, V, O."""
    lines = []
    for frame in frames:
        lines += ["BEGIN_CFG", " Size", f"    {len(frame)}", " Supercell"]
        lines += ["    " + " ".join(f"{x:.6f}" for x in row) for row in frame.cell.array]
        lines.append(" AtomData:  id type cartes_x cartes_y cartes_z fx fy fz")
        rows = zip(frame.symbols, frame.get_positions(), frame.info["forces"])
        for index, (symbol, position, force) in enumerate(rows, start=1):
            numbers = [f"{x:.6f}" for x in position] + [f"{x:.11f}" for x in force]
            lines.append(f" {index} {ELEMENTS.index(symbol)} " + " ".join(numbers))
        lines += [" Energy", f"    {frame.info['energy']:.12f}"]
        lines.append(" PlusStress:  xx yy zz yz xz xy")
        lines.append("    " + " ".join(f"{x:.12f}" for x in frame.info["virial"]))
        lines += [f" Feature   {key}\t{value}" for key, value in frame.info["features"].items()]
        lines += ["END_CFG", ""]
    _replace(path, "\n".join(lines))


def write_lammps_data(path, atoms, title):
    """Write an orthogonal cell as a LAMMPS data file, atom_style atomic, with velocities left out."""
    atoms = atoms.copy()
    atoms.wrap()
    counts = ", ".join(f"{list(atoms.symbols).count(element)} {element}" for element in ELEMENTS)
    lines = [f"{title} ({counts})", "", f"{len(atoms)} atoms", f"{len(ELEMENTS)} atom types", ""]
    for axis, edge in zip("xyz", atoms.cell.lengths()):
        lines.append(f"0.0 {edge:.10f} {axis}lo {axis}hi")
    lines += ["", "Masses", ""]
    for index, element in enumerate(ELEMENTS, start=1):
        lines.append(f"{index} {atomic_masses[atomic_numbers[element]]:.4f} # {element}")
    lines += ["", "Atoms # atomic", ""]
    for index, (symbol, position) in enumerate(zip(atoms.symbols, atoms.get_positions()), start=1):
        kind = ELEMENTS.index(symbol) + 1
        lines.append(f"{index} {kind} " + " ".join(f"{x:.10f}" for x in position))
    _replace(path, "\n".join(lines) + "\n")
