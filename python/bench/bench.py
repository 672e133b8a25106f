"""What a step of the calculator for ASE costs beside the library alone, and beside motep's calculator.

    PYTHONPATH=python MTPRS_LIBRARY=build/python/libmtprs.so python python/bench/bench.py [--turns 15]

All take turns on amorphous MgV2O5 of examples/mgv2o5, 96 and 768 atoms, level 12, one thread. Printed is
the least CPU time of a turn, in milliseconds for each step with energy, forces and stress:

library     the call of the C interface alone, arrays at hand, neighbor search included
evaluator   mtprs.Evaluator.evaluate
calculator  moving the atoms and get_forces of mtprs.ase.MTP
motep       the same with motep's calculator (C engine)
"""

import argparse
import logging
import time
from ctypes import byref
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.io import read
from motep import calculator as motep
from motep.io.mlip.mtp import read_mtp
from mtprs import _library
from mtprs.ase import MTP

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/mgv2o5"


def glass(repeat):
    """Return the glass, repeated and shaken."""
    found = read(EXAMPLE / "amorphous_96.data", format="lammps-data")
    atoms = Atoms(found.symbols, positions=found.positions, cell=found.cell, pbc=True).repeat(repeat)
    atoms.rattle(0.02, seed=1)
    return atoms


def library_alone(evaluator, atoms, species):
    """Return a function that calls the C interface with arrays that are there already."""
    count = len(atoms)
    arrays = {
        "energy": np.zeros(1),
        "atom_energies": np.zeros(count),
        "forces": np.zeros((count, 3)),
        "virial": np.zeros(6),
    }
    positions, cell = atoms.positions.copy(), atoms.cell.array.copy()
    configuration = _library.Configuration(
        atom_count=count,
        positions=positions.ctypes.data,
        species=species.ctypes.data,
        cell_vectors=cell.ctypes.data,
        periodic_count=3,
    )
    outputs = _library.Outputs(**{name: array.ctypes.data for name, array in arrays.items()})
    kept = (arrays, positions, cell, species)

    def call():
        assert kept
        _library.call("evaluator_compute_cell", evaluator._handle, byref(configuration), byref(outputs))

    return call


def stepping(atoms, calculator):
    """Return a function that moves atoms and asks for forces."""
    atoms.calc = calculator
    shift = np.full((len(atoms), 3), 1e-7)

    def step():
        atoms.positions += shift
        atoms.get_forces()

    return step


def cases(repeat):
    """Return what is timed, by name."""
    mtp = EXAMPLE / "mgvo.mtp"
    atoms, calculator = glass(repeat), MTP(mtp)
    evaluator = calculator.evaluator
    species = np.array([evaluator.potential.species_index(symbol) for symbol in atoms.symbols], dtype=np.int32)
    positions, cell = atoms.positions.copy(), atoms.cell.array.copy()
    parameters = read_mtp(mtp)
    parameters.species = [12, 23, 8]
    return {
        "library": library_alone(evaluator, atoms, species),
        "evaluator": lambda: evaluator.evaluate(positions, species, cell),
        "calculator": stepping(atoms, calculator),
        "motep": stepping(atoms.copy(), motep.MTP(parameters, engine="cext")),
    }


def milliseconds(function, calls):
    start = time.process_time()
    for _ in range(calls):
        function()
    return 1000 * (time.process_time() - start) / calls


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=15)
    turns = parser.parse_args().turns
    logging.getLogger("motep").setLevel(logging.ERROR)
    print("atoms  library/ms  evaluator/ms  calculator/ms  motep/ms")
    for repeat, calls in ((1, 20), (2, 4)):
        functions = cases(repeat)
        least = dict.fromkeys(functions, float("inf"))
        for _ in range(turns):
            for name, function in functions.items():
                least[name] = min(least[name], milliseconds(function, calls))
        print(f"{96 * repeat**3:5d}  {least['library']:10.3f}  {least['evaluator']:12.3f}", end="")
        print(f"  {least['calculator']:13.3f}  {least['motep']:8.3f}")


main()
