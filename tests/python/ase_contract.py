"""What ASE expects of a calculator, with a potential (.mtp) of Mg, V and O.

Arguments: the case, a function of this file; the potential; an empty folder; for `copies` and `changes` two selection
states (.mtps), one of configuration and one of neighborhood mode. Fails where something does not hold.
"""

import copy
import multiprocessing
import pickle
import sys
import warnings
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.calculators.calculator import PropertyNotImplementedError
from ase.calculators.mixing import SumCalculator
from ase.db import connect
from ase.io import Trajectory, read, write
from calculator_checks import assert_same, everything, refused
from mgvo_structures import crystal
from mtprs import Error, Evaluator, ShortDistanceWarning
from mtprs.ase import MTP
from mtprs.exceptions import InvalidConfigurationError, SpeciesError, SyntaxInFileError


def copies(mtp, folder, by_configuration, by_neighborhood):
    """Copies, pickles and other processes give the same numbers, with and without the files."""
    gone = folder / "gone.mtp"
    gone.write_bytes(Path(mtp).read_bytes())
    state = folder / "gone.mtps"
    state.write_bytes(Path(by_neighborhood).read_bytes())
    original = crystal()
    original.calc = MTP(gone, state=state, threads=2)
    gone.unlink()
    state.unlink()
    expected = everything(original)
    for duplicate in (copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))):
        fresh, kept = crystal(), duplicate(original)
        fresh.calc = duplicate(original.calc)
        assert fresh.calc is not original.calc
        for atoms in (fresh, kept):
            assert_same(everything(atoms), expected)
            assert atoms.calc.evaluator.threads == 2
        # what happens to a copy does not touch the original
        fresh.positions[0, 0] += 0.05
        moved = fresh.get_forces()
        assert_same(original.calc.results, expected)
        # the files are gone, but nothing asks for them
        fresh.calc.set(threads=1)
        assert np.abs(fresh.get_forces() - moved).max() < 1e-12
        assert original.calc.parameters["threads"] == original.calc.evaluator.threads == 2
    for method in ("fork", "spawn", "forkserver"):
        context = multiprocessing.get_context(method)
        with context.Pool(2) as pool:
            results = pool.map(everything, [original, crystal_of(original.calc, 7)])
        assert_same(results[0], expected)
        assert_same(results[1], everything(crystal_of(original.calc, 7)))
    error = pickle.loads(pickle.dumps(refused(SpeciesError, "Xe", lambda: xenon(mtp).get_forces())))
    assert type(error) is SpeciesError and error.atom == 1 and "Xe" in str(error)


def crystal_of(calculator, seed):
    atoms = crystal(seed)
    atoms.calc = copy.deepcopy(calculator)
    return atoms


