//! What a run reports. Emitters write these; they decide nothing.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::facts::{FactOrigin, FactValue};
use crate::pack::Severity;
use crate::text::Span;

/// Everything a run has to say, sorted and final.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// The files that were checked, in the order of the run.
    pub documents: Vec<DocumentReport>,
    /// By document, place, rule.
    pub findings: Vec<Finding>,
    /// What could not be read, and what readers should know.
    pub notices: Vec<Notice>,
    /// Rules that could not be judged, or only in part, for want of a fact.
    pub not_judged: Vec<NotJudged>,
    /// What may be written behind `=` for the facts in `not_judged`, for people.
    #[serde(skip)]
    pub ways: BTreeMap<String, String>,
    /// The packs in use.
    pub packs: Vec<PackReport>,
    /// The rules that found something, by name.
    pub rules: BTreeMap<String, RuleReport>,
}

impl Report {
    /// How many findings have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// Whether something was skipped or cut short.
    pub fn incomplete(&self) -> bool {
        self.notices.iter().any(|notice| notice.unchecked)
    }
}

/// A pack that was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackReport {
    /// Its id.
    pub id: String,
    /// The author's version.
    pub version: String,
    /// BLAKE3 of the pack and its lists.
    pub digest: String,
    /// Where it was loaded from.
    pub origin: String,
    /// How many rules it has.
    pub rules: usize,
}

/// A file that was checked.
#[derive(Clone, Debug, Serialize)]
pub struct DocumentReport {
    /// As shown to people.
    pub path: String,
    /// How it was read: `text`, `markdown`, `html` or `csv`.
    pub format: &'static str,
    /// The encoding of its bytes.
    pub encoding: &'static str,
    /// How many texts were checked in it.
    pub fields: usize,
    /// The facts that held for it, with their origins.
    pub facts: BTreeMap<String, (FactValue, FactOrigin)>,
}

/// What stays the same for every finding of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleReport {
    /// The pack it belongs to.
    pub pack: String,
    /// A few words.
    pub title: String,
    /// What to do instead.
    pub help: String,
    /// Whom to ask when unsure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask: Option<String>,
    /// The paragraphs it rests on.
    pub cites: Vec<CitationReport>,
}

/// A paragraph a rule rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CitationReport {
    /// Title of the document.
    pub title: String,
    /// Paragraph, section or heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Who issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// Its date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Where it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether the paragraph was read when the rule was written.
    pub verified: bool,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Location {
    /// Bytes of the file as it is on disk.
    pub bytes: Span,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Line of the end.
    pub end_line: usize,
    /// Column behind the last character.
    pub end_column: usize,
    /// The words as written; masked where the rule says so.
    pub text: String,
    /// What stands there, where the rule has a word for it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub label: String,
}

/// A rule that holds at a place.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// Index into [`Report::documents`].
    pub document: usize,
    /// The path of that document.
    pub path: String,
    /// The words the rule is about, in order; never empty.
    pub places: Vec<Location>,
    /// The rule's full name.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// The problem, in one plain sentence.
    pub message: String,
    /// Places that made it a finding.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Location>,
    /// The field it is in: `body`, `title`, a column name.
    pub field: String,
    /// The record it is in, from 1 behind the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<u64>,
    /// Survives edits elsewhere: rule, folded words, field and how many equal
    /// findings come before. Starts with the version of the method.
    pub fingerprint: String,
    /// The lines around it.
    #[serde(skip)]
    pub excerpt: Vec<Excerpt>,
}

/// Some lines of a file, safe to show: decoded, masked, without control
/// characters, shortened where they are long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// Number of the first line.
    pub line: usize,
    /// The lines.
    pub text: String,
    /// What is marked in them.
    pub marks: Vec<Mark>,
}

/// A stretch of an excerpt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Bytes of the excerpt's text.
    pub span: Span,
    /// Whether the rule is about these words, or they only made it a finding.
    pub primary: bool,
    /// What is written beside them.
    pub label: String,
}

/// Something about the run that people must know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Notice {
    /// The file, as shown to people.
    pub path: String,
    /// The line, from 1, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// One plain sentence.
    pub message: String,
    /// Whether something was not checked because of it.
    pub unchecked: bool,
}

/// A rule nobody could judge.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NotJudged {
    /// The rule.
    pub rule: String,
    /// The facts that are not known.
    pub missing: Vec<String>,
    /// The columns that a table does not have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Whether a part of the rule was judged all the same.
    pub partly: bool,
    /// In how many documents.
    pub documents: usize,
}
