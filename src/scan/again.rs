//! What is found once what was found is gone.
//!
//! Words can stand in each other's way: of two statements in a cell the second may be
//! what a rule says once, and what is left of a sentence may read otherwise than all of
//! it. Where copies without these words are made, texts are scanned again without them,
//! until nothing is found.

use std::collections::BTreeMap;

use crate::input::Field;
use crate::judge::CellFinding;
use crate::pack::PackSet;
use crate::text::{MappedText, Span};

use super::part::Markup;
use super::redact::{self, REMOVED};

/// How often at most. A text that has not come to rest by then has very many words left
/// to take out of it, and the copy is said to hold some of them by the next scan.
pub(super) const ROUNDS: usize = 16;

/// Takes what was found out of the texts, as it is taken out of copies. Says whether there
/// was anything.
pub(super) fn take_out(
    set: &PackSet,
    findings: &[CellFinding],
    fields: &mut [Field],
    markup: &mut Vec<Option<Markup>>,
) -> bool {
    let mut spans: BTreeMap<usize, Vec<Span>> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| is_taken_out(set, fields, finding)) {
        spans.entry(finding.field).or_default().extend(left(fields, finding));
    }
    markup.resize_with(fields.len().max(markup.len()), || None);
    for (at, spans) in &mut spans {
        let field = &mut fields[*at];
        let built = without(&field.text, spans);
        let (raw, in_cell) = match markup[*at].take() {
            None => (field.text.as_str().into(), built.map.clone()),
            Some((raw, outer)) => (raw, built.map.through(&built.text, &outer)),
        };
        markup[*at] = Some((raw, in_cell));
        field.map = built.map.through(&built.text, &field.map);
        field.text = built.text;
    }
    !spans.is_empty()
}

/// Whether copies are made without the words of a finding, and they are still there. What
/// counts only beside others in the file was counted with them before.
pub(super) fn is_taken_out(set: &PackSet, fields: &[Field], finding: &CellFinding) -> bool {
    let rule = set.rule(&finding.rule);
    finding.needs.is_none()
        && rule.is_some_and(|(_, rule)| redact::is_taken_out(rule))
        && left(fields, finding).next().is_some()
}

/// The words of a finding that were not taken out yet.
fn left(fields: &[Field], finding: &CellFinding) -> impl Iterator<Item = Span> {
    let text = fields.get(finding.field).map(|field| &*field.text);
    let places = finding.places.iter().map(|(span, _)| *span);
    places.filter(move |span| text.is_some_and(|text| !REMOVED.contains(&text[span.range()])))
}

/// A text with [`REMOVED`] for each of these spans, joined where they meet.
fn without(text: &str, spans: &mut [Span]) -> MappedText {
    spans.sort_unstable_by_key(|span| (span.start, span.end));
    let mut built = MappedText::with_capacity(text.len());
    let mut at = 0;
    let mut spans = spans.iter().copied().peekable();
    while let Some(mut span) = spans.next() {
        while let Some(next) = spans.next_if(|next| next.start <= span.end) {
            span = span.join(next);
        }
        built.push_copied(&text[at..span.start], at);
        built.push_replaced(REMOVED, span);
        at = span.end;
    }
    built.push_copied(&text[at..], at);
    built
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_taken_out_and_lead_back() {
        let text = "é one two three";
        let mut spans = [Span::new(7, 10), Span::new(3, 6), Span::new(5, 8)];
        let built = without(text, &mut spans);
        assert_eq!(built.text, "é [removed] three");
        let of = |words: &str| {
            let start = built.text.find(words).unwrap();
            let span = built.map.to_source(Span::new(start, start + words.len()));
            &text[span.range()]
        };
        assert_eq!(of("[removed]"), "one two");
        assert_eq!(of("é [rem"), "é one two");
        assert_eq!(of("three"), "three");
    }
}
