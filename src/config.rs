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
        Key::optional("facts", Kind::FactsOrFiles, "Facts that hold for every file."),
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
        Key::optional("facts", Kind::FactsOrFiles, "Facts that hold for them."),
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
    /// Facts whose values stand in files: the place of the name, and the file.
    fact_files: Vec<(Span, String)>,
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
    /// Reads a configuration. `open` reads the files it names, by their paths
    /// relative to `root`, or says why it cannot. Every fault is added to `faults`.
    pub fn read(
        file: &Arc<SourceFile>,
        root: &Path,
        open: &dyn Fn(&Path) -> Result<String, String>,
        faults: &mut Vec<Diagnostic>,
    ) -> Self {
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
        let mut fact_files = Vec::new();
        let mut facts = |view: View<'_>, faults: &mut Vec<Diagnostic>| {
            let open = |path: &str| open(&root.join(path));
            facts(file, view, &open, &mut fact_files, faults)
        };
        let of_all = facts(view, faults);
        let paths = view
            .tables("path")
            .into_iter()
            .map(|path| PathConfig {
                globs: globs(file, path, "glob", faults),
                facts: facts(path, faults),
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
            facts: of_all,
            severity,
            paths,
            exclude: view.has("exclude").then(|| globs(file, view, "exclude", faults)),
            severity_places,
            fact_files,
            file: Some(Arc::clone(file)),
        }
    }

    /// Holds names of facts and rules against the packs in use.
    pub fn check_against(&self, set: &PackSet, faults: &mut Vec<Diagnostic>) {
        let Some(file) = &self.file else { return };
        let all = self.facts.iter().chain(self.paths.iter().flat_map(|path| &path.facts));
        for (name, value, span) in all {
            let listed = self.fact_files.iter().find(|(place, _)| place == span);
            let single = set.fact(name).is_some_and(|fact| !fact.kind.takes_several());
            if listed.is_some() && single {
                let message = format!("the fact `{name}` takes one value, not the lines of a file");
                faults.push(Diagnostic::fault(file, *span, message).label("set here"));
            } else if let Err(message) = set.check_fact(name, value) {
                // What is wrong with a value is wrong in the file that holds it.
                let message = match listed {
                    Some((_, path)) if set.fact(name).is_some() => format!("{path}: {message}"),
                    _ => message,
                };
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

/// The facts of a table, by name. Those whose values stand in files are noted.
fn facts(
    file: &Arc<SourceFile>,
    view: View<'_>,
    open: &dyn Fn(&str) -> Result<String, String>,
    files: &mut Vec<(Span, String)>,
    faults: &mut Vec<Diagnostic>,
) -> Vec<(String, FactValue, Span)> {
    let Some(table) = view.table("facts") else { return Vec::new() };
    let mut facts = BTreeMap::new();
    for (name, value) in table.entries() {
        let value = match View::of(value) {
            None => fact_value(value),
            Some(table) => table.text("file").and_then(|path| {
                files.push((name.span, path.value.to_owned()));
                match open(path.value).and_then(|text| values_in(&text)) {
                    Ok(value) => Some(value),
                    Err(why) => {
                        let (name, path_name) = (name.value, path.value);
                        let message =
                            format!("the values of `{name}` cannot come from {path_name}: {why}");
                        faults
                            .push(Diagnostic::fault(file, path.span, message).label("named here"));
                        None
                    }
                }
            }),
        };
        if let Some(value) = value {
            facts.insert(name.value.to_owned(), (value, name.span));
        }
    }
    facts.into_iter().map(|(name, (value, span))| (name, value, span)).collect()
}

/// The values in a file that has one a line; says why there are none.
pub fn values_in(text: &str) -> Result<FactValue, String> {
    let values: Vec<_> = syntax::one_a_line(text).map(|(item, _)| item.to_owned()).collect();
    if values.is_empty() {
        return Err("it has no value in it; write one a line".to_owned());
    }
    Ok(FactValue::List(values))
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
