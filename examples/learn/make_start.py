"""Makes what the example begins with: ten cells of MgO, labeled with GFN1-xTB, and two structures for the runs.

    python make_start.py

Rock salt, 2x2x2 conventional cells (64 atoms): GFN1-xTB in tblite has the Gamma point only. The cells are strained by
up to 3 % and sheared by up to 2 %, the atoms displaced by 0.03 to 0.12 Å.
"""

import numpy as np
from ase import Atoms
from ase.build import bulk
from tblite.ase import TBLite

# The one of zero pressure with GFN1-xTB in this cell, Å.
EDGE = 4.46
SPECIES = ["Mg", "O"]
SEED = 7


def crystal(edge: float = EDGE, repeat=(2, 2, 2)) -> Atoms:
    return bulk("MgO", "rocksalt", a=edge, cubic=True) * repeat


def deformed(random: np.random.Generator, displacement: float) -> Atoms:
    atoms = crystal()
    strain = np.diag(random.uniform(-0.03, 0.03, 3))
    for row, column in [(1, 0), (2, 0), (2, 1)]:
        strain[row, column] = random.uniform(-0.02, 0.02)
    atoms.set_cell(atoms.cell @ (np.eye(3) + strain), scale_atoms=True)
    atoms.positions += random.normal(0.0, displacement, atoms.positions.shape)
    return atoms


def cfg(atoms: Atoms, features: dict) -> str:
    """A configuration with its labels as text of MLIP-2; the virial is positive under compression."""
    text = ["BEGIN_CFG", " Size", f"  {len(atoms)}", " Supercell"]
    text += ["  " + " ".join(f"{x:.10f}" for x in vector) for vector in atoms.cell]
    text.append(" AtomData: id type cartes_x cartes_y cartes_z fx fy fz")
    for index, atom in enumerate(atoms):
        numbers = " ".join(f"{x:.8f}" for x in [*atom.position, *atoms.get_forces()[index]])
        text.append(f"  {index + 1} {SPECIES.index(atom.symbol)} {numbers}")
    xx, yy, zz, yz, xz, xy = -atoms.get_stress() * atoms.get_volume()
    text += [" Energy", f"  {atoms.get_potential_energy():.8f}"]
    text += [" PlusStress: xx yy zz yz xz xy", "  " + " ".join(f"{x:.6f}" for x in [xx, yy, zz, yz, xz, xy])]
    text += [f" Feature {key} {value}" for key, value in features.items()]
    return "\n".join(text) + "\nEND_CFG\n\n"


def data(atoms: Atoms) -> str:
    """A LAMMPS data file of an orthogonal cell."""
    text = ["MgO", "", f"{len(atoms)} atoms", "2 atom types", ""]
    text += [f"0.0 {length:.10f} {axis}lo {axis}hi" for length, axis in zip(atoms.cell.lengths(), "xyz")]
    text += ["", "Masses", "", "1 24.305", "2 15.999", "", "Atoms # atomic", ""]
    for index, atom in enumerate(atoms):
        x, y, z = atom.position
        text.append(f"{index + 1} {SPECIES.index(atom.symbol) + 1} {x:.10f} {y:.10f} {z:.10f}")
    return "\n".join(text) + "\n"


def main() -> None:
    random = np.random.default_rng(SEED)
    with open("start.cfg", "w") as file:
        for number in range(10):
            atoms = deformed(random, 0.03 + 0.01 * number)
            atoms.calc = TBLite(method="GFN1-xTB", verbosity=0)
            file.write(cfg(atoms, {"elements": "Mg O", "EFS_by": "GFN1-xTB"}))
    for name, edge in [("MgO.data", EDGE), ("MgO_hot.data", 1.01 * EDGE)]:
        with open(name, "w") as file:
            file.write(data(crystal(edge)))


if __name__ == "__main__":
    main()
