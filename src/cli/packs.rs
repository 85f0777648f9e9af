//! Finding configuration and packs on disk.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Output;
use super::args::PackArgs;
use super::workspace::{Settings, Workspace, is_fault};
use crate::config::{Config, PackList, Place, whole};
use crate::error::{Error, plain};
use crate::pack::{Pack, PackSet, Raw, load_shipped, read_pack, shipped_names};
use crate::run::{Engines, each};
use crate::syntax::{Diagnostic, SourceFile, nearest};

/// Configuration and packs, read and found whole.
pub(super) struct Loaded {
    pub config: Config,
    pub set: Arc<PackSet>,
}

/// Reads the configuration of this folder and its packs.
pub(super) fn load(args: &PackArgs, output: &Output) -> anyhow::Result<Loaded> {
    load_saying(args, Warnings::Count, output)
}

/// The same, and says as much about warnings as asked for.
pub(super) fn load_saying(
    args: &PackArgs,
    warnings: Warnings,
    output: &Output,
) -> anyhow::Result<Loaded> {
    let mut workspace = Workspace::new(args);
    let home = workspace.home()?;
    let mut settings = workspace.finish(warnings, output)?;
    let Settings { config, set, .. } = settings.swap_remove(home);
    Ok(Loaded { config, set })
}

/// The packs of this folder, and those that its configuration names for some paths only.
pub(super) fn load_all(args: &PackArgs, output: &Output) -> anyhow::Result<Vec<Arc<PackSet>>> {
    Ok(load_each(args, output)?.into_iter().map(|loaded| loaded.set).collect())
}

/// The same, each with the configuration that holds beside it; that of this folder first.
pub(super) fn load_each(args: &PackArgs, output: &Output) -> anyhow::Result<Vec<Loaded>> {
    let mut workspace = Workspace::new(args);
    workspace.home_with_tables()?;
    let settings = workspace.finish(Warnings::Count, output)?.into_iter();
    Ok(settings.map(|Settings { config, set, .. }| Loaded { config, set }).collect())
}

/// How much is said about packs that can be used but want mending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Warnings {
    /// How many there are.
    Count,
    /// Each at its place.
    Full,
}

/// A file of ours as text, without a byte-order mark.
pub(super) fn read_text(path: &Path) -> std::io::Result<String> {
    let bytes = fs::read(path)?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec).unwrap_or(bytes);
    String::from_utf8(bytes)
        .map_err(|_| std::io::Error::new(std::io::ErrorKind::InvalidData, "it is not UTF-8"))
}

/// Packs put together, and what they were compiled to so far.
#[derive(Clone, Debug)]
pub(super) struct LoadedSet {
    pub set: Arc<PackSet>,
    pub engines: Engines,
}

/// Reads packs, each once, and puts them together, each list once.
#[derive(Debug)]
pub(super) struct Loader<'a> {
    /// The packs that the command line names instead of all others.
    named: &'a [String],
    /// By shipped name or by path.
    read: BTreeMap<PathBuf, Option<Arc<Pack>>>,
    /// By what their list names.
    sets: Vec<(Vec<PathBuf>, LoadedSet)>,
    /// The list that is being read.
    packs: Vec<Arc<Pack>>,
    pub faults: Vec<Diagnostic>,
}

