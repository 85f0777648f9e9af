//! Which settings hold for which file: the nearest `probity.toml` above it, the tables
//! in it that are about the file, and the packs these name. Everything is read once.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Output;
use super::args::PackArgs;
use super::packs::{Loader, Warnings, read_text};
use crate::config::{Config, FILE_NAME, way, whole};
use crate::error::{Error, plain};
use crate::pack::PackSet;
use crate::run::Engines;
use crate::syntax::{Diagnostic, Level};

/// What holds for some files.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// The configuration, with what its tables say of these files in place.
    pub config: Config,
    /// The packs in use for them.
    pub set: Arc<PackSet>,
    /// What these packs were compiled to so far; shared by all settings with them.
    pub engines: Engines,
}

/// Resolves files to settings. Settings are numbered as they are met; their packs are
/// read when all files are known.
#[derive(Debug)]
pub(super) struct Workspace<'a> {
    args: &'a PackArgs,
    /// By folder, the configuration that was found for it, if any.
    folders: BTreeMap<PathBuf, Option<usize>>,
    /// By folder as it is named, the configuration for the files in it.
    files_in: BTreeMap<PathBuf, usize>,
    /// By path; those named on the command line and none at all have theirs, too.
    configs: Vec<(PathBuf, Config)>,
    /// Each distinct pair of a configuration and the tables that decide for a file.
    settings: Vec<(usize, Vec<usize>)>,
    faults: Vec<Diagnostic>,
}

