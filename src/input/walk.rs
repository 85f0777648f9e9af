//! The files that paths on the command line stand for.

use crate::file_names::name_of;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::data::TRANSLATIONS;
use super::gitignore::Ignores;
use super::passed_over::PassedOver;
use super::read::extension;

/// Endings of the files a walk takes. A file named on the command line is
/// taken whatever its name is.
const KNOWN: &[&str] = &[
    "md", "markdown", "mdx", "html", "htm", "xhtml", "njk", "liquid", "txt", "text", "csv", "tsv",
];

/// Endings of data files. A walk offers them, and takes them where a site generator
/// looks for data.
const DATA: &[&str] = &["yaml", "yml", "toml", "json"];

/// The folder of data files in sites of Jekyll and Eleventy.
const DATA_FOLDER: &str = "_data";

/// How data files end that give front matter to the pages beside them in sites of Eleventy.
const DATA_ENDING: &str = ".11tydata.json";

/// The folders of data files and of translations in sites of Hugo, and what stands beside
/// them there. Elsewhere they hold anything.
const HUGO_DATA_FOLDERS: &[&str] = &["data", TRANSLATIONS];
#[rustfmt::skip]
const HUGO: &[&str] = &[
    "hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json", "config/_default", "theme.toml", ARCHETYPES,
];

/// What older sites have instead, beside their `content`.
const OLD_HUGO: &[&str] = &["config.toml", "config.yaml", "config.yml", "config.json"];

/// The folder of templates of new pages in sites of Hugo.
const ARCHETYPES: &str = "archetypes";

/// Files of tools, which a walk does not even offer: `fields` for all files must not
/// make texts of them.
#[rustfmt::skip]
const TOOLS: &[&str] = &[
    "package.json", "package-lock.json", "npm-shrinkwrap.json", "composer.json", "tsconfig.json",
    "jsconfig.json", "deno.json", "pnpm-lock.yaml", "pnpm-workspace.yaml", "docker-compose.yml",
    "compose.yml", "compose.yaml", "cargo.toml", "pyproject.toml", "netlify.toml", "vercel.json",
    "probity.toml", "hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json", "_config.yml",
    "_config.yaml", "_config.toml", "mkdocs.yml",
];

/// The same for exports of records.
const EXPORTS: &[&str] = &[
    "csv", "tsv", "tab", "jsonl", "ndjson", "json", "js", "xlsx", "xlsm", "xlsb", "xls", "ods",
    "gz", "zst", "zip",
];

/// Whether a walk for drafts and pages takes a file, by the ending of its name.
pub fn is_known(path: &Path) -> bool {
    KNOWN.contains(&&*extension(&path.to_string_lossy()))
}

/// Whether it is a data file that a walk offers: YAML, TOML or JSON that is not the file of
/// a tool.
pub fn is_data(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase());
    if name.is_none_or(|name| TOOLS.contains(&&*name)) {
        return false;
    }
    DATA.contains(&&*extension(&path.to_string_lossy()))
}

/// Whether a file is for the tools of a site and no text for readers, whatever is in it:
/// settings, and templates of new pages, which need not even be readable before they are
/// filled in.
pub fn is_for_tools(path: &Path) -> bool {
    let is_data_ending = DATA.contains(&&*extension(&path.to_string_lossy()));
    (is_data_ending && !is_data(path)) || path.ancestors().skip(1).any(is_archetypes)
}

/// Whether a folder holds the templates of new pages of a site of Hugo.
fn is_archetypes(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name == ARCHETYPES) && is_in_hugo_site(folder)
}

/// Whether a data file stands where a site generator looks for data.
pub fn is_data_of_site(path: &Path) -> bool {
    stands_in_site(path, &mut BTreeMap::new())
}

/// The same; `sites` keeps what is known of folders called `data`.
fn stands_in_site(path: &Path, sites: &mut BTreeMap<PathBuf, bool>) -> bool {
    if path.to_string_lossy().ends_with(DATA_ENDING) {
        return true;
    }
    path.ancestors().skip(1).any(|folder| {
        let name = folder.file_name();
        if name.is_some_and(|name| name == DATA_FOLDER) {
            return true;
        }
        if name.is_none_or(|name| HUGO_DATA_FOLDERS.iter().all(|known| name != *known)) {
            return false;
        }
        if let Some(&known) = sites.get(folder) {
            return known;
        }
        let found = is_in_hugo_site(folder);
        sites.insert(folder.to_path_buf(), found);
        found
    })
}

