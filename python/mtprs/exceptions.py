"""What can go wrong, as exceptions with the library's own text.

Every status of `mtprs.h` is a class below `Error` and below the exception that Python programs expect in such a case,
so `except ValueError` works as well as `except mtprs.Error`. Texts of files begin with file, line and column.
"""

from __future__ import annotations


class Error(Exception):
    """What the library reported: what was got, what was expected, where; a hint may follow on a line of its own.

    The library's texts count atoms from 1, as files do.

    Attributes:
        atom: index, from 0, of the atom that the text is about, or None.

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
    """Well formed, but not something that mtprs does."""


class InvalidPotentialError(Error, ValueError):
    """Numbers of a potential contradict each other, or some are missing."""


class InvalidConfigurationError(Error, ValueError):
    """Atoms or cell cannot be evaluated: a position is NaN, say."""


class SpeciesError(Error, ValueError):
    """An element or species is not in the potential."""


class NotFiniteError(Error, ArithmeticError):
    """Finite input gave an energy or force that is not."""


class InternalError(Error, RuntimeError):
    """A defect of mtprs; that evaluator is unusable from then on."""


class InvalidStateError(Error, ValueError):
    """A selection state is damaged, or belongs to another potential."""


class ShortDistanceWarning(UserWarning):
    """Two atoms are closer than `min_dist`, where the radial functions begin: the potential extrapolates."""


class DataWarning(UserWarning):
    """Something of an input was left out, or is not what it seems."""


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
