//! What a run reports. Emitters write these; they decide nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::facts::{FactOrigin, FactValue};
use crate::input::WalkNotice;
use crate::pack::{Digest, Severity};
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
    /// Whether people are shown what was accepted, too.
    #[serde(skip)]
    pub show_accepted: bool,
    /// Whether a baseline was in use, so that what it does not hold is new.
    #[serde(skip)]
    pub baseline: bool,
    /// What was left out because it did not change, where only changes are reported.
    pub changes: Option<ChangesReport>,
}

impl Report {
    /// The findings that nobody has accepted.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.suppression.is_none())
    }

    /// The findings that people are shown.
    pub fn shown(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| self.show_accepted || finding.suppression.is_none())
    }

    /// How many findings somebody has accepted.
    pub fn accepted(&self) -> usize {
        self.findings.iter().filter(|finding| finding.suppression.is_some()).count()
    }

    /// How many findings that nobody has accepted have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.open().filter(|finding| finding.severity == severity).count()
    }

    /// Whether something was skipped or cut short.
    pub fn incomplete(&self) -> bool {
        self.notices.iter().any(|notice| notice.unchecked)
    }
}

/// What a report on changes leaves out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangesReport {
    /// What was compared with, in words.
    pub since: String,
    /// The commit; none where nothing was committed yet.
    pub commit: Option<String>,
    /// Documents that were not read because nothing in them changed.
    pub unchanged_documents: usize,
    /// Findings, not accepted by anybody, that touch no line that changed.
    pub unchanged_findings: usize,
}

/// A pack that was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackReport {
    /// Its id.
    pub id: String,
    /// The author's version.
    pub version: String,
    /// BLAKE3 of the pack and its lists.
    pub digest: Digest,
    /// Where it was loaded from.
    pub origin: String,
    /// How many rules it has.
    pub rules: usize,
}

/// Facts with their origins, by name.
pub type ShownFacts = BTreeMap<String, (FactValue, FactOrigin)>;

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
    /// The facts that held for it; most files of a folder have the same.
    #[serde(serialize_with = "shared")]
    pub facts: Arc<ShownFacts>,
}

fn shared<S: Serializer>(facts: &Arc<ShownFacts>, serializer: S) -> Result<S::Ok, S::Error> {
    facts.serialize(serializer)
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
    /// The same columns in the units of formats and editors that count otherwise.
    #[serde(skip)]
    pub units: OtherColumns,
    /// The words as written; masked where the rule says so.
    pub text: String,
    /// What stands there, where the rule has a word for it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub label: String,
}

/// Columns in other units than characters, from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct OtherColumns {
    /// In bytes of the line as UTF-8.
    pub bytes: usize,
    /// The end in bytes of its line as UTF-8.
    pub end_bytes: usize,
    /// In UTF-16 code units.
    pub utf16: usize,
    /// The end in UTF-16 code units.
    pub end_utf16: usize,
}

/// Why a finding is accepted. An accepted finding is reported as such and never
/// makes the exit code 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suppression {
    /// Where it is accepted.
    pub by: SuppressedBy,
    /// The reason that was given; a baseline need not have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The last day on which it holds, as `2027-03-31`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl Suppression {
    /// In one line, for people: by what, why, who answers for it and how long.
    pub fn in_words(&self) -> String {
        let mut out = self.by.in_words().to_owned();
        if let Some(reason) = &self.reason {
            out.push_str(": ");
            out.push_str(reason);
        }
        let owner = self.owner.as_ref().map(|owner| format!("owner: {owner}"));
        let until = self.until.as_ref().map(|until| format!("until: {until}"));
        let more: Vec<String> = owner.into_iter().chain(until).collect();
        if !more.is_empty() {
            out.push_str(&format!(" ({})", more.join(", ")));
        }
        out
    }
}

/// Where a finding is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SuppressedBy {
    /// A comment in the file itself.
    Comment,
    /// A file of suppressions beside it.
    SideFile,
    /// The baseline.
    Baseline,
}

impl SuppressedBy {
    /// For people.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Comment => "by a comment",
            Self::SideFile => "by a file of suppressions",
            Self::Baseline => "by the baseline",
        }
    }
}

/// A change of the file that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// What it does, in a few words: `write #VoteEarly`.
    pub title: String,
    /// The changes, in order, not overlapping; all are made or none.
    pub edits: Vec<Edit>,
    /// The same as one change, where there are several and they stand on one line with
    /// nothing but plain text between them. For programs that take each change by itself.
    #[serde(skip)]
    pub joined: Option<Edit>,
}

/// A stretch of a file and what is to stand there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// The place; its `text` is shown to people and may be shortened or masked.
    pub place: Location,
    /// The decoded text that must still stand there for the edit to be made.
    #[serde(skip)]
    pub old: String,
    /// The text to put there.
    pub new: String,
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
    /// Whether it is about a text as a whole (its length, what it lacks): it has a place,
    /// but every line makes it true.
    #[serde(skip)]
    pub about_whole: bool,
    /// Survives edits elsewhere: rule, folded words, field and how many equal
    /// findings come before. Starts with the version of the method.
    pub fingerprint: String,
    /// Tells words apart that are no part of the fingerprint because their rule masks
    /// them.
    #[serde(skip)]
    pub secret: Option<Secret>,
    /// Why it is accepted, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppression: Option<Suppression>,
    /// How to mend it, where the rule knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// Whether it makes the exit code 1; said when the report is finished.
    #[serde(skip)]
    pub fails: bool,
    /// The lines around it.
    #[serde(skip)]
    pub excerpt: Vec<Excerpt>,
}

/// A digest that the words of a rule that masks them are part of. Identifiers are few
/// enough to be guessed back from it, so it is never written anywhere; the baseline
/// writes a digest of it under a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Secret(pub(crate) [u8; 32]);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
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

impl From<WalkNotice> for Notice {
    fn from(notice: WalkNotice) -> Self {
        let WalkNotice { path, message, unchecked } = notice;
        Self { path, line: None, message, unchecked }
    }
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
