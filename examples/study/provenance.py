"""Says where the results of the study come from: checksums of its inputs, programs, machine, and the runs of LAMMPS.

python provenance.py short.toml FOLDER provenance.json
"""

import hashlib
import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

from study import HERE, Study, logs, write_whole

LOOP = re.compile(r"^Loop time of (\S+) on (\d+) procs for (\d+) steps with (\d+) atoms", re.MULTILINE)
LAMMPS = re.compile(r"^LAMMPS \((.+)\)", re.MULTILINE)


def main(study, folder, output):
    study, folder = Study(study), Path(folder)
    texts = dict(logs(folder))
    found = {
        "mtprs": printed(f"{study.program('mtprs')} --version"),
        "lammps": sorted({version for text in texts.values() for version in LAMMPS.findall(text)}),
        "commit": printed("git describe --always --dirty", HERE),
        "machine": {
            "processor": processor(),
            "cores": os.cpu_count(),
            "system": f"{platform.system()} {platform.machine()}",
        },
        "sha256": {file.name: checksum(file) for file in inputs(study)},
        "runs": runs(texts),
    }
    write_whole(output, json.dumps(found, indent=2) + "\n")


def printed(command, folder=None):
    """What a command prints; nothing where it fails, as git does outside of a checkout."""
    done = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def processor():
    """The name of the processor, as Linux has it."""
    try:
        names = re.findall(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        names = []
    return names[0] if names else platform.processor()


def inputs(study):
    """Files that decide what comes out, beside the programs."""
    files = [study.path, *sorted(HERE.glob("in.*"))]
    if study.given:
        files.append(study.beside(study.production["structure"]))
    else:
        files.append(study.beside(study.host["crystal"]))
    if study.learns:
        files += [study.beside(study.potential[key]) for key in ("learn", "calculator")]
    else:
        files += [study.beside(study.potential[key]) for key in ("file", "training", "state") if key in study.potential]
    return files


def checksum(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def runs(texts):
    """Steps of each run and how long they took; pieces of a run count as one."""
    found = {}
    for run, text in texts.items():
        name = str(run.parent if run.name.isdigit() else run)
        # The dynamics with ions goes on from what brought them to their temperature, in a folder above.
        name += "/nvt" if run.name.isdigit() else ""
        for seconds, processes, steps, atoms in LOOP.findall(text):
            one = found.setdefault(name, {"atoms": int(atoms), "processes": int(processes), "steps": 0, "seconds": 0.0})
            one["steps"] += int(steps)
            one["seconds"] = round(one["seconds"] + float(seconds), 1)
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
