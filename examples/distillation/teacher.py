"""ASE calculators of the teachers: NEP89, a universal potential for 89 elements, and CHGNet.

    python teacher.py --fetch

downloads the parameters of NEP89 to nep89.txt in this folder. They are part of the source distribution of NepTrainKit
on PyPI (GPL-3.0-or-later); nothing else of it is used. In a job of `mtprs learn`, the calculators are `teacher:nep89`
and `teacher:chgnet`.
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
    """Return the content if it is the version that this example was tested with."""
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise ValueError(f"{source}: SHA-256 is {found}, expected {SHA256}: another version of NEP89?")
    return content


def fetch() -> None:
    """Download the parameters with pip. An interruption leaves no incomplete file."""
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
    """Return the calculator of NEP89, on the CPU."""
    from nep_adapters.ase import NepAseCalculator

    if not PARAMETERS.is_file():
        raise FileNotFoundError(f"{PARAMETERS} is not there: run `python teacher.py --fetch`")
    checked(PARAMETERS.read_bytes(), str(PARAMETERS))
    return NepAseCalculator(str(PARAMETERS), backend="cpu")


def chgnet():
    """Return the calculator of CHGNet 0.3.0. The package contains its parameters."""
    from chgnet.model.dynamics import CHGNetCalculator
    from chgnet.model.model import CHGNet

    return CHGNetCalculator(CHGNet.load(model_name="0.3.0", use_device="cpu", verbose=False), use_device="cpu")


TEACHERS = {"nep89": nep89, "chgnet": chgnet}


def arguments(description: str) -> argparse.Namespace:
    """Parse the command line of a script that needs a teacher."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teacher", choices=TEACHERS, default="nep89")
    return parser.parse_args()


def main() -> None:
    """Fetch the parameters."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fetch", action="store_true", required=True, help="download nep89.txt, 16 MB")
    parser.parse_args()
    fetch()
    print(f"{PARAMETERS.name}: {PARAMETERS.stat().st_size} bytes, SHA-256 as expected")


if __name__ == "__main__":
    main()
