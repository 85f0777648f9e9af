//! Addresses of links. People follow them and do not read them.

use super::groups::Groups;
use crate::engine::Found;
use crate::input::{Document, Format};
use crate::text::{Span, tokens};

/// What readers of Markdown and HTML call the field of an address.
const FIELD: &str = "link";

/// Takes away what was found among the words of addresses inside a site (`/news/a-liar`),
/// and every fix of an address, which would lead elsewhere. Links with a host, accounts
/// and numbers are looked at wherever they stand, and what rules mask stays masked.
pub(super) fn pass_over(
    groups: &Groups,
    document: &Document,
    of_field: &[usize],
    found: &mut [Vec<Found>],
) {
    if !matches!(document.format, Format::Markdown | Format::Html) {
        return;
    }
    for (at, found) in found.iter_mut().enumerate() {
        let Some(field) = document.fields.get(at).filter(|field| field.name == FIELD) else {
            continue;
        };
        let engine = &groups.get(of_field[at]).engine;
        found.retain(|found| {
            engine.rule(found.rule).1.redact
                || found.spans.iter().any(|span| is_told(&field.text, *span))
        });
        for found in found {
            found.puts.clear();
        }
    }
}

/// Whether what stands there in an address tells something: words of a path do not.
fn is_told(address: &str, span: Span) -> bool {
    let written = address.get(span.range()).unwrap_or_default();
    !is_path(address)
        || written.contains(|c: char| c == '@' || c.is_numeric())
        || tokens(address).iter().any(|token| token.span.overlaps(span))
}

/// Whether an address has neither a scheme (`mailto:`) nor begins with a host (`//`).
fn is_path(address: &str) -> bool {
    let address = address.trim_start();
    let scheme = address.find(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c));
    !scheme.is_some_and(|end| end > 0 && address[end..].starts_with(':'))
        && !address.starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_path_tell_nothing() {
        for (address, words, expected) in [
            ("liar", "liar", false),
            ("/news/a-liar", "liar", false),
            ("../a liar.md#liar", "liar", false),
            ("?q=liar", "liar", false),
            ("/news/943 476 5919", "943 476 5919", true),
            ("gov.uk/liar", "gov.uk/liar", true),
            ("//x.org/liar", "liar", true),
            ("mailto:?subject=liar", "liar", true),
        ] {
            let start = address.find(words).unwrap();
            let span = Span::new(start, start + words.len());
            assert_eq!(is_told(address, span), expected, "{address}");
        }
    }
}
