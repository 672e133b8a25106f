//! Follows the ions through the frames of a trajectory, in the frame of the host, and the host in its own.

use mtprs_core::geometry::{Configuration, Vector3};
use mtprs_core::{Error, ErrorKind, Result};

use super::super::pairs::{Atoms, label};
use super::super::unwrapping::{Places, Unwrapping};
use super::tracks::Tracks;
use crate::constants::elements;

/// Most atoms of the host that are followed, evenly over all of them: the others are seen by their largest displacement.
const MOST_OF_HOST: usize = 96;

/// What displacements are relative to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReferenceFrame {
    /// The center of mass of all atoms that are not mobile.
    #[default]
    Host,
    /// The center of mass of all atoms.
    All,
    /// Nothing: the cell.
    None,
}

impl ReferenceFrame {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::All => "all",
            Self::None => "none",
        }
    }
}

/// Whose motion is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// Name of the mobile species, or its number from zero.
    pub mobile: Atoms,
    /// What displacements are relative to.
    pub frame: ReferenceFrame,
}

/// What was followed.
#[derive(Clone, Debug)]
pub struct Followed {
    /// Tracks of the mobile ions.
    pub ions: Tracks,
    /// Tracks of some of the other atoms, relative to the center of mass of them all.
    pub host: Option<Tracks>,
    /// Largest displacement of any of the other atoms from where it was in the first frame, Å.
    pub max_framework_displacement: Option<f64>,
    /// How often an atom was put back into the cell where the file does not say so.
    pub crossings: u64,
}

/// Takes one frame after another.
#[derive(Clone, Debug)]
pub struct Follower {
    ids: Vec<i64>,
    species: Vec<u32>,
    ions: Vec<usize>,
    host: Vec<usize>,
    /// Masses of the atoms, u, or all the same where only the host's own motion is relative to a center.
    masses: Vec<f64>,
    frame: ReferenceFrame,
    unwrapping: Unwrapping,
    of_ions: Tracks,
    /// Those of the host that are followed.
    sample: Vec<usize>,
    of_host: Option<Tracks>,
    max_framework_displacement: f64,
}

impl Follower {
    /// Begins with a frame at a time, ps. `names` are those of the species by number, if they have any.
    pub fn new(
        subject: &Subject,
        time: f64,
        configuration: &Configuration,
        is_unwrapped: bool,
        names: &[String],
    ) -> Result<Self> {
        let mobile = number_of(&subject.mobile, names)?;
        let (ions, host): (Vec<usize>, Vec<usize>) = (0..configuration.len())
            .partition(|atom| mobile.is_none_or(|mobile| configuration.species[*atom] == mobile));
        if ions.is_empty() {
            return Err(none_is_mobile(&subject.mobile, configuration, names));
        }
        if host.is_empty() && subject.frame == ReferenceFrame::Host {
            let message = format!(
                "all {} atoms are mobile: there is no host whose center could be the frame",
                ions.len()
            );
            return Err(Error::new(ErrorKind::InvalidConfiguration, message)
                .hint("write all atoms, or use --frame all for a liquid, or --frame none if the host is known to be at rest"));
        }
        let masses = match subject.frame {
            // The center of the host is only that of its own motion then.
            ReferenceFrame::None => masses(configuration, names).unwrap_or(vec![1.0; configuration.len()]),
            _ => masses(configuration, names)?,
        };
        let count = host.len().min(MOST_OF_HOST);
        let sample: Vec<usize> = (0..count).map(|place| host[place * host.len() / count]).collect();
        let of_host = (!sample.is_empty()).then(|| Tracks::new(sample.len(), 0)).transpose()?;
        let mut follower = Self {
            ids: configuration.ids.clone(),
            species: configuration.species.clone(),
            unwrapping: Unwrapping::new(Places::of(configuration, is_unwrapped)),
            of_ions: Tracks::new(ions.len(), 0)?,
            ions,
            host,
            masses,
            frame: subject.frame,
            sample,
            of_host,
            max_framework_displacement: 0.0,
        };
        follower.record(time)?;
        Ok(follower)
    }

    /// Takes in the next frame.
    pub fn push(&mut self, time: f64, configuration: &Configuration, is_unwrapped: bool) -> Result<()> {
        self.check_atoms(configuration)?;
        self.unwrapping.push(Places::of(configuration, is_unwrapped))?;
        self.record(time)
    }

    /// Goes on from the last frame, which another file has once more.
    pub fn rejoin(&mut self, configuration: &Configuration) -> Result<()> {
        self.check_atoms(configuration)?;
        self.unwrapping.rejoin(Places::of(configuration, false))
    }

