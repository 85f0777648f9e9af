//! How a hit stands on its line, and whether in quotation marks.

use crate::pack::Place;
use crate::text::{Span, is_word_char};

/// Whether a hit stands on its line as a place asks.
pub(super) fn stands(text: &str, span: Span, place: Place) -> bool {
    /// How far along its line a hit is looked around, in bytes.
    const REACH: usize = 1024;
    let from = text.ceil_char_boundary(span.start.saturating_sub(REACH));
    let to = text.floor_char_boundary((span.end + REACH).min(text.len()));
    let line_start = text[from..span.start].rfind(['\n', '\r']).map_or(from, |at| from + at + 1);
    let line_end = text[span.end..to].find(['\n', '\r']).map_or(to, |at| span.end + at);
    let frame =
        |c: char| c.is_whitespace() || matches!(c, '*' | '_' | '#' | '>' | '"' | '“' | '”' | '•');
    let before = text[line_start..span.start].trim_matches(frame);
    let behind = text[span.end..line_end].trim_matches(frame);
    let dash = |c: char| matches!(c, '-' | '–' | '—' | ':' | '|' | '/');
    let open = before.chars().next_back();
    let close = behind.chars().next();
    match place {
        Place::Alone => {
            let bare = |text: &str| text.chars().all(|c| !is_word_char(c));
            bare(before) && bare(behind)
        }
        Place::LineStart => before.is_empty() && close.is_some_and(dash),
        Place::LineEnd => {
            behind.trim_end_matches(['.', ']', ')']).is_empty() && open.is_some_and(dash)
        }
        Place::Bracketed => matches!(
            (open, close),
            (Some('('), Some(')')) | (Some('['), Some(']')) | (Some('{'), Some('}'))
        ),
        Place::First => before.is_empty(),
        Place::Last => behind.is_empty(),
    }
}

/// Whether a hit stands inside quotation marks that hold at least four words:
/// somebody else's sentence, not a word held up with tongs.
pub(super) fn is_quoted(text: &str, span: Span) -> bool {
    const REACH: usize = 600;
    let from = text.ceil_char_boundary(span.start.saturating_sub(REACH));
    let to = text.floor_char_boundary((span.end + REACH).min(text.len()));
    let before = &text[from..span.start];
    let behind = &text[span.end..to];
    let curly = || {
        let open = before.rfind('“')?;
        let closed = before.rfind('”');
        let end = behind.find('”')?;
        (closed.is_none_or(|closed| closed < open)).then_some((from + open, span.end + end))
    };
    let straight = || {
        let odd = before.matches('"').count() % 2 == 1;
        let open = before.rfind('"')?;
        let end = behind.find('"')?;
        odd.then_some((from + open, span.end + end))
    };
    curly()
        .or_else(straight)
        .is_some_and(|(open, end)| text[open..end].split_whitespace().count() >= 4)
}
