//! The program as its users run it.

mod almtp;
mod check;
mod commands;
mod convert;
mod cutout;
mod endings;
mod errors;
mod evaluate;
mod extxyz;
mod files;
mod fixture;
mod folders;
mod grade;
mod learn;
mod manual;
mod names;
#[path = "../numerics/numbers.rs"]
mod numbers;
mod resume;
mod scaling;
mod select;
mod sets;
mod sides;
mod threads;
mod train;
mod tune;
