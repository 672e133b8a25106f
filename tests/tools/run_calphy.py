"""calphy runs LAMMPS with `pair_style mtp/rs`: free energies of copper against exact relations and a harmonic crystal.

python run_calphy.py FOLDER PYTHON (see checks.py)
"""

import json
import os
import sys
from pathlib import Path

import checks
import numpy as np
import yaml
from ase import units
from ase.build import bulk
from ase.io.lammpsdata import write_lammps_data

TEMPERATURE, HIGHER = 300.0, 400.0
REPEAT = 3
# By how much the energy of an atom is larger in the second potential; otherwise it is the same.
SHIFT = 0.125
MASS = 63.546


def shifted(path, out):
    """The potential with another energy of the lone atom, which changes no force."""
    lines = []
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        head, is_set, value = line.partition("=")
        if head.strip() == "species_coeffs" and is_set:
            line = f"species_coeffs = {{{float(value.strip(' {}')) + SHIFT!r}}}"
        lines.append(line)
    Path(out).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return os.path.abspath(out)


def calphy(mode, potentials, temperature):
    """Runs one calculation. Returns the folder of its results and its report."""
    os.makedirs(mode)
    job = {
        "mode": mode,
        "element": ["Cu"],
        "mass": [MASS],
        "lattice": os.path.abspath("copper.data"),
        "file_format": "lammps-data",
        "temperature": temperature,
        "pressure": 0,
        "pair_style": ["mtp/rs species Cu"] * len(potentials),
        "pair_coeff": [f"* * {path} Cu" for path in potentials],
        "reference_phase": "solid",
        "n_equilibration_steps": 100,
        "n_switching_steps": 400,
        "n_iterations": 1,
        "md": {
            "timestep": 0.002,
            "n_small_steps": 500,
            "n_every_steps": 5,
            "n_repeat_steps": 10,
            "n_cycles": 20,
            "thermostat_damping": 0.1,
            "barostat_damping": 0.1,
        },
        # Such short runs do not settle; what is checked does not need it.
        "tolerance": {
            "pressure": 20000.0,
            "lattice_constant": 1.0,
            "spring_constant": 100.0,
            "solid_fraction": 0.0,
            "liquid_fraction": 1.0,
        },
        "queue": {"scheduler": "local", "cores": 1},
    }
    # JSON is YAML, too.
    Path(mode, "input.yaml").write_text(json.dumps({"calculations": [job]}), encoding="utf-8")
    checks.run(Path(sys.executable).with_name("calphy_kernel"), "-i", "input.yaml", "-k", "0", cwd=mode)
    return Path(mode)


def report(folder):
    """The only report below a folder."""
    (path,) = folder.glob("**/report.yaml")
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def harmonic(calculator, volume, temperature):
    """The classical harmonic free energy of the same cell, translations included, eV per atom."""
    edge = (4.0 * volume) ** (1.0 / 3.0)
    unit = bulk("Cu", "fcc", edge, cubic=True)
    atoms = unit.repeat(REPEAT)
    count = len(atoms)
    (energy,), _, _ = checks.evaluate([atoms], calculator)
    constants = checks.force_constants(atoms, calculator)
    # The other atoms see the same, moved.
    sites = np.rint(atoms.positions / (edge / 2.0)).astype(int)
    index = {tuple(site): number for number, site in enumerate(sites)}
    matrix = np.zeros((count, 3, count, 3))
    for atom, site in enumerate(sites):
        order = [index[tuple(other)] for other in (sites - sites[0] + site) % (2 * REPEAT)]
        matrix[atom][:, order] = constants
    matrix = matrix.reshape(3 * count, 3 * count)
    squares = np.linalg.eigvalsh((matrix + matrix.T) / 2.0)[3:] / MASS
    quanta = np.sqrt(squares) * units._hbar * 1e10 / np.sqrt(units._e * units._amu)
    heat = units.kB * temperature
    wavelength = units._hplanck / np.sqrt(2.0 * np.pi * MASS * units._amu * heat * units._e) * 1e10
    return (energy + heat * np.log(quanta / heat).sum() - heat * np.log(volume / wavelength**3)) / count


def main():
    """Runs all of it."""
    checks.begin()
    # calphy asks `lmp -h` for the pair style, and LAMMPS answers without loading plugins.
    os.environ["CALPHY_SKIP_PREFLIGHT"] = "1"
    check = checks.Checks("calphy")
    potential = checks.train_copper()
    write_lammps_data("copper.data", bulk("Cu", "fcc", checks.COPPER, cubic=True).repeat(REPEAT), masses=True)

    folder = calphy("ts", [potential], [TEMPERATURE, HIGHER])
    solid = report(folder)
    volume = solid["average"]["vol_atom"]
    calculator = checks.copper(potential)
    expected = [harmonic(calculator, volume, temperature) for temperature in (TEMPERATURE, HIGHER)]
    # So few steps cost 7 meV of dissipation, half of which may stay in the result; the rest is what the crystal is not
    # harmonic, and the pressure that is not quite 0.
    check.close("free energy, eV per atom, harmonic", solid["results"]["free_energy"], expected[0], 0.02)
    (path,) = folder.glob("**/temperature_sweep.dat")
    sweep = np.loadtxt(path)
    found = np.interp(HIGHER, sweep[:, 0], sweep[:, 1]) - np.interp(TEMPERATURE, sweep[:, 0], sweep[:, 1])
    check.close("its change by reversible scaling, eV per atom, harmonic", found, expected[1] - expected[0], 0.01)

    changed = report(calphy("alchemy", [potential, shifted(potential, "shifted.mtp")], TEMPERATURE))
    check.close("free energy of a shift of all energies, eV per atom", changed["results"]["free_energy"], SHIFT, 1e-6)
    check.close("dissipation of it, eV per atom", changed["results"]["dissipation"], 0.0, 1e-6)
    check.end()


if __name__ == "__main__":
    main()
