//! What stands on which line of a document, for those who ask what a change touches.

use super::Run;
use crate::changes::{DocumentLines, Item, Reach};
use crate::facts::Facts;
use crate::input::{Document, Format};
use crate::text::{Encoding, Lines};

impl Run {
    /// What stands on which line of a document.
    pub(super) fn lines(&self, document: &Document, facts: &Facts) -> DocumentLines {
        let text = &document.source.text;
        let lines = Lines::new(text);
        let line = |offset: usize| lines.position(offset).line;
        let bytes = text.as_bytes();
        // Git parts lines at the byte of LF alone.
        let lone = memchr::memchr_iter(b'\r', bytes).any(|at| bytes.get(at + 1) != Some(&b'\n'));
        let wide = matches!(document.source.encoding, Encoding::Utf16Le | Encoding::Utf16Be);
        let mut of_document = DocumentLines { known: !lone && !wide, ..DocumentLines::default() };
        if document.format == Format::Csv {
            of_document.records = document.records.iter().map(|it| line(it.start)).collect();
            return of_document;
        }
        let states = |of_document: &mut DocumentLines, start: usize, end: usize| {
            of_document.stating.push((line(start), line(end)));
        };
        if document.is_data() {
            of_document.items = document
                .records
                .iter()
                .skip(1)
                .map(|item| {
                    let start = line(item.start);
                    let indent = || {
                        let of_line = &text[lines.line_span(start).range()];
                        of_line.len() - of_line.trim_start().len()
                    };
                    // Most values of a data file are not kept.
                    let end = item.values.iter().map(|value| line(value.span.end)).max();
                    Item {
                        start,
                        end: end.unwrap_or(start).max(start),
                        indent: (document.format != Format::Toml).then(indent),
                    }
                })
                .collect();
            of_document.head = lines.count();
        }
        if let Some(record) = document.own_record() {
            for value in &record.values {
                of_document.head = of_document.head.max(line(value.span.end));
            }
            for stated in self.set.stated(record, facts) {
                let span = record.values[stated.at].span;
                states(&mut of_document, span.start, span.end);
            }
        }
        for (_, span) in document.facts.values() {
            of_document.head = of_document.head.max(line(span.end));
            states(&mut of_document, span.start, span.end);
        }
        of_document
    }

    /// What changes of a line reach beyond it under these packs.
    pub fn reach(&self) -> Reach {
        let names = self.set.facts().iter().map(|fact| fact.name.clone());
        let fields = self.set.stated_facts().flat_map(|fact| fact.fields.iter().cloned());
        Reach { keys: names.chain(fields).chain(["probity".to_owned()]).collect() }
    }
}
