//! A pack once it has been read and found whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::duty::Duty;
use super::gate::Expression;
use super::phrase::{self, Phrase};
use super::record_test::RecordTest;
use super::weights::{Weigh, Weights};
use crate::facts::FactValue;
use crate::replace::Maker;
use crate::syntax::SourceFile;
use crate::text::{Folded, Span};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Could be better.
    Note,
    /// A person must look.
    Warning,
    /// Do not publish or keep.
    Error,
}

impl Severity {
    /// Every severity as spelled in packs, configuration and reports.
    pub const NAMES: &'static [&'static str] = &["error", "warning", "note"];

    /// The severity of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        match name {
            "error" => Some(Self::Error),
            "warning" => Some(Self::Warning),
            "note" => Some(Self::Note),
            _ => None,
        }
    }

    /// As spelled in packs, configuration and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// The family of probity's own rules, about suppressions. No pack can have it.
pub const BUILT_IN_FAMILY: &str = "suppress";

/// A pack: rules, what they are made of, and where they come from.
#[derive(Clone, Debug, Default)]
pub struct Pack {
    /// Kebab-case, unique among the packs in use.
    pub id: String,
    /// For people.
    pub title: String,
    /// The author's version of the pack.
    pub version: String,
    /// What the pack is for, in a sentence or two.
    pub description: String,
    /// The families its rules belong to: the part of a rule's name before `/`.
    pub families: Vec<String>,
    /// Whom an author asks when unsure.
    pub ask: Option<String>,
    /// The day (ISO 8601) by which somebody must read the pack again.
    pub review_by: Option<String>,
    /// Packs this one builds on.
    pub extends: Vec<(String, Span)>,
    /// Where it was loaded from, for people.
    pub origin: String,
    /// Whether it is one of the packs that come with probity.
    pub shipped: bool,
    /// BLAKE3 of the pack file and its term lists.
    pub digest: Digest,
    /// The TOML file.
    pub file: Arc<SourceFile>,
    /// Documents the rules cite.
    pub sources: Vec<Source>,
    /// Facts the rules ask for.
    pub facts: Vec<FactDeclaration>,
    /// Lists of phrases, by name.
    pub lists: Vec<List>,
    /// Tables of weights, by name.
    pub weights: Vec<Weights>,
    /// The rules.
    pub rules: Vec<Rule>,
    /// Duties that no check of a text can decide, for the author to read.
    pub checklist: Vec<ChecklistItem>,
    /// What the sources ask for, and what the pack does about it.
    pub duties: Vec<Duty>,
    /// Changes to the rules of extended packs.
    pub adjustments: Vec<Adjustment>,
    /// Terms added to the lists of extended packs.
    pub additions: Vec<(String, List)>,
}

/// A document that rules cite.
#[derive(Clone, Debug, Serialize)]
pub struct Source {
    /// Short name used by `cites`.
    pub id: String,
    /// As printed on it.
    pub title: String,
    /// Who issued it.
    pub publisher: Option<String>,
    /// Its date, as printed on it.
    pub date: Option<String>,
    /// Where it can be read.
    pub url: Option<String>,
    /// Whether somebody has held the pack against the text of the document. A
    /// citation of any other source is shown as unverified.
    pub verified: bool,
}

/// A place in a source.
#[derive(Clone, Debug)]
pub struct Citation {
    /// The id of the source.
    pub source: String,
    /// Paragraph, section or heading.
    pub at: Option<String>,
    /// Whether this paragraph has been read; a source can be read in part.
    pub verified: bool,
}

impl Citation {
    /// Whether any of `others` is of the same place.
    pub fn is_among(&self, others: &[Self]) -> bool {
        others.iter().any(|other| other.source == self.source && other.at == self.at)
    }
}

/// The kind of value a fact has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// Any text.
    Text,
    /// Several texts.
    List,
    /// Several of these words.
    SomeOf(Vec<String>),
    /// Yes or no.
    Flag,
    /// A whole number.
    Whole,
    /// One of these words.
    OneOf(Vec<String>),
    /// A day, as in 2026-11-21.
    Date,
    /// Stretches of days, as in `2024-05-25/2024-07-04`.
    Periods,
}

/// A fact that rules ask for.
#[derive(Clone, Debug)]
pub struct FactDeclaration {
    /// As written after `--set`.
    pub name: String,
    /// What values it takes.
    pub kind: FactKind,
    /// The value where nobody sets it.
    pub default: Option<FactValue>,
    /// Columns and keys of front matter that state it for a record.
    pub fields: Vec<String>,
    /// What it means, in one sentence.
    pub about: String,
}