impl<'a> Workspace<'a> {
    /// A workspace without files.
    pub fn new(args: &'a PackArgs) -> Self {
        Self {
            args,
            folders: BTreeMap::new(),
            files_in: BTreeMap::new(),
            configs: Vec::new(),
            settings: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// The number of the settings that hold for a file.
    ///
    /// # Errors
    ///
    /// Where its configuration cannot be read. What is wrong in it is told by
    /// [`Workspace::finish`].
    pub fn settings_of(&mut self, path: &Path) -> Result<usize, Error> {
        let config = self.config_of(path)?;
        let tables = self.configs[config].1.deciding(path);
        Ok(self.number(config, tables))
    }

    /// What tells the settings of a file from those of others: its configuration, and the
    /// tables of it that decide for the file.
    pub fn identity(&mut self, path: &Path) -> Result<(PathBuf, Vec<usize>), Error> {
        let config = self.config_of(path)?;
        let (identity, config) = &self.configs[config];
        Ok((identity.clone(), config.deciding(path)))
    }

    /// The number of the settings of this folder, without those of any table.
    pub fn home(&mut self) -> Result<usize, Error> {
        let config = self.config_of(&Path::new("").join(FILE_NAME))?;
        Ok(self.number(config, Vec::new()))
    }

    /// The number of the settings of a folder, without those of any table.
    pub fn settings_of_folder(&mut self, folder: &Path) -> Result<usize, Error> {
        let config = self.config_of(&folder.join(FILE_NAME))?;
        Ok(self.number(config, Vec::new()))
    }

    /// Those of this folder, then those of each of its tables that names packs.
    pub fn home_with_tables(&mut self) -> Result<(), Error> {
        let config = self.config_of(&Path::new("").join(FILE_NAME))?;
        self.number(config, Vec::new());
        for table in 0..self.configs[config].1.paths.len() {
            if self.configs[config].1.paths[table].packs.is_some() {
                self.number(config, vec![table]);
            }
        }
        Ok(())
    }

    /// The configurations that were read so far, by their paths.
    pub fn configs(&self) -> Vec<(PathBuf, Config)> {
        self.configs.clone()
    }

    /// Whether the settings of a file leave it out.
    pub fn excludes(&mut self, path: &Path) -> Result<bool, Error> {
        let config = self.config_of(path)?;
        Ok(self.configs[config].1.excludes(path))
    }

    /// Whether the settings of a file say what to check in it: data files that a walk
    /// comes across are checked only then.
    pub fn asks_for(&mut self, path: &Path) -> Result<bool, Error> {
        let config = self.config_of(path)?;
        Ok(self.configs[config].1.asks_for(path))
    }

    fn number(&mut self, config: usize, tables: Vec<usize>) -> usize {
        let settings = (config, tables);
        self.settings.iter().position(|known| *known == settings).unwrap_or_else(|| {
            self.settings.push(settings);
            self.settings.len() - 1
        })
    }

    /// The configuration for a file: that of the command line, the nearest above it, or
    /// else the nearest above this folder.
    fn config_of(&mut self, path: &Path) -> Result<usize, Error> {
        let asked = &self.args.config;
        if let Some(path) = &asked.config {
            return self.read(path);
        }
        if asked.isolated {
            return Ok(self.config(PathBuf::new(), |_| Config::default()));
        }
        // Where a folder really is takes longer to say than what holds in it. A path that
        // ends in `..` is no file of the folder before it.
        let folder = path.parent().filter(|_| path.file_name().is_some());
        if let Some(&known) = folder.and_then(|folder| self.files_in.get(folder)) {
            return Ok(known);
        }
        let config = self.config_above(path)?;
        if let Some(folder) = folder {
            self.files_in.insert(folder.to_owned(), config);
        }
        Ok(config)
    }

    fn config_above(&mut self, path: &Path) -> Result<usize, Error> {
        let here = whole(Path::new(""));
        let file = whole(path);
        let folder = file.parent().unwrap_or(&file);
        let found = match self.above(folder, &here)? {
            Some(config) => Some(config),
            None => self.above(&here, &here)?,
        };
        Ok(match found {
            Some(config) => config,
            None => self.config(PathBuf::new(), |_| Config::default()),
        })
    }

    /// The nearest configuration from a folder upward, to the root of the repository it
    /// is in.
    fn above(&mut self, folder: &Path, here: &Path) -> Result<Option<usize>, Error> {
        let mut passed = Vec::new();
        let mut found = None;
        for folder in folder.ancestors() {
            if let Some(known) = self.folders.get(folder) {
                found = *known;
                break;
            }
            passed.push(folder.to_owned());
            let file = folder.join(FILE_NAME);
            if is_there(&file) {
                found = Some(self.read(&way(here, &file))?);
                break;
            }
            if folder.join(".git").exists() {
                break;
            }
        }
        self.folders.extend(passed.into_iter().map(|folder| (folder, found)));
        Ok(found)
    }

    fn read(&mut self, path: &Path) -> Result<usize, Error> {
        let identity = whole(path);
        if let Some(known) = self.configs.iter().position(|(known, _)| *known == identity) {
            return Ok(known);
        }
        let text = read_text(path).map_err(|cause| Error::Read { path: path.to_owned(), cause })?;
        Ok(self.config(identity, |faults| Config::read(path, text, &open, faults)))
    }

    fn config(
        &mut self,
        identity: PathBuf,
        make: impl FnOnce(&mut Vec<Diagnostic>) -> Config,
    ) -> usize {
        if let Some(known) = self.configs.iter().position(|(known, _)| *known == identity) {
            return known;
        }
        let config = make(&mut self.faults);
        self.configs.push((identity, config));
        self.configs.len() - 1
    }

    /// Packs that a configuration may speak of beside those that the command line names
    /// instead of its own: its own and all shipped ones. `None` where they cannot be read.
    fn written_for(&self, config: &Config) -> Option<Vec<Arc<PackSet>>> {
        if self.args.pack.is_empty() {
            return Some(Vec::new());
        }
        let mut loader = Loader::new(&[]);
        let lists = std::iter::once(None).chain(config.pack_lists());
        let sets = lists.map(|list| Some(loader.set(list).ok()?.set)).collect();
        if loader.broken() { None } else { sets }
    }

    /// Reads the packs, and gives the settings by their numbers. There are always some:
    /// where no file was met, those of this folder.
    ///
    /// # Errors
    ///
    /// Where configuration or packs have faults; all of them at once.
    pub fn finish(mut self, warnings: Warnings, output: &Output) -> anyhow::Result<Vec<Settings>> {
        if self.settings.is_empty() {
            self.home()?;
        }
        let mut faults = std::mem::take(&mut self.faults);
        let mut loader = Loader::new(&self.args.pack);
        for (_, config) in &self.configs {
            let mut sets: Vec<Arc<PackSet>> = Vec::new();
            let before = loader.broken();
            for list in config.pack_lists() {
                let set = loader.set(list)?.set;
                if !sets.iter().any(|known| Arc::ptr_eq(known, &set)) {
                    sets.push(set);
                }
            }
            // A pack that could not be read is missing from the set, and every name the
            // configuration gives it would look unknown.
            if !before && !loader.broken() && !faults.iter().any(is_fault) {
                let elsewhere = || self.written_for(config);
                config.check_against(&sets, &elsewhere, &mut faults);
            }
        }
        let mut settings = Vec::new();
        for (config, tables) in &self.settings {
            let config = self.configs[*config].1.with_tables(tables);
            let loaded = loader.set(config.packs.as_ref())?;
            let config = config.for_packs(&loaded.set);
            settings.push(Settings { config, set: loaded.set, engines: loaded.engines });
        }
        faults.append(&mut loader.faults);
        let mut each_once: Vec<Diagnostic> = Vec::new();
        for fault in faults {
            if !each_once.contains(&fault) {
                each_once.push(fault);
            }
        }
        tell(each_once, warnings, output)?;
        Ok(settings)
    }
}

impl Settings {
    /// Whether files under either can be judged in one run: by the same configuration and
    /// packs, and to the same severities.
    pub fn fits(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.set, &other.set)
            && self.config.files == other.config.files
            && self.config.severity == other.config.severity
            && self.config.fail_on == other.config.fail_on
    }
}

/// Whether nothing can be checked because of it.
pub(super) fn is_fault(fault: &Diagnostic) -> bool {
    fault.level == Level::Fault
}

/// Fails where there are faults, and says what else is worth mending.
fn tell(faults: Vec<Diagnostic>, warnings: Warnings, output: &Output) -> anyhow::Result<()> {
    if faults.iter().any(is_fault) {
        return Err(Error::Faults(faults).into());
    }
    if warnings == Warnings::Full {
        output.say(&output.draw(&faults));
    } else if !faults.is_empty() {
        let count = crate::emit::counted(faults.len(), "warning");
        output.say(&format!("note: {count} about the packs; `probity test` shows them\n"));
    }
    Ok(())
}

/// Whether a file stands here that says how to check. A folder of its name, or a link that
/// leads nowhere, is told when it is read.
pub(super) fn is_there(file: &Path) -> bool {
    match fs::metadata(file) {
        Ok(data) => data.is_file() || data.is_dir(),
        Err(_) => file.symlink_metadata().is_ok(),
    }
}

/// Reads a file that configuration names, or says why it cannot. A pipe or a device
/// could keep a run waiting for ever.
fn open(path: &Path) -> Result<String, String> {
    match fs::metadata(path) {
        Ok(data) if !data.is_file() && !data.is_dir() => Err("it is no ordinary file".to_owned()),
        _ => read_text(path).map_err(|error| plain(&error)),
    }
}
