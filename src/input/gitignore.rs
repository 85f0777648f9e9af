//! What `.gitignore` and `.ignore` files leave out of a walk.

use std::fs;
use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The ignore files of the directories around the current place, outermost
/// first.
#[derive(Debug, Default)]
pub(super) struct Ignores {
    levels: Vec<Level>,
    /// The start of the walk, as it was named and as it really is: patterns
    /// are matched against real paths, which have no `..`.
    named: PathBuf,
    real: PathBuf,
}

#[derive(Debug)]
struct Level {
    /// Depth of the directory in the walk; 0 for the start and all above it.
    depth: usize,
    matcher: Gitignore,
}

impl Ignores {
    /// The ignore files above `start`, up to the root of its repository. A
    /// directory outside of a repository obeys only those inside it.
    pub fn above(start: &Path) -> Self {
        let real = fs::canonicalize(start).unwrap_or_else(|_| start.to_path_buf());
        let mut ignores = Self { levels: Vec::new(), named: start.to_path_buf(), real };
        let above: Vec<PathBuf> = ignores.real.ancestors().map(Path::to_path_buf).collect();
        let Some(root) = above.iter().position(|dir| dir.join(".git").exists()) else {
            return ignores;
        };
        ignores.push(0, &above[root], &[".git/info/exclude"]);
        for dir in above[1..].iter().take(root).rev() {
            ignores.push(0, dir, &[".gitignore", ".ignore"]);
        }
        ignores
    }

    /// Notes that the walk goes into `dir`, which is `depth` below the start.
    pub fn enter(&mut self, dir: &Path, depth: usize) {
        self.leave(depth);
        let dir = self.real_path(dir);
        self.push(depth, &dir, &[".gitignore", ".ignore"]);
    }

    /// Whether the walk leaves out `path`, which is `depth` below the start.
    /// The file nearest to it that has a word on it decides, as in Git.
    pub fn ignore(&mut self, path: &Path, depth: usize, is_dir: bool) -> bool {
        self.leave(depth);
        let path = self.real_path(path);
        for level in self.levels.iter().rev() {
            match level.matcher.matched(&path, is_dir) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => {}
            }
        }
        false
    }

    /// Forgets the directories that a place at `depth` is not in.
    fn leave(&mut self, depth: usize) {
        self.levels.retain(|level| level.depth == 0 || level.depth < depth);
    }

    fn real_path(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.named).map_or_else(
            |_| path.to_path_buf(),
            |below| {
                // Joining an empty path would add a slash.
                if below.as_os_str().is_empty() { self.real.clone() } else { self.real.join(below) }
            },
        )
    }

    fn push(&mut self, depth: usize, dir: &Path, files: &[&str]) {
        let mut builder = GitignoreBuilder::new(dir);
        let mut any = false;
        for file in files.iter().map(|file| dir.join(file)).filter(|file| file.is_file()) {
            // A pattern that is not one is left out, as Git does.
            let _ = builder.add(file);
            any = true;
        }
        if any && let Ok(matcher) = builder.build() {
            self.levels.push(Level { depth, matcher });
        }
    }
}
