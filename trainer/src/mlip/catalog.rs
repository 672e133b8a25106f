//! The commands of MLIP: names, files, options, and what carries each of them out. `list` and `help` print this table, and a
//! line is read by it.

use std::ffi::OsString;
use std::fmt::Write;

use super::line::normalized;
use super::{
    Call, cells, conversion, evaluation, neighborhoods, relaxation, selection, sets, species, training,
};
use crate::Failure;
use crate::cli::usage_error;
use crate::report::mlip::Dialect;

/// A command.
pub(super) struct Entry {
    /// What MLIP-2 and MLIP-3 call it.
    pub(super) names: [&'static str; 2],
    /// Its files for MLIP-2 and MLIP-3, those in brackets not needed.
    files: [&'static [&'static str]; 2],
    pub(super) options: &'static [OptionEntry],
    /// What it does.
    about: &'static str,
    /// Whose command it is by its files, where both call it the same.
    pub(super) dialect: fn(&[OsString]) -> Option<Dialect>,
    /// Whether options of one are taken in the words of the other, too.
    pub(super) mixes: bool,
    pub(super) run: fn(&mut Call<'_>) -> Result<(), Failure>,
}

/// An option.
pub(super) struct OptionEntry {
    /// What MLIP-2 and MLIP-3 call it; empty where one has none.
    pub(super) names: [&'static str; 2],
    pub(super) about: &'static str,
}

impl OptionEntry {
    /// Whether this is what the word names, with hyphens or underscores.
    pub(super) fn is(&self, word: &str) -> bool {
        let word = normalized(word);
        self.names.iter().any(|name| !name.is_empty() && normalized(name) == word)
    }

    /// Whether the program has it.
    pub(super) fn has_name(&self, dialect: Dialect) -> bool {
        !self.names[of(dialect)].is_empty()
    }

    /// Whose spelling a word is, if only one of them spells it so.
    pub(super) fn dialect(&self, word: &str) -> Option<Dialect> {
        match self.names.map(|name| name == word) {
            [true, false] => Some(Dialect::Mlip2),
            [false, true] => Some(Dialect::Mlip3),
            _ => None,
        }
    }
}

impl Entry {
    /// What it is called.
    pub(super) fn name(&self, dialect: Dialect) -> &'static str {
        self.names[of(dialect)]
    }

    /// Its files.
    pub(super) fn files(&self, dialect: Dialect) -> &'static [&'static str] {
        self.files[of(dialect)]
    }

    /// The files that are expected; for a command whose programs have different ones under the same name, those of both.
    pub(super) fn forms(&self, dialect: Dialect) -> String {
        let [two, three] = self.files.map(|files| files.join(" "));
        match self.names[0] == self.names[1] && self.files[0].len() != self.files[1].len() {
            true => format!("{two} (MLIP-2) or {three} (MLIP-3)"),
            false => self.files(dialect).join(" "),
        }
    }

    /// Its help.
    pub(super) fn help(&self) -> String {
        let mut text = String::new();
        let line = |dialect| format!("mlp {} {}", self.name(dialect), self.files(dialect).join(" "));
        let [two, three] = [line(Dialect::Mlip2), line(Dialect::Mlip3)];
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{two}");
        if two != three {
            let _ = writeln!(text, "{three}");
        }
        let _ = writeln!(text, "\n{}", self.about);
        if !self.options.is_empty() {
            let _ = writeln!(text, "\nOptions of MLIP-2 and MLIP-3, as --name=value:");
        }
        for OptionEntry { names: [two, three], about } in self.options {
            let names = match (two.is_empty(), three.is_empty()) {
                (false, false) if two != three => format!("{two}, {three}"),
                (true, _) => (*three).to_owned(),
                _ => (*two).to_owned(),
            };
            let _ = writeln!(text, "  {names}: {about}");
        }
        text + "\nCommands that evaluate take --threads=COUNT and --species=Mg,V,O, the elements of types that have no names.\n"
    }
}

