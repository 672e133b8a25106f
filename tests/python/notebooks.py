"""Runs the code of a notebook of examples/notebooks outside Jupyter, beside a copy of the examples.

Arguments: the notebook and an empty folder. Fails where a cell fails or a result is not what the text beside it says.
"""

import contextlib
import io
import json
import os
import shutil
import sys
import warnings
from pathlib import Path

import matplotlib
from mtprs.exceptions import DataWarning


def main(notebook, folder):
    matplotlib.use("Agg")
    examples = Path(notebook).resolve().parents[1]
    for name in ("dft", "mgv2o5"):
        shutil.copytree(examples / name, Path(folder) / name)
    os.chdir(folder)
    warnings.simplefilter("ignore", DataWarning)
    names, printed = {}, io.StringIO()
    cells = [cell for cell in json.loads(Path(notebook).read_text())["cells"] if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in cells), "the notebook holds no results"
    for number, cell in enumerate(cells, 1):
        lines = [line for line in "".join(cell["source"]).splitlines() if not line.startswith("%")]
        assert all(output["output_type"] != "error" for output in cell["outputs"]), f"cell {number} holds an error"
        code = compile("\n".join(lines), f"{Path(notebook).name}, cell {number}", "exec")
        with contextlib.redirect_stdout(printed):
            exec(code, names)
    if Path(notebook).name == "training.ipynb":
        assert names["trained"].validation.force.rms < 0.6 and Path("pot.mtp").exists()
        assert names["atoms"].get_potential_energy() < names["before"] - 1
    else:
        assert names["lasted"] and not names["frames"], printed.getvalue()
        assert names["mtprs"].errors(names["potential"], names["test"]).force.rms < 0.05


main(*sys.argv[1:])
