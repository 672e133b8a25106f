"""The teacher: NEP89, a universal potential for 89 elements, as a calculator of ASE.

    python teacher.py --fetch

brings its parameters, nep89.txt, into this folder. They are part of the source distribution of NepTrainKit on PyPI
(GPL-3.0-or-later); nothing else of it is used. `mtprs learn` finds the calculator as `teacher:nep89`.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PARAMETERS = Path(__file__).resolve().parent / "nep89.txt"
SHA256 = "75168ece02e840e4a32644f982b78d43cba697f5b64b4c8134ab66c7a8c28be1"
PACKAGE = "neptrainkit==3.1.5"
MEMBER = "neptrainkit-3.1.5/src/NepTrainKit/Config/nep89.txt"


def checked(content: bytes, source: str) -> bytes:
    """Return the content if it is what all numbers of this example were made with."""
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise ValueError(f"{source}: SHA-256 is {found}, expected {SHA256}: another version of NEP89?")
    return content


def fetch() -> None:
    """Download the parameters with pip; they are there completely or not at all."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "neptrainkit"]
        subprocess.run([*pip, "--dest", folder, PACKAGE], check=True)
        (archive,) = Path(folder).glob("neptrainkit-*.tar.gz")
        with tarfile.open(archive) as files:
            content = files.extractfile(MEMBER).read()
    new = PARAMETERS.with_suffix(".new")
    new.write_bytes(checked(content, MEMBER))
    os.replace(new, PARAMETERS)


def nep89():
    """Return the calculator."""
    from nep_adapters.ase import NepAseCalculator

    if not PARAMETERS.is_file():
        raise FileNotFoundError(f"{PARAMETERS} is not there: run `python teacher.py --fetch`")
    checked(PARAMETERS.read_bytes(), str(PARAMETERS))
    return NepAseCalculator(str(PARAMETERS), backend="cpu")


def main() -> None:
    """Fetch the parameters."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fetch", action="store_true", required=True, help="download nep89.txt, 16 MB")
    parser.parse_args()
    fetch()
    print(f"{PARAMETERS.name}: {PARAMETERS.stat().st_size} bytes, SHA-256 as expected")


if __name__ == "__main__":
    main()
