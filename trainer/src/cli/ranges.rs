//! What words of the command line may be: each reads one, and its message says what was expected.

use std::fmt::Display;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::builder::{PathBufValueParser, TypedValueParser};
use mtprs_core::evaluate::Evaluator;
use mtprs_core::potential::template::BasisRule;

/// A number for which `holds` holds.
fn number<T: FromStr>(text: &str, expected: &str, holds: impl Fn(&T) -> bool) -> Result<T, String> {
    text.parse().ok().filter(holds).ok_or_else(|| format!("expected {expected}"))
}

/// A whole number from `least` up.
pub(super) fn at_least<T>(least: T) -> impl Fn(&str) -> Result<T, String> + Clone
where
    T: Copy + Display + FromStr + PartialOrd,
{
    move |text| number(text, &format!("a number from {least} up"), |&value: &T| value >= least)
}

pub(super) fn not_negative(text: &str) -> Result<f64, String> {
    number(text, "a number from 0 up", |&value: &f64| value >= 0.0 && value.is_finite())
}

pub(super) fn positive(text: &str) -> Result<f64, String> {
    number(text, "a positive number", |&value: &f64| value > 0.0 && value.is_finite())
}

/// A share below 1.
pub(super) fn share(text: &str) -> Result<f64, String> {
    number(text, "a share from 0 to below 1", |value: &f64| (0.0..1.0).contains(value))
}

/// A level: the basis of an odd one would be that of the even one below, which is better said than silently done.
pub(super) fn even(text: &str) -> Result<usize, String> {
    number(text, "an even number", |value: &usize| value.is_multiple_of(2))
}

/// A level in a list beside which there is one of other moment tables.
pub(super) fn level(text: &str) -> Result<usize, String> {
    let is_table = text.parse::<BasisRule>().is_ok_and(|rule| !rule.is_level());
    even(text).map_err(|expected| match is_table {
        true => format!("{expected}; --tables takes moment tables that are not levels"),
        false => expected,
    })
}

pub(super) fn from_one(text: &str) -> Result<f64, String> {
    number(text, "a number from 1 up", |&value: &f64| value >= 1.0 && value.is_finite())
}

pub(super) fn above_one(text: &str) -> Result<f64, String> {
    number(text, "a number above 1", |&value: &f64| value > 1.0 && value.is_finite())
}

/// A share up to 1.
pub(super) fn whole_share(text: &str) -> Result<f64, String> {
    number(text, "a share from 0 to 1", |value: &f64| (0.0..=1.0).contains(value))
}

pub(super) fn threads(text: &str) -> Result<NonZeroUsize, String> {
    const MOST: usize = Evaluator::MOST_THREADS;
    number(text, &format!("a number from 1 to {MOST}"), |value: &NonZeroUsize| value.get() <= MOST)
}

pub(super) fn finite(text: &str) -> Result<f64, String> {
    number(text, "a number", |value: &f64| value.is_finite())
}

/// Most processes that are predicted for.
pub(super) fn ranks(text: &str) -> Result<usize, String> {
    number(text, "a number from 1 to 1000000", |value: &usize| (1..=1_000_000).contains(value))
}

pub(super) fn atoms(text: &str) -> Result<f64, String> {
    number(text, "a number from 1 to 1e12", |value: &f64| (1.0..=1e12).contains(value))
}

/// A strain that is small and yet above rounding.
pub(super) fn strain(text: &str) -> Result<f64, String> {
    number(text, "a number from 1e-5 to 0.05", |value: &f64| (1e-5..=0.05).contains(value))
}

/// A displacement that is small and yet above rounding, Å.
pub(super) fn displacement(text: &str) -> Result<f64, String> {
    number(text, "a number from 1e-4 to 0.1", |value: &f64| (1e-4..=0.1).contains(value))
}

/// Any number, 0 as well.
pub(super) fn limit(text: &str) -> Result<usize, String> {
    number(text, "a whole number", |_| true).map(|value| if value == 0 { usize::MAX } else { value })
}

/// A name for a file where `-` cannot stand for standard output.
pub(super) fn file() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| match path == Path::new("-") {
        true => Err("expected a file"),
        false => Ok(path),
    })
}
