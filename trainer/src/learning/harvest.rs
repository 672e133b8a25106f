//! What a file with labels holds for the frames that were asked for: labels, reasons why there is none, and what else is
//! wrong with it.

use std::collections::BTreeMap;
use std::path::Path;

use mtprs_core::geometry::Configuration;

use super::label_check::{Reason, same_atoms};
use super::label_store::LabelStore;
use crate::endpoint::Input;
use crate::structure_files::{ReadSettings, Structure, StructureReader};

/// What a file held.
#[derive(Debug, Default)]
pub struct Harvest {
    labels: Vec<(u64, Configuration)>,
    reasons: BTreeMap<u64, Reason>,
    /// Why the rest has no label.
    general: Option<Reason>,
}

impl Harvest {
    /// Reads a file as far as it can be read and looks for the frames in it, in whatever order they come.
    pub fn of_file(path: &Path, store: &LabelStore<'_>, frames: &[u64]) -> Self {
        let mut harvest = Self::default();
        if !path.exists() {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            harvest.general = Some(format!("there is no {name}"));
            return harvest;
        }
        let reader = StructureReader::open(&Input::File(path.to_owned()), None, &ReadSettings::default());
        let mut reader = match reader {
            Ok(reader) => reader,
            Err(error) => {
                harvest.general = Some(error.to_string());
                return harvest;
            }
        };
        let (mut count, mut strangers) = (0, Vec::new());
        for structure in reader.by_ref() {
            count += 1;
            match structure {
                Ok(structure) => strangers.extend(harvest.take(structure, store, frames)),
                Err(error) => {
                    harvest.general = Some(error.to_string());
                    break;
                }
            }
        }
        harvest.explain_strangers(count, strangers, frames);
        if harvest.general.is_none()
            && let Some(step) = reader.remarks().left_out.first()
        {
            let reason = step.reason.lines().next().unwrap_or_default();
            harvest.general = Some(format!("step {} is left out: {reason}", step.step));
        }
        harvest
    }

    /// Takes a structure; returns why it is none of the frames, if so.
    fn take(&mut self, mut structure: Structure, store: &LabelStore<'_>, frames: &[u64]) -> Option<Reason> {
        if let Err(reason) = store.check.number_species(&mut structure) {
            return Some(reason);
        }
        let labeled = &structure.configuration;
        let mut stranger = None;
        // Those that have their labels already may be in the file, too.
        let others = store.numbers().filter(|frame| !frames.contains(frame));
        for frame in frames.iter().copied().chain(others) {
            let asked = store.frame(frame);
            match same_atoms(asked, labeled) {
                Ok(_) if !frames.contains(&frame) => return None,
                Ok(_) => {
                    match store.check.label(asked, labeled) {
                        Ok(label) if self.labels.iter().all(|(known, _)| *known != frame) => {
                            self.reasons.remove(&frame);
                            self.labels.push((frame, label));
                        }
                        Ok(_) => {}
                        Err(reason) => {
                            self.reasons.entry(frame).or_insert(reason);
                        }
                    }
                    return None;
                }
                Err(reason) => {
                    stranger.get_or_insert(reason);
                }
            }
        }
        stranger
    }

    /// Where one structure came for one frame, what is wrong with it is the reason of the frame.
    fn explain_strangers(&mut self, count: usize, strangers: Vec<Reason>, frames: &[u64]) {
        let Some(reason) = strangers.first() else { return };
        match frames {
            [frame] if count == 1 => {
                self.reasons.entry(*frame).or_insert_with(|| reason.clone());
            }
            _ => {
                let text = format!(
                    "the output has atoms that were not requested; compared with the first frame: {reason}"
                );
                self.general.get_or_insert(text);
            }
        }
    }

    /// The labels, each once.
    pub fn take_labels(&mut self) -> Vec<(u64, Configuration)> {
        std::mem::take(&mut self.labels)
    }

    /// Why a frame has no label, if it was in the file.
    pub fn reason(&self, frame: u64) -> Option<Reason> {
        self.reasons.get(&frame).cloned()
    }

    /// Why frames that were not in the file have no label.
    pub fn general(&self) -> Reason {
        self.general.clone().unwrap_or_else(|| "it is not in the output".into())
    }
}

/// A frame for a file that another program reads.
pub fn as_structure(store: &LabelStore<'_>, number: u64) -> Structure {
    let mut configuration = store.frame(number).clone();
    // It gets a place of its own.
    configuration.features.retain(|(key, _)| key != "elements");
    configuration.neighborhood_grades = None;
    configuration.set_feature("frame", number.to_string());
    let elements = store.elements.map(<[String]>::to_vec);
    Structure { is_ordered: elements.is_some(), configuration, elements, ..Structure::default() }
}
