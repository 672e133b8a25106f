"""Draw the pictures of the documentation from runs of the program and from stored tables.

    python docs/pictures.py --mtprs target/release/mtprs

Writes docs/src/pictures: parity.svg and course.svg, parts of the report of a fit to the frames of examples/mgv2o5 (some
15 s of processor time); level.svg and neighbors.svg from rust-core/benches/evaluation.txt and docs/cost.txt;
learning.svg from the table of examples/learn/README.md; demo.png from build/demo, where `make demo` left it; eos.png,
phonons.png and free_energy.png by examples/recipes, with the library of `make python-library`. Needs matplotlib and
pillow.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs/src/pictures"
plt.rcParams.update(
    {
        "svg.fonttype": "none",
        "svg.hashsalt": "mtprs",
        "font.family": "sans-serif",
        "axes.grid": True,
        "grid.color": "#e6eaee",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "figure.constrained_layout.use": True,
    }
)


def save(figure, name):
    """Write a figure without the date."""
    figure.savefig(PICTURES / name, metadata={"Date": None})
    plt.close(figure)


def parts_of_report(report, labels, columns, name):
    """Write those plots of a report whose descriptions begin with the labels, side by side, with the report's style."""
    text = report.read_text(encoding="utf-8")
    style = re.search(r"<style>(.*?)</style>", text, re.S)[1]
    # the picture stands on white
    style = re.sub(r"@media \(prefers-color-scheme: dark\) \{.*?\n\}", "", style, flags=re.S)
    plots = []
    for label in labels:
        start = re.search(rf'<svg class="plot"[^>]*aria-label="{re.escape(label)}', text).start()
        # plots hold an <svg> of their own
        end = text.index("</svg>", text.index("</svg>", start) + 1) + len("</svg>")
        plots.append(text[start:end])
    width, height = (float(size) for size in re.search(r'viewBox="0 0 (\S+) (\S+)"', plots[0]).groups())
    rows = -(-len(plots) // columns)
    placed = [
        plot.replace(
            "<svg ", f'<svg x="{i % columns * width}" y="{i // columns * height}" width="{width}" height="{height}" ', 1
        )
        for i, plot in enumerate(plots)
    ]
    size = f'viewBox="0 0 {columns * width} {rows * height}" width="{columns * width}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    (PICTURES / name).write_text(f"{head}<style>{style}</style>{''.join(placed)}</svg>\n", encoding="utf-8")


def draw_report(mtprs):
    """Fit a potential to a part of the demo's frames, and keep parts of its report."""
    data = ROOT / "examples/mgv2o5"
    with tempfile.TemporaryDirectory() as folder:
        new, report = Path(folder) / "8.mtp", Path(folder) / "report.html"
        init = ["init", "--level", "8", "--species", "Mg,V,O", "--cutoff", "5.5", "-o", new]
        subprocess.run([mtprs, *init], check=True)
        train = [
            "train",
            new,
            data / "train.cfg",
            "--valid-cfgs",
            data / "validation.cfg",
            "--max-iter",
            "150",
            "--starts",
            "2",
        ]
        subprocess.run(
            [mtprs, *train, "-o", Path(folder) / "pot.mtp", "--report", report], check=True, stdout=subprocess.DEVNULL
        )
        quantities = ["the energy in", "the force component in", "the stress component in"]
        parity = [f"parity plot of {quantity}" for quantity in quantities]
        parts_of_report(report, parity, 3, "parity.svg")
        parts_of_report(report, ["loss against iteration", "force RMSE, eV/Å against iteration"], 2, "course.svg")


def draw_level():
    """Time per atom against the level, for each kind of kernel."""
    lines = (ROOT / "rust-core/benches/evaluation.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if re.match(r"\s+\d+\s", line)]
    figure, axes = plt.subplots(figsize=(6.4, 3.8))
    for kernels, marker in (("portable", "s"), ("avx2", "^"), ("avx512", "o")):
        points = [(int(row[0]), float(row[4])) for row in rows if row[2] == kernels and row[3] == "EFS"]
        axes.plot(*zip(*points, strict=True), marker=marker, label=kernels)
    axes.set(yscale="log", xlabel="level", ylabel="µs per atom, one core", xticks=range(8, 29, 4))
    axes.legend(title="kernels")
    save(figure, "level.svg")


def draw_neighbors():
    """Time per atom against the mean number of neighbors, for each level."""
    rows = [line.split() for line in (ROOT / "docs/cost.txt").read_text(encoding="utf-8").splitlines()]
    rows = [[float(word) for word in row] for row in rows if len(row) == 5 and row[0].isdigit()]
    figure, axes = plt.subplots(figsize=(6.4, 3.8))
    for level in sorted({int(row[0]) for row in rows}):
        points = [(row[2], row[3]) for row in rows if row[0] == level]
        axes.plot(*zip(*points, strict=True), marker="o", label=f"level {level}")
    axes.set(xlabel="neighbors of an atom", ylabel="µs per atom, one core", xlim=(0, None), ylim=(0, None))
    axes.legend()
    save(figure, "neighbors.svg")


def draw_learning():
    """Validation errors and the time that the hot run reached, by cycle, from the example's table."""
    text = (ROOT / "examples/learn/README.md").read_text(encoding="utf-8")
    rows = [[word.strip() for word in line.split("|")[1:-1]] for line in text.splitlines() if re.match(r"\| \d", line)]
    cycle, lasted, energy, force = (np.array([float(row[i]) for row in rows]) for i in (0, 3, 6, 7))
    figure, (errors, times) = plt.subplots(1, 2, figsize=(7.6, 3.1))
    errors.plot(cycle, energy, marker="o", label="energy, meV/atom")
    errors.plot(cycle, 1e3 * force / 20, marker="s", label="force, 20 meV/Å")
    errors.set(xlabel="cycle", ylabel="RMS error", ylim=(0, None))
    errors.legend()
    times.plot(cycle, lasted, marker="o", color="tab:red")
    times.set(xlabel="cycle", ylabel="1000 K lasts, ps of 10", ylim=(0, None))
    save(figure, "learning.svg")


def shrink_demo():
    """Make the picture of the demo small."""
    picture = Image.open(ROOT / "build/demo/demo.png").convert("RGB")
    picture = picture.resize((picture.width * 7 // 10, picture.height * 7 // 10), Image.Resampling.LANCZOS)
    picture.quantize(64).save(PICTURES / "demo.png", optimize=True)


def draw_recipes():
    """Run the recipes that draw."""
    variables = {"PYTHONPATH": str(ROOT / "python"), "MTPRS_LIBRARY": str(ROOT / "build/python/libmtprs.so")}
    for name in ("eos", "phonons"):
        program = [sys.executable, f"{name}.py", "--out", PICTURES / f"{name}.png"]
        subprocess.run(program, cwd=ROOT / "examples/recipes", env={**os.environ, **variables}, check=True)


def draw_free_energy():
    """Run the recipe for free energies, in LAMMPS first."""
    variables = {
        "PYTHONPATH": str(ROOT / "python"),
        "MTPRS_LIBRARY": str(ROOT / "build/python/libmtprs.so"),
        "LD_LIBRARY_PATH": str(ROOT / ".venv/lib"),
        "LAMMPS_PLUGIN_PATH": str(ROOT / "build/plugin"),
    }
    with tempfile.TemporaryDirectory() as folder:
        for name in ("in.free_energy", "free_energy.py", "MgO.mtp"):
            shutil.copy(ROOT / "examples/recipes" / name, folder)
        lammps = [ROOT / ".venv/bin/lmp", "-in", "in.free_energy", "-log", "none", "-screen", "none"]
        draw = [sys.executable, "free_energy.py", "300.0", "--out", PICTURES / "free_energy.png"]
        for program in (lammps, draw):
            subprocess.run(program, cwd=folder, env={**os.environ, **variables}, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--mtprs", type=Path, default=ROOT / "target/release/mtprs", help="the program")
    options = parser.parse_args()
    PICTURES.mkdir(exist_ok=True)
    draw_level()
    draw_neighbors()
    draw_learning()
    draw_report(options.mtprs.resolve())
    shrink_demo()
    draw_recipes()
    draw_free_energy()


if __name__ == "__main__":
    main()
