//! Second pass of the `.mtp` reader: the parts of a file against each other, with the place of what does not fit.

use super::super::cursor::Cursor;
use super::keys::SeenKeys;
use super::lists;
use super::reader::{Draft, PairBlock, RadialCoeffs};
use crate::error::{Error, ErrorKind, Result};
use crate::potential::{
    Fault, MomentBasis, Parameters, Potential, PotentialParts, RadialBasis, RadialBasisKind,
    check_species_count,
};
use crate::species::Species;

/// Makes the potential of a complete draft. The cursor stands at the beginning of the file.
pub(super) fn assemble(draft: Draft, keys: &SeenKeys, start: &Cursor<'_>) -> Result<Potential> {
    let located = |fault: Fault| located(fault, keys, start);
    check_species_count(draft.species_count).map_err(located)?;
    check_lengths(&draft, keys, start)?;
    let radial_basis = RadialBasis::checked(
        draft.radial_basis_kind.unwrap_or(RadialBasisKind::Chebyshev),
        draft.min_dist,
        draft.max_dist,
        draft.radial_basis_size,
        draft.radial_funcs_count,
    )
    .map_err(located)?;
    let moment_basis =
        MomentBasis::checked(draft.basic, draft.products, draft.scalar_moments, draft.moments_count)
            .map_err(located)?;
    let radial_coeffs = match draft.radial_coeffs {
        Some(block) => Some(sorted_radial_coeffs(block, draft.species_count, &radial_basis, keys, start)?),
        None => None,
    };
    let parameters = Parameters {
        radial_coeffs,
        species_coeffs: draft.species_coeffs,
        moment_coeffs: draft.moment_coeffs,
    };
    let species = Species::from_tag(draft.species_count, &draft.tag);
    Potential::checked(PotentialParts {
        name: draft.name,
        tag: draft.tag,
        scaling: draft.scaling.unwrap_or(1.0),
        species,
        radial_basis,
        moment_basis,
        parameters,
        pair_terms: draft.pair_terms,
    })
    .map_err(located)
}

fn located(fault: Fault, keys: &SeenKeys, start: &Cursor<'_>) -> Error {
    let value = keys.value_offset(fault.key);
    let offset = match fault.entry {
        Some(entry) => lists::entry_offset(start.moved_to(value), entry),
        None => value,
    };
    Error::from(fault).at(start.place(offset))
}

/// Holds the length of each list against the count that the file declares for it.
fn check_lengths(draft: &Draft, keys: &SeenKeys, start: &Cursor<'_>) -> Result<()> {
    let species = draft.species_coeffs.as_ref().map_or(draft.species_count, Vec::len);
    let basis_functions = draft.moment_coeffs.as_ref().map_or(draft.scalar_moments_count, Vec::len);
    let lists = [
        ("alpha_index_basic", draft.basic.len(), "alpha_index_basic_count", draft.basic_count),
        ("alpha_index_times", draft.products.len(), "alpha_index_times_count", draft.products_count),
        (
            "alpha_moment_mapping",
            draft.scalar_moments.len(),
            "alpha_scalar_moments",
            draft.scalar_moments_count,
        ),
        ("species_coeffs", species, "species_count", draft.species_count),
        ("moment_coeffs", basis_functions, "alpha_scalar_moments", draft.scalar_moments_count),
    ];
    for (list, got, declared_by, expected) in lists {
        if got != expected {
            let line = start.place(keys.key_offset(declared_by)).line;
            let message =
                format!("expected {expected} entries in {list} ({declared_by} on line {line}), got {got}");
            return Err(start.error(ErrorKind::InvalidPotential, keys.value_offset(list), message));
        }
    }
    Ok(())
}

/// The coefficients in the order (z_i, z_j, μ, β), every species pair exactly once.
fn sorted_radial_coeffs(
    block: RadialCoeffs,
    species_count: usize,
    basis: &RadialBasis,
    keys: &SeenKeys,
    start: &Cursor<'_>,
) -> Result<Vec<f64>> {
    let invalid =
        |offset: usize, message: String| Err(start.error(ErrorKind::InvalidPotential, offset, message));
    let mut row_start = 0;
    let mut starts = vec![None; species_count * species_count];
    for pair in &block.pairs {
        let [central, neighbor] = pair.species;
        if central >= species_count || neighbor >= species_count {
            let message = format!(
                "species pair {central}-{neighbor} does not exist: species_count is {species_count} (from 0)"
            );
            return invalid(pair.offset, message);
        }
        let slot = &mut starts[central * species_count + neighbor];
        if slot.is_some() {
            return invalid(pair.offset, format!("species pair {central}-{neighbor} is given twice"));
        }
        *slot = Some(row_start);
        check_rows(pair, row_start, basis, start)?;
        row_start = pair.rows.last().map_or(row_start, |row| row.end);
    }
    let length = basis.functions_count() * basis.size();
    let mut sorted = Vec::with_capacity(block.values.len());
    for (index, place) in starts.iter().enumerate() {
        let Some(first) = *place else {
            let message = format!(
                "radial_coeffs lacks species pair {}-{}: expected {} pairs, got {}",
                index / species_count,
                index % species_count,
                starts.len(),
                block.pairs.len()
            );
            return invalid(keys.key_offset("radial_coeffs"), message);
        };
        sorted.extend_from_slice(&block.values[first..first + length]);
    }
    Ok(sorted)
}

fn check_rows(pair: &PairBlock, first: usize, basis: &RadialBasis, start: &Cursor<'_>) -> Result<()> {
    let [central, neighbor] = pair.species;
    let mut row_start = first;
    for (index, row) in pair.rows.iter().enumerate() {
        let got = row.end - row_start;
        if got != basis.size() {
            let message = format!(
                "expected {} numbers for radial function {index} of species pair {central}-{neighbor}, got {got}",
                basis.size()
            );
            return Err(start.error(ErrorKind::InvalidPotential, row.offset, message));
        }
        row_start = row.end;
    }
    if pair.rows.len() != basis.functions_count() {
        let message = format!(
            "expected {} radial functions for species pair {central}-{neighbor} (radial_funcs_count), got {}",
            basis.functions_count(),
            pair.rows.len()
        );
        return Err(start.error(ErrorKind::InvalidPotential, pair.offset, message));
    }
    Ok(())
}
