//! Rows of signs used as ornament, arrows or faces, which a screen reader reads
//! one by one.

use unicode_segmentation::UnicodeSegmentation;

use super::emoji::is_emoji;
use super::prose;
use crate::text::{Span, tokens};

/// So many signs in a row are an ornament: `-->` and `***` are not.
const ROW: usize = 4;

/// Rows of four signs or more, and faces made of signs.
pub(super) fn runs(text: &str) -> Vec<Span> {
    let tokens = tokens(text);
    let mut found: Vec<Span> = Vec::new();
    for (start, stretch, _) in prose(text, &tokens) {
        let mut here: Vec<Span> = rows(stretch);
        here.extend(faces(stretch));
        here.sort_unstable();
        for span in here {
            let span = Span::new(start + span.start, start + span.end);
            match found.last_mut() {
                Some(last) if last.end >= span.start => *last = last.join(span),
                _ => found.push(span),
            }
        }
    }
    found
}

/// A sign that is drawn with. Quotation marks, brackets, full stops and what
/// prices and dates are written with are not.
fn is_sign(cluster: &str) -> bool {
    if is_emoji(cluster) {
        return false;
    }
    let Some(first) = cluster.chars().next() else { return false };
    match first {
        '~' | '*' | '=' | '<' | '>' | '+' | '#' | '^' | '|' | '\\' | '_' | '-' | '/' | '`' => true,
        _ => matches!(
            u32::from(first),
            0xA6 | 0xAC | 0xAF | 0xB0 | 0xB4 | 0xB7 | 0x2010..=0x2015 | 0x2022 | 0x2023
                | 0x203B..=0x203F | 0x2043 | 0x2190..=0x21FF | 0x2200..=0x23FF | 0x2500..=0x27BF
                | 0x2900..=0x2BFF | 0x3030 | 0xFE4F | 0xFF5E
        ),
    }
}

/// Signs in a row, also with single spaces between them.
fn rows(text: &str) -> Vec<Span> {
    let mut rows = Vec::new();
    let mut open: Option<(Span, usize)> = None;
    for (at, cluster) in text.grapheme_indices(true) {
        let here = Span::new(at, at + cluster.len());
        open = match open {
            Some((row, signs)) if is_sign(cluster) && row.end + 1 >= at => {
                let glued = row.end == at || &text[row.end..at] == " ";
                if glued { Some((row.join(here), signs + 1)) } else { Some((here, 1)) }
            }
            Some(open) if cluster == " " && open.0.end == at => Some(open),
            open => {
                rows.extend(open);
                is_sign(cluster).then_some((here, 1))
            }
        };
    }
    rows.extend(open);
    rows.retain(|&(row, signs)| signs >= ROW && is_ornament(text, row));
    rows.into_iter().map(|(row, _)| row).collect()
}

/// Whether a row is drawn and not filled in (`____`), left out (`f****`,
/// `****1234`) or a range (`2020----21`).
fn is_ornament(text: &str, row: Span) -> bool {
    let written = &text[row.range()];
    if written.chars().all(|c| matches!(c, '_' | ' ')) {
        return false;
    }
    let hides = written.chars().all(|c| matches!(c, '*' | '#' | '-' | '_'));
    let before = text[..row.start].chars().next_back().is_some_and(char::is_alphanumeric);
    let behind = text[row.end..].chars().next().is_some_and(char::is_alphanumeric);
    !(hides && (before || behind))
}

/// Faces such as `( ͡° ͜ʖ ͡°)`, `(^_^)` and `¯\_(ツ)_/¯`: brackets around signs
/// or around two equal eyes.
fn faces(text: &str) -> Vec<Span> {
    /// No face is longer, in grapheme clusters between its brackets.
    const LONGEST: usize = 14;
    let mut found = Vec::new();
    for (open, _) in text.match_indices(['(', '（']) {
        let inner = text[open..].graphemes(true).skip(1).take(LONGEST + 1);
        let inner: Vec<&str> =
            inner.take_while(|cluster| !matches!(*cluster, "\n" | "(")).collect();
        let Some(close) = inner.iter().position(|cluster| matches!(*cluster, ")" | "）")) else {
            continue;
        };
        // A mark over the bracket is a part of it.
        let first = text[open..].graphemes(true).next().map_or(0, str::len);
        let length: usize = inner[..=close].iter().map(|cluster| cluster.len()).sum();
        let end = open + first + length;
        let signs = |chars: &mut dyn Iterator<Item = char>| -> usize {
            let sign = |c: &char| is_sign(c.encode_utf8(&mut [0; 4]));
            chars.take_while(sign).map(char::len_utf8).sum()
        };
        let left = signs(&mut text[..open].chars().rev().take(LONGEST));
        let right = signs(&mut text[end..].chars().take(LONGEST));
        let armed = left > 0 && right > 0 && close == 1 && !inner[0].is_ascii();
        if armed || is_face(&inner[..close]) {
            found.push(Span::new(open - left, end + right));
        }
    }
    found
}

