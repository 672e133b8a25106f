"""The drawing of the figure: a panel for each data set, force error against time, the front as a line."""

import matplotlib
import matplotlib.pyplot as plt

STYLES = {
    "mtprs": ("o", "#1f4e9c"),
    "mtprs prune": ("D", "#5fa8d3"),
    "motep": ("x", "#777777"),
    "SNAP": ("s", "#c8553d"),
    "POD": ("^", "#588157"),
    "UF3": ("v", "#e09f3e"),
    "polymlp": ("P", "#7b2d8b"),
    "ACE": ("*", "#2a2a2a"),
}


def draw(path, cases, on_front):
    matplotlib.use("Agg")
    plt.rcParams["svg.hashsalt"] = "mtprs"
    figure, panels = plt.subplots(1, len(cases), figsize=(5.2 * len(cases), 4.4), squeeze=False)
    for (case, rows), panel in zip(cases, panels[0]):
        front = sorted((row.time, row.force) for row in rows if on_front(row, rows))
        panel.step(*zip(*front), where="post", color="#bbbbbb", linewidth=1.2, zorder=1, label="front")
        for method, (marker, color) in STYLES.items():
            found = [(row.time, row.force) for row in rows if row.method == method]
            if found:
                panel.scatter(*zip(*found), marker=marker, color=color, s=38, label=method, zorder=2)
        for row in rows:
            if row.method in ("mtprs", "SNAP"):
                panel.annotate(row.point, (row.time, row.force), xytext=(4, 4), textcoords="offset points", fontsize=6)
        panel.set(xscale="log", yscale="log", title=case.title)
        panel.set(xlabel="time on one core (µs per atom)", ylabel="held-out force error (RMSE, eV/Å)")
        panel.grid(alpha=0.3, which="both", linewidth=0.4)
    panels[0][0].legend(frameon=False, fontsize=8, loc="upper center")
    figure.tight_layout()
    temporary = path.with_suffix(".svg.tmp")
    figure.savefig(temporary, format="svg", metadata={"Date": None})
    temporary.replace(path)
