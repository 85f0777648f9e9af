//! `probity.toml`: which packs, which facts, which severities, for which files.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::facts::FactValue;
use crate::judge::SeverityOverrides;
use crate::pack::{PackSet, Severity, fact_value};
use crate::syntax::{self, Diagnostic, Key, Kind, SourceFile, Spec, View};
use crate::text::Span;

/// The name of the file.
pub const FILE_NAME: &str = "probity.toml";

const SEVERITIES: &[&str] = &["error", "warning", "note", "off"];

/// Every key of the file.
pub const CONFIG_FILE: Spec = Spec {
    name: "`probity.toml`",
    about: "What probity checks in this folder, and how.",
    keys: &[
        Key::optional(
            "packs",
            Kind::Texts,
            "Packs to use: the name of a shipped pack, a file or a folder. All shipped packs otherwise.",
        ),
        Key::optional(
            "fail_on",
            Kind::Choice(&["error", "warning", "note", "never"]),
            "The least severity that makes the exit code 1; `error` otherwise.",
        ),
        Key::optional(
            "exclude",
            Kind::Texts,
            "Files to leave out, as globs relative to this file.",
        ),
        Key::optional("facts", Kind::Facts, "Facts that hold for every file."),
        Key::optional(
            "severity",
            Kind::NamedChoice(SEVERITIES),
            "Severities of rules or families; `off` switches one off.",
        ),
        Key::optional("path", Kind::Tables(&PATH), "What is different for some files."),
    ],
};

const PATH: Spec = Spec {
    name: "`[[path]]`",
    about: "What is different for some files. Later tables win.",
    keys: &[
        Key::required("glob", Kind::Texts, "The files, as globs relative to this file."),
        Key::optional("facts", Kind::Facts, "Facts that hold for them."),
        Key::optional("fields", Kind::Texts, "The columns of CSV files to check."),
    ],
};

/// What a file of configuration says.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The folder that globs are relative to.
    pub root: PathBuf,
    /// The packs, as written, with their places.
    pub packs: Option<Vec<(String, Span)>>,
    /// The least severity that makes the exit code 1, if it says one.
    pub fail_on: Option<FailOn>,
    /// Facts for every file.
    pub facts: Vec<(String, FactValue, Span)>,
    /// Severities of rules.
    pub severity: SeverityOverrides,
    /// Facts and columns for some files.
    pub paths: Vec<PathConfig>,
    exclude: Option<GlobSet>,
    severity_places: Vec<(String, Span)>,
    file: Option<Arc<SourceFile>>,
}

/// What is different for some files.
#[derive(Clone, Debug)]
pub struct PathConfig {
    globs: GlobSet,
    /// Facts for them.
    pub facts: Vec<(String, FactValue, Span)>,
    /// Columns of CSV files among them.
    pub fields: Vec<String>,
}

/// The least severity that makes the exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// This one and worse.
    Severity(Severity),
    /// None: findings never make it 1.
    Never,
}

impl FailOn {
    /// Whether a finding of this severity counts.
    pub fn counts(self, severity: Severity) -> bool {
        match self {
            Self::Severity(least) => severity >= least,
            Self::Never => false,
        }
    }

    /// As written in configuration and on the command line.
    pub fn by_name(name: &str) -> Option<Self> {
        match name {
            "never" => Some(Self::Never),
            name => Severity::by_name(name).map(Self::Severity),
        }
    }
}