    fn check_atoms(&self, configuration: &Configuration) -> Result<()> {
        let invalid = |message: String| Err(Error::new(ErrorKind::InvalidConfiguration, message));
        let (got, expected) = (configuration.len(), self.ids.len());
        if got != expected {
            return invalid(format!("expected {expected} atoms as in the first frame, got {got}"));
        }
        if let Some(atom) = (0..got).find(|atom| configuration.ids[*atom] != self.ids[*atom]) {
            let (got, expected) = (configuration.ids[atom], self.ids[atom]);
            return invalid(format!(
                "expected the atoms of the first frame, got {got} in place of {expected}"
            ));
        }
        if let Some(atom) = (0..got).find(|atom| configuration.species[*atom] != self.species[*atom]) {
            return invalid(format!(
                "atom {} is of a different species than in the first frame",
                self.ids[atom]
            ));
        }
        Ok(())
    }

    fn record(&mut self, time: f64) -> Result<()> {
        let displacements = self.unwrapping.displacements();
        let of_host = self.center(self.host.iter().copied(), displacements);
        let origin = match self.frame {
            ReferenceFrame::Host => of_host,
            ReferenceFrame::All => self.center(0..displacements.len(), displacements),
            ReferenceFrame::None => [0.0; 3],
        };
        let relative =
            |atom: usize, origin: Vector3| [0, 1, 2].map(|axis| displacements[atom][axis] - origin[axis]);
        let ions: Vec<Vector3> = self.ions.iter().map(|atom| relative(*atom, origin)).collect();
        self.of_ions.push(time, &ions)?;
        if let Some(tracks) = &mut self.of_host {
            let sample: Vec<Vector3> = self.sample.iter().map(|atom| relative(*atom, of_host)).collect();
            tracks.push(time, &sample)?;
        }
        let square = |atom: &usize| relative(*atom, of_host).map(|x| x * x).iter().sum::<f64>();
        let farthest = self.host.iter().map(square).fold(0.0, f64::max).sqrt();
        self.max_framework_displacement = self.max_framework_displacement.max(farthest);
        Ok(())
    }

    /// Displacement of the center of mass of some atoms, Å.
    fn center(&self, atoms: impl Iterator<Item = usize>, displacements: &[Vector3]) -> Vector3 {
        let mut sum = [0.0; 3];
        let mut mass = 0.0;
        for atom in atoms {
            mass += self.masses[atom];
            for axis in 0..3 {
                sum[axis] += self.masses[atom] * displacements[atom][axis];
            }
        }
        if mass > 0.0 { sum.map(|x| x / mass) } else { sum }
    }

    /// What was followed.
    pub fn finish(mut self) -> Followed {
        if let Some(to_mean) = self.unwrapping.to_mean_cell() {
            self.of_ions.transform(&to_mean);
            if let Some(tracks) = &mut self.of_host {
                tracks.transform(&to_mean);
            }
        }
        Followed {
            ions: self.of_ions,
            host: self.of_host,
            max_framework_displacement: (!self.host.is_empty()).then_some(self.max_framework_displacement),
            crossings: self.unwrapping.crossings(),
        }
    }
}

/// The number of the mobile species; none for all.
fn number_of(mobile: &Atoms, names: &[String]) -> Result<Option<u32>> {
    let number = mobile.number(names).map(|number| number.map(|number| number as u32));
    number.ok_or_else(|| {
        let known = if names.is_empty() { "numbers from 0".to_owned() } else { names.join(", ") };
        let message = format!("there is no species {mobile}: expected one of {known}");
        let error = Error::new(ErrorKind::Species, message);
        if names.is_empty() { error.hint("name the species: --species Mg,V,O") } else { error }
    })
}

fn none_is_mobile(mobile: &Atoms, configuration: &Configuration, names: &[String]) -> Error {
    let mut present: Vec<u32> = configuration.species.clone();
    present.sort_unstable();
    present.dedup();
    let name = |species: &u32| label(Some(*species as usize), names);
    let present: Vec<String> = present.iter().map(name).collect();
    let message = format!("there are no atoms of species {mobile}: only {}", present.join(", "));
    Error::new(ErrorKind::InvalidConfiguration, message)
}

/// Masses of the atoms by the names of their species, u.
fn masses(configuration: &Configuration, names: &[String]) -> Result<Vec<f64>> {
    let of_species = |species: &u32| {
        let name = names.get(*species as usize);
        name.and_then(|name| elements::mass(name)).ok_or_else(|| {
            let what = name.map_or_else(|| format!("species {species}"), |name| format!("species {name}"));
            let message = format!("the mass of {what} is not known, but the center of mass needs it");
            Error::new(ErrorKind::Species, message)
                .hint("name the species by their elements: --species Mg,V,O")
        })
    };
    configuration.species.iter().map(of_species).collect()
}

#[cfg(test)]
mod tests {
    use mtprs_core::geometry::Cell;

    use super::*;
    use crate::random::Sequence;

    fn names() -> Vec<String> {
        ["Mg", "O"].map(str::to_owned).to_vec()
    }

    fn subject(frame: ReferenceFrame) -> Subject {
        Subject { mobile: "Mg".parse().unwrap(), frame }
    }

    fn frame(positions: Vec<Vector3>) -> Configuration {
        let cell = Cell::new(&[[20.0, 0.0, 0.0], [3.0, 20.0, 0.0], [0.0, 2.0, 20.0]]).unwrap();
        let species = (0..positions.len()).map(|atom| u32::from(atom % 3 != 0)).collect();
        Configuration::new(cell, species, positions).unwrap()
    }

