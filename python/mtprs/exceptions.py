"""Exceptions, with the messages of the library.

Every status of `mtprs.h` is a subclass of `Error` and of the exception that Python programs expect in such a case, so
`except ValueError` works as well as `except mtprs.Error`. Messages about files start with file, line and column.
"""

from __future__ import annotations


class Error(Exception):
    """An error of the library: what it got, what it expected, and where; a hint may follow on a separate line.

    Messages of the library count atoms from 1, as files do.

    Attributes:
        atom: index, from 0, of the atom that the message is about, or None.

    """

    def __init__(self, text: str, atom: int | None = None) -> None:
        super().__init__(text)
        self.atom = atom


class ArgumentError(Error, ValueError):
    """An argument is outside its documented range."""


class FileError(Error, OSError):
    """A file cannot be read or written."""


class SyntaxInFileError(Error, ValueError):
    """Text does not follow the grammar of its format."""


class UnsupportedError(Error, ValueError):
    """Valid input that mtprs does not support."""


class InvalidPotentialError(Error, ValueError):
    """Numbers in a potential are inconsistent or missing."""


class InvalidConfigurationError(Error, ValueError):
    """Atoms or cell cannot be evaluated, for example because a position is NaN."""


class SpeciesError(Error, ValueError):
    """An element or species is not in the potential."""


class NotFiniteError(Error, ArithmeticError):
    """Finite input gave an energy or force that is not finite."""


class InternalError(Error, RuntimeError):
    """A bug in mtprs; the evaluator cannot be used any more."""


class InvalidStateError(Error, ValueError):
    """A selection state is damaged, or belongs to another potential."""


class ShortDistanceWarning(UserWarning):
    """Two atoms are closer than `min_dist`, where the radial functions start: the potential extrapolates."""


class DataWarning(UserWarning):
    """Part of an input was left out, or may not be what it seems."""


BY_STATUS: dict[int, type[Error]] = {
    1: ArgumentError,
    2: FileError,
    3: SyntaxInFileError,
    4: UnsupportedError,
    5: InvalidPotentialError,
    6: InvalidConfigurationError,
    7: SpeciesError,
    8: NotFiniteError,
    9: InternalError,
    10: InvalidStateError,
}
"""Exception for each `mtprs_status_t` but MTPRS_OK."""
