//! Copies of exports without the words that were found.
//!
//! A [`Redactor`] watches a scan and keeps, for each file, where such words stand. The
//! copy is made behind it, by [`copy_text`] or [`copy_workbook`], from a second reading
//! of the file; whether it is still the same file is told by its digest.

mod cell;
mod text;
mod workbook;
mod xml;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

use crate::engine::{Counted, Tally};
use crate::pack::{PackSet, Rule};
use crate::text::Encoding;

use super::columns::FOR_RULES;
use super::model::{FileSummary, ScanFinding};
use super::part::{FileContext, Part, SharedFile};
use super::pipeline::Event;
use super::sheets::cell_place;

pub use text::copy as copy_text;
pub use workbook::copy as copy_workbook;

/// What stands in the copy where words were. It means nothing to CSV, JSON or XML, and
/// every encoding has its letters.
pub const REMOVED: &str = "[removed]";

/// A file, and what is to be replaced in it.
#[derive(Debug)]
pub struct Redaction {
    /// As in [`FileSummary::path`].
    pub path: String,
    /// As in [`FileSummary::format`].
    pub format: String,
    /// The encoding, of text.
    pub encoding: Option<Encoding>,
    /// BLAKE3 of the (unpacked) bytes that were scanned, in hexadecimal.
    pub digest: String,
    /// Places to be replaced, by rule; places of several rules may overlap.
    pub replaced: BTreeMap<String, u64>,
    /// Findings that name no words that could be replaced, by rule.
    pub left: BTreeMap<String, u64>,
    /// Findings of rules that are not about people's data, by rule.
    pub kept: BTreeMap<String, u64>,
    /// The columns that were scanned; in workbooks `sheet!column`.
    pub columns: Vec<String>,
    /// The columns that were not scanned, and stand in the copy as they are.
    pub unread: Vec<String>,
    /// Bytes of the (unpacked) file; in order and apart once the file has ended.
    spans: Vec<Range<usize>>,
    /// The sheets whose first row was scanned as a record.
    headless: BTreeSet<String>,
    /// In workbooks, characters of the texts of cells.
    words: BTreeMap<Cell, Vec<Range<usize>>>,
}

/// A text in a workbook: a comment has the place of its cell, but is a record of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cell {
    sheet: String,
    record: u64,
    /// From 0.
    column: u32,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Copied {
    /// BLAKE3 of the bytes that were read.
    pub before: String,
    /// BLAKE3 of the bytes that were written.
    pub after: String,
    /// Bytes read.
    pub bytes_before: u64,
    /// Bytes written.
    pub bytes_after: u64,
    /// How often [`REMOVED`] was written.
    pub removed: u64,
    /// Of the places that were to be replaced, those that could not be.
    pub not_replaced: u64,
    /// Parts of a workbook that may hold the same words, were not read, and are in the
    /// copy as they were.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_read: Vec<String>,
}

impl Copied {
    /// What people must do about the copy before they hand it on, in plain sentences.
    pub fn lacks(&self) -> Vec<String> {
        let mut lacks = Vec::new();
        if self.not_replaced > 0 {
            lacks.push(format!(
                "the redacted copy still holds {} places that were not replaced: formulas that \
                 other cells share would bring the values back; replace these formulas by their \
                 values and scan again",
                self.not_replaced
            ));
        }
        if let Some(first) = self.not_read.first() {
            lacks.push(format!(
                "the redacted copy holds parts that are not read and may say the same as its \
                 cells (charts, pivot tables, data of other workbooks; filters, conditional \
                 formats, prompts and headings of sheets): {first}{}; take them out and scan again",
                match self.not_read.len() - 1 {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                }
            ));
        }
        lacks
    }
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// It is another file by now.
    #[error("it has changed since it was scanned")]
    Changed,
    /// It cannot be read.
    #[error("it cannot be read again: {}", crate::error::plain(.0))]
    Read(io::Error),
    /// The copy cannot be written.
    #[error("the copy cannot be written: {}", crate::error::plain(.0))]
    Write(io::Error),
    /// A workbook that is not as it should be.
    #[error("the workbook cannot be taken apart: {0}")]
    Workbook(String),
}

