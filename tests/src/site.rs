//! The site as mdBook makes it of the pages, and where its links lead.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use crate::learning::program;
use mtprs_testing::workspace;

/// Where links into the repository lead.
const PUBLISHED: &str = "https://github.com/mtprs/mtprs/";

/// Builds the site and returns its folder.
///
/// # Panics
/// If mdBook is missing or complains.
pub fn build() -> PathBuf {
    let mdbook = workspace().join(".venv-docs/bin/mdbook");
    assert!(mdbook.exists(), "{} is missing: run `make venv-docs`", mdbook.display());
    let site = workspace().join("target/tmp/site");
    let mut command = Command::new(mdbook);
    command.args(["build", "docs", "--dest-dir"]).arg(&site).current_dir(workspace()).env("MTPRS", program());
    let output = command.output().expect("mdBook starts");
    let said = String::from_utf8_lossy(&output.stderr);
    let complains = said.lines().any(|line| line.contains("WARN") || line.contains("ERROR"));
    assert!(output.status.success() && !complains, "{said}");
    site
}

/// Where the links and pictures of a page of HTML lead, without those that stand in code.
pub fn targets(html: &str) -> Vec<String> {
    let attribute = |name: &str| {
        html.match_indices(&format!(" {name}=\""))
            .filter_map(|(start, opening)| html[start + opening.len()..].split('"').next())
            .map(|target| target.replace("&amp;", "&"))
            .collect::<Vec<_>>()
    };
    [attribute("href"), attribute("src")].concat()
}

/// Whether a target is there: a page of the site and its anchor, or a file of the repository.
pub fn check(site: &Path, page: &Path, target: &str) -> Result<(), String> {
    if let Some(rest) = target.strip_prefix(PUBLISHED) {
        return in_repository(rest);
    }
    if ["https://", "http://", "data:", "mailto:"].iter().any(|scheme| target.starts_with(scheme)) {
        return Ok(());
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path =
        if file.is_empty() { page.to_owned() } else { normal(&page.parent().unwrap_or(site).join(file)) };
    if !path.starts_with(site) || !path.exists() {
        return Err(format!("no file {}", path.display()));
    }
    if anchor.is_empty() {
        return Ok(());
    }
    let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
    if text.contains(&format!(" id=\"{anchor}\"")) { Ok(()) } else { Err(format!("no anchor {anchor}")) }
}

/// Files of the repository, on the pages that show or edit them.
fn in_repository(rest: &str) -> Result<(), String> {
    let path = rest.strip_prefix("blob/main/").or_else(|| rest.strip_prefix("edit/main/"));
    let path = path.map(|path| workspace().join(path.split('#').next().unwrap_or_default()));
    if path.as_ref().is_none_or(|path| path.exists()) { Ok(()) } else { Err("no such file".into()) }
}

fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}
