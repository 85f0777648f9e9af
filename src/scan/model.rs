//! What a bulk scan finds and counts.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::finding::{NotJudged, Notice, PackReport, RuleReport};
use crate::pack::Severity;

/// A rule that holds at a cell of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanFinding {
    /// The file; one inside an archive as `export.zip/notes.csv`.
    pub file: String,
    /// The sheet, in workbooks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The record, from 1 behind the header.
    pub record: u64,
    /// The line of the (unpacked) file on which the words start, from 1; in workbooks
    /// the row of the sheet.
    pub line: u64,
    /// The cell as spreadsheets call it (`C12`), in workbooks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    /// The column, or the key of a JSON object.
    pub column: String,
    /// What stands in the column of identifiers, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What stands in the column by which the summary is grouped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The month of the record, `2026-11`, where a column of dates is named; `unknown`
    /// where its date cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<String>,
    /// The rule's full name.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// The problem, in one plain sentence.
    pub message: String,
    /// The words the rule is about, in order; never empty.
    pub places: Vec<ScanPlace>,
    /// The same in the next export while the words stay in this column of this record.
    pub fingerprint: String,
}

/// Some words of a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanPlace {
    /// Bytes of the (unpacked) file; none in workbooks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<Range<usize>>,
    /// Characters (Unicode scalar values) of the text of the cell, from 0.
    pub chars: Range<usize>,
    /// The words; their shape (`Xxxxx 99`) unless values are revealed.
    pub text: String,
}

/// What a scan read and found, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// The files, in the order in which they were read.
    pub files: Vec<FileSummary>,
    /// Records scanned.
    pub records: u64,
    /// Cells scanned that held text.
    pub cells: u64,
    /// Bytes read, unpacked.
    pub bytes: u64,
    /// Findings by severity.
    pub findings: BTreeMap<Severity, u64>,
    /// Records in which something was found.
    pub records_found: u64,
    /// By rule.
    pub by_rule: BTreeMap<String, Count>,
    /// By column, of all files together.
    pub by_column: BTreeMap<String, Count>,
    /// The column by which records are grouped, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_by: Option<String>,
    /// By what stands in that column.
    pub by_group: BTreeMap<String, Group>,
    /// By month (`2026-11`, or `unknown`), where a column of dates is named.
    pub by_month: BTreeMap<String, Group>,
    /// Where only a sample was scanned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<Sample>,
    /// What people must know besides the findings.
    pub notices: Vec<Notice>,
    /// Rules nobody could judge.
    pub not_judged: Vec<NotJudged>,
    /// The packs.
    pub packs: Vec<PackReport>,
    /// The rules that found something.
    pub rules: BTreeMap<String, RuleReport>,
    /// Whether words of rules marked `redact` are shown.
    pub revealed: bool,
    /// Findings that are counted but not listed, because of `--max-findings`.
    pub unlisted: u64,
}

/// How often something was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Findings.
    pub findings: u64,
    /// Records in which it was found.
    pub records: u64,
}

/// The records of one office, owner or month.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Records scanned.
    pub records: u64,
    /// Records in which something was found.
    pub records_found: u64,
    /// Records in which each rule found something.
    pub by_rule: BTreeMap<String, u64>,
}

/// One file, member of an archive, or sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FileSummary {
    /// As in [`ScanFinding::file`].
    pub path: String,
    /// The sheet, in workbooks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// How it was read: `csv`, `tsv`, `jsonl`, `json`, `xlsx`, `xls`, `ods`.
    pub format: String,
    /// The encoding, of text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// BLAKE3 of the (unpacked) bytes, in hexadecimal; empty where not all were read.
    pub digest: String,
    /// Bytes read, unpacked.
    pub bytes: u64,
    /// Records scanned.
    pub records: u64,
    /// Findings.
    pub findings: u64,
    /// The columns that were scanned, and why each was.
    pub columns: Vec<ColumnRead>,
    /// The columns that were not scanned.
    pub unread: Vec<String>,
}

/// A column that was scanned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ColumnRead {
    /// Its name.
    pub name: String,
    /// Why it was scanned: `asked for`, `preset dynamics`, `by name`, `by content`,
    /// `for its name`, `empty at first`; or `for its values`, which rules or the caller ask
    /// for, and not as text.
    pub why: String,
}

/// What a sample says of the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Sample {
    /// Records scanned.
    pub records: u64,
    /// Records there are.
    pub of: u64,
    /// Records of 1,000 in which something was found, and the bounds between which the
    /// true figure lies in 95 of 100 samples (Wilson's score interval).
    pub per_thousand: f64,
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
}

impl Summary {
    /// Whether something was not scanned; such a run never ends with 0.
    pub fn incomplete(&self) -> bool {
        self.notices.iter().any(|notice| notice.unchecked)
    }
}
