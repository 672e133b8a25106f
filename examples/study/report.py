"""Puts the results of the study on one page, each beside the figure in print, with what can be concluded.

python report.py short.toml FOLDER report.html
"""

import datetime
import json
import re
import sys
import tomllib
from pathlib import Path

import jinja2
from study import HERE, Study, logs, write_whole

# The line that the pair style writes after each run of a log.
GRADES = re.compile(r"largest extrapolation grade (\S+) at step \d+, (\d+) frames saved")


def main(study, folder, output):
    study, folder = Study(study), Path(folder)
    published = tomllib.loads((HERE / "published.toml").read_text())
    results = {path.stem: read(path) for path in folder.glob("*.json")}
    sections = [
        given(study) if study.given else structure(folder),
        potential(study, results.get("errors"), folder),
        watched(study, folder),
        distances(results["rdf"], folder),
        order(results["order"], published, folder),
        *([] if study.given else [voltage(results, published)]),
        transport(results["diffusion"], published, folder),
        provenance(results["provenance"], study),
    ]
    loader = jinja2.FileSystemLoader(HERE)
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True)
    page = environment.get_template("report.html.j2").render(
        title="From the crystal to the Haven ratio",
        program=results["rdf"]["program"],
        date=datetime.date.today().isoformat(),
        parameters=study.path.name,
        published=published["source"],
        sections=sections,
    )
    write_whole(output, page)


def read(path):
    return json.loads(path.read_text())


def section(title, text, tables=(), said=(), pages=()):
    """A part of the page: tables, sentences on what they mean, and pages that are folded in."""
    return {"title": title, "text": text, "tables": tables, "said": said, "pages": pages}


def table(headings, rows):
    return {"headings": headings, "rows": rows}


def given(study):
    """The structure that runs, where it is not made here."""
    file = study.beside(study.production["structure"]).name
    times = " × ".join(str(number) for number in study.production["replicate"])
    return section("Structure", f"It was given: {file}, repeated {times} times.")


def structure(folder):
    """Melt, glass and ions."""
    rows = []
    for name, path in (("melt", "melt/melt.json"), ("quench", "quench/glass.json")):
        run = read(folder / path)
        rows.append([name, run["verdict"], run["structure"], f"{run['crystal']['distance']['mean']:.2f}"])
    temperature = (folder / "melt/temperature").read_text().strip()
    structures = read(folder / "glass/insert.json")["structures"]
    said = (
        f"Of {len(structures)} occupations with the lowest electrostatic energies, number "
        f"{structures[0]['ewald_rank']} is the lowest after relaxation."
    )
    return section(
        "Melt, quench and ions",
        f"The crystal was heated to {temperature} K and quenched. Ions were put into the glass.",
        [table(["run", "verdict", "its end", "distance from the crystal, Å"], rows)],
        [said],
    )


def potential(study, found, folder):
    """Where the potential comes from, and its errors on frames of the runs, which it has not seen."""
    if not study.learns:
        return section("The potential", f"It was given: {study.pot.name}.")
    text = (
        f"Learned in a loop: level {study.potential['level']}, cutoff {study.potential['cutoff']} Å. Labels come from "
        f"{Path(study.potential['calculator']).name}, which stands for DFT: the errors are those against it, on "
        f"{found['configurations']} frames of the runs below, which the potential has not seen."
    )
    rows = []
    for key, name in (
        ("energy_per_atom", "energy"),
        ("force_component", "force component"),
        ("stress_component", "stress component"),
    ):
        one = found["errors"][key]
        rows.append(
            [f"{name}, {one['unit']}", f"{one['rms']:.3g}", f"{one['mean_absolute']:.3g}", f"{one['max_absolute']:.3g}"]
        )
    tables = [table(["", "RMS error", "mean absolute", "largest"], rows)]
    pages = [
        ("the loop", (folder / "learn/loop/report.html").read_text()),
        ("errors", (folder / "errors.html").read_text()),
    ]
    return section("The potential", text, tables, pages=pages)


