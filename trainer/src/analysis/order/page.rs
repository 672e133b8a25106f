//! The order of structures as a page: η on half of the sphere, and the tables.

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2, TAU};

use maud::{Markup, html};
use mtprs_core::geometry::Vector3;

use super::report::{DirectionReport, OrderReport, SpeciesOrder, StructureOrder};
use super::table::{
    AXES, CRYSTAL, DISORDER, LEGEND, axis_cells, crystal_cells, crystal_sentence, disorder, title,
};
use crate::report::Provenance;
use crate::report::html::{Head, dot, figures, page, pixel, polyline, table};
use crate::text::general;

/// Pixels from the center of a map to its rim, and around it.
const RADIUS: f64 = 150.0;
const MARGIN: f64 = 26.0;

/// Colors of a map.
const COLORS: usize = 10;

/// Patches of half of the sphere, of which one half says all: η(−p) = η(p).
///
/// The half is drawn as a disk of equal areas (J. H. Lambert, 1772) with c in its middle: a direction at the angle θ from c is
/// √2 sin(θ/2) of the radius away from there.
pub(super) struct Map {
    rings: usize,
    sectors: usize,
}

/// The map of every page.
pub(super) const MAP: Map = Map { rings: 16, sectors: 60 };

impl Map {
    /// Patches.
    pub(super) fn len(&self) -> usize {
        self.rings * self.sectors
    }

    /// The direction in the middle of each patch, ring by ring from c, each from a over b.
    pub(super) fn directions(&self) -> impl Iterator<Item = Vector3> + '_ {
        self.patches().map(|[ring, sector]| self.direction(ring + 0.5, sector + 0.5))
    }

    fn patches(&self) -> impl Iterator<Item = [f64; 2]> + '_ {
        (0..self.len()).map(|patch| [(patch / self.sectors) as f64, (patch % self.sectors) as f64])
    }

    fn direction(&self, ring: f64, sector: f64) -> Vector3 {
        let half = (ring / self.rings as f64 * FRAC_1_SQRT_2).asin();
        let (sin, cos) = (TAU * sector / self.sectors as f64).sin_cos();
        let across = (2.0 * half).sin();
        [across * cos, across * sin, (2.0 * half).cos()]
    }

    /// The outline of a patch, in pixels.
    fn outline(&self, [ring, sector]: [f64; 2]) -> String {
        let corners = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
        let corner = |[r, s]: [f64; 2]| {
            let (sin, cos) = (TAU * (sector + s) / self.sectors as f64).sin_cos();
            let radius = RADIUS * (ring + r) / self.rings as f64;
            [radius * cos, -radius * sin]
        };
        polyline(corners.map(corner)) + "Z"
    }
}

/// Where a direction is on the map; the other half of the sphere is the same.
fn place(p: Vector3) -> [f64; 2] {
    let [a, b, c] = if p[2] < 0.0 { p.map(|x| -x) } else { p };
    let across = f64::hypot(a, b);
    // √2 sin(θ/2) of the radius, in the direction of a and b.
    let radius = RADIUS * SQRT_2 * (0.5 * across.atan2(c)).sin();
    if across > 0.0 { [radius * a / across, -radius * b / across] } else { [0.0; 2] }
}

/// The whole page.
pub fn render(report: &OrderReport, provenance: &Provenance) -> String {
    let main = html! { @for structure in &report.structures { (section(structure)) } };
    let settings = &report.settings;
    let files = |one: &StructureOrder| (one.label.clone(), one.files.join(", "));
    let mut facts: Vec<(String, String)> = report.structures.iter().map(files).collect();
    facts.push(("Definition".into(), settings.definition.to_string()));
    facts.push(("Layers".into(), format!("2 to {}", settings.max_layers)));
    facts.push(("Random".into(), format!("{} arrangements, seed {}", settings.draws, settings.seed)));
    facts.push(("Program".into(), report.program.into()));
    let head =
        Head { title: "Directional disorder".into(), facts, provenance: Some(provenance), ..Head::default() };
    page(&head, &main, LEGEND)
}

fn section(structure: &StructureOrder) -> Markup {
    html! {
        section.part {
            h2 { (structure.label) }
            @for species in &structure.species {
                h3 { (title(species, structure.frames)) }
                (figures("two", maps(species)))
                (table(&AXES, &species.axes.iter().map(|axis| axis_cells(axis, species)).collect::<Vec<_>>()))
                (table(&DISORDER, &disorder(species)))
            }
            @if let Some(crystal) = &structure.crystal {
                h3 { (crystal_sentence(crystal)) }
                (table(&CRYSTAL, &crystal_cells(crystal)))
            }
        }
    }
}

