"""Makes what the example begins with and is tested with: MgV2O6, labeled with GFN1-xTB.

    python make.py

Brannerite (C2/m), two cells of 18 atoms, relaxed: structures for the runs, ten cells with strains of up to 3 %, shears
of up to 2 % and displacements of 0.03 to 0.12 Å, and dynamics of GFN1-xTB itself at 300 and 900 K. GFN1-xTB in tblite
has the Gamma point only, so it is the energy of this cell that is learned, and not that of the crystal.
"""

import numpy as np
from ase import Atoms, units
from ase.filters import FrechetCellFilter
from ase.io import write
from ase.md.langevin import Langevin
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution
from ase.optimize import BFGS, FIRE
from ase.spacegroup import crystal
from tblite.ase import TBLite

SPECIES = ["Mg", "V", "O"]
BASIS = [(0, 0, 0), (0.192, 0, 0.349), (0.153, 0, 0.113), (0.4645, 0, 0.280), (0.189, 0, 0.560)]
CELL = [9.28, 3.50, 6.73, 90, 111.8, 90]
SEED = 7
# Temperature, K; edges by those at rest; file of the structure.
RUNS = [(300, 1.0, "cold.xyz"), (900, 1.01, "hot.xyz")]
STEP = 2.0 * units.fs
FIRST, EVERY, FRAMES = 30, 10, 6


def labeled(atoms: Atoms) -> Atoms:
    atoms.calc = TBLite(method="GFN1-xTB", verbosity=0)
    return atoms


def relaxed() -> Atoms:
    atoms = crystal(["Mg", "V", "O", "O", "O"], BASIS, spacegroup=12, cellpar=CELL) * (1, 2, 1)
    labeled(atoms)
    FIRE(atoms, logfile=None).run(fmax=0.3, steps=40)
    BFGS(FrechetCellFilter(atoms), logfile=None).run(fmax=0.1, steps=60)
    return scaled(atoms, 1.0)


def scaled(atoms: Atoms, factor: float) -> Atoms:
    copy = Atoms(atoms.symbols, atoms.positions, cell=atoms.cell, pbc=True)
    copy.set_cell(atoms.cell * factor, scale_atoms=True)
    return copy


def deformed(atoms: Atoms, random: np.random.Generator, displacement: float) -> Atoms:
    atoms = scaled(atoms, 1.0)
    strain = np.diag(random.uniform(-0.03, 0.03, 3))
    for row, column in [(1, 0), (2, 0), (2, 1)]:
        strain[row, column] = random.uniform(-0.02, 0.02)
    atoms.set_cell(atoms.cell @ (np.eye(3) + strain), scale_atoms=True)
    atoms.positions += random.normal(0.0, displacement, atoms.positions.shape)
    return labeled(atoms)


def cfg(atoms: Atoms) -> str:
    """A configuration with its labels as text of MLIP-2; the virial is positive under compression."""
    text = ["BEGIN_CFG", " Size", f"  {len(atoms)}", " Supercell"]
    text += ["  " + " ".join(f"{x:.10f}" for x in vector) for vector in atoms.cell]
    text.append(" AtomData: id type cartes_x cartes_y cartes_z fx fy fz")
    for index, atom in enumerate(atoms):
        numbers = " ".join(f"{x:.8f}" for x in [*atom.position, *atoms.get_forces()[index]])
        text.append(f"  {index + 1} {SPECIES.index(atom.symbol)} {numbers}")
    virial = -atoms.get_stress() * atoms.get_volume()
    text += [" Energy", f"  {atoms.get_potential_energy():.8f}"]
    text += [" PlusStress: xx yy zz yz xz xy", "  " + " ".join(f"{x:.6f}" for x in virial)]
    text += [" Feature elements " + " ".join(SPECIES), " Feature EFS_by GFN1-xTB"]
    return "\n".join(text) + "\nEND_CFG\n\n"


def dynamics(atoms: Atoms, temperature: float) -> list[str]:
    random = np.random.default_rng(temperature)
    labeled(atoms)
    # Half of the energy goes into the springs, which are at rest in the beginning.
    MaxwellBoltzmannDistribution(atoms, temperature_K=2 * temperature, rng=random)
    langevin = Langevin(atoms, STEP, temperature_K=temperature, friction=0.01 / units.fs, rng=random)
    frames = []
    langevin.run(FIRST)
    for _ in range(FRAMES):
        langevin.run(EVERY)
        frames.append(cfg(atoms))
    return frames


def main() -> None:
    atoms = relaxed()
    for _, factor, name in RUNS:
        write(name, scaled(atoms, factor), columns=["symbols", "positions"])
    random = np.random.default_rng(SEED)
    with open("start.cfg", "w") as file:
        for number in range(10):
            file.write(cfg(deformed(atoms, random, 0.03 + 0.01 * number)))
    with open("test.cfg", "w") as file:
        for temperature, factor, _ in RUNS:
            file.write("".join(dynamics(scaled(atoms, factor), temperature)))


if __name__ == "__main__":
    main()
