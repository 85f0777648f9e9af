//! `probity check --diff`: only what touches changed lines.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::accepted::from_here;
use super::args::CheckArgs;
use super::git::{Git, State};
use super::runner::is_pipeline;
use crate::changes::{Changes, DocumentLines, FileChange, Reach};
use crate::config::{Config, FILE_NAME};
use crate::error::Error;
use crate::file_names::path_of;
use crate::finding::{ChangesReport, Finding, Notice};
use crate::run::{Assigned, Checked, Origin, Run};
use crate::suppress::SIDE_FILE_NAME;

/// What to compare with.
#[derive(Clone, Debug)]
pub(super) struct Base {
    git: Git,
    /// As shown to people.
    name: String,
    /// The commit; `None` where nothing was committed yet.
    commit: Option<String>,
}

/// What changed since then.
#[derive(Debug)]
pub(super) struct Since {
    base: Base,
    changes: Changes,
    /// Every file that Git knows, sorted.
    known: Vec<Vec<u8>>,
    /// By task.
    of_task: Vec<FileChange>,
    unchanged: usize,
}

/// What to compare with, if somebody asks for it, and the paths to check. Behind `--diff`
/// can stand either. A pipeline that has no target compares with nothing: a checkout has no
/// changes that are not committed, and a check of nothing would pass.
///
/// # Errors
///
/// Where Git cannot tell, or the base is not there.
pub(super) fn base_and_paths(args: &CheckArgs) -> Result<(Option<Base>, Vec<PathBuf>), Error> {
    let Some(word) = &args.diff else { return Ok((None, args.paths.clone())) };
    if args.paths.iter().any(|path| path == Path::new("-")) {
        return Err(Error::Usage(
            "`--diff` cannot tell what changed in standard input; name the file".to_owned(),
        ));
    }
    let mut paths = args.paths.clone();
    let here = PathBuf::from(".");
    let git = Git::of(paths.iter().find(|path| path.exists()).unwrap_or(&here));
    let Some(word) = word else {
        if paths.is_empty() {
            paths.push(here);
        }
        return Ok((default_base(git?)?, paths));
    };
    if word.is_empty() {
        return Err(Error::Usage(
            "the BASE of `--diff` is empty; name a branch, tag or commit, or write `--diff` \
             without one"
                .to_owned(),
        ));
    }
    // A path behind `--diff` can lead to another repository than this folder is in.
    let git =
        git.or_else(
            |error| {
                if Path::new(word).exists() { Git::of(Path::new(word)) } else { Err(error) }
            },
        )?;
    let commit = git.commit(word)?;
    let shown = word.display().to_string();
    let base = match (commit, Path::new(word).exists()) {
        (Some(_), true) => {
            return Err(Error::Usage(format!(
                "`{shown}` is both a path and a revision; put paths first, as in \
                 `probity check {shown} --diff`, or write the revision in full, as in \
                 `--diff refs/heads/{shown}`"
            )));
        }
        (None, true) => {
            paths.insert(0, PathBuf::from(word));
            default_base(git)?
        }
        (Some(commit), false) => Some(shared(git, &shown, &commit)?),
        (None, false) => return Err(missing(&git, &shown)?),
    };
    if paths.is_empty() {
        paths.push(here);
    }
    Ok((base, paths))
}

/// What counts where nobody names a base: the target of the merge request in a pipeline
/// of one, nothing in another pipeline, or else the last commit.
fn default_base(git: Git) -> Result<Option<Base>, Error> {
    let said = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let target = said("GITHUB_BASE_REF").map(|branch| {
        let mut name = OsString::from("origin/");
        name.push(branch);
        name
    });
    if let Some(name) = target.or_else(|| said("CI_MERGE_REQUEST_DIFF_BASE_SHA")) {
        let shown = name.display().to_string();
        return match git.commit(&name)? {
            Some(commit) => Ok(Some(shared(git, &shown, &commit)?)),
            None => Err(missing(&git, &shown)?),
        };
    }
    if is_pipeline() {
        return Ok(None);
    }
    let commit = git.commit(OsStr::new("HEAD"))?;
    Ok(Some(Base { git, name: "the last commit".to_owned(), commit }))
}

/// The last state shared with a commit: what happened there since is not our change.
fn shared(git: Git, name: &str, commit: &str) -> Result<Base, Error> {
    if git.commit(OsStr::new("HEAD"))?.is_none() {
        return Err(Error::Usage(format!(
            "nothing is committed here yet, so there is no state in common with `{name}`"
        )));
    }
    let Some(commit) = git.merge_base(commit)? else {
        let why = if git.is_shallow()? {
            format!("this clone is shallow; {}", how_to_deepen())
        } else {
            "their histories are unrelated".to_owned()
        };
        return Err(Error::Usage(format!(
            "Git knows of no state that `{name}` and the current commit share: {why}"
        )));
    };
    Ok(Base { git, name: format!("`{name}`"), commit: Some(commit) })
}

fn missing(git: &Git, name: &str) -> Result<Error, Error> {
    // A name that a shell could obey stands in no command that people may copy.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    let fits = !name.starts_with('-') && name.chars().all(is_plain) && !name.contains("..");
    let fetch = match name.split_once('/').filter(|_| fits) {
        None if name.contains("..") => {
            "it compares one state with the files as they are: write no range".to_owned()
        }
        Some((remote, branch)) => {
            format!("fetch it with `git fetch {remote} {branch}:refs/remotes/{remote}/{branch}`")
        }
        None => "fetch it, or write a branch, tag or commit that is here".to_owned(),
    };
    let shallow = if git.is_shallow()? {
        format!("; this clone is shallow: {}", how_to_deepen())
    } else {
        String::new()
    };
    Ok(Error::Usage(format!(
        "`--diff {name}`: there is no such revision here, nor such a path; {fetch}{shallow}"
    )))
}

