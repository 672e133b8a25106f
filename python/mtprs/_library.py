"""The shared library with the C interface of `mtprs.h`: its structs and functions for ctypes.

The library is the one that the environment variable `MTPRS_LIBRARY` names, else `lib/libmtprs.so` beside this file. It
is loaded once, when first needed, and must have the interface that these declarations were written for. ctypes leaves
Python's lock while a function of the library runs.
"""

from __future__ import annotations

import ctypes
import functools
import os
from ctypes import POINTER, byref, c_char, c_char_p, c_double, c_int32, c_size_t, c_uint32, c_void_p
from pathlib import Path
from typing import Any

from mtprs.exceptions import BY_STATUS, Error

ABI_VERSION = 1
"""`MTPRS_ABI_VERSION` of the header that the declarations follow."""


class ErrorStruct(ctypes.Structure):
    """`mtprs_error_t`."""

    _fields_ = (("status", c_uint32), ("atom", c_int32), ("message", c_char * 1016))


class SizedStruct(ctypes.Structure):
    """A struct that begins with its size."""

    def __init__(self, **fields: object) -> None:
        super().__init__(struct_size=ctypes.sizeof(self), **fields)


class PotentialFacts(SizedStruct):
    """`mtprs_potential_facts_t`."""

    _fields_ = (
        ("struct_size", c_size_t),
        ("species_count", c_size_t),
        ("parameter_count", c_size_t),
        ("basis_function_count", c_size_t),
        ("cutoff", c_double),
        ("min_dist", c_double),
        ("has_species_names", c_int32),
        ("is_trained", c_int32),
    )


class SelectionFacts(SizedStruct):
    """`mtprs_selection_facts_t`."""

    _fields_ = (
        ("struct_size", c_size_t),
        ("parameter_count", c_size_t),
        ("unsupported_count", c_size_t),
        ("is_neighborhood_mode", c_int32),
    )


class EvaluatorOptions(SizedStruct):
    """`mtprs_evaluator_options_t`."""

    _fields_ = (
        ("struct_size", c_size_t),
        ("threads", c_int32),
        ("precision", c_int32),
        ("selection", c_void_p),
    )


class Configuration(SizedStruct):
    """`mtprs_configuration_t`."""

    _fields_ = (
        ("struct_size", c_size_t),
        ("atom_count", c_size_t),
        ("positions", c_void_p),
        ("species", c_void_p),
        ("cell_vectors", c_void_p),
        ("periodic_count", c_size_t),
    )


class Outputs(SizedStruct):
    """`mtprs_outputs_t`."""

    _fields_ = (
        ("struct_size", c_size_t),
        ("energy", c_void_p),
        ("atom_energies", c_void_p),
        ("forces", c_void_p),
        ("virial", c_void_p),
        ("atom_virials", c_void_p),
        ("centroid_virials", c_void_p),
        ("grades", c_void_p),
        ("energy_gradient", c_void_p),
    )


# Parameters of the functions that return a status; the last one, mtprs_error_t *, is the same for all.
_FALLIBLE: dict[str, list[Any]] = {
    "potential_parse": [c_char_p, c_size_t, c_char_p, POINTER(c_void_p)],
    "potential_describe": [c_void_p, POINTER(PotentialFacts)],
    "potential_species_index": [c_void_p, c_char_p, POINTER(c_int32)],
    "potential_species_name": [c_void_p, c_size_t, c_char_p, c_size_t],
    "selection_parse": [c_char_p, c_size_t, c_char_p, c_void_p, POINTER(c_void_p)],
    "selection_describe": [c_void_p, POINTER(SelectionFacts)],
    "selection_grade": [c_void_p, c_void_p, c_size_t, POINTER(c_double)],
    "evaluator_create": [c_void_p, POINTER(EvaluatorOptions), POINTER(c_void_p)],
    "evaluator_compute_cell": [c_void_p, POINTER(Configuration), POINTER(Outputs)],
}

# Parameters and result of the others.
_INFALLIBLE: dict[str, tuple[list[Any], Any]] = {
    "version": ([], c_char_p),
    "potential_free": ([c_void_p], None),
    "potential_level": ([c_void_p], c_int32),
    "selection_free": ([c_void_p], None),
    "evaluator_free": ([c_void_p], None),
    "evaluator_memory": ([c_void_p], c_size_t),
    "evaluator_closest_pair": ([c_void_p, POINTER(c_double), POINTER(c_int32)], c_int32),
}


def path() -> Path:
    """Return where the library is looked for."""
    chosen = os.environ.get("MTPRS_LIBRARY")
    return Path(chosen) if chosen else Path(__file__).with_name("lib") / "libmtprs.so"


@functools.cache
def library() -> ctypes.CDLL:
    """Load the library, check its interface and declare its functions."""
    where = path()
    hint = "name another one in the environment variable MTPRS_LIBRARY, or reinstall lammps-mtprs"
    try:
        loaded = ctypes.CDLL(str(where))
        loaded.mtprs_abi_version.restype = c_uint32
    except (OSError, AttributeError) as error:
        raise ImportError(f"the mtprs library cannot be loaded: {error}\n  hint: {hint}") from error
    number = loaded.mtprs_abi_version()
    if number != ABI_VERSION:
        raise ImportError(
            f"the mtprs library {where} has interface {number}, this Python package was made for {ABI_VERSION}\n"
            f"  hint: {hint}"
        )
    fallible = {name: ([*parameters, POINTER(ErrorStruct)], c_uint32) for name, parameters in _FALLIBLE.items()}
    for name, (parameters, result) in (fallible | _INFALLIBLE).items():
        try:
            function = getattr(loaded, f"mtprs_{name}")
        except AttributeError as error:
            raise ImportError(f"the mtprs library {where} is too old: {error}\n  hint: {hint}") from error
        function.argtypes = parameters
        function.restype = result
    return loaded


def version() -> str:
    """Return the version of the library."""
    return library().mtprs_version().decode()


def call(name: str, *arguments: object) -> None:
    """Call a function that returns a status; raise what it reports."""
    error = ErrorStruct()
    status = getattr(library(), f"mtprs_{name}")(*arguments, byref(error))
    if status:
        atom = error.atom if error.atom >= 0 else None
        failure = BY_STATUS.get(status, Error)(error.message.decode(errors="replace"), atom)
        if atom is not None:
            failure.add_note(f"  note: the text counts atoms from 1; this is the atom of index {atom}")
        raise failure
