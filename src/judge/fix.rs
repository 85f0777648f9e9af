//! From what the engine would write to a change of the file.

use super::safe;
use crate::engine::{Found, Put};
use crate::finding::{Edit, Fix, Location};
use crate::input::Field;
use crate::pack::Rule;
use crate::text::{Span, is_invisible};

/// The fix of a finding, if it has one: never of words that a rule masks (`redacted`,
/// spans of the decoded text in order), whether they are shown this time or not.
pub(super) fn fix(
    found: &Found,
    rule: &Rule,
    field: &Field,
    redacted: &[Span],
    place: impl Fn(Span) -> Location,
) -> Option<Fix> {
    if rule.redact {
        return None;
    }
    let masked = |span: Span| {
        let from = redacted.partition_point(|mask| mask.end <= span.start);
        redacted.get(from).is_some_and(|mask| mask.overlaps(span))
    };
    let mut puts: Vec<(Span, &Put)> = found
        .puts
        .iter()
        .map(|put| (field.map.to_source(put.span), put))
        .filter(|(source, _)| !masked(*source))
        .collect();
    puts.sort_by_key(|(source, _)| *source);
    // Where one of two overlapping changes is right, nobody knows which.
    if puts.is_empty() || puts.windows(2).any(|pair| pair[0].0.end > pair[1].0.start) {
        return None;
    }
    let edits: Vec<Edit> = puts
        .iter()
        .map(|(_, put)| Edit {
            place: place(put.span),
            old: field.text[put.span.range()].to_owned(),
            new: put.new.clone(),
        })
        .collect();
    let joined = joined(&puts, field, place);
    Some(Fix { title: title(&edits), edits, joined })
}

/// A fix without the changes that are not wanted; `None` where none is left. Each change
/// mends a place by itself.
pub fn narrowed(mut fix: Fix, wanted: impl Fn(&Edit) -> bool) -> Option<Fix> {
    let all = fix.edits.len();
    fix.edits.retain(wanted);
    if fix.edits.is_empty() {
        return None;
    }
    if fix.edits.len() < all {
        fix.title = title(&fix.edits);
        fix.joined = None;
    }
    Some(fix)
}

/// Several changes as one, if what stands between them is written as it is read.
fn joined(puts: &[(Span, &Put)], field: &Field, place: impl Fn(Span) -> Location) -> Option<Edit> {
    let [(first, from), .., (last, to)] = puts else { return None };
    let span = Span::new(from.span.start, to.span.end);
    let old = field.text.get(span.range())?;
    if old.len() != last.end - first.start || old.contains(['\n', '\r']) {
        return None;
    }
    let mut new = String::new();
    let mut at = span.start;
    for (_, put) in puts {
        new.push_str(field.text.get(at..put.span.start)?);
        new.push_str(&put.new);
        at = put.span.end;
    }
    Some(Edit { place: place(span), old: old.to_owned(), new })
}

/// What a fix does, in a few words that may be shown anywhere.
fn title(edits: &[Edit]) -> String {
    const SHOWN: usize = 3;
    let mut parts: Vec<String> = Vec::new();
    for edit in edits {
        let part = if edit.new.is_empty() {
            let codes: Vec<String> =
                edit.old.chars().map(|c| format!("U+{:04X}", u32::from(c))).collect();
            let hidden = edit.old.chars().all(|c| is_invisible(c) || !c.is_alphanumeric());
            let what = if hidden { codes.join(" ") } else { safe(&edit.old) };
            format!("remove {what}")
        } else {
            format!("write {}", shortened(&safe(&edit.new)))
        };
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    let more = parts.len().saturating_sub(SHOWN);
    parts.truncate(SHOWN);
    let mut title = parts.join(", ");
    if more > 0 {
        title.push_str(&format!(" and {more} more"));
    }
    title
}

/// As much of a wording as anybody reads in a title.
fn shortened(text: &str) -> String {
    const MOST: usize = 80;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).chain(['…']).collect()
}