/// A condition on facts: every named fact has one of the values (or none of
/// them).
pub type When = Vec<FactTest>;

/// One fact of a [`When`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactTest {
    /// The fact.
    pub fact: String,
    /// The values asked for.
    pub values: Vec<String>,
    /// Whether the fact must have none of them.
    pub negated: bool,
}

/// A named set of phrases.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// Kebab-case; made up from the rule for terms written in a rule.
    pub name: String,
    /// Its phrases.
    pub entries: Vec<Entry>,
    /// Lists whose entries belong to this one too.
    pub include: Vec<(String, Span)>,
    /// A fact whose values are entries too.
    pub fact: Option<String>,
    /// What the list holds, for people.
    pub about: String,
    /// How letter case counts.
    pub case: Case,
    /// The day (ISO 8601) by which somebody must read the list again.
    pub review_by: Option<String>,
}

/// One line of a list.
#[derive(Clone, Debug)]
pub struct Entry {
    /// As written, where the file spells it in another way.
    unescaped: Option<Box<str>>,
    /// The bytes of a quotation mark around it in the file.
    quote: usize,
    /// The file it stands in.
    pub file: Arc<SourceFile>,
    /// Bytes of that file.
    pub span: Span,
}

impl Entry {
    /// A line of a file.
    pub fn new(written: &str, file: &Arc<SourceFile>, span: Span) -> Self {
        let spelled = |quote: usize| {
            let end = span.end.checked_sub(quote)?;
            file.text.get(span.start + quote..end).filter(|text| *text == written)
        };
        let quote = (0..=1).find(|&quote| spelled(quote).is_some());
        let unescaped = quote.is_none().then(|| written.into());
        Self { unescaped, quote: quote.unwrap_or(0), file: Arc::clone(file), span }
    }

    /// As written. Most entries are the words of their file, and are not kept twice.
    pub fn written(&self) -> &str {
        let place = self.span.start + self.quote..self.span.end - self.quote;
        self.unescaped.as_deref().unwrap_or_else(|| &self.file.text[place])
    }

    /// Its phrases. They are read whenever somebody asks, which costs less than to keep
    /// them: most runs judge a few rules of a few packs, and ask once.
    pub fn phrases(&self) -> Vec<Phrase<'_>> {
        phrase::parse(self.written()).unwrap_or_default()
    }
}

/// How letter case counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Case {
    /// A capital in the term must be a capital in the text; a small letter may be either.
    #[default]
    Smart,
    /// Any case.
    Any,
    /// Letter for letter.
    Exact,
    /// As `Smart`, but a term in small letters may have a capital only at the start of a
    /// sentence, line or label, or where the whole word is in capitals.
    Sentence,
}

impl Case {
    /// As spelled in packs.
    pub const NAMES: &'static [&'static str] = &["smart", "any", "exact", "sentence"];

    /// The case of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "smart" => Self::Smart,
            "any" => Self::Any,
            "exact" => Self::Exact,
            "sentence" => Self::Sentence,
            _ => return None,
        })
    }
}

/// How far a condition looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Within {
    /// So many words to either side, inside the paragraph.
    Words(usize),
    /// The same sentence.
    Sentence,
    /// The same paragraph.
    Paragraph,
    /// The same field.
    Field,
    /// The same record.
    Record,
    /// The same document.
    Document,
}

impl Within {
    /// As spelled in packs, besides a number of words.
    pub const NAMES: &'static [&'static str] =
        &["sentence", "paragraph", "field", "record", "document"];

    /// The reach of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "sentence" => Self::Sentence,
            "paragraph" => Self::Paragraph,
            "field" => Self::Field,
            "record" => Self::Record,
            "document" => Self::Document,
            _ => return None,
        })
    }
}

/// Which side of the hit a condition looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Side {
    /// Both.
    #[default]
    Either,
    /// Only before the hit.
    Before,
    /// Only behind it.
    After,
}

impl Side {
    /// As spelled in packs.
    pub const NAMES: &'static [&'static str] = &["before", "after", "either"];

    /// The side of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "before" => Self::Before,
            "after" => Self::After,
            "either" => Self::Either,
            _ => return None,
        })
    }
}

