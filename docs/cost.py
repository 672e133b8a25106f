"""Measure how the time per atom grows with level, cutoff and neighbors, on frames of the demo's glass.

    python docs/cost.py --mtprs target/release/mtprs > build/bench/cost.txt      (make bench-cost)

The times are those of `mtprs tune`: energies, forces and virial on one core, the fastest of several passes over all
potentials in turns, without neighbor lists. Results worth quoting are kept in docs/cost.txt.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import ase.io
from matscipy.neighbours import neighbour_list

FRAMES = Path(__file__).resolve().parent.parent / "examples/mgv2o5/validation.cfg"
LEVELS = (8, 12, 16, 20)
CUTOFFS = (4.0, 5.0, 6.0, 7.0, 8.0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--mtprs", type=Path, default=Path("target/release/mtprs"), help="the program")
    mtprs = parser.parse_args().mtprs.resolve()

    def run(*arguments):
        subprocess.run([mtprs, *arguments, "--quiet"], check=True, stdout=subprocess.DEVNULL)

    with tempfile.TemporaryDirectory() as folder:
        few, structures, report = (Path(folder) / name for name in ("few.cfg", "few.xyz", "tune.json"))
        run("subsample", FRAMES, few, "--every", "8")
        run("convert", few, structures, "--species", "Mg,V,O")
        lists = ["--levels", ",".join(map(str, LEVELS)), "--cutoffs", ",".join(map(str, CUTOFFS))]
        fit = ["--valid-cfgs", few, "--max-iter", "1", "--starts", "1", "-j", "1"]
        search = Path(folder) / "search"
        run("tune", few, "--species", "Mg,V,O", *lists, *fit, "-o", search, "--report-json", report)
        frames = ase.io.read(structures, index=":")
        trials = json.loads(report.read_text(encoding="utf-8"))["trials"]
    atoms = sum(map(len, frames))
    density = atoms / sum(frame.get_volume() for frame in frames)
    neighbors = {cutoff: sum(len(neighbour_list("i", frame, cutoff)) for frame in frames) / atoms for cutoff in CUTOFFS}
    print(
        f"{len(frames)} frames of {len(frames[0])} atoms, {density:.4f} atoms/Å³, 3 species, 8 Chebyshev functions; "
        "one core"
    )
    print("level  cutoff, Å  neighbors  µs/atom  multiply-adds/atom")
    for trial in sorted(trials, key=lambda trial: (trial["level"], trial["cutoff"])):
        level, cutoff = trial["level"], trial["cutoff"]
        time, work = trial["microseconds_per_atom"], trial["multiply_adds"]
        print(f"{level:5d}  {cutoff:9.1f}  {neighbors[cutoff]:9.1f}  {time:7.3f}  {work:18.0f}")


if __name__ == "__main__":
    main()
