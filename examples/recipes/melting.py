"""Melting temperature from the coexistence of crystal and liquid, with its error, and whether both are still there.

    lmp -in in.coexistence
    python melting.py [--out melting.png]

The error is that of the mean of blocks, which one run gives; runs of other seeds show what it leaves out.
"""

import argparse

import matplotlib
import numpy as np

matplotlib.use("Agg")
from matplotlib import pyplot

GONE = 0.02
"""Share of atoms in crystalline surroundings below which there is no crystal."""
LIQUID_GONE = 0.35
"""Share above which there is no liquid: in a crystal so hot, about half of the atoms have such surroundings."""


def main():
    """Average, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default="melting.png")
    choices = parser.parse_args()

    steps, temperature, crystal = np.loadtxt("coexistence.txt").T
    error = temperature.std(ddof=1) / np.sqrt(len(temperature))
    print(f"melting temperature {temperature.mean():.1f} ± {error:.1f} K")
    if not GONE < crystal[-1] < LIQUID_GONE:
        raise SystemExit(f"one phase has vanished ({crystal[-1]:.2f} of the atoms are crystalline): begin at another T")
    print(f"both phases are there: {100 * crystal[-1]:.0f} % of the atoms have crystalline surroundings")

    figure, axes = pyplot.subplots(figsize=(5, 3.2), layout="tight")
    axes.plot(steps, temperature, "o-")
    axes.axhline(temperature.mean(), linestyle="dashed", color="gray")
    axes.set_xlabel("step")
    axes.set_ylabel("temperature of both phases, K")
    figure.savefig(choices.out, dpi=120)


main()
