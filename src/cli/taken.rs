//! Files that say how to check. Nothing that is written takes their place.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::fact_file::named_in;
use crate::error::Error;
use crate::file_names::path_of;
use crate::run::Run;

/// A path without links, also of a file that is not there yet.
pub(super) fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path)
        .or_else(|_| std::path::absolute(path))
        .unwrap_or_else(|_| path.to_owned())
}

/// The files that runs have read settings, packs and their lists, suppressions and values of
/// facts from. `set` is what the command line says of facts.
pub(super) fn settings_of(runs: &[Run], set: &[String]) -> BTreeSet<PathBuf> {
    let packs = runs.iter().flat_map(|run| run.set.packs()).filter(|pack| !pack.shipped);
    let configs = runs.iter().flat_map(|run| &run.config.files);
    let sides = runs.iter().flat_map(|run| run.suppressions.side_files.iter());
    let names = packs.flat_map(|pack| pack.digest.names()).chain(sides.map(|it| it.name.as_str()));
    let names = names.chain(configs.map(|file| file.name.as_str()));
    let facts = runs.iter().flat_map(|run| &run.config.fact_files);
    let facts = facts.map(|(_, file)| file.path.as_path()).chain(named_in(set));
    names.map(|name| real(&path_of(name))).chain(facts.map(real)).collect()
}

/// Refuses to write where a file says how to check. `what` is to be written.
pub(super) fn refuse_settings<'p>(
    what: &str,
    mut written: impl Iterator<Item = &'p Path>,
    settings: &BTreeSet<PathBuf>,
) -> Result<(), Error> {
    match written.find(|path| settings.contains(&real(path))) {
        None => Ok(()),
        Some(path) => Err(Error::Usage(format!(
            "{} says how to check; {what} needs a file of its own",
            path.display()
        ))),
    }
}
