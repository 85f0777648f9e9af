//! A run: files read and scanned in parallel, reported in order. Only here
//! threads are named.

mod accept;
mod engines;
mod fields;
mod fixes;
mod groups;
mod idle;
mod lines;
mod links;
mod place;
mod threads;
mod together;
mod weighed;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::changes::DocumentLines;
use crate::config::Config;
use crate::engine::Found;
use crate::error::{Error, plain};
use crate::facts::{FactOrigin, FactValue, Facts};
use crate::file_names::path_of;
use crate::finding::{DocumentReport, Finding, NotJudged, Notice, PackReport, Report};
use crate::input::{self, Document, Format, ReadOptions, Target};
use crate::judge::{CellFinding, Judge, Repeats, joined, overridden, shown};
use crate::pack::{AS_OF, FactKind, KIND, PackSet, Rule};
use crate::suppress::SideUse;
use crate::text::{Decoded, Lines, Span};
pub use accept::{Suppressions, day_of_check};
pub use engines::Engines;
use engines::Told;
use groups::{Groups, Lacking};
use idle::Idle;

pub use place::{AtPlace, FactAt, RuleAt, StateAt, Wanted};
pub use threads::{each, in_threads, threads};
pub use together::{Assigned, Checked, check_all};
pub use weighed::WeighedAt;

/// Fields longer than this are cut into parts of this many bytes, so that one
/// long file uses every core.
const PART: usize = 256 * 1024;

/// Where the bytes of a document come from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A file.
    File(PathBuf),
    /// Bytes that were read already.
    Bytes(Vec<u8>),
    /// A file with these bytes in place of its own.
    Read {
        /// Where it is; configuration goes by that.
        path: PathBuf,
        /// What to read it as.
        bytes: Vec<u8>,
    },
}

/// A document to check.
#[derive(Clone, Debug)]
pub struct Task {
    /// The name shown to people; its ending tells the format.
    pub name: String,
    /// Its bytes.
    pub origin: Origin,
}

impl From<Target> for Task {
    fn from(target: Target) -> Self {
        Self { name: target.name, origin: Origin::File(target.path) }
    }
}

/// What was found in a document, by field, and the group of each field.
type Scanned = (Groups, Vec<usize>, Vec<Vec<Found>>);

/// What came of some records of a table.
#[derive(Debug)]
pub struct Records {
    /// In the order of their places.
    pub findings: Vec<CellFinding>,
    /// The rules that could not be judged, or not wholly.
    pub not_judged: Vec<NotJudged>,
}

/// Everything a run needs to know.
#[derive(Debug)]
pub struct Run {
    /// The packs.
    pub set: Arc<PackSet>,
    /// What `probity.toml` says.
    pub config: Config,
    /// Facts of the command line.
    pub facts: Vec<(String, FactValue)>,
    /// How files are read.
    pub read: ReadOptions,
    /// Whether words of rules marked `redact` are shown.
    pub reveal: bool,
    /// The day for which the check is made, where no fact says it.
    pub today: Option<jiff::civil::Date>,
    /// Cuts long fields into parts of this many bytes; a sensible size if `None`.
    pub part: Option<usize>,
    /// What the packs were compiled to so far.
    pub engines: Engines,
    /// Files of suppressions, and whether suppressions hold at all.
    pub suppressions: Suppressions,
}

/// A table before anything of it is read.
fn empty_table(name: &str) -> Document {
    Document {
        name: name.to_owned(),
        format: Format::Csv,
        source: Decoded::of_text(String::new()),
        fields: Vec::new(),
        records: Vec::new(),
        is_queue: false,
        facts: BTreeMap::new(),
        directives: Vec::new(),
        notices: Vec::new(),
    }
}

/// What came of one document.
#[derive(Default)]
struct Outcome {
    document: Option<DocumentReport>,
    findings: Vec<Finding>,
    notices: Vec<Notice>,
    not_judged: Arc<[Lacking]>,
    idle: Arc<Idle>,
    side_use: SideUse,
    /// Whether somebody asks what stands on which line.
    wants_lines: bool,
    lines: Option<DocumentLines>,
}

