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
#[path = "../numbers/mod.rs"]
mod numbers;
mod resume;
mod scaling;
mod select;
mod sets;
mod sides;
mod threads;
mod train;
mod tune;
