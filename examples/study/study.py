"""Parameters of the study, and the commands that its steps run."""

import os
import shlex
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Study:
    """The parameters of a file in TOML; its paths are relative to it."""

    def __init__(self, path, time=None):
        self.path = Path(path).resolve()
        parameters = tomllib.loads(self.path.read_text())
        self.folder = self.beside(parameters["folder"])
        self.programs = parameters["programs"]
        self.host, self.ions = parameters.get("host"), parameters["ions"]
        self.potential, self.watch = parameters["potential"], parameters["watch"]
        self.dynamics, self.melt, self.quench = parameters["dynamics"], parameters.get("melt"), parameters.get("quench")
        self.production = parameters["production"]
        self.temperatures = self.production["temperatures"]
        count = round(float(time or self.production["time"]) / self.production["piece"])
        self.pieces = [f"{number:03}" for number in range(1, count + 1)]

    def beside(self, path):
        """A path as the file means it."""
        return (self.path.parent / path).resolve()

    def program(self, name):
        """A program, with what stands before it: `mpiexec -n 2 lmp`; a word with a slash is a path."""
        words = self.programs[name].split()
        return shlex.join(str(self.beside(word)) if "/" in word else word for word in words)

    @property
    def learns(self):
        """Whether the potential is made here."""
        return "learn" in self.potential

    @property
    def given(self):
        """Whether the structure that runs is given, and no crystal is melted."""
        return "structure" in self.production

    @property
    def pot(self):
        """The potential of all runs."""
        return self.folder / "learn/pot.mtp" if self.learns else self.beside(self.potential["file"])

    @property
    def state(self):
        """Its selection state; made from its training set where that is given."""
        if self.learns:
            return self.folder / "learn/pot.mtps"
        return self.beside(self.potential["state"]) if "state" in self.potential else self.folder / "state/pot.mtps"

    def steps(self, time):
        """Steps of dynamics in a time in ps."""
        return round(time / self.dynamics["timestep"])

    def lammps(self, script, folder, **variables):
        """The command that runs an input of LAMMPS in a folder, where it leaves its files."""
        words = [f"-var {name} {shlex.quote(str(value))}" for name, value in variables.items()]
        start = f"mkdir -p {folder} && cd {folder} && {self.program('lmp')} -nocite -screen none -log log.lammps"
        return " ".join([start, "-in", shlex.quote(str(HERE / script)), *words])

    def dynamics_of(self, script, folder, elements, potential=None, **variables):
        """The same of dynamics, watched by the state unless another potential than that of the study is given."""
        settings = {"timestep": self.dynamics["timestep"], "every": self.steps(self.dynamics["every"])}
        settings |= {"potential": potential or self.pot, "elements": " ".join(elements)}
        settings["options"] = f"precision {self.dynamics['precision']}"
        if potential is None:
            # An old file has no names of its species.
            settings["options"] += f" species {' '.join(self.potential['elements'])}"
            words = [f"{key} {self.watch[key]}" for key in ("every", "select", "break")]
            settings["watch"] = f"state {self.state} mode neighborhood {' '.join(words)} save extrapolating.cfg"
        if "pressure" in self.dynamics:
            pressure = self.dynamics["pressure"]
            settings |= {"ensemble": "npt", "barostat": f"aniso {pressure} {pressure} 2.0"}
        if "plugin" in self.programs:
            settings["plugin"] = self.program("plugin")
        return "rm -f " + f"{folder}/extrapolating.cfg && " + self.lammps(script, folder, **settings, **variables)


def logs(folder):
    """Logs of LAMMPS below a folder: that of each run, its folder first; the loop has a page of its own."""
    for log in sorted(folder.rglob("log.lammps")):
        if not log.is_relative_to(folder / "learn"):
            yield log.parent.relative_to(folder), log.read_text()


def write_whole(path, text):
    """Writes a file that is there as a whole or not at all."""
    temporary = Path(path).with_suffix(".tmp")
    temporary.write_text(text)
    os.replace(temporary, path)


def replicate(numbers):
    """Variables that repeat a cell."""
    return dict(zip(("nx", "ny", "nz"), numbers, strict=True))
