//! Emoji where they are hard to listen to: repeated, or in the middle of a
//! sentence.

use std::collections::BTreeMap;

use super::emojis;
use super::hashtags::holds_words;
use crate::text::{Span, tokens};

/// How often an emoji stands on one line before it is a row of them.
const ROW: usize = 3;

/// How far words before an emoji are looked for, in bytes.
const BEFORE: usize = 256;

/// Emoji that stand three times or more on one line, each with what is between.
/// Bullets, one at the start of each line, are none.
pub(super) fn repeats(text: &str) -> Vec<Span> {
    let emojis = emojis(text);
    let mut found: Vec<Span> = Vec::new();
    for line in by_line(text, &emojis) {
        let mut rows: BTreeMap<&str, (Span, usize)> = BTreeMap::new();
        for &span in line {
            let (row, count) = rows.entry(&text[span.range()]).or_insert((span, 0));
            *row = row.join(span);
            *count += 1;
        }
        let mut rows: Vec<Span> =
            rows.into_values().filter(|&(_, count)| count >= ROW).map(|(row, _)| row).collect();
        rows.sort_unstable();
        for row in rows {
            match found.last_mut() {
                // Two emoji in turn are one row.
                Some(last) if last.end > row.start => *last = last.join(row),
                _ => found.push(row),
            }
        }
    }
    found
}

/// Emoji between the words of one sentence, those that stand together as one.
/// One that opens a line or closes a
/// sentence is not, nor one before a name with a capital: that may be its end.
pub(super) fn inside(text: &str) -> Vec<Span> {
    let emojis = emojis(text);
    if emojis.is_empty() {
        return emojis;
    }
    let tokens = tokens(text);
    let mut found = Vec::new();
    for line in by_line(text, &emojis) {
        let start = text[..line[0].start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let last = line[line.len() - 1].end;
        let end = text[last..].find(['\n', '\r']).map_or(text.len(), |at| last + at);
        // Emoji that stand together share what is before and behind them.
        for group in line.chunk_by(|one, next| text[one.end..next.start].trim().is_empty()) {
            let (from, to) = (group[0].start, group[group.len() - 1].end);
            let next = tokens.partition_point(|token| token.span.end <= from);
            let next = tokens.get(next);
            if next.is_some_and(|token| token.span.start < to) {
                continue;
            }
            let prose_end = next.map_or(end, |token| token.span.start.min(end));
            let near = text.ceil_char_boundary(from.saturating_sub(BEFORE));
            let before = text[start.max(near)..from].trim_end();
            let behind = text[to..prose_end].trim_start();
            let goes_on = behind.starts_with(|c: char| c.is_lowercase() || c.is_numeric());
            let ended = before.ends_with(['.', '!', '?', ':', ';', '…', '|', '•', '–', '—', '-']);
            if goes_on && !ended && holds_words(before) {
                found.push(Span::new(from, to));
            }
        }
    }
    found
}

/// The places that stand on one line each.
fn by_line<'p>(text: &str, places: &'p [Span]) -> impl Iterator<Item = &'p [Span]> {
    places.chunk_by(|one, next| !text[one.end..next.start].contains(['\n', '\r']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(of: fn(&str) -> Vec<Span>, cases: &[(&str, &[&str])]) {
        for (text, expected) in cases {
            let found: Vec<&str> = of(text).iter().map(|span| &text[span.range()]).collect();
            assert_eq!(found, *expected, "{text}");
        }
    }

    #[test]
    fn rows_of_one_emoji_are_seen() {
        check(
            repeats,
            &[
                ("🔥🔥🔥 Fire season is here", &["🔥🔥🔥"]),
                ("Join 👏👏👏 us 🙌🙌 today", &["👏👏👏"]),
                ("Wash 👏 your 👏 hands 👏", &["👏 your 👏 hands 👏"]),
                ("👏🙌👏🙌👏🙌", &["👏🙌👏🙌👏🙌"]),
                ("✅ one\n✅ two\n✅ three", &[]),
                ("👍🏽👍🏽👍", &[]),
                ("🇬🇧🇫🇷🇩🇪", &[]),
                ("!!!", &[]),
            ],
        );
    }

    #[test]
    fn emoji_between_words_are_seen() {
        check(
            inside,
            &[
                ("Our 🐟 plan is 🐠 a great 🐡 success 🐳 overall", &["🐟", "🐠", "🐡", "🐳"]),
                ("Join 👏👏👏 us 🙌🙌 today", &["👏👏👏", "🙌🙌"]),
                ("Fire season is here 🔥", &[]),
                ("🔥 Fire season is here", &[]),
                ("Well done! 🎉 more to come", &[]),
                ("We did it 🎉 Thanks to all", &[]),
                ("We did it 🎉 #Leeds", &[]),
                ("We did it 🎉\nthanks", &[]),
                ("We are 🇬🇧 and proud", &["🇬🇧"]),
                ("", &[]),
            ],
        );
    }
}
