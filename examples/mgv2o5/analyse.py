"""Draw the demo's picture: temperature and energy against time, and partial radial distribution functions.

    python analyse.py [--run .] [--data amorphous_96.data] [--out demo.png]

Reads demo.thermo and demo.dump, which in.demo wrote into the run's folder, and the elements from the Masses of
the data file. Lengths in Å, times in ps, energies in eV per atom.
"""

import argparse
import re
from itertools import combinations_with_replacement
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

BIN = 0.05


def read_elements(path):
    """Return the element of each atom type, from the comments of a data file's Masses section."""
    elements, inside = {}, False
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() == "Masses":
            inside = True
        elif inside and (match := re.match(r"\s*(\d+)\s+\S+\s*#\s*([A-Z][a-z]?)\s*$", line)):
            elements[int(match[1])] = match[2]
        elif inside and line.strip():
            break
    if not elements:
        raise SystemExit(f"error: no element names behind the masses in {path}")
    return elements


def read_table(path):
    """Return the columns of demo.thermo: time, temperature, potential energy, total energy, pressure."""
    table = np.loadtxt(path, ndmin=2)
    if table.shape[0] < 2 or table.shape[1] != 5:
        raise SystemExit(f"error: {path}: got a table of shape {table.shape}, expected 5 columns and 2 rows or more")
    # the last line of the first run and the first one of the second are the same step
    return table[np.append(np.diff(table[:, 0]) > 0, True)].T


def read_dump(path):
    """Yield (edges, types, positions) of every frame of a text dump `id type x y z` in an orthogonal box."""
    with open(path, encoding="utf-8") as file:
        while line := file.readline():
            if line.startswith("ITEM: NUMBER OF ATOMS"):
                count = int(file.readline())
            elif line.startswith("ITEM: BOX BOUNDS"):
                if "xy" in line:
                    raise SystemExit(f"error: {path}: got a tilted box, expected an orthogonal one")
                bounds = np.array([file.readline().split() for _ in range(3)], dtype=float)
            elif line.startswith("ITEM: ATOMS"):
                columns = line.split()[2:]
                if columns != ["id", "type", "x", "y", "z"]:
                    raise SystemExit(f"error: {path}: got columns {columns}, expected id type x y z")
                rows = np.array([file.readline().split() for _ in range(count)], dtype=float)
                yield bounds[:, 1] - bounds[:, 0], rows[:, 1].astype(int), rows[:, 2:]


def count_pairs(edges, first, second, bins):
    """Return the histogram of minimum-image distances from each of `first` to each of `second`."""
    counts = np.zeros(len(bins) - 1)
    for rows in np.array_split(first, max(1, len(first) // 128)):
        apart = rows[:, None, :] - second[None, :, :]
        apart -= edges * np.round(apart / edges)
        distances = np.sqrt((apart**2).sum(axis=-1)).ravel()
        counts += np.histogram(distances[distances > 1e-8], bins)[0]
    return counts


def radial_distributions(frames, elements, reach):
    """Return r and {(A, B): g_AB(r)}, averaged over frames.

    g_AB = n_AB(r) / (N_A rho_B 4 pi r² dr), n_AB the number of ordered pairs, rho_B = N_B / V, or
    (N_A - 1) / V for like atoms, so that g tends to 1 in a disordered solid far away.
    """
    bins = np.arange(0.0, reach + 1e-9, BIN)
    shells = 4.0 / 3.0 * np.pi * np.diff(bins**3)
    pairs = list(combinations_with_replacement(sorted(elements), 2))
    sums, used = {pair: np.zeros(len(shells)) for pair in pairs}, 0
    for edges, types, positions in frames:
        used += 1
        for a, b in pairs:
            first, second = positions[types == a], positions[types == b]
            partners = len(second) - (a == b)
            density = partners / np.prod(edges)
            sums[a, b] += count_pairs(edges, first, second, bins) / (len(first) * density * shells)
    if used == 0:
        raise SystemExit("error: the dump holds no frame")
    names = {pair: (elements[pair[0]], elements[pair[1]]) for pair in pairs}
    return 0.5 * (bins[1:] + bins[:-1]), {names[pair]: total / used for pair, total in sums.items()}


def draw(table, distances, functions, begin, title, path):
    """Draw the three panels."""
    time, kelvin, potential, total, _ = table
    figure, (heat, energy, structure) = plt.subplots(
        3, 1, figsize=(8, 10), height_ratios=(1, 1, 1.6), layout="constrained"
    )
    figure.suptitle(title)
    heat.plot(time, kelvin, color="tab:red")
    heat.set(ylabel="temperature (K)", xlabel="time (ps)")
    energy.plot(time, total, label="total", color="tab:blue")
    energy.plot(time, potential, label="potential", color="tab:green")
    energy.set(ylabel="energy (eV/atom)", xlabel="time (ps)")
    for panel in (heat, energy):
        panel.axvline(begin, color="0.5", linestyle="--", linewidth=1, label="NVT from here")
        panel.legend(loc="best")
        panel.margins(x=0.01)
    for names, values in functions.items():
        structure.plot(distances, values, label="–".join(names))
    structure.axhline(1.0, color="0.8", linewidth=1, zorder=0)
    structure.set(xlabel="r (Å)", ylabel="g(r)", xlim=(1.0, distances[-1]), ylim=(0.0, None))
    structure.legend(title="NVT part", ncols=2)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=Path, default=Path(), help="folder with demo.thermo and demo.dump")
    parser.add_argument("--data", type=Path, default=Path(__file__).with_name("amorphous_96.data"))
    parser.add_argument("--out", type=Path, default=Path("demo.png"), help="picture to write")
    parser.add_argument("--timestep", type=float, default=0.002, help="ps (default: 0.002)")
    options = parser.parse_args()
    table = read_table(options.run / "demo.thermo")
    dump = options.run / "demo.dump"
    with open(dump, encoding="utf-8") as file:
        file.readline()
        begin = int(file.readline()) * options.timestep
    frames = list(read_dump(dump))
    reach = min(edges.min() for edges, _, _ in frames) / 2
    distances, functions = radial_distributions(frames, read_elements(options.data), min(reach, 8.0))
    atoms = len(frames[0][1])
    title = f"amorphous MgV$_2$O$_5$, {atoms} atoms, {len(frames)} frames of NVT"
    draw(table, distances, functions, begin, title, options.out)
    late = table[:, table[0] >= begin]
    print(f"NVT: mean temperature {late[1].mean():.1f} K, mean potential energy {late[2].mean():.5f} eV/atom")
    for names, values in functions.items():
        print(f"{'-'.join(names):6s} highest g(r) {values.max():6.2f} at {distances[values.argmax()]:.2f} Å")
    print(f"picture: {options.out}")


if __name__ == "__main__":
    main()
