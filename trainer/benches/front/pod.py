"""Proper orthogonal descriptors (POD), fitted with `fitpod` and evaluated with `pair_style pod` of LAMMPS.

Weights, degrees and sizes are those of LAMMPS's examples (Ta, InP): 100 for energies, 1 for forces. `fitpod` knows no
virials. The points have products of up to three, four, five and seven bodies.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

# Radial functions and angular degrees of the terms from two bodies on.
SIZES = {
    "3-body": {"two": 6, "three": (5, 5)},
    "4-body": {"two": 8, "three": (6, 5), "four": (4, 3)},
    "5-body": {"two": 8, "three": (6, 5), "four": (5, 3), "five": (3, 2)},
    "7-body": {"two": 8, "three": (6, 5), "four": (5, 3), "five": (3, 2), "six": (2, 1), "seven": (2, 1)},
}
POINTS = list(SIZES)


def fit(case, point, folder, settings):
    frames = folder / "frames"
    frames.mkdir(exist_ok=True)
    write_extxyz(frames / "train.xyz", settings.training_set)
    (folder / "param.pod").write_text(parameter_file(case, point), encoding="utf-8")
    (folder / "data.pod").write_text(data_file("frames"), encoding="utf-8")
    (folder / "in.fit").write_text("units metal\nfitpod param.pod data.pod\n", encoding="utf-8")
    program = next(Path(sys.prefix).glob("lib/python*/site-packages/lammps/lmp"))
    environment = dict(os.environ, OMP_NUM_THREADS="1")
    subprocess.run([program, "-in", "in.fit", "-log", "none"], cwd=folder, check=True, env=environment)
    coefficients = folder / "fitted_coefficients.pod"
    style = f'pair_coeff * * "{folder / "param.pod"}" "{coefficients}" {" ".join(case.species)}'
    count = int(coefficients.read_text().split("model_coefficients:")[1].split()[0])
    return {"engine": "LAMMPS", "style": "pod", "coeff": [style], "parameters": count}


def parameter_file(case, point):
    sizes = SIZES[point]
    lines = [f"species {' '.join(case.species)}", "pbc 1 1 1", "rin 1.0", f"rcut {case.cutoff}"]
    lines += ["bessel_polynomial_degree 4", "inverse_polynomial_degree 8", "onebody 1"]
    lines += [f"twobody_number_radial_basis_functions {sizes['two']}"]
    for bodies in ("three", "four", "five", "six", "seven"):
        radial, angular = sizes.get(bodies, (0, 0))
        lines += [f"{bodies}body_number_radial_basis_functions {radial}", f"{bodies}body_angular_degree {angular}"]
    return "\n".join(lines) + "\n"


def data_file(folder):
    lines = ["file_format extxyz", "file_extension xyz"]
    lines += [f'path_to_training_data_set "{folder}"', f'path_to_test_data_set "{folder}"']
    lines += ["fitting_weight_energy 100.0", "fitting_weight_force 1.0", "fitting_regularization_parameter 1e-12"]
    lines += ["error_analysis_for_training_data_set 0", "error_analysis_for_test_data_set 0"]
    lines += ["basename_for_output_files fitted", "precision_for_pod_coefficients 12"]
    return "\n".join(lines) + "\n"


def write_extxyz(path, frames):
    """Extended XYZ as `fitpod` reads it: cells as lower triangles, atoms inside."""
    from frames import lammps_cell

    with path.open("w", encoding="utf-8") as file:
        for atoms in frames:
            cell, rotation = lammps_cell(atoms)
            places = atoms.get_scaled_positions(wrap=True) @ cell
            forces = atoms.get_forces() @ rotation
            lattice = " ".join(f"{value:.10f}" for value in cell.ravel())
            file.write(f"{len(atoms)}\n")
            file.write(f'Lattice="{lattice}" Properties=species:S:1:pos:R:3:forces:R:3 pbc="T T T"')
            file.write(f" energy={atoms.get_potential_energy():.10f}\n")
            for symbol, row in zip(atoms.get_chemical_symbols(), np.hstack([places, forces])):
                file.write(f"{symbol} " + " ".join(f"{value:.10f}" for value in row) + "\n")
