//! Suppressions in a file of their own, for formats that have no comments and for texts
//! that nobody may touch.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::{Glob, GlobSet, GlobSetBuilder};
use jiff::civil::Date;

use super::comments::Judged;
use super::names::Name;
use super::{Fault, grammar};
use crate::file_names::glob_patterns;
use crate::finding::{Finding, SuppressedBy, Suppression};
use crate::judge::{Faulty, SeverityOverrides, safe};
use crate::pack::PackSet;
use crate::record::means;
use crate::syntax::{self, Diagnostic, Key, Kind, SourceFile, Spec, View};
use crate::text::{Decoded, Folded, Span};

/// The name under which it is found.
pub const SIDE_FILE_NAME: &str = "probity-suppressions.toml";

/// Every key of the file.
pub const SIDE_FILE: Spec = Spec {
    name: "`probity-suppressions.toml`",
    about: "Findings that somebody has accepted, and why.",
    keys: &[Key::optional("suppress", Kind::Tables(&SUPPRESS), "One suppression each.")],
};

const SUPPRESS: Spec = Spec {
    name: "`[[suppress]]`",
    about: "Findings that are accepted. All that is said must hold of a finding.",
    keys: &[
        Key::required("paths", Kind::Texts, "The files, as globs relative to this file."),
        Key::required("rule", Kind::Texts, "The rules; a family only where no key narrows it."),
        Key::optional("record", Kind::Whole, "The record of a table, from 1 behind the header."),
        Key::optional("field", Kind::Texts, "The fields or columns."),
        Key::optional("words", Kind::Texts, "The words found, without case and accents."),
        Key::optional("fingerprint", Kind::Texts, "Fingerprints, as in a report."),
        Key::optional("reason", Kind::Text, "Why they are accepted. It does not hold without."),
        Key::optional("owner", Kind::Text, "Who answers for it."),
        Key::optional("until", Kind::Date, "The last day on which it holds."),
    ],
};

/// A file of suppressions.
#[derive(Debug)]
pub struct SideFile {
    /// The folder that its globs are relative to, absolute.
    pub folder: PathBuf,
    /// The name shown to people.
    pub name: String,
    /// Its text.
    pub source: Decoded,
    /// Its suppressions, in order.
    pub entries: Vec<Entry>,
}

/// One suppression.
#[derive(Debug)]
pub struct Entry {
    globs: GlobSet,
    /// The globs, as written.
    pub paths: Vec<String>,
    rules: Vec<(Name, String, Span)>,
    record: Option<u64>,
    fields: Vec<String>,
    words: Vec<String>,
    fingerprints: Vec<String>,
    reason: Option<String>,
    owner: Option<String>,
    until: Option<(Date, Span)>,
    head: Span,
}

/// What the suppressions of side files did in a document: indices of a file, of an
/// entry in it, and of a rule in that.
#[derive(Debug, Default)]
pub struct SideUse {
    /// Those that silenced something.
    pub used: BTreeSet<(usize, usize, usize)>,
    /// Those of which nobody can say that there is nothing to silence.
    pub untold: BTreeSet<(usize, usize, usize)>,
    /// The entries whose paths name the document.
    pub met: BTreeSet<(usize, usize)>,
}

/// A document beside a file of suppressions.
#[derive(Clone, Copy)]
pub struct Beside<'a> {
    /// The place of the file among the files of suppressions.
    pub at: usize,
    /// The path of the document, relative to the folder of the file.
    pub path: &'a Path,
    /// The day of the check.
    pub day: Option<Date>,
    /// Its rules, once they have been judged.
    pub judged: &'a Judged<'a>,
    /// Masks what nobody may see in a reason.
    pub hide: &'a dyn Fn(&str) -> String,
}

impl SideUse {
    /// Adds what was done in another document.
    pub fn join(&mut self, mut other: Self) {
        self.used.append(&mut other.used);
        self.untold.append(&mut other.untold);
        self.met.append(&mut other.met);
    }
}

impl SideFile {
    /// Reads a file. Every fault is added to `faults`.
    pub fn read(
        file: &Arc<SourceFile>,
        folder: PathBuf,
        source: Decoded,
        sets: &[&PackSet],
        faults: &mut Vec<Diagnostic>,
    ) -> Self {
        let parsed = syntax::parse(file, faults);
        let view = View::root(&parsed);
        syntax::check(file, view, &SIDE_FILE, faults);
        let entries =
            view.tables("suppress").into_iter().map(|view| Entry::read(file, view, sets, faults));
        let entries = entries.collect();
        Self { folder, name: file.name.clone(), source, entries }
    }

