//! The verdict on a run as text.

use std::collections::BTreeMap;

use super::coordination::Coordination;
use super::report::{MeltReport, SpeciesMelt};
use crate::analysis::order::table::crystal_sentence;
use crate::text::{Table, counted};

/// What the figures mean.
const LEGEND: &str = "\
displacement: root mean square from the first frame to the last part of the run, after removing the drift of all atoms. nearest: mean \
distance of the nearest neighbor in the first frame. off sites: root mean square distance from the sites of the crystal; a \
species has melted if its displacement exceeds the nearest distance and it is off its sites by more than 0.4 of their spacing.
";

/// All of it.
pub fn summary(report: &MeltReport) -> String {
    let frames = counted(report.frames, "frame");
    let mut text = format!(
        "{}: {frames}, of which the last {} are analyzed\n\n",
        report.files.join(", "),
        report.frames_of_last_part
    );
    text += &format!("{}; the end is {}\n\n", report.verdict.words(), report.structure.name());
    text += &species(&report.species);
    text += &format!("\n{}\n", crystal_sentence(&report.crystal));
    let [first, last] = report.long_range;
    text += &format!(
        "g(r) − 1 at long range, root mean square: {first:.3} in the first frame, {last:.3} at the end\n"
    );
    if !report.coordination.is_empty() {
        text.push('\n');
        text += &neighbors(&report.coordination);
    }
    text.push('\n');
    text.push_str(LEGEND);
    report.notes.iter().for_each(|note| text += &format!("note: {note}\n"));
    text
}

fn species(species: &[SpeciesMelt]) -> String {
    let headings = [
        "species",
        ">atoms",
        ">displacement, Å",
        ">nearest, Å",
        ">off sites, Å",
        ">spacing, Å",
        "verdict",
        "why",
    ];
    let mut table = Table::new(&headings);
    for one in species {
        let numbers = [one.displacement, one.nearest, one.distance, one.spacing].map(|x| format!("{x:.3}"));
        let mut cells = vec![one.species.clone(), one.atoms.to_string()];
        cells.extend(numbers);
        cells.extend([one.verdict.words().to_owned(), one.reason.to_owned()]);
        table.row(cells);
    }
    table.render()
}

/// A column for each number of neighbors.
fn neighbors(coordination: &[Coordination]) -> String {
    let all = coordination.iter().flat_map(|one| one.first.keys().chain(one.last.keys()));
    let [least, most] = [all.clone().min(), all.max()].map(|count| count.copied().unwrap_or(0));
    let columns: Vec<String> = (least..=most).map(|count| format!(">{count}")).collect();
    let mut headings = vec!["neighbors", ">within, Å", "", ">mean"];
    headings.extend(columns.iter().map(String::as_str));
    let mut table = Table::new(&headings);
    for one in coordination {
        for (when, shares) in [("first", &one.first), ("last", &one.last)] {
            let mut row = vec![one.pair.clone(), one.within.to_string(), when.to_owned()];
            row.push(format!("{:.3}", Coordination::mean(shares)));
            row.extend((least..=most).map(|count| share(shares, count)));
            table.row(row);
        }
    }
    table.render()
}

fn share(shares: &BTreeMap<usize, f64>, count: usize) -> String {
    shares.get(&count).map_or("-".to_owned(), |share| format!("{share:.3}"))
}
