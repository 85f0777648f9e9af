//! The build server a run is on, by what it says in the environment.

use std::borrow::Cow;
use std::env;
use std::path::{Path, PathBuf};

use crate::emit::Root;
use crate::file_names::path_of;

/// A build server that has formats of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runner {
    /// GitHub Actions, and those that do as it does.
    GitHub,
    /// GitLab CI.
    GitLab,
}

/// The build server this is, if any.
pub(super) fn runner() -> Option<Runner> {
    if says("GITHUB_ACTIONS") {
        Some(Runner::GitHub)
    } else if says("GITLAB_CI") {
        Some(Runner::GitLab)
    } else {
        None
    }
}

/// Whether this is a pipeline of any build server.
pub(super) fn is_pipeline() -> bool {
    runner().is_some() || says("CI")
}

fn says(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| value == "true")
}

/// Text for a log. GitHub Actions obeys some of what programs print, to either stream;
/// there no text is a command.
pub(super) fn tame(text: &str) -> Cow<'_, str> {
    if runner() == Some(Runner::GitHub) { crate::emit::log(text) } else { text.into() }
}

/// The file whose Markdown GitHub Actions shows on the page of a run.
pub(super) fn step_summary() -> Option<PathBuf> {
    env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// What paths of reports for code hosts count from: the nearest folder above that is
/// the root of a repository, or else the one a build server names, or else this folder.
pub(super) fn root() -> Root {
    let Ok(here) = env::current_dir() else { return Root::default() };
    Root::new(root_above(&here), here)
}

/// Whether lines of a file may be quoted in what probity says. The log of a pipeline can
/// be read by people who cannot read what lies beside the repository, and whoever sends a
/// change says in `probity.toml` which files are read.
pub(super) fn is_quotable(name: &str) -> bool {
    if !is_pipeline() {
        return true;
    }
    let Ok(here) = env::current_dir() else { return false };
    let (path, root) = (here.join(path_of(name)), root_above(&here));
    match (path.canonicalize(), root.canonicalize()) {
        (Ok(path), Ok(root)) => path.starts_with(root),
        // What comes with probity lies nowhere.
        _ => !path.exists(),
    }
}

fn root_above(here: &Path) -> PathBuf {
    let repository = here.ancestors().find(|folder| folder.join(".git").exists());
    let named = || {
        let name = match runner()? {
            Runner::GitHub => "GITHUB_WORKSPACE",
            Runner::GitLab => "CI_PROJECT_DIR",
        };
        env::var_os(name).map(PathBuf::from).filter(|folder| here.starts_with(folder))
    };
    repository.map(Path::to_owned).or_else(named).unwrap_or_else(|| here.to_owned())
}
