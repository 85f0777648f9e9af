//! The values of one record of front matter or of a data file, by the keys that lead to
//! them.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::record::{RecordValue, bare_name};
use crate::text::Span;

/// Values as they are found.
#[derive(Debug, Default)]
pub(super) struct Values {
    found: Vec<RecordValue>,
    /// By name, the place among those found.
    known: FxHashMap<String, usize>,
    /// The items of lists around this place, outermost first.
    items: Vec<Item>,
    /// How many items each list has, and where the first such list stands.
    counts: BTreeMap<String, (usize, Span)>,
    /// How many items of the list around it fill each name.
    filled: BTreeMap<String, usize>,
}

/// An item of a list.
#[derive(Debug)]
struct Item {
    list: String,
    /// The names found in it, and whether something stands there.
    names: BTreeMap<String, bool>,
}

impl Values {
    /// Adds a value; those of one name are joined, but for blank ones.
    pub fn add(&mut self, name: &str, text: &str, span: Span) {
        let filled = !text.trim().is_empty();
        self.saw(name, filled);
        let Some(&at) = self.known.get(name) else {
            self.known.insert(name.to_owned(), self.found.len());
            self.found.push(RecordValue { name: name.into(), text: text.to_owned(), span });
            return;
        };
        let known = &mut self.found[at];
        if !filled {
            return;
        }
        if known.text.trim().is_empty() {
            text.clone_into(&mut known.text);
            known.span = span;
        } else {
            known.text.push_str("; ");
            known.text.push_str(text);
            known.span = known.span.join(span);
        }
    }

    /// Notes a name in the item around it.
    fn saw(&mut self, name: &str, filled: bool) {
        if let Some(item) = self.items.iter_mut().rfind(|item| item.list != name) {
            *item.names.entry(name.to_owned()).or_default() |= filled;
        }
    }

    /// Adds a list of so many items; without any it is blank.
    pub fn list(&mut self, name: &str, items: usize, span: Span) {
        if items == 0 {
            self.add(name, "", span);
        }
        self.counts.entry(name.to_owned()).or_insert((0, span)).0 += items;
    }

    /// Starts an item of a list.
    pub fn begin_item(&mut self, list: String) {
        self.items.push(Item { list, names: BTreeMap::new() });
    }

    /// Ends the last item started.
    pub fn end_item(&mut self) {
        let Some(Item { list, names }) = self.items.pop() else {
            return;
        };
        if !names.is_empty() {
            self.saw(&list, names.values().any(|&filled| filled));
        }
        for (name, filled) in names {
            *self.filled.entry(name).or_default() += usize::from(filled);
        }
    }

    /// The values, with `list.count` and, for what stands in items, `list.key.filled`:
    /// joined values do not show that some items lack them. Names that are there already
    /// stay.
    pub fn finish(mut self) -> Vec<RecordValue> {
        let counts = std::mem::take(&mut self.counts);
        let list_of = |name: &str| {
            let ends = name.rmatch_indices('.').map(|(at, _)| at);
            ends.filter_map(|end| counts.get(&name[..end])).map(|&(_, span)| span).next()
        };
        let mut more: Vec<(String, usize, Span)> = counts
            .iter()
            .map(|(list, &(count, span))| (format!("{list}.count"), count, span))
            .collect();
        for (name, filled) in std::mem::take(&mut self.filled) {
            if let Some(span) = list_of(&name) {
                more.push((format!("{name}.filled"), filled, span));
            }
        }
        if more.is_empty() {
            return self.found;
        }
        let mut known: BTreeSet<String> =
            self.found.iter().map(|value| bare_name(&value.name)).collect();
        for (name, count, span) in more {
            if known.insert(bare_name(&name)) {
                let text = count.to_string();
                self.found.push(RecordValue { name: name.into(), text, span });
            }
        }
        self.found
    }
}
