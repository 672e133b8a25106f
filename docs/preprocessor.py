"""Preprocessor of the site: what Markdown lacks becomes HTML that any browser shows without a network.

mdBook calls it with the book as JSON on standard input. It replaces

- blocks ```math and spans $`...`$ of TeX by drawings, as browsers set equations well only with a font made for them
- {{#manual PATH}} by the page that a reStructuredText file in the layout of LAMMPS's manual makes
- {{#commands}} by the help of all commands, by task, of the program that the variable MTPRS names
- links to files of the repository outside docs/src by links to where it is published, and pictures by their contents
"""

import base64
import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import ziamath
from docutils import nodes
from docutils.core import publish_parts
from docutils.parsers.rst import Directive, directives, roles
from docutils.utils import SystemMessage

SOURCES = Path(__file__).resolve().parent / "src"
REPOSITORY = SOURCES.parent.parent
PUBLISHED = "https://github.com/mtprs/mtprs/blob/main/"
LAMMPS_MANUAL = "https://docs.lammps.org/"
EQUATION_SIZE = 18
PICTURE_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}

FENCE = re.compile(r"^(?P<fence>`{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=fence)[ \t]*$", re.M | re.S)
INLINE_MATH = re.compile(r"\$`([^`]+)`\$")
LINK = re.compile(r"(?P<picture>!?)\[(?P<text>[^\]]*)\]\((?P<target>\.\.?/[^)\s]+)\)")

# Commands that have commands of their own.
INNER_COMMANDS = {"state": ("build", "show"), "analyze": ("rdf", "diffusion", "order", "melt")}

ziamath.config.svg2 = False
ziamath.config.precision = 2


class PageError(Exception):
    """What is wrong with a page."""


def publish(text):
    """Return the HTML of reStructuredText; any complaint of docutils is an error."""
    settings = {
        "initial_header_level": 2,
        "doctitle_xform": False,
        "syntax_highlight": "none",
        "input_encoding": "unicode",
        "halt_level": 2,
        "report_level": 2,
        "traceback": True,
        "warning_stream": False,
    }
    try:
        body = publish_parts(text, writer="html5", settings_overrides=settings)["body"]
    except SystemMessage as message:
        raise PageError(str(message)) from None
    # an empty line would end the HTML for Markdown
    parts = re.split(r"(<pre.*?</pre>)", body, flags=re.S)
    parts[0::2] = [re.sub(r"\n\s*\n", "\n", part) for part in parts[0::2]]
    parts[1::2] = [part.replace("\n\n", "\n&#10;") for part in parts[1::2]]
    return "".join(parts)


def equation(tex, display):
    """Return TeX as a drawing, with the TeX for those who cannot see it."""
    text = " ".join(tex.split()).replace(r"\dots", r"\ldots")
    drawing = ziamath.Latex(text, size=EQUATION_SIZE, inline=not display)
    shape = f'<svg class="tex" role="img" aria-label="{html.escape(text)}" fill="currentColor" '
    below = drawing.getyofst()
    svg = (
        drawing.svg()
        .replace('fill="black"', 'fill="currentColor"')
        .replace("<svg ", f'{shape}style="vertical-align: {below:.2f}px" ', 1)
    )
    return f'<div class="equation">{svg}</div>' if display else svg


class Equation(Directive):
    """The directive math."""

    has_content = True

    def run(self):
        return [nodes.raw("", equation("\n".join(self.content), display=True), format="html")]


def equation_role(_name, rawtext, _text, _line, _inliner, options=None, content=()):
    """The role math; its raw text has the backslashes."""
    tex = rawtext.split("`", 1)[1].rstrip("`")
    return [nodes.raw(rawtext, equation(tex, display=False), format="html")], []


