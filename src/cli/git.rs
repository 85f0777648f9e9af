//! Asking the `git` program what changed. It is told to leave alone everything that the
//! user's own settings could change about its answers, and to reach for no network.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::changes::Changes;
use crate::error::{Error, plain};

/// A repository that was found.
#[derive(Clone, Debug)]
pub(super) struct Git {
    /// The folder of its files, without links.
    pub root: PathBuf,
}

/// What Git says of the files of a repository.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// What changed.
    pub changes: Changes,
    /// Every file that Git knows, by its path relative to the root, in order.
    pub known: Vec<Vec<u8>>,
}

impl Git {
    /// The repository that a path is in.
    ///
    /// # Errors
    ///
    /// Where there is none, or no `git`.
    pub fn of(place: &Path) -> Result<Self, Error> {
        let folder = if place.is_dir() { place } else { place.parent().unwrap_or(place) };
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let output = run(folder, &["rev-parse", "--show-toplevel"])?;
        let mut root = output.stdout.clone();
        if !output.status.success() || root.pop() != Some(b'\n') || root.is_empty() {
            return Err(Error::Usage(format!(
                "`--diff` needs a Git repository with files, and {} is in none: {}",
                folder.display(),
                said(&output)
            )));
        }
        // Git for Windows ends lines with LF, too.
        let root = path(root);
        let root = std::fs::canonicalize(&root).unwrap_or(root);
        Ok(Self { root })
    }

    /// The commit that a name stands for, if there is one.
    ///
    /// # Errors
    ///
    /// Where Git does not work.
    pub fn commit(&self, name: &OsStr) -> Result<Option<String>, Error> {
        // What looks like an option would be taken for one.
        if name.as_encoded_bytes().starts_with(b"-") {
            return Ok(None);
        }
        let mut wanted = name.to_owned();
        wanted.push("^{commit}");
        self.object(&wanted)
    }

    /// The object that a name of Git stands for, if there is one.
    fn object(&self, name: &OsStr) -> Result<Option<String>, Error> {
        let args = [OsStr::new("rev-parse"), OsStr::new("--verify"), OsStr::new("--quiet"), name];
        let output = run(&self.root, &args)?;
        let commit = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let is_name = !commit.is_empty() && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        Ok((output.status.success() && is_name).then_some(commit))
    }

