//! The command `mtprs`; everything it does is in the library of the same name.

use std::process::ExitCode;

fn main() -> ExitCode {
    mtprs::run(std::env::args_os())
}
