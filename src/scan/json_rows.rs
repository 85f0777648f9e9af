//! Objects of JSON as records.

use std::ops::Range;
use std::sync::Arc;

use crate::input::{Field, Layout};
use crate::record::{Record, RecordValue, same_name};
use crate::text::{Decoded, Span};

use super::columns::last_key;
use super::json::{Elements, JsonShape, JsonValue, read as read_value, shape};

/// Bytes that decide how a file holds its records.
const HEAD: usize = 64 * 1024;

/// Records taken apart.
#[derive(Debug, Default)]
pub struct JsonRows {
    /// The texts to check.
    pub fields: Vec<Field>,
    /// One an object.
    pub records: Vec<Record>,
    /// What is wrong, and the byte of the text where.
    pub faults: Vec<(usize, String)>,
}

/// How the records of a file are parted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splitter {
    shape: JsonShape,
    /// Whether the text before was passed on already.
    begun: bool,
    /// Whether the array has ended; nothing behind it is a record.
    ended: bool,
}

/// Whether a file is JSON: it is called so, or has the shape of it.
pub fn is_json(ending: &str, text: &str) -> bool {
    if matches!(ending, "csv" | "tsv" | "tab") {
        return false;
    }
    let known = matches!(ending, "json" | "jsonl" | "ndjson" | "js");
    known || shape(head(text)) != JsonShape::Unknown
}

fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(HEAD)]
}

/// Whether there is a line that is a whole object, as no line of one object is.
fn has_line(text: &str) -> bool {
    let whole = |line: &str| {
        line.starts_with('{') && read_value(line.trim_end(), 0, &mut Vec::new()).is_ok()
    };
    text.lines().any(whole)
}

impl Splitter {
    /// How the records of the file that starts like this are parted.
    /// A first line that is broken does not make one object of the lines.
    pub fn of(text: &str, ending: &str) -> Self {
        let head = head(text);
        let of_lines = matches!(ending, "jsonl" | "ndjson");
        let shape = match shape(head) {
            JsonShape::Object { .. } | JsonShape::Items { .. } if of_lines && has_line(head) => {
                JsonShape::Lines
            }
            shape => shape,
        };
        Self { shape, begun: false, ended: false }
    }

    /// What the file is called in reports.
    pub fn format(&self) -> &'static str {
        match self.shape {
            JsonShape::Lines | JsonShape::Unknown => "jsonl",
            _ => "json",
        }
    }

    /// Whether each line is a record.
    pub fn by_line(&self) -> bool {
        matches!(self.shape, JsonShape::Lines | JsonShape::Unknown)
    }

    /// The records of a text that starts between two of them (bytes of the text), where
    /// the one begins that has not ended, and what is wrong behind them.
    fn elements(&mut self, text: &str) -> (Vec<Range<usize>>, usize, Option<(usize, String)>) {
        let mut found = Vec::new();
        if self.by_line() {
            let mut at = 0;
            for line in text.split_inclusive(['\n', '\r']) {
                let bare = line.trim();
                if !bare.is_empty() {
                    let start = at + (line.len() - line.trim_start().len());
                    found.push(start..start + bare.len());
                }
                at += line.len();
            }
            return (found, text.len(), None);
        }
        if self.ended {
            return (found, text.len(), None);
        }
        let (mut elements, from) = match (&self.shape, self.begun) {
            (shape, false) => {
                let elements = Elements::new(shape);
                let from = elements.place();
                (elements, from)
            }
            // One object is one record, whatever is behind it.
            (JsonShape::Object { .. }, true) => return (found, text.len(), None),
            (shape, true) => (Elements::within(shape), 0),
        };
        let fault = elements.feed(text.get(from..).unwrap_or_default(), &mut found).err();
        let needed = elements.needed().min(text.len());
        self.ended = elements.ended();
        match fault {
            None => (found, needed, None),
            // Behind a fault nothing can be told apart.
            Some(error) => {
                self.ended = true;
                (found, text.len(), Some((error.at.min(text.len()), error.fault.to_string())))
            }
        }
    }

    /// Where the last whole record of a text ends, and how many there are. `goes_on`
    /// says whether more follows.
    pub fn ends(&mut self, text: &str, goes_on: bool) -> (usize, u64) {
        let mut trial = self.clone();
        let (found, needed, _) = trial.elements(text);
        let end = if goes_on { needed.min(text.len()) } else { text.len() };
        if end > 0 {
            *self = Self { begun: true, ..trial };
        }
        (end, found.len() as u64)
    }
}

