//! Writer of `.mtp` files (version 1.1.0): the keys, order, tabs and lists that MLIP-2, MLIP-3 and motep read.
//!
//! Numbers are written as by C's `%.15e`, with one digit more where a double needs it to be read back exactly.

use std::io::{self, Write};
use std::path::Path;

use super::super::atomic_file::AtomicFile;
use super::super::numbers::scientific;
use crate::error::{Error, Result};
use crate::potential::{PairTerm, Potential, RadialBasis};
use crate::species::Species;

/// Writes a potential. Name and tag must fit on one line.
///
/// If the species have names that the tag does not tell, the names are written as the tag.
pub fn write_potential(potential: &Potential, output: &mut impl Write) -> io::Result<()> {
    writeln!(output, "MTP\nversion = 1.1.0")?;
    writeln!(output, "potential_name = {}", one_line(potential.name())?)?;
    if potential.is_trained() || potential.scaling() != 1.0 {
        writeln!(output, "scaling = {}", scientific(potential.scaling()))?;
    }
    writeln!(output, "species_count = {}", potential.species().count())?;
    writeln!(output, "potential_tag = {}", one_line(&tag(potential))?)?;
    for term in potential.pair_terms() {
        match term {
            PairTerm::Zbl(zbl) => {
                writeln!(
                    output,
                    "{} = {{{}, {}}}",
                    term.key(),
                    scientific(zbl.inner()),
                    scientific(zbl.outer())
                )?;
            }
        }
    }
    write_radial_basis(potential.radial_basis(), output)?;
    if let Some(coefficients) = &potential.parameters().radial_coeffs {
        write_radial_coeffs(potential, coefficients, output)?;
    }
    write_moment_basis(potential, output)?;
    let parameters = potential.parameters();
    for (key, block) in
        [("species_coeffs", &parameters.species_coeffs), ("moment_coeffs", &parameters.moment_coeffs)]
    {
        if let Some(values) = block {
            write!(output, "{key} = ")?;
            write_list(output, values.iter().map(|&value| scientific(value)))?;
        }
    }
    Ok(())
}

/// The text of an `.mtp` file. Fails only for a name or tag that does not fit on one line.
pub fn potential_to_string(potential: &Potential) -> Result<String> {
    let mut bytes = Vec::new();
    write_potential(potential, &mut bytes)
        .map_err(|error| Error::new(crate::error::ErrorKind::InvalidPotential, error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| Error::new(crate::error::ErrorKind::Bug, error.to_string()))
}

/// Writes a potential to a file, which keeps its old content if anything fails.
pub fn save_potential(potential: &Potential, path: &Path) -> Result<()> {
    let mut file = AtomicFile::create(path)?;
    write_potential(potential, &mut file)
        .map_err(|error| Error::io("write", &path.to_string_lossy(), &error))?;
    file.commit()
}

fn tag(potential: &Potential) -> String {
    let species = potential.species();
    let told = Species::from_tag(species.count(), potential.tag());
    match species.names() {
        Some(names) if told != *species => names.join(" "),
        _ => potential.tag().to_owned(),
    }
}

fn one_line(text: &str) -> io::Result<&str> {
    if text.contains('\n') || text.trim_matches([' ', '\t', '\r']) != text {
        let message = format!("expected a name or tag of one line without blanks around it, got {text:?}");
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    Ok(text)
}

fn write_radial_basis(basis: &RadialBasis, output: &mut impl Write) -> io::Result<()> {
    writeln!(output, "radial_basis_type = {}", basis.kind().keyword())?;
    writeln!(output, "\tmin_dist = {}", scientific(basis.min_dist()))?;
    writeln!(output, "\tmax_dist = {}", scientific(basis.max_dist()))?;
    writeln!(output, "\tradial_basis_size = {}", basis.size())?;
    writeln!(output, "\tradial_funcs_count = {}", basis.functions_count())
}

fn write_radial_coeffs(
    potential: &Potential,
    coefficients: &[f64],
    output: &mut impl Write,
) -> io::Result<()> {
    let layout = potential.parameter_layout();
    let species_count = potential.species().count();
    writeln!(output, "\tradial_coeffs")?;
    for central in 0..species_count {
        for neighbor in 0..species_count {
            writeln!(output, "\t\t{central}-{neighbor}")?;
            for mu in 0..potential.radial_basis().functions_count() {
                let row = &coefficients[layout.radial_function(central, neighbor, mu)];
                write!(output, "\t\t\t")?;
                write_list(output, row.iter().map(|&value| scientific(value)))?;
            }
        }
    }
    Ok(())
}

fn write_moment_basis(potential: &Potential, output: &mut impl Write) -> io::Result<()> {
    let basis = potential.moment_basis();
    writeln!(output, "alpha_moments_count = {}", basis.moments_count())?;
    writeln!(output, "alpha_index_basic_count = {}", basis.basic().len())?;
    write!(output, "alpha_index_basic = ")?;
    write_list(
        output,
        basis.basic().iter().map(|moment| {
            let [a, b, c] = moment.powers;
            format!("{{{}, {a}, {b}, {c}}}", moment.mu)
        }),
    )?;
    writeln!(output, "alpha_index_times_count = {}", basis.products().len())?;
    write!(output, "alpha_index_times = ")?;
    write_list(
        output,
        basis.products().iter().map(|product| {
            format!("{{{}, {}, {}, {}}}", product.left, product.right, product.factor, product.target)
        }),
    )?;
    writeln!(output, "alpha_scalar_moments = {}", basis.scalar_moments().len())?;
    write!(output, "alpha_moment_mapping = ")?;
    write_list(output, basis.scalar_moments().iter().map(u32::to_string))
}

fn write_list(output: &mut impl Write, items: impl Iterator<Item = String>) -> io::Result<()> {
    output.write_all(b"{")?;
    for (index, item) in items.enumerate() {
        if index > 0 {
            output.write_all(b", ")?;
        }
        output.write_all(item.as_bytes())?;
    }
    output.write_all(b"}\n")
}