def changes(mtp, folder, by_configuration, by_neighborhood):
    """There is one evaluation for each change that matters, and none for others."""
    atoms = crystal()
    atoms.calc = MTP(mtp)
    count = [0]
    evaluate = Evaluator.evaluate

    def counted(*arguments, **choices):
        count[0] += 1
        return evaluate(*arguments, **choices)

    def evaluations(function, *arguments):
        count[0] = 0
        function(*arguments)
        return count[0]

    def all_but_stresses():
        for name in ("energy", "free_energy", "energies", "forces", "stress"):
            atoms.calc.get_property(name, atoms)

    Evaluator.evaluate = counted
    assert evaluations(all_but_stresses) == 1
    assert evaluations(atoms.get_stresses) == 1
    assert evaluations(all_but_stresses) == 0 and evaluations(atoms.get_stresses) == 0
    assert not atoms.calc.calculation_required(atoms, ["energy", "forces", "stress"])
    for change in (
        lambda: atoms.positions.__setitem__((0, 0), atoms.positions[0, 0] + 1e-9),
        lambda: atoms.set_cell(atoms.cell * 1.0001),
        lambda: atoms.set_pbc((True, True, False)),
        lambda: atoms.symbols.__setitem__(0, "V"),
        lambda: atoms.__delitem__(-1),
    ):
        before = atoms.get_potential_energy()
        change()
        assert atoms.calc.calculation_required(atoms, ["energy"])
        assert evaluations(all_but_stresses) == 1
        assert atoms.get_potential_energy() != before
    atoms.set_initial_charges(np.ones(len(atoms)))
    atoms.set_initial_magnetic_moments(np.ones(len(atoms)))
    atoms.set_velocities(np.ones((len(atoms), 3)))
    assert evaluations(all_but_stresses) == 0
    # results belong to the calculator, what it hands out to the user
    atoms.get_forces()[:] = 7
    assert atoms.get_forces().max() < 7 or np.abs(atoms.get_forces() - 7).max() > 0
    refused(PropertyNotImplementedError, "dipole", atoms.get_dipole_moment)
    refused(PropertyNotImplementedError, "grade", lambda: atoms.calc.get_property("extrapolation_grade", atoms))

    # what fails leaves nothing of earlier atoms behind, and the next good ones work
    atoms.positions[0] = np.nan
    for _ in range(2):
        error = refused(InvalidConfigurationError, "position of atom 1 is not finite", atoms.get_forces)
        assert error.atom == 0 and not atoms.calc.results
    atoms.calc.calculate(crystal())
    refused(InvalidConfigurationError, "position of atom 1", lambda: atoms.calc.calculate(atoms))
    assert not atoms.calc.results
    atoms = crystal()
    atoms.calc = MTP(mtp, state=by_configuration, grading="asked")
    assert atoms.calc.parameters["state"] == by_configuration
    assert evaluations(all_but_stresses) == 1 and "extrapolation_grade" not in atoms.calc.results
    plain = atoms.get_potential_energy()
    atoms.get_stresses()
    grade = atoms.calc.get_property("extrapolation_grade", atoms)
    assert evaluations(atoms.get_stresses) == 0
    assert evaluations(atoms.calc.get_property, "extrapolation_grade", atoms) == 0
    refused(PropertyNotImplementedError, "grades", lambda: atoms.calc.get_property("extrapolation_grades", atoms))
    # parameters: what changes nothing costs nothing, what is wrong changes nothing
    assert atoms.calc.set(threads=1) == {} and evaluations(all_but_stresses) == 0
    refused(Error, "threads is -1", lambda: atoms.calc.set(threads=-1))
    refused(TypeError, "cutoff", lambda: atoms.calc.set(cutoff=5))
    assert atoms.calc.parameters["threads"] == 1 and evaluations(all_but_stresses) == 0
    atoms.calc.set(state=by_neighborhood, grading="always", precision="mixed")
    assert evaluations(all_but_stresses) == 1
    # grades are always double, and what comes with them
    assert abs(atoms.get_potential_energy() - plain) < 1e-9 * len(atoms)
    results = atoms.calc.results
    assert results["extrapolation_grade"] == results["extrapolation_grades"].max() != grade > 0
    atoms.calc.set(state=None)
    assert evaluations(all_but_stresses) == 1
    assert 0 < abs(atoms.get_potential_energy() - plain) < 1e-5 * len(atoms)
    Evaluator.evaluate = evaluate


def xenon(mtp):
    return Atoms("OXe", positions=[[0, 0, 0], [0, 0, 2]], calculator=MTP(mtp))