/// Whether a folder is one of those at the top of a site of Hugo, by what is beside it.
fn is_in_hugo_site(folder: &Path) -> bool {
    let beside = folder.parent().unwrap_or(Path::new(""));
    let itself = folder.file_name();
    let stands = |name: &&str| itself.is_none_or(|it| it != *name) && beside.join(name).exists();
    HUGO.iter().any(stands) || (beside.join("content").is_dir() && OLD_HUGO.iter().any(stands))
}

/// How to walk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WalkOptions {
    /// Take files that `.gitignore` and `.ignore` leave out, too.
    pub no_ignore: bool,
    /// Take exports of records instead of drafts and pages.
    pub exports: bool,
}

/// A file to read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Where it is.
    pub path: PathBuf,
    /// The path as it is shown to people: with `/`, and with `<0xE9>` for a byte that is
    /// not Unicode ([`crate::file_names`]).
    pub name: String,
    /// Whether it is a data file that a walk came across where no data for readers is
    /// looked for: to be checked only where somebody asks for it.
    pub only_if_asked: bool,
}

/// Something the walk could not or did not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalkNotice {
    /// The path, as it is shown to people.
    pub path: String,
    /// One plain sentence about it.
    pub message: String,
    /// Whether files were left unread that should have been read.
    pub unchecked: bool,
}

/// The files that `paths` stand for, each once, in the order of the bytes of
/// their paths. Walks through directories; follows a symbolic link only if it
/// is named.
pub fn walk(paths: &[PathBuf], options: &WalkOptions) -> (Vec<Target>, Vec<WalkNotice>) {
    let mut walker = Walker {
        options: *options,
        files: Vec::new(),
        offered: BTreeSet::new(),
        sites: BTreeMap::new(),
        notices: Vec::new(),
        links: Vec::new(),
        passed_over: PassedOver::default(),
    };
    for path in paths {
        match fs::metadata(path) {
            Ok(data) if data.is_dir() => walker.directory(path),
            Ok(_) => walker.files.push(path.clone()),
            Err(error) => walker.failed(path, &describe(&error)),
        }
    }
    walker.notices.extend(walker.passed_over.notice());
    let Walker { mut offered, mut files, mut notices, links, .. } = walker;
    // A link that was named is followed, whatever folder it was met in.
    let named: BTreeSet<PathBuf> = if links.is_empty() {
        BTreeSet::new()
    } else {
        paths.iter().filter_map(|path| std::path::absolute(path).ok()).collect()
    };
    for link in links {
        if !std::path::absolute(&link).is_ok_and(|link| named.contains(&link)) {
            notices.push(WalkNotice {
                path: shown(&link),
                message: "this symbolic link was not followed; name it to check it".to_owned(),
                unchecked: false,
            });
        }
    }
    if paths.len() > 1 {
        // A file that was named as well is asked for.
        let named: BTreeSet<PathBuf> = paths.iter().map(real).collect();
        offered.retain(|path| !named.contains(&real(path)));
        files = each_once(files);
    }
    let mut targets: Vec<_> = files
        .into_iter()
        .map(|path| Target { name: shown(&path), only_if_asked: offered.contains(&path), path })
        .collect();
    // `./a.md` is shown as `a.md`, and stands where that does.
    let key = |target: &Target| {
        let path = target.path.strip_prefix(".").unwrap_or(&target.path);
        path.as_os_str().as_encoded_bytes().to_vec()
    };
    targets.sort_by_cached_key(key);
    (targets, notices)
}

struct Walker {
    options: WalkOptions,
    files: Vec<PathBuf>,
    /// Those of the files that are taken only if somebody asks for them.
    offered: BTreeSet<PathBuf>,
    /// Folders called `data`, and whether they are those of a site.
    sites: BTreeMap<PathBuf, bool>,
    notices: Vec<WalkNotice>,
    /// Symbolic links that were met.
    links: Vec<PathBuf>,
    /// Where exports are looked for, files that are passed over.
    passed_over: PassedOver,
}

