//! `mtprs voltage`: voltages of electrodes.

use std::path::PathBuf;

use clap::error::Error;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};

use super::ranges::{at_least, finite, not_negative};
use super::{FrameArguments, WorkArguments};

/// Options of `mtprs voltage`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs voltage --ion Mg --charged V2O5.cfg --discharged MgV2O5.cfg --metal-energy -1.5095
  mtprs voltage --ion Mg --potential pot.mtp --state pot.mtps --charged host.dump --discharged full.dump --skip 100 --metal-energy -1.5095
  mtprs voltage --ion Mg --potential pot.mtp --discharged glass.dump --discharged crystal.dump --remove --labels glass,crystal
  mtprs voltage --ion Li --potential pot.mtp --charged host.vasp --discharged a.vasp --discharged b.vasp --relax --json voltage.json

V = -(E_discharged - E_charged - n E_metal) / z n for n inserted ions with z electrons each. Energies are potential \
energies, from --potential or from the files, averaged over the configurations of a state, with 95 % confidence \
intervals from block averages. Entropy and pressure times volume are neglected.

Each --charged and each --discharged is one state, made of one file or of several consecutive ones; the first \
--charged belongs to the first --discharged, and so on. A single --charged belongs to all. All configurations of a \
state count, so use --last for relaxations; --skip, --every and --limit apply to a state with its files joined. \
--remove makes each charged state from the discharged one by taking out its ions without moving any other atom \
(topotactic). Cells may differ in size: hosts are compared by formula.

The energy of the metal must come from the same kind of calculation as the energies, or as the labels that the \
potential was fitted to. Without it, only differences of voltages between structures are reported, which do not need \
it. All formats of mtprs convert are read.")]
pub struct VoltageArguments {
    /// Files of the states.
    #[command(flatten)]
    pub states: StateFiles,

    /// Make the charged configurations by taking the ions out of the discharged ones.
    #[arg(long, conflicts_with = "charged", requires = "potential")]
    pub remove: bool,

    /// The ions: an element, or a number from 0 for species without names.
    #[arg(long, value_name = "Mg")]
    pub ion: String,

    /// Electrons per ion [default: 1 for Li Na K Rb Cs Ag, 2 for Mg Ca Sr Ba Zn, 3 for Al].
    #[arg(long, value_name = "COUNT", value_parser = at_least(1_u32))]
    pub charge: Option<u32>,

    /// Energy per atom of the metal, eV.
    #[arg(long, value_name = "ENERGY", allow_negative_numbers = true, value_parser = finite)]
    pub metal_energy: Option<f64>,

    /// Labels of the structures [default: the first file of the discharged state].
    #[arg(long, value_name = "GLASS,CRYSTAL", value_delimiter = ',')]
    pub labels: Vec<String>,

    /// Potential that computes the energies [default: energies in the files].
    #[arg(long, value_name = "POT.mtp")]
    pub potential: Option<PathBuf>,

    /// Also grade the configurations with this selection state.
    #[arg(long, value_name = "STATE", requires = "potential")]
    pub state: Option<PathBuf>,

    /// First relax each configuration in a fixed cell.
    #[arg(long, requires = "potential")]
    pub relax: bool,

    /// Converge forces to this, eV/Å.
    #[arg(long, value_name = "FORCE", default_value_t = 0.01, allow_negative_numbers = true, value_parser = not_negative, requires = "relax")]
    pub max_force: f64,

    /// Maximum number of steps of a relaxation.
    #[arg(long, value_name = "COUNT", default_value_t = 1000, requires = "relax")]
    pub max_steps: usize,

    /// Take only the last configuration of each file, as for a VASP relaxation.
    #[arg(long, conflicts_with_all = ["skip", "every", "limit"])]
    pub last: bool,

    /// Which configurations of each state.
    #[command(flatten)]
    pub frames: FrameArguments,

    /// Also write everything as JSON; - for standard output instead of the tables.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// How to read, write and run.
    #[command(flatten)]
    pub common: WorkArguments,
}

/// Files of states, an entry for each time that an option is given.
#[derive(Clone, Debug, Default)]
pub struct StateFiles {
    /// With fewer ions.
    pub charged: Vec<Vec<PathBuf>>,
    /// With more of them.
    pub discharged: Vec<Vec<PathBuf>>,
}

/// Names of both options.
const CHARGED: &str = "charged";
const DISCHARGED: &str = "discharged";

impl Args for StateFiles {
    fn augment_args(command: Command) -> Command {
        let option = |name: &'static str, help: &'static str| {
            let files = Arg::new(name).long(name).value_name("FILE").num_args(1..).action(ArgAction::Append);
            files.value_parser(value_parser!(PathBuf)).help(help)
        };
        let charged = option(CHARGED, "Configurations with fewer ions; repeat for further structures");
        let discharged = option(DISCHARGED, "Configurations with more ions; repeat for further structures");
        command.arg(charged).arg(discharged.required(true))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for StateFiles {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let files = |name: &str| {
            let given = matches.get_occurrences::<PathBuf>(name);
            given.map_or_else(Vec::new, |given| given.map(|files| files.cloned().collect()).collect())
        };
        Ok(Self { charged: files(CHARGED), discharged: files(DISCHARGED) })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