impl Config {
    /// Reads a configuration. Every fault is added to `faults`.
    pub fn read(file: &Arc<SourceFile>, root: &Path, faults: &mut Vec<Diagnostic>) -> Self {
        let parsed = syntax::parse(file, faults);
        let view = View::root(&parsed);
        syntax::check(file, view, &CONFIG_FILE, faults);
        let mut severity = SeverityOverrides::new();
        let mut severity_places = Vec::new();
        if let Some(table) = view.table("severity") {
            for (name, value) in table.entries() {
                if let Some(text) = syntax::as_text(value) {
                    severity.insert(name.value.to_owned(), Severity::by_name(text.value));
                    severity_places.push((name.value.to_owned(), name.span));
                }
            }
        }
        let paths = view
            .tables("path")
            .into_iter()
            .map(|path| PathConfig {
                globs: globs(file, path, "glob", faults),
                facts: facts(path),
                fields: path.texts("fields").iter().map(|text| text.value.to_owned()).collect(),
            })
            .collect();
        Self {
            root: root.to_owned(),
            packs: view.has("packs").then(|| {
                view.texts("packs")
                    .into_iter()
                    .map(|text| (text.value.to_owned(), text.span))
                    .collect()
            }),
            fail_on: view.text("fail_on").and_then(|text| FailOn::by_name(text.value)),
            facts: facts(view),
            severity,
            paths,
            exclude: view.has("exclude").then(|| globs(file, view, "exclude", faults)),
            severity_places,
            file: Some(Arc::clone(file)),
        }
    }

    /// Holds names of facts and rules against the packs in use.
    pub fn check_against(&self, set: &PackSet, faults: &mut Vec<Diagnostic>) {
        let Some(file) = &self.file else { return };
        let all = self.facts.iter().chain(self.paths.iter().flat_map(|path| &path.facts));
        for (name, value, span) in all {
            if let Err(message) = set.check_fact(name, value) {
                faults.push(Diagnostic::fault(file, *span, message).label("set here"));
            }
        }
        let families: Vec<&str> =
            set.packs().iter().flat_map(|pack| pack.families.iter().map(String::as_str)).collect();
        for (name, span) in &self.severity_places {
            if set.rule(name).is_none() && !families.contains(&name.as_str()) {
                let known =
                    set.rules().map(|(_, rule)| rule.id.as_str()).chain(families.iter().copied());
                faults.push(
                    Diagnostic::fault(
                        file,
                        *span,
                        format!("no pack in use has a rule or family `{name}`"),
                    )
                    .label("unknown")
                    .did_you_mean(name, known),
                );
            }
        }
    }

    /// Whether a file is left out.
    pub fn excludes(&self, path: &Path) -> bool {
        self.exclude.as_ref().is_some_and(|globs| globs.is_match(self.relative(path)))
    }

    /// The tables that are about a file, in order.
    pub fn for_path<'c>(&'c self, path: &Path) -> impl Iterator<Item = &'c PathConfig> {
        let relative = self.relative(path);
        self.paths.iter().filter(move |config| config.globs.is_match(&relative))
    }

    /// A path relative to the folder of the configuration.
    fn relative(&self, path: &Path) -> PathBuf {
        let (whole, root) = (whole(path), whole(&self.root));
        whole.strip_prefix(&root).map_or_else(|_| path.to_owned(), Path::to_owned)
    }
}

/// The absolute path without `.` and `..`: a configuration found above this
/// folder is `../probity.toml`, and `std::path::absolute` keeps the dots.
fn whole(path: &Path) -> PathBuf {
    // The folder of `probity.toml` here is the empty path, which `absolute` refuses.
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

fn facts(view: View<'_>) -> Vec<(String, FactValue, Span)> {
    let Some(table) = view.table("facts") else { return Vec::new() };
    let facts: BTreeMap<_, _> = table
        .entries()
        .filter_map(|(name, value)| Some((name.value.to_owned(), (fact_value(value)?, name.span))))
        .collect();
    facts.into_iter().map(|(name, (value, span))| (name, value, span)).collect()
}

fn globs(
    file: &Arc<SourceFile>,
    view: View<'_>,
    key: &str,
    faults: &mut Vec<Diagnostic>,
) -> GlobSet {
    let mut builder = GlobSetBuilder::new();
    for text in view.texts(key) {
        // `social` means the folder and all that is in it.
        for pattern in [text.value.to_owned(), format!("{}/**", text.value.trim_end_matches('/'))] {
            match Glob::new(&pattern) {
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
    builder.build().unwrap_or_default()
}
