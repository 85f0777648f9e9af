//! Which fixes are right where they stand. A format can give a character a meaning that
//! nobody thought of, so nothing is taken on trust: the file is changed in memory and
//! read again, and only fixes that change just their own words, and mend the finding, are
//! offered.

use std::collections::BTreeMap;

use super::engines::Judged;
use super::groups::{AroundField, Groups, Presences};
use crate::engine::{FieldScan, Found, Prepared, Put};
use crate::input::{self, Document, ReadOptions};
use crate::record::Record;
use crate::text::Span;

/// Fixes that stand in the way of others are tried after them, so many times.
const ROUNDS: usize = 3;

/// A file is read again at least and at most so often to tell right fixes from wrong
/// ones, and no more than so many bytes of it.
const FEWEST_TRIES: usize = 4;
const MOST_TRIES: usize = 64;
const MOST_BYTES: usize = 64 << 20;

/// A fix of which nobody knows yet whether it is right.
#[derive(Debug)]
struct Candidate {
    field: usize,
    found: usize,
    put: Put,
    /// Bytes of the decoded text.
    source: Span,
    sound: Option<bool>,
}

/// Takes away every fix that is not sure to be right. `read` is how the document was
/// read, which had `fields` fields before the values of its records joined them.
pub(super) fn keep_sound(
    (document, fields): (&Document, usize),
    read: &ReadOptions,
    (groups, of_field): (&Groups, &[usize]),
    found: &mut [Vec<Found>],
) {
    if found.iter().flatten().all(|found| found.puts.is_empty()) {
        return;
    }
    let mut candidates = candidates(document, fields, found);
    let len = document.source.text.len().max(1);
    let mut trial = Trial {
        document,
        fields,
        read,
        groups,
        of_field,
        found,
        tries: (MOST_BYTES / len).clamp(FEWEST_TRIES, MOST_TRIES),
    };
    for _ in 0..ROUNDS {
        let set = side_by_side(&candidates);
        if set.is_empty() {
            break;
        }
        trial.settle(&mut candidates, set);
    }
    for of_field in found.iter_mut().flatten() {
        of_field.puts.clear();
    }
    for candidate in candidates.into_iter().filter(|candidate| candidate.sound == Some(true)) {
        found[candidate.field][candidate.found].puts.push(candidate.put);
    }
}

/// The fixes whose words stand in the file as they are read, in the order of the file.
fn candidates(document: &Document, fields: usize, found: &[Vec<Found>]) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    let source_text = &document.source.text;
    // Bytes that are no text would not come back as they were.
    if !document.source.malformed.is_empty() {
        return candidates;
    }
    for (at, (field, of_field)) in document.fields.iter().zip(found).take(fields).enumerate() {
        for (nth, one) in of_field.iter().enumerate() {
            for put in &one.puts {
                let source = field.map.to_source(put.span);
                let same = source_text.get(source.range()) == field.text.get(put.span.range());
                let can_stand = !put.new.contains(char::is_control)
                    && document.source.encoding.encode(&put.new).is_some();
                if same && can_stand {
                    candidates.push(Candidate {
                        field: at,
                        found: nth,
                        put: put.clone(),
                        source,
                        sound: None,
                    });
                }
            }
        }
    }
    candidates.sort_by_key(|candidate| candidate.source);
    candidates
}

/// Untried fixes that do not overlap, the first in order first. What two rules, or two
/// fields made of the same words, write alike goes together.
fn side_by_side(candidates: &[Candidate]) -> Vec<usize> {
    let mut set: Vec<usize> = Vec::new();
    for (at, candidate) in candidates.iter().enumerate() {
        let fits = set.last().is_none_or(|&last| {
            let last = &candidates[last];
            last.source.end <= candidate.source.start
                || (last.source == candidate.source && last.put.new == candidate.put.new)
        });
        if candidate.sound.is_none() && fits {
            set.push(at);
        }
    }
    set
}

fn mark(candidates: &mut [Candidate], which: &[usize], sound: bool) {
    for &at in which {
        candidates[at].sound = Some(sound);
    }
}

/// Reads the document again with some fixes made.
struct Trial<'t> {
    document: &'t Document,
    fields: usize,
    read: &'t ReadOptions,
    groups: &'t Groups,
    of_field: &'t [usize],
    found: &'t [Vec<Found>],
    tries: usize,
}