/// Place of a program in the tables.
fn of(dialect: Dialect) -> usize {
    match dialect {
        Dialect::Mlip2 => 0,
        Dialect::Mlip3 => 1,
    }
}

/// The names of all commands.
pub(super) fn list(dialect: Dialect) -> String {
    let names = ENTRIES.iter().map(|entry| entry.name(dialect)).chain(["help", "list"]);
    names.map(|name| format!("{name}\n")).collect()
}

/// What `mlp help` prints.
pub(super) fn help(dialect: Dialect) -> String {
    let program = ["MLIP-2", "MLIP-3"][of(dialect)];
    let mut text = format!(
        "mlp COMMAND FILES --option=value: the command lines of MLIP-2 and MLIP-3, done by mtprs.\n\nCommands as {program} \
         calls them; those of the other are taken, too:\n"
    );
    for entry in ENTRIES {
        let about = entry.about.split_once(['.', ';', ':']).map_or(entry.about, |(first, _)| first);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {:22} {about}", entry.name(dialect));
    }
    text + "  help COMMAND           files and options\n  list                   names of the commands\n\nResults replace files that \
            exist. Where nothing else tells, the words are those of MLIP-2; MTPRS_MLP=3, or a name of the program that ends \
            in 3, makes them MLIP-3's.\n"
}

/// The command of a name.
pub(super) fn find(name: &str) -> Result<&'static Entry, Failure> {
    let wanted = normalized(name);
    ENTRIES.iter().find(|entry| entry.names.iter().any(|name| normalized(name) == wanted)).ok_or_else(|| {
        usage_error(format!("mlp: command {name} does not exist.\n  hint: mlp list names those that do"))
            .into()
    })
}

const fn option(two: &'static str, three: &'static str, about: &'static str) -> OptionEntry {
    OptionEntry { names: [two, three], about }
}

fn undecided(_: &[OsString]) -> Option<Dialect> {
    None
}

const LOG: OptionEntry =
    option("log", "log", "read past: what is told goes to standard output and standard error");

