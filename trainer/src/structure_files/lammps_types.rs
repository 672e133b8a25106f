//! Elements of LAMMPS's types: type labels, comments behind masses, masses.
//!
//! A label or comment that begins with the symbol of an element names it (`Mg`, `O_w`, `C_R_01`), unless the mass is that
//! of another element. Isotopes and repartitioned masses belong to no element and contradict none.

use mtprs_core::{Error, ErrorKind, Result};

use super::elements;
use super::lines::shown;
use super::type_names::NamedType;

/// A row of the section `Masses`.
#[derive(Clone, Debug)]
pub(super) struct Mass {
    pub(super) mass: f64,
    /// The first word of its comment.
    pub(super) comment: String,
    pub(super) line: usize,
}

/// The element of type `number`, and whether the mass alone says so. What is `given` by the user decides between a name
/// and a mass that contradict each other.
pub(super) fn element(
    number: u32,
    label: Option<&str>,
    mass: Option<&Mass>,
    given: Option<&str>,
) -> Result<Option<(NamedType, bool)>> {
    let comment = mass.map(|mass| mass.comment.as_str()).filter(|comment| !comment.is_empty());
    let named = |word: &str, what: &str| {
        let element = elements::of_pseudopotential(word)?;
        Some(NamedType { element: element.to_owned(), source: format!("{what} {}", shown(word)) })
    };
    let label = label.and_then(|word| named(word, "its label"));
    let comment = comment.and_then(|word| named(word, "the comment"));
    let weight = mass.and_then(|mass| of_mass(mass.mass));
    let weight = weight.zip(mass).map(|(element, mass)| NamedType {
        element: element.to_owned(),
        source: format!("its mass {} u", mass.mass),
    });
    let witnesses: Vec<NamedType> =
        [label.clone(), comment.clone(), weight.clone()].into_iter().flatten().collect();
    let Some(first) = witnesses.first() else { return Ok(None) };
    if let Some(other) = witnesses.iter().find(|other| other.element != first.element) {
        if let Some(chosen) = witnesses.iter().find(|witness| Some(witness.element.as_str()) == given) {
            return Ok(Some((chosen.clone(), false)));
        }
        let message = format!(
            "type {number} is {} by {}, but {} by {}",
            first.element, first.source, other.element, other.source
        );
        let error = Error::new(ErrorKind::Species, message);
        return Err(error.hint(
            "correct what is wrong in the file, or name its types in their order with --input-species",
        ));
    }
    Ok(Some((first.clone(), label.is_none() && comment.is_none())))
}

/// The element of a mass. A mass of 1 is what is written where masses do not matter.
fn of_mass(mass: f64) -> Option<&'static str> {
    if mass == 1.0 { None } else { elements::of_mass(mass) }
}

/// A note where several types are one element, and become one species.
pub(super) fn note_of_merged(types: &[Option<NamedType>]) -> Option<String> {
    let names: Vec<&str> = types.iter().flatten().map(|named| named.element.as_str()).collect();
    let mut told = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let same: Vec<String> = (0..names.len())
            .filter(|&other| names[other] == *name)
            .map(|other| (other + 1).to_string())
            .collect();
        if same.len() > 1 && names[..index].iter().all(|earlier| earlier != name) {
            told.push(format!("types {} are {name}", same.join(", ")));
        }
    }
    (!told.is_empty()).then(|| format!("{} and become one species", told.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(label: &str, mass: f64, comment: &str, given: Option<&str>) -> String {
        let mass = Mass { mass, comment: comment.to_owned(), line: 0 };
        let label = (!label.is_empty()).then_some(label);
        match element(1, label, Some(&mass), given) {
            Ok(Some((named, by_mass))) => format!("{} {by_mass}", named.element),
            Ok(None) => "none".to_owned(),
            Err(error) => error.message().to_owned(),
        }
    }

    #[test]
    fn labels_comments_and_masses_must_agree_where_they_name_an_element() {
        assert_eq!(of("", 24.305, "Mg", None), "Mg false");
        assert_eq!(of("", 24.305, "", None), "Mg true");
        assert_eq!(of("", 12.011, "C_R_01", None), "C false");
        assert_eq!(of("O2", 15.999, "water", None), "O false");
        assert_eq!(of("", 12.011, "Ca", None), "type 1 is Ca by the comment Ca, but C by its mass 12.011 u");
        assert_eq!(of("O", 15.999, "Mg", None), "type 1 is O by its label O, but Mg by the comment Mg");
        // deuterium, repartitioned hydrogen, masses that do not matter
        assert_eq!(of("", 2.014, "H", None), "H false");
        assert_eq!(of("", 3.024, "H", None), "H false");
        assert_eq!(of("O", 1.0, "", None), "O false");
        assert_eq!(of("", 1.0, "", None), "none");
        assert_eq!(of("", 500.0, "bead", None), "none");
    }

    #[test]
    fn the_user_decides_between_a_comment_and_a_mass() {
        assert_eq!(of("", 12.011, "Ca", Some("C")), "C false");
        assert_eq!(of("", 12.011, "Ca", Some("Ca")), "Ca false");
        assert!(of("", 12.011, "Ca", Some("O")).starts_with("type 1 is Ca"));
    }

    #[test]
    fn types_of_one_element_are_told() {
        let named = |name: &str| Some(NamedType { element: name.to_owned(), source: String::new() });
        let note = note_of_merged(&["O", "Mg", "O", "Mg"].map(named)).unwrap();
        assert_eq!(note, "types 1, 3 are O; types 2, 4 are Mg and become one species");
        assert_eq!(note_of_merged(&["O", "Mg"].map(named)), None);
    }
}