    /// Accepts the findings of a document that the file is about.
    pub fn accept(&self, of: &Beside<'_>, findings: &mut [Finding], side_use: &mut SideUse) {
        let Beside { at, path, day, judged, hide } = *of;
        for (entry_at, entry) in self.entries.iter().enumerate() {
            if !entry.globs.is_match(path) {
                continue;
            }
            side_use.met.insert((at, entry_at));
            let Some(reason) = entry.reason.as_ref().filter(|_| !entry.is_expired(day)) else {
                // Under other settings it may not have ended yet.
                side_use.untold.extend((0..entry.rules.len()).map(|rule| (at, entry_at, rule)));
                continue;
            };
            let mut suppression = None;
            for (rule_at, (name, ..)) in entry.rules.iter().enumerate() {
                let key = (at, entry_at, rule_at);
                if !judged.tells_of(name) {
                    side_use.untold.insert(key);
                }
                for finding in findings.iter_mut().filter(|finding| finding.suppression.is_none()) {
                    if name.covers(&finding.rule) && entry.is_about(finding) {
                        side_use.used.insert(key);
                        finding.suppression = Some(
                            suppression
                                .get_or_insert_with(|| Suppression {
                                    by: SuppressedBy::SideFile,
                                    reason: Some(hide(reason)),
                                    owner: entry.owner.as_deref().map(hide),
                                    until: entry.until.map(|(day, _)| day.to_string()),
                                })
                                .clone(),
                        );
                    }
                }
            }
        }
    }

    /// What is wrong with the file, in the order of its places. `whole` says of a glob
    /// whether everything it can name has been checked.
    pub fn faults(
        &self,
        at: usize,
        day: Option<Date>,
        side_use: &SideUse,
        whole: &dyn Fn(&str) -> bool,
        overrides: &SeverityOverrides,
    ) -> Vec<Faulty> {
        let mut faults: Vec<(Fault, Span, String, String)> = Vec::new();
        for (entry_at, entry) in self.entries.iter().enumerate() {
            for (name, written, span) in &entry.rules {
                if let Name::Unknown(close) = name {
                    let close = close
                        .as_ref()
                        .map_or_else(String::new, |close| format!("; did you mean `{close}`?"));
                    let message = format!("no pack has a rule `{}`{close}", safe(written));
                    faults.push((Fault::UnknownRule, *span, message, written.clone()));
                }
            }
            if entry.reason.is_none() {
                let message = "this suppression gives no reason, so it does not hold".to_owned();
                faults.push((Fault::NoReason, entry.head, message, String::new()));
                continue;
            }
            if let Some((until, span)) = entry.until.filter(|_| entry.is_expired(day)) {
                let message = format!("this suppression ended on {until}");
                faults.push((Fault::Expired, span, message, until.to_string()));
                continue;
            }
            let met = side_use.met.contains(&(at, entry_at));
            if !entry.paths.iter().all(|glob| whole(glob)) {
                continue;
            }
            for (rule_at, (name, written, span)) in entry.rules.iter().enumerate() {
                let key = (at, entry_at, rule_at);
                let known = matches!(name, Name::Rule(_) | Name::Family(_));
                if side_use.used.contains(&key) || side_use.untold.contains(&key) || !known {
                    continue;
                }
                let message = if met {
                    format!("there is no finding of `{written}` for this suppression to silence")
                } else {
                    "this suppression is about no file that was checked".to_owned()
                };
                faults.push((Fault::Unused, *span, message, written.clone()));
            }
        }
        faults.sort_by_key(|(fault, span, ..)| (*span, *fault));
        let told = faults.into_iter().filter_map(|(fault, span, message, about)| {
            let severity = fault.severity_under(overrides)?;
            Some(Faulty { rule: fault.rule(), severity, span, message, about })
        });
        told.collect()
    }

    /// Stretches of the file that are shown to nobody: what people write in reasons and
    /// as words may be what a rule masks.
    pub fn hidden(&self) -> Vec<Span> {
        let mut faults = Vec::new();
        let file =
            Arc::new(SourceFile { name: String::new(), text: self.source.text.clone().into() });
        let parsed = syntax::parse(&file, &mut faults);
        let mut hidden: Vec<Span> = View::root(&parsed)
            .tables("suppress")
            .into_iter()
            .flat_map(|view| [view.texts("reason"), view.texts("words"), view.texts("owner")])
            .flatten()
            .map(|text| text.span)
            .collect();
        hidden.sort_unstable();
        hidden
    }
}

