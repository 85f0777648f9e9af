//! `probity check --watch`: checks again whenever a draft or a setting changes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, SystemTime};

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};
use walkdir::WalkDir;

use super::args::CheckArgs;
use super::check::{check_once, sinks_of};
use super::diff::base_and_paths;
use super::workspace::Workspace;
use super::{Exit, Output};
use crate::config::{FILE_NAME, whole};
use crate::emit::counted;
use crate::error::Error;
use crate::input::{WalkOptions, walk};
use crate::suppress::SIDE_FILE_NAME;

/// An editor writes a file in several steps; what comes until so long a pause is one change.
const PAUSE: Duration = Duration::from_millis(200);

/// Where something writes all the time there is no pause.
const MOST: usize = 10_000;

/// How many folders deep the lists of a pack may stand below it.
const LISTS_BELOW: usize = 3;

/// What a watch hears of.
enum Message {
    /// Something may not be what it was.
    Changed,
    /// The user has seen enough.
    Stop,
}

/// Checks until somebody ends it. The exit code is that of the last check.
pub(super) fn watch(args: &CheckArgs, output: &Output) -> anyhow::Result<Exit> {
    if args.paths.iter().any(|path| path == Path::new("-")) {
        return Err(
            Error::Usage("`--watch` is for files; standard input cannot change".into()).into()
        );
    }
    let reports = sinks_of(args)?.into_iter().filter_map(|sink| sink.file);
    let reports: BTreeSet<PathBuf> = reports.map(|path| real(&path)).collect();
    let (_, paths) = base_and_paths(args)?;
    let (sender, receiver) = channel();
    stop_on_interrupt(sender.clone())?;
    let mut watcher = Seen::of(args, &paths, &reports).watch(&sender)?;
    // What changed before the first look is part of it.
    let mut seen = Seen::of(args, &paths, &reports);
    let mut exit = Exit::Clean;
    let mut count = 0_usize;
    let mut due = true;
    loop {
        if due {
            count += 1;
            let findings = match check_once(args, output) {
                Ok((now, findings)) => {
                    exit = now;
                    counted(findings, "finding")
                }
                Err(error) => {
                    exit = output.report(&error);
                    "nothing was checked".to_owned()
                }
            };
            output.say(&format!(
                "---- check {count}: {findings}; waiting for changes, Ctrl-C ends ----\n"
            ));
        }
        if !wait(&receiver) {
            return Ok(exit);
        }
        let mut now = Seen::of(args, &paths, &reports);
        if now != seen {
            // A folder that was put in the place of another needs to be watched anew. The
            // new watch begins before the look around, and the old one ends behind it, so
            // that no change falls between.
            let next = now.watch(&sender)?;
            now = Seen::of(args, &paths, &reports);
            drop(std::mem::replace(&mut watcher, next));
        }
        due = seen.files != now.files;
        seen = now;
    }
}

/// Waits for changes up to a pause; tells whether to go on.
fn wait(receiver: &Receiver<Message>) -> bool {
    let Ok(mut message) = receiver.recv() else { return false };
    for _ in 0..MOST {
        if matches!(message, Message::Stop) {
            return false;
        }
        match receiver.recv_timeout(PAUSE) {
            Ok(next) => message = next,
            Err(_) => break,
        }
    }
    true
}

/// The first interrupt lets a check come to its end, so that no report is left half
/// written; the second does not.
fn stop_on_interrupt(sender: Sender<Message>) -> anyhow::Result<()> {
    let asked = AtomicBool::new(false);
    ctrlc::set_handler(move || {
        if asked.swap(true, Ordering::Relaxed) {
            std::process::exit(Exit::Trouble as i32);
        }
        // Whoever would have listened is gone, and the process with it.
        let _ = sender.send(Message::Stop);
    })
    .map_err(|error| Error::Usage(format!("cannot wait for Ctrl-C: {error}")).into())
}

/// When a file was written, and how long it is; nothing where there is no file.
type Stamp = Option<(SystemTime, u64)>;

fn stamp(path: &Path) -> Stamp {
    let data = fs::metadata(path).ok()?;
    Some((data.modified().unwrap_or(SystemTime::UNIX_EPOCH), data.len()))
}

/// What a check reads, as it is now.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    /// The files and folders of the command line.
    roots: BTreeMap<PathBuf, Stamp>,
    /// Documents and settings, there or not; reports are neither.
    files: BTreeMap<PathBuf, Stamp>,
}

