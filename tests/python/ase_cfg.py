"""Tests of `.cfg` in ase.io. Arguments of the script: the program mtprs, and a folder for files.

The package is found as an installed one is: a folder on the path says what its entry points are.
"""

import io
import os
import subprocess
import sys
import warnings
from pathlib import Path

import ase.io
import numpy as np
import pytest
from ase.build import bulk, molecule
from ase.io.formats import filetype, ioformats
from motep.io.mlip.cfg import read_cfg

EXAMPLE = Path(__file__).parents[2] / "examples" / "mgv2o5"
SET = str(EXAMPLE / "validation.cfg")
ORDER = ["Mg", "V", "O"]
MTPRS = os.environ.get("MTPRS", "")


def same(a, b, tolerance=0.0):
    """Compares atoms with all that is known of them."""
    assert a.get_chemical_symbols() == b.get_chemical_symbols()
    assert np.array_equal(a.pbc, b.pbc)
    np.testing.assert_allclose(a.positions, b.positions, rtol=0, atol=tolerance)
    np.testing.assert_allclose(a.cell.array, b.cell.array, rtol=0, atol=tolerance)
    assert (a.calc is None) == (b.calc is None)
    if a.calc is not None:
        assert set(a.calc.results) == set(b.calc.results)
        for name, value in a.calc.results.items():
            relative = 1e-14 if name == "stress" else 0
            np.testing.assert_allclose(value, b.calc.results[name], rtol=relative, atol=tolerance)


def test_ase_finds_it_and_leaves_atomeye_alone(tmp_path):
    assert ioformats["mlip-cfg"].can_read and ioformats["mlip-cfg"].can_write
    assert filetype(SET) == "mlip-cfg"
    ase.io.write(tmp_path / "eye.cfg", bulk("Cu", cubic=True))
    assert filetype(str(tmp_path / "eye.cfg")) == "cfg"
    assert ase.io.read(tmp_path / "eye.cfg").get_chemical_formula() == "Cu4"


def test_slices_are_those_of_ase():
    every = ase.io.read(SET, ":", species=ORDER)
    assert len(every) == Path(SET).read_text(encoding="utf-8").count("BEGIN_CFG") > 10
    for index in (0, 7, -1, -5):
        same(ase.io.read(SET, index, species=ORDER), every[index])
    for text in ("-3:", "::2", "1::5", "3:10:3", "10:3", "::-4", ":-20"):
        part = slice(*[int(word) if word else None for word in [*text.split(":"), ""][:3]])
        got = ase.io.read(SET, text, species=ORDER)
        assert len(got) == len(every[part])
        for a, b in zip(got, every[part]):
            same(a, b)
    same(ase.io.read(SET + "@5", species=ORDER), every[5])
    assert sum(1 for _ in ase.io.iread(SET, species=ORDER)) == len(every)


def test_motep_reads_the_same():
    ours = ase.io.read(SET, ":", species=ORDER)
    theirs = read_cfg(SET, ":", species=ORDER)
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs):
        assert a.get_potential_energy() == b.get_potential_energy()
        assert np.array_equal(a.get_forces(), b.get_forces())
        np.testing.assert_allclose(a.positions, b.positions, atol=1e-12)
        np.testing.assert_allclose(a.get_stress(), b.get_stress(), rtol=1e-13)


def test_what_is_written_is_read_again(tmp_path):
    every = ase.io.read(SET, ":", species=ORDER)
    for ending in (".cfg", ".cfg.gz"):
        ase.io.write(tmp_path / f"a{ending}", every, format="mlip-cfg")
        again = ase.io.read(tmp_path / f"a{ending}", ":")  # names travel in the feature elements
        for a, b in zip(again, every, strict=True):
            same(a, b)
            assert a.info == b.info


def test_files_and_streams_are_written_and_added_to(tmp_path):
    file = tmp_path / "x.cfg"
    ase.io.write(file, bulk("Cu"), format="mlip-cfg")
    ase.io.write(file, bulk("Al"), format="mlip-cfg", append=True, species=["Cu", "Al"])
    assert [atoms.get_chemical_formula() for atoms in ase.io.read(file, ":")] == ["Cu", "Al"]
    buffer = io.StringIO()
    ase.io.write(buffer, bulk("NaCl", "rocksalt", 5.6), format="mlip-cfg")
    buffer.seek(0)
    assert ase.io.read(buffer, format="mlip-cfg").get_chemical_formula() == "ClNa"


