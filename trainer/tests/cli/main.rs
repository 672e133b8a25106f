//! The program as its users run it.

mod commands;
mod errors;
mod evaluate;
mod fixture;
mod grade;
mod train;