def errors(mtp, folder):
    """What cannot be used is refused with the words of the library, or as clearly."""
    text = Path(mtp).read_text()
    bad, bare, untrained = folder / "bad.mtp", folder / "bare.mtp", folder / "untrained.mtp"
    bad.write_text(text.replace("species_count = 3", "species_count = three"))
    bare.write_text(text.replace("potential_tag = Mg V O", "potential_tag = "))
    untrained.write_text(text[: text.index("species_coeffs")] + text[text.index("alpha_scalar") :])
    error = refused(SyntaxInFileError, f"{bad}:5:17: ", lambda: MTP(bad))
    assert isinstance(error, ValueError) and isinstance(error, Error)
    refused(FileNotFoundError, "none.mtp", lambda: MTP(folder / "none.mtp"))
    refused(Error, "", lambda: MTP(untrained))
    refused(SpeciesError, "does not name its elements", lambda: MTP(bare))
    refused(SpeciesError, "species lists 2 elements", lambda: MTP(bare, ["Mg", "V"]))
    refused(SpeciesError, "Mg is listed twice", lambda: MTP(bare, ["Mg", "Mg", "V"]))
    refused(SpeciesError, "Zz is not the symbol", lambda: MTP(bare, ["Mg", "Zz", "V"]))
    refused(SpeciesError, "species V Mg O contradicts", lambda: MTP(mtp, ["V", "Mg", "O"]))
    refused(Error, "no state", lambda: MTP(mtp, mode="neighborhood"))
    refused(SpeciesError, "element Xe (index 1) is not in", xenon(mtp).get_forces)
    same_place = Atoms("O2", positions=np.zeros((2, 3)), calculator=MTP(mtp))
    refused(InvalidConfigurationError, "same place", same_place.get_forces)
    flat = Atoms("O", cell=[4, 4, 0], pbc=True, calculator=MTP(mtp))
    refused(InvalidConfigurationError, "linearly dependent", flat.get_forces)

    # the order of elements counts where the file has none
    named, given = crystal(), crystal()
    named.calc, given.calc = MTP(mtp), MTP(bare, ("Mg", "V", "O"))
    assert named.get_potential_energy() == given.get_potential_energy()
    given.calc = MTP(bare, ["V", "Mg", "O"])
    assert named.get_potential_energy() != given.get_potential_energy()

    close = Atoms("O2", positions=[[0, 0, 0], [0, 0, 1.1]], calculator=MTP(mtp))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3):
            close.get_forces()
            close.positions[1, 2] += 0.01
    told = [str(warning.message) for warning in caught if warning.category is ShortDistanceWarning]
    assert len(told) == 1 and "index 0 and 1 are 1.100 Å apart" in told[0] and "1.2 Å" in told[0], told


def files(mtp, folder):
    """What ASE writes with a calculator is read back with its results."""
    images = [crystal(seed) for seed in range(3)]
    calculator = MTP(Path(mtp))
    with Trajectory(folder / "run.traj", "w") as trajectory:
        for atoms in images:
            atoms.calc = calculator
            atoms.get_stress()
            trajectory.write(atoms)
    for atoms, found in zip(images, read(folder / "run.traj", ":")):
        assert found.calc.name == "mtp" and found.calc.parameters == {"potential": mtp}
        for name in ("energy", "free_energy", "energies", "forces", "stress"):
            expected = calculator.get_property(name, atoms)
            assert np.array_equal(found.calc.results[name], expected), name
    atoms = images[0]
    atoms.get_stress()
    write(folder / "one.extxyz", atoms)
    found = read(folder / "one.extxyz")
    assert np.abs(found.get_forces() - atoms.get_forces()).max() < 1e-7
    assert np.abs(found.get_stress() - atoms.get_stress()).max() < 1e-7
    with connect(folder / "all.db") as database:
        number = database.write(atoms)
    row = connect(folder / "all.db").get(number)
    assert row.energy == atoms.get_potential_energy() and row.calculator == "mtp"
    properties = calculator.calculate_properties(atoms, ["energy", "forces"])
    assert properties["energy"] == atoms.get_potential_energy()
    twice = crystal(0)
    twice.calc = SumCalculator([MTP(mtp), MTP(mtp)])
    assert abs(twice.get_potential_energy() - 2 * atoms.get_potential_energy()) < 1e-12


def main(case, mtp, folder, *states):
    cases = (changes, copies, errors, files)
    {function.__name__: function for function in cases}[case](mtp, Path(folder), *states)


if __name__ == "__main__":
    main(*sys.argv[1:])