    /// Steps of nine atoms whose center of mass rests, as LAMMPS has it.
    fn walk(frames: usize) -> Vec<Configuration> {
        let mut random = Sequence::new(5);
        let mut positions: Vec<Vector3> = (0..9).map(|atom| [2.0 * f64::from(atom), 1.0, 0.5]).collect();
        let masses: Vec<f64> = (0..9).map(|atom| if atom % 3 == 0 { 24.305 } else { 15.999 }).collect();
        let mut result = Vec::new();
        for _ in 0..frames {
            result.push(frame(positions.clone()));
            let steps: Vec<Vector3> = (0..9).map(|_| [0; 3].map(|_| random.uniform() - 0.5)).collect();
            let drift = [0, 1, 2].map(|axis| {
                steps.iter().zip(&masses).map(|(step, mass)| mass * step[axis]).sum::<f64>()
                    / masses.iter().sum::<f64>()
            });
            for (position, step) in positions.iter_mut().zip(&steps) {
                for axis in 0..3 {
                    position[axis] += step[axis] - drift[axis];
                }
            }
        }
        result
    }

    fn followed(frames: &[Configuration], reference: ReferenceFrame) -> Followed {
        let mut follower = Follower::new(&subject(reference), 0.0, &frames[0], true, &names()).unwrap();
        for (number, frame) in frames.iter().enumerate().skip(1) {
            follower.push(number as f64, frame, true).unwrap();
        }
        follower.finish()
    }

    /// Where all momentum is zero, the ions move farther in the frame of the host by the share of their mass, exactly.
    #[test]
    fn the_frame_of_the_host_is_that_of_its_mass() {
        let frames = walk(30);
        let [host, all, none] = [ReferenceFrame::Host, ReferenceFrame::All, ReferenceFrame::None]
            .map(|frame| followed(&frames, frame));
        let factor = 1.0 + 3.0 * 24.305 / (6.0 * 15.999);
        for axis in 0..3 {
            let of = |followed: &Followed| followed.ions.collective(axis);
            let (in_host, in_all, in_none) = (of(&host), of(&all), of(&none));
            for frame in 0..30 {
                assert!((in_host[frame] - factor * in_none[frame]).abs() < 1e-5);
                assert!((in_all[frame] - in_none[frame]).abs() < 1e-5);
            }
        }
        assert_eq!(host.host.unwrap().ions(), 6);
        assert!(host.max_framework_displacement.unwrap() > 0.5);
    }

    #[test]
    fn all_atoms_may_be_mobile() {
        let frames = walk(3);
        let all = Subject { mobile: "all".parse().unwrap(), frame: ReferenceFrame::None };
        let follower = Follower::new(&all, 0.0, &frames[0], true, &[]).unwrap();
        let followed = follower.finish();
        assert_eq!((followed.ions.ions(), followed.host.is_none()), (9, true));
        let of_host = Subject { frame: ReferenceFrame::Host, ..all };
        let error = Follower::new(&of_host, 0.0, &frames[0], true, &names()).unwrap_err().to_string();
        assert!(error.starts_with("all 9 atoms are mobile"), "{error}");
    }

    #[test]
    fn other_atoms_are_refused() {
        let frames = walk(2);
        let begin =
            || Follower::new(&subject(ReferenceFrame::Host), 0.0, &frames[0], true, &names()).unwrap();
        let message = |change: fn(&mut Configuration)| {
            let mut frame = frames[1].clone();
            change(&mut frame);
            begin().push(1.0, &frame, true).unwrap_err().to_string()
        };
        let fewer = message(|frame| {
            frame.positions.pop();
            frame.species.pop();
            frame.ids.pop();
        });
        assert_eq!(fewer, "expected 9 atoms as in the first frame, got 8");
        assert_eq!(
            message(|frame| frame.ids[3] = 40),
            "expected the atoms of the first frame, got 40 in place of 4"
        );
        assert_eq!(
            message(|frame| frame.species[3] = 1),
            "atom 4 is of a different species than in the first frame"
        );
    }

    #[test]
    fn species_that_are_not_there_are_refused() {
        let frames = walk(1);
        let message = |mobile: &str, names: &[String]| {
            let subject = Subject { mobile: mobile.parse().unwrap(), frame: ReferenceFrame::Host };
            Follower::new(&subject, 0.0, &frames[0], true, names).unwrap_err().to_string()
        };
        assert!(message("Li", &names()).starts_with("there is no species Li: expected one of Mg, O"));
        let three = ["Mg", "O", "V"].map(str::to_owned);
        assert!(message("V", &three).starts_with("there are no atoms of species V: only Mg, O"));
        assert!(message("0", &[]).starts_with("the mass of species 0 is not known"));
        assert!(message("Mg", &[]).starts_with("there is no species Mg: expected one of numbers from 0"));
    }
}
