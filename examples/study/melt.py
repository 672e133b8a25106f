"""Heats a crystal until `mtprs analyze melt` says that it has melted: longer, then hotter, within limits.

    python melt.py short.toml supercell.data cell.data FOLDER

Leaves FOLDER/melt.restart, FOLDER/temperature and FOLDER/melt.json. Pieces that an earlier run has completed are kept.
"""

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from study import Study


def main(study, host, cell, folder):
    study, folder, cell = Study(study), Path(folder), Path(cell)
    elements = study.host["elements"]
    before, dumps = None, []
    for temperature in study.melt["temperatures"]:
        for number in range(1, study.melt["pieces"] + 1):
            piece = folder / f"{temperature}K_{number}"
            if not (piece / "melt.json").exists():
                heat(study, piece, temperature, before, Path(host), elements)
            dumps.append(piece / "melt.dump")
            verdict = judge(study, dumps, cell, elements, piece / "melt.json")
            print(f"{temperature} K, {number * study.melt['time']} ps: {verdict['verdict']}", flush=True)
            before = piece / "melt.restart"
            if verdict["verdict"] == "melted":
                shutil.copy(before, folder / "melt.restart")
                shutil.copy(piece / "melt.json", folder / "melt.json")
                (folder / "temperature").write_text(f"{temperature}\n")
                return
    sys.exit(f"it has not melted: {verdict['verdict']}; [melt] of {study.path} may go on longer or hotter")


def heat(study, piece, temperature, before, host, elements):
    """One piece of the run."""
    start = {"restart": before.resolve()} if before else {"structure": host.resolve(), "seed": study.dynamics["seed"]}
    steps = study.steps(study.melt["time"])
    command = study.dynamics_of("in.melt", piece, elements, temperature=temperature, steps=steps, **start)
    subprocess.run(command, shell=True, check=True)


def judge(study, dumps, cell, elements, output):
    """What the run up to now is."""
    options = ["--reference", cell, "--species", ",".join(elements), "--json", output, "--force", "-q"]
    words = shlex.join(str(word) for word in [*dumps, *options])
    command = f"{study.program('mtprs')} analyze melt {words}"
    subprocess.run(command, shell=True, check=True, stdout=subprocess.DEVNULL)
    return json.loads(output.read_text())


if __name__ == "__main__":
    main(*sys.argv[1:])
