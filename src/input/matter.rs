//! What front matter and data files hold: published texts, facts, and values beside
//! them.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::facts::FactValue;
use crate::record::{Record, bare_name};
use crate::text::{Lines, MappedText, Span};

use super::directives::{Comment, by_entries};
use super::document::{DocumentNotice, Field};
use super::keys::{Chosen, Step, any_item, shown};
use super::markdown::Parts;
use super::values::Values;

/// The table of facts.
const FACTS: &str = "probity";

/// How many keys that stand twice are told one by one.
const MOST_REPEATED: usize = 10;

/// How many places of texts that nobody asked for are named.
const MOST_NAMED: usize = 5;

/// Takes what the parsers find. Offsets given to it are bytes of the text that is
/// parsed.
pub(super) struct Matter<'a> {
    source: &'a str,
    lines: OnceCell<Lines<'a>>,
    /// Where the parsed text starts.
    base: usize,
    pub parts: &'a mut Parts,
    chosen: &'a Chosen,
    /// The records of a data file are the items of its lists; front matter is one.
    is_data: bool,
    /// How many of the keys around this place stood before in their mapping.
    repeats: usize,
    /// How many such keys there were.
    repeated: usize,
    /// The items of lists around this place, outermost first: how many keys lead to the
    /// list, and which item it is.
    items: Vec<(usize, usize)>,
    values: Values,
    record: Option<OpenRecord>,
    /// Where texts stand that nobody asked for.
    unasked: BTreeSet<String>,
    /// Keys with their values, and items of lists, in the source.
    entries: Vec<Span>,
    /// Values and keys in which a `#` is no comment, in the source.
    opaque: Vec<Span>,
}

/// A record that is an item of a list.
struct OpenRecord {
    /// How many keys and items lead to it.
    keys: usize,
    items: usize,
    /// Where it starts in the source.
    start: usize,
    /// The values of the file around it.
    around: Values,
}

impl<'a> Matter<'a> {
    /// Of front matter that starts at byte `base` of the source.
    pub fn of_front_matter(
        source: &'a str,
        base: usize,
        chosen: &'a Chosen,
        parts: &'a mut Parts,
    ) -> Self {
        Self {
            source,
            lines: OnceCell::new(),
            base,
            parts,
            chosen,
            is_data: false,
            repeats: 0,
            repeated: 0,
            items: Vec::new(),
            values: Values::default(),
            record: None,
            unasked: BTreeSet::new(),
            entries: Vec::new(),
            opaque: Vec::new(),
        }
    }

    /// Of a data file.
    pub fn of_data(source: &'a str, chosen: &'a Chosen, parts: &'a mut Parts) -> Self {
        Self { is_data: true, ..Self::of_front_matter(source, 0, chosen, parts) }
    }

    /// Whether this is a data file: several documents, and a list at the top, are fine.
    pub fn is_data(&self) -> bool {
        self.is_data
    }

    /// Ends the reading.
    pub fn finish(mut self) {
        self.close_record();
        if self.repeated > MOST_REPEATED {
            let more = self.repeated - MOST_REPEATED;
            self.parts.notices.push(DocumentNotice {
                message: format!("{more} more keys stand a second time"),
                span: None,
                unchecked: false,
            });
        }
        self.parts.values = std::mem::take(&mut self.values).finish();
        if self.is_data {
            self.tell_unasked();
        }
        let texts = &mut self.parts.fields;
        if self.parts.items.is_empty() {
            for field in texts {
                field.record = None;
            }
        } else {
            // Fields come record by record, and a file may go on behind its list.
            texts.sort_by_key(|field| field.record);
        }
    }

    /// Says that nothing was checked, where texts stand that nobody asked for.
    fn tell_unasked(&mut self) {
        let faulty = self.parts.notices.iter().any(|notice| notice.unchecked);
        if !self.parts.fields.is_empty() || self.unasked.is_empty() || faulty {
            return;
        }
        let unasked: Vec<_> =
            self.unasked.iter().take(MOST_NAMED).map(|name| format!("`{name}`")).collect();
        let more = if self.unasked.len() > MOST_NAMED { " and more" } else { "" };
        let why = if self.chosen.is_asked() {
            "none of the keys that `fields` names is in this file"
        } else {
            "no key of this file is known to hold published text"
        };
        self.parts.notices.push(DocumentNotice {
            message: format!(
                "{why}, so nothing in it was checked; it has texts under {}{more}",
                unasked.join(", ")
            ),
            span: None,
            unchecked: false,
        });
    }