fn is_face(inner: &[&str]) -> bool {
    let drawn: Vec<&str> = inner.iter().copied().filter(|cluster| *cluster != " ").collect();
    if let [left, mouth, right] = drawn[..] {
        let eye =
            matches!(left, "^" | ">" | "<" | "T" | "o" | "O" | "°" | "•" | "ಠ" | "¬" | "ʘ" | "≧");
        let other = left == right || (left, right) == (">", "<") || (left, right) == ("≧", "≦");
        let lips = matches!(
            mouth,
            "_" | "." | "-" | "ω" | "‿" | "o" | "O" | "□" | "▽" | "◡" | "へ" | "﹏"
        );
        return eye && other && lips;
    }
    // Signs of any kind around a letter that is no word: none that English,
    // or any writing, puts between brackets.
    let plain =
        drawn.iter().any(|cluster| cluster.starts_with(|c: char| c.is_ascii_alphanumeric()));
    let letters = drawn.iter().filter(|c| c.starts_with(char::is_alphanumeric)).count();
    let marked = inner.iter().filter(|cluster| is_marked_space(cluster)).count();
    let signs = drawn.iter().filter(|cluster| !cluster.is_ascii() && is_sign(cluster)).count();
    !plain && letters <= 2 && (signs + marked >= 3 || (signs >= 2 && letters > 0))
}

/// A space with marks over or under it, as faces are made of.
fn is_marked_space(cluster: &str) -> bool {
    cluster.starts_with([' ', '\u{A0}']) && cluster.chars().nth(1).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_signs_are_seen() {
        let cases: &[(&str, &[&str])] = &[
            ("~~~*** OPEN DAY ***~~~", &["~~~***", "***~~~"]),
            ("=======> SEE HERE <=======", &["=======>", "<======="]),
            ("( ͡° ͜ʖ ͡°) hello", &["( ͡° ͜ʖ ͡°)"]),
            ("Sorry (^_^) and (T_T)", &["(^_^)", "(T_T)"]),
            ("Who knows ¯\\_(ツ)_/¯", &["¯\\_(ツ)_/¯"]),
            ("★★★★★ rated", &["★★★★★"]),
            ("one\n----------\ntwo", &["----------"]),
            ("* * * * *", &["* * * * *"]),
            ("───── ⋆ ─────", &["───── ⋆ ─────"]),
            ("/\\_/\\\n( o.o )\n > ^ <", &["/\\_/\\", "( o.o )"]),
            ("A -> B --> C ==> D → E", &[]),
            ("***bold***, --- and ... or !!!!!! ?!?!", &[]),
            ("Name: __________ Card ****1234, f****", &[]),
            ("Wi-Fi (free), tea & coffee", &[]),
            ("Open day: 10am to 4pm - 9/10, £5-£10 (+44) 24/7", &[]),
            ("(中文) (™) (°C) (±5%) (→) (a-b) (O-o)", &[]),
            ("- **Bold** item\n- other", &[]),
            ("https://x.org/----/a gov.uk/----a", &[]),
            ("🔥🔥🔥🔥🔥 ⚠️⚠️⚠️⚠️", &[]),
            ("“Yes!” (he said…)", &[]),
            ("(\u{ec8}) (\u{301}) （\u{fe0f}）", &[]),
            ("so (\u{301}^_^) é", &["(\u{301}^_^)"]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            let found: Vec<&str> = runs(text).iter().map(|span| &text[span.range()]).collect();
            assert_eq!(found, *expected, "{text}");
        }
    }
}
