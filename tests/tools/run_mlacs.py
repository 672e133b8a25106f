"""MLACS trains and runs potentials by `mlp` and `mlp3` and LAMMPS, unchanged: its numbers against motep.

python run_mlacs.py FOLDER PYTHON (see checks.py)
"""

import os

import checks
import numpy as np
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import read
from ase.io.lammpsdata import write_lammps_data
from ase.units import GPa
from mlacs import OtfMlacs
from mlacs.calc import CalcManager
from mlacs.mlip import MomentTensorPotential
from mlacs.state import LammpsState

LAMMPS = """units metal
atom_style atomic
read_data frame.data
pair_style {style}
pair_coeff {coefficients}
thermo_modify format float %.12g
run 0
print "energy: $(pe:%.15g)"
"""


def known(atoms):
    """A frame that keeps its results and no calculator."""
    frame = atoms.copy()
    results = {"energy": atoms.get_potential_energy(), "forces": atoms.get_forces(), "stress": atoms.get_stress()}
    frame.calc = SinglePointCalculator(frame, **results)
    return frame


def train(check, python, program, version):
    """A potential, trained twice, as MLACS does in each of its rounds."""
    frames = [known(atoms) for atoms in checks.crystals(8)]
    settings = {"mtp_parameters": {"level": 6, "min_dist": 1.8}, "fit_parameters": {"max_iter": 25}}
    potential = MomentTensorPotential(frames[0], mlpbin=program, **settings)
    check.true(f"{program}: taken for {version}", version in str(potential.version))
    potential.update_matrices(frames)
    potential.train_mlip()
    file = os.path.abspath(potential.subsubdir / "pot.mtp")
    energies, forces, stresses = checks.motep(python, file, frames)
    energies /= [len(atoms) for atoms in frames]
    for kind, unit, expected in (
        ("Energy", "eV per atom", energies),
        ("Forces", "eV/Å", forces.ravel()),
        ("Stress", "GPa", stresses.ravel() / GPa),
    ):
        read_by_mlacs = np.loadtxt(f"MLIP-{kind}_comparison.dat")[:, 1]
        check.close(f"{program}: {kind.lower()} as MLACS reads it, {unit}, motep", read_by_mlacs, expected, 1e-6)

    potential.update_matrices(frames[:1])
    potential.train_mlip()
    file = os.path.abspath(potential.subdir / "pot.mtp")
    write_lammps_data("frame.data", frames[1], masses=True)
    style, coefficients = potential.get_pair_style(), potential.get_pair_coeff()[0]
    with open("in.frame", "w", encoding="utf-8") as script:
        script.write(LAMMPS.format(style=style, coefficients=coefficients))
    said = checks.run("lmp", "-in", "in.frame", "-log", "none", "-nocite")
    found = [float(line.split()[1]) for line in said.splitlines() if line.startswith("energy: ")]
    energies, _, _ = checks.motep(python, file, frames[1:2])
    # Positions in the data file have some digits less.
    check.close(f"{program}: energy of `pair_style {style.split()[0]}`, eV, motep", found, energies, 1e-5)


def learn(check, program):
    """Rounds of MLACS with EMT in the place of DFT."""
    atoms = bulk("Cu", "fcc", checks.COPPER, cubic=True).repeat(2)
    settings = {"mtp_parameters": {"level": 4, "min_dist": 1.8}, "fit_parameters": {"max_iter": 10}}
    potential = MomentTensorPotential(atoms, mlpbin=program, **settings)
    state = LammpsState(300.0, nsteps=50, nsteps_eq=20, dt=1.0)
    OtfMlacs(atoms, state, CalcManager(EMT()), potential, neq=2, confs_init=2).run(2)
    frames = read("Trajectory.traj", ":")
    check.true(f"{program}: frames of two rounds", len(frames) >= 2)
    found = [atoms.get_potential_energy() for atoms in frames]
    expected, _, _ = checks.evaluate(frames, EMT())
    check.close(f"{program}: energies of the trajectory, eV, EMT", found, expected, 1e-8)


def main():
    """Runs all of it in the words of MLIP-2 and of MLIP-3."""
    python = checks.begin()
    check = checks.Checks("MLACS")
    os.environ["ASE_LAMMPSRUN_COMMAND"] = "lmp"
    top = os.getcwd()
    for program, version in (("mlp", "2"), ("mlp3", "3")):
        for name, part in (("train", lambda p, v: train(check, python, p, v)), ("learn", lambda p, _: learn(check, p))):
            os.makedirs(f"{top}/{program}-{name}")
            os.chdir(f"{top}/{program}-{name}")
            part(program, version)
    check.end()


if __name__ == "__main__":
    main()
