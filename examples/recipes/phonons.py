"""Phonons: frequencies along lines of the Brillouin zone and their density of states, by finite displacements.

    python phonons.py [--potential MgO.mtp] [--repeat 5] [--out phonons.png]

Two atoms change each other's forces up to two cutoffs away: --repeat must make a cell of four cutoffs, or force
constants of its images add up. Imaginary frequencies, printed and drawn as negative ones, mean that the crystal is not
stable for this potential.
"""

import argparse
import tempfile

import matplotlib
from ase import units
from ase.build import bulk
from ase.phonons import Phonons
from crystal import relaxed
from mtprs.ase import MTP

matplotlib.use("Agg")
from matplotlib import pyplot

TERAHERTZ = units._e / units._hplanck / 1e12
"""Frequency of a quantum of 1 eV."""


def main():
    """Compute, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--potential", default="MgO.mtp")
    parser.add_argument("--repeat", type=int, default=7, help="primitive cells in each direction")
    parser.add_argument("--out", default="phonons.png")
    choices = parser.parse_args()

    edge = relaxed(choices.potential).cell[0, 0]
    primitive = bulk("MgO", "rocksalt", a=edge)
    with tempfile.TemporaryDirectory() as folder:
        phonons = Phonons(primitive, MTP(choices.potential), supercell=(choices.repeat,) * 3, delta=0.01, name=folder)
        phonons.run()
        phonons.read(acoustic=True)
    path = primitive.cell.bandpath("GXWKGL", npoints=120)
    bands = phonons.get_band_structure(path, verbose=False)
    energies = bands.energies[0] * TERAHERTZ
    print(f"frequencies from {energies.min():.2f} to {energies.max():.2f} THz")
    optical = sorted(energies[0])[3:]
    print(f"optical at Γ: {', '.join(f'{frequency:.2f}' for frequency in optical)} THz")

    density = phonons.get_dos(kpts=(20, 20, 20), verbose=False).sample_grid(npts=200, width=1e-3)
    figure, (left, right) = pyplot.subplots(1, 2, sharey=True, width_ratios=(3, 1), figsize=(7, 4), layout="tight")
    positions, ticks, labels = path.get_linear_kpoint_axis()
    left.plot(positions, energies, color="tab:blue", linewidth=1)
    left.set_xticks(ticks, [label.replace("G", "Γ") for label in labels])
    left.set_xlim(positions[0], positions[-1])
    left.set_ylabel("frequency, THz")
    left.grid(axis="x")
    right.fill_betweenx(density.get_energies() * TERAHERTZ, density.get_weights(), color="tab:blue", alpha=0.4)
    right.set_xlabel("density of states")
    right.set_xticks([])
    figure.savefig(choices.out, dpi=120)


main()
