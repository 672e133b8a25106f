"""ASE's own tests, as they are, with our calculator in place of the one that they use (EMT).

    python ase_own_tests.py frames OUT.extxyz        frames of metals that EMT labels, to fit a potential to
    python ase_own_tests.py run POT.mtp              those tests of ASE with EMT that fit any calculator of metals

Fails where a test fails, or where the calculator was not asked for anything.
"""

import sys

import ase.calculators.emt
import numpy as np
from ase.build import bulk, fcc100, fcc111
from ase.io import write
from mtprs import Evaluator
from mtprs.ase import MTP

METALS = ["Al", "Ni", "Cu", "Pd", "Ag", "Pt", "Au"]

# Modules of ase.test that ask the calculator for energies, forces and stresses of metals, and for what ASE makes of
# them: finite differences, trajectories, constraints, dynamics, relaxation. Left out are those that know numbers of EMT
# by heart, molecules, what needs other programs, and calculator.test_fd: it wants seven digits of finite
# differences in each component of a stress, and rounding leaves fewer where a component is small.
MODULES = [
    "test_loggingcalc",
    "test_mixingcalc",
    "test_forcecurve",
    "test_potential_energies",
    "test_issue276",
    "test_singlepointcalc",
    "test_linesearch_maxstep",
    "cell.test_supercell",
    "standardization.test_properties",
    "filter.test_strain_emt",
    "constraints.test_hookean",
    "constraints.test_hookean_pbc",
    "constraints.test_fixscaled",
    "constraints.test_parameteric_constr",
    "emt.test_emt",
    "emt.test_emt1",
    "emt.test_emt_stress",
    "neb.test_neb",
    "precon.test_precon_assembly",
    "md.test_langevin_asapcompat",
    "md.test_bussi",
    "md.test_ce_potentiostat",
    "md.test_md_stepwise",
    "md.test_md",
    "md.test_langevin_com",
    "optimize.test_optimize_stepwise",
    "optimize.test_fire2",
    "optimize.test_replay",
    "optimize.test_restart",
    "optimize.test_nsteps",
    "optimize.test_rfo",
    "optimize.test_optimizer_restart",
]


def frames(out):
    """Write crystals, slabs, vacancies and alloys of metals, pushed and strained, with what EMT says of them."""
    random = np.random.default_rng(1)
    labeled = []

    def add(atoms, push, strain):
        atoms = atoms.copy()
        atoms.info.clear()
        atoms.set_cell(atoms.cell[:] @ (np.eye(3) + strain * random.uniform(-1, 1, (3, 3))), scale_atoms=True)
        atoms.positions += random.normal(0, push, atoms.positions.shape)
        atoms.calc = ase.calculators.emt.EMT()
        atoms.get_forces()
        if atoms.pbc.all():
            atoms.get_stress()
        labeled.append(atoms)

    for metal in METALS:
        crystal = bulk(metal, cubic=True) * (2, 2, 2)
        for _ in range(10):
            add(crystal, random.uniform(0, 0.2), 0.04)
        for _ in range(4):
            vacancy = crystal.copy()
            del vacancy[int(random.integers(len(vacancy)))]
            add(vacancy, 0.1, 0.02)
        for make in (fcc100, fcc111):
            for _ in range(3):
                add(make(metal, (2, 2, 3), vacuum=8, periodic=True), 0.1, 0)
    for _ in range(60):
        alloy = bulk("Cu", cubic=True, a=random.uniform(3.6, 4.1)) * (2, 2, 2)
        alloy.symbols = random.choice(random.choice(METALS, 2, replace=False), len(alloy)).tolist()
        add(alloy, 0.1, 0.03)
    write(out, labeled)


class Outcome:
    """Counts what pytest reports."""

    def __init__(self):
        self.passed = self.failed = 0

    def pytest_runtest_logreport(self, report):
        self.passed += report.when == "call" and report.passed
        self.failed += report.failed


def run(mtp):
    """Run the modules in this process."""
    import pytest

    evaluations = [0]
    evaluate = Evaluator.evaluate

    def counted(*arguments, **choices):
        evaluations[0] += 1
        return evaluate(*arguments, **choices)

    class Replacement(MTP):
        """Our calculator, made without arguments like EMT."""

        def __init__(self, **choices):
            super().__init__(mtp, **choices)

    Evaluator.evaluate = counted
    ase.calculators.emt.EMT = Replacement
    outcome = Outcome()
    options = ["-q", "--no-header", "-p", "no:cacheprovider", "--pyargs"]
    status = pytest.main([*options, *(f"ase.test.{module}" for module in MODULES)], plugins=[outcome])
    print(f"{outcome.passed} of ASE's tests passed, {outcome.failed} failed, {evaluations[0]} evaluations")
    assert status == 0 and outcome.failed == 0, status
    assert outcome.passed >= len(MODULES) and evaluations[0] > 1000


{"frames": frames, "run": run}[sys.argv[1]](*sys.argv[2:])