impl Walker {
    fn directory(&mut self, start: &Path) {
        let mut ignores = (!self.options.no_ignore).then(|| Ignores::above(start));
        let mut entries = WalkDir::new(start).sort_by_file_name().into_iter();
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().unwrap_or(start).to_path_buf();
                    let message = match error.io_error() {
                        Some(error) => describe(error),
                        None => "this symbolic link leads back to a directory above it".to_owned(),
                    };
                    self.failed(&path, &message);
                    continue;
                }
            };
            let is_dir = entry.file_type().is_dir() || entry.depth() == 0;
            let left_out = is_hidden(&entry)
                || (is_dir && entry.depth() > 0 && is_archetypes(entry.path()))
                || ignores.as_mut().is_some_and(|ignores| {
                    entry.depth() > 0 && ignores.ignore(entry.path(), entry.depth(), is_dir)
                });
            if left_out {
                if is_dir {
                    entries.skip_current_dir();
                }
            } else if is_dir {
                if let Some(ignores) = &mut ignores {
                    ignores.enter(entry.path(), entry.depth());
                }
            } else {
                self.entry(&entry);
            }
        }
    }

    fn entry(&mut self, entry: &DirEntry) {
        let known = self.is_known(entry.path());
        if entry.file_type().is_file() && known {
            self.files.push(entry.path().to_path_buf());
        } else if entry.file_type().is_file() && !self.options.exports && is_data(entry.path()) {
            self.files.push(entry.path().to_path_buf());
            if !stands_in_site(entry.path(), &mut self.sites) {
                self.offered.insert(entry.path().to_path_buf());
            }
        } else if entry.path_is_symlink() && (known || entry.path().is_dir()) {
            self.links.push(entry.path().to_path_buf());
        } else if known && !entry.path_is_symlink() {
            self.notices.push(WalkNotice {
                path: shown(entry.path()),
                message: "this is a pipe, a socket or a device, and was not read".to_owned(),
                unchecked: false,
            });
        } else if entry.file_type().is_file()
            && self.options.exports
            && entry.file_name() != "probity.toml"
        {
            self.passed_over.add(entry.path());
        }
    }

    fn is_known(&self, path: &Path) -> bool {
        let known = if self.options.exports { EXPORTS } else { KNOWN };
        known.contains(&&*extension(&path.to_string_lossy()))
    }

    fn failed(&mut self, path: &Path, message: &str) {
        let path = shown(path);
        self.notices.push(WalkNotice { path, message: message.to_owned(), unchecked: true });
    }
}

fn describe(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file or directory".to_owned(),
        std::io::ErrorKind::PermissionDenied => "reading it is not permitted".to_owned(),
        _ => format!("it cannot be read: {error}"),
    }
}

/// Whether the name starts with a dot. The start of a walk was named.
fn is_hidden(entry: &DirEntry) -> bool {
    entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".")
}

/// The path without links.
fn real(path: &PathBuf) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.clone())
}

/// Keeps the first of several paths to one file.
fn each_once(files: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut seen = BTreeSet::new();
    files.into_iter().filter(|path| seen.insert(real(path))).collect()
}

