"""Langevin dynamics with a moment tensor potential that watches itself.

    python md.py [STRUCTURE] [--potential pot.mtp] [--state pot.mtps] [--temperature K] [--steps N] [--threads N]

Without arguments it runs the glass of ../mgv2o5, 96 atoms, at 600 K. With a selection state extrapolation grades are
computed every --every steps: frames above 2.1 are kept in selected.extxyz for a reference calculation, and a run above
10 stops, as with `pair_style mtp/rs` in LAMMPS. The trajectory is md.traj.
"""

import argparse
from pathlib import Path

import numpy as np
from ase import units
from ase.io import Trajectory, read, write
from ase.md.langevin import Langevin
from mtprs.ase import MTP

EXAMPLE = Path(__file__).resolve().parent.parent / "mgv2o5"
SELECT, BREAK = 2.1, 10.0


def arguments():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("structure", nargs="?", default=EXAMPLE / "amorphous_96.data", type=Path)
    parser.add_argument("--potential", default=EXAMPLE / "mgvo.mtp")
    parser.add_argument("--state", help="selection state, from `mtprs state build`")
    parser.add_argument("--temperature", type=float, default=600.0, help="K")
    parser.add_argument("--steps", type=int, default=1000, help="of 1 fs")
    parser.add_argument("--every", type=int, default=100, help="steps between lines and frames")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(), help="folder for md.traj and selected.extxyz")
    return parser.parse_args()


def main():
    """Run."""
    choices = arguments()
    atoms = read(choices.structure, format="lammps-data" if choices.structure.suffix == ".data" else None)
    # grades cost time: they are computed when asked for
    atoms.calc = MTP(choices.potential, state=choices.state, threads=choices.threads, grading="asked")
    dynamics = Langevin(
        atoms,
        1.0 * units.fs,
        temperature_K=choices.temperature,
        friction=0.02 / units.fs,
        fixcm=False,
        rng=np.random.default_rng(choices.seed),
    )
    trajectory = Trajectory(choices.out / "md.traj", "w", atoms)
    selected = choices.out / "selected.extxyz"
    selected.unlink(missing_ok=True)
    print("time/fs  temperature/K  energy/(eV/atom)  pressure/GPa" + ("  grade" if choices.state else ""))
    for _ in dynamics.irun(choices.steps):
        if dynamics.nsteps % choices.every:
            continue
        grade = atoms.calc.get_property("extrapolation_grade", atoms) if choices.state else None
        line = f"{dynamics.nsteps:7d}  {atoms.get_temperature():13.1f}"
        line += f"  {atoms.get_potential_energy() / len(atoms):16.4f}"
        line += f"  {-atoms.get_stress()[:3].mean() / units.GPa:12.3f}"
        print(line + (f"  {grade:5.2f}" if grade is not None else ""), flush=True)
        trajectory.write(atoms)
        if grade is not None and grade > SELECT:
            write(selected, atoms, append=True)
        if grade is not None and grade > BREAK:
            raise SystemExit(f"the grade is above {BREAK:g}: the run has left what the potential knows")


main()
