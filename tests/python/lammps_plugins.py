"""Tests of mtprs.lammps: which plugin goes with which LAMMPS. Argument of the script: a folder for files.

What needs another LAMMPS is in tests/wheel.
"""

import json
import sys

import pytest
from mtprs.lammps import headers, identity, plugins, trial
from mtprs.lammps.identity import NO_MPI, UNKNOWN, Facts, Installed

FACTS = Facts("22 Jul 2025", "stable_22Jul2025_update2", "SMALLBIG", "MPICH", 1, "Update 2")


def program(path, text):
    """Writes a shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def cached(cache, name, code, **changes):
    """Writes a plugin for a file with the code of a LAMMPS into a cache, as a build does."""
    folder = cache / "plugins" / plugins.version() / name
    folder.mkdir(parents=True)
    (folder / plugins.FILE_NAME).write_bytes(b"plugin")
    said = {**FACTS._asdict(), "code": str(code), "size": code.stat().st_size, "changed": code.stat().st_mtime_ns}
    said |= {"digest": identity.digest(code), "plugin_size": 6, **changes}
    (folder / "lammps.json").write_text(json.dumps(said), encoding="utf-8")
    return folder


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache."""
    monkeypatch.setenv("MTPRS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def code(tmp_path):
    """A file with the code of a LAMMPS."""
    file = tmp_path / "lammps" / "liblammps.so"
    file.parent.mkdir()
    file.write_bytes(b"code of LAMMPS")
    return file


HELP = """
Large-scale Atomic/Molecular Massively Parallel Simulator - {version}
{git}
{mpi}
-DLAMMPS_{sizes}
"""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            {"version": "22 Jul 2025 - Update 4", "git": "Git info (HEAD / stable_22Jul2025_update4)",
             "mpi": "MPI v4.1: MPICH Version:      5.0.2", "sizes": "SMALLBIG"},
            ("22 Jul 2025", "stable_22Jul2025_update4", "SMALLBIG", "MPICH", 1, "Update 4"),
        ),
        (
            {"version": "4 Feb 2025", "git": "", "mpi": "MPI v3.1: Open MPI v4.1.4, package: Debian",
             "sizes": "BIGBIG"},
            ("4 Feb 2025", UNKNOWN, "BIGBIG", "Open MPI", 1, ""),
        ),
        (
            {"version": "4 Feb 2025", "git": "", "mpi": "MPI v1.0: LAMMPS MPI STUBS for LAMMPS version 4 Feb 2025",
             "sizes": "SMALLBIG"},
            ("4 Feb 2025", UNKNOWN, "SMALLBIG", NO_MPI, 1, ""),
        ),
    ],
)  # fmt: skip
def test_lammps_is_known_by_its_help(tmp_path, monkeypatch, words, expected):
    code = tmp_path / "code"
    code.write_bytes(b"..." + identity.OF_NEW_STRINGS + b"...")
    monkeypatch.setattr(identity, "code_of", lambda *_: code)
    lmp = program(tmp_path / "lmp", f"cat << 'END'{HELP.format(**words)}END")
    assert identity.ask(lmp) == Facts(*expected)
    code.write_bytes(b"of older strings")
    assert identity.ask(lmp).cxx11_strings == 0


@pytest.mark.parametrize(
    ("script", "expected"),
    [("exit 0", "does not say which LAMMPS"), ("echo no MPI >&2; exit 1", "ended with 1 .*: no MPI")],
)
def test_what_is_no_lammps_is_refused(tmp_path, script, expected):
    with pytest.raises(identity.UnknownLammpsError, match=expected):
        identity.ask(program(tmp_path / "lmp", script))
    with pytest.raises(identity.UnknownLammpsError, match="is a script"):
        identity.code_of(tmp_path / "lmp")
    with pytest.raises(identity.UnknownLammpsError, match="there is no program"):
        identity.find(str(tmp_path / "other"))


