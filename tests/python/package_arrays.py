"""Arrays, threads and facts of the Python package, with a potential (.mtp) of Mg, V and O.

Arguments: the case, a function of this file; the potential; a folder. Fails where something does not hold.
"""

import copy
import sys
import threading
from pathlib import Path

import numpy as np
from calculator_checks import assert_same, everything, refused
from mgvo_structures import glass
from mtprs import Error, Evaluator, Potential, SelectionState
from mtprs.ase import MTP
from mtprs.exceptions import SpeciesError


def arrays(mtp, folder):
    """Arrays of any kind are taken, those of the right kind without a copy; what is wrong is refused."""
    potential = Potential(mtp)
    assert potential.species == ("Mg", "V", "O") and potential.has_species_names and potential.is_trained
    assert potential.level == 12 and potential.cutoff == 5.5 and potential.min_dist == 1.2
    assert copy.deepcopy(potential) is potential
    atoms = glass()
    species = np.array([potential.species_index(symbol) for symbol in atoms.symbols])
    evaluator = Evaluator(potential)
    expected = evaluator.evaluate(atoms.positions, species, atoms.cell.array)
    for symbols in (list(atoms.symbols), np.array(atoms.symbols)):
        by_name = evaluator.evaluate(atoms.positions, symbols, atoms.cell.array)
        assert np.array_equal(by_name.forces, expected.forces) and by_name.energy == expected.energy
    refused(SpeciesError, "element Xe (index 1) is not in", lambda: evaluator.evaluate(np.eye(3)[:2], ["O", "Xe"]))
    nameless = Potential.from_text(
        Path(mtp).read_text().replace("potential_tag = Mg V O", "potential_tag ="), "bare.mtp"
    )
    assert not nameless.has_species_names
    bare = Evaluator(nameless)
    assert bare.evaluate(atoms.positions, species, atoms.cell.array).energy == expected.energy
    refused(SpeciesError, "bare.mtp does not name its elements", lambda: bare.evaluate(atoms.positions, atoms.symbols))
    refused(SpeciesError, "bare.mtp does not name its elements", lambda: MTP(nameless))
    refused(SpeciesError, "contradicts", lambda: MTP(potential, species=["O", "V", "Mg"]))
    virials = {"atom_virials": True, "centroid_virials": True}
    for positions in (
        np.asfortranarray(atoms.positions),
        np.repeat(atoms.positions, 2, axis=0)[::2],
        atoms.positions.tolist(),
    ):
        for kind in (np.int8, np.uint64, np.int32):
            found = evaluator.evaluate(positions, species.astype(kind), atoms.cell, **virials)
            assert np.array_equal(found.forces, expected.forces) and found.energy == expected.energy
    for sums in (found.atom_virials.sum(axis=0), found.centroid_virials.sum(axis=0)):
        assert np.abs(sums - expected.virial).max() < 1e-10
    assert np.array_equal(found.stress, -expected.virial / atoms.get_volume())
    refused(ValueError, "expected rows of three", lambda: evaluator.evaluate(np.zeros((2, 2)), [0, 0]))
    refused(ValueError, "species has shape (1,), expected (2,)", lambda: evaluator.evaluate(np.eye(3)[:2], [0]))
    refused(ValueError, "expected integers", lambda: evaluator.evaluate(np.eye(3)[:1], [0.5]))
    refused(ValueError, "4294967296", lambda: evaluator.evaluate(np.eye(3)[:1], [2**32]))
    refused(SpeciesError, "species 3", lambda: evaluator.evaluate(np.eye(3)[:1], [3]))
    refused(ValueError, "periodic_count is 4", lambda: evaluator.evaluate(np.eye(3)[:1], [0], np.zeros((4, 3))))
    refused(ValueError, "grades need a selection state", lambda: evaluator.evaluate([], [], grades=True))
    refused(Error, "expected a selection state", lambda: SelectionState(mtp, potential))


def heat_flux(mtp, folder):
    """Virials of atoms give the potential part of the heat flux: Σ_i W_i v_i = Σ_i r_i (dV_i/dt + F_i v_i)."""
    atoms = glass()[::4]
    potential = Potential(mtp)
    evaluator = Evaluator(potential)
    species = [potential.species_index(symbol) for symbol in atoms.symbols]
    velocities = np.random.default_rng(8).normal(size=(len(atoms), 3))
    found = evaluator.evaluate(atoms.positions, species, centroid_virials=True, atom_virials=True)
    step = 1e-5
    after, before = (
        evaluator.evaluate(atoms.positions + sign * step * velocities, species).energies for sign in (1, -1)
    )
    powers = (after - before) / (2 * step) + (found.forces * velocities).sum(axis=1)
    expected = powers @ (atoms.positions - atoms.positions.mean(axis=0))
    flux = np.einsum("iab,ib->a", found.centroid_virials, velocities)
    assert np.abs(flux - expected).max() < 1e-6 * np.abs(expected).max(), (flux, expected)
    asymmetry = found.centroid_virials - found.centroid_virials.transpose(0, 2, 1)
    assert np.abs(asymmetry).max() > 0.1
    for virials in (found.atom_virials, found.centroid_virials):
        assert np.abs(virials.sum(axis=0) - found.virial).max() < 1e-10


def threads(mtp, folder):
    """Threads of the library and of Python give the same numbers."""
    atoms = glass()
    atoms.calc = MTP(mtp)
    expected = everything(atoms)
    for count in (2, 3, 8):
        atoms.calc = MTP(mtp, threads=count)
        results = everything(atoms)
        for name, value in results.items():
            assert np.abs(value - expected[name]).max() < 1e-11 * max(1, np.abs(expected[name]).max()), name
        again = glass()
        again.calc = MTP(mtp, threads=count)
        assert_same(everything(again), results)
    # several threads of Python: with an evaluator for all, and with one for each
    potential = Potential(mtp)
    shared = Evaluator(potential)
    positions, species = atoms.positions, [potential.species_index(symbol) for symbol in atoms.symbols]
    same = []

    start = threading.Barrier(6)

    def work(evaluator):
        start.wait()
        for _ in range(50):
            evaluation = evaluator.evaluate(positions, species, atoms.cell)
            same.append(np.array_equal(evaluation.forces, expected["forces"]))

    workers = [threading.Thread(target=work, args=(shared,)) for _ in range(3)]
    workers += [threading.Thread(target=work, args=(Evaluator(potential),)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(same) == 300 and all(same)


def main(case, mtp, folder, *states):
    cases = (arrays, heat_flux, threads)
    {function.__name__: function for function in cases}[case](mtp, Path(folder), *states)


if __name__ == "__main__":
    main(*sys.argv[1:])