pub(super) fn shown(path: &Path) -> String {
    let name = name_of(path.strip_prefix(".").unwrap_or(path));
    if std::path::MAIN_SEPARATOR == '/' {
        name
    } else {
        name.replace(std::path::MAIN_SEPARATOR, "/")
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    /// A directory with these files in it; a name that ends with `/` is a
    /// directory, and `=` gives a file's content.
    fn tree(files: &[&str]) -> TempDir {
        let dir = TempDir::new().unwrap();
        for file in files {
            let (name, content) = file.split_once('=').unwrap_or((file, "x"));
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            if name.ends_with('/') {
                fs::create_dir_all(path).unwrap();
            } else {
                fs::write(path, content).unwrap();
            }
        }
        dir
    }

    fn found(dir: &TempDir, paths: &[&str], no_ignore: bool) -> (Vec<String>, Vec<WalkNotice>) {
        let paths: Vec<_> = paths.iter().map(|path| dir.path().join(path)).collect();
        let (targets, notices) = walk(&paths, &WalkOptions { no_ignore, exports: false });
        let name = |target: &Target| {
            let below = target.path.strip_prefix(dir.path()).unwrap();
            below.to_string_lossy().into_owned()
        };
        let targets = targets.iter().filter(|target| !target.only_if_asked);
        (targets.map(name).collect(), notices)
    }

    #[test]
    fn directories_give_known_files_in_order() {
        let dir =
            tree(&["b.md", "a/x.TXT", "a/.hidden.md", ".dir/y.md", "a/z.rs", "a.csv", "B.md"]);
        assert_eq!(found(&dir, &[""], false).0, ["B.md", "a.csv", "a/x.TXT", "b.md"]);
        let named = ["a/z.rs", "", "a/.hidden.md", "a/../b.md", ".dir"];
        let mut files = found(&dir, &named, false).0;
        files.sort();
        let all = [".dir/y.md", "B.md", "a.csv", "a/.hidden.md", "a/x.TXT", "a/z.rs", "b.md"];
        assert_eq!(files, all);
    }

    #[test]
    fn data_files_are_taken_where_sites_keep_them() {
        let dir = tree(&[
            "package.json",
            "posts.yml",
            "_data/a.yml",
            "_data/x/b.json",
            "site/_data/c.toml",
            "data/d.yaml",
            "hugo/hugo.toml",
            "hugo/data/x/e.toml",
            "_data/.f.yml",
            "_data/g.txt",
        ]);
        let site = ["_data/a.yml", "_data/g.txt", "_data/x/b.json", "hugo/data/x/e.toml"];
        let site: Vec<_> = site.into_iter().chain(["site/_data/c.toml"]).collect();
        assert_eq!(found(&dir, &[""], false).0, site);
        let named = found(&dir, &["", "data/d.yaml", "package.json"], false).0;
        assert!(named.contains(&"data/d.yaml".to_owned()), "{named:?}");
        assert_eq!(named.len(), site.len() + 2);
        let all = walk(&[dir.path().to_path_buf()], &WalkOptions::default()).0;
        assert_eq!(all.iter().filter(|target| target.only_if_asked).count(), 2);
    }

    #[test]
    fn ignore_files_are_obeyed() {
        let dir = tree(&[
            ".git/",
            ".git/info/exclude=secret.md",
            ".gitignore=/out\n*.log.txt\ndraft*.md",
            "site/.gitignore=!draft-ok.md\n",
            "site/sub/.ignore=*.md\n",
            "out/a.md",
            "site/out/a.md",
            "site/x.log.txt",
            "site/draft-ok.md",
            "site/draft-no.md",
            "site/sub/a.md",
            "site/sub/a.txt",
            "site/sub2/a.md",
            "site/secret.md",
        ]);
        let kept = ["site/draft-ok.md", "site/out/a.md", "site/sub/a.txt", "site/sub2/a.md"];
        assert_eq!(found(&dir, &[""], false).0, kept);
        assert_eq!(found(&dir, &["site"], false).0, kept);
        assert_eq!(
            found(&dir, &["out", "site/x.log.txt"], false).0,
            ["out/a.md", "site/x.log.txt"]
        );
        assert_eq!(found(&dir, &[""], true).0.len(), 9);
    }

    #[test]
    fn a_missing_path_is_told() {
        let dir = tree(&["a.md"]);
        let (files, notices) = found(&dir, &["nowhere", "a.md", "a.md"], false);
        assert_eq!(files, ["a.md"]);
        assert_eq!(notices.len(), 1);
        assert!(notices[0].unchecked && notices[0].path.ends_with("nowhere"));
        assert_eq!(notices[0].message, "there is no such file or directory");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_only_when_named() {
        let dir = tree(&["real/a.md", "work/b.md"]);
        let link = |to: &str, at: &str| {
            std::os::unix::fs::symlink(dir.path().join(to), dir.path().join(at)).unwrap();
        };
        link("real", "work/dir");
        link("real/a.md", "work/link.md");
        link("loop", "loop");
        link(".", "work/up");
        let (files, notices) = found(&dir, &["work"], false);
        assert_eq!(files, ["work/b.md"]);
        assert_eq!(notices.iter().map(|n| n.unchecked).collect::<Vec<_>>(), [false; 3]);
        assert_eq!(found(&dir, &["work/dir"], false).0, ["work/dir/a.md"]);
        assert_eq!(found(&dir, &["work/link.md"], false).0, ["work/link.md"]);
        let (files, notices) = found(&dir, &["loop"], false);
        assert!(files.is_empty() && notices[0].unchecked);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn names_that_are_not_unicode_are_shown_with_their_bytes() {
        use std::os::unix::ffi::OsStrExt;
        let dir = tree(&[]);
        let name = std::ffi::OsStr::from_bytes(b"caf\xE9.md");
        fs::write(dir.path().join(name), "x").unwrap();
        let (targets, _) = walk(&[dir.path().to_path_buf()], &WalkOptions::default());
        assert!(targets[0].name.ends_with("caf<0xE9>.md"));
        assert!(targets[0].path.exists());
    }
}
