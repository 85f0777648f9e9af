//! `probity.toml`: which packs, which facts, which severities, for which files.

mod globs;
mod layer;
mod place;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use globs::Globs;
pub use layer::values_in;
pub use place::{Place, relative_to, way, whole};

use crate::facts::FactValue;
use crate::judge::SeverityOverrides;
use crate::pack::{PackSet, Severity, shipped_names};
use crate::suppress::{Fault, is_built_in};
use crate::syntax::{Diagnostic, Key, Kind, SourceFile, Spec, nearest};
use crate::text::Span;

/// The name of the file.
pub const FILE_NAME: &str = "probity.toml";

const SEVERITIES: &[&str] = &["error", "warning", "note", "off"];

const FAIL_ON: &[&str] = &["error", "warning", "note", "never"];

/// Every key of the file.
pub const CONFIG_FILE: Spec = Spec {
    name: "`probity.toml`",
    about: "What probity checks in this folder, and how.",
    keys: &[
        Key::optional(
            "extends",
            Kind::Texts,
            "Files of configuration this one builds on, relative to it. What this file says wins; later ones win over earlier ones.",
        ),
        Key::optional(
            "packs",
            Kind::Texts,
            "Packs to use: the name of a shipped pack, a file or a folder. All shipped packs otherwise.",
        ),
        Key::optional(
            "fail_on",
            Kind::Choice(FAIL_ON),
            "The least severity that makes the exit code 1; `error` otherwise.",
        ),
        Key::optional(
            "exclude",
            Kind::Texts,
            "Files to leave out of folders that are checked, as globs relative to this file.",
        ),
        Key::optional("facts", Kind::FactsOrFiles, "Facts that hold for every file."),
        Key::optional(
            "baseline",
            Kind::Text,
            "The file of findings that are accepted until they are mended; `probity baseline` writes it.",
        ),
        Key::optional(
            "suppressions",
            Kind::Texts,
            "More files of suppressions, besides each `probity-suppressions.toml` beside or above a file.",
        ),
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
        Key::optional("packs", Kind::Texts, "The packs to use for them, and no others."),
        Key::optional("facts", Kind::FactsOrFiles, "Facts that hold for them."),
        Key::optional(
            "severity",
            Kind::NamedChoice(SEVERITIES),
            "Severities of rules or families in them; `off` switches one off.",
        ),
        Key::optional(
            "fail_on",
            Kind::Choice(FAIL_ON),
            "The least severity in them that makes the exit code 1.",
        ),
        Key::optional(
            "fields",
            Kind::Texts,
            "What to check in them: columns of CSV files, keys of data files such as `posts[*].text` or `**.alt`, and further keys of front matter. A `!` in front leaves one out.",
        ),
    ],
};

/// What holds for some files: a file of configuration and all that it builds on,
/// merged.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The files it was read from, the weakest first.
    pub files: Vec<Arc<SourceFile>>,
    /// The packs.
    pub packs: Option<PackList>,
    /// The least severity that makes the exit code 1, if it says one.
    pub fail_on: Option<FailOn>,
    /// Where it says so.
    pub fail_on_place: Option<Place>,
    /// Facts for every file, by name.
    pub facts: Vec<(String, FactValue, Place)>,
    /// The baseline, as written, with the folder it is relative to.
    pub baseline: Option<NamedFile>,
    /// Files of suppressions.
    pub suppressions: Vec<NamedFile>,
    /// Severities of rules.
    pub severity: SeverityOverrides,
    /// Where they are given.
    pub severity_places: BTreeMap<String, Place>,
    /// What is different for some files.
    pub paths: Vec<PathConfig>,
    /// What is left out of folders.
    pub exclude: Option<Globs>,
    /// Facts whose values stand in files: the place of the name, and the file.
    pub fact_files: Vec<(Place, NamedFile)>,
}

/// A file that configuration names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// As written.
    pub name: String,
    /// Where it is, absolute.
    pub path: PathBuf,
    /// Where it is named.
    pub place: Place,
}

/// The packs that a file of configuration names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackList {
    /// As written, with their places.
    pub names: Vec<(String, Span)>,
    /// The folder they are relative to.
    pub root: PathBuf,
    /// The key.
    pub place: Place,
}

impl PackList {
    /// What stands for the packs whoever names them: two lists with the same identity
    /// name the same packs.
    pub fn identity(&self) -> Vec<PathBuf> {
        let shipped = |name: &str| shipped_names().any(|known| known == name);
        let names = self.names.iter().map(|(name, _)| name.as_str());
        names
            .map(
                |name| {
                    if shipped(name) { PathBuf::from(name) } else { whole(&self.root.join(name)) }
                },
            )
            .collect()
    }
}