    /// The parsed text itself.
    pub fn raw(&self, span: Span) -> &'a str {
        self.source.get(self.base + span.start..self.base + span.end).unwrap_or_default()
    }

    /// Where an offset stands in the source.
    pub fn shift(&self, span: Span) -> Span {
        Span::new(self.base + span.start, self.base + span.end)
    }

    /// Notes a key with its value, or an item of a list.
    pub fn entry(&mut self, span: Span) {
        let span = self.shift(span);
        self.entries.push(span);
    }

    /// Notes a stretch in which a `#` is no comment.
    pub fn not_comment(&mut self, span: Span) {
        let span = self.shift(span);
        self.opaque.push(span);
    }

    /// Finds the comments for us in `inner`, a stretch of the source: a `#` at the start
    /// of a line or behind a space, outside of every value.
    pub fn comments(&mut self, inner: Span) {
        let bytes = self.source.as_bytes();
        self.opaque.sort_unstable();
        let mut found = Vec::new();
        let mut at = inner.start;
        while let Some(offset) = bytes.get(at..inner.end).and_then(|b| memchr::memchr(b'#', b)) {
            let start = at + offset;
            let rest = &bytes[start..inner.end];
            let len = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
            at = start + 1;
            let parted = start == inner.start || bytes[start - 1].is_ascii_whitespace();
            let before = self.opaque.partition_point(|value| value.start <= start);
            let inside = before.checked_sub(1).is_some_and(|it| self.opaque[it].end > start);
            if parted && !inside {
                let span = Span::new(start, start + len);
                let marks = rest[..len].iter().take_while(|byte| **byte == b'#').count();
                let content = Span::new(start + marks, start + len);
                found.extend(Comment::of(self.source, span, content));
                at = start + len;
            }
        }
        let entries = std::mem::take(&mut self.entries);
        self.parts.directives.extend(by_entries(self.source, &found, entries));
    }

    /// What a value under `path` is for. A key that is known may stand at any depth
    /// (`seo.description`, `resources[0].title`).
    pub fn use_of(&mut self, path: &[String]) -> Use {
        if let Some(name) = fact_of(path) {
            return Use::Fact(name);
        }
        let steps = self.steps(path);
        if self.chosen.takes(&steps) {
            // Front matter is named as configuration and rules spell it.
            let name = if self.is_data { shown(&steps) } else { path.join(".").to_lowercase() };
            return Use::Text(name);
        }
        if self.is_data && self.unasked.len() <= MOST_NAMED {
            let name = any_item(&shown(&steps)).into_owned();
            self.unasked.insert(if name.is_empty() { ".".to_owned() } else { name });
        }
        Use::Nothing
    }

    /// The way to the value under `path`, items of lists among its keys.
    fn steps<'p>(&self, path: &'p [String]) -> Vec<Step<'p>> {
        let mut items = self.items.iter().peekable();
        let mut steps = Vec::with_capacity(path.len() + self.items.len());
        for (depth, key) in path.iter().enumerate() {
            while let Some((_, item)) = items.next_if(|(keys, _)| *keys <= depth) {
                steps.push(Step::Item(*item));
            }
            steps.push(Step::Key(key));
        }
        steps.extend(items.map(|(_, item)| Step::Item(*item)));
        steps
    }

    /// The name of a value within its record.
    fn name(&self, path: &[String]) -> String {
        let from = self.record.as_ref().map_or(0, |record| record.keys);
        path.get(from..).unwrap_or_default().join(".")
    }

    /// Adds a field; the map of `built` leads to the source.
    pub fn field(&mut self, name: String, built: MappedText) {
        if !built.text.trim().is_empty() {
            let MappedText { text, map } = built;
            // The values around the items are the first record.
            let record = match self.record {
                Some(_) => self.parts.items.len() + 2,
                None => 1,
            };
            let record = self.is_data.then_some(record as u64);
            self.parts.fields.push(Field { name, text, map, wrapped: false, record });
        }
    }

    /// Adds a fact, or one more value to a list.
    pub fn fact(&mut self, name: &str, value: FactValue, span: Span) {
        if self.repeats > 0 {
            return;
        }
        let span = self.shift(span);
        let facts = &mut self.parts.facts;
        match (facts.get_mut(name), value) {
            (Some((FactValue::List(values), place)), FactValue::List(more)) => {
                Arc::make_mut(values).extend(Arc::unwrap_or_clone(more));
                *place = place.join(span);
            }
            (_, value) => {
                facts.insert(name.to_owned(), (value, span));
            }
        }
    }

    /// Adds a value of the record; those of one name are joined, but for blank ones.
    pub fn value(&mut self, path: &[String], text: &str, span: Span) {
        if self.repeats == 0 {
            let (name, span) = (self.name(path), self.shift(span));
            self.values.add(&name, text, span);
        }
    }

    /// Adds a list of so many items; without any it is blank.
    pub fn list(&mut self, path: &[String], items: usize, span: Span) {
        if self.repeats == 0 {
            let (name, span) = (self.name(path), self.shift(span));
            self.values.list(&name, items, span);
        }
    }

    /// Starts an item of the list under `path`, which starts at byte `at`.
    pub fn begin_item(&mut self, path: &[String], item: usize, is_mapping: bool, at: usize) {
        self.items.push((path.len(), item));
        if self.is_data && is_mapping && self.record.is_none() {
            let around = std::mem::take(&mut self.values);
            let (keys, items, start) = (path.len(), self.items.len(), self.base + at);
            self.record = Some(OpenRecord { keys, items, start, around });
        } else {
            let name = self.name(path);
            self.values.begin_item(name);
        }
    }

    /// Ends the last item started.
    pub fn end_item(&mut self) {
        if self.record.as_ref().is_some_and(|record| record.items == self.items.len()) {
            self.close_record();
        } else {
            self.values.end_item();
        }
        self.items.pop();
    }

    fn close_record(&mut self) {
        if let Some(OpenRecord { start, around, .. }) = self.record.take() {
            let values = std::mem::replace(&mut self.values, around).finish();
            let number = Some(self.parts.items.len() as u64 + 2);
            self.parts.items.push(Record { number, start, values, unreliable: false });
        }
    }

    /// Starts the value of a key. What stands under a key that its mapping had before
    /// is read as text only.
    pub fn begin_key(&mut self, is_new: bool) {
        self.repeats += usize::from(!is_new);
    }

    /// Ends the value of a key.
    pub fn end_key(&mut self, is_new: bool) {
        self.repeats -= usize::from(!is_new);
    }

    /// Says that a key stood before in its mapping.
    pub fn repeated(&mut self, name: &str, span: Span) {
        self.repeated += 1;
        if self.repeated > MOST_REPEATED {
            return;
        }
        let span = self.shift(span);
        let line = self.line(span.start);
        let what = if self.is_data { "this file" } else { "the front matter" };
        self.parts.notices.push(DocumentNotice {
            message: format!("{what} has `{name}` a second time on line {line}; the first counts"),
            span: Some(span),
            unchecked: false,
        });
    }

    fn line(&self, at: usize) -> usize {
        self.lines.get_or_init(|| Lines::new(self.source)).position(at).line
    }

    /// Says that the text could not be read, and where.
    pub fn fault(&mut self, language: &str, what: &str, at: usize) {
        let at = (self.base + at).min(self.source.len());
        let line = self.line(at);
        let subject = if self.is_data { "this" } else { "the front matter" };
        self.parts.notices.push(DocumentNotice {
            message: format!(
                "{subject} is not valid {language} (line {line}: {what}), so not all of its text \
                 was checked"
            ),
            span: Some(Span::new(at, at)),
            unchecked: true,
        });
    }
}

/// What a value is for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// A field of this name.
    Text(String),
    /// A fact of this name.
    Fact(String),
    Nothing,
}

/// The fact that a value under `path` sets.
pub(super) fn fact_of(path: &[String]) -> Option<String> {
    match path {
        [first, rest @ ..] if first == FACTS && !rest.is_empty() => Some(rest.join(".")),
        _ => None,
    }
}

/// Keeps of some records what rules and facts ask for.
pub(super) fn keep_asked(records: &mut [Record], asked: &BTreeSet<String>) {
    let asked: BTreeSet<String> = asked.iter().map(|name| bare_name(name)).collect();
    for record in records {
        record.values.retain(|value| asked.contains(&bare_name(&value.name)));
    }
}
