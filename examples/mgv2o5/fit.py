"""Fit a Mg-V-O moment tensor potential to train.cfg and hard.cfg; report its errors on them and on validation.cfg.

    python fit.py --out first                       # first round, train.cfg alone: writes first/mgvo.mtp
    python fit.py --start first/mgvo.mtp            # second round, with hard.cfg: writes mgvo.mtp and errors.txt
    python fit.py --errors-only                     # errors of the mgvo.mtp that lies here

motep evaluates the potential and its derivatives with respect to the parameters; the least squares are solved
here by Levenberg's and Marquardt's method, first on a part of the frames, then on all. Units: eV, Å, GPa.
"""

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from ase import units
from ase.data import atomic_numbers
from motep.calculator import MTP
from motep.io.mlip.cfg import read_cfg
from motep.io.mlip.mtp import read_mtp, write_mtp
from structures import ELEMENTS, load_potential
from template import write_template

HERE = Path(__file__).resolve().parent
ENERGY_ERROR = 0.001  # eV/atom, the error that weighs as one
FORCE_ERROR = (0.1, 0.05)  # eV/Å, and the share of the force's length added to it
STRESS_ERROR = 0.5  # GPa
STAGES = ((4, 60, 1e-2), (1, 20, 1e-2), (1, 14, 1e-5))  # every nth frame, steps, first damping
SECOND_ROUND = ((1, 12, 1e-4),)  # the same, with hard.cfg
HARD_FORCE = 15.0  # eV/Å, from which on only a frame's forces count
RIDGE = 1e-9  # of the first, linear solution, relative to the scaled normal matrix's diagonal


def read_frames(path):
    """Read labeled frames of a `.cfg` file whose types 0, 1, 2 are Mg, V, O."""
    with open(path, encoding="utf-8") as file:
        return read_cfg(file, ":", species=[atomic_numbers[element] for element in ELEMENTS])


class LeastSquares:
    """Weighted residuals of a set of labeled frames and their normal equations."""

    def __init__(self, frames, parameters):
        self.parameters = parameters
        self.terms = []
        for frame in frames:
            labels = frame.calc.results
            lengths = np.linalg.norm(labels["forces"], axis=1)
            whole = float(lengths.max() < HARD_FORCE)
            weights = np.concatenate(
                [
                    [whole / (ENERGY_ERROR * len(frame))],
                    np.repeat(1.0 / (FORCE_ERROR[0] + FORCE_ERROR[1] * lengths), 3),
                    np.full(6, whole / (STRESS_ERROR * units.GPa)),
                ]
            )
            target = np.concatenate([[labels["energy"]], labels["forces"].ravel(), labels["stress"]])
            calculators = {mode: MTP(parameters, mode=mode) for mode in ("run", "train")}
            self.terms.append((frame, weights, target, calculators))
        self.rows = sum(len(weights) for _, weights, _, _ in self.terms)

    def residuals(self, term, mode):
        """Return the weighted residuals of one frame."""
        frame, weights, target, calculators = term
        calculator = calculators[mode]
        calculator.update_parameters(self.parameters)
        energy = calculator.get_potential_energy(frame)
        forces, stress = calculator.get_forces(frame), calculator.get_stress(frame)
        return weights * (np.concatenate([[energy], forces.ravel(), stress]) - target)

    def loss(self, values):
        """Return the sum of squared residuals."""
        self.parameters.parameters = values
        return sum((self.residuals(term, "run") ** 2).sum() for term in self.terms)

    def normal_equations(self, values):
        """Return JᵀJ, Jᵀr and the sum of squared residuals, J the residuals' Jacobian."""
        self.parameters.parameters = values
        matrix, gradient, loss = np.zeros((values.size, values.size)), np.zeros(values.size), 0.0
        for term in self.terms:
            frame, weights, _, calculators = term
            residuals = self.residuals(term, "train")
            engine = calculators["train"].engine
            columns = np.concatenate(
                [
                    engine.jac_energy(frame).parameters[:, None],
                    engine.jac_forces(frame).parameters.reshape(values.size, -1),
                    engine.jac_stress(frame).parameters.reshape(values.size, 9)[:, [0, 4, 8, 5, 2, 1]],
                ],
                axis=1,
            )
            columns *= weights
            matrix += columns @ columns.T
            gradient += columns @ residuals
            loss += residuals @ residuals
        return matrix, gradient, loss


def solve_linear(problem, values, count):
    """Return values with the first `count` parameters, in which the energy is linear, solved for."""
    matrix, gradient, _ = problem.normal_equations(values)
    scale = np.sqrt(np.diag(matrix)[:count]) + 1e-300
    scaled = matrix[:count, :count] / np.outer(scale, scale) + RIDGE * np.eye(count)
    values = values.copy()
    values[:count] -= np.linalg.solve(scaled, gradient[:count] / scale) / scale
    return values


