"""Configurations of MLIP's `.cfg`, written for ase.io with the shortest decimals that stand for the same double."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from ase.atoms import Atoms

from ._cfg_reader import CARTESIAN, FORCES, KNOWN, OF_ASE, VOIGT


def order_of(images: list[Atoms]) -> list[str]:
    named = {str(atoms.info["elements"]) for atoms in images if "elements" in atoms.info}
    if len(named) > 1:
        raise ValueError(f"images have species in several orders ({'; '.join(sorted(named))}): give species=[…]")
    order = named.pop().replace(",", " ").split() if named else []
    seen = dict.fromkeys(symbol for atoms in images for symbol in atoms.get_chemical_symbols())
    return [*order, *(symbol for symbol in seen if symbol not in order)]


def is_feature(key: Any, value: Any) -> bool:
    """Whether an entry of `atoms.info` can be a feature, or has another place."""
    if key == "PlusStress":
        return np.shape(value) == (6,)
    values = value if isinstance(value, list) else [value]
    return len(str(key).split()) == 1 and not any("\n" in str(one).strip() or np.ndim(one) > 1 for one in values)


def is_column(key: str, array: Any) -> bool:
    """Whether an entry of `atoms.arrays` can be a column, or is not meant to be one."""
    if key in OF_ASE | KNOWN or array.ndim != 1:
        return True
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        return False
    return len(key.split()) == 1 and all(len(str(word).split()) == 1 for word in array.tolist())


def text_of(atoms: Atoms, number_of: dict[str, int], columns: Sequence[str] | None) -> str:
    results = _results(atoms)
    lines = ["BEGIN_CFG", " Size", f"    {len(atoms)}"]
    vectors = atoms.cell.array[atoms.pbc]
    if not vectors.any(axis=1).all():
        raise ValueError("a direction is periodic and has no vector")
    if len(vectors):
        lines.append(" Supercell")
        lines += ["   " + _row(vector) for vector in vectors]
    types = []
    for atom, symbol in enumerate(atoms.get_chemical_symbols()):
        if symbol not in number_of:
            raise ValueError(f"element {symbol} (index {atom}) is not in species ({' '.join(number_of)})")
        types.append(number_of[symbol])
    ids = atoms.arrays.get("id", np.arange(1, len(atoms) + 1))
    heading = ["id", "type", *CARTESIAN]
    table: list[Iterable[str]] = [map(str, ids.tolist()), map(str, types), *_numbers(atoms.positions)]
    if "forces" in results:
        heading += FORCES
        table += _numbers(results["forces"])
    if "energies" in results:
        heading.append("site_en")
        table += _numbers(results["energies"])
    grades = atoms.arrays.get("nbh_grades", results.get("extrapolation_grades"))
    if grades is not None:
        heading.append("nbh_grades")
        table += _numbers(grades)
    if columns is None:
        columns = [name for name, array in atoms.arrays.items() if name not in OF_ASE | KNOWN and array.ndim == 1]
    for name in columns:
        array = atoms.arrays[name]
        if name in heading or len(name.split()) != 1 or array.ndim != 1:
            raise ValueError(f"array {name} cannot be a column")
        words = list(_numbers(array)[0]) if array.dtype.kind == "f" else [str(word) for word in array.tolist()]
        if any(len(word.split()) != 1 for word in words):
            raise ValueError(f"array {name} has entries that are not single words")
        heading.append(name)
        table.append(words)
    lines.append(" AtomData:  " + " ".join(heading))
    lines += ["    " + " ".join(row) for row in zip(*table)]
    energy = results.get("free_energy", results.get("energy"))
    if energy is not None:
        lines += [" Energy", "   " + _row([energy])]
    virial = atoms.info.get("PlusStress")
    if results.get("stress") is not None and atoms.cell.rank == 3:
        stress = np.asarray(results["stress"], dtype=float)
        if stress.shape == (3, 3):
            stress = stress[(0, 1, 2, 1, 0, 0), (0, 1, 2, 2, 2, 1)]
        virial = -stress * atoms.get_volume()
    if virial is not None:
        lines += [" PlusStress: " + " ".join(VOIGT), "   " + _row(virial)]
    features = {key: value for key, value in atoms.info.items() if key not in ("PlusStress", "elements")}
    if "extrapolation_grade" in results:
        features.setdefault("MV_grade", results["extrapolation_grade"])
    features["elements"] = " ".join(number_of)
    for key, value in features.items():
        for one in value if isinstance(value, list) else [value]:
            text = repr(float(one)) if isinstance(one, (float, np.floating)) else str(one).strip()
            if len(str(key).split()) != 1 or "\n" in text:
                raise ValueError(f"info {key!r} cannot be a feature: a name is one word, a value one line")
            lines.append(f" Feature   {key}\t{text}")
    return "\n".join([*lines, "END_CFG", "", ""])


def _results(atoms: Atoms) -> dict[str, Any]:
    """Results that belong to the very atoms; none is calculated."""
    calc = atoms.calc
    results = getattr(calc, "results", None)
    if not results or (hasattr(calc, "check_state") and calc.check_state(atoms)):
        return {}
    return {name: value for name, value in results.items() if value is not None}


def _numbers(values: Any) -> list[list[str]]:
    """Columns of an array as text."""
    array = np.asarray(values, dtype=float)
    if not np.isfinite(array).all():
        raise ValueError("a number is not finite")
    return [[repr(value) for value in column] for column in np.atleast_2d(array.T).tolist()]


def _row(values: Iterable[float]) -> str:
    return " ".join(column[0] for column in _numbers(np.reshape([float(value) for value in values], (1, -1))))
