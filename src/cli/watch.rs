//! `probity check --watch`: checks again whenever a draft or a setting changes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};

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

/// What a watch hears of.
enum Message {
    /// Something is not what it was here.
    Changed(PathBuf),
    /// Changes were missed.
    Missed,
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
    let reports: Vec<PathBuf> = reports.map(|path| real(&path)).collect();
    let (_, paths) = base_and_paths(args)?;
    let (sender, receiver) = channel();
    stop_on_interrupt(sender.clone())?;
    let mut seen = Seen::of(args, &paths, &reports);
    let mut watcher = seen.watch(&sender)?;
    let mut exit = None;
    let mut count = 0_usize;
    // What changed before the first look is part of it.
    let mut due = true;
    loop {
        if due {
            count += 1;
            let (now, findings) = match check_once(args, output) {
                Ok((exit, findings)) => (exit, counted(findings, "finding")),
                Err(error) => (output.report(&error), "nothing was checked".to_owned()),
            };
            exit = Some(now);
            output.say(&format!(
                "---- check {count}: {findings}; waiting for changes, Ctrl-C ends ----\n"
            ));
        }
        let Some((changed, missed)) = wait(&receiver) else {
            return Ok(exit.unwrap_or(Exit::Clean));
        };
        due = false;
        if !missed && !changed.iter().any(|path| seen.concerns(path)) {
            continue;
        }
        // A folder that was put in the place of another needs to be watched anew. The new
        // watch begins before the look around, and the old one ends behind it, so that no
        // change falls between.
        let began = Seen::of(args, &paths, &reports);
        let next = began.watch(&sender)?;
        let now = Seen::of(args, &paths, &reports);
        due = missed
            || seen.documents != now.documents
            || changed.iter().any(|path| seen.counts(path) || now.counts(path));
        drop(std::mem::replace(&mut watcher, next));
        seen = now;
    }
}

