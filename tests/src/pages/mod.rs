//! The pages of the site as tests read them: blocks of code, what each of them is for, and sessions that run them.
//!
//! A block of `sh` is run. Any other one stands below a comment that says what it is: `<!-- output -->` of the block before,
//! `<!-- file NAME -->` that the reader writes, `<!-- part of PATH -->` of the repository, `<!-- not run: REASON -->`,
//! `<!-- run by .ci/run -->`, `<!-- in a checkout -->`. A page that goes on from others names them: `<!-- after install.md -->`, or
//! `<!-- after install.md, also with the wheel -->` if the wheel is enough.

mod block;
mod listing;
mod output;
mod session;

pub use block::{Block, Page, Purpose};
pub use listing::{included, targets_of_ci};
pub use output::mismatch;
pub use session::{Place, run};

use std::fs;
use std::path::PathBuf;

use mtprs_testing::{files_below, workspace};

/// Folder of the pages.
pub fn folder() -> PathBuf {
    workspace().join("docs/src")
}

/// All pages, in the order of their names.
///
/// # Panics
/// With file and line of a block whose purpose is not told.
pub fn all() -> Vec<Page> {
    let read = |path: PathBuf| {
        let name = path.strip_prefix(folder()).expect("found below it").display().to_string();
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        Page::parse(&name, &text).unwrap_or_else(|fault| panic!("docs/src/{fault}"))
    };
    files_below(&folder(), "md").into_iter().map(read).collect()
}
