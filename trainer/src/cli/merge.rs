//! `mtprs merge`: several files into one.

use std::path::PathBuf;

use clap::Args;

use super::PassArguments;

/// Options of `mtprs merge`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs merge old.cfg new.cfg train.cfg
  mtprs merge run1.cfg run2.cfg run3.cfg all.cfg --deduplicate --source-feature source
  mtprs merge run*/vasprun.xml.gz all.cfg --species Mg,V,O

Species must mean the same in all files: element names (feature elements) are compared, and a file with other names or \
another order is refused. Files without names are merged as they are; mtprs check finds species that do not match \
those of the others.

--deduplicate leaves out a configuration that equals an earlier one except for the order and a shift of its atoms, if \
the energies agree to 1 meV per atom and it has no label that the earlier one lacks. Configurations that are equal but \
have different energies are kept and counted.

Inputs are .cfg or any other format of mtprs convert, compressed or not; the feature elements then names the species. \
Everything in .cfg is written as it was read, with one configuration in memory at a time.")]
pub struct MergeArguments {
    /// Input files, in this order; - for standard input.
    #[arg(value_name = "IN", required = true, num_args = 1..)]
    pub inputs: Vec<PathBuf>,

    /// Output file, - for standard output.
    #[arg(value_name = "OUT.cfg", required = true)]
    pub output: PathBuf,

    /// Leave out duplicates of earlier configurations.
    #[arg(long)]
    pub deduplicate: bool,

    /// Record the file and number of each configuration in this feature, as in run1.cfg:12.
    #[arg(long, value_name = "FEATURE", value_parser = feature_key)]
    pub source_feature: Option<String>,

    /// How to read, write and run.
    #[command(flatten)]
    pub common: PassArguments,
}

/// The key of a feature that is to be written.
fn feature_key(text: &str) -> Result<String, &'static str> {
    match text.is_empty() || text.contains(char::is_whitespace) {
        true => Err("expected one word"),
        false => Ok(text.to_owned()),
    }
}
