//! JSON of front matter and data files.

use std::collections::HashSet;

use crate::facts::FactValue;
use crate::text::{MappedText, Span};

use super::json::{JsonVisitor, read_json};
use super::matter::{Matter, Use, fact_of};

/// Reads `text`. What stands before a fault is read all the same.
pub(super) fn read(text: &str, matter: &mut Matter) -> bool {
    let base = matter.shift(Span::new(0, 0)).start;
    let mut values =
        Values { matter, base, path: Vec::new(), open: Vec::new(), objects: Vec::new() };
    if let Err(error) = read_json(text, base, &mut values) {
        // What the fault left open has no end of its own.
        while let Some(open) = values.open.pop() {
            values.end(open);
        }
        values.matter.fault("JSON", &error.fault.to_string(), error.at - base);
    }
    true
}

/// A key or item that is being read.
#[derive(Clone, Copy, Debug)]
enum Open {
    /// A key, and whether it is the first of its name in its object.
    Key {
        is_new: bool,
    },
    Item,
}

struct Values<'v, 'm> {
    matter: &'v mut Matter<'m>,
    /// Where the parsed text starts; the reader counts from the file.
    base: usize,
    /// The keys that lead here.
    path: Vec<String>,
    open: Vec<Open>,
    /// The keys of the objects around this place.
    objects: Vec<HashSet<String>>,
}

impl Values<'_, '_> {
    fn within(&self, span: Span) -> Span {
        Span::new(span.start - self.base, span.end - self.base)
    }

    fn end(&mut self, open: Open) {
        match open {
            Open::Key { is_new } => {
                self.matter.end_key(is_new);
                self.path.pop();
            }
            Open::Item => self.matter.end_item(),
        }
    }

    /// Whether this is an item of a list.
    fn is_listed(&self) -> bool {
        matches!(self.open.last(), Some(Open::Item))
    }
}

impl JsonVisitor for Values<'_, '_> {
    fn key(&mut self, key: String, span: Span) {
        let is_new = self.objects.last_mut().is_none_or(|keys| keys.insert(key.clone()));
        if !is_new {
            let span = self.within(span);
            self.matter.repeated(&key, span);
        }
        self.matter.begin_key(is_new);
        self.path.push(key);
        self.open.push(Open::Key { is_new });
    }

    fn end_key(&mut self) {
        if let Some(open) = self.open.pop() {
            self.end(open);
        }
    }

    fn begin_object(&mut self) {
        self.objects.push(HashSet::new());
    }

    fn end_object(&mut self, span: Span) {
        let is_empty = self.objects.pop().is_none_or(|keys| keys.is_empty());
        if is_empty && !self.path.is_empty() {
            let span = self.within(span);
            self.matter.value(&self.path, "", span);
        }
    }

    fn begin_array(&mut self) {}

    fn item(&mut self, item: usize, is_object: bool, at: usize) {
        self.matter.begin_item(&self.path, item, is_object, at - self.base);
        self.open.push(Open::Item);
    }

    fn end_item(&mut self) {
        self.end_key();
    }

    fn end_array(&mut self, items: usize, span: Span) {
        let span = self.within(span);
        self.matter.list(&self.path, items, span);
    }

    fn string(&mut self, built: MappedText, span: Span) {
        let span = self.within(span);
        let inner = Span::new(span.start + 1, span.end.saturating_sub(1).max(span.start + 1));
        self.matter.value(&self.path, &built.text, inner);
        match self.matter.use_of(&self.path) {
            Use::Text(name) => self.matter.field(name, built),
            Use::Fact(name) => {
                let value = if self.is_listed() {
                    FactValue::list(vec![built.text])
                } else {
                    FactValue::Text(built.text)
                };
                self.matter.fact(&name, value, span);
            }
            Use::Nothing => {}
        }
    }

    fn scalar(&mut self, text: &str, span: Span) {
        let span = self.within(span);
        let text = if text == "null" { "" } else { text };
        self.matter.value(&self.path, text, span);
        if text.is_empty() {
            return;
        }
        if let Some(name) = fact_of(&self.path) {
            let value = match text {
                _ if self.is_listed() => FactValue::list(vec![text.to_owned()]),
                "true" => FactValue::Bool(true),
                "false" => FactValue::Bool(false),
                _ => text
                    .parse()
                    .map_or_else(|_| FactValue::Text(text.to_owned()), FactValue::Integer),
            };
            self.matter.fact(&name, value, span);
        }
    }
}
