//! Files of suppressions and baselines: found, read, and held against a report.

use crate::file_names::path_of;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;

use super::args::CheckArgs;
use super::packs::read_text;
use super::ready::Ready;
use super::workspace::is_there;
use crate::config::{NamedFile, relative_to, whole};
use crate::emit::counted;
use crate::error::{Error, plain};
use crate::finding::{Notice, Report};
use crate::judge::overridden;
use crate::pack::PackSet;
use crate::run::{Assigned, Checked, Origin, Run};
use crate::suppress::baseline::{Applied, Baseline};
use crate::suppress::{SIDE_FILE_NAME, SideFile, is_shipped};
use crate::syntax::{Diagnostic, SourceFile};
use crate::text::{Encoding, decode};

/// The files of suppressions beside and above what is checked, the nearest first, and
/// those that the settings name.
///
/// # Errors
///
/// Where one cannot be read or has faults.
pub(super) fn side_files(
    runs: &[Run],
    isolated: bool,
    tasks: &[Assigned],
) -> Result<Vec<SideFile>, Error> {
    let mut paths = if isolated { Vec::new() } else { discover(tasks) };
    let mut faults: Vec<Diagnostic> = Vec::new();
    for NamedFile { name, path, place } in runs.iter().flat_map(|run| &run.config.suppressions) {
        match fs::metadata(path) {
            Ok(_) if paths.contains(path) => {}
            Ok(_) => paths.push(path.clone()),
            Err(error) => {
                let message = format!("cannot read {name}: {}", plain(&error));
                let fault = place.fault(message).label("named here");
                if !faults.contains(&fault) {
                    faults.push(fault);
                }
            }
        }
    }
    let sets: Vec<&PackSet> = runs.iter().map(|run| run.set.as_ref()).collect();
    let mut files = Vec::new();
    for path in paths {
        let bytes = fs::read(&path).map_err(|cause| Error::Read { path: path.clone(), cause })?;
        let source = decode(bytes, Some(Encoding::Utf8));
        let name = from_here(&path);
        if !source.malformed.is_empty() {
            return Err(Error::Usage(format!("cannot read {name}: it is not UTF-8")));
        }
        let file = Arc::new(SourceFile { name, text: source.text.clone().into() });
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        files.push(SideFile::read(&file, folder, source, &sets, &mut faults));
    }
    if faults.is_empty() { Ok(files) } else { Err(Error::Faults(faults)) }
}

/// Looks beside each file and upward, to the root of the repository it is in.
fn discover(tasks: &[Assigned]) -> Vec<PathBuf> {
    let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
    let mut found: Vec<PathBuf> = Vec::new();
    for Assigned { task, .. } in tasks {
        let path = match &task.origin {
            Origin::File(path) | Origin::Read { path, .. } => whole(path),
            Origin::Bytes(_) => whole(&path_of(&task.name)),
        };
        for folder in path.ancestors().skip(1) {
            if !seen.insert(folder.to_owned()) {
                break;
            }
            let file = folder.join(SIDE_FILE_NAME);
            if is_there(&file) {
                found.push(file);
            }
            if folder.join(".git").exists() {
                break;
            }
        }
    }
    found.sort_by_key(|path| (std::cmp::Reverse(path.components().count()), path.clone()));
    found
}

/// A path as people write it in this folder.
pub(super) fn from_here(path: &Path) -> String {
    relative_to(&whole(Path::new("")), path)
}

/// A baseline and where it stands.
pub(super) struct InUse {
    pub path: PathBuf,
    /// Its folder, absolute.
    pub folder: PathBuf,
    pub baseline: Baseline,
}

/// The baselines that are in use: one that the command line names, or those that the
/// settings of the files name. Each is about the files below its own folder.
pub(super) struct Baselines(Vec<InUse>);

impl Baselines {
    /// Reads them.
    ///
    /// # Errors
    ///
    /// Where one cannot be read, is damaged, or from a newer version.
    pub fn of(args: &CheckArgs, runs: &[Run]) -> Result<Self, Error> {
        match &args.baseline {
            _ if args.no_baseline => Ok(Self(Vec::new())),
            None => Self::of_settings(runs),
            Some(path) => match read_baseline(path) {
                Err(Error::Read { path, cause }) => Err(Error::Usage(format!(
                    "cannot read the baseline {}: {}",
                    path.display(),
                    plain(&cause)
                ))),
                result => Ok(Self(vec![result?])),
            },
        }
    }

    /// Reads those that settings name.
    ///
    /// # Errors
    ///
    /// As for [`Baselines::of`].
    pub fn of_settings(runs: &[Run]) -> Result<Self, Error> {
        let mut baselines: Vec<InUse> = Vec::new();
        for NamedFile { name, path, place } in
            runs.iter().filter_map(|it| it.config.baseline.as_ref())
        {
            if baselines.iter().any(|known| whole(&known.path) == *path) {
                continue;
            }
            match read_baseline(path) {
                Err(Error::Read { cause, .. }) => {
                    let message = format!("cannot read the baseline {name}: {}", plain(&cause));
                    let fault = place.fault(message).label("named here");
                    let fault = fault.help("`probity baseline` writes it");
                    return Err(Error::Faults(vec![fault]));
                }
                result => baselines.push(result?),
            }
        }
        Ok(Self(baselines))
    }

