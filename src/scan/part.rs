//! What comes of some records: a part of a file, scanned.

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::dates::{self, Order};
use crate::engine::{Counted, Tally};
use crate::error::Error;
use crate::facts::Facts;
use crate::finding::NotJudged;
use crate::input::{
    Document, Field, Format, Layout, base64_cell, base64_parts, html_cell, read_rows,
};
use crate::judge::{CellFinding, safe};
use crate::pack::Needs;
use crate::record::Record;
use crate::text::{Decoded, Encoding, Lines, OffsetMap, Span};

use super::again::{ROUNDS, is_taken_out, take_out};
use super::chunks::Chunk;
use super::json_rows::{self, Splitter};
use super::midway::{doubled, halved};
use super::model::{ScanFinding, ScanPlace};
use super::pipeline::Setup;
use super::sample::Sampling;
use super::sheet_rows::SheetRows;
use super::shown::ShownNames;
use super::told::{ToldOf, fingerprint};

/// Everything about a file that its parts share.
#[derive(Debug)]
pub struct FileContext {
    /// As shown to people.
    pub name: String,
    /// The sheet, in workbooks.
    pub sheet: Option<String>,
    /// The facts that hold before its rows say anything.
    pub facts: Facts,
    /// How its records are read.
    pub layout: Layout,
    /// Whether its first row was the names of its columns.
    pub headed: bool,
    /// Whether keys that the first records do not have are read too.
    pub all_keys: bool,
    /// How day and month stand in its dates.
    pub order: Option<Order>,
    /// How its columns are called in reports.
    pub shown: ShownNames,
    /// Tells its records from those of other tables in a sample.
    pub seed: u64,
}

/// The columns that the caller names besides those with texts: whose and of when a record
/// is, and what rules read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// The column of identifiers.
    pub id: Option<String>,
    /// The column by which the summary is grouped.
    pub group: Option<String>,
    /// The column with the date of a record.
    pub date: Option<String>,
    /// Columns that hold what the packs call by another name.
    pub mapped: Vec<String>,
}

impl Keys {
    /// All of them that are named.
    pub fn named(&self) -> impl Iterator<Item = &String> {
        [&self.id, &self.group, &self.date].into_iter().flatten().chain(&self.mapped)
    }
}

/// Some records of a file, not taken apart yet.
#[derive(Debug)]
pub enum Records {
    /// Rows of text.
    Rows(Chunk),
    /// JSON objects, and how they are parted.
    Json(Chunk, Splitter),
    /// Rows of a sheet.
    Sheet(SheetRows),
}

/// With what a finding is counted in its file, how much is needed, and what it adds.
pub type Counts = (Counted, Needs, Tally);

/// What came of some records.
#[derive(Debug, Default)]
pub struct Part {
    /// In order; those whose rule needs more of them in the whole file say so.
    pub findings: Vec<(ScanFinding, Option<Counts>)>,
    /// Where copies are made without what is found: what is found only once that is gone.
    pub found_behind: Vec<ScanFinding>,
    /// Records scanned.
    pub records: u64,
    /// Cells with text.
    pub cells: u64,
    /// Records by group.
    pub groups: BTreeMap<String, u64>,
    /// Records by month.
    pub months: BTreeMap<String, u64>,
    /// Rules that were not, or not wholly, judged.
    pub not_judged: Vec<NotJudged>,
    /// Rows with too many or too few cells, and the line of the first of them.
    pub ragged: Option<(crate::input::Ragged, u64)>,
    /// The line of a quote that is never closed, and whether the rest was read as text.
    pub unclosed: Option<(u64, bool)>,
    /// Places that are not what the encoding allows, and the line of the first.
    pub malformed: Option<(u64, u64)>,
    /// Whether it holds characters beyond ASCII that are what the encoding allows.
    pub encoded: bool,
    /// The line from which on text of two bytes a character stands between that of one.
    pub doubled: Option<u64>,
    /// The line from which on text of one byte a character stands between that of two.
    pub halved: Option<u64>,
    /// What else was wrong: the line, and a plain sentence.
    pub faults: Vec<(u64, String)>,
}

