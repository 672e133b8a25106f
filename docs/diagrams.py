"""Draw the diagrams of the documentation: docs/src/pictures/flow.svg and loop.svg.

    python docs/diagrams.py

Boxes on a grid with arrows between them, as plain SVG.
"""

import html
from pathlib import Path

PICTURES = Path(__file__).resolve().parent / "src/pictures"
WIDTH, HEIGHT, GAP_X, GAP_Y = 164, 58, 58, 46
COLORS = {"ours": ("#e8f1fa", "#1f5fa8"), "file": ("#f5f7f9", "#5a6672"), "others": ("#fdf0e8", "#c8561b")}
STYLE = (
    "text{font:14px system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',Arial,sans-serif;text-anchor:middle;"
    "fill:#1a2027}"
    ".small{font-size:11.5px;fill:#5a6672}.arrow{fill:none;stroke:#5a6672;stroke-width:1.6;marker-end:url(#head)}"
)
HEAD = (
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0 L8 4 L0 8 z" fill="#5a6672"/></marker></defs>'
)

# name: column, row, kind, first line, second line
FLOW = {
    "dft": (0, 0, "others", "DFT", "VASP, or any code"),
    "convert": (1, 0, "ours", "convert, check, split", "command mtprs"),
    "cfg": (2, 0, "file", "train.cfg", "labeled configurations"),
    "train": (2, 1, "ours", "train", "command mtprs"),
    "mtp": (1, 1, "file", "pot.mtp", "the potential"),
    "lammps": (0, 1, "others", "LAMMPS", "pair_style mtp/rs"),
    "errors": (1, 2, "ours", "errors, tune", "reports"),
    "programs": (2, 2, "others", "your program", "C, C++, Rust, Python"),
}
FLOW_ARROWS = [
    ("dft", "convert", ""),
    ("convert", "cfg", ""),
    ("cfg", "train", ""),
    ("train", "mtp", ""),
    ("mtp", "lammps", ""),
    ("mtp", "errors", ""),
    ("mtp", "programs", ""),
    ("lammps", "dft", "frames that extrapolate"),
]

LOOP = {
    "train": (0, 0, "ours", "train", "pot.mtp"),
    "state": (1, 0, "ours", "active set", "pot.mtps"),
    "lammps": (2, 0, "others", "LAMMPS", "runs with grades"),
    "select": (2, 1, "ours", "select", "selected.cfg"),
    "label": (1, 1, "others", "reference calculation", "labels, one by one"),
    "set": (0, 1, "file", "training set", "training.cfg"),
}
LOOP_ARROWS = [
    ("train", "state", ""),
    ("state", "lammps", ""),
    ("lammps", "select", "saved frames"),
    ("select", "label", ""),
    ("label", "set", ""),
    ("set", "train", "again, until all runs last"),
]


def corner(box):
    """Return the upper left corner of a box."""
    return 12 + box[0] * (WIDTH + GAP_X), 12 + box[1] * (HEIGHT + GAP_Y)


def draw_box(box):
    """Return a box with its two lines."""
    (x, y), (fill, line) = corner(box), COLORS[box[2]]
    middle = x + WIDTH / 2
    return (
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="8" fill="{fill}" stroke="{line}" '
        'stroke-width="1.4"/>'
        f'<text x="{middle}" y="{y + 25}">{html.escape(box[3])}</text>'
        f'<text class="small" x="{middle}" y="{y + 44}">{html.escape(box[4])}</text>'
    )


def edge_point(box, across, down):
    """Return where an arrow leaves or meets a box, on the side towards (across, down)."""
    x, y = corner(box)
    if across and not down:
        return x + (WIDTH if across > 0 else 0), y + HEIGHT / 2
    return x + WIDTH / 2 + across * WIDTH / 4, y + (HEIGHT if down > 0 else 0)


def draw_arrow(first, second, label):
    """Return an arrow between the facing sides of two boxes, with a label beside it."""
    across, down = ((second[i] > first[i]) - (second[i] < first[i]) for i in (0, 1))
    (x1, y1), (x2, y2) = edge_point(first, across, down), edge_point(second, -across, -down)
    text = f'<text class="small" x="{(x1 + x2) / 2 + 74}" y="{(y1 + y2) / 2 + 4}">{label}</text>' if label else ""
    return f'<path class="arrow" d="M{x1} {y1} L{x2} {y2}"/>{text}'


def draw(name, title, boxes, arrows):
    """Write one diagram."""
    columns, rows = (1 + max(box[i] for box in boxes.values()) for i in (0, 1))
    # labels beside the last column
    width = 24 + columns * WIDTH + (columns - 1) * GAP_X + 40
    height = 24 + rows * HEIGHT + (rows - 1) * GAP_Y
    parts = [draw_arrow(boxes[first], boxes[second], label) for first, second, label in arrows]
    parts += [draw_box(box) for box in boxes.values()]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="img">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style>{HEAD}\n" + "\n".join(parts) + "\n</svg>\n"
    )
    (PICTURES / name).write_text(svg, encoding="utf-8")


def main():
    PICTURES.mkdir(exist_ok=True)
    draw("flow.svg", "From DFT data to LAMMPS and back", FLOW, FLOW_ARROWS)
    draw("loop.svg", "The loop of active learning", LOOP, LOOP_ARROWS)


if __name__ == "__main__":
    main()