/// What is different for some files.
#[derive(Clone, Debug)]
pub struct PathConfig {
    /// The files.
    pub globs: Globs,
    /// Packs for them, and no others.
    pub packs: Option<PackList>,
    /// Facts for them.
    pub facts: Vec<(String, FactValue, Place)>,
    /// Severities for them.
    pub severity: Vec<(String, Option<Severity>, Place)>,
    /// The least severity in them that makes the exit code 1.
    pub fail_on: Option<(FailOn, Place)>,
    /// Columns of CSV files and keys of data files and front matter among them.
    pub fields: Vec<String>,
    /// Where these columns are named.
    pub fields_place: Option<Place>,
}

impl PathConfig {
    /// Whether files it is about may be judged otherwise than files it is not about,
    /// in more than their facts.
    fn decides(&self) -> bool {
        self.packs.is_some() || self.fail_on.is_some() || !self.severity.is_empty()
    }
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
    /// The folder of the file that counts most; this folder without any.
    pub fn root(&self) -> PathBuf {
        let file = self.files.last().map(|file| Path::new(&file.name).to_owned());
        file.and_then(|file| file.parent().map(Path::to_owned)).unwrap_or_default()
    }

    /// Every pack list it names, the one for all files first; `None` where it names none
    /// for all.
    pub fn pack_lists(&self) -> impl Iterator<Item = Option<&PackList>> {
        let of_paths = self.paths.iter().filter_map(|path| path.packs.as_ref()).map(Some);
        std::iter::once(self.packs.as_ref()).chain(of_paths)
    }

    /// Whether a file is left out.
    pub fn excludes(&self, path: &Path) -> bool {
        self.exclude.as_ref().is_some_and(|globs| globs.matches(path))
    }

