//! Elements of LAMMPS's types: type labels, comments behind masses, masses.
//!
//! A label or comment that begins with the symbol of an element names it (`Mg`, `O_w`, `C_R_01`), and so does one that
//! is nothing but a symbol in other letters or brackets or an English name (`MG`, `(Mg)`, `magnesium`). The mass must
//! not be that of another element. Isotopes and repartitioned masses belong to no element and contradict none.

use mtprs_core::{Error, ErrorKind, Result};

use super::lines::shown;
use super::type_names::NamedType;
use crate::constants::elements;

/// English names of elements. Lead is left out: an electrode is called so, too.
#[rustfmt::skip]
const ENGLISH_NAMES: [(&str, &str); 87] = [
    ("hydrogen", "H"), ("helium", "He"), ("lithium", "Li"), ("beryllium", "Be"), ("boron", "B"), ("carbon", "C"),
    ("nitrogen", "N"), ("oxygen", "O"), ("fluorine", "F"), ("neon", "Ne"), ("sodium", "Na"), ("magnesium", "Mg"),
    ("aluminium", "Al"), ("aluminum", "Al"), ("silicon", "Si"), ("phosphorus", "P"), ("sulfur", "S"),
    ("sulphur", "S"), ("chlorine", "Cl"), ("argon", "Ar"), ("potassium", "K"), ("calcium", "Ca"),
    ("scandium", "Sc"), ("titanium", "Ti"), ("vanadium", "V"), ("chromium", "Cr"), ("manganese", "Mn"),
    ("iron", "Fe"), ("cobalt", "Co"), ("nickel", "Ni"), ("copper", "Cu"), ("zinc", "Zn"), ("gallium", "Ga"),
    ("germanium", "Ge"), ("arsenic", "As"), ("selenium", "Se"), ("bromine", "Br"), ("krypton", "Kr"),
    ("rubidium", "Rb"), ("strontium", "Sr"), ("yttrium", "Y"), ("zirconium", "Zr"), ("niobium", "Nb"),
    ("molybdenum", "Mo"), ("technetium", "Tc"), ("ruthenium", "Ru"), ("rhodium", "Rh"), ("palladium", "Pd"),
    ("silver", "Ag"), ("cadmium", "Cd"), ("indium", "In"), ("tin", "Sn"), ("antimony", "Sb"), ("tellurium", "Te"),
    ("iodine", "I"), ("xenon", "Xe"), ("caesium", "Cs"), ("cesium", "Cs"), ("barium", "Ba"), ("lanthanum", "La"),
    ("cerium", "Ce"), ("praseodymium", "Pr"), ("neodymium", "Nd"), ("promethium", "Pm"), ("samarium", "Sm"),
    ("europium", "Eu"), ("gadolinium", "Gd"), ("terbium", "Tb"), ("dysprosium", "Dy"), ("holmium", "Ho"),
    ("erbium", "Er"), ("thulium", "Tm"), ("ytterbium", "Yb"), ("lutetium", "Lu"), ("hafnium", "Hf"),
    ("tantalum", "Ta"), ("tungsten", "W"), ("rhenium", "Re"), ("osmium", "Os"), ("iridium", "Ir"),
    ("platinum", "Pt"), ("gold", "Au"), ("mercury", "Hg"), ("thallium", "Tl"), ("bismuth", "Bi"),
    ("thorium", "Th"), ("uranium", "U"),
];

/// Symbols that are words of English as well: a sentence may begin with them.
const ENGLISH_WORDS: [&str; 8] = ["Am", "As", "At", "Be", "He", "I", "In", "No"];

/// A row of the section `Masses`.
#[derive(Clone, Debug)]
pub(super) struct Mass {
    pub(super) mass: f64,
    /// All of its comment.
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
    let weight = mass.and_then(|mass| by_mass(mass.mass));
    let symbol = weight.as_ref().map(|weight| weight.element.as_str());
    let label = label.and_then(|text| by_text(text, "its label", symbol));
    let comment = mass.and_then(|mass| by_text(&mass.comment, "the comment", symbol));
    let is_weighed = label.is_none() && comment.is_none();
    let witnesses: Vec<NamedType> = [label, comment, weight].into_iter().flatten().collect();
    let agreed = agreed(number, &witnesses, given)?;
    Ok(agreed.map(|named| (named, is_weighed)))
}

/// The element that all witnesses of type `number` name. What is `given` by the user decides between those that
/// contradict each other.
pub(super) fn agreed(number: u32, witnesses: &[NamedType], given: Option<&str>) -> Result<Option<NamedType>> {
    let Some(first) = witnesses.first() else { return Ok(None) };
    let Some(other) = witnesses.iter().find(|other| other.element != first.element) else {
        return Ok(Some(first.clone()));
    };
    if let Some(chosen) = witnesses.iter().find(|witness| Some(witness.element.as_str()) == given) {
        return Ok(Some(chosen.clone()));
    }
    let message = format!(
        "type {number} is {} by {}, but {} by {}",
        first.element, first.source, other.element, other.source
    );
    let error = Error::new(ErrorKind::Species, message);
    Err(error
        .hint("correct what is wrong in the file, or name its types in their order with --input-species"))
}