impl<'a> Loader<'a> {
    /// A loader that has read nothing.
    pub fn new(named: &'a [String]) -> Self {
        Self {
            named,
            read: BTreeMap::new(),
            sets: Vec::new(),
            packs: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Whether some pack cannot be used.
    pub fn broken(&self) -> bool {
        self.faults.iter().any(is_fault)
    }

    /// The packs of a list; those of the command line, if it names any; all shipped ones
    /// without either.
    ///
    /// # Errors
    ///
    /// Where the command line names a pack that cannot be read, or there is none at all.
    pub fn set(&mut self, list: Option<&PackList>) -> anyhow::Result<LoadedSet> {
        let key = match list {
            _ if !self.named.is_empty() => Vec::new(),
            Some(list) => list.identity(),
            None => vec![PathBuf::new()],
        };
        if let Some((_, known)) = self.sets.iter().find(|(known, _)| *known == key) {
            return Ok(known.clone());
        }
        self.load(list)?;
        let by_default = list.is_none() && self.named.is_empty();
        let named = if by_default { 0 } else { self.packs.len() };
        self.add_extended();
        let packs = std::mem::take(&mut self.packs);
        if packs.is_empty() && !self.broken() {
            let place = list.map(|list| &list.place);
            self.faults.extend(place.map(|place| {
                place.fault("there are no packs to check with").label("name at least one")
            }));
        }
        let set = Arc::new(PackSet::share(packs, &mut self.faults).naming(named));
        let loaded = LoadedSet { set, engines: Engines::default() };
        self.sets.push((key, loaded.clone()));
        Ok(loaded)
    }

    fn load(&mut self, list: Option<&PackList>) -> anyhow::Result<()> {
        if !self.named.is_empty() {
            for name in self.named {
                self.named(name, Path::new("")).map_err(Error::Usage)?;
            }
        } else if let Some(list) = list {
            for (name, span) in &list.names {
                if let Err(message) = self.named(name, &list.root) {
                    let place = Place::new(&list.place.file, *span);
                    self.faults.push(place.fault(message).label("named here"));
                }
            }
        } else {
            // Each pack's faults stay together, whichever is read first.
            let unread: Vec<_> =
                shipped_names().filter(|name| !self.read.contains_key(Path::new(name))).collect();
            let read = each(unread, |name| {
                let mut faults = Vec::new();
                (name, load_shipped(name, &mut faults), faults)
            });
            for (name, pack, mut faults) in read {
                self.read.insert(PathBuf::from(name), pack.map(Arc::new));
                self.faults.append(&mut faults);
            }
            shipped_names().for_each(|name| self.shipped(name));
        }
        Ok(())
    }

    /// Adds a pack, read by `read` where nobody has read it yet.
    fn add(&mut self, key: PathBuf, read: impl FnOnce(&mut Vec<Diagnostic>) -> Option<Pack>) {
        let faults = &mut self.faults;
        self.packs
            .extend(self.read.entry(key).or_insert_with(|| read(faults).map(Arc::new)).clone());
    }

    fn shipped(&mut self, id: &str) {
        self.add(PathBuf::from(id), |faults| load_shipped(id, faults));
    }

    /// A pack by shipped name, file or folder.
    fn named(&mut self, name: &str, root: &Path) -> Result<(), String> {
        if shipped_names().any(|known| known == name) {
            self.shipped(name);
            return Ok(());
        }
        let path = root.join(name);
        let looks_like_path = name.contains(['/', '\\'])
            || Path::new(name).extension().is_some_and(|end| end == "toml");
        match fs::metadata(&path) {
            Ok(data) if data.is_dir() => self.folder(&path),
            Ok(_) => self.file(&path),
            Err(error) if looks_like_path => {
                Err(format!("cannot read the pack {}: {}", path.display(), plain(&error)))
            }
            Err(_) => {
                let known: Vec<_> = shipped_names().collect();
                let close = nearest(name, known.iter().copied())
                    .map_or_else(String::new, |close| format!("; did you mean `{close}`?"));
                Err(format!(
                    "there is no pack `{name}`{close} The shipped packs are {}; any other is the path of a file or folder",
                    known.join(", ")
                ).replace("` The", "`. The"))
            }
        }
    }

    /// Every pack in a folder: its `.toml` files, in the order of their names.
    fn folder(&mut self, path: &Path) -> Result<(), String> {
        let entries = fs::read_dir(path)
            .map_err(|error| format!("cannot read {}: {}", path.display(), plain(&error)))?;
        let mut files: Vec<PathBuf> = entries
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
            .collect();
        files.sort();
        if files.is_empty() {
            return Err(format!("there is no pack (`.toml` file) in {}", path.display()));
        }
        files.iter().try_for_each(|file| self.file(file))
    }

    fn file(&mut self, path: &Path) -> Result<(), String> {
        let key = whole(path);
        if self.read.contains_key(&key) {
            self.add(key, |_| None);
            return Ok(());
        }
        let text = read_text(path).map_err(|error| {
            format!("cannot read the pack {}: {}", path.display(), plain(&error))
        })?;
        let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
        let read = |relative: &str| {
            read_text(&folder.join(relative)).map(Cow::Owned).map_err(|error| plain(&error))
        };
        let name = path.display().to_string().replace('\\', "/");
        let file = Arc::new(SourceFile { name: name.clone(), text: text.into() });
        let raw = Raw { file, origin: name, shipped: false, read: &read };
        self.add(key, |faults| read_pack(&raw, faults));
        Ok(())
    }

    /// Shipped packs that others extend are loaded without being named.
    fn add_extended(&mut self) {
        let mut at = 0;
        while let Some(pack) = self.packs.get(at) {
            let wanted: Vec<String> = pack
                .extends
                .iter()
                .map(|(name, _)| name.clone())
                .filter(|name| !self.packs.iter().any(|pack| pack.id == *name))
                .collect();
            for name in wanted {
                if shipped_names().any(|known| known == name) {
                    self.shipped(&name);
                }
            }
            at += 1;
        }
    }
}