    /// The tables that are about a file, in order.
    pub fn for_path<'c>(&'c self, path: &Path) -> impl Iterator<Item = &'c PathConfig> {
        let path = if self.paths.is_empty() { PathBuf::new() } else { whole(path) };
        self.paths.iter().filter(move |table| table.globs.matches(&path))
    }

    /// Whether something says what to check in a file: data files that a walk comes
    /// across are checked only then.
    pub fn asks_for(&self, path: &Path) -> bool {
        self.for_path(path).any(|table| !table.fields.is_empty())
    }

    /// The tables about a file that decide more than facts, by their index. Files with
    /// the same ones are judged alike.
    pub fn deciding(&self, path: &Path) -> Vec<usize> {
        let tables = self.paths.iter().enumerate();
        tables
            .filter(|(_, table)| table.decides() && table.globs.matches(path))
            .map(|(at, _)| at)
            .collect()
    }

    /// The same with the packs, severities and fail level of these tables as those for
    /// all files.
    #[must_use]
    pub fn with_tables(&self, tables: &[usize]) -> Self {
        let mut config = self.clone();
        for table in tables.iter().filter_map(|&at| self.paths.get(at)) {
            if table.packs.is_some() {
                config.packs.clone_from(&table.packs);
            }
            if let Some((fail_on, place)) = &table.fail_on {
                config.fail_on = Some(*fail_on);
                config.fail_on_place = Some(place.clone());
            }
            config.add_severities(&table.severity);
        }
        config
    }

    /// The facts for a file, by name; for those of a table, the table.
    pub fn facts_for(
        &self,
        path: &Path,
    ) -> BTreeMap<&str, (&FactValue, &Place, Option<&PathConfig>)> {
        let all =
            self.facts.iter().map(|(name, value, place)| (name.as_str(), (value, place, None)));
        let mut facts: BTreeMap<_, _> = all.collect();
        for table in self.for_path(path) {
            for (name, value, place) in &table.facts {
                facts.insert(name, (value, place, Some(table)));
            }
        }
        facts
    }

    /// Adds severities that win over those there are: one for a family also over those
    /// of single rules of it, which were given without knowing it.
    fn add_severities(&mut self, severities: &[(String, Option<Severity>, Place)]) {
        for (family, ..) in severities.iter().filter(|(name, ..)| !name.contains('/')) {
            let of_family = |name: &str| name.split('/').next() == Some(family);
            self.severity.retain(|name, _| !of_family(name));
            self.severity_places.retain(|name, _| !of_family(name));
        }
        for (name, severity, place) in severities {
            self.severity.insert(name.clone(), *severity);
            self.severity_places.insert(name.clone(), place.clone());
        }
    }

    /// Where the severity of a rule is given.
    pub fn severity_place(&self, rule: &str) -> Option<&Place> {
        let family = rule.split('/').next().unwrap_or(rule);
        self.severity_places.get(rule).or_else(|| self.severity_places.get(family))
    }

    /// Holds names of facts and rules against the packs in use, of which each name must
    /// be known to some. `elsewhere` reads packs that are not in use and whose names are
    /// left alone; where it cannot, nobody can say which names are wrong.
    pub fn check_against(
        &self,
        sets: &[Arc<PackSet>],
        elsewhere: &dyn Fn() -> Option<Vec<Arc<PackSet>>>,
        faults: &mut Vec<Diagnostic>,
    ) {
        let others = OnceCell::new();
        let others = || others.get_or_init(elsewhere).as_deref();
        let all = self.facts.iter().chain(self.paths.iter().flat_map(|path| &path.facts));
        for (name, value, place) in all {
            let knowing = |set: &&Arc<PackSet>| set.fact(name).is_some();
            let mut asked: Vec<_> = sets.iter().filter(knowing).collect();
            if asked.is_empty() && !self.is_for_other_packs(place) {
                let Some(others) = others() else { continue };
                if others.iter().any(|set| knowing(&set)) {
                    continue;
                }
                let mut all = sets.iter().chain(others);
                let guesses = |set: &&Arc<PackSet>| {
                    nearest(name, set.facts().iter().map(|fact| fact.name.as_str())).is_some()
                };
                asked.extend(all.clone().find(guesses).or_else(|| all.next()));
            }
            for set in asked {
                if let Err(fault) = self.check_fact(set, name, value, place) {
                    faults.push(fault);
                    break;
                }
            }
        }
        let of_all = self.severity_places.iter();
        let of_paths = self.paths.iter().flat_map(|path| &path.severity);
        for (name, place) in of_all.chain(of_paths.map(|(name, _, place)| (name, place))) {
            if is_built_in(name) || knows_rule(sets, name) || self.is_for_other_packs(place) {
                continue;
            }
            let Some(others) = others().filter(|others| !knows_rule(others, name)) else {
                continue;
            };
            let sets = || sets.iter().chain(others);
            let rules = sets().flat_map(|set| set.rules()).map(|(_, rule)| rule.id.as_str());
            let known = rules.chain(sets().flat_map(|set| families(set)));
            let known = known.chain(Fault::ALL.iter().map(|fault| fault.rule()));
            faults.push(
                place
                    .fault(format!("no pack in use has a rule or family `{name}`"))
                    .label("unknown")
                    .did_you_mean(name, known),
            );
        }
    }

    /// Whether a value was written for packs that a nearer file has replaced.
    fn is_for_other_packs(&self, place: &Place) -> bool {
        let rank = |of: &Place| self.files.iter().position(|file| Arc::ptr_eq(file, &of.file));
        let packs = self.packs.as_ref().and_then(|packs| rank(&packs.place));
        packs.is_some_and(|packs| rank(place).is_some_and(|rank| rank < packs))
    }

    fn check_fact(
        &self,
        set: &PackSet,
        name: &str,
        value: &FactValue,
        place: &Place,
    ) -> Result<(), Diagnostic> {
        let listed = self.fact_files.iter().find(|(of, _)| of == place);
        let single = set.fact(name).is_some_and(|fact| !fact.kind.takes_several());
        if listed.is_some() && single {
            let message = format!("the fact `{name}` takes one value, not the lines of a file");
            return Err(place.fault(message).label("set here"));
        }
        set.check_fact(name, value).map_err(|message| {
            // What is wrong with a value is wrong in the file that holds it.
            let message = match listed {
                Some((_, file)) if set.fact(name).is_some() => {
                    format!("{}: {message}", file.name)
                }
                _ => message,
            };
            place.fault(message).label("set here")
        })
    }

    /// Without what the packs do not ask for, and with the names that rules have now:
    /// other packs may hold for other files.
    #[must_use]
    pub fn for_packs(mut self, set: &PackSet) -> Self {
        let known = |facts: &mut Vec<(String, FactValue, Place)>| {
            facts.retain(|(name, ..)| set.fact(name).is_some());
        };
        known(&mut self.facts);
        self.paths.iter_mut().for_each(|path| known(&mut path.facts));
        let renamed: Vec<(String, String)> = self
            .severity
            .keys()
            .filter_map(|name| Some((name.clone(), set.rule(name)?.1.id.clone())))
            .filter(|(old, new)| old != new)
            .collect();
        for (old, new) in renamed {
            if let (Some(severity), Some(place)) =
                (self.severity.remove(&old), self.severity_places.remove(&old))
            {
                self.severity.entry(new.clone()).or_insert(severity);
                self.severity_places.entry(new).or_insert(place);
            }
        }
        self
    }
}

/// The families that packs have.
fn families(set: &PackSet) -> impl Iterator<Item = &str> {
    set.packs().iter().flat_map(|pack| pack.families.iter().map(String::as_str))
}

/// Whether some pack has a rule or a family of that name.
fn knows_rule(sets: &[Arc<PackSet>], name: &str) -> bool {
    sets.iter().any(|set| set.rule(name).is_some() || families(set).any(|known| known == name))
}
