//! YAML front matter, by the events of its parser.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span as Marks};

use crate::text::Span;

use super::front_matter::{Matter, Use, use_of};
use super::scalar::{self, Style};
use crate::facts::FactValue;

/// Reads `text`, and says whether it is front matter: a mapping, or nothing.
/// Two thematic breaks with prose between them look the same from outside.
pub(super) fn read(text: &str, matter: &mut Matter) -> bool {
    let mut reader = Reader {
        places: Places::new(text),
        matter,
        open: Vec::new(),
        path: Vec::new(),
        anchors: BTreeMap::new(),
    };
    let mut first = true;
    for event in Parser::new_from_str(text) {
        match event {
            Ok((Event::StreamStart | Event::DocumentStart(_), _)) => {}
            Ok((Event::StreamEnd | Event::DocumentEnd, _)) => break,
            Ok((Event::Scalar(..) | Event::SequenceStart(..) | Event::Alias(_), _)) if first => {
                return false;
            }
            Ok((event, marks)) => {
                first = false;
                reader.event(event, marks);
            }
            Err(error) => {
                let at = reader.places.byte(error.marker().index());
                reader.matter.fault("YAML", error.info(), at);
                break;
            }
        }
    }
    true
}

/// The parser counts characters; this is where they stand.
struct Places {
    /// Empty where every character is a byte.
    bytes: Vec<usize>,
    len: usize,
}

impl Places {
    fn new(text: &str) -> Self {
        let bytes = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().map(|(at, _)| at).collect()
        };
        Self { bytes, len: text.len() }
    }

    fn byte(&self, char: usize) -> usize {
        let found = if self.bytes.is_empty() { Some(char) } else { self.bytes.get(char).copied() };
        found.unwrap_or(self.len).min(self.len)
    }

    fn span(&self, marks: Marks) -> Span {
        let start = self.byte(marks.start.index());
        Span::new(start, self.byte(marks.end.index()).max(start))
    }
}

/// A mapping or sequence around the current place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Key,
    Value,
    Sequence,
}

/// A string, number or the like.
#[derive(Clone)]
struct Scalar {
    value: String,
    style: ScalarStyle,
    span: Span,
}

struct Reader<'a, 'm> {
    places: Places,
    matter: &'a mut Matter<'m>,
    open: Vec<Open>,
    /// The keys that lead here.
    path: Vec<String>,
    anchors: BTreeMap<usize, Scalar>,
}

impl Reader<'_, '_> {
    fn event(&mut self, event: Event, marks: Marks) {
        let span = self.places.span(marks);
        match event {
            Event::Scalar(value, style, anchor, _) => {
                let scalar = Scalar { value: value.into_owned(), style, span };
                if anchor > 0 {
                    self.anchors.insert(anchor, scalar.clone());
                }
                self.scalar(scalar);
            }
            Event::Alias(anchor) => {
                let empty = Scalar { value: String::new(), style: ScalarStyle::Plain, span };
                let scalar = self.anchors.get(&anchor).cloned().unwrap_or(empty);
                self.scalar(scalar);
            }
            Event::MappingStart(..) => self.begin(Open::Key),
            Event::SequenceStart(..) => self.begin(Open::Sequence),
            Event::MappingEnd | Event::SequenceEnd => {
                self.open.pop();
                self.end_value();
            }
            _ => {}
        }
    }

    fn begin(&mut self, open: Open) {
        if self.open.last() == Some(&Open::Key) {
            // A key that is itself a collection names nothing.
            self.path.push(String::new());
            if let Some(last) = self.open.last_mut() {
                *last = Open::Value;
            }
        }
        self.open.push(open);
    }

    fn scalar(&mut self, scalar: Scalar) {
        if let Some(last @ Open::Key) = self.open.last_mut() {
            *last = Open::Value;
            self.path.push(scalar.value);
            return;
        }
        let (raw, at) = self.raw(&scalar);
        let span = Span::new(at, at + raw.trim_end().len());
        // `key:` and `key: ~` say nothing.
        let null = scalar.style == ScalarStyle::Plain
            && matches!(scalar.value.as_str(), "" | "~" | "null" | "Null" | "NULL");
        let inner = within_quotes(self.matter.raw(span), span);
        self.matter.value(&self.path, if null { "" } else { &scalar.value }, inner);
        match use_of(&self.path) {
            Use::Text(name) => {
                let (raw, at) = self.raw(&scalar);
                let at = self.matter.shift(Span::new(at, at)).start;
                let built = scalar::map(&scalar.value, raw, at, style_of(scalar.style));
                self.matter.field(name, built);
            }
            Use::Fact(name) => {
                let (raw, at) = self.raw(&scalar);
                let span = Span::new(at, at + raw.trim_end().len());
                let value = if self.open.last() == Some(&Open::Sequence) {
                    FactValue::List(vec![scalar.value])
                } else {
                    fact(scalar)
                };
                self.matter.fact(&name, value, span);
            }
            Use::Nothing => {}
        }
        self.end_value();
    }

    fn end_value(&mut self) {
        if let Some(last @ Open::Value) = self.open.last_mut() {
            *last = Open::Key;
            self.path.pop();
        }
    }

    /// The scalar as written, without the tag and anchor before it.
    fn raw(&self, scalar: &Scalar) -> (&str, usize) {
        let all = self.matter.raw(scalar.span);
        let mut raw = all;
        while raw.starts_with(['&', '!']) {
            let end = raw.find(char::is_whitespace).unwrap_or(raw.len());
            raw = raw[end..].trim_start();
        }
        (raw, scalar.span.end - raw.len())
    }
}

/// The place of a scalar without the quotes around it.
fn within_quotes(raw: &str, span: Span) -> Span {
    let quoted = raw.len() >= 2 && (raw.starts_with('"') || raw.starts_with('\''));
    if quoted { Span::new(span.start + 1, span.end - 1) } else { span }
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::YamlSingle,
        ScalarStyle::DoubleQuoted => Style::YamlDouble,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}

/// The value of a fact. `yes` is text, as in YAML 1.2.
fn fact(scalar: Scalar) -> FactValue {
    let Scalar { value, style, .. } = scalar;
    if style != ScalarStyle::Plain {
        return FactValue::Text(value);
    }
    match value.as_str() {
        "true" | "True" | "TRUE" => FactValue::Bool(true),
        "false" | "False" | "FALSE" => FactValue::Bool(false),
        _ => value.parse().map_or_else(|_| FactValue::Text(value), FactValue::Integer),
    }
}