def test_a_plugin_is_for_its_file_wherever_it_lies_until_that_changes(tmp_path, cache, code):
    cached(cache, "one", code)
    [plugin] = plugins.made()
    assert plugin.is_for(code)
    copy = tmp_path / "copy.so"
    copy.write_bytes(code.read_bytes())
    assert plugin.is_for(copy)
    copy.write_bytes(b"CODE of LAMMPS")
    assert not plugin.is_for(copy)
    assert not plugin.is_for(tmp_path / "absent.so")
    code.write_bytes(b"code of another LAMMPS")
    assert not plugin.is_for(code)


@pytest.mark.parametrize("text", ["", "null", "[]", "3", '"x"', "{}", '{"code": null}', "\xff"])
def test_what_is_damaged_in_the_cache_is_passed_over(cache, code, text):
    good = cached(cache, "good", code)
    bad = cached(cache, "bad", code)
    (bad / "lammps.json").write_text(text, encoding="latin-1")
    cut = cached(cache, "cut", code)
    (cut / plugins.FILE_NAME).write_bytes(b"plug")
    lost = cached(cache, "lost", code)
    (lost / plugins.FILE_NAME).unlink()
    assert [plugin.folder for plugin in plugins.made()] == [good]


def test_the_file_decides_and_not_what_the_installer_wrote_down(monkeypatch, cache, code):
    recorded = identity.digest(code)
    monkeypatch.setattr(plugins, "installed", lambda: Installed("2025.7.22.2.0", recorded, code.parent))
    monkeypatch.setattr(plugins, "builds", lambda: [plugins.Build(FACTS, {"2025.7.22.2.0": recorded})])
    assert plugins.fitting_folder() == plugins.PLUGINS
    code.write_bytes(b"compiled by the user")
    own = cached(cache, "own", code)
    assert plugins.fitting_folder() == own


def test_without_a_plugin_it_is_said_what_to_do(monkeypatch, cache, code):
    monkeypatch.setattr(plugins, "installed", lambda: Installed("2025.7.22.1.0", "sha256=x", code.parent))
    monkeypatch.setattr(
        plugins, "builds", lambda: [plugins.Build(FACTS._replace(update=""), {"2025.7.22.2.0": "sha256=y"})]
    )
    with pytest.raises(
        plugins.NoPluginError, match=r"lammps 2025.7.22.1.0, neither .*cache.*\n  hint: python -m mtprs"
    ):
        plugins.fitting_folder()
    monkeypatch.setattr(plugins, "code_of", lambda *_: code)
    assert plugins.folder_for(code, FACTS) == plugins.PLUGINS
    with pytest.raises(plugins.NoPluginError, match="--source FOLDER"):
        plugins.folder_for(code, FACTS._replace(git_descriptor=UNKNOWN))
    with pytest.raises(plugins.NoPluginError, match="Open MPI"):
        plugins.folder_for(code, FACTS._replace(mpi="Open MPI"))


@pytest.mark.parametrize(
    ("version", "update", "fits"),
    [
        ("22 Jul 2025", "Update 2", True),
        ("22 Jul 2025", "Update 4", False),
        ("22 Jul 2025", "", False),
        ("4 Jul 2026", "", False),
    ],
)
def test_sources_must_be_those_of_the_program(tmp_path, version, update, fits):
    source = tmp_path / "lammps" / "src"
    source.mkdir(parents=True)
    (source / "pair.h").touch()
    lines = [f'#define LAMMPS_VERSION "{version}"'] + ([f'#define LAMMPS_UPDATE "{update}"'] if update else [])
    (source / "version.h").write_text("\n".join(lines), encoding="utf-8")
    for folder in (source.parent, source):
        if fits:
            options = headers.of_lammps(tmp_path / "lmp", tmp_path / "lmp", FACTS, None, str(folder))
            assert options == [f"-DLAMMPS_SOURCE_DIR={folder}"]
        else:
            with pytest.raises(headers.MissingHeadersError, match=f"{version}.* is LAMMPS 22 Jul 2025 - Update 2"):
                headers.of_lammps(tmp_path / "lmp", tmp_path / "lmp", FACTS, None, str(folder))
    with pytest.raises(headers.MissingHeadersError, match="expected the sources of LAMMPS"):
        headers.of_lammps(tmp_path / "lmp", tmp_path / "lmp", FACTS, None, str(tmp_path))


