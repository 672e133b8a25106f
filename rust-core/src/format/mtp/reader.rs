//! Reader of `.mtp` files: text to [`Potential`].
//!
//! First pass: keys in any order into a [`Draft`], each value checked by itself. Second pass ([`super::checks`]):
//! counts against lists, blocks against each other, and the constructors of the potential, whose complaints are
//! given the line and column of the key or entry concerned.

use std::path::Path;

use super::super::cursor::{Cursor, shown};
use super::super::encoding::without_mark;
use super::super::files;
use super::checks;
use super::keys::SeenKeys;
use super::lists::{self, EntryForm};
use crate::error::{Error, ErrorKind, Result};
use crate::potential::{BasicMoment, PairTerm, Potential, Product, RadialBasisKind, Zbl};

/// What a selection state of MLIP-3 begins with.
const STATE_OF_MLIP3: &[u8] = b"#MVS";

const INDEX: (i64, i64) = (0, u32::MAX as i64);
const BASIC_FORM: EntryForm =
    EntryForm { names: "{mu, a, b, c}", ranges: [(0, u16::MAX as i64), (0, 255), (0, 255), (0, 255)] };
const PRODUCT_FORM: EntryForm = EntryForm {
    names: "{left, right, factor, target}",
    ranges: [INDEX, INDEX, (i32::MIN as i64, i32::MAX as i64), INDEX],
};

/// What a file says, before its parts are held against each other.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) tag: String,
    pub(super) scaling: Option<f64>,
    pub(super) species_count: usize,
    pub(super) radial_basis_kind: Option<RadialBasisKind>,
    pub(super) min_dist: f64,
    pub(super) max_dist: f64,
    pub(super) radial_basis_size: usize,
    pub(super) radial_funcs_count: usize,
    pub(super) moments_count: usize,
    pub(super) basic_count: usize,
    pub(super) basic: Vec<BasicMoment>,
    pub(super) products_count: usize,
    pub(super) products: Vec<Product>,
    pub(super) scalar_moments_count: usize,
    pub(super) scalar_moments: Vec<u32>,
    pub(super) pair_terms: Vec<PairTerm>,
    pub(super) radial_coeffs: Option<RadialCoeffs>,
    pub(super) species_coeffs: Option<Vec<f64>>,
    pub(super) moment_coeffs: Option<Vec<f64>>,
}

/// The block `radial_coeffs` as it stands in the file.
#[derive(Default)]
pub(super) struct RadialCoeffs {
    pub(super) pairs: Vec<PairBlock>,
    pub(super) values: Vec<f64>,
}

/// One `central-neighbor` block: its species, and where each of its rows begins and ends in the values.
pub(super) struct PairBlock {
    pub(super) offset: usize,
    pub(super) species: [usize; 2],
    pub(super) rows: Vec<Row>,
}

/// One radial function: offset in the text and end in the values.
pub(super) struct Row {
    pub(super) offset: usize,
    pub(super) end: usize,
}

/// Reads a potential from the bytes of an `.mtp` file, or of an `.almtp` file, whose selection state is passed over;
/// `file_name` is for messages.
pub fn parse_potential(text: &[u8], file_name: &str) -> Result<Potential> {
    let (potential, end) = parse_potential_prefix(text, file_name)?;
    if text.get(end) != Some(&b'^') {
        return Ok(potential);
    }
    let message = "the potential is followed by a selection state of MLIP-2 (.als)".to_owned();
    let error = Cursor::new(text, file_name, 1).error(ErrorKind::Unsupported, end, message);
    Err(error.hint("a file of a potential alone (.mtp) or of MLIP-3 (.almtp) is expected here"))
}

