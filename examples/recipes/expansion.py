"""Lattice parameters with errors from the blocks that in.npt wrote, and the thermal expansion between two temperatures.

python expansion.py 300 900
"""

import sys

import numpy as np


def lattice_parameter(temperature):
    """Return the mean of the blocks and its standard error, Å."""
    blocks = np.loadtxt(f"blocks_{temperature}.txt")[:, 1]
    return blocks.mean(), blocks.std(ddof=1) / np.sqrt(len(blocks))


def main():
    """Print."""
    cold, hot = sys.argv[1:3]
    (a, error_a), (b, error_b) = lattice_parameter(cold), lattice_parameter(hot)
    for temperature, value, error in ((cold, a, error_a), (hot, b, error_b)):
        print(f"{temperature} K: {value:.4f} ± {error:.4f} Å")
    span = (float(hot) - float(cold)) * (a + b) / 2
    print(
        f"linear expansion {(b - a) / span * 1e6:.1f} ± {np.hypot(error_a, error_b) / span * 1e6:.1f} per million and K"
    )


main()
