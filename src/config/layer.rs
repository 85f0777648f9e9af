//! Reading a file of configuration and those it builds on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::place::{Place, way, whole};
use super::{CONFIG_FILE, Config, FailOn, Globs, NamedFile, PackList, PathConfig};
use crate::facts::FactValue;
use crate::input::field_fault;
use crate::pack::{Severity, fact_value};
use crate::syntax::{self, Diagnostic, SourceFile, View};
use crate::text::Span;

/// So many files build on one another at most. Links in the file system can make a
/// circle that has a new name at every turn.
const DEEPEST: usize = 32;

/// Reads a file as text, or says why it cannot.
pub type Open<'o> = dyn Fn(&Path) -> Result<String, String> + 'o;

impl Config {
    /// Reads a configuration and what it builds on. `open` reads the files it names.
    /// Every fault is added to `faults`.
    pub fn read(path: &Path, text: String, open: &Open<'_>, faults: &mut Vec<Diagnostic>) -> Self {
        let mut config = Self::default();
        let mut reader = Reader { open, faults, seen: BTreeSet::new(), path: Vec::new() };
        reader.file(path, text, &mut config);
        config
    }
}

struct Reader<'o, 'f> {
    open: &'o Open<'o>,
    faults: &'f mut Vec<Diagnostic>,
    /// The files that were read: two may build on one.
    seen: BTreeSet<PathBuf>,
    /// Those that lead to the one that is being read.
    path: Vec<PathBuf>,
}

impl Reader<'_, '_> {
    fn file(&mut self, path: &Path, text: String, config: &mut Config) {
        let identity = whole(path);
        self.seen.insert(identity.clone());
        self.path.push(identity);
        let name = path.to_string_lossy().replace('\\', "/");
        let file = Arc::new(SourceFile { name, text: text.into() });
        let parsed = syntax::parse(&file, self.faults);
        let view = View::root(&parsed);
        syntax::check(&file, view, &CONFIG_FILE, self.faults);
        let root = path.parent().unwrap_or(Path::new(""));
        for base in view.texts("extends") {
            self.base(&root.join(base.value), &Place::new(&file, base.span), config);
        }
        self.path.pop();
        config.files.push(Arc::clone(&file));
        self.layer(&file, root, view, config);
    }

    fn base(&mut self, path: &Path, named: &Place, config: &mut Config) {
        let path = tidy(path);
        let identity = whole(&path);
        if self.path.contains(&identity) {
            let fault = named.fault("files of configuration extend one another in a circle");
            self.faults.push(fault.label("back to where it began"));
        } else if self.path.len() >= DEEPEST {
            let fault = named.fault(format!("more than {DEEPEST} files extend one another"));
            self.faults.push(fault.label("this one is not read"));
        } else if !self.seen.contains(&identity) {
            match (self.open)(&path) {
                Ok(text) => self.file(&path, text, config),
                Err(why) => {
                    let message = format!("cannot extend {}: {why}", path.display());
                    self.faults.push(named.fault(message).label("named here"));
                }
            }
        }
    }

    /// What one file says, over what is there already.
    fn layer(&mut self, file: &Arc<SourceFile>, root: &Path, view: View<'_>, config: &mut Config) {
        if let Some(packs) = packs(file, root, view) {
            config.packs = Some(packs);
        }
        if let Some((fail_on, place)) = fail_on(file, view) {
            config.fail_on = Some(fail_on);
            config.fail_on_place = Some(place);
        }
        if let Some(written) = view.text("baseline") {
            config.baseline = Some(named_file(file, root, written.value, written.span));
        }
        for written in view.texts("suppressions") {
            config.suppressions.push(named_file(file, root, written.value, written.span));
        }
        if view.has("exclude") {
            config.exclude = Some(Globs::read(file, root, view, "exclude", self.faults));
        }
        config.add_severities(&severities(file, view));
        for (name, value, place) in self.facts(file, root, view, config) {
            match config.facts.binary_search_by(|(known, ..)| known.cmp(&name)) {
                Ok(at) => config.facts[at] = (name, value, place),
                Err(at) => config.facts.insert(at, (name, value, place)),
            }
        }
        for table in view.tables("path") {
            for text in table.texts("fields") {
                if let Some(why) = field_fault(text.value) {
                    self.faults.push(Diagnostic::fault(file, text.span, why).label("here"));
                }
            }
            let path = PathConfig {
                globs: Globs::read(file, root, table, "glob", self.faults),
                packs: packs(file, root, table),
                facts: self.facts(file, root, table, config),
                severity: severities(file, table),
                fail_on: fail_on(file, table),
                fields: table.texts("fields").iter().map(|text| text.value.to_owned()).collect(),
                fields_place: table.has("fields").then(|| Place::new(file, table.place("fields"))),
            };
            config.paths.push(path);
        }
    }

