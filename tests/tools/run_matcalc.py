"""matcalc with our calculator and with its own way to LAMMPS: copper against differences of energies.

python run_matcalc.py FOLDER PYTHON (see checks.py)
"""

import logging
import warnings

import checks
import numpy as np
from ase import units
from ase.build import bulk
from matcalc import ElasticityCalc, EOSCalc, PhononCalc, RelaxCalc
from matcalc.utils import PESCalculator
from pymatgen.io.ase import AseAtomsAdaptor

STRAINS = (-0.004, -0.002, 0.002, 0.004)
# X by the vectors of a primitive cell of fcc.
POINT = [0.5, 0.5, 0.0]
REPEAT = 2


def frequencies(unit, calculator):
    """The frequencies at X from central differences of forces, THz."""
    big = unit.repeat(REPEAT)
    constants = checks.force_constants(big, calculator)
    wave = 2.0 * np.pi / unit.cell[0, 0] * np.array([1.0, 0.0, 0.0])
    phases = np.exp(1j * (big.positions - big.positions[0]) @ wave)
    matrix = np.einsum("ajb,j->ab", constants, phases).real / unit.get_masses()[0]
    return np.sqrt(np.linalg.eigvalsh(matrix) * units._e * 1e20 / units._amu) * 1e-12 / (2.0 * np.pi)


def with_our_calculator(check, calculator):
    """Relaxation, equation of state, elastic constants and phonons. Returns the relaxed crystal, theirs and ASE's."""
    start = AseAtomsAdaptor.get_structure(bulk("Cu", "fcc", 1.01 * checks.COPPER, cubic=True))
    structure = RelaxCalc(calculator, fmax=1e-4).calc(start)["final_structure"]
    unit = bulk("Cu", "fcc", structure.lattice.a, cubic=True)
    unit.calc = calculator
    check.close("pressure after the relaxation, GPa", unit.get_stress()[:3].mean() / units.GPa, 0.0, 0.05)

    c11, c12, c44 = checks.elastic_constants(unit, calculator)
    state = EOSCalc(calculator, relax_structure=False, max_abs_strain=0.02).calc(structure)
    check.close("bulk modulus of the equation of state, GPa", state["bulk_modulus_bm"], (c11 + 2 * c12) / 3, 3.0)
    elastic = ElasticityCalc(
        calculator,
        relax_structure=False,
        relax_deformed_structures=False,
        norm_strains=STRAINS,
        shear_strains=STRAINS,
    ).calc(structure)
    found = np.array(elastic["elastic_tensor"].voigt) / units.GPa  # 0.3.3 gives them in eV/Å³
    check.close("C11, C12, C44, GPa", [found[0, 0], found[0, 1], found[3, 3]], [c11, c12, c44], 2.0)

    phonons = PhononCalc(
        calculator,
        relax_structure=False,
        supercell_matrix=np.diag([REPEAT] * 3),
        t_max=300,
        t_step=100,
        write_phonon=False,
    ).calc(structure)["phonon"]
    found = np.sort(phonons.run_qpoints([POINT]).frequencies[0])
    check.close("frequencies at X, THz", found, frequencies(unit, calculator), 0.02)
    return structure, unit


def main():
    """Runs all of it."""
    warnings.simplefilter("ignore")
    logging.disable(logging.INFO)
    python = checks.begin()
    check = checks.Checks("matcalc")
    potential = checks.train_copper()
    calculator = checks.copper(potential)
    structure, unit = with_our_calculator(check, calculator)
    through_lammps(check, python, potential, calculator, structure, unit)
    check.end()


def through_lammps(check, python, potential, calculator, structure, unit):
    """`load_mtp` of matcalc: maml writes mlip.ini and runs LAMMPS with `pair_style mlip`."""
    theirs = PESCalculator.load_mtp(potential, elements=["Cu"], stress_unit="eV/A3")
    atoms = unit.repeat((2, 2, 1))
    strain = [[1.01, 0.02, 0.0], [0.0, 0.99, 0.03], [0.01, 0.0, 1.02]]
    atoms.set_cell(atoms.cell.array @ np.array(strain), scale_atoms=True)
    atoms.rattle(0.05, seed=3)
    energies, forces, stresses = checks.motep(python, potential, [atoms])
    atoms.calc = theirs
    # maml reads what LAMMPS prints, with its digits.
    check.close("load_mtp: energy, eV, motep", atoms.get_potential_energy(), energies[0], 1e-5)
    check.close("load_mtp: forces, eV/Å, motep", atoms.get_forces(), forces, 1e-4)
    # Its stress is that of LAMMPS: a pressure, xx yy zz xy xz yz. ASE's is a tension, xx yy zz yz xz xy.
    stress = -atoms.get_stress()[[0, 1, 2, 5, 4, 3]]
    check.close("load_mtp: stress put right, eV/Å³, motep", stress, stresses[0], 1e-5)
    few = {"relax_structure": False, "n_points": 5, "max_abs_strain": 0.02}
    found, expected = (EOSCalc(each, **few).calc(structure)["bulk_modulus_bm"] for each in (theirs, calculator))
    check.close("load_mtp: bulk modulus, GPa, the calculator", found, expected, 0.05)


if __name__ == "__main__":
    main()
