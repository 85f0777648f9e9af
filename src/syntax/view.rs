//! Reading parsed TOML by key. A value of the wrong kind reads as absent:
//! `spec::check` has already said so at its place.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Diagnostic, SourceFile};
use crate::text::{Lines, Span};

/// A string of the file and where it stands, quotes included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    /// The string, unescaped.
    pub value: &'a str,
    /// Bytes of the file, quotes included.
    pub span: Span,
}

/// So many syntax faults are told of a file. One slip can make nonsense of all that
/// follows.
const MOST_FAULTS: usize = 5;

/// Parses a TOML file, collecting syntax faults, one a line. What could be read is
/// returned beside the faults, so that other faults can be reported with them.
pub fn parse<'s>(file: &'s Arc<SourceFile>, faults: &mut Vec<Diagnostic>) -> Spanned<DeTable<'s>> {
    let (table, errors) = DeTable::parse_recoverable(&file.text);
    if !errors.is_empty()
        && let Some(fault) = Diagnostic::of_conflict(file)
    {
        faults.push(fault);
        return table;
    }
    let lines = Lines::new(&file.text);
    let mut told = Vec::new();
    for error in errors {
        let span = error.span().map_or(Span::new(0, 0), Span::from);
        let line = lines.position(span.start.min(file.text.len())).line;
        if told.contains(&line) || told.len() == MOST_FAULTS {
            continue;
        }
        told.push(line);
        faults.push(
            Diagnostic::fault(file, span, format!("this is not valid TOML: {}", error.message()))
                .label("here"),
        );
    }
    table
}

/// A table of the file.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    table: &'a DeTable<'a>,
    /// Bytes of the file: the header of the table.
    pub span: Span,
}

impl<'a> View<'a> {
    /// Looks at a whole parsed file.
    pub fn root(parsed: &'a Spanned<DeTable<'a>>) -> Self {
        Self { table: parsed.get_ref(), span: parsed.span().into() }
    }

    /// Looks at a value, if it is a table.
    pub fn of(value: &'a Spanned<DeValue<'a>>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Table(table) => Some(Self { table, span: value.span().into() }),
            _ => None,
        }
    }

    /// Every key with its place and its value, in the order of the file.
    pub fn entries(self) -> impl Iterator<Item = (Text<'a>, &'a Spanned<DeValue<'a>>)> {
        self.table.iter().map(|(key, value)| {
            (Text { value: key.get_ref().as_ref(), span: key.span().into() }, value)
        })
    }

    /// The value of a key, of any kind.
    pub fn value(self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.entries().find(|(text, _)| text.value == key).map(|(_, value)| value)
    }

    /// Whether the key is there, whatever its value.
    pub fn has(self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// Where the key stands; the table's header if it is not there.
    pub fn place(self, key: &str) -> Span {
        self.entries().find(|(text, _)| text.value == key).map_or(self.span, |(text, _)| text.span)
    }

    /// A string.
    pub fn text(self, key: &str) -> Option<Text<'a>> {
        self.value(key).and_then(as_text)
    }

    /// A string or a list of strings, as a list.
    pub fn texts(self, key: &str) -> Vec<Text<'a>> {
        self.items(key).into_iter().filter_map(as_text).collect()
    }

    /// Yes or no.
    pub fn flag(self, key: &str) -> Option<bool> {
        match self.value(key)?.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            _ => None,
        }
    }

    /// A whole number.
    pub fn whole(self, key: &str) -> Option<i64> {
        self.value(key).and_then(as_whole)
    }

    /// A date or a string, as a string.
    pub fn date(self, key: &str) -> Option<String> {
        match self.value(key)?.get_ref() {
            DeValue::Datetime(date) => Some(date.to_string()),
            DeValue::String(text) => Some(text.to_string()),
            _ => None,
        }
    }

    /// A table.
    pub fn table(self, key: &str) -> Option<View<'a>> {
        self.value(key).and_then(View::of)
    }

    /// A list of tables, or one table as a list of one.
    pub fn tables(self, key: &str) -> Vec<View<'a>> {
        self.items(key).into_iter().filter_map(View::of).collect()
    }

    /// The members of a list, or a single value as a list of one.
    pub fn items(self, key: &str) -> Vec<&'a Spanned<DeValue<'a>>> {
        match self.value(key) {
            None => Vec::new(),
            Some(value) => match value.get_ref() {
                DeValue::Array(items) => items.iter().collect(),
                _ => vec![value],
            },
        }
    }
}

/// The value as a string.
pub fn as_text<'a>(value: &'a Spanned<DeValue<'a>>) -> Option<Text<'a>> {
    match value.get_ref() {
        DeValue::String(text) => Some(Text { value: text.as_ref(), span: value.span().into() }),
        _ => None,
    }
}

/// The value as a whole number.
pub fn as_whole(value: &Spanned<DeValue<'_>>) -> Option<i64> {
    match value.get_ref() {
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    }
}