const ENTRIES: &[Entry] = &[
    Entry {
        names: ["train", "train"],
        files: [&["POT.mtp", "TRAIN.cfg"], &["POT.almtp", "TRAIN.cfg"]],
        options: &[
            option(
                "trained-pot-name",
                "save_to",
                "file for the result [MLIP-2: Trained.mtp_; MLIP-3: that of the potential]",
            ),
            option("max-iter", "iteration_limit", "most steps [1000]"),
            option(
                "bfgs-conv-tol",
                "tolerance",
                "end when the loss falls by less than this share in 50 steps [1e-3]",
            ),
            option("energy-weight", "energy_weight", "weight of energies [1]"),
            option("force-weight", "force_weight", "weight of forces [0.01]"),
            option("stress-weight", "stress_weight", "weight of stresses [0.001]"),
            option("weighting", "", "vibrations, molecules or structures [vibrations]"),
            option("", "weight_scaling", "1 for vibrations, 0 for molecules, 2 for structures [1]"),
            option("", "weight_scaling_forces", "0, or 1 for structures [0]"),
            option("scale-by-force", "scale_by_force", "let configurations with large forces count less [0]"),
            option("valid-cfgs", "", "configurations to validate with"),
            option("curr-pot-name", "", "file for the best potential so far"),
            option(
                "init-params",
                "init_random",
                "read past: an untrained potential begins with random radial functions, a trained one as it is",
            ),
            option("resume", "resume", "go on from the checkpoint of a run that was stopped"),
            option("skip-preinit", "skip_preinit", "leave out the first fit of the linear parameters"),
            option("update-mindist", "", "set min_dist to the shortest distance"),
            option("", "no_mindist_update", "keep min_dist, which MLIP-3 sets otherwise"),
            option("", "al_mode", "cfg or nbh, mode of the state behind the potential [cfg, or as it is]"),
            LOG,
        ],
        about: "Trains a potential. MLIP-3 writes the selection state behind it.",
        dialect: training::dialect,
        mixes: true,
        run: training::train,
    },
    Entry {
        names: ["calc-efs", "calculate_efs"],
        files: [&["POT.mtp", "IN.cfg", "OUT.cfg"], &["POT.almtp", "IN.cfg"]],
        options: &[option(
            "",
            "output_filename",
            "file for the result, with .0 behind its name [that of the input]",
        )],
        about: "Computes energies, forces and stresses.",
        dialect: undecided,
        mixes: false,
        run: evaluation::efs,
    },
    Entry {
        names: ["calc-errors", "check_errors"],
        files: [&["POT.mtp", "DB.cfg"], &["POT.almtp", "DB.cfg"]],
        options: &[
            option("report_to", "report_to", "file for the report [standard output]"),
            option("log", "log", "file for a line about each configuration, with .0 behind its name"),
        ],
        about: "Compares a potential with reference values.",
        dialect: undecided,
        mixes: false,
        run: evaluation::errors,
    },
    Entry {
        names: ["calc-grade", "calculate_grade"],
        files: [&["POT.mtp", "TRAIN.cfg", "IN.cfg", "OUT.cfg"], &["POT.almtp", "IN.cfg", "OUT.cfg"]],
        options: &[ALS, MVS, INIT, THRESHOLD, SWAP, NBH, ENERGY, FORCE, STRESS, WEIGHTING, LOG],
        about: "Computes extrapolation grades. MLIP-2 builds the state from the training set and writes it; MLIP-3 takes it from \
                the potential and writes OUT.cfg.0.",
        dialect: undecided,
        mixes: false,
        run: selection::grade,
    },
    Entry {
        names: ["select-add", "select_add"],
        files: [
            &["POT.mtp", "TRAIN.cfg", "CANDIDATES.cfg", "DIFF.cfg"],
            &["POT.almtp", "TRAIN.cfg", "CANDIDATES.cfg", "OUT.cfg"],
        ],
        options: &[
            ALS,
            MVS,
            INIT,
            THRESHOLD,
            SWAP,
            NBH,
            ENERGY,
            FORCE,
            STRESS,
            WEIGHTING,
            option("selected-filename", "", "file for the active set [selected.cfg]"),
            option("selection-limit", "", "most configurations to select, 0 for any number [0]"),
            option("", "swap_limit", "read past"),
            LOG,
        ],
        about: "Selects candidates that the training set lacks. MLIP-2 also writes the active set (selected.cfg) and the state.",
        dialect: undecided,
        mixes: false,
        run: selection::select,
    },
    Entry {
        names: ["convert-cfg", "convert"],
        files: [&["IN", "OUT"], &["IN", "OUT"]],
        options: &[
            option(
                "input-format",
                "input_format",
                "cfg, vasp-outcar, vasp-poscar, lammps-dump … [by content]",
            ),
            option("output-format", "output_format", "cfg, vasp-poscar, lammps-datafile … [cfg]"),
            option("last", "last", "only the last configuration"),
            option("append", "append", "add to the file"),
            option(
                "elements-order",
                "type_order",
                "types of the elements in the order of the file, or the elements (symbols or \
                    atomic numbers) in the order of the types",
            ),
            option("absolute-elements", "absolute_types", "atomic numbers as types"),
            option("fix-lattice", "fix_lattice", "reduce the cell as fix_cfg does"),
            option("save-nonconverged", "save_nonconverged", "keep steps whose electrons did not converge"),
        ],
        about: "Converts configurations. Several POSCAR are numbered from POSCAR0.",
        dialect: undecided,
        mixes: false,
        run: conversion::convert,
    },
    Entry {
        names: ["relax", "relax"],
        files: [&["MLIP.ini"], &["POT.almtp", "IN.cfg", "OUT.cfg"]],
        options: &[
            option("cfg-filename", "", "configurations to relax"),
            option(
                "save-relaxed",
                "",
                "file for what is at a minimum, with _0 behind its name [relaxed.cfg]",
            ),
            option("save-unrelaxed", "", "file for what is not, with _0 behind its name [unrelaxed.cfg]"),
            option("", "relaxation_settings", "file with options"),
            option("pressure", "pressure", "pressure, GPa [0]"),
            option("iteration-limit", "iteration_limit", "most steps [500]"),
            option("min-dist", "min_dist", "end where two atoms are closer, Å"),
            option("force-tolerance", "force_tolerance", "largest force that may stay, eV/Å [1e-4]"),
            option(
                "stress-tolerance",
                "stress_tolerance",
                "largest difference of the stress that may stay, GPa; 0 fixes the cell [1e-3]",
            ),
            option("", "extrapolation_control", "save and end by grades of the state in the potential"),
            option("", "threshold_save", "grade above which configurations are saved [2]"),
            option("", "threshold_break", "grade above which a relaxation ends [10]"),
            option("", "save_extrapolative_to", "file for them, with .0 behind its name [preselected.cfg]"),
            option("max-step", "max_step", "read past"),
            option("min-step", "min_step", "read past"),
            option("bfgs-wolfe_c1", "bfgs_wolfe_c1", "read past"),
            option("bfgs-wolfe_c2", "bfgs_wolfe_c2", "read past"),
            LOG,
        ],
        about: "Relaxes atoms and cells. With select TRUE in mlip.ini what extrapolates on the way is saved.",
        dialect: relaxation::dialect,
        mixes: false,
        run: relaxation::relax,
    },
    Entry {
        names: ["mindist", "mindist"],
        files: [&["CFG"], &["CFG"]],
        options: &[LOG],
        about: "Prints the shortest distance of two atoms, Å.",
        dialect: undecided,
        mixes: false,
        run: sets::mindist,
    },
    Entry {
        names: ["mindist-filter", "mindist_filter"],
        files: [&["IN.cfg", "DISTANCE", "OUT.cfg"], &["IN.cfg", "DISTANCE", "OUT.cfg"]],
        options: &[],
        about: "Keeps configurations without shorter distances; the distance, Å, may stand anywhere.",
        dialect: undecided,
        mixes: false,
        run: sets::mindist_filter,
    },
    Entry {
        names: ["filter-nonconv", "filter_nonconv"],
        files: [&["IN.cfg", "OUT.cfg"], &["IN.cfg", "OUT.cfg"]],
        options: &[],
        about: "Leaves out configurations whose electrons did not converge, by their features (EFS_by VASP_not_converged, \
                converged no).",
        dialect: undecided,
        mixes: false,
        run: sets::filter_nonconv,
    },
    Entry {
        names: ["subsample", "subsample"],
        files: [&["IN.cfg", "STEP", "OUT.cfg"], &["IN.cfg", "STEP", "OUT.cfg"]],
        options: &[],
        about: "Keeps every configuration of this many; the number may stand anywhere.",
        dialect: undecided,
        mixes: false,
        run: sets::subsample,
    },
    Entry {
        names: ["fix-cfg", "fix_cfg"],
        files: [&["IN.cfg", "OUT.cfg"], &["IN.cfg", "OUT.cfg"]],
        options: &[],
        about: "Describes crystals by short vectors, turned so that they are lower triangular, with the atoms inside; forces and \
                stresses are turned along.",
        dialect: undecided,
        mixes: false,
        run: cells::fix,
    },
    Entry {
        names: ["replicate-cell", "replicate_cell"],
        files: [&["IN.cfg", "OUT.cfg", "NX", "[NY]", "[NZ]"], &["IN.cfg", "OUT.cfg", "NX", "[NY]", "[NZ]"]],
        options: &[],
        about: "Repeats cells along their vectors, with energies, forces and stresses.",
        dialect: undecided,
        mixes: false,
        run: cells::replicate,
    },
    Entry {
        names: ["invert-stress", "invert_stress"],
        files: [&["IN.cfg", "OUT.cfg"], &["IN.cfg", "OUT.cfg"]],
        options: &[],
        about: "Turns the sign of PlusStress.",
        dialect: undecided,
        mixes: false,
        run: cells::invert_stress,
    },
    Entry {
        names: ["remap-species", "remap_species"],
        files: [&["IN.cfg", "OUT.cfg", "TYPES"], &["IN.cfg", "OUT.cfg", "TYPES"]],
        options: &[],
        about: "Gives atoms new types: 2,0,1 makes 0 to 2, 1 to 0 and 2 to 1; so does 0:2,1:0,2:1, which may leave some out.",
        dialect: undecided,
        mixes: false,
        run: species::remap,
    },
    Entry {
        names: ["add-species", "add_species"],
        files: [&["POT.mtp", "SPECIES|CFG", "[OUT.mtp]"], &["POT.almtp", "SPECIES|CFG", "[OUT.almtp]"]],
        options: &[option("trained-pot-name", "save_to", "file for the result [that of the potential]")],
        about: "Adds species to a potential, without any change of its energies: to have this many (3), of these elements \
                (Mg,V,O), or as many as a file of configurations has types.",
        dialect: undecided,
        mixes: false,
        run: species::add,
    },
    Entry {
        names: ["cut-extrapolative-nbh", "cut_extrapolative_nbh"],
        files: [&["IN.cfg", "OUT.cfg"], &["IN.cfg", "OUT.cfg"]],
        options: &[
            option("cutoff", "cutoff", "half of the edge of the cubes, Å [5]"),
            option("threshold", "threshold", "grade above which an atom is a center [2.1]"),
        ],
        about: "Cuts cubes around atoms whose grades (nbh_grades) are too large, as periodic cells; mtprs cutout, which has the \
                potential, makes better ones.",
        dialect: undecided,
        mixes: false,
        run: neighborhoods::cut,
    },
];