/// Watches a scan and keeps where words are to be replaced.
///
/// Only the words of rules about people's data are replaced: those of rules marked
/// `redact`, and of the families `crm` and `data`, which the copy is made to be rid of.
/// What other rules find (a partisan slogan, a missing caption) is a matter of conduct;
/// cutting it out of a record would falsify the record and protect nobody. Values of
/// columns that are not read as text (an opt-out that was not honoured, a date that is
/// long past) are replaced for rules marked `redact` only: an opt-out that is cut out of
/// the copy would be lost.
#[derive(Debug)]
pub struct Redactor<'s> {
    set: &'s PackSet,
    files: Vec<Redaction>,
    file: Option<SharedFile>,
    /// What the rules are about that found something.
    rules: BTreeMap<String, About>,
    /// Findings that count only where the file holds more of them.
    pending: BTreeMap<Counted, Pending>,
}

#[derive(Debug, Default)]
struct Pending {
    tally: Tally,
    findings: Vec<ScanFinding>,
}

impl<'s> Redactor<'s> {
    /// Starts to watch a scan with these packs.
    pub fn new(set: &'s PackSet) -> Self {
        Self {
            set,
            files: Vec::new(),
            file: None,
            rules: BTreeMap::new(),
            pending: BTreeMap::new(),
        }
    }

    /// Says that files come now that are judged by these packs.
    pub fn judge_by(&mut self, set: &'s PackSet) {
        if !std::ptr::eq(self.set, set) {
            self.set = set;
            self.rules.clear();
        }
    }

    /// Takes in an event, in the order of the scan. Findings that are counted but not
    /// listed are taken in too.
    pub fn see(&mut self, event: &Event) {
        match event {
            Event::Begins(about, file) => {
                self.begin(about, file);
                self.file = Some(Arc::clone(file));
            }
            Event::Part(part) => self.part(part),
            Event::Ends(digest, _) => {
                self.pending.clear();
                if let Some(file) = self.files.last_mut() {
                    file.digest.clone_from(digest);
                    file.spans = joined(std::mem::take(&mut file.spans));
                }
            }
            Event::Notice(_) => {}
        }
    }

    fn begin(&mut self, about: &FileSummary, context: &FileContext) {
        // The sheets of a workbook are one file.
        let goes_on =
            about.sheet.is_some() && self.files.last().is_some_and(|file| file.path == about.path);
        if !goes_on {
            self.files.push(Redaction {
                path: about.path.clone(),
                format: about.format.clone(),
                encoding: about.encoding.as_deref().and_then(Encoding::from_label),
                digest: String::new(),
                replaced: BTreeMap::new(),
                left: BTreeMap::new(),
                kept: BTreeMap::new(),
                columns: Vec::new(),
                unread: Vec::new(),
                spans: Vec::new(),
                headless: BTreeSet::new(),
                words: BTreeMap::new(),
            });
        }
        let Some(file) = self.files.last_mut() else { return };
        let named = |name: &String| match &about.sheet {
            Some(sheet) => format!("{sheet}!{name}"),
            None => name.clone(),
        };
        if let (Some(sheet), false) = (&about.sheet, context.headed) {
            file.headless.insert(sheet.clone());
        }
        let (values, texts): (Vec<_>, Vec<_>) =
            about.columns.iter().partition(|column| column.why == FOR_RULES);
        file.columns.extend(texts.iter().map(|column| named(&column.name)));
        file.unread.extend(values.iter().map(|column| named(&column.name)));
        file.unread.extend(about.unread.iter().map(named));
    }

    fn part(&mut self, part: &Part) {
        for (finding, needs) in &part.findings {
            match needs {
                None => self.found(finding),
                Some((with, needs, tally)) => {
                    let pending = self.pending.entry(*with).or_default();
                    pending.tally.join(tally);
                    // The list shows many hits as one finding; each has its words.
                    pending.findings.push(finding.clone());
                    if pending.tally.is_enough(*needs) {
                        for finding in std::mem::take(&mut pending.findings) {
                            self.found(&finding);
                        }
                    }
                }
            }
        }
        for finding in &part.found_behind {
            self.found(finding);
        }
    }

