//! Selection and training on numbers that are made up, without the command line.

mod maxvol;
mod numbers;
mod processes;
mod training;