impl Run {
    /// Checks documents and reports them in the order given. The report is the
    /// same however many threads there are.
    ///
    /// # Errors
    ///
    /// Where the packs cannot be compiled.
    pub fn check(&self, tasks: Vec<Task>, notices: Vec<Notice>) -> Result<Report, Error> {
        let tasks = tasks.into_iter().map(|task| Assigned { run: 0, task }).collect();
        Ok(check_all(std::slice::from_ref(self), tasks, notices, false)?.report)
    }

    /// The packs that are used.
    pub fn packs(&self) -> Vec<PackReport> {
        let packs = self.set.packs().iter();
        packs
            .map(|pack| PackReport {
                id: pack.id.clone(),
                version: pack.version.clone(),
                digest: pack.digest.clone(),
                origin: pack.origin.clone(),
                rules: pack.rules.len(),
            })
            .collect()
    }

    fn one(
        &self,
        task: Task,
        asked: &Arc<BTreeSet<String>>,
        lines: bool,
    ) -> Result<Outcome, Error> {
        let mut outcome = Outcome { wants_lines: lines, ..Outcome::default() };
        let path = match &task.origin {
            Origin::File(path) | Origin::Read { path, .. } => path.clone(),
            Origin::Bytes(_) => path_of(&task.name),
        };
        let bytes = match task.origin {
            Origin::Bytes(bytes) | Origin::Read { bytes, .. } => bytes,
            Origin::File(path) => match bytes_of(&path) {
                Ok(bytes) => bytes,
                Err(error) => {
                    outcome
                        .notices
                        .push(unchecked(&task.name, format!("cannot be read: {}", plain(&error))));
                    return Ok(outcome);
                }
            },
        };
        let read = self.read_options(&path, asked);
        match input::read(&task.name, bytes, &read) {
            Err(error) => outcome.notices.push(unchecked(&task.name, error.to_string())),
            Ok(document) => self.document(document, &path, &read, &mut outcome)?,
        }
        Ok(outcome)
    }

    /// How a file is read.
    fn read_options(&self, path: &Path, asked: &Arc<BTreeSet<String>>) -> ReadOptions {
        let mut read = self.read.clone();
        read.record_fields = Arc::clone(asked);
        if read.fields.is_empty() {
            read.fields = self
                .config
                .for_path(path)
                .flat_map(|config| config.fields.iter().cloned())
                .collect();
        }
        read
    }

    fn document(
        &self,
        mut document: Document,
        path: &Path,
        read: &ReadOptions,
        outcome: &mut Outcome,
    ) -> Result<(), Error> {
        if !document.notices.is_empty() {
            let lines = Lines::new(&document.source.text);
            outcome.notices.extend(document.notices.iter().map(|notice| Notice {
                path: document.name.clone(),
                line: notice.span.map(|span| lines.position(span.start).line),
                message: notice.message.clone(),
                unchecked: notice.unchecked,
            }));
        }
        let facts = self.facts_of(&document, path, outcome);
        let fields = document.fields.len();
        let (groups, of_field, mut found) = self.scanned(&mut document, &facts)?;
        groups.keep_enough(&document, &of_field, &mut found, true);
        fixes::keep_sound((&document, fields), read, (&groups, &of_field), &mut found);
        let mut hidden = self.hidden_in_comments(&document, &groups);
        let mut judge = Judge {
            engines: &groups.engines(),
            of_field: &of_field,
            overrides: &self.config.severity,
            reveal: self.reveal,
            hidden: &[],
        };
        // What is masked is masked in comments and excerpts, too.
        let repeats = Repeats::new(&document.source.text, &judge.masks(&document, &found));
        hidden.extend(repeats.places(&document.source.text));
        let hidden = joined(hidden);
        judge.hidden = &hidden;
        outcome.findings = judge.document(0, &document, &found);
        let masks = judge.masks(&document, &found);
        // What is said of a table depends on its columns too.
        let only = groups.only().filter(|_| document.format != Format::Csv);
        let tell = || self.tell(&document, &groups, &facts);
        let told = only.map_or_else(tell, |judged| judged.told.get_or_init(tell).clone());
        outcome.not_judged = told.not_judged;
        if fields > 0 || !document.records.is_empty() {
            outcome.idle = told.idle;
        }
        self.accept(&document, path, &groups, (&masks, &repeats), outcome);
        self.tell_unreadable(&document, &facts, &groups, outcome);
        outcome.lines = outcome.wants_lines.then(|| self.lines(&document, &facts));
        outcome.document = Some(DocumentReport {
            path: document.name.clone(),
            format: format_name(document.format),
            encoding: document.source.encoding.name(),
            fields,
            facts: told.facts,
        });
        Ok(())
    }

