//! How long a text is, as a platform counts it.

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::Unit;
use super::emoji::is_emoji;
use crate::text::{Span, Token, TokenKind, tokens};

/// What X and Mastodon count for a link of any length.
const LINK: usize = 23;

/// The length of `text`, and the byte from which it is longer than `max`,
/// always the first of a grapheme cluster or of a link.
pub(super) fn measure(text: &str, unit: Unit, max: usize) -> (usize, Option<usize>) {
    let mut meter = Meter { unit, max, total: 0, over: None };
    let mut from = 0;
    for (span, cost) in wholes(text, unit) {
        meter.prose(&text[from..span.start], from);
        meter.add(span.start, cost);
        from = span.end;
    }
    meter.prose(&text[from..], from);
    (meter.total, meter.over)
}

/// The tokens that count as something other than their characters.
fn wholes(text: &str, unit: Unit) -> Vec<(Span, usize)> {
    let cost: fn(&str, &Token) -> Option<usize> = match unit {
        Unit::XWeighted => |text, token| is_x_link(text, token).then_some(LINK),
        Unit::Mastodon => mastodon_cost,
        _ => return Vec::new(),
    };
    let found = tokens(text).into_iter();
    found.filter_map(|token| cost(text, &token).map(|cost| (token.span, cost))).collect()
}

/// X shortens web links only, with or without their scheme. A host that is a
/// number or has no dot is none to it; nor is, by itself and without its
/// scheme, a name right below the domain of a country (`gov.uk`), save `.co`
/// and `.tv`.
fn is_x_link(text: &str, token: &Token) -> bool {
    if token.kind != TokenKind::Url || !token.scheme(text).is_none_or(is_web) {
        return false;
    }
    let Some(host) = token.host(text) else { return false };
    let Some((front, top)) = host.rsplit_once('.') else { return false };
    let written = &text[token.span.range()];
    let bare = token.scheme(text).is_none()
        && !written.contains('/')
        && !written.get(..4).is_some_and(|www| www.eq_ignore_ascii_case("www."));
    let country = top.len() == 2 && !matches!(top, "co" | "tv");
    top.starts_with(char::is_alphabetic) && !(bare && country && !front.contains('.'))
}

/// Mastodon makes a link only of an address with its scheme, and shows of a
/// remote mention the part before the server.
fn mastodon_cost(text: &str, token: &Token) -> Option<usize> {
    match token.kind {
        TokenKind::Url => token.scheme(text).is_some_and(is_web).then_some(LINK),
        TokenKind::Handle => {
            let (local, _) = token.name(text).split_once('@')?;
            Some(1 + local.graphemes(true).count())
        }
        TokenKind::Email | TokenKind::Hashtag => None,
    }
}

fn is_web(scheme: &str) -> bool {
    ["http", "https"].iter().any(|web| web.eq_ignore_ascii_case(scheme))
}

/// A running total.
struct Meter {
    unit: Unit,
    max: usize,
    total: usize,
    over: Option<usize>,
}

impl Meter {
    fn add(&mut self, at: usize, cost: usize) {
        self.total = self.total.saturating_add(cost);
        if self.total > self.max && self.over.is_none() {
            self.over = Some(at);
        }
    }

    /// Adds `text`, which starts at byte `from` and holds no special token.
    fn prose(&mut self, text: &str, from: usize) {
        // An ASCII character is one of every unit; only a line break spelled
        // with two needs a second look.
        if text.is_ascii() && !text.contains('\r') {
            let left = self.max.saturating_sub(self.total);
            if text.len() > left && self.over.is_none() {
                self.over = Some(from + left);
            }
            self.total = self.total.saturating_add(text.len());
            return;
        }
        for (at, cluster) in text.grapheme_indices(true) {
            self.add(from + at, cost(self.unit, cluster));
        }
    }
}

/// What one grapheme cluster counts. A line break is one however the file
/// spells it: no platform receives the carriage return.
fn cost(unit: Unit, cluster: &str) -> usize {
    if cluster == "\r\n" {
        return 1;
    }
    match unit {
        Unit::Characters => cluster.chars().count(),
        Unit::Utf16 => cluster.chars().map(char::len_utf16).sum(),
        Unit::Bytes => cluster.len(),
        Unit::XWeighted if is_emoji(cluster) => 2,
        // Composition never reaches across clusters but in a few Indic
        // vowels, so each can be normalised on its own.
        Unit::XWeighted => cluster.nfc().map(x_weight).sum(),
        _ => 1,
    }
}

/// The weights of `twitter-text` configuration 3, in hundreds: Latin and most
/// alphabets 1, the spaces and quotation marks of general punctuation 1,
/// everything else 2.
fn x_weight(c: char) -> usize {
    match u32::from(c) {
        0..=0x10FF | 0x2000..=0x200D | 0x2010..=0x201F | 0x2032..=0x2037 => 1,
        _ => 2,
    }
}