    /// The facts of a table, by name. Those whose values stand in files are noted.
    fn facts(
        &mut self,
        file: &Arc<SourceFile>,
        root: &Path,
        view: View<'_>,
        config: &mut Config,
    ) -> Vec<(String, FactValue, Place)> {
        let Some(table) = view.table("facts") else { return Vec::new() };
        let mut facts = BTreeMap::new();
        for (name, value) in table.entries() {
            let place = Place::new(file, name.span);
            let value = match View::of(value) {
                None => fact_value(value),
                Some(table) => table.text("file").and_then(|path| {
                    let named = named_file(file, root, path.value, path.span);
                    config.fact_files.push((place.clone(), named));
                    let text = (self.open)(&root.join(path.value));
                    match text.and_then(|text| values_in(&text)) {
                        Ok(value) => Some(value),
                        Err(why) => {
                            let (name, path_name) = (name.value, path.value);
                            let message = format!(
                                "the values of `{name}` cannot come from {path_name}: {why}"
                            );
                            let place = Place::new(file, path.span);
                            self.faults.push(place.fault(message).label("named here"));
                            None
                        }
                    }
                }),
            };
            if let Some(value) = value {
                facts.insert(name.value.to_owned(), (value, place));
            }
        }
        facts.into_iter().map(|(name, (value, place))| (name, value, place)).collect()
    }
}

/// A path without detours, as people would write it from this folder.
fn tidy(path: &Path) -> PathBuf {
    if path.is_absolute() { whole(path) } else { way(&whole(Path::new("")), &whole(path)) }
}

fn packs(file: &Arc<SourceFile>, root: &Path, view: View<'_>) -> Option<PackList> {
    view.has("packs").then(|| {
        let names: Vec<(String, Span)> =
            view.texts("packs").iter().map(|text| (text.value.to_owned(), text.span)).collect();
        PackList { names, root: root.to_owned(), place: Place::new(file, view.place("packs")) }
    })
}

fn named_file(file: &Arc<SourceFile>, root: &Path, name: &str, span: Span) -> NamedFile {
    let path = whole(&root.join(name));
    NamedFile { name: name.to_owned(), path, place: Place::new(file, span) }
}

fn fail_on(file: &Arc<SourceFile>, view: View<'_>) -> Option<(FailOn, Place)> {
    let written = view.text("fail_on")?;
    Some((FailOn::by_name(written.value)?, Place::new(file, view.place("fail_on"))))
}

fn severities(file: &Arc<SourceFile>, view: View<'_>) -> Vec<(String, Option<Severity>, Place)> {
    let Some(table) = view.table("severity") else { return Vec::new() };
    let entries = table.entries().filter_map(|(name, value)| {
        let written = syntax::as_text(value)?;
        let place = Place::new(file, name.span);
        Some((name.value.to_owned(), Severity::by_name(written.value), place))
    });
    entries.collect()
}

/// The values in a file that has one a line; says why there are none.
pub fn values_in(text: &str) -> Result<FactValue, String> {
    let values: Vec<_> = syntax::one_a_line(text).map(|(item, _)| item.to_owned()).collect();
    if values.is_empty() {
        return Err("it has no value in it; write one a line".to_owned());
    }
    Ok(FactValue::list(values))
}
