//! A fit on disk, from which a killed run goes on to the same result.
//!
//! Line 1 names format and version, line 2 the numbers of bytes and the checksum of what follows, line 3 is JSON with
//! everything but the vectors; then these, little-endian doubles bit by bit.

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use mtprs_core::format::AtomicFile;
use mtprs_core::selection::Checksum;
use mtprs_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use super::fit::{Fit, Stage};
use super::identity::Identity;
use super::minimizer::Minimizer;
use super::problem::Problem;
use crate::figures::History;
use crate::optimizer::{Damping, Gram, Lbfgs, Pair};
use crate::processes::together;

const FORMAT: &str = "mtprs checkpoint 3";
/// What it begins with in every release.
const NAME: &str = "mtprs checkpoint ";

/// Everything but the vectors.
#[derive(Serialize, Deserialize)]
struct Header {
    identity: Identity,
    stage: Stage,
    step: u64,
    evaluations: u64,
    seconds: f64,
    damping: f64,
    best_validation_step: u64,
    history: History,
    /// Files that the training writes, as the user named them.
    #[serde(default)]
    outputs: BTreeSet<PathBuf>,
    /// Lengths of the vectors.
    lengths: Vec<usize>,
}

/// What a checkpoint says of the files that its training writes.
#[derive(Deserialize)]
struct Outputs {
    #[serde(default)]
    outputs: BTreeSet<PathBuf>,
}

/// Writes a fit and the names of the files that its training writes; the checkpoint is replaced in one step.
pub fn save(
    path: &Path,
    fit: &Fit,
    identity: &Identity,
    seconds: f64,
    outputs: &BTreeSet<PathBuf>,
) -> Result<()> {
    let vectors = vectors(fit);
    let header = Header {
        identity: identity.clone(),
        stage: fit.stage,
        step: fit.step,
        evaluations: fit.evaluations,
        seconds: fit.seconds_before + seconds,
        damping: fit.minimizer.as_ref().map_or(0.0, |minimizer| minimizer.damping.value),
        best_validation_step: fit.best_validation.as_ref().map_or(0, |best| best.2),
        history: fit.history.clone(),
        // JSON has no place for names that are not UTF-8.
        outputs: outputs.iter().filter(|path| path.to_str().is_some()).cloned().collect(),
        lengths: vectors.iter().map(Vec::len).collect(),
    };
    let mut body = serde_json::to_vec(&header)
        .map_err(|error| Error::new(ErrorKind::Bug, format!("cannot write a checkpoint: {error}")))?;
    body.push(b'\n');
    body.extend(vectors.iter().flatten().flat_map(|value| value.to_le_bytes()));
    let mut file = AtomicFile::create(path)?;
    let name = path.display().to_string();
    writeln!(file, "{FORMAT}\n{} {:016x}", body.len(), checksum(&body))
        .and_then(|()| file.write_all(&body))
        .map_err(|error| Error::io("write", &name, &error))?;
    file.commit()
}

/// The checkpoint of a training whose result goes to this file, unless the user names one.
pub fn beside(result: &Path) -> PathBuf {
    let mut name = result.to_owned().into_os_string();
    name.push(".checkpoint");
    name.into()
}

/// Whether a file begins like a checkpoint, of this release or another.
pub fn is_one(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(NAME.len() as u64).read_to_end(&mut head));
    read.is_ok() && head == NAME.as_bytes()
}

/// The files that the training of this checkpoint writes; none if it cannot be read.
pub fn outputs(path: &Path) -> BTreeSet<PathBuf> {
    let header = fs::File::open(path).ok().and_then(|file| {
        let mut lines = BufReader::new(file).split(b'\n');
        let format = lines.next()?.ok()?;
        let header = lines.nth(1)?.ok()?;
        serde_json::from_slice::<Outputs>(&header).ok().filter(|_| format == FORMAT.as_bytes())
    });
    header.map(|header| header.outputs).unwrap_or_default()
}

/// Reads a fit of the same problem back. Process zero of the group reads the file.
pub fn load(path: &Path, problem: &Problem<'_>, identity: &Identity) -> Result<Fit> {
    let name = path.display().to_string();
    let group = problem.training.group();
    let bytes = if group.rank() == 0 { fs::read(path) } else { Ok(Vec::new()) };
    let bytes = together(group, bytes.map_err(|error| Error::io("read", &name, &error)))?;
    let bytes = group.broadcast(bytes)?;
    let (header, vectors) = together(group, parse(&name, &bytes, identity))?;
    restore(header, vectors, problem).map_err(|error| error.in_file(&name))
}