/// The element of a mass. A mass of 1 is what is written where masses do not matter.
pub(super) fn by_mass(mass: f64) -> Option<NamedType> {
    let element = if mass == 1.0 { None } else { elements::of_mass(mass) };
    element.map(|element| NamedType { element: element.to_owned(), source: format!("its mass {mass} u") })
}

/// The element that a label or a comment names; `weighed` is that of the mass.
fn by_text(text: &str, what: &str, weighed: Option<&str>) -> Option<NamedType> {
    let mut words = text.split_whitespace();
    let first = words.next()?;
    let is_alone = words.next().is_none();
    let element = elements::of_pseudopotential(first)
        .filter(|element| is_alone || !ENGLISH_WORDS.contains(element))
        .or_else(|| if is_alone { by_word(first, weighed) } else { None })?;
    Some(NamedType { element: element.to_owned(), source: format!("{what} {}", shown(first)) })
}

/// The element of a comment of one word: its symbol in other letters or in brackets, or its English name.
///
/// Force fields call types of carbon `CA` and types of hydrogen `HG`: a symbol in other letters counts only if none of
/// its letters is what the mass says, and without a mass only if its first letter is no symbol. Words of English and
/// elements behind bismuth (`NP`, `CM`) do not count, nor do single letters in lower case and the numerals (I) and (V).
fn by_word(word: &str, weighed: Option<&str>) -> Option<&'static str> {
    let word = word.trim_matches(|character: char| "()[]{}<>\"'`".contains(character));
    if let Some((_, symbol)) = ENGLISH_NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)) {
        return Some(symbol);
    }
    if let Some(symbol) = elements::symbol_of(word) {
        return (!["I", "V"].contains(&word)).then_some(symbol);
    }
    let mut symbols = ENGLISH_NAMES.iter().map(|(_, symbol)| *symbol).chain(["Pb"]);
    let symbol = symbols.find(|symbol| symbol.len() == 2 && symbol.eq_ignore_ascii_case(word))?;
    let letters = word.to_ascii_uppercase();
    let counts = match weighed {
        Some(element) => element == symbol || !(element.len() == 1 && letters.contains(element)),
        None => !elements::is_element(&letters[..1]),
    };
    (counts && !ENGLISH_WORDS.contains(&symbol)).then_some(symbol)
}

/// A note of the types that nothing but their mass (u) names.
pub(super) fn note_of_weighed(types: &[(u32, NamedType, f64)]) -> Option<String> {
    let told =
        types.iter().map(|(number, named, mass)| format!("type {number} is {} ({mass} u)", named.element));
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| format!("elements by mass: {}", told.join(", ")))
}

/// A note where several types are one element, and become one species.
pub(super) fn note_of_merged(types: &[Option<NamedType>]) -> Option<String> {
    let names: Vec<Option<&str>> =
        types.iter().map(|named| named.as_ref().map(|named| named.element.as_str())).collect();
    let mut told = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let Some(element) = name else { continue };
        let same: Vec<String> = (0..names.len())
            .filter(|&other| names[other] == *name)
            .map(|other| (other + 1).to_string())
            .collect();
        if same.len() > 1 && !names[..index].contains(name) {
            told.push(format!("types {} are {element}", same.join(", ")));
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
    fn a_comment_of_one_word_may_be_a_symbol_in_other_letters_or_a_name() {
        for comment in ["MG", "mg", "(Mg)", "[MG]", "Magnesium", "(magnesium)", "MAGNESIUM"] {
            let message = format!("type 1 is Mg by the comment {comment}, but O by its mass 15.9994 u");
            assert_eq!(of("", 15.9994, comment, None), message);
            assert_eq!(of("", 24.305, comment, None), "Mg false");
            assert_eq!(of("", 1.0, comment, None), "Mg false");
        }
        assert_eq!(of("MG", 15.999, "", None), "type 1 is Mg by its label MG, but O by its mass 15.999 u");
        assert_eq!(
            of("", 24.305, "\"O\"", None),
            "type 1 is O by the comment \"O\", but Mg by its mass 24.305 u"
        );
    }

    #[test]
    fn other_words_contradict_no_mass() {
        let oxygen = "CG bead|HOH water|He said|No charge|In water|I think|a|b|(I)|(V)|he|IN|OS|os|CO|NP|MG site|\
                      hydrogen bonded|lead|()|oxygen|o|O";
        for comment in oxygen.split('|') {
            let element = of("", 15.9994, comment, None);
            assert!(element.starts_with("O "), "{comment}: {element}");
        }
        // types of the force fields CHARMM and GAFF
        for (mass, comment, element) in [
            (12.011, "CA", "C true"),
            (12.011, "cd", "C true"),
            (14.007, "NA", "N true"),
            (1.008, "HG", "H true"),
            (3.024, "HG", "none"),
            (1.0, "CA", "none"),
            (35.45, "CL", "Cl false"),
            (55.847, "FE", "Fe false"),
        ] {
            assert_eq!(of("", mass, comment, None), element, "{comment}");
        }
    }

    #[test]
    fn names_of_elements_are_those_of_their_symbols() {
        for (name, symbol) in ENGLISH_NAMES {
            assert!(elements::is_element(symbol), "{name}");
        }
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
