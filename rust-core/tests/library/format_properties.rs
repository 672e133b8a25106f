//! Properties of the readers and writers: nothing is lost on a round trip, and no bytes make a reader panic.

use std::fs;

use mtprs_core::format::{
    CfgReader, parse_potential, parse_potential_prefix, potential_to_string, write_configuration,
};
use mtprs_core::geometry::{Cell, Configuration, ExtraColumn, Vector3, Virial};
use mtprs_core::potential::{
    BasicMoment, MomentBasis, PairTerm, Parameters, Potential, PotentialParts, Product, RadialBasis,
    RadialBasisKind, Zbl,
};
use mtprs_core::species::Species;
use mtprs_testing::{cfg_text, files_below, properties, wellformed};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;

/// Any finite double: usual magnitudes, and also the smallest and largest there are.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![-10.0..10.0f64, prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO]
}

fn triple() -> impl Strategy<Value = Vector3> {
    [number(), number(), number()]
}

fn cell() -> impl Strategy<Value = Cell> {
    vec([-9.0..9.0f64, -9.0..9.0f64, -9.0..9.0f64], 0..=3)
        .prop_filter_map("linearly dependent", |vectors| Cell::new(&vectors).ok())
}

fn virial() -> impl Strategy<Value = Virial> {
    [number(), number(), number(), number(), number(), number()].prop_map(Virial::from_cfg_order)
}

fn configuration() -> impl Strategy<Value = Configuration> {
    (0..6usize).prop_flat_map(|atoms| {
        let fields = (
            vec(any::<i64>(), atoms),
            vec(any::<u32>(), atoms),
            vec(triple(), atoms),
            option::of(vec(triple(), atoms)),
            option::of(vec(number(), atoms)),
            option::of(vec(number(), atoms)),
            vec(("[a-z]{1,5}_c", vec("[!-~é\x0c\u{a0}]{1,9}", atoms)), 0..3),
        );
        let whole = (
            cell(),
            option::of(number()),
            option::of(virial()),
            vec(("[!-~é]{1,9}", "([!-~é]([ !-~\t]{0,9}[!-~])?)?"), 0..4),
        );
        (fields, whole).prop_map(|(fields, (cell, energy, virial, features))| {
            let (ids, species, positions, forces, site_energies, neighborhood_grades, mut columns) = fields;
            columns.dedup_by(|a, b| a.0 == b.0);
            let extra_columns =
                columns.into_iter().map(|(name, words)| ExtraColumn { name, words }).collect();
            Configuration {
                cell,
                ids,
                species,
                positions,
                forces,
                site_energies,
                neighborhood_grades,
                extra_columns,
                energy,
                virial,
                features,
            }
        })
    })
}

/// A potential whose products may join any moments that are complete.
fn potential() -> impl Strategy<Value = Potential> {
    let sizes = (1..4usize, 1..5usize, 1..4usize, 1..6usize, 0..8usize);
    sizes.prop_flat_map(|(species, basis_size, functions, basic, products)| {
        let radial_coeffs = species * species * functions * basis_size;
        (
            vec((any::<Index>(), any::<Index>(), any::<i32>()), products),
            vec(any::<Index>(), 1..5),
            option::of(vec(number(), radial_coeffs)),
            option::of(vec(number(), species)),
            option::of(vec(number(), 5)),
            "([!-~é]([ !-~]{0,9}[!-~])?)?",
            prop_oneof![Just("Mg V O".to_owned()), Just("Si".to_owned()), "([!-~]([ !-~]{0,9}[!-~])?)?"],
            (0.0..2.0f64, 2.1..9.0f64, number().prop_filter("zero", |&scaling| scaling != 0.0)),
        )
            .prop_map(
                move |(products, scalar, radial_coeffs, species_coeffs, moment_coeffs, name, tag, range)| {
                    let moments_count = basic + products.len();
                    let products = products.into_iter().enumerate().map(|(index, (left, right, factor))| {
                        let target = basic + index;
                        let [left, right] = [left, right].map(|moment| moment.index(target) as u32);
                        Product { left, right, factor, target: target as u32 }
                    });
                    let scalar: Vec<u32> =
                        scalar.iter().map(|index| index.index(moments_count) as u32).collect();
                    let moment_coeffs = moment_coeffs.map(|values| values[..scalar.len()].to_vec());
                    let basic = (0..basic).map(|index| BasicMoment {
                        mu: (index % functions) as u16,
                        powers: [index as u8, 0, 3],
                    });
                    let species = Species::from_tag(species, &tag);
                    let zbl = Zbl::new(0.3 * range.1, 0.9 * range.1).unwrap();
                    let pair_terms = species.names().map(|_| PairTerm::Zbl(zbl)).into_iter().collect();
                    Potential::new(PotentialParts {
                        name,
                        species,
                        pair_terms,
                        tag,
                        scaling: range.2,
                        radial_basis: RadialBasis::new(
                            RadialBasisKind::Chebyshev,
                            range.0,
                            range.1,
                            basis_size,
                            functions,
                        )
                        .unwrap(),
                        moment_basis: MomentBasis::new(
                            basic.collect(),
                            products.collect(),
                            scalar,
                            moments_count,
                        )
                        .unwrap(),
                        parameters: Parameters { radial_coeffs, species_coeffs, moment_coeffs },
                    })
                    .unwrap()
                },
            )
    })
}