/// Reads some records, and scans those that are asked for.
///
/// # Errors
///
/// Where the packs cannot be compiled.
pub fn scan(setup: &Setup<'_>, file: &FileContext, records: Records) -> Result<Part, Error> {
    let (run, keys) = (setup.run, &setup.keys);
    let mut part = Part::default();
    let mut around = Around::default();
    let (source, fields, of_records) = match records {
        Records::Rows(chunk) => {
            around.base = chunk.base;
            around.lines = chunk.lines;
            around.records = chunk.records;
            let table = read_rows(&chunk.source.text, chunk.start, &file.layout);
            // Asked for where something is wrong.
            let lines = LazyCell::new(|| Lines::new(&chunk.source.text));
            let line = |at: usize| chunk.lines + lines.position(at).line as u64;
            part.ragged = table.ragged.map(|ragged| (ragged, line(ragged.first.start)));
            part.unclosed = table.unclosed.map(|at| (line(at), !chunk.overlong));
            part.tell_malformed(&chunk.source, line);
            (chunk.source, table.fields, table.records)
        }
        Records::Json(chunk, splitter) => {
            around.base = chunk.base;
            around.lines = chunk.lines;
            around.records = chunk.records;
            let lines = Lines::new(&chunk.source.text);
            let line = |at: usize| chunk.lines + lines.position(at).line as u64;
            let rows = json_rows::read(&chunk.source, &file.layout, splitter, file.all_keys);
            part.faults = rows.faults.into_iter().map(|(at, what)| (line(at), what)).collect();
            part.tell_malformed(&chunk.source, line);
            (chunk.source, rows.fields, rows.records)
        }
        Records::Sheet(rows) => {
            around.records = rows.first - 1;
            let built = rows.build(&file.layout);
            around.cells = Some(built.cells);
            (Decoded::of_text(built.source), built.fields, built.records)
        }
    };
    let (mut fields, mut of_records) = (fields, of_records);
    match setup.sampling {
        Sampling::All => {}
        Sampling::Count => {
            return Ok(Part { records: of_records.len() as u64, ..Part::default() });
        }
        Sampling::Drawn(drawn) => {
            let before = around.records;
            around.keep(&mut fields, &mut of_records, |record| {
                drawn.holds(file.seed, before + record)
            });
        }
    }
    part.records = of_records.len() as u64;
    part.cells = fields.len() as u64;
    let fields = around.without_markup(fields);
    for record in &of_records {
        let keyed = Keyed::of(record, keys, file.order);
        if let Some(group) = keyed.group {
            *part.groups.entry(group).or_default() += 1;
        }
        if let Some(month) = keyed.month {
            *part.months.entry(month).or_default() += 1;
        }
    }
    let mut document = Document {
        is_queue: false,
        name: file.name.clone(),
        format: Format::Csv,
        source,
        fields,
        records: of_records,
        facts: BTreeMap::new(),
        directives: Vec::new(),
        notices: Vec::new(),
    };
    let texts = document.fields.len();
    let scanned = run.records(&mut document, &file.facts)?;
    part.not_judged = scanned.not_judged;
    let mut found = scanned.findings;
    part.findings = around.tell_all(file, keys, &document, &found);
    for _ in 0..if setup.redacts { ROUNDS } else { 0 } {
        // Values that are not read as texts were added to them.
        document.fields.truncate(texts);
        if !take_out(&run.set, &found, &mut document.fields, &mut around.markup) {
            break;
        }
        found = run.records(&mut document, &file.facts)?.findings;
        let fields = &document.fields[..texts];
        found.retain(|finding| is_taken_out(&run.set, fields, finding));
        let told = around.tell_all(file, keys, &document, &found);
        part.found_behind.extend(told.into_iter().map(|(told, _)| told));
    }
    Ok(part)
}

impl Part {
    fn tell_malformed(&mut self, source: &Decoded, line: impl Fn(usize) -> u64) {
        if let [first, ..] = source.malformed[..] {
            self.malformed = Some((source.malformed.len() as u64, line(first.start)));
            let beyond = source.text.chars().filter(|c| !c.is_ascii()).count();
            self.encoded = beyond > source.malformed.len();
        } else {
            self.encoded = !source.text.is_ascii();
        }
        self.doubled = doubled(source.text.as_bytes()).map(&line);
        if matches!(source.encoding, Encoding::Utf16Le | Encoding::Utf16Be) {
            self.halved = halved(&source.text).map(line);
        }
    }
}