def test_headers_of_a_prefix_go_with_code_in_it(tmp_path):
    prefix = tmp_path / "prefix"
    (prefix / "include" / "lammps").mkdir(parents=True)
    (prefix / "include" / "lammps" / "pair.h").touch()
    lmp, library = prefix / "bin" / "lmp", prefix / "lib" / "liblammps.so.0"
    assert headers.of_lammps(lmp, library, FACTS, None, None) == [f"-DLAMMPS_PREFIX={prefix}"]
    with pytest.raises(headers.MissingHeadersError, match="may be those of another LAMMPS"):
        headers.of_lammps(lmp, tmp_path / "elsewhere" / "liblammps.so.0", FACTS, None, None)
    with pytest.raises(headers.MissingHeadersError, match="are not in"):
        headers.of_lammps(lmp, library, FACTS, str(tmp_path), None)


def test_the_mpi_header_is_that_of_the_mpi_of_lammps(tmp_path, monkeypatch):
    for name, define in (("mpich", "MPICH_NAME 5"), ("open", "OPEN_MPI 1"), ("STUBS", "MPI_STUBS")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "mpi.h").write_text(f"#  define {define}\n", encoding="utf-8")
    mpich, open_mpi = str(tmp_path / "mpich"), str(tmp_path / "open")
    program(tmp_path / "a" / "mpicc", f'[ "$1" = -show ] && echo "gcc -I{mpich} -lmpi"')
    program(tmp_path / "b" / "mpicc", f'[ "$1" = --showme:incdirs ] && echo {open_mpi}')
    monkeypatch.setenv("PATH", f"{tmp_path / 'a'}:{tmp_path / 'b'}")
    prefix = [f"-DLAMMPS_PREFIX={tmp_path}"]
    assert headers.of_mpi(FACTS, prefix, None) == mpich
    assert headers.of_mpi(FACTS._replace(mpi="Open MPI"), prefix, None) == open_mpi
    assert headers.of_mpi(FACTS, ["-DMTPRS_PYTHON=python"], None) is None
    assert headers.of_mpi(FACTS._replace(mpi=NO_MPI), [f"-DLAMMPS_SOURCE_DIR={tmp_path}"], None).endswith("STUBS")
    with pytest.raises(headers.MissingHeadersError, match="--source"):
        headers.of_mpi(FACTS._replace(mpi=NO_MPI), prefix, None)
    with pytest.raises(headers.MissingHeadersError, match=r"expected the mpi\.h of Open MPI, got that of MPICH"):
        headers.of_mpi(FACTS._replace(mpi="Open MPI"), prefix, mpich)
    with pytest.raises(headers.MissingHeadersError, match="there is none"):
        headers.of_mpi(FACTS, prefix, str(tmp_path))
    (tmp_path / "b" / "mpicc").unlink()
    with pytest.raises(headers.MissingHeadersError, match="load the module of that MPI"):
        headers.of_mpi(FACTS._replace(mpi="Open MPI"), prefix, None)


def test_numbers_other_than_those_of_the_library_are_noticed():
    import numpy as np
    from mtprs import Evaluator, Potential

    evaluator = Evaluator(Potential.from_text(trial.POTENTIAL, "trial"))
    right = evaluator.evaluate(np.array(trial.POSITIONS), np.array(trial.SPECIES), trial.EDGE * np.eye(3))
    assert np.abs(right.forces).max() > 0.1
    trial._compare(right.energy, right.forces.tolist())
    with pytest.raises(trial.TrialError, match="its energy"):
        trial._compare(right.energy + 1e-6, right.forces.tolist())
    with pytest.raises(trial.TrialError, match="its forces"):
        trial._compare(right.energy, (right.forces[::-1]).tolist())
    with pytest.raises(trial.TrialError, match="its energy"):
        trial._compare(float("nan"), right.forces.tolist())


if __name__ == "__main__":
    sys.exit(pytest.main([__file__, "-q", "-p", "no:cacheprovider", "--basetemp", sys.argv[1]]))
