"""Kills the study ten times at random moments and lets it go on; then runs it once in peace, with the potential that
the killed one has learned. Both have to say the same to the last digit.

python study_kills.py BUILD SNAKEMAKE SNAKEFILE STUDY.toml CORES TIME

Folders study-killed and study-undisturbed of BUILD are made anew. TIME is the length of the runs, ps.
"""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

KILLS = 10
# A kill follows some of the first steps; there are more.
STEPS = 25
# Seconds from the end of a step to the kill, at most.
PAUSE = 1.5
RESULTS = ["rdf.json", "order.json", "diffusion.json", "voltage.json", "voltage_relaxed.json", "quench/glass.json"]


def main(build, snakemake, snakefile, parameters, cores, length):
    build, text = Path(build), Path(parameters).read_text()
    beside = Path(parameters).resolve().parent
    seed = int.from_bytes(os.urandom(4))
    print(f"seed of the kills: {seed}", flush=True)
    chance = random.Random(seed)

    def command(name, **changes):
        """What runs the study in a folder of its own, with some of its parameters changed."""
        folder = build / name
        shutil.rmtree(folder, ignore_errors=True)
        own = build / f"{name}.toml"
        changed = with_absolute_paths(text, beside)
        for key, line in {"folder": f'folder = "{folder}"', **changes}.items():
            changed, count = re.subn(rf"(?m)^{key} = .*$", lambda _, line=line: line, changed)
            assert count == 1, f"{parameters} has {count} lines {key}"
        own.write_text(changed)
        words = ["--snakefile", snakefile, "--cores", cores, "--nolock", "--rerun-incomplete", "--quiet", "rules"]
        return [snakemake, *words, "--config", f"study={own}", f"time={length}"]

    killed = command("study-killed")
    log = build / "study-killed.log"
    log.unlink(missing_ok=True)
    kills = 0
    for step in [*sorted(chance.sample(range(STEPS), KILLS)), None]:
        with log.open("ab") as output:
            process = subprocess.Popen(killed, start_new_session=True, stdout=output, stderr=output, cwd=build)
        while process.poll() is None and (step is None or log.read_text().count("Finished jobid") < step):
            time.sleep(0.05)
        if step is not None:
            time.sleep(chance.uniform(0.0, PAUSE))
        if process.poll() is not None:
            break
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        kills += 1
    show(log, process.returncode)
    print(f"killed {kills} times", flush=True)
    assert kills > 0, "the study had ended before it could be killed"

    pot, state = (build / "study-killed/learn" / name for name in ("pot.mtp", "pot.mtps"))
    undisturbed = command("study-undisturbed", learn=f'file = "{pot}"\nstate = "{state}"')
    with (build / "study-undisturbed.log").open("wb") as log:
        code = subprocess.run(undisturbed, stdout=log, stderr=log, cwd=build).returncode
    show(build / "study-undisturbed.log", code)

    dumps = sorted(path.relative_to(build / "study-killed") for path in (build / "study-killed").rglob("nvt.dump"))
    assert dumps, "no runs"
    for name in [*RESULTS, *dumps]:
        ours, theirs = (said(build / folder / name) for folder in ("study-killed", "study-undisturbed"))
        assert ours == theirs, f"{name} differs between study-killed and study-undisturbed of {build}"
    print(f"{len(RESULTS)} reports and {len(dumps)} dumps of the killed study are those of the undisturbed one")


def with_absolute_paths(text, beside):
    """The parameters, with paths that hold from any folder."""
    words = r'(?m)^(mtprs|lmp|plugin|crystal|learn|calculator) = "([^"]*/[^"]*|[^"]*\.[a-zA-Z0-9]+)"'
    return re.sub(words, lambda found: f'{found[1]} = "{(beside / found[2]).resolve()}"', text)


def said(file):
    """What a file says; a report without the paths of the potential and its state, which differ."""
    content = file.read_bytes()
    if file.suffix == ".json":
        content = json.loads(content)
        for path in ("potential", "state"):
            content.get("energies", {}).pop(path, None)
    return content


def show(log, code):
    """Ends with the last lines of a log if its program has failed."""
    if code != 0:
        sys.exit("\n".join(log.read_text(errors="replace").splitlines()[-60:]) + f"\nexit code {code}")


if __name__ == "__main__":
    main(*sys.argv[1:])