/// Something that must, or must not, stand near a hit.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The list looked for.
    pub list: String,
    /// How far.
    pub within: Within,
    /// On which side.
    pub side: Side,
    /// How many different places must hold an entry.
    pub at_least: usize,
    /// What the report writes beside the place that was found.
    pub label: Option<String>,
    /// Where the condition stands in the pack.
    pub span: Span,
}

/// Where on its line a hit must stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// With nothing else on the line.
    Alone,
    /// At the start of the line, before a dash or colon.
    LineStart,
    /// At the end of the line, behind a dash or colon.
    LineEnd,
    /// Between brackets of its own.
    Bracketed,
    /// First on its line, whatever follows.
    First,
    /// Last on its line, whatever stands before.
    Last,
}

impl Place {
    /// As spelled in packs.
    pub const NAMES: &'static [&'static str] =
        &["alone", "line-start", "line-end", "bracketed", "first", "last"];

    /// The place of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "alone" => Self::Alone,
            "line-start" => Self::LineStart,
            "line-end" => Self::LineEnd,
            "bracketed" => Self::Bracketed,
            "first" => Self::First,
            "last" => Self::Last,
            _ => return None,
        })
    }
}

/// What a find looks for.
#[derive(Clone, Debug)]
pub enum What {
    /// An entry of a list.
    List(String),
    /// A regular expression, over the text with invisible characters removed and
    /// width folded, in its own letter case.
    Pattern {
        /// The expression.
        regex: Expression,
        /// The name of a validator that must accept the match.
        validate: Option<String>,
    },
    /// More of something than is allowed.
    Count {
        /// The name of a unit of `count`.
        of: String,
        /// The most that is allowed.
        most: Most,
        /// Whether every sentence is counted by itself, not the whole field.
        by_sentence: bool,
        /// A list whose phrases, and what they cover, are not counted.
        except: Option<String>,
    },
    /// A text without any entry of a list.
    Missing {
        /// The list.
        list: String,
        /// Where an entry would have to be.
        within: Within,
    },
    /// The text as a whole, by the weight of its words.
    Text {
        /// Whether each stretch of a few sentences is weighed as well.
        sentences: bool,
    },
    /// Nothing in the text: the tests of the find on the record are all of it.
    Record,
}

impl What {
    /// Whether examples need not say which words are meant: it is about a text, or about
    /// how much of something it holds.
    pub fn is_about_text(&self) -> bool {
        matches!(self, Self::Missing { .. } | Self::Count { .. } | Self::Text { .. })
    }
}

/// The most that a count allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Most {
    /// So many.
    Number(usize),
    /// As many as this fact says.
    Fact(String),
}

/// What a find would write instead of the words it found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replace {
    /// This wording.
    Wording(String),
    /// By the words found (as [`words_key`] gives them): those as written in the pack,
    /// and the wording.
    ByTerm(BTreeMap<String, (String, String)>),
    /// Something made of the words.
    Made(Maker),
}

/// Words of a text as they are compared with the terms of a [`Replace::ByTerm`]: folded,
/// with one space between them.
pub fn words_key(words: &str) -> String {
    Folded::new(words).text().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One way in which a rule can be broken.
#[derive(Clone, Debug)]
pub struct Find {
    /// What is looked for.
    pub what: What,
    /// What must hold of the record beside the text.
    pub record: Vec<RecordTest>,
    /// Lists with `<T>`: one of their phrases must fit around the hit.
    pub cues: Vec<String>,
    /// Lists that silence a hit inside one of their phrases.
    pub shields: Vec<String>,
    /// What must stand near.
    pub requires: Vec<Condition>,
    /// What must not stand near.
    pub unless: Vec<Condition>,
    /// Where on its line the hit must stand; any of these.
    pub places: Vec<Place>,
    /// How many points the words around a hit must bring.
    pub weigh: Option<Weigh>,
    /// Whether hits inside quotation marks are left alone.
    pub skip_quoted: bool,
    /// Severity where it differs from the rule's.
    pub severity: Option<Severity>,
    /// Message where it differs from the rule's.
    pub message: Option<String>,
    /// Facts that must hold besides the rule's.
    pub when: When,
    /// How many of its hits there must be before any of them counts.
    pub needs: Option<Needs>,
    /// Names of the fields it reads; all those of the rule if empty.
    pub fields: Vec<String>,
    /// What to write instead, where the author says so.
    pub replace: Option<Replace>,
    /// Where the find stands in the pack.
    pub span: Span,
}

/// How findings of one rule are put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Merge {
    /// Every place is a finding.
    #[default]
    Place,
    /// One finding a sentence.
    Sentence,
    /// One finding a field.
    Field,
}

