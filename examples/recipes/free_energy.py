"""Free energy of MgO from the work of switching it to an Einstein crystal and back, beside that of harmonic phonons.

    lmp -in in.free_energy -var T 300 -var edge 4.5264
    python free_energy.py 300 [--potential MgO.mtp] [--out free_energy.png]

Half the difference of the works there and back is the change of free energy, half their sum what is lost in between:
R. Freitas, M. Asta, M. de Koning, Comput. Mater. Sci. 112, 333 (2016). The center of mass is fixed; the last term of
einstein() is what that costs, for two masses and springs. All of it is classical, without the energy of the zero point.
"""

import argparse
import tempfile

import matplotlib
import numpy as np
from ase import units
from ase.build import bulk
from ase.phonons import Phonons
from mtprs.ase import MTP

matplotlib.use("Agg")
from matplotlib import pyplot

MASSES = {"Mg": 24.305, "O": 15.999}
"""As in the input of LAMMPS, u."""


def quantum(spring, mass):
    """Return the energy of a quantum, eV, of a mass (u) on a spring (eV/Å²)."""
    return units._hbar * np.sqrt(spring * units._e * 1e20 / (mass * units._amu)) / units._e


def read(temperature):
    """Return the settings of a switch and its rows: lambda, energy and energy of the springs, eV."""
    with open(f"springs_{temperature}.txt") as lines:
        words = lines.read().split()
    settings = dict(zip(words[::2], map(float, words[1::2]), strict=True))
    return settings, np.loadtxt(f"switch_{temperature}.txt")


def works(settings, rows):
    """Return lambda and dU/dλ, eV, on the way there and on the way back, and both works, eV."""
    steps, settle = int(settings["steps"]), int(settings["settle"])
    there = rows[settle : settle + steps + 1]
    back = rows[2 * settle + steps : 2 * settle + 2 * steps + 1]
    ways = [(way[:, 0], way[:, 2] - way[:, 1]) for way in (there, back)]
    return ways, [np.trapezoid(slope, switch) for switch, slope in ways]


def einstein(settings, thermal, pairs, volume):
    """Return the free energy of the springs, eV, with the center of mass fixed: kT (eV), pairs of Mg and O, Å³."""
    springs = {name: settings[f"k_{name}"] for name in MASSES}
    total = sum(3 * pairs * np.log(quantum(springs[name], mass) / thermal) for name, mass in MASSES.items())
    whole = pairs * sum(MASSES.values())
    spread = thermal * sum(pairs * (mass / whole) ** 2 / springs[name] for name, mass in MASSES.items())
    return thermal * (total + np.log(pairs / volume * (2 * np.pi * spread) ** 1.5))


def harmonic(potential, edge, thermal):
    """Return the classical free energy of harmonic phonons, eV per atom, and the energy at rest."""
    crystal = bulk("MgO", "rocksalt", a=edge)
    crystal.calc = MTP(potential)
    rest = crystal.get_potential_energy() / 2
    with tempfile.TemporaryDirectory() as folder:
        phonons = Phonons(crystal, MTP(potential), supercell=(7, 7, 7), delta=0.01, name=folder)
        phonons.run()
        phonons.read(acoustic=True)
    # A grid without Γ.
    grid = (np.indices((12, 12, 12)).reshape(3, -1).T + 0.5) / 12
    energies = phonons.band_structure(grid, verbose=False)
    if energies.min() <= 0.0:
        raise SystemExit(f"the crystal is not stable at an edge of {edge} Å: it has imaginary frequencies")
    return rest + thermal * np.log(energies / thermal).sum() / len(grid) / 2, rest


def main():
    """Compute, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("temperature")
    parser.add_argument("--potential", default="MgO.mtp")
    parser.add_argument("--out", default="free_energy.png")
    choices = parser.parse_args()

    settings, rows = read(choices.temperature)
    thermal, edge = units.kB * settings["T"], settings["edge"]
    pairs, volume = 27 * 4, 27 * edge**3
    ways, (there, back) = works(settings, rows)
    lost = (there + back) / 2
    free = (einstein(settings, thermal, pairs, volume) - (there - back) / 2) / (2 * pairs)
    expected, rest = harmonic(choices.potential, edge, thermal)
    atoms = 2 * pairs
    print(f"free energy {free:.4f} eV/atom, {1000 * (free - rest):.1f} meV above that at rest")
    print(f"lost on the way {1000 * lost / atoms:.1f} meV/atom")
    print(f"harmonic {expected:.4f} eV/atom, so anharmonic {1000 * (free - expected):.1f} meV/atom")

    figure, axes = pyplot.subplots(figsize=(5, 3.5), layout="tight")
    for (switch, slope), label in zip(ways, ("there", "back"), strict=True):
        axes.plot(switch, slope / atoms, linewidth=0.5, label=label)
    axes.set_xlabel("λ, from the crystal (0) to the springs (1)")
    axes.set_ylabel("dU/dλ, eV/atom")
    axes.legend()
    figure.savefig(choices.out, dpi=120)


main()
