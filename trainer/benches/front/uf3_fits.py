"""Ultra-fast potentials (UF3): cubic B-splines of pairs and triplets, fitted with uf3, evaluated with LAMMPS.

Regularization and the balance of energies and forces are uf3's defaults. Triplets reach less far than pairs, as in
the examples of its authors. `pair_style uf3` leaves out the energies of atoms.
"""

# Resolution of pairs, cutoff of triplets in Å (or none), resolution of triplets.
SIZES = {
    "pairs": (20, None, None),
    "triplets": (20, 3.5, [6, 6, 12]),
}
POINTS = ["pairs"]  # the features of triplets take uf3 more than ten minutes
SHORTEST = 1.5  # Å; below it splines have no knots


def fit(case, point, folder, settings):
    from uf3.data import composition, io
    from uf3.regression import least_squares
    from uf3.representation import bspline, process

    pairs, reach, triplets = SIZES[point]
    system = composition.ChemicalSystem(element_list=case.species, degree=3 if reach else 2)
    least, most, resolution = {}, {}, {}
    for pair in system.interactions_map[2]:
        least[pair], most[pair], resolution[pair] = SHORTEST, case.cutoff, pairs
    for trio in system.interactions_map.get(3, []):
        least[trio], most[trio], resolution[trio] = [SHORTEST] * 3, [reach, reach, 2 * reach], triplets
    basis = bspline.BSplineBasis(system, r_min_map=least, r_max_map=most, resolution_map=resolution, trailing_trim=3)
    frames = settings.training_set
    table = io.DataCoordinator()
    energies = [atoms.get_potential_energy() for atoms in frames]
    table.dataframe_from_lists(
        [bare(atoms) for atoms in frames], prefix="frame", energies=energies, forces=columns(frames)
    )
    features = process.BasisFeaturizer(basis).evaluate(table.consolidate(remove_duplicates=False), progress=None)
    model = least_squares.WeightedLinearModel(basis, regularizer=basis.get_regularization_matrix())
    tuples = least_squares.dataframe_to_tuples(features, n_elements=len(case.species))
    model.fit(*tuples, weight=0.5)
    write_potential(folder / "fitted.uf3", model)
    # the elements of LAMMPS's types are those of the case; the file names its own
    coeff = f'pair_coeff * * "{folder / "fitted.uf3"}" {" ".join(case.species)}'
    atoms = dict(zip(system.element_list, map(float, model.coefficients)))
    return {
        "engine": "LAMMPS",
        "style": f"uf3 {3 if reach else 2}",
        "coeff": [coeff],
        "offsets": atoms,
        "parameters": len(model.coefficients),
    }


def bare(atoms):
    found = atoms.copy()
    found.calc = None
    return found


def columns(frames):
    return [atoms.get_forces() for atoms in frames]


def write_potential(path, model):
    """The file of `pair_style uf3`: knots and coefficients of each pair and triplet."""
    from uf3.regression import least_squares

    basis = model.bspline_config
    parts = least_squares.arrange_coefficients(model.coefficients, basis)
    trims = f"{basis.leading_trim} {basis.trailing_trim} uk"
    with path.open("w", encoding="utf-8") as file:
        for pair in basis.interactions_map[2]:
            knots = basis.knots_map[pair]
            file.write(f"#UF3 POT UNITS: metal DATE: none AUTHOR: none CITATION:\n2B {' '.join(pair)} {trims}\n")
            file.write(
                f"{basis.r_max_map[pair]} {len(knots)}\n{line(knots)}\n{len(parts[pair])}\n{line(parts[pair])}\n#\n"
            )
        for trio in basis.interactions_map.get(3, []):
            knots = basis.knots_map[trio]
            table = basis.decompress_3B(parts[trio], trio)
            file.write(f"#UF3 POT UNITS: metal DATE: none AUTHOR: none CITATION:\n3B {' '.join(trio)} {trims}\n")
            # of the distances jk, ik and ij, in this order
            cutoffs = " ".join(str(basis.r_max_map[trio][number]) for number in (2, 1, 0))
            file.write(f"{cutoffs} {' '.join(str(len(knots[number])) for number in (2, 1, 0))}\n")
            file.writelines(f"{line(knots[number])}\n" for number in (2, 1, 0))
            file.write(" ".join(map(str, table.shape)) + "\n")
            file.writelines(f"{line(row)}\n" for plane in table for row in plane)
            file.write("#\n")


def line(values):
    return " ".join(f"{value:.17g}" for value in values)
