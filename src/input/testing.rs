//! What must hold for the fields of every reader.

use super::Field;
use super::keys::Chosen;
use super::markdown::Parts;
use crate::text::Span;

/// Every character of every field leads to a whole part of the source, in
/// order, and to itself where it was copied.
pub(super) fn check_fields(source: &str, fields: &[Field]) {
    for field in fields {
        let mut last = 0;
        for (start, char) in field.text.char_indices() {
            let span = field.map.to_source(Span::new(start, start + char.len_utf8()));
            let found = source.get(span.range());
            assert!(found.is_some(), "{char:?} at {start} of {field:?} leads to {span:?}");
            assert!(span.start >= last, "{field:?} runs backwards at {start}");
            last = span.start;
            let found = found.unwrap_or_default();
            let itself = found.len() == char.len_utf8() && found.starts_with(char);
            let decoded = found.starts_with(['&', '\\', '"', '\'', '\r']);
            let parted = found.is_empty() && matches!(char, '\n' | ' ');
            let object = char == '\u{FFFC}' && !found.is_empty();
            let line_break = char == '\n' && (found.starts_with('<') || found.trim().is_empty());
            assert!(
                itself || decoded || parted || object || line_break,
                "{char:?} at {start} of {field:?} leads to {found:?} of {source:?}"
            );
        }
    }
}

/// Markdown of which nobody asks for more than is known.
pub(super) fn read_markdown(source: &str) -> Parts {
    super::markdown::read(source, &Chosen::front_matter(&[]), false)
}