impl Trial<'_> {
    /// Finds out which fixes of a set are right: all at once, and by halves where they
    /// are not.
    fn settle(&mut self, candidates: &mut [Candidate], set: Vec<usize>) {
        let mut open = vec![set];
        while let Some(set) = open.pop() {
            if set.is_empty() {
                continue;
            }
            let Some(tries) = self.tries.checked_sub(1) else {
                mark(candidates, &set, false);
                continue;
            };
            self.tries = tries;
            match self.attempt(candidates, &set) {
                Some(wrong) if wrong.is_empty() => {
                    mark(candidates, &set, true);
                }
                Some(wrong) => {
                    mark(candidates, &wrong, false);
                    open.push(set.into_iter().filter(|at| !wrong.contains(at)).collect());
                }
                None => {
                    let (one, other) = set.split_at(set.len() / 2);
                    if one.is_empty() {
                        mark(candidates, &set, false);
                    } else {
                        open.push(other.to_vec());
                        open.push(one.to_vec());
                    }
                }
            }
        }
    }

    /// Makes some fixes and returns those that mend nothing: their rule finds something
    /// in the same place again. `None` where anything but the words themselves changes.
    fn attempt(&self, candidates: &[Candidate], set: &[usize]) -> Option<Vec<usize>> {
        let document = self.document;
        let mut edits: Vec<(Span, &str)> =
            set.iter().map(|&at| (candidates[at].source, &*candidates[at].put.new)).collect();
        edits.dedup();
        let text = spliced(&document.source.text, &edits);
        let encoding = document.source.encoding;
        let mut bytes = Vec::new();
        if document.source.has_bom() {
            bytes.extend_from_slice(encoding.bom());
        }
        bytes.append(&mut encoding.encode(&text)?);
        let again = input::read(&document.name, bytes, self.read).ok()?;
        let mut by_field: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for &at in set {
            by_field.entry(candidates[at].field).or_default().push(at);
        }
        for places in by_field.values_mut() {
            places.sort_by_key(|&at| candidates[at].put.span);
        }
        let edits_of = |field: usize| -> Vec<(Span, &str)> {
            let places = by_field.get(&field).map_or(&[][..], Vec::as_slice);
            let edit = |&at: &usize| (candidates[at].put.span, &*candidates[at].put.new);
            let mut edits: Vec<_> = places.iter().map(edit).collect();
            edits.dedup();
            edits
        };
        let same_field = |field: usize| {
            let (old, new) = (&document.fields[field], &again.fields[field]);
            let edits = edits_of(field);
            old.name == new.name
                && old.record == new.record
                && if edits.is_empty() {
                    old.text == new.text
                } else {
                    spliced(&old.text, &edits) == new.text
                }
        };
        let same = again.format == document.format
            && again.source.encoding == encoding
            && again.source.has_bom() == document.source.has_bom()
            && again.source.malformed.is_empty()
            && again.source.text == text
            && again.notices.len() == document.notices.len()
            && again.fields.len() == self.fields
            && (0..self.fields).all(same_field)
            && same_records(document, &again, &edits);
        same.then(|| self.found_again(candidates, &by_field, &again))
    }

    /// The fixes in whose places their rule finds something in the changed document.
    fn found_again(
        &self,
        candidates: &[Candidate],
        by_field: &BTreeMap<usize, Vec<usize>>,
        again: &Document,
    ) -> Vec<usize> {
        let no_record = Record::default();
        let presences: Vec<Presences<'_>> = self
            .groups
            .engines()
            .into_iter()
            .map(|engine| Presences::new(engine, &again.fields))
            .collect();
        let mut wrong = Vec::new();
        for (&at, places) in by_field {
            let field = &again.fields[at];
            let group = self.of_field[at];
            let Judged { engine, active, .. } = self.groups.get(group);
            let prepared = Prepared::new(&field.text, field.wrapped);
            let scan = FieldScan {
                field: &prepared,
                name: &field.name,
                active,
                around: &AroundField { all: &presences[group], record: field.record },
                record: again.record_of(field).unwrap_or(&no_record),
            };
            let found = engine.scan(&scan);
            let mut moved = Moved::default();
            for &place in places {
                let candidate = &candidates[place];
                let rule = self.found[candidate.field][candidate.found].rule;
                let here = moved.next(&candidate.put);
                let there = |span: &Span| {
                    span.start < here.end.max(here.start + 1) && {
                        // Where nothing is left, only what reaches across is in the place.
                        span.end > here.start && (!here.is_empty() || span.start < here.start)
                    }
                };
                if found.iter().any(|found| found.rule == rule && found.spans.iter().any(there)) {
                    wrong.push(place);
                }
            }
        }
        wrong
    }
}

/// Where fixes, told in order, stand once all of them are made.
#[derive(Default)]
struct Moved {
    last: Option<(Put, Span)>,
    added: usize,
    taken: usize,
}

impl Moved {
    fn next(&mut self, put: &Put) -> Span {
        if let Some((last, span)) = &self.last
            && last == put
        {
            return *span;
        }
        let start = put.span.start + self.added - self.taken;
        self.added += put.new.len();
        self.taken += put.span.len();
        let span = Span::new(start, start + put.new.len());
        self.last = Some((put.clone(), span));
        span
    }
}

/// Whether two readings of a document have the same records and facts, but for values
/// that were changed on purpose.
fn same_records(old: &Document, new: &Document, edits: &[(Span, &str)]) -> bool {
    let touched = |span: Span| {
        let from = edits.partition_point(|(edit, _)| edit.end <= span.start);
        edits.get(from).is_some_and(|(edit, _)| edit.overlaps(span))
    };
    let facts = |document: &Document| -> Vec<_> {
        let facts = document.facts.iter();
        facts.map(|(name, (value, _))| (name.clone(), value.clone())).collect()
    };
    old.records.len() == new.records.len()
        && facts(old) == facts(new)
        && old.records.iter().zip(&new.records).all(|(old, new)| {
            old.number == new.number
                && old.values.len() == new.values.len()
                && old.values.iter().zip(&new.values).all(|(old, new)| {
                    old.name == new.name && (old.text == new.text || touched(old.span))
                })
        })
}

/// A text with stretches of it replaced; they are in order and apart.
fn spliced(text: &str, edits: &[(Span, &str)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (span, new) in edits {
        out.push_str(&text[at..span.start]);
        out.push_str(new);
        at = span.end;
    }
    out.push_str(&text[at..]);
    out
}