/// Reads the potential at the beginning of `text`, which may go on with a selection state (`.als`, `.almtp`).
///
/// Also returned: the offset of the `^` or `#MVS` that begins the state, or the length of the text.
pub fn parse_potential_prefix(text: &[u8], file_name: &str) -> Result<(Potential, usize)> {
    let mut cursor = Cursor::new(text, file_name, 1);
    read_first_line(&mut cursor)?;
    let mut draft = Draft::default();
    let mut keys = SeenKeys::default();
    loop {
        cursor.skip_white();
        if cursor.rest().is_empty() || begins_state(cursor.rest()) {
            break;
        }
        let key = keys.read(&mut cursor)?;
        draft.read_value(key, &mut cursor)?;
        cursor.end_line(key)?;
    }
    let end = cursor.offset();
    keys.check_complete(file_name)?;
    Ok((checks::assemble(draft, &keys, &cursor.moved_to(0))?, end))
}

/// Reads a potential from an `.mtp` or `.almtp` file.
pub fn load_potential(path: &Path) -> Result<Potential> {
    let text = files::read_whole(path, STATE_OF_MLIP3)?;
    parse_potential(&text, &path.to_string_lossy())
}

fn read_first_line(cursor: &mut Cursor<'_>) -> Result<()> {
    let rest = cursor.rest();
    let text = without_mark(rest).map_err(|error| error.at(cursor.place(0)))?;
    *cursor = cursor.moved_to(cursor.offset() + rest.len() - text.len());
    cursor.skip_white();
    let start = cursor.offset();
    let word = cursor.word().map_or(&b""[..], |(_, word)| word);
    if word != b"MTP" {
        let message = format!("expected MTP at the beginning of a potential, got {}", shown(word));
        return Err(cursor.syntax(start, message));
    }
    cursor.end_line("MTP")
}

fn begins_state(rest: &[u8]) -> bool {
    rest.starts_with(b"^") || rest.starts_with(STATE_OF_MLIP3)
}

impl Draft {
    fn read_value(&mut self, key: &'static str, cursor: &mut Cursor<'_>) -> Result<()> {
        match key {
            "version" => check_version(cursor)?,
            "potential_name" => self.name = cursor.line_text()?.to_owned(),
            "potential_tag" => self.tag = cursor.line_text()?.to_owned(),
            "radial_basis_type" => self.radial_basis_kind = Some(radial_basis_kind(cursor)?),
            "scaling" => self.scaling = Some(real(cursor, key)?),
            "min_dist" => self.min_dist = real(cursor, key)?,
            "max_dist" => self.max_dist = real(cursor, key)?,
            "species_count" => self.species_count = count(cursor, key)?,
            "radial_basis_size" => self.radial_basis_size = count(cursor, key)?,
            "radial_funcs_count" => self.radial_funcs_count = count(cursor, key)?,
            "alpha_moments_count" => self.moments_count = count(cursor, key)?,
            "alpha_index_basic_count" => self.basic_count = count(cursor, key)?,
            "alpha_index_times_count" => self.products_count = count(cursor, key)?,
            "alpha_scalar_moments" => self.scalar_moments_count = count(cursor, key)?,
            "alpha_index_basic" => self.basic = lists::entries(cursor, key, &BASIC_FORM, basic_moment)?,
            "alpha_index_times" => self.products = lists::entries(cursor, key, &PRODUCT_FORM, product)?,
            "alpha_moment_mapping" => self.scalar_moments = lists::indices(cursor, key, u32::MAX)?,
            "radial_coeffs" => self.radial_coeffs = Some(read_radial_coeffs(cursor)?),
            "zbl" => self.pair_terms.push(PairTerm::Zbl(zbl(cursor, key)?)),
            "species_coeffs" => self.species_coeffs = Some(real_list(cursor, key)?),
            "moment_coeffs" => self.moment_coeffs = Some(real_list(cursor, key)?),
            _ => return Err(Error::new(ErrorKind::Bug, format!("key {key} is known but not read"))),
        }
        Ok(())
    }
}

fn check_version(cursor: &mut Cursor<'_>) -> Result<()> {
    let start = cursor.offset();
    let version = cursor.line_text()?;
    if version == "1.1.0" {
        return Ok(());
    }
    let message = format!("expected version 1.1.0, got {}", shown(version.as_bytes()));
    Err(cursor.error(ErrorKind::Unsupported, start, message))
}

