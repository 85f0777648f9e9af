//! Which template calls show nothing where they stand, so that what readers see on both
//! sides is one text: comments, conditions, and the tags around a content that is shown.

use std::collections::HashMap;
use std::ops::Range;

use crate::text::Span;

/// Tags of Liquid and Nunjucks that show nothing. `else` and its like are none of them:
/// nobody sees the words on both sides together.
const SHOW_NOTHING: &[&str] = &[
    "if",
    "endif",
    "unless",
    "endunless",
    "ifchanged",
    "endifchanged",
    "for",
    "endfor",
    "assign",
    "set",
    "increment",
    "decrement",
    "comment",
    "raw",
    "endraw",
    "verbatim",
    "endverbatim",
];

/// A cut that shows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Silent {
    /// Where it starts.
    pub start: usize,
    /// Whether words that touch it on both sides stay apart: a tag around a content can
    /// make a block of it.
    pub apart: bool,
}

/// What a call is, by how it is written.
enum Kind<'s> {
    Silent,
    /// It may have a content, up to its end tag.
    Opening(&'s str),
    Closing(&'s str),
    Other,
}

/// Those of the cuts that show nothing, in order. One that has no words beside it on its
/// lines shapes the page instead.
pub(super) fn silent(source: &str, cuts: &[Span]) -> Vec<Silent> {
    let mut found = Vec::new();
    let mut open: HashMap<&str, Vec<usize>> = HashMap::new();
    for cut in cuts {
        match kind(&source[cut.range()]) {
            Kind::Silent => found.push(Silent { start: cut.start, apart: false }),
            Kind::Opening(name) => open.entry(name).or_default().push(cut.start),
            Kind::Closing(name) => {
                if let Some(start) = open.get_mut(name).and_then(Vec::pop) {
                    found.push(Silent { start, apart: true });
                    found.push(Silent { start: cut.start, apart: true });
                }
            }
            Kind::Other => {}
        }
    }
    found.sort_by_key(|silent| silent.start);
    let mut lines = 0..0;
    let mut has_words = false;
    found.retain(|silent| {
        if !lines.contains(&silent.start) {
            let at = cuts.partition_point(|cut| cut.start < silent.start);
            lines = lines_of(source, cuts[at]);
            has_words = words_beside(source, cuts, lines.clone());
        }
        has_words
    });
    found
}

fn kind(written: &str) -> Kind<'_> {
    let name = |inner: &'_ str| -> usize {
        inner.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-')).unwrap_or(inner.len())
    };
    let trim = |inner: &'_ str| inner.trim_start_matches(['-', '~', ' ', '\t']).len();
    let rest = |open: &str| {
        let inner = written.strip_prefix(open)?;
        Some(&inner[inner.len() - trim(inner)..])
    };
    if let Some(rest) = rest("{%") {
        let word = &rest[..name(rest)];
        return match word.strip_prefix("end") {
            _ if SHOW_NOTHING.contains(&word) || rest.starts_with('#') => Kind::Silent,
            Some(word) if !word.is_empty() => Kind::Closing(word),
            _ if word.is_empty() => Kind::Other,
            _ => Kind::Opening(word),
        };
    }
    if let Some(rest) = rest("{{<").or_else(|| rest("{{%")) {
        return match rest.strip_prefix('/').map(str::trim_start) {
            Some(rest) => Kind::Closing(&rest[..name(rest)]),
            None if rest.is_empty() => Kind::Other,
            None => Kind::Opening(&rest[..name(rest)]),
        };
    }
    // What is around the words of a link in a wiki.
    let is_link = written.starts_with("[[") || written == "]]";
    let is_comment = ["{#", "{/*", "{{/*", "{{- /*"].iter().any(|open| written.starts_with(open));
    if is_comment || is_link { Kind::Silent } else { Kind::Other }
}

/// The lines that a cut stands on.
fn lines_of(source: &str, cut: Span) -> Range<usize> {
    let start = source[..cut.start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let end = source[cut.end..].find(['\n', '\r']).map_or(source.len(), |at| cut.end + at);
    start..end
}

/// Whether there are letters or digits in a range outside of the cuts.
fn words_beside(source: &str, cuts: &[Span], range: Range<usize>) -> bool {
    let mut at = range.start;
    let first = cuts.partition_point(|cut| cut.end <= range.start);
    for cut in cuts[first..].iter().take_while(|cut| cut.start < range.end) {
        if source[at..cut.start.max(at)].contains(char::is_alphanumeric) {
            return true;
        }
        at = cut.end.max(at);
    }
    at < range.end && source[at..range.end].contains(char::is_alphanumeric)
}