const ALS: OptionEntry = option("als-filename", "", "file for the state [state.als]");
const MVS: OptionEntry = option("mvs-filename", "", "the same, as old versions call it");
const INIT: OptionEntry = option("init-threshold", "", "multiple of the unit matrix to start from [1e-5]");
const THRESHOLD: OptionEntry =
    option("select-threshold", "", "largest grade that a candidate may keep [1.1]");
const SWAP: OptionEntry =
    option("swap-threshold", "", "largest grade that a row of the training set may keep [1.0000001]");
const NBH: OptionEntry = option("nbh-weight", "", "1 with energy-weight 0 for grades of neighborhoods [0]");
const ENERGY: OptionEntry = option("energy-weight", "", "1 for grades of configurations [1]");
const FORCE: OptionEntry = option("force-weight", "", "0 only");
const STRESS: OptionEntry = option("stress-weight", "", "0 only");
const WEIGHTING: OptionEntry = option("weighting", "", "vibrations only");

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_name_is_there_twice() {
        for dialect in [Dialect::Mlip2, Dialect::Mlip3] {
            let names: BTreeSet<_> = ENTRIES.iter().map(|entry| entry.name(dialect)).collect();
            assert_eq!(names.len(), ENTRIES.len());
        }
        for entry in ENTRIES {
            let options: Vec<String> =
                entry.options.iter().flat_map(|option| option.names).map(normalized).collect();
            for (place, name) in options.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
                let same = options.iter().enumerate().filter(|(_, other)| *other == name);
                // The two spellings of one option are next to each other.
                assert!(same.into_iter().all(|(other, _)| other / 2 == place / 2), "{name}");
            }
            assert!(entry.help().contains("--threads=COUNT"));
        }
    }

    #[test]
    fn one_who_looks_for_mlip3_in_the_list_finds_it_in_that_of_mlip3_alone() {
        assert!(!list(Dialect::Mlip2).contains("calculate_efs"));
        assert!(list(Dialect::Mlip3).contains("calculate_efs"));
    }
}
