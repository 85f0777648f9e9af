//! What holds at one place of a document: its field and record, the facts, and what
//! becomes of every rule there.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::weighed::{WeighedAt, weighed};
use super::{Origin, Run, Task, format_name};
use crate::engine::RuleState;
use crate::error::Error;
use crate::facts::{FactOrigin, FactValue, Facts};
use crate::finding::{Finding, Location, Report};
use crate::input::{self, Document, Field, Format};
use crate::judge::overridden;
use crate::pack::{Rule, Severity, When};
use crate::record::means;
use crate::text::{Lines, Span};

/// A place as people name it: a line, and a column in characters, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The line.
    pub line: usize,
    /// The column; the whole line without.
    pub column: Option<usize>,
}

/// What holds at a place.
#[derive(Debug)]
pub struct AtPlace {
    /// How the file was read.
    pub format: &'static str,
    /// The names of the texts there that are checked; none in markup and code.
    pub fields: Vec<String>,
    /// The record, from 1 behind the header.
    pub record: Option<u64>,
    /// The columns or keys that stand beside the text; of those in data files, what rules
    /// and facts ask for.
    pub columns: Vec<String>,
    /// The facts that hold there.
    pub facts: Vec<FactAt>,
    /// What becomes of every rule of the packs in use, in their order.
    pub rules: Vec<RuleAt>,
    /// The findings there, accepted ones too.
    pub findings: Vec<Finding>,
    /// For each of them, what was weighed and had enough points to make it a finding.
    pub weighed: Vec<Vec<WeighedAt>>,
    /// The report on the whole file.
    pub report: Report,
}

/// A fact that holds at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactAt {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: FactValue,
    /// What states it.
    pub origin: FactOrigin,
    /// Where it is stated, if the document states it: line, and column or key.
    pub stated: Option<(usize, String)>,
}

/// What becomes of a rule at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleAt {
    /// The rule.
    pub id: String,
    /// The severity its pack gives it there.
    pub severity: Severity,
    /// What becomes of it.
    pub state: StateAt,
}

/// Whether a rule is judged, and why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateAt {
    /// It is judged, with this severity.
    Judged {
        /// What configuration makes of the pack's severity.
        severity: Severity,
        /// Facts without which a part of it is not judged.
        without: Vec<String>,
    },
    /// Nobody can say whether it applies, or what to look for.
    NotJudged {
        /// Facts that nobody has set.
        missing: Vec<String>,
        /// Columns that the table does not have.
        columns: Vec<String>,
    },
    /// The facts say that it does not apply.
    NotApplicable {
        /// Why, fact by fact.
        because: Vec<String>,
    },
    /// It reads other fields.
    OtherFields(Vec<String>),
    /// A pack switched it off.
    Off(String),
    /// Configuration switched it off.
    SwitchedOff,
}

