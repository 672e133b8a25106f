"""Writes what ASE reads from a file to standard output: extended XYZ with every digit.

Arguments: the file, ASE's name of its format or nothing, `keep` where calculations that have not ended well are wanted.
Standard error has lines `note: ...` for the user; the last line of a traceback says why it ended. Exit code 3: no ASE.
"""

import json
import signal
import sys
import warnings

try:
    import ase
    from ase.calculators.singlepoint import SinglePointCalculator
    from ase.io.formats import filetype, iread, open_with_compression
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)

import numpy as np

# What programs write where the electrons have not converged; ASE passes over it.
UNCONVERGED = (
    b"convergence NOT achieved",
    b"SCF run NOT converged",
    b"not enough SCF cycles to converge",
    b"SELF-CONSISTENCY CYCLE DID NOT CONVERGE",
    b"SCF NOT CONVERGED",
    b"SCF_NOT_CONV",
    b"Did not converge!",
    b"Calculation failed to converge",
    b"has not reached the groundstate",
)
DATABASES = ("db", "json", "postgresql", "mysql")
RESERVED = {
    "lattice",
    "properties",
    "pbc",
    "origin",
    "energy",
    "free_energy",
    "stress",
    "virial",
    "forces",
}
NOTES = set()


def note(sentence):
    """Tells the user something, once."""
    sentence = " ".join(str(sentence).split())
    if sentence not in NOTES and len(NOTES) < 20:
        NOTES.add(sentence)
        print(f"note: {sentence}", file=sys.stderr, flush=True)


def frames(path, kind, keep):
    """The structures of a file, one at a time where ASE's reader can."""
    kind = kind or filetype(path)
    if kind in DATABASES:
        from ase.db import connect

        with connect(path, type=None if kind in ("postgresql", "mysql") else kind) as database:
            for row in database.select():
                atoms = row.toatoms()
                atoms.info.update(row.key_value_pairs)
                yield atoms
        return
    options = {"non_convergence_ok": True} if keep and kind == "aims-output" else {}
    yield from iread(path, index=":", format=kind, do_not_split_by_at_sign=True, **options)


def quoted(text):
    """A key or a value of a comment line."""
    text = " ".join(str(text).split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def numbers(array):
    """Numbers with every digit."""
    return " ".join(repr(value) for value in np.asarray(array, float).ravel().tolist())


def value(entry):
    """A further value of the comment line; None for what has no place there."""
    if isinstance(entry, (bool, np.bool_)):
        return "T" if entry else "F"
    if isinstance(entry, (str, int, float, np.integer, np.floating)):
        return str(entry)
    try:
        text = json.dumps(np.asarray(entry).tolist())
    except (TypeError, ValueError):
        return None
    return "_JSON " + text if len(text) < 10000 else None


def labels(atoms):
    """The results that belong to these very positions."""
    calculator = atoms.calc
    if calculator is None:
        return {}
    if not isinstance(calculator, SinglePointCalculator):
        note(f"results of {type(calculator).__name__} were not taken: expected those of a finished calculation")
        return {}
    if calculator.results and calculator.check_state(atoms):
        raise ValueError("the results are those of other positions than the structure has")
    return {key: entry for key, entry in calculator.results.items() if entry is not None}


def frame(atoms):
    """A structure as extended XYZ."""
    count = len(atoms)
    results = labels(atoms)
    pairs = []
    if atoms.cell.any():
        pairs.append(("Lattice", numbers(atoms.cell.array)))
    columns = [("species:S:1", [[symbol] for symbol in atoms.get_chemical_symbols()])]

    def add_column(name, array, kind="R"):
        array = np.asarray(array).reshape(count, -1)
        rows = [[repr(entry) for entry in row] for row in array.tolist()]
        columns.append((f"{name}:{kind}:{array.shape[1]}", rows))

    add_column("pos", np.asarray(atoms.positions, float))
    if "forces" in results:
        # the bare ones: constraints are no part of the labels
        add_column("forces", np.asarray(results["forces"], float).reshape(count, 3))
    if atoms.has("momenta"):
        add_column("vel", atoms.get_velocities() * ase.units.fs)
    if "magmoms" in results:
        add_column("magmoms", np.asarray(results["magmoms"], float).reshape(count, -1))
    for name, array in atoms.arrays.items():
        if name in ("numbers", "positions", "momenta") or array.ndim > 2 or name in results:
            continue
        if array.dtype.kind in "fiu":
            add_column(
                name.replace(":", "_").replace(" ", "_"),
                array,
                "R" if array.dtype.kind == "f" else "I",
            )
    pairs.append(("Properties", ":".join(name for name, _ in columns)))
    pairs.append(("pbc", " ".join("T" if periodic else "F" for periodic in atoms.pbc)))
    for key in ("energy", "free_energy"):
        if key in results:
            pairs.append((key, repr(float(results[key]))))
    if "stress" in results:
        stress = np.asarray(results["stress"], float)
        if stress.size == 6:
            xx, yy, zz, yz, xz, xy = stress.ravel()
            stress = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
        pairs.append(("stress", numbers(stress)))
    for key, entry in atoms.info.items():
        text = value(entry)
        if text is None:
            note(f"{key} of a structure is not handed on")
            continue
        key = str(key)
        pairs.append((f"info_{key}" if key.lower() in RESERVED else key, text))
    comment = " ".join(f"{quoted(key)}={quoted(text)}" for key, text in pairs)
    rows = zip(*(rows for _, rows in columns))
    lines = [" ".join(word for words in row for word in words) for row in rows]
    return "\n".join([str(count), comment, *lines, ""]), bool(results)


def count_unconverged(path):
    """How many lines of a text file say that the electrons have not converged, and what the first says."""
    count, said = 0, b""
    try:
        with open_with_compression(path, "rb") as stream:
            if b"\0" in stream.read(4096):
                return 0, ""
            stream.seek(0)
            for line in stream:
                found = [marker for marker in UNCONVERGED if marker in line]
                if found:
                    count, said = count + 1, said or found[0]
    except OSError:
        return 0, ""
    return count, said.decode()


def main(path, kind, keep):
    """Writes all structures."""
    if hasattr(signal, "SIGPIPE"):
        # whoever reads has had enough
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # what concerns developers
    for category in (DeprecationWarning, FutureWarning, PendingDeprecationWarning):
        warnings.simplefilter("ignore", category)
    warnings.showwarning = lambda message, *_: note(f"ASE warns: {message}")
    any_labels = False
    for atoms in frames(path, kind, keep):
        text, has_labels = frame(atoms)
        any_labels |= has_labels
        sys.stdout.write(text)
    if any_labels:
        count, said = count_unconverged(path)
        if count:
            lines = "1 line says" if count == 1 else f"{count} lines say"
            note(f'{lines} "{said}", and ASE does not tell of which steps: look for them')
        note("ASE does not tell whether the electrons converged: this was not checked")
    sys.stdout.flush()


main(sys.argv[1], sys.argv[2], sys.argv[3] == "keep")
