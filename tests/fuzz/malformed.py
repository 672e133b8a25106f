"""Writes the malformed files of the tests (tests/tests/malformed) into a folder, as inputs to begin with.

python3 malformed.py FOLDER
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent / "tests"


def changed(text, changes):
    """A text after the changes of a section."""
    if changes[0].startswith("="):
        return "".join(line[1:] + "\n" for line in changes)
    for change in "\n".join(changes).split("\n...\n"):
        if change.startswith("|"):
            text = text[: text.rindex(change[1:])]
            continue
        lines = change.split("\n")
        old, new = ("".join(line[1:] + "\n" for line in lines if line[0] == mark) for mark in "-+")
        place = ("\n" + text).rindex("\n" + old)
        text = text[:place] + new + text[place + len(old) :]
    return text


def main():
    folder = Path(sys.argv[1])
    trained = (HERE / "wellformed/trained.mtp").read_text()
    crystal = (HERE / "wellformed/crystal.cfg").read_text()
    one = crystal[: crystal.rindex("BEGIN_CFG")]
    for table, kind, base in (("potentials", "mtp", trained), ("configurations", "cfg", 2 * one)):
        for section in (HERE / f"malformed/{table}.txt").read_text().split("\n# ")[1:]:
            heading, *lines = section.split("\n")
            changes = [line for line in lines if line and line[0] != "!"]
            if changes:
                text = changed(one if heading.endswith(": alone") else base, changes)
                (folder / f"{heading.removesuffix(': alone')}.{kind}").write_text(text)


main()
