//! What every reader makes of a file: decoded text, and the fields in it that
//! people will read.

use std::collections::BTreeMap;

use crate::facts::FactValue;
use crate::record::Record;
use crate::text::{Decoded, OffsetMap, Span};

/// How a file was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Plain text: the whole file is one field.
    Text,
    /// Markdown, with or without front matter.
    Markdown,
    /// HTML.
    Html,
    /// YAML: a data file, of which chosen keys hold texts.
    Yaml,
    /// TOML, likewise.
    Toml,
    /// JSON, likewise.
    Json,
    /// Comma-, tab- or semicolon-separated records with a header row.
    Csv,
}

/// A file taken apart. Spans of its fields lead to `source`, and `source`
/// leads to the bytes of the file.
#[derive(Debug)]
pub struct Document {
    /// The path or name shown to people.
    pub name: String,
    /// How the file was read.
    pub format: Format,
    /// The decoded text of the whole file.
    pub source: Decoded,
    /// The texts to check, in the order of the file.
    pub fields: Vec<Field>,
    /// What stands beside the texts: one record a row, or one for the file.
    pub records: Vec<Record>,
    /// Whether its texts are posts that wait to be published: a scheduler's table.
    pub is_queue: bool,
    /// Facts the document states about itself (the `probity` table of front
    /// matter), each with its place in the decoded text.
    pub facts: BTreeMap<String, (FactValue, Span)>,
    /// Comments that are meant for probity, in the order of the file.
    pub directives: Vec<Directive>,
    /// What could not be read, or was read in a way the author should know.
    pub notices: Vec<DocumentNotice>,
}

/// A comment that is meant for probity. Readers know how their format writes comments
/// and what stands beside them; what the words ask for is judged elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Directive {
    /// The whole comment in the decoded text, with its marks.
    pub span: Span,
    /// What is written in it, from the name `probity` on.
    pub content: Span,
    /// What it is about.
    pub reach: Reach,
}

/// What a comment is about, by where it stands. Spans are of the decoded text and run
/// over whole lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The lines it stands on, and what begins there.
    Line(Span),
    /// It is alone on its lines, and this is the block or entry behind it.
    Next(Span),
    /// It is alone on its lines, and nothing follows.
    Nothing,
}

/// A stretch of text that is read as one: the body of a page, a title, a cell.
#[derive(Debug)]
pub struct Field {
    /// `body`, `title`, a column name: what configuration calls the field.
    pub name: String,
    /// The text as a reader sees it: no markup, no escapes. Blocks
    /// (paragraphs, list items, headings) are parted by a blank line.
    pub text: String,
    /// From `text` to the decoded text of the document.
    pub map: OffsetMap,
    /// Whether a single line break means no more than a space, as in Markdown and
    /// HTML. In plain text and cells people break lines where a thought ends.
    pub wrapped: bool,
    /// The record the field belongs to, counted from 1 after the header;
    /// `None` where the format has no records.
    pub record: Option<u64>,
}

impl Document {
    /// Whether it is a data file.
    pub fn is_data(&self) -> bool {
        matches!(self.format, Format::Yaml | Format::Toml | Format::Json)
    }

    /// The record that is about the whole file: front matter, or what stands around the
    /// lists of a data file. A table has none.
    pub fn own_record(&self) -> Option<&Record> {
        match self.records.as_slice() {
            [only] if only.number.is_none() => Some(only),
            [first, ..] if self.is_data() => Some(first),
            _ => None,
        }
    }

    /// The record a field belongs to.
    pub fn record_of(&self, field: &Field) -> Option<&Record> {
        // Rows are numbered from 1 and none is left out.
        let at = field.record.map_or(Some(0), |number| usize::try_from(number - 1).ok())?;
        self.records.get(at)
    }
}

/// Something about a document that people must know besides its findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentNotice {
    /// One plain sentence.
    pub message: String,
    /// Where in the decoded text, if there is a place.
    pub span: Option<Span>,
    /// Whether a part of the document was not checked because of it. Such a
    /// run never ends with exit code 0.
    pub unchecked: bool,
}
