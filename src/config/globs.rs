//! Globs of a file of configuration. They are relative to that file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::{Glob, GlobSet, GlobSetBuilder};

use super::place::{Place, way, whole};
use crate::file_names::glob_patterns;
use crate::syntax::{Diagnostic, SourceFile, View};

/// Some globs, and the folder they are relative to.
#[derive(Clone, Debug)]
pub struct Globs {
    set: GlobSet,
    /// The folder of the file, [`whole`].
    root: PathBuf,
    /// As written.
    pub written: Vec<String>,
    /// Where.
    pub place: Place,
}

impl Globs {
    /// Reads the globs under a key of a table.
    pub(super) fn read(
        file: &Arc<SourceFile>,
        root: &Path,
        view: View<'_>,
        key: &str,
        faults: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut builder = GlobSetBuilder::new();
        let mut written = Vec::new();
        for text in view.texts(key) {
            written.push(text.value.to_owned());
            let patterns = match glob_patterns(text.value) {
                Ok(patterns) => patterns,
                Err(why) => {
                    faults.push(Diagnostic::fault(file, text.span, why).label("here"));
                    continue;
                }
            };
            for pattern in &patterns {
                match Glob::new(pattern) {
                    Ok(glob) => {
                        builder.add(glob);
                    }
                    Err(error) => {
                        faults.push(
                            Diagnostic::fault(
                                file,
                                text.span,
                                format!("this is not a glob: {}", error.kind()),
                            )
                            .label("here"),
                        );
                        break;
                    }
                }
            }
        }
        let set = builder.build().unwrap_or_else(|error| {
            let place = Place::new(file, view.place(key));
            faults.push(place.fault(format!("these globs cannot be used: {error}")).label("here"));
            GlobSet::default()
        });
        let place = Place::new(file, view.place(key));
        Self { set, root: whole(root), written, place }
    }

    /// Whether one of them matches. A file that is not below the folder is `../name`
    /// to them.
    pub fn matches(&self, path: &Path) -> bool {
        self.set.is_match(way(&self.root, &whole(path)))
    }
}