/// Where a part stands in its file.
#[derive(Debug, Default)]
struct Around {
    /// Bytes before it.
    base: usize,
    /// Line breaks before it.
    lines: u64,
    /// Records before it.
    records: u64,
    /// Where only some records are scanned, the number of each in the part, from 1.
    kept: Option<Vec<u64>>,
    /// In workbooks, the row and the name of the cell of each field.
    cells: Option<Vec<(u64, String)>>,
    /// By field, the text of the cell where that was HTML, and the way back to it.
    markup: Vec<Option<Markup>>,
}

/// The text of a cell, and the way back to it.
pub(super) type Markup = (Arc<str>, OffsetMap);

impl Around {
    /// Leaves out the records (numbered from 1 in the part) that nobody asked for. Those
    /// that stay are numbered anew, as the engine counts them.
    fn keep(
        &mut self,
        fields: &mut Vec<Field>,
        records: &mut Vec<Record>,
        holds: impl Fn(u64) -> bool,
    ) {
        let kept: Vec<u64> = (1..=records.len() as u64).filter(|&number| holds(number)).collect();
        let anew = |number: u64| kept.binary_search(&number).ok().map(|at| at as u64 + 1);
        let stays = |field: &Field| field.record.is_none_or(|number| anew(number).is_some());
        if let Some(cells) = &mut self.cells {
            let mut of_fields = fields.iter();
            cells.retain(|_| of_fields.next().is_none_or(stays));
        }
        fields.retain(stays);
        for field in fields {
            field.record = field.record.and_then(anew);
        }
        let mut number = 0;
        records.retain_mut(|record| {
            number += 1;
            record.number = anew(number);
            record.number.is_some()
        });
        self.kept = Some(kept);
    }

    /// The number of a record in the file, from 1.
    fn record_in_file(&self, record: u64) -> u64 {
        let at = usize::try_from(record).unwrap_or_default().saturating_sub(1);
        let in_part = self.kept.as_ref().and_then(|kept| kept.get(at)).copied();
        self.records + in_part.unwrap_or(record)
    }

    /// Takes the texts out of cells that hold HTML or base64, and adds those that stand in
    /// them as base64. No part of a text in base64 has bytes of its own: all of it leads to
    /// the whole cell, or to all digits.
    fn without_markup(&mut self, fields: Vec<Field>) -> Vec<Field> {
        let mut texts = Vec::with_capacity(fields.len());
        let mut cells = Vec::new();
        for (at, field) in fields.into_iter().enumerate() {
            let before = texts.len();
            let decoded = base64_cell(&field.text);
            let inner = html_cell(decoded.as_deref().unwrap_or(&field.text));
            let parts = Self::parts(&field);
            if decoded.is_none() && inner.is_none() {
                self.markup.push(None);
                texts.push(field);
            } else {
                let raw: Arc<str> = field.text.as_str().into();
                let cell = Span::new(0, raw.len());
                let whole = decoded.is_some().then(|| field.map.to_source(cell));
                let plain = || (decoded.clone().unwrap_or_default(), OffsetMap::identity(), false);
                let inner = match inner {
                    Some(inner) => {
                        inner.into_iter().map(|text| (text.text, text.map, text.wrapped)).collect()
                    }
                    None => vec![plain()],
                };
                for (text, in_cell, wrapped) in inner {
                    let (map, in_cell) = match whole {
                        None => (in_cell.through(&text, &field.map), in_cell),
                        Some(whole) => {
                            let of = |span| OffsetMap::of_whole(text.len(), span);
                            (of(whole), of(cell))
                        }
                    };
                    self.markup.push(Some((Arc::clone(&raw), in_cell)));
                    let (name, record) = (field.name.clone(), field.record);
                    texts.push(Field { name, text, map, wrapped, record });
                }
            }
            for (part, markup) in parts {
                texts.push(part);
                self.markup.push(Some(markup));
            }
            if let Some(names) = &self.cells {
                cells.extend((before..texts.len()).filter_map(|_| names.get(at).cloned()));
            }
        }
        if self.cells.is_some() {
            self.cells = Some(cells);
        }
        texts
    }

    /// The texts that stand in a field as base64, and what [`Self::markup`] says of them.
    fn parts(field: &Field) -> Vec<(Field, Markup)> {
        let mut parts = Vec::new();
        let found = base64_parts(&field.text);
        if found.is_empty() {
            return parts;
        }
        let raw: Arc<str> = field.text.as_str().into();
        for (digits, text) in found {
            let inner = match html_cell(&text) {
                Some(inner) => inner.into_iter().map(|it| (it.text, it.wrapped)).collect(),
                None => vec![(text, false)],
            };
            for (text, wrapped) in inner {
                let of = |span| OffsetMap::of_whole(text.len(), span);
                let (map, in_cell) = (of(field.map.to_source(digits)), of(digits));
                let (name, record) = (field.name.clone(), field.record);
                let part = Field { name, text, map, wrapped, record };
                parts.push((part, (Arc::clone(&raw), in_cell)));
            }
        }
        parts
    }