    /// What a report says of a document before anything is found in it.
    fn tell(&self, document: &Document, groups: &Groups, facts: &Facts) -> Told {
        let not_judged = groups.not_judged(document, |rule| {
            overridden(&self.config.severity, &rule.id, rule.severity).is_none()
        });
        let shown = facts.iter().filter(|(_, _, origin)| *origin != FactOrigin::Clock);
        let shown = shown.map(|(name, value, origin)| (name.to_owned(), (value.clone(), origin)));
        Told {
            facts: Arc::new(shown.collect()),
            not_judged: not_judged.into(),
            idle: Arc::new(Idle::of(self, groups, facts)),
        }
    }

    /// What is found in the fields and records of a document: by field, with the group
    /// of each. Values of records that something was found in join its fields.
    fn scanned(&self, document: &mut Document, facts: &Facts) -> Result<Scanned, Error> {
        let groups = Groups::new(self, document, facts)?;
        let mut of_field = groups.of_fields(document);
        let mut found = fields::scan(&groups, document, &of_field, self.part.unwrap_or(PART));
        links::pass_over(&groups, document, &of_field, &mut found);
        groups.scan_records(document, &mut of_field, &mut found);
        Ok((groups, of_field, found))
    }

    /// Scans some records of a table, in the facts of its file. What must be enough in
    /// the whole table is for the caller to count.
    ///
    /// # Errors
    ///
    /// Where the packs cannot be compiled.
    pub fn records(&self, document: &mut Document, facts: &Facts) -> Result<Records, Error> {
        let (groups, of_field, mut found) = self.scanned(document, facts)?;
        groups.keep_enough(document, &of_field, &mut found, false);
        let engines = groups.engines();
        let judge = Judge {
            engines: &engines,
            of_field: &of_field,
            overrides: &self.config.severity,
            reveal: self.reveal,
            hidden: &[],
        };
        let findings = judge.cells(document, &found);
        let not_judged = groups.not_judged(document, |rule| {
            overridden(&self.config.severity, &rule.id, rule.severity).is_none()
        });
        let not_judged = not_judged
            .into_iter()
            .map(|Lacking { rule, missing, columns, partly }| NotJudged {
                rule,
                missing,
                columns,
                partly,
                documents: 1,
            })
            .collect();
        Ok(Records { findings, not_judged })
    }

    /// Texts that stand beside records, as names of columns do, with the words masked in
    /// which rules find something about people.
    ///
    /// # Errors
    ///
    /// Where the packs cannot be compiled.
    pub fn masked(&self, facts: &Facts, texts: &[String]) -> Result<Vec<String>, Error> {
        let groups = Groups::new(self, &empty_table(""), facts)?;
        let masked = |text: &String| match joined(groups.found_in(text, Rule::is_about_people)) {
            hidden if hidden.is_empty() => text.clone(),
            hidden => shown(text, Span::new(0, text.len()), &hidden),
        };
        Ok(texts.iter().map(masked).collect())
    }

    /// The facts that hold for a table before its rows say anything, and what is wrong
    /// with them.
    pub fn facts_of_table(&self, name: &str, path: &Path) -> (Facts, Vec<Notice>) {
        let mut outcome = Outcome::default();
        let facts = self.facts_of(&empty_table(name), path, &mut outcome);
        (facts, outcome.notices)
    }