def test_cells_repeat_in_none_to_three_directions(tmp_path):
    file = tmp_path / "x.cfg"
    water = molecule("H2O")
    ase.io.write(file, water, format="mlip-cfg")
    atoms = ase.io.read(file)
    assert not atoms.pbc.any() and np.array_equal(atoms.positions, water.positions)
    slab = bulk("Cu", cubic=True)
    slab.pbc = (True, True, False)
    ase.io.write(file, slab, format="mlip-cfg")
    atoms = ase.io.read(file)
    assert list(atoms.pbc) == [True, True, False] and np.array_equal(atoms.cell[:2], slab.cell[:2])


def test_columns_grades_and_features_are_kept(tmp_path):
    text = """BEGIN_CFG
 Size
    2
 Supercell
    4 0 0
    0 4 0
    0 0 4
 AtomData:  type nbh_grades id direct_x direct_y direct_z fx fy fz site_en tag_word charge
   1 2.5 7 0 0 0  0 0 1 -1 up 0.5
   0 1.5 9 0.5 0.5 0.5 0 0 -1 -2.5 down -0.5
 Energy
   -3.5
 PlusStress: xy xx yy zz yz xz
   6.4 1 2 3 4 5
 Feature   elements\tMg O
 Feature   MV_grade\t2.5
 Feature   note\ta sentence with blanks
 Feature   step\t100
END_CFG
"""
    a = ase.io.read(io.StringIO(text), format="mlip-cfg")
    assert a.get_chemical_symbols() == ["O", "Mg"] and np.array_equal(a.positions[1], [2, 2, 2])
    assert list(a.arrays["nbh_grades"]) == [2.5, 1.5] and list(a.arrays["id"]) == [7, 9]
    assert list(a.get_potential_energies()) == [-1, -2.5] and a.get_potential_energy(force_consistent=True) == -3.5
    np.testing.assert_allclose(a.get_stress(), -np.array([1, 2, 3, 4, 5, 6.4]) / 64)
    assert a.info == {"MV_grade": 2.5, "note": "a sentence with blanks", "step": 100, "elements": "Mg O"}
    assert list(a.arrays["tag_word"]) == ["up", "down"] and list(a.arrays["charge"]) == [0.5, -0.5]
    ase.io.write(tmp_path / "b.cfg", a, format="mlip-cfg")
    # the program reads it, and says the same when it writes it again
    subprocess.run([MTPRS, "convert", "b.cfg", "c.cfg", "--quiet"], cwd=tmp_path, check=True)
    for file in ("b.cfg", "c.cfg"):
        b = ase.io.read(tmp_path / file)
        same(a, b)
        assert a.info == b.info
        for name in a.arrays:
            assert np.array_equal(a.arrays[name], b.arrays[name]), name