fn radial_basis_kind(cursor: &mut Cursor<'_>) -> Result<RadialBasisKind> {
    let start = cursor.offset();
    let keyword = cursor.line_text()?;
    RadialBasisKind::named(keyword).ok_or_else(|| {
        let known = RadialBasisKind::ALL.map(RadialBasisKind::keyword).join(" or ");
        let message =
            format!("radial basis {} is not supported: expected {known}", shown(keyword.as_bytes()));
        cursor.error(ErrorKind::Unsupported, start, message)
    })
}

/// Reads `{inner, outer}`.
fn zbl(cursor: &mut Cursor<'_>, key: &str) -> Result<Zbl> {
    let start = cursor.offset();
    let range = real_list(cursor, key)?;
    let [inner, outer] = range[..] else {
        let message =
            format!("expected two distances {{inner, outer}} for {key}, got {} numbers", range.len());
        return Err(cursor.syntax(start, message));
    };
    Zbl::checked(inner, outer)
        .map_err(|fault| cursor.error(ErrorKind::InvalidPotential, start, fault.message))
}

fn real(cursor: &mut Cursor<'_>, key: &str) -> Result<f64> {
    let (start, word) = scalar(cursor, key)?;
    cursor.float(start, word)
}

fn count(cursor: &mut Cursor<'_>, key: &str) -> Result<usize> {
    let (start, word) = scalar(cursor, key)?;
    let value = cursor.integer(start, word)?;
    usize::try_from(value)
        .map_err(|_| cursor.syntax(start, format!("expected {key} of at least 0, got {value}")))
}

fn scalar<'a>(cursor: &mut Cursor<'a>, key: &str) -> Result<(usize, &'a [u8])> {
    let place = cursor.offset();
    cursor.word().ok_or_else(|| cursor.syntax(place, format!("expected a number for {key}, got nothing")))
}

fn real_list(cursor: &mut Cursor<'_>, key: &str) -> Result<Vec<f64>> {
    let mut values = Vec::new();
    lists::floats(cursor, key, &mut values)?;
    Ok(values)
}

// The ranges of the entry forms make these conversions exact.
fn basic_moment([mu, a, b, c]: [i64; 4]) -> BasicMoment {
    BasicMoment { mu: mu as u16, powers: [a as u8, b as u8, c as u8] }
}

fn product([left, right, factor, target]: [i64; 4]) -> Product {
    Product { left: left as u32, right: right as u32, factor: factor as i32, target: target as u32 }
}

/// Reads `0-0 {…} {…} 0-1 …` up to the next key.
fn read_radial_coeffs(cursor: &mut Cursor<'_>) -> Result<RadialCoeffs> {
    let mut block = RadialCoeffs::default();
    loop {
        let before_white = cursor.offset();
        cursor.skip_white();
        let offset = cursor.offset();
        match (cursor.peek(), block.pairs.last_mut()) {
            (Some(b'{'), Some(pair)) => {
                lists::floats(cursor, "radial_coeffs", &mut block.values)?;
                pair.rows.push(Row { offset, end: block.values.len() });
            }
            (Some(b'{'), None) => {
                let message = "expected a species pair such as 0-0 before the first radial function".into();
                return Err(cursor.syntax(offset, message));
            }
            (Some(b'0'..=b'9' | b'-' | b'+'), _) => block.pairs.push(read_pair(cursor)?),
            _ => {
                *cursor = cursor.moved_to(before_white);
                return Ok(block);
            }
        }
    }
}

fn read_pair(cursor: &mut Cursor<'_>) -> Result<PairBlock> {
    let offset = cursor.offset();
    let word = cursor.take_until(|byte| byte.is_ascii_whitespace() || byte == b'{');
    let species = std::str::from_utf8(word).ok().and_then(|text| {
        let (central, neighbor) = text.split_once('-')?;
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        (is_number(central) && is_number(neighbor)).then_some(())?;
        Some([central.parse().ok()?, neighbor.parse().ok()?])
    });
    match species {
        Some(species) => Ok(PairBlock { offset, species, rows: Vec::new() }),
        None => {
            let message = format!("expected a species pair such as 0-1, got {}", shown(word));
            Err(cursor.syntax(offset, message))
        }
    }
}