/// A file of the repository, damaged: bytes replaced, a piece cut out, a piece moved, the end cut off.
fn damaged(extension: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let files = files_below(&wellformed(""), extension);
    let texts: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    assert!(!texts.is_empty());
    let bytes = prop_oneof![any::<u8>(), prop::sample::select(&b" \t\r\n0129-+.eEnd{},=^#:"[..])];
    (
        prop::sample::select(texts),
        vec((any::<Index>(), bytes), 0..4),
        option::of((any::<Index>(), 1..40usize)),
        option::of((any::<Index>(), any::<Index>(), 1..80usize)),
        option::of(any::<Index>()),
    )
        .prop_map(|(mut text, replaced, cut, moved, end)| {
            for (index, byte) in replaced {
                let index = index.index(text.len());
                text[index] = byte;
            }
            if let Some((start, length)) = cut {
                let start = start.index(text.len());
                text.drain(start..(start + length).min(text.len()));
            }
            if let Some((from, to, length)) = moved {
                let from = from.index(text.len());
                let piece = text[from..(from + length).min(text.len())].to_vec();
                let to = to.index(text.len());
                text.splice(to..to, piece);
            }
            if let Some(end) = end {
                text.truncate(end.index(text.len()));
            }
            text
        })
}

/// An error must have a place in the file, if it is not about the file as a whole, that really exists.
fn check_place(error: &mtprs_core::Error, text: &[u8]) -> Result<(), TestCaseError> {
    let place = error.place().expect("errors of readers name the file");
    prop_assert_eq!(&place.file, "damaged");
    prop_assert!(!error.message().contains('\n'), "{}", error);
    prop_assert!(place.line <= text.split(|&byte| byte == b'\n').count(), "{}", error);
    Ok(())
}

proptest! {
    #![proptest_config(properties::cases(2000))]

    #[test]
    fn configurations_survive_a_round_trip(all in vec(configuration(), 0..4)) {
        let text = cfg_text(&all);
        let again: Result<Vec<_>, _> = CfgReader::new(&text[..], "again.cfg").collect();
        prop_assert_eq!(again.unwrap(), all);
    }

    #[test]
    fn potentials_survive_a_round_trip(potential in potential()) {
        let text = potential_to_string(&potential).unwrap();
        prop_assert_eq!(parse_potential(text.as_bytes(), "again.mtp").unwrap(), potential);
    }

    #[test]
    fn damaged_potentials_end_in_a_potential_or_an_error(text in damaged("mtp")) {
        match parse_potential(&text, "damaged") {
            Ok(potential) => {
                let written = potential_to_string(&potential).unwrap();
                prop_assert_eq!(parse_potential(written.as_bytes(), "again.mtp").unwrap(), potential);
            }
            Err(error) => check_place(&error, &text)?,
        }
    }

    #[test]
    fn damaged_configurations_end_in_configurations_or_an_error(text in damaged("cfg")) {
        for configuration in CfgReader::new(&text[..], "damaged") {
            match configuration {
                Ok(configuration) => write_configuration(&configuration, &mut Vec::new()).unwrap(),
                Err(error) => check_place(&error, &text)?,
            }
        }
    }

    #[test]
    fn any_bytes_are_survived(text in vec(any::<u8>(), 0..300)) {
        prop_assert!(parse_potential(&text, "damaged").is_err());
        let _ = parse_potential_prefix(&[b"MTP\n", &text[..]].concat(), "damaged");
        let _ = CfgReader::new(&text[..], "damaged").count();
        let _ = CfgReader::new(&[b"BEGIN_CFG\n", &text[..]].concat()[..], "damaged").count();
    }
}
