"""Energies, forces and virials by motep, for comparison with ours.

Arguments: the engine of motep (cext, numba, numpy), then pairs of a potential (.mtp) and its configurations (.cfg).
For each configuration prints one line of numbers: V_i of the atoms, forces (x y z of the first atom, of the
second, ...), virial (xx yy zz yz xz xy); eV and Å, with as many digits as a double has.
"""

import logging
import pathlib
import sys
from itertools import takewhile

import numpy as np
from ase import Atoms
from motep.calculator import MTP
from motep.io.mlip.cfg import read_cfg
from motep.io.mlip.mtp import read_mtp


def read_configurations(path):
    """Yield vectors, species and positions; motep's own reader takes none or three vectors only."""
    lines = iter(pathlib.Path(path).read_text(encoding="utf-8").splitlines())
    for line in lines:
        if line.strip() != "BEGIN_CFG":
            continue
        block = list(takewhile(lambda line: line.strip() != "END_CFG", lines))
        words = [line.split() for line in block]
        keys = [line[0] for line in words]
        size = int(words[keys.index("Size") + 1][0])
        start = keys.index("AtomData:")
        vectors = words[keys.index("Supercell") + 1 : start] if "Supercell" in keys else []
        header = words[start][1:]
        columns = {key: column for key, column in zip(header, zip(*words[start + 1 : start + 1 + size]))}
        species = np.array(columns["type"], dtype=int)
        positions = np.array([columns[f"cartes_{axis}"] for axis in "xyz"], dtype=float).T
        yield np.array(vectors, dtype=float).reshape(-1, 3), species, positions


def same_as_motep_reads(path, configurations):
    """Fail if motep's reader finds other numbers in the configurations that it can read."""
    if any(len(vectors) not in (0, 3) for vectors, _, _ in configurations):
        return
    read = read_cfg(path, index=":")
    assert len(read) == len(configurations)
    for atoms, (vectors, species, positions) in zip(read, configurations):
        assert np.array_equal(atoms.positions, positions)
        assert np.array_equal(atoms.numbers, species)
        assert len(vectors) == 0 or np.array_equal(atoms.cell.array, vectors)


def evaluate(potential, engine, vectors, species, positions):
    # motep drops the stress of cells with fewer than three vectors; the others do not matter for the virial
    atoms = Atoms(numbers=species, positions=positions)
    atoms.cell[: len(vectors)] = vectors
    atoms.cell = atoms.cell.complete()
    atoms.pbc = np.arange(3) < len(vectors)
    calculator = MTP(potential, engine=engine)
    calculator.calculate(atoms)
    results = calculator.results
    virial = -results["stress"] * atoms.get_volume()
    return np.concatenate([results["energies"], results["forces"].ravel(), virial])


def main(engine, *paths):
    logging.getLogger("motep").setLevel(logging.ERROR)  # it warns of every distance below min_dist
    for mtp, cfg in zip(paths[::2], paths[1::2], strict=True):
        potential = read_mtp(mtp)
        potential.species = list(range(potential.species_count))
        configurations = list(read_configurations(cfg))
        same_as_motep_reads(cfg, configurations)
        for vectors, species, positions in configurations:
            numbers = evaluate(potential, engine, vectors, species, positions)
            print(*(repr(float(number)) for number in numbers))


if __name__ == "__main__":
    main(*sys.argv[1:])
