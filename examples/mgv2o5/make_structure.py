"""Make amorphous_96.data: MgV2O5 melted and quenched with the fitted potential itself.

Melts the crystal, quenches it in steps to 300 K, holds 1200 K on the way and 300 K at the end, and checks the
conservation of energy by NVE. Prints what the dynamics did; stops if two atoms come too close.

    python make_structure.py --potential mgvo.mtp
"""

import argparse
import time
from pathlib import Path

import numpy as np
from ase import units
from ase.md.verlet import VelocityVerlet
from structures import (
    DENSE_CELL,
    crystalline_cell,
    hold,
    load_potential,
    shortest_distance,
    start_at,
    write_lammps_data,
)

SEED = 31
MELT = ((3000, 1000), (2500, 1000))  # K, steps of 1 fs
QUENCH = ((2000, 500), (1500, 500), (1200, 1000), (900, 500), (600, 500), (300, 1500))  # K, steps of 2 fs
DRIFT_STEPS = 2000  # of 1 fs


def describe(atoms, kelvin, steps, rng):
    """Hold a temperature and print means over the second half and the shortest distance of all."""
    rows = []

    def note(cell):
        pressure = -cell.get_stress()[:3].mean() / units.GPa
        energy = cell.get_potential_energy() / len(cell)
        rows.append((cell.get_temperature(), energy, pressure, shortest_distance(cell)))

    hold(atoms, kelvin, steps, rng, every=20, visit=note)
    rows = np.array(rows)
    mean = rows[len(rows) // 2 :].mean(axis=0)
    print(
        f"{kelvin:5d} K, {steps:5d} steps of 2 fs: mean {mean[0]:6.0f} K, {mean[1]:8.4f} eV/atom, "
        f"{mean[2]:6.2f} GPa; shortest distance {rows[:, 3].min():.3f} Å",
        flush=True,
    )


def drift(atoms, steps):
    """Return the drift (eV/atom/ps) and the standard deviation (eV/atom) of the energy in NVE at 1 fs."""
    energies = []
    dynamics = VelocityVerlet(atoms, units.fs)
    dynamics.attach(lambda: energies.append(atoms.get_total_energy() / len(atoms)), interval=10)
    dynamics.run(steps)
    picoseconds = 0.01 * np.arange(len(energies))
    return np.polyfit(picoseconds, energies, 1)[0], np.std(energies)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--potential", default="mgvo.mtp", help="species 0, 1, 2 = Mg, V, O")
    parser.add_argument("--out", type=Path, default=Path("amorphous_96.data"), help="file to write")
    options = parser.parse_args()
    begin = time.perf_counter()
    rng = np.random.default_rng(SEED)
    atoms = crystalline_cell(DENSE_CELL)
    crystal = atoms.get_positions()
    atoms.calc = load_potential(options.potential)
    start_at(atoms, 2 * MELT[0][0], rng)
    for kelvin, steps in MELT:
        hold(atoms, kelvin, steps, rng, femtoseconds=1.0)
    moved = np.sqrt(((atoms.get_positions() - crystal) ** 2).sum(axis=1).mean())
    print(f"the melt moved atoms by {moved:.1f} Å (RMS)", flush=True)
    for kelvin, steps in QUENCH:
        describe(atoms, kelvin, steps, rng)
    write_lammps_data(options.out, atoms, "amorphous MgV2O5 at 300 K")
    slope, spread = drift(atoms, DRIFT_STEPS)
    print(f"NVE, {DRIFT_STEPS} steps of 1 fs: drift {slope:.1e} eV/atom/ps, standard deviation {spread:.1e} eV/atom")
    print(f"{time.perf_counter() - begin:.0f} s")


if __name__ == "__main__":
    main()