/// Collects changes until a pause; none where the user ends it.
fn wait(receiver: &Receiver<Message>) -> Option<(BTreeSet<PathBuf>, bool)> {
    let mut changed = BTreeSet::new();
    let mut missed = false;
    let mut message = receiver.recv().ok()?;
    for _ in 0..MOST {
        match message {
            Message::Changed(path) => drop(changed.insert(path)),
            Message::Missed => missed = true,
            Message::Stop => return None,
        }
        match receiver.recv_timeout(PAUSE) {
            Ok(next) => message = next,
            Err(_) => break,
        }
    }
    Some((changed, missed))
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

/// What a check reads, as it is now.
#[derive(Clone, Default)]
struct Seen {
    /// The files and folders of the command line.
    roots: Vec<PathBuf>,
    /// The files that are checked.
    documents: BTreeSet<PathBuf>,
    /// Files of settings, wherever they are.
    settings: BTreeSet<PathBuf>,
    /// Folders of packs; the lists of a pack stand in them, too.
    packs: BTreeSet<PathBuf>,
    /// What is written, and never starts a check.
    reports: Vec<PathBuf>,
}

impl Seen {
    fn of(args: &CheckArgs, paths: &[PathBuf], reports: &[PathBuf]) -> Self {
        let mut seen = Self { reports: reports.to_vec(), ..Self::default() };
        let root = |path: &PathBuf| match fs::canonicalize(path) {
            Ok(root) if root.is_dir() => root,
            _ => real(path),
        };
        seen.roots = paths.iter().map(root).collect();
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
            if let Ok(behind) = fs::canonicalize(&path)
                && behind != path
            {
                // The text of a link changes where it leads to.
                seen.settings.insert(behind);
            }
            if !seen.is_report(&path) {
                seen.documents.insert(path);
            }
        }
        let here = Path::new("");
        let facts = args.set.iter().filter_map(|set| set.split_once('=')?.1.strip_prefix("file:"));
        let named = [&args.baseline, &args.template, &args.packs.config.config];
        seen.settings.extend(named.into_iter().flatten().map(|path| real(path)));
        seen.settings.extend(facts.map(|path| real(Path::new(path))));
        for name in &args.packs.pack {
            seen.add_pack(&here.join(name));
        }
        for (_, config) in workspace.configs() {
            seen.settings.extend(config.files.iter().map(|file| real(Path::new(&file.name))));
            let files = config.baseline.iter().chain(&config.suppressions);
            seen.settings.extend(files.map(|file| real(&file.path)));
            for list in config.pack_lists().flatten() {
                for (name, _) in &list.names {
                    seen.add_pack(&list.root.join(name));
                }
            }
        }
        seen
    }

    fn add_pack(&mut self, path: &Path) {
        let path = real(path);
        if path.is_dir() {
            self.packs.insert(path);
        } else if path.extension().is_some_and(|end| end == "toml") {
            self.packs.extend(path.parent().map(Path::to_owned));
            self.settings.insert(path);
        }
    }

    /// A report, or the file beside it that becomes the report.
    fn is_report(&self, path: &Path) -> bool {
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
        self.reports.iter().any(|report| {
            path == report
                || path.parent() == report.parent()
                    && name(path).zip(name(report)).is_some_and(|(part, whole)| {
                        part.starts_with(&whole) && path.extension().is_some_and(|it| it == "part")
                    })
        })
    }

    /// Whether a change here may make a difference: in folders above and in those of
    /// settings somebody else may write all day.
    fn concerns(&self, path: &Path) -> bool {
        let near = |root: &PathBuf| path.starts_with(root) || root.starts_with(path);
        let of_git = path.components().any(|part| part.as_os_str() == ".git");
        !of_git
            && (self.roots.iter().any(near) || self.settings.iter().any(near) || self.counts(path))
    }

    /// Whether a change here makes a difference to the check.
    fn counts(&self, path: &Path) -> bool {
        let is_setting = path.file_name().is_some_and(|name| {
            [FILE_NAME, SIDE_FILE_NAME, ".gitignore", ".ignore"].iter().any(|it| name == *it)
        });
        let is_list = || {
            path.extension().is_some_and(|end| end == "toml" || end == "txt")
                && self.packs.iter().any(|folder| path.starts_with(folder))
        };
        !self.is_report(path)
            && (is_setting
                || self.documents.contains(path)
                || self.settings.contains(path)
                || is_list())
    }

    /// Watches folders, for a file that is replaced is another file: those of the command
    /// line with all below, those above up to the root of the repository, and those of
    /// settings.
    fn watch(&self, sender: &Sender<Message>) -> anyhow::Result<RecommendedWatcher> {
        let sender = sender.clone();
        let heard = move |event: notify::Result<Event>| {
            // Where nobody listens any more the process is about to end.
            let send = |message| drop(sender.send(message));
            match event {
                Ok(event) if event.kind.is_access() => {}
                Ok(event) if event.need_rescan() => send(Message::Missed),
                Ok(event) => event.paths.into_iter().for_each(|path| send(Message::Changed(path))),
                Err(_) => send(Message::Missed),
            }
        };
        let trouble = |error: notify::Error| Error::Usage(format!("cannot watch files: {error}"));
        let mut watcher = notify::recommended_watcher(heard).map_err(trouble)?;
        let deep: BTreeSet<&Path> =
            self.roots.iter().map(PathBuf::as_path).filter(|it| it.is_dir()).collect();
        let mut flat: BTreeSet<&Path> = BTreeSet::new();
        for root in &self.roots {
            for folder in root.ancestors().skip(1) {
                flat.insert(folder);
                if folder.join(".git").exists() {
                    break;
                }
            }
        }
        flat.extend(self.settings.iter().filter_map(|path| path.parent()));
        flat.extend(self.packs.iter().map(PathBuf::as_path));
        flat.retain(|folder| folder.is_dir() && !deep.iter().any(|it| folder.starts_with(it)));
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

/// The path by which changes are told: links on the way are followed, and the last name
/// stays, whether it is there or not.
fn real(path: &Path) -> PathBuf {
    let path = whole(path);
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return path };
    fs::canonicalize(parent).map_or_else(|_| path.clone(), |parent| parent.join(name))
}