    /// Says which facts a document states by something that is no value of theirs,
    /// where a rule was not judged because of it.
    fn tell_unreadable(
        &self,
        document: &Document,
        facts: &Facts,
        groups: &Groups,
        outcome: &mut Outcome,
    ) {
        let mut unreadable = groups.unreadable.clone();
        if let Some(record) = document.own_record().filter(|_| facts.has_unreadable()) {
            let stated = self.set.stated(record, facts).into_iter();
            unreadable.extend(
                stated
                    .filter(|stated| stated.value.is_none())
                    .map(|stated| (stated.fact, (1, 0, stated.at))),
            );
        }
        for (name, (count, record, at)) in unreadable {
            let missed = outcome.not_judged.iter().any(|rule| rule.missing.contains(&name));
            let Some(fact) = self.set.fact(&name).filter(|_| missed) else { continue };
            let lines = Lines::new(&document.source.text);
            let value = &document.records[record].values[at];
            let kinds = [FactValue::Integer(0), FactValue::Bool(true)];
            let must = kinds.iter().find_map(|other| fact.kind.refuses(other)).unwrap_or_default();
            let hint = if fact.kind == FactKind::Date {
                "; where day and month can be told apart only by their order, set `date_order`"
            } else {
                ""
            };
            let what = if document.records[record].number.is_some() {
                let records =
                    if count == 1 { "one record".into() } else { format!("{count} records") };
                let what = if document.is_data() { "the key" } else { "the column" };
                format!("in {records}, the first on this line, {what} `{}`", value.name)
            } else {
                format!("`{}`", value.name)
            };
            outcome.notices.push(Notice {
                path: document.name.clone(),
                line: Some(lines.position(value.span.start).line),
                message: format!(
                    "{what} states the fact `{name}`, which {must}, and says something else; \
                     rules that depend on it were not judged there{hint}"
                ),
                unchecked: false,
            });
        }
    }

    /// The facts that hold for a document; later ones win.
    fn facts_of(&self, document: &Document, path: &Path, outcome: &mut Outcome) -> Facts {
        let mut facts = Facts::default();
        facts.set(KIND, FactValue::Text(kind_of(document).to_owned()), FactOrigin::Format);
        if let Some(today) = self.today {
            facts.set(AS_OF, FactValue::Text(today.to_string()), FactOrigin::Clock);
        }
        for fact in self.set.facts() {
            if let Some(default) = &fact.default {
                facts.set(&fact.name, default.clone(), FactOrigin::PackDefault);
            }
        }
        for (name, value, _) in &self.config.facts {
            facts.set(name, value.clone(), FactOrigin::Configuration);
        }
        for config in self.config.for_path(path) {
            for (name, value, _) in &config.facts {
                facts.set(name, value.clone(), FactOrigin::PathConfiguration);
            }
        }
        // A file that is one record states its facts in front matter; tables state
        // them row by row.
        if let Some(record) = document.own_record() {
            for stated in self.set.stated(record, &facts) {
                match stated.value {
                    Some(value) => facts.set(&stated.fact, value, FactOrigin::FrontMatter),
                    None => facts.set_unreadable(&stated.fact, FactOrigin::FrontMatter),
                }
            }
        }
        for (name, (value, span)) in &document.facts {
            match self.set.check_fact(name, value) {
                Ok(()) => facts.set(name, value.clone(), FactOrigin::FrontMatter),
                Err(why) => outcome.notices.push(Notice {
                    path: document.name.clone(),
                    line: Some(Lines::new(&document.source.text).position(span.start).line),
                    message: if document.is_data() {
                        format!("{why}; this file sets it, and it was not used")
                    } else {
                        format!("{why}; the front matter sets it, and it was not used")
                    },
                    unchecked: true,
                }),
            }
        }
        for (name, value) in &self.facts {
            facts.set(name, value.clone(), FactOrigin::CommandLine);
        }
        facts
    }
}

/// What a text probably is, going by its format.
fn kind_of(document: &Document) -> &'static str {
    match document.format {
        _ if document.is_queue => "post",
        Format::Text => "post",
        Format::Markdown | Format::Html | Format::Yaml | Format::Toml | Format::Json => "page",
        Format::Csv => "note",
    }
}

/// The name of a format in reports.
fn format_name(format: Format) -> &'static str {
    match format {
        Format::Text => "text",
        Format::Markdown => "markdown",
        Format::Html => "html",
        Format::Csv => "csv",
        Format::Yaml => "yaml",
        Format::Toml => "toml",
        Format::Json => "json",
    }
}

/// The bytes of a file.
fn bytes_of(path: &Path) -> std::io::Result<Vec<u8>> {
    std::fs::read(path)
}

fn unchecked(path: &str, message: String) -> Notice {
    Notice { path: path.to_owned(), line: None, message, unchecked: true }
}
