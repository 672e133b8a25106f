//! `mtprs merge`: one pass; of what was written, only the numbers are kept that tell copies.

use mtprs_core::geometry::Configuration;
use mtprs_core::{Error, ErrorKind};

use crate::Failure;
use crate::checks::{Copies, Sameness};
use crate::cli::MergeArguments;
use crate::dataset::{CfgSink, Walk};
use crate::endpoint::tell;
use crate::job::Ready;
use crate::processes::Interrupt;
use crate::structure_files::element_names;
use crate::text::{Table, counted};

pub(super) fn run(job: &Ready<MergeArguments>, interrupt: Interrupt) -> Result<(), Failure> {
    let names: Vec<String> = job.inputs.iter().map(crate::endpoint::Input::name).collect();
    let mut merge =
        Merge { names: &names, species: None, copies: Copies::default(), counts: vec![[0; 3]; names.len()] };
    let mut sink = CfgSink::create(&job.common.write.output(&job.output))?;
    let walk = Walk::new(&job.inputs, &job.reading, job.common.quiet, interrupt);
    walk.run(|origin, mut configuration| {
        merge.check_species(&configuration, origin.file)?;
        let sameness = if job.deduplicate { merge.copies.add(&configuration)? } else { Sameness::Different };
        let counts = &mut merge.counts[origin.file];
        counts[0] += 1;
        match sameness {
            Sameness::Same => {
                counts[1] += 1;
                return Ok(());
            }
            Sameness::OtherEnergy => counts[2] += 1,
            Sameness::Different => {}
        }
        if let Some(key) = &job.source_feature {
            configuration.set_feature(key, format!("{}:{}", names[origin.file], origin.number));
        }
        sink.write(&configuration)
    })?;
    let written = sink.finish()?;
    if !job.common.quiet {
        let text = merge.summary(job, written.configurations, written.atoms);
        tell(text);
    }
    Ok(())
}

struct Merge<'a> {
    names: &'a [String],
    /// Element names so far, if there are any, and the file that they are from.
    species: Option<(Option<Vec<String>>, usize)>,
    copies: Copies,
    /// Configurations of each file: read, left out, and kept with another energy.
    counts: Vec<[u64; 3]>,
}

impl Merge<'_> {
    /// Refuses species that mean something else than before. Names that go on where the others end mean the same.
    fn check_species(&mut self, configuration: &Configuration, file: usize) -> Result<(), Error> {
        let found = element_names(configuration);
        let Some((known, of)) = &mut self.species else {
            self.species = Some((found, file));
            return Ok(());
        };
        let agrees = match (&known, &found) {
            (None, None) => true,
            (Some(known), Some(found)) => known.iter().zip(found).all(|(a, b)| a == b),
            _ => false,
        };
        if agrees {
            if found.as_ref().map(Vec::len) > known.as_ref().map(Vec::len) {
                (*known, *of) = (found, file);
            }
            return Ok(());
        }
        let shown = |names: &Option<Vec<String>>| {
            names.as_ref().map_or("not named".to_owned(), |names| names.join(" "))
        };
        let message =
            format!("its species are {}, those of {} are {}", shown(&found), self.names[*of], shown(known));
        let order = known.as_ref().or(found.as_ref()).map(|names| names.join(",")).unwrap_or_default();
        let hint = format!("convert all files to one order: mtprs convert IN.cfg OUT.cfg --species {order}");
        Err(Error::new(ErrorKind::Species, message).hint(hint))
    }

    fn summary(&self, job: &Ready<MergeArguments>, configurations: u64, atoms: u64) -> String {
        let mut headings = vec!["file", ">configurations"];
        if job.deduplicate {
            headings.extend([">duplicates left out", ">same, other energy"]);
        }
        let mut table = Table::new(&headings);
        for (name, counts) in self.names.iter().zip(&self.counts) {
            let mut row = vec![name.clone()];
            row.extend(counts.iter().take(headings.len() - 1).map(u64::to_string));
            table.row(row);
        }
        let species = match &self.species {
            Some((Some(names), _)) => format!("species {}", names.join(" ")),
            _ => "species are numbered as in the files, which were not compared".to_owned(),
        };
        format!(
            "{}wrote {} with {} to {}; {species}\n",
            table.render(),
            counted(configurations, "configuration"),
            counted(atoms, "atom"),
            job.common.write.output(&job.output).name()
        )
    }
}
