"""Everything that the Python package says about the configurations of a file, for comparison with the command line.

Arguments: number of threads, a potential (.mtp) and configurations (.cfg), perhaps a selection state. For each
configuration prints one line of numbers, with as many digits as a double has: energy, V_i of the atoms, forces (x y z
of the first atom, of the second, ...), virial (xx yy zz yz xz xy) and, with a state, the grade of the configuration
and, in neighborhood mode, those of the atoms; eV and Å. The calculator for ASE must give the same numbers.
"""

import sys

import numpy as np
from ase import Atoms
from calculator_checks import refused
from motep_efs import read_configurations
from mtprs import Evaluator, Potential, SelectionState
from mtprs.ase import MTP
from mtprs.exceptions import NotFiniteError

# Elements that stand for species 0, 1, ... of potentials without names.
ELEMENTS = ["Mg", "V", "O", "Xe"]


def in_cfg_order(virial):
    return virial[[0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1]]


def compare(evaluation, calculator, vectors, species, positions):
    """Fail if the calculator does not give the numbers of the evaluation."""
    symbols = [calculator.parameters["species"][index] for index in species]
    atoms = Atoms(symbols, positions=positions)
    atoms.cell[: len(vectors)] = vectors
    atoms.pbc = np.arange(3) < len(vectors)
    atoms.calc = calculator
    assert atoms.get_potential_energy() == evaluation.energy
    assert np.array_equal(atoms.get_potential_energies(), evaluation.energies)
    assert np.array_equal(atoms.get_forces(), evaluation.forces)
    if len(vectors) == 3:
        assert np.allclose(atoms.get_stress(voigt=False), evaluation.stress, rtol=1e-14, atol=0)
        sums = atoms.get_stresses().sum(axis=0)
        assert np.abs(sums - atoms.get_stress()).max() < 1e-12 * max(1, np.abs(evaluation.stress).max())
    assert calculator.results.get("extrapolation_grade") == evaluation.grade
    grades = calculator.results.get("extrapolation_grades")
    assert grades is evaluation.grades is None or np.array_equal(grades, evaluation.grades)


def main(threads, mtp, cfg, *states):
    potential = Potential(mtp)
    state = SelectionState(states[0], potential) if states else None
    evaluator = Evaluator(potential, state=state, threads=int(threads))
    species_names = ELEMENTS[: len(potential.species)]
    calculator = MTP(mtp, species_names, state=states[0] if states else None, threads=int(threads))
    for vectors, species, positions in read_configurations(cfg):
        evaluation = evaluator.evaluate(positions, species, vectors)
        compare(evaluation, calculator, vectors, species, positions)
        numbers = [
            evaluation.energy,
            *evaluation.energies,
            *evaluation.forces.ravel(),
            *in_cfg_order(evaluation.virial),
        ]
        if state is not None:
            numbers.append(evaluation.grade)
            numbers.extend(() if evaluation.grades is None else evaluation.grades)
            for number in (np.nan, np.inf):
                row = np.full(state.parameter_count, number)
                refused(
                    NotFiniteError, "the extrapolation grade of a row is not finite", lambda row=row: state.grade(row)
                )
        print(*(repr(float(number)) for number in numbers))


if __name__ == "__main__":
    main(*sys.argv[1:])