impl Entry {
    fn read(
        file: &Arc<SourceFile>,
        view: View<'_>,
        sets: &[&PackSet],
        faults: &mut Vec<Diagnostic>,
    ) -> Self {
        let texts = |key: &str| -> Vec<String> {
            view.texts(key).into_iter().map(|text| text.value.to_owned()).collect()
        };
        let mut globs = GlobSetBuilder::new();
        for text in view.texts("paths") {
            match glob(text.value) {
                Ok(found) => found.into_iter().for_each(|glob| {
                    globs.add(glob);
                }),
                Err(why) => {
                    let message = format!("this is not a glob: {why}");
                    faults.push(Diagnostic::fault(file, text.span, message).label("here"));
                }
            }
        }
        let until = view.date("until").and_then(|day| grammar::iso_day(&day));
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = |key: &str| {
            view.text(key)
                .map(|text| one_line(text.value))
                .filter(|text| text.contains(char::is_alphanumeric))
        };
        let span = view.span;
        let head = file
            .text
            .get(span.range())
            .map_or(0, |text| text.find(['\n', '\r']).unwrap_or(text.len()));
        let entry = Self {
            globs: globs.build().unwrap_or_default(),
            paths: texts("paths"),
            rules: view
                .texts("rule")
                .into_iter()
                .map(|text| (Name::of(text.value, sets), text.value.to_owned(), text.span))
                .collect(),
            record: view.whole("record").and_then(|number| u64::try_from(number).ok()),
            fields: texts("field"),
            words: texts("words").iter().map(|words| folded(words)).collect(),
            fingerprints: texts("fingerprint"),
            reason: said("reason"),
            owner: said("owner"),
            until: until.map(|day| (day, view.value("until").map_or(span, |it| it.span().into()))),
            head: Span::new(span.start, span.start + head),
        };
        entry.check(file, view, sets, faults);
        entry
    }

    /// Reports what cannot be meant.
    fn check(
        &self,
        file: &Arc<SourceFile>,
        view: View<'_>,
        sets: &[&PackSet],
        faults: &mut Vec<Diagnostic>,
    ) {
        let of_set = |set: &&PackSet, rule: &str| set.rule(rule).is_some_and(|(_, it)| it.redact);
        let masked = |rule: &str| sets.iter().any(|set| of_set(set, rule));
        let narrow = ["record", "field", "words", "fingerprint"].into_iter().find(|k| view.has(k));
        for (name, written, span) in &self.rules {
            let fault = |message: String, place: Span| Diagnostic::fault(file, place, message);
            match name {
                Name::BuiltIn => faults.push(
                    fault("what is wrong with suppressions cannot be accepted".to_owned(), *span)
                        .help("set its severity in probity.toml"),
                ),
                Name::Family(_) => {
                    if let Some(key) = narrow {
                        let message = format!(
                            "`{written}` is a family, which is accepted for whole files only; name the rule, or leave out `{key}`"
                        );
                        faults.push(fault(message, *span).label("a family"));
                    }
                }
                Name::Rule(rule) if masked(rule) => {
                    // Its words are no part of a report or of a fingerprint, and another
                    // identifier in the same place would be accepted with it.
                    if let Some(key) = ["words", "fingerprint"].into_iter().find(|k| view.has(k)) {
                        let message = format!(
                            "`{written}` masks its words, so `{key}` cannot tell them apart"
                        );
                        faults.push(
                            fault(message, view.place(key))
                                .help("name a record or field, or use a baseline, which keeps a digest under a key"),
                        );
                    }
                }
                _ => {}
            }
        }
        if self.record == Some(0) {
            let place = view.place("record");
            faults.push(Diagnostic::fault(file, place, "records are counted from 1".to_owned()));
        }
    }

    fn is_expired(&self, day: Option<Date>) -> bool {
        self.until.is_some_and(|(until, _)| day.is_some_and(|day| day > until))
    }

    fn is_about(&self, finding: &Finding) -> bool {
        let words = |text: &str| self.words.contains(&folded(text));
        self.record.is_none_or(|record| finding.record == Some(record))
            && (self.fields.is_empty()
                || self.fields.iter().any(|name| means(name, &finding.field)))
            && (self.words.is_empty() || finding.places.iter().all(|place| words(&place.text)))
            && (self.fingerprints.is_empty() || self.fingerprints.contains(&finding.fingerprint))
    }
}

fn glob(written: &str) -> Result<Vec<Glob>, String> {
    let all = glob_patterns(written)?;
    all.iter().map(|glob| Glob::new(glob).map_err(|error| error.kind().to_string())).collect()
}

fn folded(words: &str) -> String {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    Folded::new(&words).text().to_owned()
}

/// The part of a glob before anything in it that stands for more than itself.
pub(crate) fn literal_part(glob: &str) -> &str {
    let here = glob.strip_prefix("./").or_else(|| glob.strip_prefix('/'));
    let glob = here.unwrap_or(glob);
    let end = glob.find(['*', '?', '[', '{', '\\']).unwrap_or(glob.len());
    if end == glob.len() { glob } else { &glob[..glob[..end].rfind('/').map_or(0, |at| at + 1)] }
}