impl Merge {
    /// As spelled in packs.
    pub const NAMES: &'static [&'static str] = &["place", "sentence", "field"];

    /// The merge of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "place" => Self::Place,
            "sentence" => Self::Sentence,
            "field" => Self::Field,
            _ => return None,
        })
    }
}

/// How much of a rule must be found before any of it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// So many different finds.
    pub finds: usize,
    /// So many hits.
    pub hits: usize,
    /// Where they must stand together.
    pub within: Within,
}

impl Needs {
    /// How far it may look, as spelled in packs.
    pub const WITHIN: &'static [&'static str] = &["sentence", "field", "record", "document"];
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// `family/rule-id`, for good.
    pub id: String,
    /// Names it had before.
    pub aliases: Vec<String>,
    /// A few words for lists of rules.
    pub title: String,
    /// Severity where nothing says otherwise.
    pub severity: Severity,
    /// Severities by facts; the first that holds counts.
    pub levels: Vec<(When, Severity)>,
    /// The problem, in one plain sentence.
    pub message: String,
    /// What to do instead.
    pub help: String,
    /// Whom to ask; the pack's `ask` otherwise.
    pub ask: Option<String>,
    /// The paragraphs it rests on.
    pub cites: Vec<Citation>,
    /// The facts under which it applies.
    pub when: When,
    /// A fact with the days on which it applies.
    pub during: Option<String>,
    /// The first and the last day on which it applies.
    pub days: (Option<Date>, Option<Date>),
    /// Names of the fields it reads; all if empty.
    pub fields: Vec<String>,
    /// Fields of the record that hold names: a hit that is a word of one is a name.
    pub name_fields: Vec<String>,
    /// How much must be found before any of it counts.
    pub needs: Option<Needs>,
    /// How findings are put together.
    pub merge: Merge,
    /// Whether the words found are never shown.
    pub redact: bool,
    /// Whether hashtags are read as words.
    pub hashtags: bool,
    /// Rules that make this one silent where they found something in the same sentence.
    pub yields_to: Vec<(String, Span)>,
    /// The ways to break it.
    pub finds: Vec<Find>,
    /// Texts that break it.
    pub bad: Vec<Example>,
    /// Texts that do not.
    pub good: Vec<Example>,
    /// Why the rule is switched off, if it is.
    pub off: Option<String>,
    /// The file it stands in.
    pub file: Arc<SourceFile>,
    /// Its header in the pack.
    pub span: Span,
}

impl Rule {
    /// Whether it is about people's data, and nothing else: marked `redact`, or of a family
    /// that is.
    pub fn is_about_people(&self) -> bool {
        let family = self.id.split('/').next().unwrap_or_default();
        self.redact || matches!(family, "crm" | "data")
    }
}

/// A text that shows what a rule does.
#[derive(Clone, Debug)]
pub struct Example {
    /// Without its marks.
    pub text: String,
    /// What must be found: bytes of `text`.
    pub marks: Vec<Span>,
    /// Facts that hold for it.
    pub facts: Vec<(String, FactValue)>,
    /// The field it stands in, where the author says one.
    pub field: Option<String>,
    /// What stands beside it: field, value, and whether the value is marked.
    pub record: Vec<(String, String, bool)>,
    /// The severity it must have, where the author says one.
    pub severity: Option<Severity>,
    /// The text with all fixes of the rule, where the author says it.
    pub fixed: Option<String>,
    /// Where it stands in the pack.
    pub span: Span,
}

/// A duty that no check of a text can decide.
#[derive(Clone, Debug)]
pub struct ChecklistItem {
    /// A question the author can answer.
    pub text: String,
    /// Where it comes from.
    pub cites: Vec<Citation>,
}

/// A change that one pack makes to a rule of another.
#[derive(Clone, Debug)]
pub struct Adjustment {
    /// The rule.
    pub rule: String,
    /// Its new severity.
    pub severity: Option<Severity>,
    /// Why it is switched off.
    pub off: bool,
    /// Why.
    pub reason: String,
    /// Lists of shields it gets besides its own.
    pub shields: Vec<String>,
    /// Another way out than the rule's own.
    pub help: Option<String>,
    /// Somebody else to ask.
    pub ask: Option<String>,
    /// Where it stands in the pack.
    pub span: Span,
}
