"""MLIP's `.cfg` for ase.io, as the format `mlip-cfg`.

    atoms = ase.io.read("train.cfg", index=":", species=["Mg", "O"])
    ase.io.write("new.cfg", frames, format="mlip-cfg")

ASE finds it through the entry point `ase.ioformats`. Files are recognized by `BEGIN_CFG`; writing needs
`format="mlip-cfg"`, because `.cfg` means AtomEye in ASE. The object FORMAT and the functions are in one module, because
newer ASE looks for the functions in the module of the entry point. Nothing of `ase.io` is imported here, because it
imports this module.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ase.atoms import Atoms
from ase.utils.plugins import ExternalIOFormat

from ._cfg_reader import Block, CfgError, FailedNumberError, blocks, forward, listed
from ._cfg_writer import order_of, text_of

if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["FORMAT", "CfgError", "FailedNumberError", "read_mlip_cfg", "write_mlip_cfg"]

FORMAT = ExternalIOFormat(
    desc="MLIP configurations (.cfg)",
    code="+F",
    module="mtprs.cfg",
    magic_regex=rb"(?:\xef\xbb\xbf)?\s*BEGIN_CFG\s",
)


def read_mlip_cfg(
    fd: TextIO,
    index: int | slice = -1,
    species: Sequence[str] | Mapping[int, str] | None = None,
    strict: bool = True,
) -> Iterator[Atoms]:
    """Read configurations.

    Args:
        fd: an open file.
        index: which configurations; every BEGIN_CFG counts.
        species: element symbols in the order of the species numbers, if the file does not name them with the feature
            `elements`; it is an error if they contradict it.
        strict: raise an error if `nan`, `inf` or `***` stands for a number; otherwise such configurations are left out
            with a warning.

    Energies, forces, stress and site energies (`energies`) are in `atoms.calc`, features in `atoms.info`, the column
    `nbh_grades` and all others in `atoms.arrays`. A virial of a cell without three vectors is
    `atoms.info["PlusStress"]`.

    """
    name = str(getattr(fd, "name", "<cfg>"))
    given = listed(species)
    found = blocks(fd, name)
    if isinstance(index, slice):
        parts = (index.start, index.stop, index.step)
        if any(part is not None and part < 0 for part in parts):
            everything = list(found)
            chosen: Iterable[Any] = everything[index]
        else:
            chosen = forward(found, index)
    else:
        chosen = [list(found)[index]]
    for begin, lines in chosen:
        try:
            atoms = Block(name, begin, lines).atoms(given)
        except FailedNumberError as error:
            if strict:
                raise
            warnings.warn(f"{error}: the configuration is left out", stacklevel=2)
            continue
        yield atoms


def write_mlip_cfg(
    fd: TextIO,
    images: Atoms | Iterable[Atoms],
    species: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
) -> None:
    """Write configurations.

    Args:
        fd: an open file.
        images: one or several.
        species: element symbols in the order of the species numbers. By default the order is that of `elements` in
            `atoms.info`, which must be the same in all images, or that in which the elements first occur.
        columns: names of `atoms.arrays` to write as columns; by default those with one number or word per atom that
            are neither ASE's own nor named like columns of `.cfg`.

    Labels are written if the calculator holds them for exactly these atoms; nothing is calculated. The energy is
    `free_energy` if there is one. Numbers are the shortest decimals that give the same double.

    """
    images = [images] if isinstance(images, Atoms) else list(images)
    order = list(listed(species).values()) if species is not None else order_of(images)
    number_of = {symbol: number for number, symbol in enumerate(order)}
    for position, atoms in enumerate(images):
        try:
            fd.write(text_of(atoms, number_of, columns))
        except ValueError as error:
            raise ValueError(f"image {position}: {error}") from error