fn how_to_deepen() -> &'static str {
    "fetch its history with `git fetch --unshallow` (on GitHub Actions `fetch-depth: 0` for \
     actions/checkout, on GitLab CI `GIT_DEPTH: 0`)"
}

/// Keeps the documents that changed.
///
/// # Errors
///
/// Where Git cannot tell.
pub(super) fn changed(base: Base, tasks: Vec<Assigned>) -> Result<(Vec<Assigned>, Since), Error> {
    let names: Vec<Vec<u8>> = tasks
        .iter()
        .filter_map(|task| match &task.task.origin {
            Origin::File(path) => base.git.name_of(path),
            _ => None,
        })
        .collect();
    let State { mut changes, known } = match &base.commit {
        Some(commit) => base.git.state(commit, &names)?,
        None => State::default(),
    };
    let mut since =
        Since { base, changes: Changes::default(), known, of_task: Vec::new(), unchanged: 0 };
    let mut kept = Vec::new();
    for task in tasks {
        let Origin::File(path) = &task.task.origin else { continue };
        // What cannot be found any more is told when it is read.
        let name = match since.base.git.name_of(path) {
            Some(name) => name,
            None if !path.exists() => path.as_os_str().as_encoded_bytes().to_vec(),
            None => {
                return Err(Error::Usage(format!(
                    "{} is outside of the repository {}, so `--diff` cannot tell what changed \
                     in it",
                    path.display(),
                    since.base.git.root.display()
                )));
            }
        };
        // Also what was taken out of the index and is still there.
        if since.known.binary_search(&name).is_err() {
            changes.add_new(name.clone());
        }
        match changes.of(&name) {
            Some(change) if *change != FileChange::Hunks(Vec::new()) => {
                since.of_task.push(change.clone());
                kept.push(task);
            }
            _ => since.unchanged += 1,
        }
    }
    since.changes = changes;
    Ok((kept, since))
}

impl Since {
    /// Leaves out of a report what the changes do not touch, and says how much that is.
    pub fn keep_touched(&self, checked: &mut Checked, runs: &[Run]) {
        let reach: Vec<Reach> = runs.iter().map(Run::reach).collect();
        let Checked { report, run_of, task_of, lines, idle: _ } = checked;
        let mut left_out = 0;
        let documents = &report.documents;
        report.findings.retain_mut(|finding| {
            let at = finding.document;
            let mut touched = || match task_of.get(at) {
                Some(&task) => {
                    let change = self.of_task.get(task)?;
                    let (lines, reach) = (lines.get(at)?, reach.get(*run_of.get(at)?)?);
                    let touched = change.touches(finding, lines, reach);
                    change.narrow(finding, lines, reach);
                    Some(touched)
                }
                // Files of suppressions stand behind the documents that were asked for.
                None => self.touches_side_file(&documents.get(at)?.path, finding),
            };
            // What nobody can tell is reported.
            let touched = touched().unwrap_or(true);
            left_out += usize::from(!touched && finding.suppression.is_none());
            touched
        });
        // One that begins at another place now comes behind those before that.
        report.findings.sort_by_key(|finding| {
            (finding.document, finding.places.first().map(|place| place.bytes))
        });
        let findings = &report.findings;
        report.rules.retain(|rule, _| findings.iter().any(|finding| finding.rule == *rule));
        report.changes = Some(ChangesReport {
            since: self.base.name.clone(),
            commit: self.base.commit.clone(),
            unchanged_documents: self.unchanged,
            unchanged_findings: left_out,
        });
    }

    /// Whether a fault of a file of suppressions is on a line that changed; `None` where
    /// nobody can tell.
    fn touches_side_file(&self, path: &str, finding: &Finding) -> Option<bool> {
        let name = self.base.git.name_of(&path_of(path))?;
        if self.base.commit.is_none() || self.known.binary_search(&name).is_err() {
            return Some(true);
        }
        let lines = DocumentLines { known: true, ..DocumentLines::default() };
        let change = self.changes.of(&name);
        Some(change.is_some_and(|change| change.touches(finding, &lines, &Reach::default())))
    }

    /// Says which settings changed, too: that can change what is found in lines that did
    /// not.
    pub fn changed_settings(&self, runs: &[Run]) -> Vec<Notice> {
        let configs = runs.iter().flat_map(|run| &run.config.files).map(|file| &file.name);
        let packs = runs.iter().flat_map(|run| run.set.packs());
        let packs = packs.filter(|pack| !pack.shipped).map(|pack| &pack.file.name);
        let named = runs.iter().flat_map(|run| {
            let Config { baseline, suppressions, .. } = &run.config;
            baseline.iter().chain(suppressions).map(|file| from_here(&file.path))
        });
        let read: BTreeSet<String> = configs.chain(packs).cloned().chain(named).collect();
        let changed = |name: &String| {
            let name = self.base.git.name_of(Path::new(name));
            name.is_some_and(|name| self.changes.of(&name).is_some())
        };
        // Those that are gone are read by nobody.
        let of_a_name = self.changes.paths().filter(|path| {
            let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
            [FILE_NAME, SIDE_FILE_NAME].iter().any(|known| known.as_bytes() == name)
        });
        let root = &self.base.git.root;
        let mut told: BTreeSet<String> = of_a_name
            .map(|path| from_here(&root.join(path_of(&String::from_utf8_lossy(path)))))
            .collect();
        told.extend(read.into_iter().filter(changed));
        told.into_iter()
            .map(|path| Notice {
                path,
                line: None,
                message: "this changed, too; what it changes for lines that did not is seen \
                          without `--diff`"
                    .to_owned(),
                unchecked: false,
            })
            .collect()
    }
}