    /// The last state that a commit and the current one share; `None` where Git knows of
    /// none.
    ///
    /// # Errors
    ///
    /// Where Git does not work.
    pub fn merge_base(&self, commit: &str) -> Result<Option<String>, Error> {
        let output = run(&self.root, &["merge-base", commit, "HEAD"])?;
        match output.status.code() {
            Some(0) => Ok(Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())),
            Some(1) => Ok(None),
            _ => Err(failed("find the last state in common", &output)),
        }
    }

    /// Whether the history was fetched only in part.
    pub fn is_shallow(&self) -> Result<bool, Error> {
        let output = run(&self.root, &["rev-parse", "--is-shallow-repository"])?;
        Ok(output.stdout.starts_with(b"true"))
    }

    /// What changed in files that Git knows, from a commit to what is on disk now.
    ///
    /// # Errors
    ///
    /// Where Git cannot tell.
    fn changes(&self, since: &str) -> Result<Changes, Error> {
        let diff = |form: &[&str]| {
            let mut args = vec![
                "diff",
                "--no-ext-diff",
                "--no-textconv",
                "--no-color",
                "--no-relative",
                "--find-renames",
                "-l1000",
                // Without the order of a file that may be missing; Git for Windows knows
                // this name, too.
                "-O/dev/null",
                "--diff-algorithm=myers",
                "--indent-heuristic",
                "--inter-hunk-context=0",
                "--src-prefix=a/",
                "--dst-prefix=b/",
                "--ignore-submodules=all",
                "--submodule=short",
            ];
            args.extend(form);
            args.extend([since, "--"]);
            let output = run(&self.root, &args)?;
            if output.status.success() {
                Ok(output.stdout)
            } else {
                Err(failed("tell what changed", &output))
            }
        };
        // `--unified` asks for a patch by itself.
        let files = diff(&["--numstat", "-z"])?;
        let patch = diff(&["--patch", "--unified=0"])?;
        Changes::read(&files, &patch).map_err(|why| {
            Error::Usage(format!("what Git says about the changes cannot be read: {why}"))
        })
    }

    /// What changed from a commit to what is on disk now, and every file that Git knows.
    /// Submodules are repositories of their own; of each that holds some of the files
    /// called `wanted`, what changed is asked for since the commit of it that the commit
    /// names.
    ///
    /// # Errors
    ///
    /// Where Git cannot tell.
    pub fn state(&self, since: &str, wanted: &[Vec<u8>]) -> Result<State, Error> {
        let [files, submodules] = self.known_files()?;
        let mut state = State { changes: self.changes(since)?, known: files };
        for name in submodules {
            let inside = |path: &Vec<u8>| {
                path.strip_prefix(name.as_slice())?.strip_prefix(b"/").map(<[u8]>::to_vec)
            };
            let wanted: Vec<Vec<u8>> = wanted.iter().filter_map(inside).collect();
            let folder = self.root.join(path(name.clone()));
            let git = Self::of(&folder).ok().filter(|git| {
                std::fs::canonicalize(&folder).is_ok_and(|folder| folder == git.root)
            });
            let (false, Some(git)) = (wanted.is_empty(), git) else { continue };
            let mut place = OsString::from(format!("{since}:"));
            place.push(path(name.clone()));
            // All of a submodule that was not there is new.
            let Some(commit) = self.object(&place)? else { continue };
            if git.commit(OsStr::new(&commit))?.is_none() {
                let name = String::from_utf8_lossy(&name).into_owned();
                let short = commit.get(..12).unwrap_or(&commit);
                return Err(Error::Usage(format!(
                    "the submodule `{name}` was at {short} then, and that commit is not here; \
                     fetch the history of the submodule with `git fetch --unshallow` in it"
                )));
            }
            let inner = git.state(&commit, &wanted)?;
            state.changes.add_below(&name, inner.changes);
            let below = inner.known.iter().map(|file| [name.as_slice(), b"/", file].concat());
            state.known.extend(below);
        }
        state.known.sort();
        state.known.dedup();
        Ok(state)
    }

    /// The files that Git knows, and the submodules, by their paths relative to the root.
    fn known_files(&self) -> Result<[Vec<Vec<u8>>; 2], Error> {
        let output = run(&self.root, &["ls-files", "-z", "--cached", "--stage"])?;
        if !output.status.success() {
            return Err(failed("list the files it knows", &output));
        }
        let (mut files, mut submodules) = (Vec::new(), Vec::new());
        for line in output.stdout.split(|&byte| byte == 0) {
            // The mode, the object and a number stand before the tab.
            let Some(tab) = line.iter().position(|&byte| byte == b'\t') else { continue };
            let kind = if line.starts_with(b"160000 ") { &mut submodules } else { &mut files };
            kind.push(line[tab + 1..].to_vec());
        }
        submodules.dedup();
        Ok([files, submodules])
    }

    /// A path as Git names it, if it is in the repository.
    pub fn name_of(&self, path: &Path) -> Option<Vec<u8>> {
        let real = std::fs::canonicalize(path).ok()?;
        let below = real.strip_prefix(&self.root).ok()?;
        let parts: Vec<&[u8]> =
            below.components().map(|part| part.as_os_str().as_encoded_bytes()).collect();
        Some(parts.join(&b'/'))
    }
}

/// Runs Git in a folder.
fn run<A: AsRef<OsStr>>(folder: &Path, args: &[A]) -> Result<Output, Error> {
    let mut command = Command::new("git");
    command
        .args(["--no-pager", "--no-optional-locks", "-c", "core.quotePath=true"])
        // A repository's own settings could name a program for this.
        .args(["-c", "core.fsmonitor=false"])
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .env("LC_ALL", "C")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_TERMINAL_PROMPT", "0");
    // Hooks run with these, relative to another folder. `GIT_DIFF_OPTS` would win over
    // `--unified`.
    for name in [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_PREFIX",
        "GIT_DIFF_OPTS",
        "GIT_EXTERNAL_DIFF",
        "GIT_LITERAL_PATHSPECS",
        "GIT_GLOB_PATHSPECS",
        "GIT_NOGLOB_PATHSPECS",
        "GIT_ICASE_PATHSPECS",
    ] {
        command.env_remove(name);
    }
    command.output().map_err(|error| {
        Error::Usage(format!(
            "`--diff` asks `git` what changed, and it does not start: {}",
            plain(&error)
        ))
    })
}

fn failed(what: &str, output: &Output) -> Error {
    Error::Usage(format!("Git cannot {what}: {}", said(output)))
}

/// What Git gives as its reason, in one line.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let text = lines.join("; ");
    if text.is_empty() { "it does not say why".to_owned() } else { text }
}

/// The path that Git wrote. Only Unix has paths that are not Unicode.
#[cfg(unix)]
fn path(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    PathBuf::from(OsString::from_vec(bytes))
}

#[cfg(not(unix))]
fn path(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(OsString::from(String::from_utf8_lossy(&bytes).into_owned()))
}