def watched(study, folder):
    """How well the potential knows what it meets, by run; pieces of a run count as one."""
    runs = {}
    for run, text in logs(folder):
        run = run.parent if run.name.isdigit() else run
        for grade, frames in GRADES.findall(text):
            saved, largest = runs.get(run, (0, 0.0))
            runs[run] = (saved + int(frames), max(largest, float(grade)))
    thresholds = study.watch
    steps = "every step" if thresholds["every"] == 1 else f"every {thresholds['every']} steps"
    return section(
        "Does the potential know what it meets?",
        f"The largest grade of an atom, looked at {steps}. Frames with grades from {thresholds['select']} on are "
        f"saved, and a run ends at {thresholds['break']}.",
        [
            table(
                ["run", "frames saved", "largest grade"],
                [[str(run), n, f"{grade:.2f}"] for run, (n, grade) in runs.items()],
            )
        ],
        [] if any(frames for frames, _ in runs.values()) else ["No run met anything that the potential does not know."],
    )


def distances(rdf, folder):
    """Radial distribution functions."""
    estimates = ("peak_position", "peak_height", "coordination_number")
    rows = []
    for run in rdf["trajectories"]:
        for pair in run["pairs"]:
            name = f"{pair['center']}-{pair['neighbor']}"
            rows.append([run["label"], name, *(estimate(pair[one]) for one in estimates)])
    headings = ["run", "pair", "first peak, Å", "its height", "neighbors up to the minimum"]
    pages = [("g(r)", (folder / "rdf.html").read_text())]
    return section("Radial distribution functions", "With 95 % intervals.", [table(headings, rows)], pages=pages)


def estimate(one):
    """A value with its 95 % margin."""
    if one is None or one.get("value") is None:
        return "–"
    margin = one.get("margin_95")
    return f"{one['value']:.3f}" + ("" if margin is None else f" ± {margin:.3f}")


def order(report, published, folder):
    """Order of the ions by direction."""
    rows = []
    for run in report["structures"]:
        species = run["species"][0]
        largest, least = (species[name]["disorder"] for name in ("largest", "least"))
        random = largest["random"]
        printed = published["order"].get(run["label"].rstrip("K"), ["–", "–"])
        rows.append(
            [
                run["label"],
                f"{largest['value']:.3f}",
                f"{least['value']:.3f}",
                f"{random['mean']:.3f} ± {random['std_dev']:.3f}",
                f"{printed[0]}, {printed[1]}",
                species["verdict"],
            ]
        )
    headings = ["run", "largest η", "least η", "largest η of random positions", "in print", "verdict"]
    said = (
        "A disorder says something only beside that of random positions, which depends on the number of atoms. "
        "Those in print are by a definition that depends on the origin (mtprs analyze order --definition pylro)."
    )
    pages = [("order on the sphere", (folder / "order.html").read_text())]
    return section("Order by direction", "Of the ions, averaged over runs.", [table(headings, rows)], [said], pages)


def voltage(results, published):
    """Voltage of the glass less that of the crystal."""
    rows, signs = [], set()
    for name, words in (("voltage_relaxed", "relaxed"), ("voltage", "averages of runs")):
        glass, crystal = results[name]["structures"]
        difference = crystal["difference"]
        # The report has the second structure less the first.
        glass_less_crystal = -difference["voltage_difference"]
        signs.add(glass_less_crystal > 0)
        error = difference["voltage_difference_std_dev"]
        grades = [one["charged"]["grades"]["largest"] for one in (glass, crystal)]
        rows.append(
            [
                words,
                f"{glass['insertion_energy']:.3f}",
                f"{crystal['insertion_energy']:.3f}",
                f"{glass_less_crystal:+.3f}" + ("" if error is None else f" ± {error:.3f}"),
                f"{max(grades):.2f}",
            ]
        )
    least, most = published["voltage"]["glass_less_crystal"]
    said = [f"In print, glass less crystal: {least} to {most} V."]
    if len(signs) > 1:
        said.append("Relaxed structures and averages of runs differ in its sign, so none is established.")
    headings = [
        "energies",
        "eV per ion, glass",
        "eV per ion, crystal",
        "V(glass) − V(crystal)",
        "largest grade of emptied hosts",
    ]
    text = (
        "The ions are taken out and nothing else moves. Without the energy of the metal the difference between "
        "structures is all that is stated."
    )
    return section("Voltage", text, [table(headings, rows)], said)