GOOD = """BEGIN_CFG
 Size
    1
 Supercell
    4 0 0
    0 4 0
    0 0 4
 AtomData:  id type cartes_x cartes_y cartes_z fx fy fz
   1 0 0 0 0  0 0 0
 Energy
   -3.5
END_CFG
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "text"),
    [
        ("   -3.5", "   -3.5x", 11, "expected a number, got -3.5x"),
        ("   1 0 0 0 0  0 0 0\n", "", 9, "expected 1 atoms (Size), got 0"),
        (" 0 0 0\n Energy", " 0 0\n Energy", 9, "expected 8 columns of AtomData, got 7"),
        (
            "   1 0 0 0 0  0 0 0\n",
            "   1 0 0 0 0  0 0 0\n   1 0 0 0 0  0 0 0\n",
            10,
            "expected 1 atoms (Size), got more",
        ),
        ("   1 0 0", "   1 3 0", 9, "type 3 has no element"),
        (" 0 0 0\n Energy", " 0 0 oops\n Energy", 9, "expected a number, got oops"),
        ("END_CFG\n", "", 11, "the file ends inside"),
        ("END_CFG\n", "BEGIN_CFG\n", 12, "BEGIN_CFG inside"),
        (" Energy", " Enrgy", 10, "unknown key Enrgy"),
        (" Energy", " Size\n 1\n Energy", 10, "Size is given twice: line 2"),
        ("cartes_z", "cartes_y", 8, "column cartes_y is given twice"),
        (" Energy", " Stress: xx yy zz yz xz xy\n 1 2 3 4 5 6\n Energy", 10, "ambiguous"),
        ("END_CFG", " Feature elements Cu\nEND_CFG", 12, "contradicts"),
    ],
)
def test_errors_name_file_and_line(tmp_path, old, new, line, text):
    file = tmp_path / "bad.cfg"
    file.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError) as caught:
        ase.io.read(file, ":", species=["Li", "Na"])
    assert f"{file}:{line}: " in str(caught.value) and text in str(caught.value), str(caught.value)


def test_names_and_numbers_that_are_not_there_are_told(tmp_path):
    file = tmp_path / "bad.cfg"
    file.write_text(GOOD, encoding="utf-8")
    with pytest.raises(ValueError, match="does not name its elements"):
        ase.io.read(file)
    bad = GOOD + GOOD.replace("-3.5", "nan") + GOOD.replace("0 0 0\n Energy", "0 0 ****\n Energy")
    file.write_text(bad, encoding="utf-8")
    with pytest.raises(ValueError, match=":23: expected a number, got nan"):
        ase.io.read(file, ":", species=["Li"])
    with warnings.catch_warnings(record=True) as got:
        warnings.simplefilter("always")
        assert len(ase.io.read(file, ":", species=["Li"], strict=False)) == 1
    assert len(got) == 2


def test_what_other_readers_leave_behind_is_no_column(tmp_path):
    data = EXAMPLE / "amorphous_96.data"
    atoms = ase.io.read(data, format="lammps-data", atom_style="atomic", units="metal")
    assert "type" in atoms.arrays  # LAMMPS's, from one
    ase.io.write(tmp_path / "x.cfg", atoms, format="mlip-cfg")
    again = ase.io.read(tmp_path / "x.cfg")
    assert "type" not in again.arrays and np.array_equal(again.positions, atoms.positions)
    assert again.get_chemical_symbols() == atoms.get_chemical_symbols()


def test_what_has_no_place_is_not_written(tmp_path):
    file = tmp_path / "x.cfg"
    with pytest.raises(ValueError, match="not in species"):
        ase.io.write(file, bulk("Cu"), format="mlip-cfg", species=["Al"])
    atoms = bulk("Cu")
    atoms.positions[0, 0] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        ase.io.write(file, atoms, format="mlip-cfg")
    a, b = bulk("Cu"), bulk("Cu")
    a.info["elements"], b.info["elements"] = "Cu Al", "Al Cu"
    with pytest.raises(ValueError, match="several orders"):
        ase.io.write(file, [a, b], format="mlip-cfg")


def test_results_of_the_calculator_are_those_of_the_program(tmp_path):
    from mtprs.ase import MTP

    potential = str(EXAMPLE / "mgvo.mtp")
    a = ase.io.read(SET, 0, species=ORDER)
    a.calc = MTP(potential, species=ORDER)
    a.get_forces()
    ase.io.write(tmp_path / "x.cfg", a, format="mlip-cfg")
    b = ase.io.read(tmp_path / "x.cfg")
    assert b.get_potential_energy() == a.get_potential_energy()
    assert np.array_equal(b.get_forces(), a.get_forces())
    np.testing.assert_allclose(b.get_stress(), a.get_stress(), rtol=1e-14)
    a.rattle(0.1)
    ase.io.write(tmp_path / "x.cfg", a, format="mlip-cfg")
    # what belongs to other places is not written
    assert ase.io.read(tmp_path / "x.cfg").calc is None
    subprocess.run([MTPRS, "evaluate", potential, "x.cfg", "y.cfg", "--quiet"], cwd=tmp_path, check=True)
    y = ase.io.read(tmp_path / "y.cfg")
    assert abs(y.get_potential_energy() - a.get_potential_energy()) < 1e-9
    np.testing.assert_allclose(y.get_forces(), a.get_forces(), atol=1e-9)
    np.testing.assert_allclose(y.get_stress(), a.get_stress(), atol=1e-10)


def main(program, folder):
    """Run the tests with the entry point that pyproject.toml names."""
    import tomllib

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    points = project["project"]["entry-points"]["ase.ioformats"]
    metadata = Path(folder) / "lammps_mtprs-0.dist-info"
    metadata.mkdir(parents=True, exist_ok=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: lammps-mtprs\nVersion: 0\n", encoding="utf-8")
    lines = [f"{name} = {value}" for name, value in points.items()]
    (metadata / "entry_points.txt").write_text("[ase.ioformats]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    path = os.pathsep.join([folder, os.environ["PYTHONPATH"]])
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--basetemp",
        f"{folder}/files",
        __file__,
    ]
    return subprocess.call(command, env={**os.environ, "PYTHONPATH": path, "MTPRS": program})


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
