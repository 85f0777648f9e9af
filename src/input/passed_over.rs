//! Files that a walk for exports passes over for the endings of their names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::read::extension;
use super::walk::{WalkNotice, shown};

/// Endings that are named.
const NAMED: usize = 8;

/// What was passed over.
#[derive(Debug, Default)]
pub(super) struct PassedOver {
    first: Option<PathBuf>,
    /// How many files there are of each ending.
    endings: BTreeMap<String, usize>,
}

impl PassedOver {
    pub fn add(&mut self, path: &Path) {
        *self.endings.entry(extension(&path.to_string_lossy())).or_default() += 1;
        self.first.get_or_insert_with(|| path.to_path_buf());
    }

    /// All of them in one sentence, at the first.
    pub fn notice(&self) -> Option<WalkNotice> {
        let first = self.first.as_ref()?;
        let named = |(ending, count): (&String, &usize)| match &**ending {
            "" => format!("none ({count})"),
            ending => format!(".{} ({count})", ending.escape_debug()),
        };
        let mut endings: Vec<String> = self.endings.iter().map(named).collect();
        if endings.len() > NAMED {
            endings.truncate(NAMED);
            endings.push("others".to_owned());
        }
        let (are, them) = match self.endings.values().sum() {
            1 => ("this file was".to_owned(), "it"),
            files => (format!("this and {} more were", files - 1_usize), "them"),
        };
        Some(WalkNotice {
            path: shown(first),
            message: format!(
                "{are} not scanned, as exports end otherwise: {}; name {them} to scan {them}",
                endings.join(", ")
            ),
            unchecked: false,
        })
    }
}
