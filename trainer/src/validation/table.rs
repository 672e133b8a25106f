//! A report as tables of text.

use super::report::{Figure, Report};
use super::surfaces::Outcome;
use crate::text::{Table, general, significant};

/// The whole report.
pub fn render(report: &Report) -> String {
    let mut text = format!("{}\n\n", headline(report));
    let headings = headings(report);
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let mut table = Table::new(&headings);
    report.figures.iter().for_each(|figure| table.row(cells(report, figure)));
    text.push_str(&table.render());
    for (title, headings, rows) in details(report) {
        let mut table = Table::new(&headings);
        rows.into_iter().for_each(|row| table.row(row));
        text.push_str(&format!("\n{title}\n\n{}", table.render()));
    }
    if !report.notes.is_empty() {
        text.push('\n');
    }
    report.notes.iter().for_each(|note| text.push_str(&format!("note: {note}\n")));
    text
}

/// What it is about.
pub(super) fn headline(report: &Report) -> String {
    let crystal = &report.crystal;
    let [a, b, c] = crystal.lengths.map(|length| format!("{length:.4}"));
    let [alpha, beta, gamma] = crystal.angles.map(|angle| format!("{angle:.2}"));
    format!(
        "{} at zero pressure: a {a}, b {b}, c {c} Å; α {alpha}°, β {beta}°, γ {gamma}°; {} of {} in the primitive cell",
        crystal.formula,
        crystal.primitive_atoms,
        crate::text::counted(crystal.atoms as u64, "atom")
    )
}

/// Headings of the comparison; `>` stands before those of numbers.
pub(super) fn headings(report: &Report) -> Vec<String> {
    let has = |holds: fn(&Figure) -> bool| report.figures.iter().any(holds);
    let mut headings = vec!["property", ">potential", ">±"];
    if has(|figure| figure.reference.is_some()) {
        headings.extend([">reference", ">Δ", ">Δ, %"]);
    }
    if has(|figure| figure.tolerance.is_some()) {
        headings.extend([">tolerance", "within"]);
    }
    if has(|figure| figure.grade.is_some()) {
        headings.push(">grade");
    }
    headings.into_iter().map(str::to_owned).collect()
}

/// A property as a row of the comparison.
pub(super) fn cells(report: &Report, figure: &Figure) -> Vec<String> {
    let has = |holds: fn(&Figure) -> bool| report.figures.iter().any(holds);
    let value = |value: Option<f64>| value.map_or("-".to_owned(), |value| number(figure, value));
    let mut cells = vec![
        if figure.unit == "1" { figure.label.clone() } else { format!("{}, {}", figure.label, figure.unit) },
        value(figure.potential),
        figure.accuracy.map_or(String::new(), accuracy),
    ];
    let blank = |value: Option<f64>| value.map_or(String::new(), |value| number(figure, value));
    if has(|figure| figure.reference.is_some()) {
        let percent = figure.percent.map_or(String::new(), |percent| signed(format!("{percent:.1}")));
        let difference = figure.difference.map_or(String::new(), |value| signed(number(figure, value)));
        cells.extend([blank(figure.reference), difference, percent]);
    }
    if has(|figure| figure.tolerance.is_some()) {
        let within = match figure.is_within {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        };
        cells.extend([figure.tolerance.map_or(String::new(), |value| general(value, 4)), within.to_owned()]);
    }
    if has(|figure| figure.grade.is_some()) {
        cells.push(figure.grade.map_or(String::new(), |grade| general(grade, 3)));
    }
    cells
}

/// A value with as many digits as its unit is known for.
fn number(figure: &Figure, value: f64) -> String {
    let digits = match figure.unit {
        "Å" | "Å³/atom" | "eV/atom" => 4,
        "GPa" | "meV/atom" => 1,
        "1" => 3,
        _ => 2,
    };
    without_sign_of_zero(format!("{value:.digits$}"))
}

fn is_zero(text: &str) -> bool {
    !text.chars().any(|character| ('1'..='9').contains(&character))
}

fn without_sign_of_zero(text: String) -> String {
    if is_zero(&text) { text.trim_start_matches('-').to_owned() } else { text }
}

/// A number with its sign, unless it is zero in all its digits.
fn signed(text: String) -> String {
    let text = without_sign_of_zero(text);
    if text.starts_with('-') || is_zero(&text) { text } else { format!("+{text}") }
}

fn accuracy(value: f64) -> String {
    significant(Some(value), 1)
}

