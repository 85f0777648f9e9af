//! Finding configuration and packs on disk.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Output;
use super::args::{ConfigArgs, PackArgs};
use crate::config::{Config, FILE_NAME};
use crate::error::Error;
use crate::pack::{Pack, PackSet, Raw, load_shipped, read_pack, shipped_names};
use crate::run::{each, plain};
use crate::syntax::{Diagnostic, Level, SourceFile, nearest};

/// Configuration and packs, read and found whole.
pub(super) struct Loaded {
    pub config: Config,
    pub set: Arc<PackSet>,
}

/// Reads configuration and packs.
pub(super) fn load(args: &PackArgs, output: &Output) -> anyhow::Result<Loaded> {
    load_saying(args, Warnings::Count, output)
}

/// The same, and says as much about warnings as asked for.
pub(super) fn load_saying(
    args: &PackArgs,
    warnings: Warnings,
    output: &Output,
) -> anyhow::Result<Loaded> {
    let mut faults = Vec::new();
    let (config, file) = config(&args.config, &mut faults)?;
    let mut loader = Loader { packs: Vec::new(), faults: &mut faults };
    if !args.pack.is_empty() {
        for name in &args.pack {
            loader.named(name, Path::new(""), |message| Error::Usage(message).into())?;
        }
    } else if let (Some(packs), Some(file)) = (&config.packs, &file) {
        for (name, span) in packs {
            let fault = |message: String| {
                Error::Faults(vec![Diagnostic::fault(file, *span, message).label("named here")])
                    .into()
            };
            loader.named(name, &config.root, fault)?;
        }
    } else {
        // Each pack's faults stay together, whichever is read first.
        for (pack, mut faults) in each(shipped_names().collect(), |name| {
            let mut faults = Vec::new();
            (load_shipped(name, &mut faults), faults)
        }) {
            loader.packs.extend(pack);
            loader.faults.append(&mut faults);
        }
    }
    loader.add_extended();
    let packs = std::mem::take(&mut loader.packs);
    if packs.is_empty() && !faults.iter().any(|fault| fault.level == Level::Fault) {
        return Err(Error::Usage("there are no packs to check with".into()).into());
    }
    let broken = faults.iter().any(|fault| fault.level == Level::Fault);
    let set = PackSet::assemble(packs, &mut faults);
    // A pack that could not be read is missing from the set, and every name the
    // configuration gives it would look unknown.
    if !broken {
        config.check_against(&set, &mut faults);
    }
    if faults.iter().any(|fault| fault.level == Level::Fault) {
        return Err(Error::Faults(faults).into());
    }
    if warnings == Warnings::Full {
        output.say(&crate::emit::draw(&faults, &Output::renderer(output.err_colour)));
    } else if !faults.is_empty() {
        let count = crate::emit::counted(faults.len(), "warning");
        output.say(&format!("note: {count} about the packs; `probity test` shows them\n"));
    }
    Ok(Loaded { config, set: Arc::new(set) })
}

/// How much is said about packs that can be used but want mending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Warnings {
    /// How many there are.
    Count,
    /// Each at its place.
    Full,
}

/// The configuration that is asked for, or the nearest one above this folder.
fn config(
    args: &ConfigArgs,
    faults: &mut Vec<Diagnostic>,
) -> Result<(Config, Option<Arc<SourceFile>>), Error> {
    let found = match &args.config {
        Some(path) => Some(path.clone()),
        None if args.isolated => None,
        None => discover(),
    };
    let Some(path) = found else { return Ok((Config::default(), None)) };
    let text = read_text(&path).map_err(|cause| Error::Read { path: path.clone(), cause })?;
    let file = Arc::new(SourceFile { name: path.display().to_string(), text });
    let root = path.parent().unwrap_or(Path::new(""));
    let open = |path: &Path| read_text(path).map_err(|error| plain(&error));
    let config = Config::read(&file, root, &open, faults);
    Ok((config, Some(file)))
}

/// Looks for the configuration from this folder upward, to the root of the
/// repository it is in.
fn discover() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    for (depth, folder) in here.ancestors().enumerate() {
        if folder.join(FILE_NAME).is_file() {
            let up: PathBuf = std::iter::repeat_n("..", depth).collect();
            return Some(up.join(FILE_NAME));
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

/// A file of ours as text, without a byte-order mark.
pub(super) fn read_text(path: &Path) -> std::io::Result<String> {
    let bytes = fs::read(path)?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec).unwrap_or(bytes);
    String::from_utf8(bytes)
        .map_err(|_| std::io::Error::new(std::io::ErrorKind::InvalidData, "it is not UTF-8"))
}

struct Loader<'f> {
    packs: Vec<Pack>,
    faults: &'f mut Vec<Diagnostic>,
}

impl Loader<'_> {
    fn shipped(&mut self, id: &str) {
        self.packs.extend(load_shipped(id, self.faults));
    }

    /// A pack by shipped name, file or folder.
    fn named(
        &mut self,
        name: &str,
        root: &Path,
        fault: impl Fn(String) -> anyhow::Error,
    ) -> anyhow::Result<()> {
        if shipped_names().any(|known| known == name) {
            self.shipped(name);
            return Ok(());
        }
        let path = root.join(name);
        let looks_like_path = name.contains(['/', '\\'])
            || Path::new(name).extension().is_some_and(|end| end == "toml");
        match fs::metadata(&path) {
            Ok(data) if data.is_dir() => self.folder(&path).map_err(&fault),
            Ok(_) => self.file(&path).map_err(&fault),
            Err(error) if looks_like_path => {
                Err(fault(format!("cannot read the pack {}: {}", path.display(), plain(&error))))
            }
            Err(_) => {
                let known: Vec<_> = shipped_names().collect();
                let close = nearest(name, known.iter().copied())
                    .map_or_else(String::new, |close| format!("; did you mean `{close}`?"));
                Err(fault(format!(
                    "there is no pack `{name}`{close} The shipped packs are {}; any other is the path of a file or folder",
                    known.join(", ")
                ).replace("` The", "`. The")))
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
        let text = read_text(path).map_err(|error| {
            format!("cannot read the pack {}: {}", path.display(), plain(&error))
        })?;
        let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
        let read =
            |relative: &str| read_text(&folder.join(relative)).map_err(|error| plain(&error));
        let name = path.display().to_string().replace('\\', "/");
        let file = Arc::new(SourceFile { name: name.clone(), text });
        let raw = Raw { file, origin: name, shipped: false, read: &read };
        self.packs.extend(read_pack(&raw, self.faults));
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