/// The header and the vectors of the checkpoint with this name.
fn parse(name: &str, bytes: &[u8], identity: &Identity) -> Result<(Header, Vec<Vec<f64>>)> {
    let invalid = |message: &str| Error::new(ErrorKind::InvalidState, message).in_file(name);
    let mut parts = bytes.splitn(3, |&byte| byte == b'\n');
    if parts.next() != Some(FORMAT.as_bytes()) {
        let error = invalid(&format!("expected a checkpoint that begins with \"{FORMAT}\""));
        return Err(error.hint("it may come from another release of mtprs; remove it to start over"));
    }
    let sizes = parts.next().and_then(|line| std::str::from_utf8(line).ok()).unwrap_or_default();
    let body = parts.next().unwrap_or_default();
    if sizes != format!("{} {:016x}", body.len(), checksum(body)) {
        return Err(invalid("the checkpoint is damaged: its length or checksum is wrong"));
    }
    let mut parts = body.splitn(2, |&byte| byte == b'\n');
    let header: Header = serde_json::from_slice(parts.next().unwrap_or_default())
        .map_err(|error| invalid(&format!("the checkpoint is damaged: {error}")))?;
    if let Some(change) = identity.change_from(&header.identity) {
        let error = change.refuse("the checkpoint belongs to", "remove it to start over");
        return Err(error.in_file(name));
    }
    let (numbers, rest) = parts.next().unwrap_or_default().as_chunks::<8>();
    let count = header.lengths.iter().try_fold(0_usize, |sum, &length| sum.checked_add(length));
    if !rest.is_empty() || count != Some(numbers.len()) {
        return Err(invalid("the checkpoint is damaged: its vectors are incomplete"));
    }
    let mut numbers = numbers.iter().map(|bytes| f64::from_le_bytes(*bytes));
    let vectors = header.lengths.iter().map(|&length| numbers.by_ref().take(length).collect()).collect();
    Ok((header, vectors))
}

/// A checksum over words of eight bytes, the last one filled up with zeros.
pub fn checksum(bytes: &[u8]) -> u64 {
    let mut checksum = Checksum::default();
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        checksum.add(u64::from_le_bytes(word));
    }
    checksum.value()
}

/// Nine vectors, some of them empty, and two for each pair of L-BFGS. The third is the lower triangle of the matrix.
fn vectors(fit: &Fit) -> Vec<Vec<f64>> {
    let minimizer = fit.minimizer.as_ref();
    let of = |get: fn(&Minimizer) -> Vec<f64>| minimizer.map(get).unwrap_or_default();
    let (start, start_loss) = fit.best_start.clone().unwrap_or_default();
    let (best, best_loss, _) = fit.best_validation.clone().unwrap_or_default();
    let mut vectors = vec![
        of(|minimizer| minimizer.lbfgs.variables.clone()),
        of(|minimizer| minimizer.lbfgs.gradient.clone()),
        of(|minimizer| minimizer.gram.lower()),
        of(|minimizer| vec![minimizer.lbfgs.value]),
        start,
        vec![start_loss],
        best,
        vec![best_loss],
        fit.window.clone(),
    ];
    for Pair { step, change } in minimizer.iter().flat_map(|minimizer| &minimizer.lbfgs.pairs) {
        vectors.extend([step.clone(), change.clone()]);
    }
    vectors
}

fn restore(header: Header, vectors: Vec<Vec<f64>>, problem: &Problem<'_>) -> Result<Fit> {
    let damaged = || Error::new(ErrorKind::InvalidState, "the checkpoint is damaged: vectors are missing");
    let length = problem.training.parameters();
    let mut vectors = vectors.into_iter();
    let mut next = || vectors.next().ok_or_else(damaged);
    let (variables, gradient, matrix, value) = (next()?, next()?, next()?, next()?);
    let (start, start_loss, best, best_loss, window) = (next()?, next()?, next()?, next()?, next()?);
    let mut pairs = VecDeque::new();
    while let Some(step) = vectors.next() {
        pairs.push_back(Pair { step, change: vectors.next().ok_or_else(damaged)? });
    }
    let fits = |vector: &Vec<f64>| vector.is_empty() || vector.len() == length;
    let all_fit = [&variables, &gradient, &start, &best].into_iter().all(fits);
    if !all_fit || pairs.iter().any(|pair| pair.step.len() != length || pair.change.len() != length) {
        return Err(damaged());
    }
    let single = |values: &[f64]| values.first().copied().ok_or_else(damaged);
    let minimizer = if variables.is_empty() {
        None
    } else {
        let memory = problem.settings.memory;
        let lbfgs = Lbfgs { variables, value: single(&value)?, gradient, pairs, memory };
        let damping = Damping { value: header.damping, ..problem.settings.damping };
        let gram = Gram::from_lower(length, &matrix).ok_or_else(damaged)?;
        Some(Minimizer::restore(problem, lbfgs, damping, gram)?)
    };
    let some = |vector: Vec<f64>| (!vector.is_empty()).then_some(vector);
    let (start_loss, best_loss) = (single(&start_loss)?, single(&best_loss)?);
    Ok(Fit {
        stage: header.stage,
        step: header.step,
        minimizer,
        best_start: some(start).map(|start| (start, start_loss)),
        best_validation: some(best).map(|best| (best, best_loss, header.best_validation_step)),
        window,
        history: header.history,
        evaluations: header.evaluations,
        seconds_before: header.seconds,
    })
}