    fn tell_all(
        &self,
        file: &FileContext,
        keys: &Keys,
        document: &Document,
        findings: &[CellFinding],
    ) -> Vec<(ScanFinding, Option<Counts>)> {
        if findings.is_empty() {
            return Vec::new();
        }
        let lines = Lines::new(&document.source.text);
        let mut told_of = ToldOf::default();
        let tell = |finding: &CellFinding| {
            let told = self.tell(file, keys, document, &lines, finding, &mut told_of);
            (told, finding.needs.clone())
        };
        findings.iter().map(tell).collect()
    }

    fn tell<'t>(
        &'t self,
        file: &FileContext,
        keys: &Keys,
        document: &'t Document,
        lines: &Lines<'_>,
        finding: &CellFinding,
        told_of: &mut ToldOf<'t>,
    ) -> ScanFinding {
        let field: &Field = &document.fields[finding.field];
        let no_record = Record::default();
        let record = document.record_of(field).unwrap_or(&no_record);
        let keyed = Keyed::of(record, keys, file.order);
        let first = field.map.to_source(finding.places[0].0);
        let (line, cell) = match &self.cells {
            None => (self.lines + lines.position(first.start).line as u64, None),
            Some(cells) => match cells.get(finding.field) {
                Some((row, name)) => (*row, Some(name.clone())),
                // The record as a whole, or a value of it that is not read as text.
                None => (u64::try_from(record.start).unwrap_or_default(), None),
            },
        };
        let markup = self.markup.get(finding.field).and_then(Option::as_ref);
        let text_of_cell = markup.map_or(&*field.text, |(raw, _)| raw);
        told_of.turn_to(finding.field, text_of_cell);
        let chars = &mut told_of.chars;
        let places = finding
            .places
            .iter()
            .map(|(span, text)| {
                let in_cell = markup.map_or(*span, |(_, map)| map.to_source(*span));
                let start = chars.before(in_cell.start);
                let end = start + chars.text[in_cell.range()].chars().count();
                let bytes = self.cells.is_none().then(|| {
                    let file = document.source.to_file(field.map.to_source(*span));
                    self.base + file.start..self.base + file.end
                });
                ScanPlace { bytes, chars: start..end, text: text.clone() }
            })
            .collect();
        ScanFinding {
            file: file.name.clone(),
            sheet: file.sheet.clone(),
            record: self.record_in_file(finding.record.unwrap_or(1)),
            line,
            cell,
            column: file.shown.name(&field.name).to_owned(),
            fingerprint: fingerprint(finding, field, record, keyed.id.as_deref(), told_of),
            id: keyed.id,
            group: keyed.group,
            month: keyed.month,
            rule: finding.rule.clone(),
            severity: finding.severity,
            message: finding.message.clone(),
            places,
        }
    }
}

/// The month of a record whose date is blank, or can be read in two ways or in none.
const NO_MONTH: &str = "unknown";

/// What a record says of itself.
#[derive(Debug, Default)]
struct Keyed {
    id: Option<String>,
    group: Option<String>,
    month: Option<String>,
}

impl Keyed {
    fn of(record: &Record, keys: &Keys, order: Option<Order>) -> Self {
        let text = |column: &Option<String>| {
            let value = record.text(column.as_deref()?)?.trim();
            (!value.is_empty()).then(|| safe(value))
        };
        let date = keys.date.as_deref().and_then(|column| record.text(column));
        Self {
            id: text(&keys.id),
            // A blank is a group of its own; a column that is not there is none.
            group: keys.group.as_deref().and_then(|column| record.text(column)).map(grouped),
            month: date.map(|date| {
                dates::read(date.trim(), order)
                    .map_or_else(|| NO_MONTH.into(), |date| date.strftime("%Y-%m").to_string())
            }),
        }
    }
}

/// The name of a group as it may be shown.
fn grouped(value: &str) -> String {
    safe(value.trim())
}

/// The text of the parts is shared between threads; so is what they have in common.
pub type SharedFile = Arc<FileContext>;
