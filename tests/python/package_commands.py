"""What the Python package does by the commands of mtprs, held against the command line itself, motep and arithmetic.

Arguments: the program `mtprs` and an empty folder. Prints how many cases have passed; fails where something does not
hold.
"""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import mtprs
import numpy as np
from ase import Atoms
from calculator_checks import refused
from mtprs import Configuration, Potential, SelectionState
from mtprs.exceptions import ArgumentError, DataWarning, FileError, InvalidConfigurationError, SpeciesError

PROGRAM, FOLDER = Path(sys.argv[1]), Path(sys.argv[2])
EXAMPLES = Path(__file__).parents[2] / "examples"
START, TEST = EXAMPLES / "learn/start.cfg", EXAMPLES / "learn/test.cfg"
OPTIONS = {"max_iter": 30, "seed": 3, "threads": 1}


def command(*words):
    """Return what the program prints."""
    lines = [str(word) for word in (PROGRAM, *words)]
    return subprocess.run(lines, cwd=FOLDER, check=True, capture_output=True, text=True).stdout


def untrained():
    return Potential(EXAMPLES / "learn/8.mtp")


def mgo():
    return Potential(EXAMPLES / "recipes/MgO.mtp")


def configurations_are_read_and_written_as_by_the_program():
    """Every label and feature comes through, to the last bit and in every format."""
    frames = mtprs.read(TEST)
    assert len(frames) == 16 and frames[0].elements == ("Mg", "O") and len(frames[0]) == 64
    mtprs.write("python.cfg", frames)
    command("convert", TEST, "program.cfg", "-q")
    assert Path("python.cfg").read_bytes() == Path("program.cfg").read_bytes()
    mtprs.write("python.xyz", frames)
    command("convert", TEST, "program.xyz", "-q")
    assert Path("python.xyz").read_bytes() == Path("program.xyz").read_bytes()
    assert mtprs.read(TEST, index=3).energy == frames[3].energy and len(mtprs.read(TEST, index=slice(2, 8, 2))) == 3
    refused(
        FileError,
        "the file exists\n  hint: choose another name, or replace it with force=True",
        lambda: mtprs.write("a/../python.cfg", frames),
    )
    refused(FileError, "nowhere.cfg: cannot open", lambda: mtprs.read("nowhere.cfg"))
    Path("broken.cfg").write_text(Path(TEST).read_text().replace("Supercell", "Supercel", 1))
    refused(mtprs.Error, "broken.cfg:4", lambda: mtprs.read("broken.cfg"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        of_dft = mtprs.read(EXAMPLES / "dft/OUTCAR")
    assert [str(warning.category.__name__) for warning in caught] == ["DataWarning"] and "step 2 left out" in str(
        caught[0]
    )
    assert of_dft[0].symbols == ("Mg", "Mg", "O") and of_dft[0].virial is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        assert len(mtprs.read(EXAMPLES / "dft")) == 4


def atoms_of_ase_go_there_and_back():
    """Energy, forces, stress and features survive; orders of elements agree in a list."""
    frames = mtprs.read(TEST)
    atoms = [frame.to_ase() for frame in frames]
    assert np.allclose(atoms[0].get_stress(voigt=False), frames[0].stress, rtol=1e-14, atol=0)
    for frame, of_ase in zip(frames, atoms, strict=True):
        back = Configuration.from_ase(of_ase)
        assert back.energy == frame.energy == of_ase.get_potential_energy()
        assert np.array_equal(back.forces, frame.forces) and np.array_equal(back.positions, frame.positions)
        assert np.allclose(back.virial, frame.virial, rtol=1e-13, atol=1e-12) and back.symbols == frame.symbols
    potential = mgo()
    expected = mtprs.errors(potential, TEST, threads=1)
    assert np.isclose(mtprs.errors(potential, atoms).force.rms, expected.force.rms, rtol=1e-12)
    turned = [dataclasses.replace(frame, elements=("O", "Mg"), species=1 - frame.species) for frame in frames]
    assert turned[0].elements == ("O", "Mg") and turned[0].symbols == frames[0].symbols
    for mixed in (turned, [*turned[:4], *atoms[4:]], [*atoms[:4], *frames[4:]]):
        assert np.isclose(mtprs.errors(potential, mixed).force.rms, expected.force.rms, rtol=1e-12)
    refused(
        SpeciesError,
        "Si",
        lambda: mtprs.errors(potential, Atoms("Si2", [[0, 0, 0], [0, 0, 2.3]], cell=[9, 9, 9], pbc=True)),
    )


def arrays_of_the_wrong_kind_are_refused():
    """Shapes and kinds are named."""
    refused(
        ArgumentError,
        "positions has shape (2, 2), expected rows of three numbers",
        lambda: Configuration(np.eye(2), [0, 0]),
    )
    refused(ArgumentError, "species has shape (3,), expected (2,)", lambda: Configuration(np.eye(3)[:2], [0, 0, 1]))
    refused(ArgumentError, "indices from 0", lambda: Configuration(np.eye(3)[:2], [-1, 0]))
    refused(ArgumentError, "Xe is not among", lambda: Configuration(np.eye(3)[:2], ["Xe", "O"], elements=("O",)))
    refused(
        ArgumentError, "forces has shape", lambda: Configuration(np.eye(3)[:2], ["O", "O"], forces=np.zeros((3, 3)))
    )
    refused(
        ArgumentError,
        "frame 1: expected a file, a Configuration or atoms of ASE, got int",
        lambda: mtprs.errors(mgo(), [mtprs.read(TEST, index=0), 1]),
    )
    refused(ArgumentError, "got both", lambda: mtprs.errors(mgo(), [mtprs.read(TEST, index=0), "a.cfg"]))
    nan = Configuration([[0, 0, 0], [np.nan, 0, 0]], ["Mg", "O"], energy=1)
    refused(mtprs.Error, "", lambda: mtprs.errors(mgo(), [nan]))
    single = Configuration([[0, 0, 0], [2, 0, 0]], ["Mg", "O"], np.diag([4, 4, 4.0]))
    assert (
        repr(single) == "Configuration(Mg1O1, with no labels)"
        and single.stress is None
        and round(single.volume, 9) == 64
    )


def a_training_is_that_of_the_program():
    """The trained potential has the bytes that the program writes, from frames in memory and from files."""
    frames, valid = mtprs.read(START), mtprs.read(TEST)[:4]
    mtprs.write("valid.cfg", valid)
    options = ["--max-iter=30", "--seed=3", "-j", "1", "-q", "--report-json", "report.json"]
    command("train", EXAMPLES / "learn/8.mtp", START, "--valid-cfgs", "valid.cfg", "-o", "program.mtp", *options)
    expected = Path("program.mtp").read_bytes()
    points = []
    trained = mtprs.train(untrained(), frames, valid, points.append, quiet=True, **OPTIONS)
    trained.potential.save("python.mtp")
    assert Path("python.mtp").read_bytes() == expected
    refused(FileError, "force=True", lambda: trained.potential.save("python.mtp"))
    report = json.loads(Path("report.json").read_text())
    assert trained.report["training"]["errors"] == report["training"]["errors"]
    assert trained.validation.summary["errors"] == report["validation"]["errors"]
    assert [point.step for point in points] == [*range(31)]
    assert points[-1].validation.force is not None and trained.history[-1].loss == report["history"][-1]["loss"]
    of_files = mtprs.train(untrained(), [START], "valid.cfg", quiet=True, report="page.html", **OPTIONS)
    of_files.potential.save("files.mtp")
    assert Path("files.mtp").read_bytes() == expected and "<svg" in Path("page.html").read_text()
    assert "eV/Å" in repr(of_files) and "<table>" in of_files._repr_html_()
    assert not Path("mtprs.checkpoint").exists()
    fold = mtprs.train(untrained(), frames, folds=2, quiet=True, max_iter=5, threads=1).folds
    assert len(fold) == 2 and fold[0][1].force > 0


def an_interrupted_training_goes_on():
    """Ctrl-C and exceptions of the callback end it; resumed it comes to the same numbers."""
    frames = mtprs.read(START)
    expected = mtprs.train(untrained(), frames, quiet=True, **OPTIONS).potential._text

    def callback(point):
        time.sleep(0.001)  # the training waits for it
        if point.step == 10:
            raise RuntimeError("enough")

    error = refused(
        RuntimeError, "enough", lambda: mtprs.train(untrained(), frames, callback=callback, quiet=True, **OPTIONS)
    )
    assert error.__notes__ == ["  note: kept in mtprs.checkpoint; resume=True continues from there"]
    again = lambda: mtprs.train(untrained(), frames, quiet=True, **OPTIONS)  # noqa: E731
    refused(FileError, "continue with resume=True, or start over with force=True", again)
    other = lambda: mtprs.train(untrained(), mtprs.read(TEST), quiet=True, resume=True, **OPTIONS)  # noqa: E731
    refused(mtprs.Error, "mtprs.checkpoint", other)
    resumed = mtprs.train(untrained(), frames, quiet=True, resume=True, **OPTIONS)
    assert resumed.potential._text == expected and not Path("mtprs.checkpoint").exists()

    # Where a shell starts it in the background, Python is told to pass over Ctrl-C.
    handler = signal.default_int_handler
    signal.signal(signal.SIGINT, handler)

    def interrupting(point):
        if point.step == 5:
            os.kill(os.getpid(), signal.SIGINT)

    long = {**OPTIONS, "max_iter": 10**6, "bfgs_conv_tol": 0}
    stopped = lambda: mtprs.train(  # noqa: E731
        untrained(), frames, callback=interrupting, checkpoint="named.checkpoint", quiet=True, **long
    )
    refused(KeyboardInterrupt, "kept in named.checkpoint", stopped)
    assert Path("named.checkpoint").exists()
    assert signal.getsignal(signal.SIGINT) is handler


def trainings_run_side_by_side():
    """Several threads of Python train at the same time and come to their own numbers."""
    frames, found = mtprs.read(START), {}

    def work(seed):
        found[seed] = mtprs.train(
            untrained(), frames, quiet=True, max_iter=5, seed=seed, threads=1, checkpoint=f"{seed}.checkpoint"
        ).potential._text

    threads = [threading.Thread(target=work, args=(seed,)) for seed in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = mtprs.train(untrained(), frames, quiet=True, max_iter=5, seed=2, threads=1).potential._text
    assert found[2] == alone and len({*found.values()}) == 3


def options_are_keywords():
    """What is wrong with an option is said in its words, before anything is done."""
    for options, words in [
        ({"max_itre": 3}, "unexpected argument max_itre found\n  hint: a similar argument exists: max_iter"),
        ({"max_iter": "many"}, "invalid value 'many' for max_iter: expected a number from 0 up"),
        ({"patience": 3}, "patience: needs valid_cfgs or valid_fraction"),
        ({"method": "newton"}, "possible values: gauss-newton, levenberg-marquardt"),
        ({"update_mindist": 3}, "update_mindist"),
    ]:
        error = refused(
            ArgumentError, words, lambda options=options: mtprs.train(untrained(), START, quiet=True, **options)
        )
        assert "--" not in str(error) and "Usage" not in str(error), str(error)
    for elsewhere in ("valid_cfgs", "output", "report_json", "al_mode"):
        refused(ArgumentError, f"{elsewhere}: ", lambda name=elsewhere: mtprs.train(untrained(), START, **{name: "a"}))
    refused(ArgumentError, "unexpected argument stric found", lambda: mtprs.read(START, stric=False))
    refused(ArgumentError, "level", lambda: Potential.untrained(7, ["Mg", "O"], 5.0))
    made = Potential.untrained(8, ["Mg", "O"], 5.0, min_dist=1.5, name="MTP8")
    command("init", "--level=8", "--species=Mg,O", "--cutoff=5", "--min-dist=1.5", "--name=MTP8", "-o", "init.mtp")
    assert made._text == Path("init.mtp").read_bytes()
    for table, name in (("16-210", "16-210"), ("small", "14-3210-w1.1"), ("8", "8")):
        made = Potential.untrained(table=table, species=["Mg", "O"], cutoff=5.0, min_dist=1.5)
        file = f"{table}.mtp"
        command("init", f"--table={table}", "--species=Mg,O", "--cutoff=5", "--min-dist=1.5", "-o", file)
        assert made._text == Path(file).read_bytes()
        assert f"potential_name = MTP{name}\n".encode() in made._text
    both = "expected either level or table, got both"
    refused(ArgumentError, both, lambda: Potential.untrained(8, ["Mg", "O"], 5.0, table="16-210"))
    neither = "expected either level or table, got neither"
    refused(ArgumentError, neither, lambda: Potential.untrained(species=["Mg", "O"], cutoff=5.0))
    named = "invalid value '16-x' for table: expected a moment table: tiny"
    refused(ArgumentError, named, lambda: Potential.untrained(table="16-x", species=["Mg", "O"], cutoff=5.0))
    refused(ArgumentError, "cutoff", lambda: Potential.untrained(table="16-210", species=["Mg", "O"]))


def errors_grades_and_selections_are_those_of_the_program():
    """The numbers of reports, the bytes of states and the choice of candidates."""
    potential, frames = mgo(), mtprs.read(TEST)
    mtp = EXAMPLES / "recipes/MgO.mtp"
    found = mtprs.errors(potential, frames, by="EFS_by")
    expected = json.loads(command("errors", mtp, TEST, "--json", "-", "-q"))
    assert (
        found.summary["errors"] == expected["errors"]
        and found.force.rms == expected["errors"]["force_component"]["rms"]
    )
    assert found.energy.unit == "meV/atom" and found.stress.unit == "GPa" and found.configurations == 16
    assert "RMS" in repr(found) and "<table>" in found._repr_html_()
    refused(
        InvalidConfigurationError,
        "none of the 1 configurations has an energy",
        lambda: mtprs.errors(potential, Configuration([[0, 0, 0], [2, 0, 0]], ["Mg", "O"])),
    )
    for mode in ("configuration", "neighborhood"):
        state = SelectionState.build(potential, START, mode)
        command("state", "build", mtp, START, f"{mode}.mtps", "--mode", mode, "-q")
        assert (
            state._contents.split(b"\n")[:6] == Path(f"{mode}.mtps").read_bytes().split(b"\n")[:6]
            and state.mode == mode
        )
        of_memory = SelectionState.build(potential, mtprs.read(START), mode)
        for known, file in ((START, START), (mtprs.read(START), START), (of_memory, f"{mode}.mtps")):
            selection = mtprs.select(potential, known, frames, mode=mode, selection_limit=3)
            words = ["--mode", mode, "--selection-limit", 3, "-q", "--json", "selection.json", "--force"]
            command("select", mtp, file, TEST, "selected.cfg", *words)
            report = json.loads(Path("selection.json").read_text())["selected"]
            assert selection.indices == [entry["configuration"] - 1 for entry in report]
            assert np.allclose(selection.grades, [entry["grade"] for entry in report], rtol=1e-6)
            for index, chosen in zip(selection.indices, selection.frames, strict=True):
                assert chosen.energy == frames[index].energy
    for around in ({"state": of_memory, "threshold": 1.0, "limit": 2}, {"atoms": "1:3,2:5"}):
        cells = mtprs.cutout(potential, frames, max_steps=5, **around)
        assert len(cells) == 2 and all(cell.energy is None and cell.elements == ("Mg", "O") for cell in cells), cells
    report = mtprs.check(frames)
    assert report["findings"] == [] and report["configurations"] == 16
    twice = mtprs.check([*frames, frames[0]])
    assert [finding["kind"] for finding in twice["findings"]] == ["duplicates"], twice["findings"]
    assert json.loads(mtprs.run("info", potential, json=True))["species"] == ["Mg", "O"]
    assert mtprs.run("grade", potential, of_memory, frames[:2], "-").count("nbh_grades") == 2
    refused(ArgumentError, "unrecognized subcommand 'nosuch'", lambda: mtprs.run("nosuch", frames))


def derivatives_and_basis_functions_make_the_energies():
    """V_i = s + Σ ξ B_i, also when atoms are turned; sums of rows are the derivatives that motep has."""
    from motep.calculator import MTP
    from motep.io.mlip.mtp import read_mtp
    from motep_jacobians import THEIRS, in_order, jacobian

    potential, frames = mgo(), mtprs.read(TEST)[:2]
    numbers = read_mtp(EXAMPLES / "recipes/MgO.mtp")
    evaluated, basis, rows = potential.evaluate(frames), potential.basis_functions(frames), potential.rows(frames)
    rotation, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))
    turned = [Configuration(f.positions @ rotation, f.species, f.cell @ rotation, f.elements) for f in frames]
    numbers.species, numbers.optimized = [0, 1], THEIRS
    for frame, labels, functions, row, again in zip(
        frames, evaluated, basis, rows, potential.basis_functions(turned), strict=True
    ):
        energies = numbers.species_coeffs[frame.species] + numbers.scaling * functions @ numbers.moment_coeffs
        assert functions.shape == (64, potential.basis_function_count) and row.shape == (64, potential.parameter_count)
        assert np.allclose(energies, labels.site_energies, rtol=0, atol=1e-9)
        assert np.allclose(functions, again, rtol=1e-9, atol=1e-9)
        assert np.isclose(labels.site_energies.sum(), labels.energy, rtol=1e-13)
        atoms = Atoms(frame.species, frame.positions, cell=frame.cell, pbc=True)
        theirs = in_order(numbers, jacobian(numbers, "numpy", atoms))[:, 0]
        assert np.allclose(row.sum(axis=0), theirs, rtol=1e-9, atol=1e-9 * np.abs(theirs).max())
    assert MTP is not None
    refused(mtprs.Error, "", lambda: untrained().rows(frames))


def what_is_given_is_kept_as_it_is():
    """Arrays are copied, changes of attributes count, and what has no place is told and not lost silently."""
    positions = np.array([[0.0, 0, 0], [2, 0, 0]])
    pair = Configuration(positions, ["Mg", "O"], np.diag([4.2, 4.2, 4.2]), features={"src": "a b", "n": ["1", "2"]})
    positions[:] = 5
    assert pair.positions.max() == 2
    mtprs.write("pair.cfg", pair)
    assert mtprs.read("pair.cfg", index=0).features == {"src": "a b", "n": ["1", "2"]}
    pair.elements = ("O", "Mg")
    assert mgo().evaluate(pair)[0].symbols == ("O", "Mg")
    pair.elements = ("Mg", "Li")
    refused(SpeciesError, "Li", lambda: mgo().evaluate(pair))
    for name, value in (("positions", np.zeros((2, 2))), ("virial", np.zeros((2, 2))), ("species", [0, 7])):
        wrong = Configuration(positions, ["Mg", "O"])
        setattr(wrong, name, value)
        refused(ArgumentError, f"frames: frame 1: {name}", lambda wrong=wrong: mtprs.write("w.cfg", [pair, wrong]))
    atoms = mtprs.read(TEST, index=0).to_ase()
    atoms.info |= {"a b": 1, "virial": np.eye(3), "kept": 7}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        kept = Configuration.from_ase(atoms)
    assert kept.features["kept"] == "7" and "a b, virial" in str(caught[0].message) and caught[0].filename == __file__
    refused(SpeciesError, "to_ase(species=", lambda: Configuration([[0, 0, 0]], [0]).to_ase())
    for name in ("-", "", None):
        refused(ArgumentError, "expected the name of a file", lambda name=name: mtprs.read(name))
    mtprs.write("--force.cfg", pair)
    refused(FileError, "./--force.cfg: the file exists", lambda: mtprs.write("--force.cfg", pair))
    refused(FileError, "there is no folder", lambda: mgo().save("no/pot.mtp"))


def options_for_reading_hold_for_several_files():
    """As for one."""
    mtp, files = mgo(), [EXAMPLES / "dft/OUTCAR", EXAMPLES / "dft/OUTCAR_dynamics"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        assert mtprs.errors(mtp, files).configurations == 4
    assert mtprs.errors(mtp, files, keep_unconverged=True).configurations == 6
    with warnings.catch_warnings():
        warnings.simplefilter("error", DataWarning)
        refused(DataWarning, "step 2 left out", lambda: mtprs.train(untrained(), files, max_iter=2, quiet=True))
    assert not Path("mtprs.checkpoint").exists()


def grades_and_labels_of_mtprs_itself():
    """Frames of dynamics come with grades, and without the labels that the potential gave them."""
    from mtprs.ase import MTP

    potential, frames = mgo(), mtprs.read(TEST)[:4]
    state = SelectionState.build(potential, START, "neighborhood")
    graded = mtprs.grade(potential, state, frames)
    evaluator = mtprs.Evaluator(potential, state=state)
    for frame, with_grade in zip(frames, graded, strict=True):
        expected = evaluator.evaluate(frame.positions, frame.symbols, frame.cell)
        assert np.isclose(with_grade.grade, expected.grade, rtol=1e-9) and frame.grade is None
        assert np.allclose(with_grade.grades, expected.grades, rtol=1e-9)
    atoms = [frame.to_ase() for frame in frames]
    for one in atoms:
        one.calc = MTP(potential)
        one.get_potential_energy()
    selection = mtprs.select(potential, state, atoms, select_threshold=1.0)
    assert len(selection) and all(frame.energy is None and frame.forces is None for frame in selection.frames)


def files_of_the_user_are_spared():
    """No output takes the place of an input, and what a format cannot hold is told."""
    data = Path(START).read_bytes()
    Path("mine.cfg").write_bytes(data)
    for options in ({"report": "mine.cfg"}, {"checkpoint": "mine.cfg"}):
        refused(
            mtprs.Error,
            "mine.cfg",
            lambda options=options: mtprs.train(untrained(), "mine.cfg", quiet=True, force=True, **OPTIONS, **options),
        )
        assert Path("mine.cfg").read_bytes() == data
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        mtprs.write("POSCAR", mtprs.read(TEST, index=0))
    assert "not written: energies, forces" in str(caught[0].message) and caught[0].filename == __file__
    Path("runs").mkdir()
    for number, frame in enumerate(mtprs.read(TEST)[:6]):
        mtprs.write(f"runs/{number}.cfg", frame)
    files = sorted(Path("runs").glob("*.cfg"))
    selection = mtprs.select(mgo(), START, files, mode="neighborhood", select_threshold=1.0)
    energies = [mtprs.read(file, index=0).energy for file in files]
    assert [frame.energy for frame in selection.frames] == [energies[index] for index in selection.indices]
    mtprs.train(untrained(), START, quiet=True, **OPTIONS)
    assert not Path("mtprs.checkpoint").exists()


def work_goes_on_in_a_forked_process():
    """Threads that a process has started are not those of its children."""
    potential, frames = mgo(), mtprs.read(TEST)[:4]
    expected = potential.evaluate(frames, threads=2)[3].energy
    child = os.fork()
    if child == 0:
        os._exit(0 if potential.evaluate(frames, threads=2)[3].energy == expected else 1)
    for _ in range(600):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        time.sleep(0.1)
    else:
        os.kill(child, signal.SIGKILL)
    assert done == child and status == 0


def main():
    os.chdir(FOLDER)
    Path("a").mkdir()
    cases = [
        configurations_are_read_and_written_as_by_the_program,
        atoms_of_ase_go_there_and_back,
        arrays_of_the_wrong_kind_are_refused,
        a_training_is_that_of_the_program,
        an_interrupted_training_goes_on,
        trainings_run_side_by_side,
        options_are_keywords,
        errors_grades_and_selections_are_those_of_the_program,
        derivatives_and_basis_functions_make_the_energies,
        what_is_given_is_kept_as_it_is,
        options_for_reading_hold_for_several_files,
        grades_and_labels_of_mtprs_itself,
        files_of_the_user_are_spared,
        work_goes_on_in_a_forked_process,
    ]
    for case in cases:
        try:
            case()
        except BaseException:
            print(f"in {case.__name__}", file=sys.stderr)
            raise
    print(f"{len(cases)} passed")


main()