    /// Where they are.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(|baseline| baseline.path.as_path())
    }

    /// Accepts what they hold.
    pub fn accept(&self, day: Option<Date>, report: &mut Report) {
        for baseline in &self.0 {
            baseline.apply(&|_| day, report, false);
        }
    }

    /// Accepts what they hold, and says what people should know about them. What is gone
    /// is not told where only changes are looked at.
    pub fn apply(&self, ready: &Ready, checked: &mut Checked, renames: bool) {
        for baseline in &self.0 {
            let applied = baseline.apply_to(ready, checked, renames);
            let notices = baseline.notices(ready, checked, &applied);
            checked.report.notices.extend(notices);
            checked.report.notices.sort();
            checked.report.baseline = true;
        }
    }
}

/// Reads a baseline.
///
/// # Errors
///
/// Where it cannot be read, is damaged, or from a newer version.
pub(super) fn read_baseline(path: &Path) -> Result<InUse, Error> {
    let text = read_text(path).map_err(|cause| Error::Read { path: path.to_owned(), cause })?;
    let file = Arc::new(SourceFile { name: from_here(&whole(path)), text: text.into() });
    let baseline = Baseline::read(&file).map_err(|fault| Error::Faults(vec![fault]))?;
    Ok(InUse { path: path.to_owned(), folder: folder_of(path), baseline })
}

/// The folder of a file, absolute.
pub(super) fn folder_of(path: &Path) -> PathBuf {
    whole(path).parent().map(Path::to_owned).unwrap_or_default()
}

impl InUse {
    /// The paths of the documents of a report, relative to the folder of the baseline.
    pub fn paths(&self, report: &Report) -> Vec<String> {
        let documents = report.documents.iter();
        documents
            .map(|document| relative_to(&self.folder, &whole(&path_of(&document.path))))
            .collect()
    }

    /// Accepts what the baseline has. With `renames`, files that are there no more are
    /// looked for under other names.
    pub fn apply_to(&self, ready: &Ready, checked: &mut Checked, renames: bool) -> Applied {
        let mut report = std::mem::take(&mut checked.report);
        let applied = self.apply(&|document| ready.day_of(checked, document), &mut report, renames);
        checked.report = report;
        applied
    }

    fn apply(
        &self,
        day: &dyn Fn(usize) -> Option<Date>,
        report: &mut Report,
        renames: bool,
    ) -> Applied {
        let paths = self.paths(report);
        let gone = |path: &str| self.is_gone(path);
        let gone: Option<&dyn Fn(&str) -> bool> = if renames { Some(&gone) } else { None };
        self.baseline.apply(report, &paths, day, gone)
    }

    fn is_gone(&self, path: &str) -> bool {
        matches!(self.folder.join(path_of(path)).try_exists(), Ok(false))
    }

    /// The entries that match nothing any more: their file was checked as a whole or is
    /// gone, and their rule was judged or is gone.
    pub fn stale(&self, ready: &Ready, checked: &Checked, applied: &Applied) -> BTreeSet<usize> {
        let report = &checked.report;
        let paths = self.paths(report);
        let by_path: BTreeMap<&str, usize> =
            paths.iter().enumerate().map(|(at, path)| (path.as_str(), at)).collect();
        let unread: BTreeSet<&str> = report
            .notices
            .iter()
            .filter(|notice| notice.unchecked)
            .map(|notice| notice.path.as_str())
            .collect();
        let not_judged: BTreeSet<&str> =
            report.not_judged.iter().map(|lacking| lacking.rule.as_str()).collect();
        let is_stale = |at: &usize| {
            let Some(entry) = self.baseline.entries.get(*at) else { return false };
            let Some(&document) = by_path.get(entry.path.as_str()) else {
                return self.is_gone(&entry.path);
            };
            let run = ready.run_of(checked, document);
            let judged = match run.set.rule(&entry.rule) {
                Some((_, rule)) => {
                    let overrides = &run.config.severity;
                    rule.off.is_none()
                        && overridden(overrides, &entry.rule, rule.severity).is_some()
                        && !not_judged.contains(entry.rule.as_str())
                }
                None => !is_shipped(&entry.rule),
            };
            let shown = report.documents.get(document).map_or("", |document| &document.path);
            judged && !unread.contains(shown)
        };
        applied.unmatched.iter().copied().filter(is_stale).collect()
    }

    /// What people should know about the baseline.
    pub fn notices(&self, ready: &Ready, checked: &Checked, applied: &Applied) -> Vec<Notice> {
        let path = from_here(&whole(&self.path));
        let notice =
            |message: String| Notice { path: path.clone(), line: None, message, unchecked: false };
        let mut notices = Vec::new();
        let stale = match ready.since {
            None => self.stale(ready, checked, applied).len(),
            Some(_) => 0,
        };
        match stale {
            0 => {}
            1 => notices.push(notice(
                "one finding of the baseline is not there any more; `probity baseline --prune` removes it".to_owned(),
            )),
            count => notices.push(notice(format!(
                "{count} findings of the baseline are not there any more; `probity baseline --prune` removes them"
            ))),
        }
        if !applied.expired.is_empty() {
            let count = counted(applied.expired.len(), "finding");
            notices.push(notice(format!(
                "the last day has passed for {count} of the baseline, which count again"
            )));
        }
        for (old, new) in &applied.renamed {
            notices.push(notice(format!(
                "{old} was found again as {new}; `probity baseline --update --baseline-renames` writes its new name"
            )));
        }
        notices
    }
}

/// A new key. Every hasher of the standard library starts from random numbers of the
/// operating system.
pub(super) fn new_key() -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for round in 0_u64..8 {
        let mut random = std::collections::hash_map::RandomState::new().build_hasher();
        random.write_u64(round);
        hasher.update(&random.finish().to_le_bytes());
    }
    *hasher.finalize().as_bytes()
}
