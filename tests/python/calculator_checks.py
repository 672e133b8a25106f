"""What the tests of the calculator for ASE share."""

import numpy as np


def refused(kind, words, function):
    """Return the exception of a kind that a function raises; fail unless it has these words in it."""
    try:
        function()
    except kind as error:
        assert words in str(error), f"expected {words!r} in {str(error)!r}"
        return error
    raise AssertionError(f"{kind.__name__} with {words!r} was not raised")


def everything(atoms):
    """Return all results of a calculator."""
    names = atoms.calc.implemented_properties
    return {name: atoms.calc.get_property(name, atoms) for name in names}


def assert_same(results, expected):
    """Fail unless results have the bits that are expected."""
    for name in expected:
        assert np.array_equal(results[name], expected[name]), name
