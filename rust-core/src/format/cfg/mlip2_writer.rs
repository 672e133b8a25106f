//! Writer of configurations in the very layout of MLIP-2, for states that go back to it: 17 digits, fixed headings.
//!
//! What MLIP-2 has no place for (further columns) is left out; [`super::write_configuration`] loses nothing.

use std::io::{self, Write};

use super::super::numbers::c_scientific;
use crate::geometry::Configuration;

/// Writes one configuration and a blank line as MLIP-2 does.
pub(in crate::format) fn write(configuration: &Configuration, output: &mut impl Write) -> io::Result<()> {
    let numbers = |values: &[f64]| values.iter().map(|&value| c_scientific(value, 16)).collect::<Vec<_>>();
    writeln!(output, "BEGIN_CFG\n Size\n    {}", configuration.len())?;
    if !configuration.cell.vectors().is_empty() {
        writeln!(output, " Supercell")?;
        for vector in configuration.cell.vectors() {
            writeln!(output, "    {}", numbers(vector).join(" "))?;
        }
    }
    let forces = configuration.forces.as_ref();
    let heading = if forces.is_some() { "           fx          fy          fz" } else { "" };
    writeln!(output, " AtomData:  id type       cartes_x      cartes_y      cartes_z{heading}")?;
    for (atom, position) in configuration.positions.iter().enumerate() {
        let (id, species) = (configuration.ids[atom], configuration.species[atom]);
        write!(output, "    {id} {species}  {}", numbers(position).join(" "))?;
        if let Some(forces) = forces {
            write!(output, "  {}", numbers(&forces[atom]).join(" "))?;
        }
        writeln!(output)?;
    }
    if let Some(energy) = configuration.energy {
        writeln!(output, " Energy\n    {}", c_scientific(energy, 16))?;
    }
    if let Some(virial) = configuration.virial {
        let virial = numbers(&virial.to_cfg_order()).join(" ");
        writeln!(
            output,
            " PlusStress:  xx          yy          zz          yz          xz          xy\n     {virial}"
        )?;
    }
    for (key, value) in &configuration.features {
        writeln!(output, " Feature   {key}\t{value}")?;
    }
    writeln!(output, "END_CFG\n")
}

/// The empty configuration that stands for "from nowhere".
pub(in crate::format) fn empty() -> Configuration {
    use crate::geometry::Cell;
    let unit = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    Configuration { cell: Cell::new(&unit).unwrap_or_default(), ..Configuration::default() }
}
