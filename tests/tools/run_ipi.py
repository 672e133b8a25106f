"""i-PI drives our calculator through a socket: each frame against the calculator and motep, and the conserved energy.

python run_ipi.py FOLDER PYTHON (see checks.py)
"""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import checks
import numpy as np
from ase import units
from ase.build import bulk
from ase.calculators.socketio import SocketClient

STEPS = 40
INPUT = """<simulation verbosity='low'>
 <output prefix='sim'>
  <properties stride='1' filename='out'>
   [ step, conserved{{electronvolt}}, potential{{electronvolt}}, kinetic_md{{electronvolt}}, pressure_md{{gigapascal}} ]
  </properties>
  <trajectory filename='pos' stride='1' format='xyz' cell_units='angstrom'> positions{{angstrom}} </trajectory>
  <trajectory filename='for' stride='1' format='xyz'> forces{{ev/ang}} </trajectory>
 </output>
 <total_steps>{steps}</total_steps>
 <prng><seed>1</seed></prng>
 <ffsocket name='mtp' mode='inet' pbc='false'>
  <address>127.0.0.1</address><port>{port}</port><latency>0.001</latency>
 </ffsocket>
 <system>
  <initialize nbeads='{beads}'>
   <file mode='xyz'> init.xyz </file><velocities mode='thermal' units='kelvin'> 300 </velocities>
  </initialize>
  <forces><force forcefield='mtp'/></forces>
  <ensemble><temperature units='kelvin'> 300 </temperature></ensemble>
  <motion mode='dynamics'><dynamics mode='nve'><timestep units='femtosecond'> 1.0 </timestep></dynamics></motion>
 </system>
</simulation>
"""


def free_port():
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process):
    """Waits until i-PI listens."""
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    process.kill()
    sys.exit("i-PI does not listen:\n" + Path("ipi.log").read_text(encoding="utf-8"))


def simulate(folder, atoms, calculator, beads):
    """Runs i-PI and the client. Returns the table of properties, and positions and forces by bead and frame."""
    os.makedirs(folder)
    port = free_port()
    lengths = " ".join(f"{edge:.10f}" for edge in atoms.cell.lengths())
    head = f"{len(atoms)}\n# CELL(abcABC): {lengths} 90.0 90.0 90.0 positions{{angstrom}} cell{{angstrom}}\n"
    rows = "".join("Cu {:.10f} {:.10f} {:.10f}\n".format(*row) for row in atoms.positions)
    Path(folder, "init.xyz").write_text(head + rows, encoding="utf-8")
    Path(folder, "input.xml").write_text(INPUT.format(steps=STEPS, port=port, beads=beads), encoding="utf-8")
    program = [Path(sys.executable).with_name("i-pi"), "input.xml"]
    with open("ipi.log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(program, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for(port, process)
        client = atoms.copy()
        client.calc = calculator
        SocketClient(host="127.0.0.1", port=port).run(client, use_stress=True)
        code = process.wait(60)
    finally:
        process.kill()
    if code:
        sys.exit(f"i-PI ended with {code}:\n" + Path("ipi.log").read_text(encoding="utf-8"))
    table = np.loadtxt(Path(folder, "sim.out"))
    positions, forces = (
        [frames(path) for path in sorted(Path(folder).glob(f"sim.{kind}_*.xyz"))] for kind in ("pos", "for")
    )
    return table, np.array(positions), np.array(forces)


def frames(path):
    """The numbers of an .xyz file, by frame and atom."""
    lines = path.read_text(encoding="utf-8").splitlines()
    size = int(lines[0]) + 2
    cut = [lines[start + 2 : start + size] for start in range(0, len(lines), size)]
    return [[[float(word) for word in line.split()[1:4]] for line in frame] for frame in cut]


def compare(check, python, potential, calculator, atoms, beads):
    """One simulation, and what i-PI wrote of it against others."""
    table, positions, forces = simulate(f"beads_{beads}", atoms, calculator, beads)
    check.true(f"{beads} beads: a row and a frame for each step", positions.shape[:2] == (beads, STEPS + 1))
    all_frames = []
    for frame in positions.reshape(-1, len(atoms), 3):
        all_frames.append(atoms.copy())
        all_frames[-1].positions = frame
    energies, by_ase, stresses = checks.evaluate(all_frames, calculator)
    # i-PI writes positions with six digits.
    potentials = energies.reshape(beads, -1).mean(axis=0)
    check.close(f"{beads} beads: potential, eV, the calculator", table[:, 2], potentials, 2e-4)
    check.close(f"{beads} beads: forces, eV/Å, the calculator", forces.reshape(-1, 3), by_ase, 5e-4)
    # The length of the time step lets the energy swing by some hundredths of meV; wrong forces, by thousands.
    spread = np.ptp(table[:, 1]) / len(atoms) * 1e3
    check.at_most(f"{beads} beads: conserved energy, meV per atom", spread, 0.3)
    if beads == 1:
        some = slice(None, None, 10)
        by_motep = checks.motep(python, potential, all_frames[some])
        check.close("potential, eV, motep", table[some, 2], by_motep[0], 2e-4)
        kinetic = 2.0 / 3.0 * table[:, 3] / atoms.get_volume()
        pressures = (kinetic - stresses[:, :3].mean(axis=1)) / units.GPa
        check.close("pressure, GPa, the calculator", table[:, 4], pressures, 1e-3)


def main():
    """Runs all of it, classical and with beads."""
    python = checks.begin()
    check = checks.Checks("i-PI")
    potential = checks.train_copper()
    calculator = checks.copper(potential)
    atoms = bulk("Cu", "fcc", checks.COPPER, cubic=True).repeat(2)
    atoms.rattle(0.05, seed=1)
    for beads in (1, 4):
        compare(check, python, potential, calculator, atoms, beads)
    check.end()


if __name__ == "__main__":
    main()
