//! The command `mtprs`.
fn main() {}
