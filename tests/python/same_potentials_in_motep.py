"""Fail unless motep reads the same numbers from both files of every pair given on the command line."""

import dataclasses
import sys

import numpy as np
from motep.io.mlip.mtp import read_mtp


def differences(first, second, where=""):
    """Names of the entries in which two nested dictionaries of numbers differ."""
    if isinstance(first, dict):
        for key in first.keys() | second.keys():
            yield from differences(first.get(key), second.get(key), f"{where}/{key}")
    elif isinstance(first, np.ndarray) or isinstance(second, np.ndarray):
        if not np.array_equal(first, second):
            yield where
    elif first != second:
        yield where


def main(paths):
    pairs = list(zip(paths[::2], paths[1::2], strict=True))
    for original, rewritten in pairs:
        first, second = (dataclasses.asdict(read_mtp(path)) for path in (original, rewritten))
        different = list(differences(first, second))
        if different:
            sys.exit(f"{original} and {rewritten} differ in {', '.join(different)}")
    print(f"{len(pairs)} pairs are the same")


if __name__ == "__main__":
    main(sys.argv[1:])