impl Run {
    /// What holds at a place of a document.
    ///
    /// # Errors
    ///
    /// Where the document cannot be read, has no such place, or the packs cannot be
    /// compiled.
    pub fn at(&self, path: &Path, name: &str, wanted: Wanted) -> Result<AtPlace, Error> {
        let bytes =
            super::bytes_of(path).map_err(|cause| Error::Read { path: path.to_owned(), cause })?;
        let read = self.read_options(path, &Arc::new(self.set.record_fields()));
        let document = input::read(name, bytes, &read)
            .map_err(|error| Error::Usage(format!("{name}: {error}")))?;
        let task = Task { name: name.to_owned(), origin: Origin::File(path.to_owned()) };
        let report = self.check(vec![task], Vec::new())?;
        let stretch = stretch(&document, wanted)?;
        let fields: Vec<&Field> =
            document.fields.iter().filter(|field| holds(field, stretch)).collect();
        let record = record_at(&document, &fields, stretch);
        let (facts, stated) = self.facts_at(&document, path, record);
        let engine = self.engines.get(&self.set, &facts)?;
        let active = engine.activate(&facts);
        let is_table = document.format == Format::Csv;
        let lacking = match record.map(|at| &document.records[at]) {
            Some(record) if is_table => engine.without_columns(record, &active),
            _ => BTreeMap::new(),
        };
        let names: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
        let rules = active.rules.iter().enumerate().map(|(id, state)| {
            let rule = engine.rule(id).1;
            let columns = lacking.get(&id).cloned().unwrap_or_default();
            self.rule_at(rule, state, columns, &names, &facts)
        });
        let rules = rules.collect();
        let of_record = record.and_then(|at| document.records.get(at));
        let number = of_record.and_then(|record| record.number).filter(|_| is_table);
        // Items of a data file have no number that anybody knows.
        let same_record = |finding: &Finding| {
            let start = finding.places.first();
            let at = start.map(|at| Wanted { line: at.line, column: Some(at.column) });
            let at = at.and_then(|at| self::stretch(&document, at).ok());
            if document.is_data() {
                at.is_some_and(|at| record_at(&document, &[], at) == record)
            } else {
                finding.record.is_none() || finding.record == number
            }
        };
        let there = |finding: &&Finding| {
            finding.field.is_empty() && same_record(finding)
                || finding.places.iter().any(|place| meets(place, wanted))
        };
        let findings: Vec<Finding> = report.findings.iter().filter(there).cloned().collect();
        let on_scales: Vec<WeighedAt> = fields
            .iter()
            .filter(|_| !findings.is_empty())
            .flat_map(|field| weighed(&engine, &active, &document, field, self.reveal))
            .collect();
        let weighed = findings.iter().map(|finding| {
            let starts: Vec<usize> = finding
                .places
                .iter()
                .map(|at| Wanted { line: at.line, column: Some(at.column) })
                .filter_map(|at| self::stretch(&document, at).ok())
                .map(|span| span.start)
                .collect();
            let is_of = |it: &&WeighedAt| {
                it.rule == finding.rule && starts.iter().any(|at| it.span.range().contains(at))
            };
            on_scales.iter().filter(is_of).cloned().collect()
        });
        Ok(AtPlace {
            weighed: weighed.collect(),
            format: format_name(document.format),
            fields: names,
            record: number,
            columns: of_record
                .map(|record| record.values.iter().map(|it| it.name.to_string()).collect())
                .unwrap_or_default(),
            facts: stated_facts(&facts, &stated),
            rules,
            findings,
            report,
        })
    }

    /// The facts for a record of a document, and where the document states them.
    fn facts_at(
        &self,
        document: &Document,
        path: &Path,
        record: Option<usize>,
    ) -> (Facts, BTreeMap<String, (usize, String)>) {
        let mut facts = self.facts_of(document, path, &mut super::Outcome::default());
        let lines = Lines::new(&document.source.text);
        let mut places = BTreeMap::new();
        for (name, (_, span)) in &document.facts {
            let line = lines.position(span.start).line;
            places.insert(name.clone(), (line, format!("probity.{name}")));
        }
        if let Some(record) = record.and_then(|at| document.records.get(at)) {
            for stated in self.set.stated(record, &facts.clone()) {
                let value = &record.values[stated.at];
                let line = lines.position(value.span.start).line;
                if record.number.is_some() {
                    match stated.value {
                        Some(value) => facts.set(&stated.fact, value, FactOrigin::Column),
                        None => facts.set_unreadable(&stated.fact, FactOrigin::Column),
                    }
                }
                places.entry(stated.fact).or_insert((line, value.name.to_string()));
            }
        }
        (facts, places)
    }

    fn rule_at(
        &self,
        rule: &Rule,
        state: &RuleState,
        columns: Vec<String>,
        names: &[String],
        facts: &Facts,
    ) -> RuleAt {
        let severity = match state {
            RuleState::Judged { severity, .. } => *severity,
            _ => rule.severity,
        };
        let reads = |fields: &[String]| {
            fields.is_empty()
                || fields.iter().any(|field| names.iter().any(|name| means(field, name)))
        };
        let read = reads(&rule.fields) && rule.finds.iter().any(|find| reads(&find.fields));
        let state = match (state, overridden(&self.config.severity, &rule.id, severity)) {
            (RuleState::Off { reason }, _) => StateAt::Off(reason.clone()),
            (_, None) => StateAt::SwitchedOff,
            (RuleState::NotApplicable, _) => {
                StateAt::NotApplicable { because: reasons(rule, facts) }
            }
            (RuleState::NotJudged { missing }, _) => {
                StateAt::NotJudged { missing: missing.clone(), columns }
            }
            (RuleState::Judged { .. }, _) if !columns.is_empty() => {
                StateAt::NotJudged { missing: Vec::new(), columns }
            }
            (RuleState::Judged { .. }, Some(_)) if !names.is_empty() && !read => {
                let mut fields = rule.fields.clone();
                fields.extend(rule.finds.iter().flat_map(|find| find.fields.iter().cloned()));
                fields.sort();
                fields.dedup();
                StateAt::OtherFields(fields)
            }
            (RuleState::Judged { partly_without, .. }, Some(severity)) => {
                StateAt::Judged { severity, without: partly_without.clone() }
            }
        };
        RuleAt { id: rule.id.clone(), severity, state }
    }
}

