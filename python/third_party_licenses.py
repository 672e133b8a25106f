"""Writes the licences of all crates that the command mtprs is linked from, with the texts that they come with.

    python third_party_licenses.py --cargo cargo --manifest Cargo.toml --out THIRD-PARTY-LICENSES.txt

A text that several crates bring is written once; the others refer to the first.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

BEGINNINGS = ("license", "licence", "copying", "copyright", "notice", "unlicense")

HEAD = """\
The command mtprs and the libraries of this package are linked from the Rust standard library (MIT OR Apache-2.0,
copyright The Rust Project Contributors) and, the command alone, from the crates below.
"""


def linked_crates(cargo: str, manifest: str) -> list[dict]:
    """Crates that end up in the program: what it needs to run, not what builds or tests it."""
    command = [cargo, "metadata", "--format-version", "1", "--locked", "--manifest-path", manifest]
    command += ["--filter-platform", host_of(cargo)]
    metadata = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    waiting = [package["id"] for package in packages.values() if package["name"] in ("mtprs", "mtprs-python")]
    found = set()
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        for dependency in nodes[name]["deps"]:
            if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                waiting.append(dependency["pkg"])
    foreign = [packages[name] for name in found if packages[name]["source"] is not None]
    return sorted(foreign, key=lambda package: (package["name"], package["version"]))


def host_of(cargo: str) -> str:
    """Name of the platform that cargo builds for."""
    output = subprocess.run([cargo, "--version", "--verbose"], check=True, capture_output=True, text=True).stdout
    return next(line.split()[1] for line in output.splitlines() if line.startswith("host:"))


def license_texts(package: dict) -> list[Path]:
    """Files beside the manifest that hold a licence or a notice."""
    folder = Path(package["manifest_path"]).parent
    files = {file for file in folder.iterdir() if file.is_file() and file.name.lower().startswith(BEGINNINGS)}
    if package["license_file"]:
        files.add(folder / package["license_file"])
    return sorted(files)


def main() -> None:
    """Collect and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cargo", default="cargo", help="the program cargo")
    parser.add_argument("--manifest", required=True, help="Cargo.toml of the workspace")
    parser.add_argument("--out", required=True, type=Path, help="file to write")
    arguments = parser.parse_args()
    crates = linked_crates(arguments.cargo, arguments.manifest)
    if not crates:
        sys.exit("error: found no crates: has the package mtprs another name?")
    parts = [HEAD]
    first_with = {}
    for package in crates:
        name = f"{package['name']} {package['version']}"
        authors = ", ".join(package["authors"]) or "its authors"
        parts.append(f"{'=' * 80}\n{name}: {package['license']}\nby {authors}\n")
        for file in license_texts(package):
            text = file.read_text(encoding="utf-8", errors="replace")
            first = first_with.setdefault(text, name)
            parts.append(text if first == name else f"{file.name}: as that of {first}")
    arguments.out.write_text("\n".join(parts), encoding="utf-8")


main()