def minimize(problem, values, steps, damping, checkpoint):
    """Run Levenberg-Marquardt steps with Nielsen's rule for the damping; return the best values."""
    growth, scale = 2.0, 0.0
    begin = time.perf_counter(), time.process_time()
    matrix, gradient, loss = problem.normal_equations(values)
    for step in range(1, steps + 1):
        scale = np.maximum(np.sqrt(np.diag(matrix)), 0.7 * scale)
        scaled = matrix / np.outer(scale, scale) + damping * np.eye(values.size)
        move = np.linalg.solve(scaled, gradient / scale)
        trial = values - move / scale
        gain = (loss - problem.loss(trial)) / (move @ (damping * move + gradient / scale))
        if gain > 0.0:
            values = trial
            matrix, gradient, loss = problem.normal_equations(values)
            damping, growth = damping * max(0.2, 1.0 - (2.0 * gain - 1.0) ** 3), 2.0
            checkpoint(values)
        else:
            damping, growth = damping * growth, growth * 2.0
        print(
            f"step {step:3d}: weighted RMS {np.sqrt(loss / problem.rows):.4f}, damping {damping:.1e}, "
            f"{time.perf_counter() - begin[0]:.0f} s, {time.process_time() - begin[1]:.0f} s of CPU",
            flush=True,
        )
    return values


def untrained(options):
    """Return a potential with random radial functions and everything linear at zero."""
    template = options.out / "initial.mtp"
    write_template(template, options.level, len(ELEMENTS), options.min_dist, options.cutoff)
    parameters = read_mtp(template)
    template.unlink()
    parameters.potential_name = f"MgVO-level{options.level}-demo"
    parameters.potential_tag = " ".join(ELEMENTS)
    rng = np.random.default_rng(options.seed)
    parameters.initialize(rng)
    shape = parameters.radial_coeffs.shape
    parameters.radial_coeffs = rng.normal(0.0, 0.1, shape) / np.arange(1, shape[3] + 1)
    parameters.moment_coeffs[:] = 0.0
    parameters.species_coeffs[:] = 0.0
    return parameters


def train(options):
    """Fit the potential; write it after every accepted step."""
    target = options.out / "mgvo.mtp"
    parameters = read_mtp(options.start) if options.start else untrained(options)
    parameters.species = [atomic_numbers[element] for element in ELEMENTS]

    def checkpoint(values):
        parameters.parameters = values
        temporary = target.with_suffix(".mtp.tmp")
        write_mtp(temporary, parameters, legacy=True)
        os.replace(temporary, target)

    frames = read_frames(HERE / "train.cfg")
    if options.start:
        frames += read_frames(HERE / "hard.cfg")
    values = parameters.parameters
    linear = len(ELEMENTS) + parameters.alpha_scalar_moments
    stages = SECOND_ROUND if options.start else STAGES
    for every, steps, damping in stages:
        problem = LeastSquares(frames[::every], parameters)
        print(f"{len(frames[::every])} frames, {problem.rows} residuals, {values.size} parameters", flush=True)
        if not values[:linear].any():
            values = solve_linear(problem, values, linear)
        values = minimize(problem, values, steps, damping, checkpoint)
    checkpoint(values)


def differences(potential, path):
    """Return energies (meV/atom), force components and stress components: computed minus labeled."""
    calculator = load_potential(potential)
    energies, forces, stresses = [], [], []
    for frame in read_frames(path):
        labels = frame.calc.results
        frame.calc = calculator
        energies.append(1000.0 * (frame.get_potential_energy() - labels["energy"]) / len(frame))
        forces.append((frame.get_forces() - labels["forces"]).ravel())
        stresses.append((frame.get_stress() - labels["stress"]) / units.GPa)
    return np.array(energies), np.concatenate(forces), np.concatenate(stresses)


def report(potential):
    """Return the error table of both sets as text."""
    lines = ["set         quantity                     count       MAE      RMSE       max"]
    names = ("energy (meV/atom)", "force component (eV/Å)", "stress component (GPa)")
    for name in ("train", "hard", "validation"):
        for quantity, errors in zip(names, differences(potential, HERE / f"{name}.cfg")):
            mean, root, most = np.abs(errors).mean(), np.sqrt((errors**2).mean()), np.abs(errors).max()
            lines.append(f"{name:11s} {quantity:25s} {errors.size:8d} {mean:9.4f} {root:9.4f} {most:9.4f}")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--level", type=int, default=12, help="level of the potential (default: 12)")
    parser.add_argument("--cutoff", type=float, default=5.5, help="Å (default: 5.5)")
    parser.add_argument("--min-dist", type=float, default=1.4, help="Å (default: 1.4)")
    parser.add_argument("--seed", type=int, default=3, help="of the starting radial coefficients (default: 3)")
    parser.add_argument("--start", type=Path, help="second round: from this potential, with hard.cfg too")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write mgvo.mtp and errors.txt to")
    parser.add_argument("--errors-only", action="store_true", help="do not train")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if not options.errors_only:
        train(options)
    table = report(options.out / "mgvo.mtp")
    (options.out / "errors.txt").write_text(table, encoding="utf-8")
    print(table, end="")


if __name__ == "__main__":
    main()