def transport(report, published, folder):
    """Diffusivities, or what can be said in their place."""
    rows, said = [], ["All of this is of this structure by this potential, for the lengths of these runs."]
    for run in report["trajectories"]:
        kelvin = f"{run['temperature']:.0f}"
        printed = published["diffusivity"].get(kelvin)
        rows.append(
            [
                f"{kelvin} K",
                f"{run['length']:.0f}",
                run["escapes"],
                run["verdict"],
                diffusivity(run),
                scientific(run["jump_diffusivity"]),
                "–" if run["haven_ratio"] is None else f"{run['haven_ratio']:.2f}",
                scientific(printed),
            ]
        )
        limit = run["diffusivity_upper_limit_95"]
        if run["diffusivity"] is None and printed and limit:
            does = "is above" if limit < printed else "is within"
            said.append(f"{kelvin} K: {run['verdict']}; the {printed:.2e} cm²/s in print {does} the limit.")
        if run["diffusivity"] is None and run["deciding_length"]:
            said.append(f"{kelvin} K: a run of {run['deciding_length']:.3g} ps would decide.")
    headings = ["T", "length, ps", "escapes", "verdict", "D*, cm²/s", "D_J, cm²/s", "Haven ratio", "D* in print, cm²/s"]
    said.append(arrhenius(report["arrhenius"], published["arrhenius"]["activation_energy"]))
    pages = [("mean squared displacements", (folder / "diffusion.html").read_text())]
    text = "Of the ions, relative to the center of mass of the host. Limits hold in 95 % of cases."
    return section("Transport", text, [table(headings, rows)], said, pages)


def provenance(found, study):
    """What these figures were made with."""
    rows = []
    for name, run in found["runs"].items():
        length = run["steps"] * study.dynamics["timestep"]
        hours = run["seconds"] * run["processes"] / 3600.0
        rows.append([name, run["atoms"], run["steps"], f"{length:g}", f"{hours:.3g}"])
    sums = [[name, checksum] for name, checksum in found["sha256"].items()]
    machine = found["machine"]
    commit = f", commit {found['commit']}" if found["commit"] else ""
    text = (
        f"{found['mtprs']}{commit}; LAMMPS {', '.join(found['lammps'])}; {machine['processor']}, "
        f"{machine['cores']} cores, {machine['system']}. Hours are those of a core."
    )
    tables = [
        table(["run", "atoms", "steps", "length, ps", "core-hours"], rows),
        table(["input", "SHA-256"], sums),
    ]
    return section("What these figures were made with", text, tables)


def diffusivity(run):
    if run["diffusivity"] is not None:
        return f"{run['diffusivity']:.2e} ± {run['diffusivity_std_dev']:.1e}"
    limit = run["diffusivity_upper_limit_95"]
    return "–" if limit is None else f"below {limit:.1e}"


def scientific(number):
    return "–" if number is None else f"{number:.2e}"


def arrhenius(found, printed):
    """What the temperatures say together."""
    if found is None:
        return f"There is no activation energy: that needs a D* and another temperature. In print: {printed} eV."
    energy = found["activation_energy"]
    bounds = between(found["activation_energy_interval_95"])
    value = "no value" if energy is None else f"{energy:.2f} eV"
    return f"Activation energy: {value}; {bounds} in 95 % of cases. In print: {printed} eV."


def between(interval):
    """The ends of an interval, either of which may be missing."""
    least, most = interval
    if least is None:
        return "without bounds" if most is None else f"below {most:.2f} eV"
    return f"above {least:.2f} eV" if most is None else f"{least:.2f} to {most:.2f} eV"


if __name__ == "__main__":
    main(*sys.argv[1:])
