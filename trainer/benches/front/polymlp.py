"""Polynomial potentials, fitted with pypolymlp and evaluated with its own code in C++, neighbor search included.

The points are polynomials of pair invariants and of invariants of up to three or four bodies and more, with sizes as in
the tutorial of pypolymlp; ridge parameters are searched with a tenth of the training frames, as it does by itself.
"""

import time

import numpy as np

SIZES = {
    "pairs": {"feature_type": "pair", "model_type": 2, "n_gaussians": 7},
    "order 2": {"model_type": 4, "gtinv_order": 2, "gtinv_maxl": (4,), "n_gaussians": 5},
    "order 3": {"model_type": 4, "gtinv_order": 3, "gtinv_maxl": (4, 4), "n_gaussians": 5},
    "order 3, 8 radial": {"model_type": 4, "gtinv_order": 3, "gtinv_maxl": (8, 4), "n_gaussians": 8},
    "order 4": {"model_type": 3, "gtinv_order": 4, "gtinv_maxl": (8, 4, 2), "n_gaussians": 8},
}
POINTS = list(SIZES)


def fit(case, point, folder, settings):
    from pypolymlp.mlp_dev.pypolymlp import Pypolymlp

    polymlp = Pypolymlp()
    sizes = {"max_p": 2, "feature_type": "gtinv", "gtinv_maxl": (4, 4)} | SIZES[point]
    polymlp.set_params(
        elements=case.species,
        include_force=True,
        include_stress=True,
        cutoff=case.cutoff,
        reg_alpha_params=(-4.0, 3.0, 8),
        atomic_energy=tuple(0.0 for _ in case.species),
        **sizes,
    )
    known = {}
    numbered = list(enumerate(settings.training_set))
    for name in ("train", "test"):
        frames = [frame for number, frame in numbered if (number % 10 == 5) == (name == "test")]
        ordered = [by_species(atoms, case.species) for atoms in frames]
        known[f"{name}_structures"] = [structure(atoms, case.species) for atoms in ordered]
        known[f"{name}_energies"] = np.array([atoms.get_potential_energy() for atoms in ordered])
        known[f"{name}_forces"] = [atoms.get_forces().T for atoms in ordered]
        known[f"{name}_stresses"] = np.array([-atoms.get_stress(voigt=False) * atoms.get_volume() for atoms in ordered])
    polymlp.set_datasets_structures(**known)
    polymlp.fit()
    potential = folder / "polymlp.yaml"
    polymlp.save_mlp(str(potential))
    return {
        "engine": "pypolymlp",
        "potential": str(potential),
        "parameters": polymlp.n_features,
        "timed": "own, neighbors",
    }


def by_species(atoms, species):
    """The same frame with atoms of one species after the other, as pypolymlp expects."""
    order = np.argsort([species.index(symbol) for symbol in atoms.get_chemical_symbols()], kind="stable")
    found = atoms[order]
    found.calc = type(atoms.calc)(
        found,
        energy=atoms.get_potential_energy(),
        forces=atoms.get_forces()[order],
        stress=atoms.get_stress(),
    )
    return found


def structure(atoms, species):
    from pypolymlp.core.data_format import PolymlpStructure

    symbols = atoms.get_chemical_symbols()
    return PolymlpStructure(
        axis=atoms.cell.array.T.copy(),
        positions=atoms.get_scaled_positions(wrap=True).T.copy(),
        n_atoms=[symbols.count(name) for name in species],
        elements=symbols,
        types=[species.index(symbol) for symbol in symbols],
    )


class Evaluator:
    def __init__(self, description, species):
        from pypolymlp.calculator.properties import Properties

        self.properties = Properties(pot=description["potential"])
        self.species = species

    def energy_and_forces(self, atoms):
        order = np.argsort([self.species.index(symbol) for symbol in atoms.get_chemical_symbols()], kind="stable")
        energy, forces, _ = self.properties.eval(structure(atoms[order], self.species), use_openmp=False)
        found = np.empty((len(atoms), 3))
        found[order] = np.asarray(forces).T
        return energy, found

    def prepared(self, atoms):
        order = np.argsort([self.species.index(symbol) for symbol in atoms.get_chemical_symbols()], kind="stable")
        given = structure(atoms[order], self.species)

        def turn():
            start = time.perf_counter()
            self.properties.eval(given, use_openmp=False)
            return time.perf_counter() - start

        return turn
