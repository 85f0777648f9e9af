//! Where something stands in a file of configuration, and where files stand.

use crate::file_names::name_of;
use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::syntax::{Diagnostic, SourceFile};
use crate::text::{Lines, Span};

/// Where a value of the configuration is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<SourceFile>,
    /// Bytes of it.
    pub span: Span,
}

impl Place {
    /// A place in a file.
    pub fn new(file: &Arc<SourceFile>, span: Span) -> Self {
        Self { file: Arc::clone(file), span }
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        Lines::new(&self.file.text).position(self.span.start).line
    }

    /// A fault at this place.
    pub fn fault(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::fault(&self.file, self.span, message)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.file.name, self.line())
    }
}

/// The absolute path without `.` and `..`; `std::path::absolute` keeps the dots.
pub fn whole(path: &Path) -> PathBuf {
    // The empty path is this folder, and `absolute` refuses it.
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut whole = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::ParentDir => {
                whole.pop();
            }
            Component::CurDir => {}
            other => whole.push(other),
        }
    }
    whole
}

/// The way from one folder to a path, both [`whole`]: with `..` where it leads out of
/// the folder. The path itself where they share no root.
pub fn way(from: &Path, to: &Path) -> PathBuf {
    if let Ok(below) = to.strip_prefix(from) {
        return below.to_owned();
    }
    let common = from.components().zip(to.components()).take_while(|(one, other)| one == other);
    let common = common.count();
    if common == 0 {
        return to.to_owned();
    }
    let up = from.components().skip(common).map(|_| Component::ParentDir);
    up.chain(to.components().skip(common)).collect()
}

/// A path as seen from a folder, both [`whole`]: parted by `/`, so that it is the same on
/// every system.
pub fn relative_to(folder: &Path, path: &Path) -> String {
    name_of(&way(folder, path)).replace(std::path::MAIN_SEPARATOR, "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn ways_lead_there() {
        for (from, to, expected) in [
            ("/a/b", "/a/b/c/d", "c/d"),
            ("/a/b", "/a/b", ""),
            ("/a/b", "/a/c", "../c"),
            ("/a/b/c", "/", "../../.."),
            ("/", "/x", "x"),
        ] {
            assert_eq!(way(Path::new(from), Path::new(to)), Path::new(expected), "{from} {to}");
        }
        assert_eq!(whole(Path::new("/a/./b/../../c/..")), Path::new("/"));
    }

    #[test]
    fn lines_count_from_one() {
        let file = Arc::new(SourceFile { name: "a.toml".into(), text: "x = 1\r\ny = 2\n".into() });
        assert_eq!(Place::new(&file, Span::new(7, 8)).to_string(), "a.toml:2");
        assert_eq!(Place::new(&file, Span::new(0, 1)).to_string(), "a.toml:1");
    }
}
