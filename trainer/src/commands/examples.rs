//! `mtprs examples`: copies the files that the documentation works with.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use mtprs_core::Error;

use crate::Failure;
use crate::endpoint::print;
use crate::job::ExamplesJob;

pub(super) fn run(job: &ExamplesJob) -> Result<(), Failure> {
    if job.list {
        let lines: String = job.files.iter().map(|example| format!("{}\n", example.name)).collect();
        return print(&lines);
    }
    let mut bytes = 0;
    for example in &job.files {
        if let Some(folder) = example.copy.path.parent() {
            fs::create_dir_all(folder)
                .map_err(|error| Error::io("create", &folder.display().to_string(), &error))?;
        }
        example.copy.write(|output| output.write_all(example.content))?;
        if example.is_program {
            fs::set_permissions(&example.copy.path, Permissions::from_mode(0o755))
                .map_err(|error| Error::io("change", &example.copy.name(), &error))?;
        }
        bytes += example.content.len();
    }
    print(&format!(
        "copied {} files ({:.1} MB) into {}; {} describes them\n",
        job.files.len(),
        bytes as f64 / 1e6,
        job.folder.display(),
        job.folder.join("README.md").display()
    ))
}
