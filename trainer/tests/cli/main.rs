//! The program as its users run it.

mod almtp;
mod analyze;
mod check;
mod commands;
mod convert;
mod cutout;
mod endings;
mod errors;
mod evaluate;
mod files;
mod fixture;
mod folders;
mod grade;
mod insert;
mod learn;
mod manual;
mod names;
mod resume;
mod scaling;
mod select;
mod sets;
mod sides;
mod threads;
mod train;
mod tune;