/// The keys of the first records, in the order in which they are met, and their texts.
pub fn sample(text: &str, splitter: &Splitter, most: usize) -> (Vec<String>, Vec<Vec<String>>) {
    let mut names: Vec<String> = Vec::new();
    let mut rows = Vec::new();
    let (found, ..) = splitter.clone().elements(text);
    for range in found.into_iter().take(most) {
        let mut values = Vec::new();
        // What is wrong with a record is said when it is scanned.
        let _ = read_value(&text[range.clone()], range.start, &mut values);
        let mut row = vec![String::new(); names.len()];
        for value in values {
            let (path, text) = parts(value);
            let at = names.iter().position(|name| *name == path).unwrap_or_else(|| {
                names.push(path);
                row.push(String::new());
                names.len() - 1
            });
            row[at] = text;
        }
        rows.push(row);
    }
    (names, rows)
}

fn parts(value: JsonValue) -> (String, String) {
    match value {
        JsonValue::String(string) => (string.path, string.text),
        JsonValue::Other { path, text, .. } => (path, text),
    }
}

/// Reads the records of a text that is parted like this. A key that none of the first
/// records had is read too, unless columns were asked for.
pub fn read(source: &Decoded, layout: &Layout, mut splitter: Splitter, all: bool) -> JsonRows {
    let text = &source.text;
    let (found, needed, fault) = splitter.elements(text);
    let mut rows = JsonRows::default();
    let asked: Vec<(usize, &Arc<str>)> = layout.asked().collect();
    for (number, range) in (1..).zip(&found) {
        let mut values = Vec::new();
        if let Err(error) = read_value(&text[range.clone()], range.start, &mut values) {
            rows.faults.push((error.at, format!("this record is not sound JSON: {}", error.fault)));
        }
        let mut record = Record { number: Some(number), start: range.start, ..Record::default() };
        for value in values {
            let path = match &value {
                JsonValue::String(string) => &string.path,
                JsonValue::Other { path, .. } => path,
            };
            let known = layout.names.iter().position(|name| name == path);
            let read = known.map_or(all, |at| layout.columns.contains(&at));
            if let Some((_, name)) = asked.iter().find(|(at, name)| {
                known == Some(*at) || same_name(name, path) || same_name(name, last_key(path))
            }) && !record.values.iter().any(|value| value.name == **name)
            {
                let (text, span) = match &value {
                    JsonValue::String(string) => {
                        let all = Span::new(0, string.text.len());
                        (string.text.clone(), string.map.to_source(all))
                    }
                    JsonValue::Other { text, .. } => {
                        (text.clone(), Span::new(range.start, range.start))
                    }
                };
                record.values.push(RecordValue { name: Arc::clone(name), text, span });
            }
            if let JsonValue::String(string) = value
                && read
                && !string.text.trim().is_empty()
            {
                rows.fields.push(Field {
                    name: string.path,
                    text: string.text,
                    map: string.map,
                    wrapped: false,
                    record: Some(number),
                });
            }
        }
        rows.records.push(record);
    }
    if let Some((at, fault)) = fault {
        rows.faults.push((at, format!("{fault}; nothing behind it was scanned")));
    } else if !splitter.by_line() && !splitter.ended && needed < text.trim_end().len() {
        rows.faults.push((needed, "the file ends inside this record; it was not scanned".into()));
    }
    rows
}