    fn found(&mut self, finding: &ScanFinding) {
        let known = self.rules.get(&finding.rule).copied();
        let about = known.unwrap_or_else(|| {
            let about =
                self.set.rule(&finding.rule).map_or(About::Conduct, |(_, rule)| about(rule));
            self.rules.insert(finding.rule.clone(), about);
            about
        });
        let of_record = self.file.as_ref().is_some_and(|file| is_value(file, finding));
        let key = self.file.as_ref().and_then(|file| cell(file, finding));
        let Some(file) = self.files.last_mut() else { return };
        let count = |counts: &mut BTreeMap<String, u64>, by: u64| {
            *counts.entry(finding.rule.clone()).or_default() += by;
        };
        match about {
            About::Conduct => return count(&mut file.kept, 1),
            About::Records if of_record => return count(&mut file.left, 1),
            About::Records | About::People => {}
        }
        let mut places = 0;
        for place in &finding.places {
            match (&place.bytes, &key) {
                (Some(bytes), _) if !bytes.is_empty() => file.spans.push(bytes.clone()),
                (None, Some(key)) if !place.chars.is_empty() => {
                    file.words.entry(key.clone()).or_default().push(place.chars.clone());
                }
                _ => continue,
            }
            places += 1;
        }
        if places == 0 {
            count(&mut file.left, 1);
        } else {
            count(&mut file.replaced, places);
        }
    }

    /// The files, in the order in which they were scanned.
    pub fn finish(self) -> Vec<Redaction> {
        self.files
    }
}

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    /// People's data, wherever it stands.
    People,
    /// People's data in texts; in the other columns, how a record is kept.
    Records,
    /// What somebody did or said.
    Conduct,
}

/// Whether words that a rule finds in texts are taken out of copies.
pub(super) fn is_taken_out(rule: &Rule) -> bool {
    about(rule) != About::Conduct
}

fn about(rule: &Rule) -> About {
    match (rule.redact, rule.is_about_people()) {
        (true, _) => About::People,
        (false, true) => About::Records,
        (false, false) => About::Conduct,
    }
}

/// Whether a finding stands at a value of its record that is not read as text.
fn is_value(file: &SharedFile, finding: &ScanFinding) -> bool {
    let mut asked = file.layout.asked();
    asked.any(|(at, name)| {
        file.shown.name(name) == finding.column && !file.layout.columns.contains(&at)
    })
}

/// The text of a workbook in which a finding stands, where that is known.
fn cell(file: &SharedFile, finding: &ScanFinding) -> Option<Cell> {
    let sheet = finding.sheet.clone()?;
    let column = if let Some(name) = &finding.cell {
        cell_place(name)?.1
    } else {
        // A value that was not read as text.
        let mut asked = file.layout.asked();
        let (column, _) = asked.find(|(_, name)| file.shown.name(name) == finding.column)?;
        u32::try_from(column).ok()?
    };
    Some(Cell { sheet, record: finding.record, column })
}

/// Spans in order, those that overlap or touch as one.
fn joined(mut spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    spans.sort_unstable_by_key(|span| (span.start, span.end));
    spans.dedup_by(|next, last| {
        let touches = next.start <= last.end;
        if touches {
            last.end = last.end.max(next.end);
        }
        touches
    });
    spans.shrink_to_fit();
    spans
}

#[cfg(test)]
mod testing {
    use super::*;

    /// A text that was scanned, and where it is to be replaced.
    pub(super) fn of_text(bytes: &[u8], format: &str, spans: Vec<Range<usize>>) -> Redaction {
        Redaction {
            path: "export".to_owned(),
            format: format.to_owned(),
            encoding: Some(Encoding::Utf8),
            digest: blake3::hash(bytes).to_hex().to_string(),
            replaced: BTreeMap::new(),
            left: BTreeMap::new(),
            kept: BTreeMap::new(),
            columns: Vec::new(),
            unread: Vec::new(),
            spans: joined(spans),
            headless: BTreeSet::new(),
            words: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_joined() {
        let spans = vec![7..9, 1..3, 2..4, 9..10, 1..2, 20..20];
        assert_eq!(joined(spans), [1..4, 7..10, 20..20]);
        assert_eq!(joined(Vec::new()), Vec::<Range<usize>>::new());
    }
}