impl Seen {
    fn of(args: &CheckArgs, paths: &[PathBuf], reports: &BTreeSet<PathBuf>) -> Self {
        let root = |path: &PathBuf| match fs::canonicalize(path) {
            Ok(root) if root.is_dir() => root,
            _ => real(path),
        };
        let roots: BTreeSet<PathBuf> = paths.iter().map(root).collect();
        let mut files: BTreeSet<PathBuf> =
            roots.iter().filter(|root| !root.is_dir()).cloned().collect();
        let mut folders: BTreeSet<PathBuf> = roots.clone();
        let mut workspace = Workspace::new(&args.packs);
        // What is wrong with settings is told by the check.
        let _ = workspace.home();
        let options = WalkOptions { no_ignore: args.no_ignore, exports: false };
        for target in walk(paths, &options).0 {
            let _ = workspace.settings_of(&target.path);
            if target.only_if_asked && !workspace.asks_for(&target.path).unwrap_or(false) {
                continue;
            }
            let path = real(&target.path);
            folders.extend(path.parent().map(Path::to_owned));
            // The text of a link changes where it leads to.
            files.extend(fs::canonicalize(&path));
            files.insert(path);
        }
        let facts = args.set.iter().filter_map(|set| set.split_once('=')?.1.strip_prefix("file:"));
        let named = [&args.baseline, &args.template, &args.packs.config.config];
        files.extend(named.into_iter().flatten().map(|path| real(path)));
        files.extend(facts.map(|path| real(Path::new(path.trim()))));
        let mut packs: Vec<PathBuf> = args.packs.pack.iter().map(PathBuf::from).collect();
        for (_, config) in workspace.configs() {
            files.extend(config.files.iter().map(|file| real(Path::new(&file.name))));
            let facts = config.fact_files.iter().map(|(_, file)| file);
            let named = config.baseline.iter().chain(&config.suppressions).chain(facts);
            files.extend(named.map(|file| real(&file.path)));
            let lists = config.pack_lists().flatten();
            packs
                .extend(lists.flat_map(|list| list.names.iter().map(|(it, _)| list.root.join(it))));
        }
        for pack in packs {
            files.extend(files_of_pack(&real(&pack)));
        }
        // Settings may come to stand in every folder from those of documents up.
        let mut above: BTreeSet<&Path> = BTreeSet::new();
        for folder in &folders {
            for folder in folder.ancestors() {
                if !above.insert(folder) || folder.join(".git").exists() {
                    break;
                }
            }
        }
        for folder in above {
            files.extend([FILE_NAME, SIDE_FILE_NAME].map(|name| folder.join(name)));
        }
        files.retain(|path| !reports.contains(path));
        let stamped = |path: PathBuf| {
            let stamp = stamp(&path);
            (path, stamp)
        };
        Self {
            roots: roots.into_iter().map(stamped).collect(),
            files: files.into_iter().map(stamped).collect(),
        }
    }

    /// Watches folders, for a file that is replaced is another file: those of the command
    /// line with all below, and those of all other files.
    fn watch(&self, sender: &Sender<Message>) -> anyhow::Result<RecommendedWatcher> {
        let sender = sender.clone();
        let heard = move |event: notify::Result<Event>| {
            let of_git = |path: &PathBuf| path.components().any(|part| part.as_os_str() == ".git");
            // A fault can hide a change.
            let is_nothing = event.is_ok_and(|event| {
                let is_noise = !event.paths.is_empty() && event.paths.iter().all(of_git);
                event.kind.is_access() || (is_noise && !event.need_rescan())
            });
            if !is_nothing {
                // Where nobody listens any more the process is about to end.
                let _ = sender.send(Message::Changed);
            }
        };
        let trouble = |error: notify::Error| Error::Usage(format!("cannot watch files: {error}"));
        let mut watcher = notify::recommended_watcher(heard).map_err(trouble)?;
        let deep: Vec<&PathBuf> = self.roots.keys().filter(|root| root.is_dir()).collect();
        let parents = self.roots.keys().chain(self.files.keys()).filter_map(|path| path.parent());
        let flat: BTreeSet<&Path> = parents
            .filter(|folder| folder.is_dir() && !deep.iter().any(|root| folder.starts_with(root)))
            .collect();
        for folder in flat {
            // Nobody may list some folders; what is in them cannot be read, either.
            let _ = watcher.watch(folder, RecursiveMode::NonRecursive);
        }
        for folder in deep {
            match watcher.watch(folder, RecursiveMode::Recursive) {
                // It was there a moment ago.
                Err(_) if !folder.exists() => {}
                result => result.map_err(trouble)?,
            }
        }
        Ok(watcher)
    }
}

/// The files that a pack may be made of: itself or those in it, and lists and
/// tables of weights beside it.
/// Nothing for the name of a pack that is shipped.
fn files_of_pack(path: &Path) -> Vec<PathBuf> {
    let is_file = path.extension().is_some_and(|end| end == "toml");
    let folder = if is_file { path.parent() } else { Some(path).filter(|path| path.is_dir()) };
    let Some(folder) = folder else { return Vec::new() };
    let below = WalkDir::new(folder).max_depth(LISTS_BELOW).into_iter().filter_map(Result::ok);
    let parts = ["toml", "txt", "tsv"];
    let is_part =
        |path: &Path| path.extension().is_some_and(|end| parts.iter().any(|it| end == *it));
    let found = below.map(walkdir::DirEntry::into_path).filter(|path| is_part(path));
    found.chain(is_file.then(|| path.to_owned())).collect()
}

/// The path by which changes are told: links on the way are followed, and the last name
/// stays, whether it is there or not.
fn real(path: &Path) -> PathBuf {
    let path = whole(path);
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return path };
    fs::canonicalize(parent).map_or_else(|_| path.clone(), |parent| parent.join(name))
}