/// The facts but for those that only the clock tells.
fn stated_facts(facts: &Facts, stated: &BTreeMap<String, (usize, String)>) -> Vec<FactAt> {
    let known = facts.iter().filter(|(_, _, origin)| *origin != FactOrigin::Clock);
    known
        .map(|(name, value, origin)| {
            let by_document = matches!(origin, FactOrigin::FrontMatter | FactOrigin::Column);
            FactAt {
                name: name.to_owned(),
                value: value.clone(),
                origin,
                stated: stated.get(name).filter(|_| by_document).cloned(),
            }
        })
        .collect()
}

/// Bytes of the decoded text at a place; those of the line where no column is given.
fn stretch(document: &Document, wanted: Wanted) -> Result<Span, Error> {
    let text = &document.source.text;
    let lines = Lines::new(text);
    let last = lines.count();
    if wanted.line == 0 || wanted.column == Some(0) {
        return Err(Error::Usage("lines and columns are counted from 1".to_owned()));
    }
    if wanted.line > last {
        return Err(Error::Usage(format!(
            "{} has no line {}; its last is line {last}",
            document.name, wanted.line
        )));
    }
    let line = lines.line_span(wanted.line);
    let Some(column) = wanted.column else { return Ok(line) };
    let of_line = &text[line.range()];
    let Some((at, c)) = of_line.char_indices().nth(column - 1) else {
        let length = of_line.chars().count();
        // Behind the last character is a place, too: that is where an editor stands.
        if column == length + 1 {
            return Ok(Span::new(line.end, line.end));
        }
        return Err(Error::Usage(format!(
            "line {} of {} has no column {column}; it has {}",
            wanted.line,
            document.name,
            crate::emit::counted(length, "character")
        )));
    };
    Ok(Span::new(line.start + at, line.start + at + c.len_utf8()))
}

/// Whether text of a field was read from a stretch of the document.
fn holds(field: &Field, stretch: Span) -> bool {
    let len = field.text.len();
    let from = field.map.to_derived(stretch.start, len).min(len);
    let from = field.text.floor_char_boundary(from);
    let Some(c) = field.text[from..].chars().next() else { return false };
    let source = field.map.to_source(Span::new(from, from + c.len_utf8()));
    source.start < stretch.end.max(stretch.start + 1) && stretch.start < source.end.max(1)
}

/// The record of the fields there, or else the last that starts at or before the place.
fn record_at(document: &Document, fields: &[&Field], stretch: Span) -> Option<usize> {
    let of_field = fields.iter().find_map(|field| field.record);
    if let Some(number) = of_field {
        return usize::try_from(number.checked_sub(1)?).ok();
    }
    let started = document.records.partition_point(|record| record.start <= stretch.start);
    started.checked_sub(1)
}

/// Whether a finding stands there.
fn meets(place: &Location, wanted: Wanted) -> bool {
    let (from, to) = ((place.line, place.column), (place.end_line, place.end_column));
    match wanted.column {
        None => place.line <= wanted.line && wanted.line <= place.end_line,
        Some(column) => {
            let at = (wanted.line, column);
            from <= at && (at < to || from == to && at == from)
        }
    }
}

/// Why a rule does not apply, fact by fact.
fn reasons(rule: &Rule, facts: &Facts) -> Vec<String> {
    let mut reasons = failing(&rule.when, facts);
    if rule.during.is_some() || rule.days != (None, None) {
        reasons.push("it holds on certain days only".to_owned());
    }
    if reasons.is_empty() {
        for find in &rule.finds {
            reasons.extend(failing(&find.when, facts));
        }
    }
    reasons.sort();
    reasons.dedup();
    reasons
}

fn failing(when: &When, facts: &Facts) -> Vec<String> {
    let mut failing = Vec::new();
    for test in when {
        let Some(value) = facts.get(&test.fact) else { continue };
        let words = value.words();
        let has = |word: &String| test.values.iter().any(|it| it.eq_ignore_ascii_case(word));
        if words.iter().any(has) == test.negated {
            let not = if test.negated { "anything but " } else { "" };
            failing.push(format!(
                "`{}` is {}, and it asks for {not}{}",
                test.fact,
                words.join(", "),
                test.values.join(" or ")
            ));
        }
    }
    failing
}
