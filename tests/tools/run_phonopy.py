"""phonopy with our calculator: frequencies of copper against our dynamical matrix and elastic constants.

python run_phonopy.py FOLDER PYTHON (see checks.py)
"""

import checks
import numpy as np
from ase import Atoms, units
from ase.build import bulk
from ase.filters import FrechetCellFilter
from ase.optimize import BFGS
from phonopy import Phonopy
from phonopy.structure.atoms import PhonopyAtoms

# Points that fit into the supercell: there both ways are exact. Γ has no frequency but the three zeros.
POINTS = {"X": [0.5, 0.5, 0.0], "L": [0.5, 0.5, 0.5], "halfway to X": [0.25, 0.25, 0.0]}
REPEAT = 4
LEAST = 1e-2  # THz
# From eV/Å²/u to THz.
TERAHERTZ = np.sqrt(units._e * 1e20 / units._amu) * 1e-12 / (2.0 * np.pi)


def phonons(unit, calculator):
    """What a user does: displacements by phonopy, forces by the calculator, force constants by phonopy."""
    cell = PhonopyAtoms(
        symbols=unit.get_chemical_symbols(), cell=unit.cell.array, scaled_positions=unit.get_scaled_positions()
    )
    phonon = Phonopy(cell, supercell_matrix=np.diag([REPEAT] * 3), primitive_matrix="F")
    phonon.generate_displacements(distance=0.005)
    forces = []
    for moved in phonon.supercells_with_displacements:
        atoms = Atoms(moved.symbols, cell=moved.cell, scaled_positions=moved.scaled_positions, pbc=True)
        atoms.calc = calculator
        forces.append(atoms.get_forces())
    phonon.forces = forces
    phonon.produce_force_constants()
    return phonon


def frequencies(phonon, unit, constants, point):
    """The same from the dynamical matrix by definition, THz."""
    big = unit.repeat(REPEAT)
    wave = 2.0 * np.pi * np.linalg.inv(phonon.primitive.cell) @ np.array(point)
    phases = np.exp(1j * (big.positions - big.positions[0]) @ wave)
    matrix = np.einsum("ajb,j->ab", constants, phases) / unit.get_masses()[0]
    squares = np.linalg.eigvalsh((matrix + matrix.conj().T) / 2.0)
    return np.sign(squares) * np.sqrt(np.abs(squares)) * TERAHERTZ


def slopes(phonon, unit):
    """ρ v² of the long waves along [100], GPa: transverse, transverse, longitudinal."""
    length = 0.01
    wave = np.array([length, 0.0, 0.0])  # 1/Å
    found = phonon.run_qpoints([phonon.primitive.cell @ wave]).frequencies[0]
    density = unit.get_masses().sum() * units._amu / (unit.get_volume() * 1e-30)
    return np.sort(density * (found * 1e12 / (length * 1e10)) ** 2 / 1e9)


def main():
    """Runs all of it."""
    checks.begin()
    check = checks.Checks("phonopy")
    calculator = checks.copper(checks.train_copper())
    unit = bulk("Cu", "fcc", checks.COPPER, cubic=True)
    unit.calc = calculator
    BFGS(FrechetCellFilter(unit), logfile=None).run(fmax=1e-5, steps=100)

    phonon = phonons(unit, calculator)
    constants = checks.force_constants(unit.repeat(REPEAT), calculator)
    for name, point in POINTS.items():
        found = np.sort(phonon.run_qpoints([point]).frequencies[0])
        check.close(f"frequencies at {name}, THz", found, frequencies(phonon, unit, constants, point), 1e-4)

    c11, _, c44 = checks.elastic_constants(unit, calculator)
    found = slopes(phonon, unit) / [c44, c44, c11]
    # Force constants that reach beyond half of the supercell are folded back into it.
    check.close("ρ v² of sound along [100] over C44, C44 and C11 from energies", found, np.ones(3), 0.01)

    phonon.run_mesh([8, 8, 8], is_gamma_center=True)
    # The three frequencies at Γ are zero, or what rounding leaves of it: both leave them out.
    phonon.run_thermal_properties(temperatures=[300.0], cutoff_frequency=LEAST)
    free_energy = phonon.thermal_properties.free_energy[0]
    mesh = phonon.mesh
    energies = mesh.frequencies * 1e12 * units._hplanck / units._e
    temperature = 300.0 * units.kB
    with np.errstate(divide="ignore", invalid="ignore"):
        modes = energies / 2.0 + temperature * np.log(-np.expm1(-energies / temperature))
    modes[mesh.frequencies < LEAST] = 0.0
    by_hand = (mesh.weights @ modes.sum(axis=1)) / mesh.weights.sum() / (units.kJ / units.mol)
    check.close("free energy at 300 K, kJ/mol", free_energy, by_hand, 1e-3)
    check.end()


if __name__ == "__main__":
    main()