/// A title, headings and rows.
pub(super) type Detail = (String, Vec<&'static str>, Vec<Vec<String>>);

/// Tables of what the figures come from.
pub(super) fn details(report: &Report) -> Vec<Detail> {
    [
        equation(report),
        elastic(report),
        averages(report),
        phonons(report),
        vacancies(report),
        surfaces(report),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn equation(report: &Report) -> Option<Detail> {
    let eos = report.eos.as_ref()?;
    let row = vec![
        eos.volumes.len().to_string(),
        format!("{:.4}", eos.volume),
        format!("{:.4}", eos.energy),
        format!("{:.2}", eos.bulk_modulus),
        format!("{:.3}", eos.derivative),
        significant(Some(eos.residual), 2),
        format!("{:.2}, {:.3}", eos.inner.0, eos.inner.1),
    ];
    let headings = vec![
        ">volumes",
        ">V₀, Å³/atom",
        ">E₀, eV/atom",
        ">B₀, GPa",
        ">B₀'",
        ">RMS of the fit, meV/atom",
        ">B₀, B₀' of the inner half",
    ];
    Some(("Birch-Murnaghan equation of state, volumes within 6 %".into(), headings, vec![row]))
}

fn elastic(report: &Report) -> Option<Detail> {
    let elastic = report.elastic.as_ref()?;
    let row = |i: usize| {
        let name = ["xx", "yy", "zz", "yz", "xz", "xy"][i].to_owned();
        let values = elastic.constants[i].iter().map(|value| without_sign_of_zero(format!("{value:.1}")));
        std::iter::once(name).chain(values).collect()
    };
    let stable = if elastic.is_stable { "stable" } else { "not stable" };
    let [first, .., last] = elastic.eigenvalues;
    let title = format!(
        "elastic constants C_ij, GPa; eigenvalues from {first:.1} to {last:.1}: {stable}; C_ij and C_ji differ by up to {}, a tenth of \
         the strain changes them by up to {}",
        significant(Some(elastic.asymmetry), 1),
        significant(Some(elastic.change), 1)
    );
    let headings = vec!["", ">xx", ">yy", ">zz", ">yz", ">xz", ">xy"];
    Some((title, headings, (0..6).map(row).collect()))
}

fn averages(report: &Report) -> Option<Detail> {
    let averages = report.elastic.as_ref()?.averages?;
    let row = |name: &str, values: [f64; 3]| {
        std::iter::once(name.to_owned()).chain(values.map(|value| format!("{value:.1}"))).collect()
    };
    let rows = vec![row("bulk modulus", averages.bulk), row("shear modulus", averages.shear)];
    Some(("moduli of a polycrystal, GPa".into(), vec!["", ">Voigt", ">Reuss", ">Hill"], rows))
}

fn phonons(report: &Report) -> Option<Detail> {
    let phonons = report.phonons.as_ref()?;
    let rows = phonons.points.iter().map(|point| {
        let place = point.q.map(|share| if share == 0.0 { "0" } else { "½" }).join(" ");
        let frequencies =
            point.frequencies.iter().map(|frequency| without_sign_of_zero(format!("{frequency:.2}")));
        vec![place, shortened(frequencies.collect())]
    });
    let [x, y, z] = phonons.mesh;
    let title = format!(
        "phonon frequencies of the primitive cell, THz, imaginary ones negative; density of states on {x} x {y} x {z} wave vectors; \
         force constants differ from their transposes by up to {} eV/Å², and sum up to {}",
        significant(Some(phonons.asymmetry), 1),
        significant(Some(phonons.sum_rule), 1)
    );
    Some((title, vec!["wave vector", "frequencies"], rows.collect()))
}

/// A list of which the middle is left out if it is long.
fn shortened(words: Vec<String>) -> String {
    const ENDS: usize = 6;
    if words.len() <= 2 * ENDS {
        return words.join(" ");
    }
    format!("{} ... {}", words[..ENDS].join(" "), words[words.len() - ENDS..].join(" "))
}

fn vacancies(report: &Report) -> Option<Detail> {
    let vacancies = report.vacancies.as_ref()?;
    let rows = vacancies.sites.iter().map(|site| {
        vec![
            format!("{} (atom {})", site.species, site.atom),
            site.equivalent.to_string(),
            format!("{:.3}", site.unrelaxed_energy),
            format!("{:.3}", site.energy),
            site.grade.map_or("-".into(), |grade| general(grade, 3)),
        ]
    });
    let [x, y, z] = vacancies.copies;
    let meaning = match vacancies.set.len() {
        1 => String::new(),
        _ => format!(
            "; Schottky set {} of separate vacancies: {:.3} eV, {:.3} eV unrelaxed",
            vacancies.formula, vacancies.energy, vacancies.unrelaxed_energy
        ),
    };
    let title = format!("vacancies in {x} x {y} x {z} cells, {} atoms{meaning}", vacancies.atoms);
    let headings = vec!["atom", ">such atoms", ">E(N-1) - E(N), eV, unrelaxed", ">relaxed", ">grade"];
    Some((title, headings, rows.collect()))
}

fn surfaces(report: &Report) -> Option<Detail> {
    if report.surfaces.is_empty() {
        return None;
    }
    let rows = report.surfaces.iter().map(|surface| {
        let name = format!("({})", surface.miller);
        match &surface.outcome {
            Outcome::Relaxed(slab) => vec![
                name,
                slab.atoms.to_string(),
                format!("{:.2}", slab.thickness),
                format!("{:.2}", slab.area),
                format!("{:.3}", slab.unrelaxed_energy),
                format!("{:.3}", slab.energy),
                significant(Some(slab.middle), 1),
                slab.grade.map_or("-".into(), |grade| general(grade, 3)),
            ],
            Outcome::Polar => {
                [name, "no like faces".into()].into_iter().chain((0..6).map(|_| String::new())).collect()
            }
            Outcome::TooLarge(atoms) => [name, format!("{atoms}: too large")]
                .into_iter()
                .chain((0..6).map(|_| String::new()))
                .collect(),
        }
    });
    let headings = vec![
        "surface",
        ">atoms",
        ">thickness, Å",
        ">area, Å²",
        ">J/m², unrelaxed",
        ">relaxed",
        ">± (middle)",
        ">grade",
    ];
    Some((
        "surfaces, from slabs with two periodic directions; ± (middle): share of the innermost layers".into(),
        headings,
        rows.collect(),
    ))
}
