//! Paths as a code host knows them: from the root of the repository.

use crate::file_names::{name_of, path_of};
use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

/// The folder that paths of a report are counted from where a code host reads them.
/// Reports for people keep the paths as they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Root {
    /// The root of the repository; absolute.
    root: PathBuf,
    /// The folder the check runs in; absolute.
    here: PathBuf,
}

impl Root {
    /// Paths that count from `here` are written as counting from `root`. Both are
    /// absolute; without them paths stay as they are.
    pub fn new(root: PathBuf, here: PathBuf) -> Self {
        Self { root, here }
    }

    /// The path from the root, with `/`, and with `..` where a relative one leads out of it;
    /// as it is where an absolute one does, or where it names no file (`<stdin>`).
    pub fn path<'p>(&self, shown: &'p str) -> Cow<'p, str> {
        let no_file = shown.is_empty() || shown.starts_with('<') && shown.ends_with('>');
        if no_file || self.root.as_os_str().is_empty() {
            return shown.into();
        }
        let whole = plain(&self.here.join(path_of(shown)));
        let root = plain(&self.root);
        let shared = root
            .components()
            .zip(whole.components())
            .take_while(|(one, other)| one == other)
            .count();
        let up = root.components().count() - shared;
        // An absolute path out of the root says by itself where it leads.
        if up > 0 && Path::new(shown).is_absolute() {
            return shown.into();
        }
        let below = whole.components().skip(shared).map(|part| name_of(part.as_os_str().as_ref()));
        if below.clone().next().is_none() || below.clone().any(|part| part == "..") {
            return shown.into();
        }
        let parts: Vec<String> = std::iter::repeat_n("..".to_owned(), up).chain(below).collect();
        parts.join("/").into()
    }
}

/// A path without `.` and, where it can be said without looking, without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(out.components().next_back(), Some(Component::Normal(_))) =>
            {
                out.pop();
            }
            _ => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_count_from_the_root() {
        let root = Root::new("/repo".into(), "/repo/site/en".into());
        for (shown, expected) in [
            ("a.md", "site/en/a.md"),
            ("./x/../a.md", "site/en/a.md"),
            ("../de/a.md", "site/de/a.md"),
            ("/repo/b.md", "b.md"),
            ("/elsewhere/b.md", "/elsewhere/b.md"),
            ("../../../b.md", "../b.md"),
            ("../../../other/./b.md", "../other/b.md"),
            ("../../../../b.md", "../../../../b.md"),
            ("<stdin>", "<stdin>"),
            ("", ""),
            ("a\nb .md", "site/en/a\nb .md"),
        ] {
            assert_eq!(root.path(shown), expected, "{shown}");
        }
        let none = Root::default();
        for same in ["a/b.md", "../a.md", "/a.md"] {
            assert_eq!(none.path(same), same);
        }
    }
}
