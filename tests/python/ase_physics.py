"""Physics by the calculator for ASE, with a potential (.mtp) of Mg, V and O.

Arguments: the case, a function of this file; the potential; a folder. Fails where something does not hold, otherwise
prints what was measured.
"""

import sys
from pathlib import Path

import numpy as np
from ase import Atoms, units
from ase.build import make_supercell
from ase.calculators.calculator import PropertyNotImplementedError
from ase.calculators.fd import FiniteDifferenceCalculator, calculate_numerical_forces
from ase.filters import FrechetCellFilter
from ase.md.velocitydistribution import Stationary, thermalize_momenta
from ase.md.verlet import VelocityVerlet
from ase.optimize import LBFGS
from calculator_checks import refused
from mgvo_structures import TRICLINIC, crystal, glass, structures
from mtprs.ase import MTP


def derivatives(mtp, folder):
    """Forces and stress are derivatives of the energy."""
    for name, atoms in structures().items():
        atoms.calc = MTP(mtp)
        forces = atoms.get_forces()
        if atoms.cell.rank == 3:
            numerical = FiniteDifferenceCalculator(MTP(mtp), eps_disp=1e-5, eps_strain=1e-6)
            stress = np.abs(numerical.get_stress(atoms) - atoms.get_stress()).max()
            stress /= max(1e-2, np.abs(atoms.get_stress()).max())
            difference = np.abs(numerical.get_forces(atoms) - forces).max()
        else:
            refused(PropertyNotImplementedError, "stress", atoms.get_stress)
            stress = 0.0
            difference = np.abs(calculate_numerical_forces(atoms, 1e-5) - forces).max()
        print(f"{name}: forces up to {np.abs(forces).max():.2f} eV/Å, difference {difference:.1e}; stress {stress:.1e}")
        assert np.abs(forces).max() > 0.1 or name == "alone", name
        assert difference < 1e-7 * max(1, np.abs(forces).max()), name
        assert stress < 1e-6, name
        assert np.abs(forces.sum(axis=0)).max() < 1e-11, name
        assert abs(atoms.get_potential_energies().sum() - atoms.get_potential_energy()) < 1e-11, name


def cells(mtp, folder):
    """Supercells and cells with their vectors in another order are the same; directions without images do not count."""
    for name, atoms in structures().items():
        atoms.calc = MTP(mtp)
        turned = atoms.copy()
        turned.set_cell(atoms.cell[[1, 2, 0]])
        turned.pbc = atoms.pbc[[1, 2, 0]]
        turned.calc = MTP(mtp)
        assert np.abs(turned.get_forces() - atoms.get_forces()).max() < 1e-11, name
        assert np.abs(turned.get_potential_energies() - atoms.get_potential_energies()).max() < 1e-11, name
    atoms = crystal()
    atoms.calc = MTP(mtp)
    large = make_supercell(atoms, [[2, 0, 0], [1, 3, 0], [0, 1, 1]], order="atom-major")
    large.calc = MTP(mtp)
    times = len(large) // len(atoms)
    assert times == 6
    for name in ("energies", "forces"):
        expected = np.repeat(atoms.calc.get_property(name, atoms), times, axis=0)
        assert np.abs(large.calc.get_property(name, large) - expected).max() < 1e-11
    assert np.abs(large.get_stress() - atoms.get_stress()).max() < 1e-12
    assert np.abs(large.get_stresses().sum(axis=0) - large.get_stress()).max() < 1e-12

    wide = crystal(pbc=False)
    wide.calc = MTP(mtp)
    energy = wide.get_potential_energy()
    assert abs(energy - atoms.get_potential_energy()) > 1
    wide.set_cell(3 * TRICLINIC)
    assert wide.get_potential_energy() == energy
    wide.set_cell(None)
    assert wide.get_potential_energy() == energy

    none = Atoms(calculator=MTP(mtp))
    assert none.get_potential_energy() == 0.0
    assert none.get_forces().shape == (0, 3)
    assert none.get_potential_energies().shape == (0,)


def dynamics(mtp, folder):
    """The energy of NVE is conserved, to the square of the time step."""
    spreads = []
    for femtoseconds in (2.0, 1.0):
        atoms = glass()
        atoms.calc = MTP(mtp)
        thermalize_momenta(atoms, temperature_K=600, rng=np.random.default_rng(3))
        Stationary(atoms)
        md = VelocityVerlet(atoms, timestep=femtoseconds * units.fs)
        steps = round(120 / femtoseconds)
        spreads.append(np.std([atoms.get_total_energy() / len(atoms) for _ in md.irun(steps)]))
        moved = np.abs(atoms.positions - glass().positions).max()
        assert moved > 0.3, moved
    print(f"spread of the energy {spreads[0]:.1e} and {spreads[1]:.1e} eV per atom at 2 and 1 fs")
    assert spreads[1] < 1e-4
    assert 3.0 < spreads[0] / spreads[1] < 5.5, spreads


def relaxation(mtp, folder):
    """Positions and cell relax to vanishing forces and stress."""
    atoms = glass()
    atoms.rattle(0.02, seed=1)
    atoms.calc = MTP(mtp)
    before = atoms.get_potential_energy()
    converged = LBFGS(FrechetCellFilter(atoms), logfile=None).run(fmax=0.02, steps=300)
    assert converged
    assert np.abs(atoms.get_forces()).max() < 0.02
    assert np.abs(atoms.get_stress()).max() < 1e-3
    assert atoms.get_potential_energy() < before - 0.5
    # a minimum: any small strain costs energy
    minimum, cell = atoms.get_potential_energy(), atoms.cell.copy()
    for strain in (np.diag([1, 0, 0]), np.diag([0, 1, 0]), np.diag([0, 0, 1]), np.eye(3)):
        for sign in (-1, 1):
            atoms.set_cell(cell @ (np.eye(3) + sign * 0.01 * strain), scale_atoms=True)
            assert atoms.get_potential_energy() > minimum
    print(f"relaxed from {before:.3f} to {minimum:.3f} eV")


def main(case, mtp, folder, *states):
    cases = (cells, derivatives, dynamics, relaxation)
    {function.__name__: function for function in cases}[case](mtp, Path(folder), *states)


if __name__ == "__main__":
    main(*sys.argv[1:])
