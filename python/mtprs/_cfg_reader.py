"""Configurations of MLIP's `.cfg`, read line by line for ase.io; errors say file and line."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np
from ase.atoms import Atoms
from ase.data import atomic_numbers, chemical_symbols

VOIGT = ("xx", "yy", "zz", "yz", "xz", "xy")
CARTESIAN = ("cartes_x", "cartes_y", "cartes_z")
DIRECT = ("direct_x", "direct_y", "direct_z")
FORCES = ("fx", "fy", "fz")
KNOWN = {"id", "type", *CARTESIAN, *DIRECT, *FORCES, "site_en", "nbh_grades"}
KEYS = ("Size", "Supercell", "AtomData", "Energy", "PlusStress", "Virial", "Feature", "END_CFG")
INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)\Z")
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
FAILED = re.compile(r"[+-]?(?:inf(?:inity)?|nanq?|nan\(.*|1\.#.*|\*+)\Z", re.IGNORECASE)
# Arrays of ASE's own, which are no columns of a configuration.
OF_ASE = {
    "numbers",
    "positions",
    "momenta",
    "masses",
    "tags",
    "initial_magmoms",
    "initial_charges",
    "id",
    "nbh_grades",
}


class CfgError(ValueError):
    """A `.cfg` file cannot be read; says file and line."""


class FailedNumberError(CfgError):
    """`nan`, `inf` or `***` stands where a number should."""


def forward(blocks: Iterator[Any], index: slice) -> Iterator[Any]:
    """Like itertools.islice, but reads no further than needed."""
    start, stop, step = index.start or 0, index.stop, index.step or 1
    if stop is not None and stop <= start:
        return
    for number, block in enumerate(blocks):
        if number >= start and (number - start) % step == 0:
            yield block
        if stop is not None and number + 1 >= stop:
            return


def blocks(fd: Iterable[str], name: str) -> Iterator[tuple[int, list[str]]]:
    """Cut the file at BEGIN_CFG and END_CFG: the line of the beginning, and the lines after it."""
    lines: list[str] | None = None
    begin = 0
    for number, text in enumerate(fd, 1):
        if number == 1:
            text = text.removeprefix("\ufeff")
        word = text.split(None, 1)[:1]
        if lines is None:
            if not word:
                continue
            if text.strip() != "BEGIN_CFG":
                raise CfgError(f"{name}:{number}: expected BEGIN_CFG, got {text.strip()[:40]}")
            begin, lines = number, []
        elif word == ["BEGIN_CFG"]:
            raise CfgError(
                f"{name}:{number}: BEGIN_CFG inside the configuration that begins on line {begin}: END_CFG is missing"
            )
        elif word == ["END_CFG"]:
            yield begin, lines
            lines = None
        else:
            lines.append(text)
    if lines is not None:
        raise CfgError(
            f"{name}:{begin + len(lines)}: the file ends inside the configuration that begins on line {begin}: "
            "END_CFG is missing"
        )


class Block:
    """One configuration being read."""

    def __init__(self, name: str, begin: int, lines: list[str]) -> None:
        self.name, self.begin, self.lines = name, begin, lines
        self.at = -1  # index into lines
        self.size: int | None = None
        self.cell: list[list[float]] = []
        self.columns: dict[str, list[str]] | None = None
        self.atom_line = 0
        self.energy: float | None = None
        self.virial: list[float] | None = None
        self.features: list[tuple[str, str]] = []
        self.elements_line = 0
        self.seen: dict[str, int] = {}

    @property
    def line(self) -> int:
        return self.begin + 1 + self.at

    def fail(self, text: str, line: int | None = None, kind: type[CfgError] = CfgError) -> NoReturn:
        raise kind(f"{self.name}:{line or self.line}: {text}")

    def words(self) -> list[str] | None:
        """Words of the next line that is not blank."""
        while self.at + 1 < len(self.lines):
            self.at += 1
            words = self.lines[self.at].split()
            if words:
                return words
        return None

    def number(self, word: str, line: int | None = None) -> float:
        if NUMBER.match(word):
            value = float(word)
            if math.isfinite(value):
                return value
            self.fail(f"{word} is too large for a double", line)
        if FAILED.match(word):
            self.fail(f"expected a number, got {word}", line, FailedNumberError)
        self.fail(f"expected a number, got {word}", line)

    def numbers(self, words: list[str], count: int, owner: str) -> list[float]:
        if len(words) != count:
            self.fail(f"expected {count} number{'s' * (count != 1)} in {owner}, got {len(words)}")
        return [self.number(word) for word in words]

    def value(self, key: str, rest: list[str]) -> list[str]:
        """What follows on the same line, or the next line."""
        words = rest or self.words()
        if not words or words[0].rstrip(":") in KEYS:
            self.fail(f"expected a number for {key}, got {words[0] if words else 'END_CFG'}")
        return words

    def note(self, key: str) -> None:
        if key in self.seen:
            self.fail(f"{key} is given twice: line {self.seen[key]} gives it already")
        self.seen[key] = self.line

    def parse(self) -> None:
        last = None
        while words := self.words():
            key, rest = words[0].rstrip(":"), words[1:]
            if key == "SuperCell":
                key = "Supercell"
            if key == "Feature":
                self.read_feature(rest)
            elif key == "Stress":
                self.fail(
                    "the key Stress is ambiguous: programs disagreed on its sign\n"
                    "  hint: replace it by PlusStress, the virial in eV (positive under compression), or remove it"
                )
            elif key not in KEYS:
                if last == "AtomData" and NUMBER.match(key):
                    self.fail(f"expected {self.size} atoms (Size), got more")
                if last == "Supercell" and NUMBER.match(key):
                    self.fail("expected at most 3 rows of Supercell, got more")
                self.fail(f"unknown key {key}\n  hint: expected one of {', '.join(KEYS)}")
            else:
                self.note(key)
                getattr(self, f"read_{key.lower()}")(rest)
            last = key
        if self.size is None or (self.size and self.columns is None):
            lacking = "Size" if self.size is None else "AtomData"
            self.fail(f"the configuration that begins on line {self.begin} lacks {lacking}")

    def read_size(self, rest: list[str]) -> None:
        words = self.value("Size", rest)
        if len(words) != 1 or not words[0].isdecimal():
            self.fail(f"expected a Size of at least 0, got {' '.join(words)}")
        self.size = int(words[0])

    def read_supercell(self, rest: list[str]) -> None:
        if rest:
            self.fail(f"expected the end of the line after Supercell, got {rest[0]}")
        while len(self.cell) < 3:
            before = self.at
            words = self.words()
            if not words or not re.match(r"[-+.0-9]", words[0]):
                if words and FAILED.match(words[0]):
                    self.number(words[0])
                self.at = before
                break
            self.cell.append(self.numbers(words, 3, "a row of Supercell"))

    def read_atomdata(self, names: list[str]) -> None:
        if self.size is None:
            self.fail("AtomData without Size: expected Size before it")
        for name in names:
            if names.count(name) > 1:
                self.fail(f"column {name} is given twice")
        direct = not set(DIRECT).isdisjoint(names)
        if direct and not set(CARTESIAN).isdisjoint(names):
            self.fail("expected positions as either cartes_x … or direct_x …, got both")
        needed = ["type", *(DIRECT if direct else CARTESIAN)]
        if not set(FORCES).isdisjoint(names):
            needed += FORCES
        missing = [name for name in needed if name not in names]
        if missing:
            self.fail(f"AtomData lacks column{'s' * (len(missing) != 1)} {', '.join(missing)}")
        self.atom_line = self.line
        rows = []
        self.row_lines = []
        for row in range(self.size):
            words = self.words()
            if words is None or words[0].rstrip(":") in KEYS:
                self.fail(f"expected {self.size} atoms (Size), got {row} before {words[0] if words else 'END_CFG'}")
            if len(words) != len(names):
                self.fail(f"expected {len(names)} columns of AtomData, got {len(words)}")
            rows.append(words)
            self.row_lines.append(self.line)
        columns = zip(*rows) if rows else [() for _ in names]
        self.columns = dict(zip(names, map(list, columns)))

    def read_energy(self, rest: list[str]) -> None:
        (self.energy,) = self.numbers(self.value("Energy", rest), 1, "Energy")

    def read_plusstress(self, rest: list[str]) -> None:
        self.read_six("PlusStress", rest)

    def read_virial(self, rest: list[str]) -> None:
        self.read_six("Virial", rest)

    def read_six(self, key: str, order: list[str]) -> None:
        if self.virial is not None:
            self.fail("expected either PlusStress or Virial, got both")
        if sorted(order) != sorted(VOIGT):
            self.fail(f"expected each of xx yy zz yz xz xy once after {key}, got {' '.join(order)}")
        values = self.numbers(self.words() or [], 6, key)
        of_name = dict(zip(order, values))
        self.virial = [of_name[name] for name in VOIGT]

    def read_feature(self, rest: list[str]) -> None:
        if not rest:
            self.fail("expected a name after Feature, got nothing")
        value = self.lines[self.at].split(None, 2)
        self.features.append((rest[0], value[2].strip() if len(value) > 2 else ""))
        if rest[0] == "elements":
            self.elements_line = self.line

    def floats(self, names: Sequence[str]) -> np.ndarray:
        """Columns of numbers, shape (atoms, names)."""
        try:
            values = np.array([self.columns[name] for name in names], dtype=float).T
            if np.isfinite(values).all():
                return values
        except ValueError:
            pass
        for atom, line in enumerate(self.row_lines):  # find the word
            for name in names:
                self.number(self.columns[name][atom], line)
        raise AssertionError(names)

    def symbols(self, given: dict[int, str] | None) -> list[str]:
        named = dict(self.features).get("elements")
        if named is not None:
            of_file = dict(enumerate(named.replace(",", " ").split()))
            if given is not None and any(given.get(number, symbol) != symbol for number, symbol in of_file.items()):
                self.fail(
                    f"species {' '.join(given.values())} contradicts the file (elements {named})", self.elements_line
                )
            for symbol in of_file.values():
                if symbol not in atomic_numbers:
                    self.fail(f"{symbol} is not the symbol of a chemical element", self.elements_line)
            given = of_file
        symbols = []
        for word, line in zip(self.columns["type"], self.row_lines):
            if not word.isdecimal():
                self.fail(f"expected a type of at least 0, got {word}", line)
            if given is None:
                self.fail(
                    "the configuration does not name its elements\n"
                    "  hint: list them in the order of the types, as in species=['Mg', 'O']",
                    line,
                )
            symbol = given.get(int(word))
            if symbol is None:
                self.fail(f"type {word} has no element (species: {' '.join(given.values())})", line)
            symbols.append(symbol)
        return symbols

    def atoms(self, given: dict[int, str] | None) -> Atoms:
        self.parse()
        columns = self.columns or {}
        symbols = self.symbols(given) if columns else []
        rows = len(self.cell)
        cell = np.zeros((3, 3))
        cell[:rows] = np.reshape(self.cell, (rows, 3))
        periodic = [axis < rows for axis in range(3)]
        atoms = Atoms(symbols, cell=cell, pbc=periodic)
        if DIRECT[0] in columns:
            if rows < 3:
                self.fail(f"direct_x, direct_y, direct_z need a Supercell of 3 rows, got {rows}", self.atom_line)
            atoms.positions = self.floats(DIRECT) @ cell
        elif columns:
            atoms.positions = self.floats(CARTESIAN)
        results: dict[str, Any] = {}
        if self.energy is not None:
            results["energy"] = results["free_energy"] = self.energy
        if FORCES[0] in columns:
            results["forces"] = self.floats(FORCES)
        if "site_en" in columns:
            results["energies"] = self.floats(["site_en"])[:, 0]
        if "nbh_grades" in columns:
            atoms.arrays["nbh_grades"] = self.floats(["nbh_grades"])[:, 0]
        if "id" in columns:
            if not all(INTEGER.match(word) for word in columns["id"]):
                self.floats(["id"])
                self.fail("expected whole numbers in column id", self.atom_line)
            ids = np.array(columns["id"], dtype=int)
            if not np.array_equal(ids, np.arange(1, len(ids) + 1)):
                atoms.arrays["id"] = ids
        for name, words in columns.items():
            if name not in KNOWN and name not in OF_ASE:
                atoms.arrays[name] = _typed(words)
        for key, value in self.features:
            value = _value(value)
            if key == "elements":
                continue
            if key in atoms.info:
                before = atoms.info[key]
                value = [*before, value] if isinstance(before, list) else [before, value]
            atoms.info[key] = value
        order = dict(self.features).get("elements")
        if order is not None:
            atoms.info["elements"] = order
        elif given is not None and list(given) == list(range(len(given))):
            atoms.info["elements"] = " ".join(given.values())
        if self.virial is not None:
            volume = abs(np.linalg.det(cell))
            if rows == 3 and volume > 0:
                results["stress"] = -np.array(self.virial) / volume
            else:
                atoms.info["PlusStress"] = self.virial
        if results:
            from ase.calculators.singlepoint import SinglePointCalculator

            atoms.calc = SinglePointCalculator(atoms, **results)
        return atoms


def listed(species: Sequence[str] | Mapping[int, str] | None) -> dict[int, str] | None:
    if species is None:
        return None
    if isinstance(species, str):
        raise ValueError(f"species is {species!r}, expected a list of element symbols")
    of_number = dict(species) if isinstance(species, Mapping) else dict(enumerate(species))
    for number, symbol in of_number.items():
        if isinstance(symbol, (int, np.integer)):  # atomic numbers, as motep takes them
            of_number[number] = symbol = chemical_symbols[symbol]
        if symbol not in atomic_numbers:
            raise ValueError(f"{symbol} is not the symbol of a chemical element")
    if len(set(of_number.values())) < len(of_number):
        raise ValueError(f"an element is listed twice in species ({' '.join(of_number.values())})")
    return of_number


def _value(text: str) -> int | float | str:
    if INTEGER.match(text):
        return int(text)
    return float(text) if NUMBER.match(text) and not re.match(r"[+-]?0[0-9]", text) else text


def _typed(words: list[str]) -> np.ndarray:
    if all(INTEGER.match(word) for word in words):
        return np.array(words, dtype=int)
    if all(NUMBER.match(word) for word in words):
        return np.array(words, dtype=float)
    return np.array(words)