class Index(Directive):
    """Entries of LAMMPS's index, which this site does not have."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True

    def run(self):
        return []


def titled_role(address):
    """Return a role that makes links of `text <target>`."""

    def role(_name, rawtext, text, _line, _inliner, options=None, content=()):
        match = re.fullmatch(r"(.+?)\s*<([^>]+)>", text, re.S)
        label, target = match.groups() if match else (text, text)
        return [nodes.reference(rawtext, label, refuri=address(target), **(options or {}))], []

    return role


def manual(path):
    """Return the HTML of a page in the layout of LAMMPS's manual."""
    directives.register_directive("index", Index)
    directives.register_directive("math", Equation)
    roles.register_local_role("math", equation_role)
    roles.register_local_role("doc", titled_role(lambda page: f"{LAMMPS_MANUAL}{page}.html"))
    roles.register_local_role("ref", titled_role(lambda label: f"#{label.lower()}"))
    return f'<div class="manual">\n{publish(path.read_text(encoding="utf-8"))}\n</div>\n'


def commands():
    """Return the help of every command as a chapter."""
    program = os.environ.get("MTPRS")
    if not program:
        raise PageError("the variable MTPRS does not name the program; make docs sets it")

    def told(*arguments):
        return subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout.strip()

    overview = told("--help")
    chapters = [f"```text\n{overview}\n```\n"]
    for task, lines in re.findall(r"^(\S[^\n]*):\n((?:  \w+  .*\n)+)", overview, re.M):
        chapters.append(f"## {task}\n")
        names = re.findall(r"^  (\w+)  ", lines, re.M)
        for name in [name for name in names if name != "help"]:
            chapters.append(f"### mtprs {name}\n\n```text\n{told(name, '--help')}\n```\n")
            chapters += [
                f"#### mtprs {name} {inner}\n\n```text\n{told(name, inner, '--help')}\n```\n"
                for inner in INNER_COMMANDS.get(name, ())
            ]
    return "\n".join(chapters)


def picture(text, path):
    """Return a picture of the repository as part of the page."""
    kind = PICTURE_TYPES.get(path.suffix)
    if kind is None:
        raise PageError(f"{path}: expected a picture in {', '.join(PICTURE_TYPES)}")
    encoded = base64.b64encode(path.read_bytes()).decode()
    return f'<img alt="{html.escape(text)}" src="data:{kind};base64,{encoded}">'


def link(match, folder):
    """Return a link to a file of the repository as the site has it."""
    target, _, anchor = match["target"].partition("#")
    path = (folder / target).resolve()
    if not path.exists():
        raise PageError(f"{match['target']}: no such file")
    if path.is_relative_to(SOURCES):
        return match[0]
    if match["picture"]:
        return picture(match["text"], path)
    published = PUBLISHED + path.relative_to(REPOSITORY).as_posix()
    return f"[{match['text']}]({published}{'#' + anchor if anchor else ''})"


def prose(text, folder):
    """Replace what is to be replaced between blocks of code."""
    text = re.sub(r"^\{\{#manual (\S+)\}\}$", lambda match: manual(folder / match[1]), text, flags=re.M)
    text = re.sub(r"^\{\{#commands\}\}$", lambda _: commands(), text, flags=re.M)
    text = INLINE_MATH.sub(lambda match: equation(match[1], display=False), text)
    return LINK.sub(lambda match: link(match, folder), text)


def block(match):
    """Return a block of code, or the equation that it holds."""
    if match["info"].strip() == "math":
        return equation(match["body"], display=True) + "\n"
    return match[0]


def page(text, folder):
    """Return the Markdown of a page as mdBook understands it."""
    parts, end = [], 0
    for match in FENCE.finditer(text):
        parts += [prose(text[end : match.start()], folder), block(match)]
        end = match.end()
    return "".join([*parts, prose(text[end:], folder)])


def walk(items):
    """Replace the contents of all chapters."""
    for item in items:
        chapter = item.get("Chapter") if isinstance(item, dict) else None
        if chapter and chapter["path"]:
            path = SOURCES / chapter["path"]
            try:
                chapter["content"] = page(chapter["content"], path.parent)
            except (PageError, OSError, subprocess.CalledProcessError) as error:
                raise SystemExit(f"error: docs/src/{chapter['path']}: {error}") from None
            walk(chapter["sub_items"])


def main():
    if len(sys.argv) > 1 and sys.argv[1] == "supports":
        raise SystemExit(0 if sys.argv[2] == "html" else 1)
    _, book = json.load(sys.stdin)
    walk(book["items"])
    json.dump(book, sys.stdout)


if __name__ == "__main__":
    main()
