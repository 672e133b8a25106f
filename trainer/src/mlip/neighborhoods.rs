//! `mlp cut_extrapolative_nbh`: cubes around atoms with large grades, as periodic cells.

use mtprs_core::geometry::{Cell, Configuration, NeighborList, Vector3};
use mtprs_core::{Error, ErrorKind};

use super::{Call, sets};
use crate::Failure;
use crate::endpoint::say;
use crate::text::counted;

/// Half of the edge of the cubes, Å, and the grade above which an atom is a center, unless the user says otherwise.
const CUTOFF: f64 = 5.0;
const THRESHOLD: f64 = 2.1;
/// Longest edge that is cut, Å.
const LONGEST: f64 = 100.0;

pub(super) fn cut(call: &mut Call<'_>) -> Result<(), Failure> {
    let cutoff = call.line.take_real("cutoff")?.unwrap_or(CUTOFF);
    let threshold = call.line.take_real("threshold")?.unwrap_or(THRESHOLD);
    if !(cutoff > 0.0 && cutoff <= LONGEST / 2.0) {
        let message = format!("--cutoff: expected a length up to {} Å, got {cutoff}", LONGEST / 2.0);
        return Err(Error::new(ErrorKind::Argument, message).into());
    }
    let mut made = 0;
    sets::each(call, |configuration, sink| {
        let Some(grades) = &configuration.neighborhood_grades else {
            let message = "its atoms have no grades (column nbh_grades)";
            let hint = "compute them with calculate_grade and a state of neighborhoods";
            return Err(Error::new(ErrorKind::InvalidConfiguration, message).hint(hint).into());
        };
        let mut centers: Vec<usize> = (0..grades.len()).filter(|&atom| grades[atom] > threshold).collect();
        centers.sort_by(|&x, &y| grades[y].total_cmp(&grades[x]));
        for center in centers {
            made += 1;
            sink.write(&cube(&configuration, center, cutoff, grades[center])?)?;
        }
        Ok(())
    })?;
    say(format!("cut {}", counted(made, "cell")));
    if made == 0 {
        say(format!("note: no atom has a grade above {threshold}"));
    }
    Ok(())
}

/// The atoms in a cube around one of them, which comes first; those too close across the border are taken out.
fn cube(
    configuration: &Configuration,
    center: usize,
    cutoff: f64,
    grade: f64,
) -> Result<Configuration, Error> {
    let closest = NeighborList::new(configuration, 2.0 * cutoff)?.closest();
    let Some((shortest, _)) = closest else {
        let message = format!("no two atoms are closer than {} Å", 2.0 * cutoff);
        return Err(Error::new(ErrorKind::InvalidConfiguration, message));
    };
    // Beside an image of the cube atoms are as far as they are anywhere.
    let edge = 2.0 * cutoff + shortest;
    let half = edge / 2.0;
    let list = NeighborList::new(configuration, half * 3.0_f64.sqrt() * 1.001)?;
    let (others, displacements) = list.neighbors(center);
    let mut inside: Vec<(u32, Vector3)> = vec![(configuration.species[center], [0.0; 3])];
    for (&other, &displacement) in others.iter().zip(displacements) {
        if displacement.iter().all(|x| (-half..half).contains(x)) {
            inside.push((configuration.species[other as usize], displacement));
        }
    }
    let cell = Cell::new(&[[edge, 0.0, 0.0], [0.0, edge, 0.0], [0.0, 0.0, edge]])?;
    let distance = |at: Vector3| at.iter().map(|x| x * x).sum::<f64>();
    loop {
        let (species, positions) = inside.iter().copied().unzip();
        let mut cut = Configuration::new(cell.clone(), species, positions)?;
        let too_close = NeighborList::new(&cut, shortest * (1.0 - 1e-9))?.closest();
        match too_close {
            Some((_, [one, other])) if inside.len() > 1 => {
                let farther = if distance(inside[one].1) > distance(inside[other].1) { one } else { other };
                inside.remove(if farther == 0 { one.max(other) } else { farther });
            }
            _ => {
                for (key, value) in
                    [("cutout_center", (center + 1).to_string()), ("cutout_grade", grade.to_string())]
                {
                    cut.set_feature(key, value);
                }
                if let Some(names) = configuration.feature("elements") {
                    cut.set_feature("elements", names);
                }
                return Ok(cut);
            }
        }
    }
}
