//! The program as its users run it.

mod check;
mod commands;
mod convert;
mod cutout;
mod errors;
mod evaluate;
mod files;
mod fixture;
mod grade;
mod manual;
mod names;
#[path = "../numbers/mod.rs"]
mod numbers;
mod scaling;
mod select;
mod sets;
mod train;
mod tune;
