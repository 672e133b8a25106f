"""Potentials that the program which fitted them evaluates itself: a process of its own, which waits for its turns.

As a script: reads a description (JSON), then does what the lines of its input ask for, and answers in JSON.
"""

import importlib
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

from frames import held_out_errors

# Which module evaluates. Its `Evaluator(description, species)` has `energy_and_forces(atoms)` and `prepared(atoms)`,
# which returns a function that evaluates those atoms once and returns the seconds that it took.
ENGINES = {"motep": "motep_fits", "pypolymlp": "polymlp", "ace-jax": "ace"}


class OwnModel:
    def __init__(self, description, case, settings):
        environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", JAX_PLATFORMS="cpu")
        self.process = subprocess.Popen(
            [sys.executable, __file__, json.dumps(description), json.dumps(case.species)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )

    def errors(self, frames):
        bare = [frame_without_labels(atoms) for atoms in frames]
        return held_out_errors(frames, *zip(*(self._ask("evaluate", atoms) for atoms in bare)))

    def prepare(self, atoms, folder):
        self.atoms = len(atoms)
        self._ask("prepare", frame_without_labels(atoms))

    def turn(self):
        return self._ask("turn", None) / self.atoms

    def _ask(self, what, atoms):
        import numpy as np

        self.process.stdin.write(json.dumps([what, pickle.dumps(atoms).hex()]) + "\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.startswith("answer "):
                answer = json.loads(line.removeprefix("answer "))
                return (answer[0], np.array(answer[1])) if what == "evaluate" else answer
        raise SystemExit(f"the evaluator ended with {self.process.wait()}")


def frame_without_labels(atoms):
    bare = atoms.copy()
    bare.calc = None
    return bare


def serve(description, species):
    """Answer until the input ends."""
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    # one core, as for LAMMPS
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    evaluator = importlib.import_module(ENGINES[description["engine"]]).Evaluator(description, species)
    turn = None
    for line in sys.stdin:
        what, packed = json.loads(line)
        atoms = pickle.loads(bytes.fromhex(packed))
        if what == "evaluate":
            energy, forces = evaluator.energy_and_forces(atoms)
            answer = [float(energy), [[float(x) for x in row] for row in forces]]
        elif what == "prepare":
            turn = evaluator.prepared(atoms)
            answer = None
        else:
            answer = min(turn() for _ in range(3))
        print("answer " + json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve(json.loads(sys.argv[1]), json.loads(sys.argv[2]))