fn maps(species: &SpeciesOrder) -> [Markup; 2] {
    let magnitudes = [&species.largest, &species.least];
    let signed = [&species.signed_largest, &species.signed_least];
    [
        map(&format!("η of {}", species.species), &species.map, magnitudes),
        map(&format!("η of {}, signed", species.species), &species.signed_map, signed),
    ]
}

/// Half of the sphere with the axes and the extremes.
fn map(name: &str, values: &[f64], [largest, least]: [&DirectionReport; 2]) -> Markup {
    let high = values.iter().copied().fold(0.0, f64::max).max(1e-12);
    let color = |value: f64| ((value / high * COLORS as f64) as usize).min(COLORS - 1);
    let size = 2.0 * (RADIUS + MARGIN);
    let view =
        format!("{} {} {} {}", pixel(-0.5 * size), pixel(-0.5 * size), pixel(size + 90.0), pixel(size));
    let extreme = |word: &str, one: &DirectionReport| {
        dot(place(one.p), 5.0, &format!("{word}: η = {:.4}", one.disorder.value))
    };
    html! {
        figcaption { (name) }
        svg.plot xmlns="http://www.w3.org/2000/svg" viewBox=(view) role="img" aria-label={ (name) " over half of the sphere" } {
            @for number in 0..COLORS {
                @let chosen = MAP.patches().zip(values).filter(|(_, value)| color(**value) == number);
                path style=(format!("fill:var(--d{number});stroke:var(--d{number});stroke-width:.6")) d={
                    @for (patch, _) in chosen { (MAP.outline(patch)) }
                } {}
            }
            (axes())
            g.series.series1 { (extreme("largest", largest)) }
            g.series.series5 { (extreme("least", least)) }
            (scale(high))
        }
    }
}

fn axes() -> Markup {
    let marks = [("a", [RADIUS + 10.0, 4.0]), ("b", [0.0, -RADIUS - 8.0]), ("c", [0.0, 4.0])];
    html! {
        circle.frame r=(RADIUS) {}
        @for (name, [x, y]) in marks { text.note.x x=(pixel(x)) y=(pixel(y)) { (name) } }
    }
}

/// Which color is which η.
fn scale(high: f64) -> Markup {
    let (left, height) = (RADIUS + MARGIN + 4.0, 20.0);
    let top = |number: usize| height * (0.5 * COLORS as f64 - number as f64 - 1.0);
    html! {
        @for number in 0..COLORS {
            rect x=(pixel(left)) y=(pixel(top(number))) width="14" height=(height) style=(format!("fill:var(--d{number})")) {}
            @if number % 2 == 1 || number == 0 {
                @let share = if number == 0 { 0.0 } else { (number + 1) as f64 / COLORS as f64 };
                @let y = if number == 0 { top(0) + height } else { top(number) };
                text.tick x=(pixel(left + 20.0)) y=(pixel(y + 4.0)) { (general(high * share, 2)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use mtprs_core::geometry::norm;

    use super::*;

    #[test]
    fn directions_and_places_on_the_map_are_the_same() {
        let mut mean_square = 0.0;
        for (p, [ring, sector]) in MAP.directions().zip(MAP.patches()) {
            assert!((norm(p) - 1.0).abs() < 1e-12 && p[2] > 0.0);
            let radius = RADIUS * (ring + 0.5) / MAP.rings as f64;
            let (sin, cos) = (TAU * (sector + 0.5) / MAP.sectors as f64).sin_cos();
            for [x, y] in [place(p), place(p.map(|x| -x))] {
                assert!((x - radius * cos).abs() < 1e-9 && (y + radius * sin).abs() < 1e-9);
            }
            // Patches of a ring have areas in proportion to its number.
            mean_square += p[2] * p[2] * (2.0 * ring + 1.0) / (MAP.len() * MAP.rings) as f64;
        }
        assert!((mean_square - 1.0 / 3.0).abs() < 1e-3, "{mean_square}");
        assert_eq!(place([0.0, 0.0, 1.0]), [0.0, 0.0]);
        assert!((place([1.0, 0.0, 0.0])[0] - RADIUS).abs() < 1e-9);
    }
}
