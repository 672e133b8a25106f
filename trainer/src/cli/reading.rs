//! How commands that hand configurations on read their inputs.

use clap::Args;

use super::FormatName;

/// Options for inputs of any format.
#[derive(Args, Debug)]
pub struct ReadingArguments {
    /// Elements in the order in which they are numbered; needed for inputs that name elements in no order, as VASP's files and
    /// extended XYZ do. What is .cfg already stays as it is.
    #[arg(long, value_name = "Mg,V,O")]
    pub species: Option<String>,

    /// Format of all inputs, if it is not to be recognized.
    #[arg(long, value_name = "FORMAT", value_enum, hide_possible_values = true)]
    pub input_format: Option<FormatName>,
}
